//! `probity journal` and `call`: statements, reconciling, explanations; tampering is found.

use std::fs;
use std::thread;

use serde_json::Value;
use tempfile::TempDir;
use tests::cli::text;
use tests::database::Database;
use tests::history::{History, Question};
use tests::load::{self, Plan};
use tests::server::{Options, Server};

/// A billed score, an unmapped id, and a key that a spreadsheet would take for a formula.
const CALLS: [(&str, &str); 3] =
    [("one", "860529038487085"), ("two", "490154203237518"), ("=1+1", "860529038487085")];

/// The server after these calls, with the number that each was answered with.
fn called(database: Database) -> (Server, Vec<String>) {
    let server = Server::start(Options::on(database));
    let mut finplus = server.finplus();
    let biz = CALLS.map(|(key, imei)| {
        let answer = finplus.score("1000001", "imei", imei, key).expect("an answer");
        answer.biz_id.expect("every answer has one")
    });
    (server, biz.into())
}

fn cli(server: &Server, line: &str) -> tests::server::Output {
    server.cli(&line.split(' ').collect::<Vec<_>>())
}

#[test]
fn the_statement_is_the_sum_of_the_rows() {
    for database in Database::both() {
        let (server, biz) = called(database);
        let json = |line| cli(&server, line).expect_success().json();
        let rows = json("journal statement --json --rows");
        let rows = rows.as_array().expect("an array");
        assert_eq!(
            rows.iter().map(|row| &row["biz_id"]).collect::<Vec<_>>(),
            biz.iter().collect::<Vec<_>>()
        );
        let sum: i64 = rows.iter().map(|row| row["amount"].as_i64().unwrap()).sum();
        let sums = json("journal statement --json --merchant sandbox");
        let total = &sums["merchants"][0]["total"];
        assert_eq!(
            (&total["calls"], &total["billed"], &total["amount"]),
            (&3.into(), &2.into(), &sum.into())
        );
        assert_eq!(total["amount_fen"], "70");
        let day = rows[0]["at"].as_str().unwrap();
        let none = json("journal statement --json --merchant sandbox --period 2020-01");
        assert_eq!(none["merchants"][0]["lines"], Value::Array(Vec::new()), "{day}");
        let verified = json("journal verify --json");
        assert_eq!((&verified["rows"], &verified["amount"]), (&3.into(), &sum.into()));
        let csv = cli(&server, "journal statement --format csv").expect_success().stdout;
        assert!(csv.contains("sandbox,all,finplus.score,1000001,0,2,2,70\n"), "{csv}");
        let csv = cli(&server, "journal statement --format csv --rows").expect_success().stdout;
        assert!(csv.contains(",'=1+1,") && !csv.contains(",=1+1,"), "{csv}");
    }
}

#[test]
fn it_verifies_while_it_is_written_to() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let (history, app_code) = (History::default(), server.sandbox().app_code);
        let question = |client, call| Question {
            key: format!("busy-{client}-{call}"),
            app_id: "1000001".to_owned(),
            id_type: "imei".to_owned(),
            id_value: CALLS[0].1.to_owned(),
        };
        let plan = Plan { clients: 8, calls: 300, app_code: &app_code, question: &question };
        thread::scope(|scope| {
            let calling = scope.spawn(|| load::run(&[server.address()], &plan, &history));
            while !calling.is_finished() {
                cli(&server, "journal verify").expect_success();
            }
        });
        let verified = cli(&server, "journal verify --json").expect_success().json();
        assert_eq!(verified["rows"], 8 * 300);
    }
}

