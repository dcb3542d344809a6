//! Batches: every row scored and billed once, over HTTP and on the command line, killed or not.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::cli::text;
use tests::database::Database;
use tests::journal::Journal;
use tests::people::{self, EMPTY, FAILING_ONCE, SAMPLE, UNMAPPED};
use tests::server::{Options, Output, Server};
use tests::v1::{V1, token};

const CSV: &str = "text/csv";

/// The price of a score in the sandbox, in 1/10,000 分.
const PRICE: i64 = 350_000;

/// Code and score by row.
fn rows(table: &str) -> BTreeMap<usize, (i64, String)> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.expect("a row");
        let number = |at: usize| row[at].parse::<i64>().expect("a number");
        (number(0) as usize, (number(3), row[4].to_owned()))
    };
    reader.records().map(row).collect()
}

fn billed(server: &Server) -> i64 {
    let journal = Journal::export(server);
    assert_eq!(journal.verify_exit, 0);
    journal.rows.iter().filter(|row| row.billed).count() as i64
}

#[test]
fn each_row_comes_to_its_code_and_the_run_to_its_bill() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut own = V1::of(&server, "own");
        let table = format!(
            "id_type,id_value\nimei,{SAMPLE}\n,{SAMPLE}\nimei,{UNMAPPED}\nIMEI,{EMPTY}\n\
             imei,{FAILING_ONCE}\nimei,1\nmac,{SAMPLE}\n,?\nimei\n"
        );
        let taken = own.post("/v1/batches?app_id=1000001&name=run%201", CSV, table.as_bytes());
        assert_eq!(
            (taken.status, taken.header("x-biz-code")),
            (202, Some("accepted")),
            "{taken:?}"
        );
        let done = own.done(&taken.json());
        assert_eq!(
            done["codes"],
            json!({"0": 3, "10": 3, "22": 1, "108": 1, "109": 1}),
            "{done:#}"
        );
        assert_eq!((&done["rows"], &done["rows_done"]), (&9.into(), &9.into()));
        assert_eq!((&done["billed"], &done["amount"]), (&3.into(), &json!(3 * PRICE)), "{done:#}");
        assert_eq!(billed(&server), 3, "{database:?}");

        let path = format!("/v1/batches/{}/rows", done["batch_id"].as_str().expect("an id"));
        let answer = own.get(&path);
        let found = rows(&answer.text());
        let codes: Vec<i64> = found.values().map(|(code, _)| *code).collect();
        assert_eq!(codes, [0, 0, 108, 109, 0, 10, 22, 10, 10], "{database:?}");
        let single = server.finplus().ask("1000001", SAMPLE, "single");
        let score = single.score.expect("a score").to_string();
        assert_eq!((&found[&1].1, &found[&2].1, &found[&3].1), (&score, &score, &String::new()));
        assert_eq!(rows(&own.get(&format!("{path}?from=8")).text()).len(), 2);
        for from in ["0", "10", "x"] {
            assert_eq!(own.get(&format!("{path}?from={from}")).status, 400, "{from}");
        }

        let again = own.post("/v1/batches?app_id=1000001&name=run%201", CSV, table.as_bytes());
        assert_eq!(again.json()["batch_id"], done["batch_id"], "{database:?}: the same run");
        let other = own.post("/v1/batches?app_id=1000001&name=run%201", CSV, b"id_value\n1\n");
        assert_eq!((other.status, other.header("x-biz-code")), (409, Some("name_reused")));
        server.cli(&["merchant", "create", "other"]).expect_success();
        std::thread::sleep(tests::server::IN_FORCE);
        let mut foreign = V1::with(&server, &token(&server, "other", "own"));
        for path in [&path, path.trim_end_matches("/rows"), "/v1/batches/none"] {
            assert_eq!(foreign.get(path).status, 404, "{database:?}: {path}");
        }
        server.cli(&["sandbox", "clock", "advance", "73h"]).expect_success();
        let start = std::time::Instant::now();
        while own.get(&path).status != 404 {
            assert!(start.elapsed().as_secs() < 30, "{database:?}: the rows are forgotten");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        assert_eq!(own.done(&done)["billed"], 3, "{database:?}: the bill stays");
    }
}

