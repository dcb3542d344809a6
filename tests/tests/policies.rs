//! The life of a policy: written by one, signed off by another, tried, live, rolled back; and
//! whatever was changed behind its back does not decide.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tests::cli::{run, text};
use tests::database::Database;
use tests::http::Response;
use tests::operators::{Acting, notes, of_sandbox};
use tests::server::{Options, Server};

const DEFAULT: &str = include_str!("../../crates/domain/policies/consumer-credit.json");

/// The policy that ships, as its next version, edited.
fn document(version: &str, edit: impl FnOnce(&mut Value)) -> Value {
    let mut document: Value = serde_json::from_str(DEFAULT).expect("JSON");
    document["version"] = version.into();
    edit(&mut document);
    document
}

fn file(server: &Server, name: &str, document: &Value) -> PathBuf {
    let file = server.data_folder().join(name);
    fs::write(&file, document.to_string()).expect("the folder can be written");
    file
}

/// (version, state, share, whether it can be used) of each version.
fn versions(server: &Server) -> Vec<(i64, String, Option<i64>, bool)> {
    let list = server.cli(&["policy", "list", "--json"]).expect_success().json();
    let version = |one: &Value| {
        let state = one["state"].as_str().expect("a state").to_owned();
        let number = one["version"].as_i64().expect("a number");
        (number, state, one["share"].as_i64(), one["fault"].is_null())
    };
    list.as_array().expect("a list").iter().map(version).collect()
}

fn states(server: &Server) -> Vec<String> {
    versions(server).into_iter().map(|(_, state, _, _)| state).collect()
}

#[test]
fn a_version_is_written_by_one_and_signed_off_by_another() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let [one, two] =
            ["risk-1", "risk-2"].map(|name| Acting::new(&server, &of_sandbox(&server, name)));
        assert_eq!(versions(&server), [(1, "live".to_owned(), None, true)], "{database:?}");
        let edited = document("2", |json| json["cutoffs"][0]["review_below"] = 610.into());
        let edited = file(&server, "2.json", &edited);
        run(&["policy", "check", text(&edited)]).expect_success();
        for (who, arguments, says) in [
            (&one, vec!["policy", "add", text(&edited)], ""),
            (&one, vec!["policy", "promote", "consumer-credit", "2"], "signed off first"),
            (&one, vec!["policy", "sign-off", "consumer-credit", "2"], "second operator"),
            (&two, vec!["policy", "sign-off", "consumer-credit", "3"], "no policy"),
            (&two, vec!["policy", "sign-off", "consumer-credit", "2"], ""),
            (&two, vec!["policy", "sign-off", "consumer-credit", "2"], "only a draft"),
            (&one, vec!["policy", "shadow", "consumer-credit", "2"], ""),
            (&one, vec!["policy", "shadow", "consumer-credit", "1"], "it is live"),
            (&one, vec!["policy", "challenge", "consumer-credit", "2", "--share", "51"], "50"),
            (&one, vec!["policy", "challenge", "consumer-credit", "2", "--share", "10"], ""),
            (&two, vec!["policy", "add", text(&edited)], ""),
            (&one, vec!["policy", "sign-off", "consumer-credit", "3"], ""),
            (
                &one,
                vec!["policy", "challenge", "consumer-credit", "3", "--share", "5"],
                "version 2",
            ),
        ] {
            let output = who.cli(arguments[0], &arguments[1..]);
            let fits =
                if says.is_empty() { output.code == Some(0) } else { output.code != Some(0) };
            assert!(fits && output.stderr.contains(says), "{database:?} {arguments:?}: {output:?}");
        }
        let challenger = (2, "challenger".to_owned(), Some(10), true);
        assert_eq!(versions(&server)[1], challenger, "{database:?}");
        let diff = ["policy", "diff", "consumer-credit:1", text(&edited), "--json"];
        let diff = server.cli(&diff).expect_success().json();
        assert_eq!(diff.as_array().map(Vec::len), Some(2), "{diff}");
        let place = diff[0]["place"].as_str().expect("a place");
        assert!(place.starts_with("cutoffs S") && place.ends_with(", review_below"), "{diff}");
        assert_eq!(diff[0]["after"], "610");
        roll_back(&server, &one);
        let noted = notes(&server).into_iter().filter(|note| note.1.starts_with("policy."));
        let wrong = noted.clone().find(|(actor, action, target)| {
            let author = if target.ends_with('3') { "risk-2" } else { "risk-1" };
            match action.as_str() {
                // Version 1 is the sandbox's own.
                _ if target.ends_with('1') => false,
                "policy.add" => actor != author,
                "policy.sign-off" => actor == author,
                _ => false,
            }
        });
        assert_eq!((noted.count(), wrong), (17, None), "{database:?}: each step, by whom it was");
    }
}

