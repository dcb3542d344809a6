//! Rows over HTTP: kept or listed one by one, whatever the kind of body; and who may.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tests::database::Database;
use tests::http::Response;
use tests::server::{Options, Server};
use tests::v1::{V1, token};

const CSV: &str = "text/csv";
const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";
/// Synthetic ids.
const GOOD: &str =
    r#"{"id_type": "imei", "id_value": "490154203237518", "subject": "german-0002"}"#;
const BAD: &str = r#"{"id_type": "imei", "id_value": "490154203237519", "subject": "german-0002"}"#;

/// (method, path, content type, body, status, code)
type Case<'c> = (&'c str, &'c str, &'c str, &'c [u8], u16, &'c str);

#[test]
fn good_rows_are_kept_and_bad_ones_listed() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut feed = V1::of(&server, "ingest");
        let csv = "id_value,id_type,subject\n490154203237518,imei,german-0002\n1,imei,x\n";
        for (content_type, body, row) in [
            (CSV, csv.to_owned(), 3),
            (JSON, format!("[{GOOD}, {BAD}]"), 2),
            (LINES, format!("{GOOD}\n{BAD}\n"), 2),
            (JSON, format!("[{GOOD}, {BAD}]"), 2),
        ] {
            let answer = feed.post("/v1/ids", content_type, body.as_bytes());
            let loaded = answer.json();
            assert_eq!((answer.status, answer.header("x-biz-code")), (200, Some("ok")), "{loaded}");
            let counts = ["rows", "loaded", "bad_count"].map(|name| loaded[name].clone());
            assert_eq!(counts, [2, 1, 1], "{database:?}: {content_type}");
            let bad = &loaded["bad"][0];
            assert_eq!((&bad["row"], &bad["field"]), (&row.into(), &"id_value".into()));
            assert!(!loaded.to_string().contains("49015"), "{loaded}");
        }
        let answer = server.finplus().ask("1000001", "490154203237518", "loaded");
        assert_eq!(answer.code, Some(0), "{database:?}");
        let row = r#"{"subject": "s", "kind": "k", "name": "n", "at": 1763683200, "value": 1.50}"#;
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        write!(packed, "[{row}, {row}]").expect("memory");
        let headers = [("Content-Type", JSON), ("Content-Encoding", "gzip")];
        let body = packed.finish().expect("memory");
        for _ in 0..2 {
            let answer = feed.send("POST", "/v1/behaviours", &headers, &body);
            assert_eq!((answer.status, &answer.json()["loaded"]), (200, &2.into()), "{answer:?}");
        }
        let erased = server.cli(&["subject", "erase", "s", "--json"]).expect_success().json();
        assert_eq!(erased["behaviours"], 1, "{database:?}: the same row is one");
    }
}

