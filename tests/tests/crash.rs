//! `kill -9` under load: no acknowledged call is lost, none is billed twice, the journal verifies.

use std::thread;
use std::time::Duration;

use tests::checker::{self, FINPLUS};
use tests::database::Database;
use tests::figure;
use tests::history::{History, Question};
use tests::journal::Journal;
use tests::load::{self, Plan};
use tests::server::{Options, Server};

const CLIENTS: usize = 64;
/// More than a round lasts: the kill ends it.
const CALLS: usize = 1_000;

#[test]
fn kill_under_load_on_sqlite() {
    kill_under_load(Database::Sqlite, figure(20, 100));
}

#[test]
fn kill_under_load_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        kill_under_load(Database::Postgres, figure(5, 20));
    }
}

fn kill_under_load(database: Database, rounds: u64) {
    let mut server = Server::start(Options::on(database));
    let app_code = server.sandbox().app_code;
    let history = History::default();
    for round in 0..rounds {
        let question = |client, call| question(round, client, call);
        let plan =
            Plan { clients: CLIENTS, calls: CALLS, app_code: &app_code, question: &question };
        let node = server.address();
        // Each round dies at another place of the work.
        let enough = history.acknowledged() + 100 + 37 * round;
        thread::scope(|scope| {
            scope.spawn(|| load::run(&[node], &plan, &history));
            while history.acknowledged() < enough && server.is_running() {
                thread::sleep(Duration::from_millis(1));
            }
            server.kill9();
        });
        server.restart();
        load::retry_unknown(server.address(), &app_code, &history);
    }
    let violations = checker::check(&history.entries(), &Journal::export(&server), &FINPLUS);
    assert!(violations.is_empty(), "{database:?}: {violations:#?}");
    assert!(history.unknown().is_empty(), "asked again after the restart, still no answer");
}

/// The three final outcomes in turn: a score (billed), an unmapped id, a subject without behaviour.
const IMEIS: [&str; 3] = ["860529038487085", "490154203237518", "356938035643809"];

fn question(round: u64, client: usize, call: usize) -> Question {
    let key = format!("crash-{round}-{client}-{call}");
    let id_value = IMEIS[call % IMEIS.len()];
    let [app_id, id_type, id_value] = ["1000001", "imei", id_value].map(str::to_owned);
    Question { key, app_id, id_type, id_value }
}