/// Version 2 is the challenger, version 3 is signed off.
fn roll_back(server: &Server, one: &Acting<'_>) {
    let step = |step: &str, version: &str| {
        one.cli(&format!("policy {step}"), &["consumer-credit", version]).expect_success();
    };
    let back = || one.cli("policy rollback", &["consumer-credit"]);
    step("promote", "2");
    assert_eq!(states(server), ["retired", "live", "signed-off"]);
    back().expect_success();
    assert_eq!(states(server), ["live", "retired", "signed-off"]);
    let none = back();
    assert!(none.code == Some(1) && none.stderr.contains("no version was live"), "{none:?}");
    step("promote", "2");
    step("promote", "3");
    assert_eq!(states(server), ["retired", "retired", "live"]);
    back().expect_success();
    back().expect_success();
    assert_eq!(states(server), ["live", "retired", "retired"], "two steps back");
    let retired = one.cli("policy retire", &["consumer-credit", "1"]).expect_success();
    assert!(retired.stderr.contains("its applications wait"), "{retired:?}");
    back().expect_success();
    assert_eq!(states(server), ["live", "retired", "retired"], "the last that was");
}

#[test]
fn an_analyst_is_told_what_is_wrong() {
    let server = Server::start(Options::on(Database::Sqlite));
    let one = Acting::new(&server, &of_sandbox(&server, "risk-1"));
    for (name, edit, says) in [
        (
            "unknown.json",
            (|json| json["rules"][0]["when"] = "model.scroe > 1".into()) as fn(&mut Value),
            "model.score",
        ),
        ("twice.json", |json| json["rules"][1]["id"] = json["rules"][0]["id"].clone(), "same id"),
        ("nothing.json", |json| *json = json!({}), "format"),
    ] {
        let file = file(&server, name, &document("2", edit));
        let check = run(&["policy", "check", text(&file)]);
        assert!(check.code == Some(1) && check.stdout.contains(says), "{name}: {check:?}");
        let add = one.cli("policy add", &[text(&file)]);
        assert!(add.code == Some(1) && add.stdout == check.stdout, "{name}: {add:?}");
    }
    let nobody = server.cli(&["policy", "promote", "consumer-credit", "1"]);
    assert!(nobody.code == Some(1) && nobody.stderr.contains("sign-in"), "{nobody:?}");
}

#[track_caller]
fn refused(answer: &Response, status: u16, code: &str) {
    let said = &answer.json()["error"]["code"];
    assert_eq!((answer.status, said.as_str()), (status, Some(code)), "{answer:?}");
}

