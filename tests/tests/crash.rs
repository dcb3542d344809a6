//! `kill -9` under load, and PostgreSQL's own immediate stop: no acknowledged call is lost, none
//! is billed twice, the journal verifies.

use std::thread;
use std::time::Duration;

use tests::checker::{self, FINPLUS};
use tests::cluster::Cluster;
use tests::database::{Database, PostgresDatabase};
use tests::figure;
use tests::history::{Attempt, Event, History, Question, attempts};
use tests::journal::Journal;
use tests::load::{self, Plan};
use tests::people::{EMPTY, SAMPLE, UNMAPPED};
use tests::process::wait_until;
use tests::server::{Options, Server};

const CLIENTS: usize = 64;
/// More than a round lasts: the kill ends it.
const CALLS: usize = 1_000;
/// A server whose database is away refuses at once: these end a round by themselves.
const CALLS_OF_STOP: usize = 40;

#[test]
fn kill_under_load_on_sqlite() {
    kill_under_load(Database::Sqlite, figure(20, 100));
}

#[test]
fn kill_under_load_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        kill_under_load(Database::Postgres, figure(5, 10));
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
        let enough = enough(&history, round);
        thread::scope(|scope| {
            scope.spawn(|| load::run(&[node], &plan, &history));
            while history.acknowledged() < enough && server.is_running() {
                thread::sleep(Duration::from_millis(1));
            }
            server.kill9();
        });
        server.restart();
        load::retry_unanswered(server.address(), &app_code, &history);
    }
    holds(&server, &history);
}

/// The server stays up: it refuses while the database is away, and goes on when it is back.
#[test]
fn postgres_stops_under_load() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let cluster = Cluster::start(&[]);
    let database = PostgresDatabase::create_on(&cluster.url());
    let mut server = Server::prepare_on(Options::on(Database::Postgres), Some(database));
    server.launch().unwrap();
    let app_code = server.sandbox().app_code;
    let history = History::default();
    for round in 0..figure(2, 10) {
        let question = |client, call| question(round, client, call);
        let plan = Plan {
            clients: CLIENTS,
            calls: CALLS_OF_STOP,
            app_code: &app_code,
            question: &question,
        };
        let node = server.address();
        let enough = enough(&history, round);
        thread::scope(|scope| {
            scope.spawn(|| load::run(&[node], &plan, &history));
            while history.acknowledged() < enough {
                thread::sleep(Duration::from_millis(1));
            }
            cluster.stop_immediately();
            cluster.resume();
        });
        let is_ready = || Ok(server.client().get("/readyz", &[]).is_ok_and(|r| r.status == 200));
        wait_until(Duration::from_secs(10), is_ready).expect("ready again without a restart");
        load::retry_unanswered(server.address(), &app_code, &history);
    }
    assert!(server.is_running());
    holds(&server, &history);
}

/// A first start that is cut off anywhere is made good by the next.
#[test]
fn a_first_start_is_cut_off() {
    for database in Database::both() {
        for turn in 0..figure(6, 30) {
            let mut server = Server::prepare(Options::on(database));
            server.launch_and_kill_after(Duration::from_millis(20 + 37 * turn));
            server.restart();
            let mut finplus = server.finplus();
            for imei in IMEIS {
                assert!(finplus.ask("1000001", imei, imei).code.is_some(), "{database:?}, {turn}");
            }
            assert_eq!(server.cli(&["journal", "verify"]).code, Some(0));
        }
    }
}

/// How many acknowledgements a round waits for: each ends at another place of the work.
fn enough(history: &History, round: u64) -> u64 {
    history.acknowledged() + 100 + 37 * round
}

fn holds(server: &Server, history: &History) {
    let lost = |attempt: &Attempt| matches!(attempt.end, Event::Unknown(_));
    let refused = |attempt: &Attempt| matches!(&attempt.end, Event::Ok(one) if one.code.is_none());
    let attempts = attempts(&history.entries());
    let hit = attempts.iter().filter(|attempt| lost(attempt) || refused(attempt)).count();
    assert!(hit > 0, "the blow fell beside the work");
    let violations = checker::check(&history.entries(), &Journal::export(server), &FINPLUS);
    assert!(violations.is_empty(), "{violations:#?}");
    let unanswered = history.unanswered();
    assert!(unanswered.is_empty(), "asked again and still no answer: {unanswered:?}");
}

/// The three final outcomes in turn: a score (billed), an unmapped id, a subject without behaviour.
const IMEIS: [&str; 3] = [SAMPLE, UNMAPPED, EMPTY];

fn question(round: u64, client: usize, call: usize) -> Question {
    let key = format!("crash-{round}-{client}-{call}");
    Question::imei("1000001", IMEIS[call % IMEIS.len()], key)
}
