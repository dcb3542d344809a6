//! The same key from eight clients at once, over one node and over two: one bill, equal bytes.

use tests::checker::{self, FINPLUS};
use tests::database::Database;
use tests::history::{Event, History, Question, attempts};
use tests::journal::Journal;
use tests::load::{self, Plan};
use tests::people::SAMPLE;
use tests::server::{Options, Server};

const KEYS: usize = 1_000;
const COPIES: usize = 8;
/// Groups of clients that race; each has its share of the keys.
const GROUPS: usize = 8;

#[test]
fn one_bill_per_key_on_sqlite() {
    let server = Server::start(Options::on(Database::Sqlite));
    race(&[&server]);
}

#[test]
fn one_bill_per_key_over_two_nodes() {
    if Database::both().contains(&Database::Postgres) {
        let first = Server::start(Options::on(Database::Postgres));
        let second = Server::join(&first);
        race(&[&first, &second]);
    }
}

fn race(nodes: &[&Server]) {
    let history = History::default();
    let app_code = nodes[0].sandbox().app_code;
    let clients = GROUPS * COPIES;
    let plan = Plan { clients, calls: KEYS / GROUPS, app_code: &app_code, question: &question };
    let addresses: Vec<_> = nodes.iter().map(|node| node.address()).collect();
    load::run(&addresses, &plan, &history);

    let entries = history.entries();
    let scored = |end: &Event| matches!(end, Event::Ok(answer) if answer.code == Some(0));
    let other = attempts(&entries).into_iter().find(|attempt| !scored(&attempt.end));
    assert_eq!(other, None, "every copy gets the score");
    assert_eq!(history.acknowledged(), (KEYS * COPIES) as u64);
    let journal = Journal::export(nodes[0]);
    assert_eq!(journal.rows.iter().filter(|row| row.billed).count(), KEYS);
    assert_eq!(checker::check(&entries, &journal, &FINPLUS), []);
}

/// Neighbours of a group ask for the same key at the same time, on different nodes.
fn question(client: usize, call: usize) -> Question {
    let key = format!("race-{}-{call}", client / COPIES);
    Question::imei("1000001", SAMPLE, key)
}
