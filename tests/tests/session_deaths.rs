//! The process dies at every named fail point of a session, while the connector lives on and
//! counts: after the restart every session comes to a right end, nothing is submitted twice, and
//! each session with data is billed once.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tests::connector::Connector;
use tests::database::Database;
use tests::figure;
use tests::journal::Journal;
use tests::qiancheng::Qiancheng;
use tests::qiancheng::borrower::{Borrower, check_submitted_once};
use tests::server::{Options, Server};

/// Units that a start passes by itself.
const FIRST_PASS: usize = 30;
/// The sessions of so many rounds are brought to their ends together: they wait beside each other,
/// and most of them outlive more than one death.
const TOGETHER: usize = 10;
/// A point that was not met by then is met by nothing.
const DEATH_LIMIT: Duration = Duration::from_secs(20);

#[test]
fn with_a_connector_on_sqlite() {
    with_a_connector(Database::Sqlite, figure(30, 120));
}

#[test]
fn with_a_connector_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        with_a_connector(Database::Postgres, figure(20, 80));
    }
}

#[test]
fn in_the_sandbox_on_sqlite() {
    in_the_sandbox(Database::Sqlite, figure(12, 48));
}

#[test]
fn in_the_sandbox_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        in_the_sandbox(Database::Postgres, figure(8, 32));
    }
}

fn with_a_connector(database: Database, rounds: usize) {
    let connector = Connector::with(&["--takes-any-code"]);
    let kinds = ["telecom", "degree", "ebank"];
    let server = connector.serve(&kinds, "10s", Options::on(database));
    die_again_and_again(server, Borrower::of_connector(), rounds);
    check_submitted_once(&connector);
}

fn in_the_sandbox(database: Database, rounds: usize) {
    die_again_and_again(Server::start(Options::on(database)), Borrower::of_sandbox(), rounds);
}

/// The names between quotation marks in the list `ALL`, but those of a start and of applications.
fn points() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/src/fail_points.rs");
    let text = fs::read_to_string(path).expect("the file is there");
    let (_, list) = text.split_once("pub const ALL: &[&str] = &[").expect("the list");
    let (list, _) = list.split_once("];").expect("its end");
    let names = list.split('"').skip(1).step_by(2);
    let names =
        names.filter(|name| *name != "migration.applied" && !name.starts_with("application."));
    names.map(str::to_owned).collect()
}

/// Each round passes its point another number of times before it kills, so that the deaths fall on
/// other steps of the three sessions that are open meanwhile.
fn die_again_and_again(mut server: Server, mut borrower: Borrower, rounds: usize) {
    let mut qiancheng = Qiancheng::log_in(&server);
    let (points, mut sessions, mut left) = (points(), Vec::new(), Vec::new());
    assert!(points.len() >= 12, "{points:?}");
    // Spread over the list also where there are fewer rounds than points.
    for round in 0..rounds {
        let point = &points[round * 5 % points.len()];
        // SQLite commits calls together with what else is written.
        let of_units = point.starts_with("unit.")
            || (point == "settle.committed" && server.postgres().is_none());
        let passes = if of_units { FIRST_PASS + round * 7 % 24 } else { round * 3 % 7 };
        let dying = format!("{point}={passes}*off->return");
        // What is left open goes on by itself: with it a start may come to the point before it
        // serves.
        let has_started = server.try_restart_with_fail_points(&dying).is_ok();
        let begun = Instant::now();
        let mut open = Vec::new();
        while has_started && server.is_running() && begun.elapsed() < DEATH_LIMIT {
            borrower.step(&mut qiancheng.at(&server), &mut open);
        }
        assert!(!has_started || !server.is_running(), "{point} was never met");
        server.restart_with_fail_points("");
        qiancheng = qiancheng.at(&server);
        left.append(&mut open);
        if (round + 1) % TOGETHER == 0 || round + 1 == rounds {
            let ends = borrower.finish_all(&mut qiancheng, &left);
            sessions.extend(left.drain(..).map(|session| session.open_id).zip(ends));
        }
    }
    Journal::export(&server).check_sessions(&sessions);
    let with_data = sessions.iter().filter(|(_, has_data)| *has_data).count();
    eprintln!("{rounds} deaths, {} sessions, {with_data} with data", sessions.len());
    assert!(with_data > rounds / 2, "{with_data} of {}", sessions.len());
}
