//! What every route of the native surface refuses alike: tokens, rates, tables, our own faults.

use tests::database::Database;
use tests::http::Response;
use tests::people::FAILING;
use tests::server::{IN_FORCE, Options, Server};
use tests::v1::{V1, token};

const CSV: &str = "text/csv";
const NONE: &str = "/v1/batches/00000000000000000000000000000000";

const NO_CALLBACK: &str = "/v1/callbacks/00000000000000000000000000000000/replay";
const FILE: &str = "/v1/files/00000000000000000000000000000000";

fn routes() -> [(&'static str, String); 17] {
    [
        ("POST", "/v1/ids".to_owned()),
        ("POST", "/v1/behaviours".to_owned()),
        ("GET", "/v1/coverage".to_owned()),
        ("POST", "/v1/batches".to_owned()),
        ("GET", NONE.to_owned()),
        ("GET", format!("{NONE}/rows")),
        ("GET", "/v1/callbacks".to_owned()),
        ("POST", NO_CALLBACK.to_owned()),
        ("POST", "/v1/files".to_owned()),
        ("GET", FILE.to_owned()),
        ("GET", format!("{FILE}/data")),
        ("GET", format!("{FILE}/report")),
        ("GET", FILE.replace("files", "ebank") + "/report"),
        ("POST", "/v1/credit-reports".to_owned()),
        ("GET", FILE.replace("files", "credit-reports")),
        ("GET", FILE.replace("files", "applications")),
        ("POST", FILE.replace("files", "applications") + "/appeals"),
    ]
}

#[track_caller]
fn refused(answer: &Response, status: u16, code: &str) {
    let said = &answer.json()["error"]["code"];
    assert_eq!((answer.status, said.as_str()), (status, Some(code)), "{answer:?}");
}

#[test]
fn tokens_rates_and_our_own_faults() {
    let server = Server::start(Options::on(Database::Sqlite));
    server.cli(&["merchant", "create", "slow", "--rate", "1"]).expect_success();
    std::thread::sleep(IN_FORCE);
    let mut slow = V1::with(&server, &token(&server, "slow", "ingest"));
    let mut feed = V1::of(&server, "ingest");
    for (method, path) in routes() {
        let bare = server.client().request(method, &path, &[], b"").expect("an answer");
        refused(&bare, 401, "token_missing");
        refused(&V1::with(&server, "x").send(method, &path, &[], b""), 401, "token_unknown");
        let throttled = (0..9).map(|_| slow.send(method, &path, &[], b""));
        let throttled: Vec<Response> = throttled.filter(|answer| answer.status == 429).collect();
        refused(throttled.first().expect("one a second"), 429, "rate_exceeded");
        if path.starts_with(NONE) || path == NO_CALLBACK {
            refused(&feed.send(method, &path, &[], b""), 404, "not_found");
        }
    }
    let database = server.data_folder().join("probity.db");
    let database = rusqlite::Connection::open(database).expect("the database");
    // What no version writes.
    database.execute_batch("UPDATE tokens SET scope = 'none'").expect("changed");
    for (method, path) in routes() {
        let answer = feed.send(method, &path, &[], b"");
        refused(&answer, 500, "internal");
        assert!(!answer.text().contains("tokens"), "{answer:?}");
    }
}

#[test]
fn tables_and_batches_that_are_none() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let (mut feed, mut own) = (V1::of(&server, "ingest"), V1::of(&server, "own"));
        for path in ["/v1/ids", "/v1/behaviours", "/v1/batches"] {
            refused(&feed.post(path, "text/xml", b"<a/>"), 415, "unsupported_media_type");
            refused(&feed.post(path, CSV, b"a\n1\n"), 422, "invalid_table");
            if path != "/v1/batches" {
                refused(&own.post(path, CSV, b""), 403, "not_allowed");
            }
        }
        refused(&own.post("/v1/batches?app_id=1&app_id=2", CSV, b""), 400, "invalid");
        // A row of this id is tried three times, with pauses.
        let table = format!("id_value\n{FAILING}\n");
        let taken = own.post("/v1/batches", CSV, table.as_bytes()).json();
        let path = format!("/v1/batches/{}", taken["batch_id"].as_str().expect("an id"));
        refused(&own.get(&format!("{path}/rows")), 409, "not_done");
        let done = own.done(&taken);
        assert_eq!((&done["codes"]["1"], &done["billed"]), (&1.into(), &0.into()), "{database:?}");
        assert_eq!(own.get(&format!("{path}/rows")).status, 200, "{database:?}");
    }
}