#[test]
fn the_same_by_v1() {
    let server = Server::start(Options::on(Database::Sqlite));
    let [mut one, mut two] =
        ["risk-1", "risk-2"].map(|name| Acting::new(&server, &of_sandbox(&server, name)).v1);
    let body = document("2", |json| json["cutoffs"][0]["review_below"] = 610.into()).to_string();
    let add = |v1: &mut tests::v1::V1, body: &str| {
        v1.post("/v1/policies/drafts", "application/json", body.as_bytes())
    };
    let added = add(&mut one, &body);
    assert_eq!((added.status, &added.json()["version"]), (201, &2.into()), "{added:?}");
    let broken = add(&mut one, "{}");
    refused(&broken, 422, "invalid_policy");
    assert!(broken.json()["error"]["faults"][0]["message"].is_string(), "{broken:?}");
    refused(&add(&mut one, &" ".repeat((1 << 20) + 1)), 413, "too_large");
    let packed = [("Content-Encoding", "br")];
    let packed = one.send("POST", "/v1/policies/drafts", &packed, b"x");
    refused(&packed, 415, "unsupported_media_type");
    let step = |step: &str| format!("/v1/policies/consumer-credit/2/{step}");
    refused(&one.post(&step("sign-off"), "", b""), 409, "not_possible");
    refused(&two.post(&step("praise"), "", b""), 404, "not_found");
    refused(&two.post("/v1/policies/consumer-credit/9/sign-off", "", b""), 404, "not_found");
    let signed = two.post(&step("sign-off"), "", b"").json();
    assert_eq!((&signed["state"], &signed["signer"]), (&"signed-off".into(), &"risk-2".into()));
    refused(&one.post(&step("challenge?share=x"), "", b""), 400, "invalid");
    refused(&one.post(&step("challenge"), "", b""), 409, "not_possible");
    let challenger = one.post(&step("challenge?share=25"), "", b"").json();
    assert_eq!((&challenger["state"], &challenger["share"]), (&"challenger".into(), &25.into()));
    assert_eq!(one.post(&step("shadow"), "", b"").json()["state"], "shadow");
    assert_eq!(one.post(&step("promote"), "", b"").json()["state"], "live");
    let back = two.post("/v1/policies/consumer-credit/rollback", "", b"");
    assert_eq!((back.status, &back.json()["version"]), (200, &1.into()), "{back:?}");
    refused(&two.post("/v1/policies/consumer-credit/rollback", "", b""), 409, "not_possible");
    refused(&one.post(&step("retire"), "", b""), 409, "not_possible");
    let live = one.post("/v1/policies/consumer-credit/1/retire", "", b"");
    assert_eq!(live.json()["state"], "retired", "{live:?}");
    let shown = one.get("/v1/policies/consumer-credit/2").json();
    assert_eq!(shown["document"]["version"], "2");
    refused(&one.get("/v1/policies/consumer-credit/x"), 404, "not_found");
    let list = one.get("/v1/policies").json();
    assert_eq!(list["policies"].as_array().map(Vec::len), Some(2), "{list}");
}

/// What somebody who can write the database does, and what is said of the live version then.
const TAMPERING: [(&str, &str); 5] = [
    (
        "UPDATE policies SET body = CAST(REPLACE(CAST(body AS TEXT), '600', '500') AS BLOB)",
        "is not the document that was added",
    ),
    ("UPDATE policies SET body = CAST(body || ' ' AS BLOB)", "is not the document that was added"),
    ("UPDATE policies SET signer = 'somebody'", "its sign-off is not what was signed"),
    ("UPDATE policies SET signature = zeroblob(64)", "its sign-off is not what was signed"),
    ("UPDATE policies SET signer = NULL", "was not signed off"),
];

#[test]
fn a_policy_with_one_byte_changed_decides_nothing() {
    let mut server = Server::start(Options::on(Database::Sqlite));
    let one = Acting::new(&server, &of_sandbox(&server, "risk-1"));
    drop(one);
    assert!(server.terminate().success());
    let file = server.data_folder().join("probity.db");
    let copy = fs::read(&file).expect("the database");
    for (sql, says) in TAMPERING {
        fs::write(&file, &copy).expect("written");
        let database = rusqlite::Connection::open(&file).expect("it opens");
        database.execute_batch(sql).expect("it runs");
        database.close().expect("it closes");
        let list = server.cli(&["policy", "list", "--json"]).expect_success().json();
        let fault = list[0]["fault"].as_str().unwrap_or_default();
        assert!(fault.contains(says), "{sql}: {list}");
        server.restart();
        let log = server.log_text();
        assert!(log.contains("a policy cannot be used") && log.contains(says), "{sql}: {log}");
        assert!(server.terminate().success());
    }
}