#[test]
fn what_is_not_served_says_why() {
    for database in Database::both() {
        let options = Options::on(database).configuration("[server]\nbody_bytes_max = 2000\n");
        let server = Server::start(options);
        let ended = token(&server, "sandbox", "ingest");
        server.cli(&["merchant", "credential", "sandbox", "revoke-tokens"]).expect_success();
        let mut feed = V1::of(&server, "ingest");
        let mut own = V1::of(&server, "own");
        let long = vec![b'x'; 2001];
        let table: [Case<'_>; 14] = [
            ("POST", "/v1/ids", "text/xml", b"<a/>", 415, "unsupported_media_type"),
            ("POST", "/v1/ids", CSV, b"", 422, "invalid_table"),
            ("POST", "/v1/ids", CSV, b"a,b\n1,2\n", 422, "invalid_table"),
            ("POST", "/v1/ids", JSON, b"[{", 422, "invalid_table"),
            ("POST", "/v1/ids", JSON, b"{}", 422, "invalid_table"),
            ("POST", "/v1/behaviours", CSV, &long, 413, "too_large"),
            ("GET", "/v1/ids", "", b"", 405, "method_not_allowed"),
            ("DELETE", "/v1/batches", "", b"", 405, "method_not_allowed"),
            ("GET", "/v1/none", "", b"", 404, "not_found"),
            ("GET", "/v1/batches/1", "", b"", 404, "not_found"),
            ("POST", "/v1/batches?app_id=9", CSV, b"id_value\n1\n", 403, "not_entitled"),
            ("POST", "/v1/batches?name=%00", CSV, b"id_value\n1\n", 400, "invalid"),
            ("POST", "/v1/batches", CSV, b"id_value\n", 400, "invalid"),
            ("POST", "/v1/batches", CSV, b"id\n1\n", 422, "invalid_table"),
        ];
        for (method, path, content_type, body, status, code) in table {
            let answer = feed.send(method, path, &[("Content-Type", content_type)], body);
            refused(&answer, status, code, &format!("{database:?}: {method} {path}"));
        }
        let answer = own.post("/v1/ids", JSON, b"[]");
        refused(&answer, 403, "not_allowed", "scope own");
        let unpacked = [("Content-Type", JSON), ("Content-Encoding", "br")];
        refused(
            &feed.send("POST", "/v1/ids", &unpacked, b"[]"),
            415,
            "unsupported_media_type",
            "br",
        );
        let unknown = "0".repeat(32);
        let mut answers = [ended.as_str(), &unknown, "x"].map(|token| {
            let answer = V1::with(&server, token).get("/v1/coverage");
            refused(&answer, 401, "token_unknown", token);
            answer
        });
        for answer in &mut answers {
            answer.headers.retain(|(name, _)| name != "date");
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "ended, unknown: the same");
        for authorization in ["", "Bearer ", "APPCODE x"] {
            let headers = [("Authorization", authorization)];
            let answer = server.client().get("/v1/coverage", &headers).expect("an answer");
            refused(&answer, 401, "token_missing", authorization);
        }
    }
}

#[track_caller]
fn refused(answer: &Response, status: u16, code: &str, what: &str) {
    let error = &answer.json()["error"];
    assert_eq!((answer.status, error["code"].as_str()), (status, Some(code)), "{what}: {error}");
    assert_eq!(answer.header("x-biz-code"), Some(code), "{what}");
    assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{what}");
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "{what}");
}

#[test]
fn a_token_ends_when_its_hours_are_over_and_a_rate_holds() {
    let server = Server::start(Options::on(Database::Sqlite));
    let cli = |text: &str| server.cli(&text.split(' ').collect::<Vec<_>>());
    let mut long = V1::of(&server, "own");
    let short = cli("merchant credential sandbox token --hours 1 --json").expect_success().json();
    let mut short = V1::with(&server, short["token"].as_str().expect("a token"));
    assert_eq!(short.get("/v1/coverage").status, 200);
    cli("sandbox clock advance 61m").expect_success();
    std::thread::sleep(tests::server::IN_FORCE);
    refused(&short.get("/v1/coverage"), 401, "token_unknown", "its hour is over");
    assert_eq!(long.get("/v1/coverage").status, 200);
    for hours in ["0", "721"] {
        assert_eq!(
            cli(&format!("merchant credential sandbox token --hours {hours}")).code,
            Some(1)
        );
    }
    cli("merchant create slow --rate 1").expect_success();
    let slow = token(&server, "slow", "own");
    std::thread::sleep(tests::server::IN_FORCE);
    let mut slow = V1::with(&server, &slow);
    let answers: Vec<Response> = (0..5).map(|_| slow.get("/v1/coverage")).collect();
    let throttled = answers.iter().find(|answer| answer.status != 200).expect("one in a second");
    refused(throttled, 429, "rate_exceeded", "rate");
    assert_eq!(throttled.header("retry-after"), Some("1"));
    cli("merchant suspend slow").expect_success();
    std::thread::sleep(tests::server::IN_FORCE);
    refused(&slow.get("/v1/coverage"), 401, "token_unknown", "suspended");
}