/// Many ids of known people, and one in ten of nobody.
fn many(server: &Server, count: usize) -> (String, i64) {
    let people = people::all(server);
    let mut table = "id_value\n".to_owned();
    for row in 0..count {
        let id = if row % 10 == 9 { UNMAPPED } else { people[row % people.len()].id(row).1 };
        writeln!(table, "{id}").expect("a string grows");
    }
    (table, (count - count / 10) as i64)
}

#[test]
fn a_batch_survives_kills_and_bills_each_row_once() {
    for database in Database::both() {
        let mut server = Server::start(Options::on(database));
        let (table, known) = many(&server, 6_000);
        let taken = V1::of(&server, "own").post("/v1/batches", CSV, table.as_bytes());
        assert_eq!(taken.status, 202, "{taken:?}");
        for rows in [500, 2_000] {
            let path = format!("/v1/batches/{}", taken.json()["batch_id"].as_str().expect("an id"));
            let mut own = V1::of(&server, "own");
            let state = loop {
                let state = own.get(&path).json();
                if state["rows_done"].as_i64().is_some_and(|done| done >= rows) {
                    break state;
                }
            };
            assert_eq!(state["state"], "running", "{database:?}: killed in the middle");
            server.restart();
        }
        // The leases of those who died must end first.
        server.cli(&["sandbox", "clock", "advance", "1m"]).expect_success();
        let done = V1::of(&server, "own").done(&taken.json());
        assert_eq!(done["codes"], json!({"0": known, "108": 600}), "{database:?}");
        let bill = (&done["billed"], &done["amount"]);
        assert_eq!(bill, (&json!(known), &json!(known * PRICE)), "{database:?}");
        assert_eq!(billed(&server), known, "{database:?}");
    }
}

#[test]
fn on_the_command_line_a_file_is_not_billed_twice_by_mistake() {
    for database in Database::both() {
        let mut server = Server::start(Options::on(database));
        let folder = TempDir::new().expect("a folder");
        let (input, output) = (folder.path().join("ids.csv"), folder.path().join("scores.csv"));
        let (table, known) = many(&server, 2_000);
        fs::write(&input, &table).expect("written");
        // Without a server beside it, so that it is the command that is killed.
        server.terminate();
        let run = |points: &str, more: &[&str]| {
            let files = ["--input", text(&input), "--output", text(&output), "--json"];
            let run = ["score", "batch", "--merchant", "sandbox", "--app", "1000002"];
            let mut command = server.command(&[&run[..], &files, more].concat());
            Output::of(command.env("FAILPOINTS", points)).expect("it can be started")
        };
        let killed = run("settle.claimed=3*off->return", &[]);
        assert_eq!((killed.code, output.exists()), (None, false), "{database:?}: {killed:#?}");
        // Where it died before the file was handed in whole there is nothing to resume.
        let mut next = run("", &[]);
        if next.code != Some(0) {
            assert!(next.stderr.contains("--resume"), "{database:?}: {next:#?}");
            next = run("", &["--resume"]);
        }
        let done: Value = next.expect_success().json();
        assert_eq!((&done["billed"], &done["amount"]), (&json!(known), &json!(known * PRICE)));
        let found = rows(&fs::read_to_string(&output).expect("the scores"));
        assert_eq!(found.len(), 2_000, "{database:?}");
        let is_score =
            |text: &str| text.parse::<f64>().is_ok_and(|score| (0.0..=1.0).contains(&score));
        for (row, (code, score)) in &found {
            assert_eq!(*code, if row % 10 == 0 { 108 } else { 0 }, "{row}");
            assert_eq!(is_score(score), *code == 0, "{row}: {score}");
        }
        let before = fs::read(&output).expect("the scores");
        assert_eq!(run("", &["--resume"]).expect_success().json()["batch_id"], done["batch_id"]);
        assert_eq!(fs::read(&output).expect("the scores"), before, "{database:?}: the same bytes");
        assert_eq!(billed(&server), known, "{database:?}");
        run("", &["--again"]).expect_success();
        assert_eq!(billed(&server), 2 * known, "{database:?}: on purpose");
    }
}