#[test]
fn each_difference_to_a_merchants_file_is_listed() {
    let (server, biz) = called(Database::Sqlite);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("merchant.csv");
    let reconcile = |content: String| {
        fs::write(&file, content).unwrap();
        server.cli(&[
            "journal",
            "reconcile",
            "--merchant",
            "sandbox",
            "--file",
            text(&file),
            "--json",
        ])
    };
    let same = format!("code,req_id,biz_id\n0,one,{}\n108,two,\n,=1+1,{}\n", biz[0], biz[2]);
    let none = reconcile(same).expect_success().json();
    assert_eq!(none["differences"], Value::Array(Vec::new()));
    let other =
        format!("req_id,biz_id,code\none,{},108\none,,\nthree,,0\n=1+1,{},\n", biz[0], biz[1]);
    let found = reconcile(other);
    assert_eq!(found.code, Some(1), "{found:#?}");
    let mut kinds: Vec<String> = found.json()["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["req_id"], one["kind"]).replace('"', ""))
        .collect();
    kinds.sort();
    let wanted =
        ["=1+1 biz_id", "one code", "one repeated", "three not_in_journal", "two not_in_file"];
    assert_eq!(kinds, wanted);
    let unusable = reconcile("key\none\n".to_owned());
    assert!(
        unusable.code == Some(1) && unusable.stderr.contains("no column req_id"),
        "{unusable:#?}"
    );
}

#[test]
fn an_explanation_adds_up_to_the_exact_score() {
    let (server, biz) = called(Database::Sqlite);
    let shown = server.cli(&["call", "show", &biz[0], "--json"]).expect_success().json();
    let score = &shown["score"];
    let reasons = score["reasons"].as_array().expect("reasons");
    let sum: f64 = reasons.iter().map(|reason| reason[2].as_f64().unwrap()).sum();
    let exact = score["exact"].as_f64().unwrap();
    assert!((score["bias"].as_f64().unwrap() + sum - exact).abs() < 1e-9, "{shown:#}");
    let calls =
        cli(&server, "call list --merchant sandbox --explained --json").expect_success().json();
    assert_eq!(calls.as_array().unwrap().len(), 3);
    assert_eq!(&calls[0]["explanation"]["score"], score);
    let none = server.cli(&["call", "show", "01a20000-0000-7000-8000-000000000000"]);
    assert!(none.code == Some(1) && none.stderr.contains("nothing is kept"), "{none:#?}");
}

/// What somebody with the database file could do to hide or add a bill, and a word of the fault
/// that it must be found by.
const TAMPERING: [(&str, &str); 10] = [
    ("UPDATE journal SET amount = amount + 1 WHERE key = 'one'", "hash is wrong"),
    ("UPDATE journal SET billed = 1 WHERE key = 'two'", "hash is wrong"),
    ("DELETE FROM journal WHERE key = 'two'", "is missing"),
    ("DELETE FROM journal WHERE seq = (SELECT MAX(seq) FROM journal)", "not what was signed"),
    ("DELETE FROM journal; DELETE FROM lanes; DELETE FROM calls", "not what was signed"),
    ("UPDATE journal SET lane = 99; UPDATE lanes SET id = 99", "hash is wrong"),
    ("UPDATE lanes SET signed_seq = 1000", "signed rows"),
    ("DELETE FROM checkpoints", "signed rows"),
    ("UPDATE checkpoints SET signature = zeroblob(64)", "signature is wrong"),
    ("DELETE FROM calls WHERE key = 'one'", "never claimed"),
];

#[test]
fn whatever_is_changed_is_found() {
    let (mut server, _) = called(Database::Sqlite);
    server.terminate();
    cli(&server, "journal verify").expect_success();
    let file = server.data_folder().join("probity.db");
    let whole = fs::read(&file).unwrap();
    for (sql, fault) in TAMPERING {
        fs::write(&file, &whole).unwrap();
        let database = rusqlite::Connection::open(&file).unwrap();
        for table in ["journal", "checkpoints"] {
            for trigger in ["no_update", "no_delete"] {
                database.execute_batch(&format!("DROP TRIGGER {table}_{trigger}")).unwrap();
            }
        }
        database.execute_batch(sql).unwrap();
        database.close().unwrap();
        let verified = cli(&server, "journal verify --json");
        let faults = verified.json()["faults"].to_string();
        assert_eq!(verified.code, Some(1), "{sql}: {faults}");
        assert!(faults.contains(fault), "{sql}: {faults}");
    }
}
