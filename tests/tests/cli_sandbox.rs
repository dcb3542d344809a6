//! `probity sandbox`: its people and its clock.

use serde_json::Value;
use tests::cli::run;
use tests::database::Database;
use tests::finplus::Answer;
use tests::server::{Options, Server};

#[test]
fn every_listed_id_comes_to_what_the_list_says() {
    let ids = run(&["sandbox", "ids", "--json"]).expect_success().json();
    let people = ids["people"].as_array().expect("a list");
    assert_eq!(people.len(), 300);
    let server = Server::start(Options::on(Database::Sqlite));
    let mut finplus = server.finplus();
    let mut code = |id_type: &str, id_value: &Value, key: &str| -> Option<i64> {
        let id_value = id_value.as_str().expect("text");
        let answer: Answer = finplus.score("1000001", id_type, id_value, key).expect("an answer");
        answer.code
    };
    for id_type in ["imei", "idfa", "mobile_md5", "mobile_sha256"] {
        for person in [&people[0], &people[299]] {
            let key = format!("{id_type} {}", person["subject"]);
            assert_eq!(code(id_type, &person[id_type], &key), Some(0), "{key}");
        }
    }
    for one in ids["magic"].as_array().expect("a list") {
        let wanted = match one["kind"].as_str().expect("text") {
            "unmapped" => 108,
            "empty" => 109,
            "error" | "error_once" => 1,
            _ => 0,
        };
        let id_type = one["id_type"].as_str().expect("text");
        let found = code(id_type, &one["id_value"], &format!("magic {one}")[..60]);
        assert_eq!(found, Some(wanted), "{one}");
    }
}

#[test]
fn the_clock_moves_ahead_only_and_only_in_a_sandbox() {
    let server = Server::start(Options::on(Database::Sqlite));
    let ahead = |line: &[&str]| {
        let shown = server.cli(&[&["sandbox", "clock"], line, &["--json"]].concat());
        shown.expect_success().json()["ahead_seconds"].clone()
    };
    assert_eq!(ahead(&["show"]), 0);
    assert_eq!(ahead(&["advance", "10m"]), 600);
    assert_eq!(ahead(&["advance", "1d"]), 87_000);
    assert_eq!(ahead(&["show"]), 87_000);
    for (span, code) in [("0s", 1), ("-5m", 2), ("soon", 2)] {
        assert_eq!(server.cli(&["sandbox", "clock", "advance", span]).code, Some(code), "{span}");
    }
    let other = Server::prepare(Options::on(Database::Sqlite).without_sandbox());
    other.cli(&["key", "init"]).expect_success();
    let refused = other.cli(&["sandbox", "clock", "advance", "10m"]);
    assert!(refused.code == Some(1) && refused.stderr.contains("no sandbox"), "{refused:#?}");
}
