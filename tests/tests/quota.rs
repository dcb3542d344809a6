//! A daily quota under 64 clients: exactly as many pass as were granted, on however many nodes.

use tests::checker::{self, FINPLUS};
use tests::database::Database;
use tests::history::{Attempt, Event, History, Question, attempts};
use tests::journal::Journal;
use tests::load::{self, Plan};
use tests::people::{EMPTY, SAMPLE, UNMAPPED};
use tests::server::{Options, Server};

const QUOTA: usize = 1_000;
const CLIENTS: usize = 64;
const CALLS: usize = 24;
const APP: &str = "7000001";

#[test]
fn exactly_a_thousand_pass_on_sqlite() {
    let server = Server::start(Options::on(Database::Sqlite));
    assert_eq!(exhaust(&[&server], |_| SAMPLE), [QUOTA, 0, 0]);
}

#[test]
fn exactly_a_thousand_pass_over_two_nodes() {
    if Database::both().contains(&Database::Postgres) {
        let first = Server::start(Options::on(Database::Postgres));
        let second = Server::join(&first);
        assert_eq!(exhaust(&[&first, &second], |_| SAMPLE), [QUOTA, 0, 0]);
    }
}

#[test]
fn unbilled_outcomes_count() {
    let server = Server::start(Options::on(Database::Sqlite));
    let imei = |call: usize| [UNMAPPED, EMPTY][call % 2];
    assert_eq!(exhaust(&[&server], imei)[0], 0, "they use the quota, and nothing is billed");
}

/// Gives how many were answered 0, 108 and 109: together the quota.
fn exhaust(nodes: &[&Server], imei: impl Fn(usize) -> &'static str + Sync) -> [usize; 3] {
    let quota = QUOTA.to_string();
    let app_code = nodes[0].new_merchant("thrifty", APP, &["--daily-quota", &quota]);
    let history = History::default();
    let question = |client, call| Question::imei(APP, imei(call), format!("q-{client}-{call}"));
    let plan = Plan { clients: CLIENTS, calls: CALLS, app_code: &app_code, question: &question };
    let addresses: Vec<_> = nodes.iter().map(|node| node.address()).collect();
    load::run(&addresses, &plan, &history);

    let entries = history.entries();
    let codes: Vec<Option<i64>> = attempts(&entries).iter().map(code).collect();
    let count = |wanted: i64| codes.iter().filter(|code| **code == Some(wanted)).count();
    let counts = [0, 108, 109].map(count);
    assert_eq!(counts.iter().sum::<usize>(), QUOTA, "{counts:?}");
    assert_eq!(count(19), CLIENTS * CALLS - QUOTA);

    let journal = Journal::export(nodes[0]);
    assert_eq!(checker::check(&entries, &journal, &FINPLUS), []);
    let rows = |code: i64| journal.rows.iter().filter(|row| row.code == code).count();
    assert_eq!([0, 108, 109, 19].map(rows), [counts[0], counts[1], counts[2], count(19)]);
    assert_eq!(counter(nodes[0]), QUOTA as i64, "the counter agrees");
    let statement = nodes[0].cli(&["journal", "statement", "--merchant", "thrifty", "--json"]);
    let total = &statement.expect_success().json()["merchants"][0]["total"];
    assert_eq!(total["billed"], counts[0]);
    assert_eq!(total["amount"], counts[0] * 350_000);
    counts
}

fn code(attempt: &Attempt) -> Option<i64> {
    match &attempt.end {
        Event::Ok(answer) => answer.code,
        _ => None,
    }
}

fn counter(server: &Server) -> i64 {
    let sql = "SELECT used FROM counters WHERE app = '7000001' AND kind = 'daily'";
    if let Some(database) = server.postgres() {
        return database.connect().query_one(sql, &[]).expect("one row").get(0);
    }
    let file = server.data_folder().join("probity.db");
    let connection = rusqlite::Connection::open(file).expect("the database opens");
    connection.query_row(sql, [], |row| row.get(0)).expect("one row")
}
