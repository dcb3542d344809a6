//! The process dies at every durable step in turn; after each restart nothing acknowledged is
//! lost, nothing billed twice. The steps are those of `store/src/fail_points.rs`: a new one is
//! crashed without anybody remembering to.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tests::checker::{self, FINPLUS};
use tests::database::{Database, PostgresDatabase};
use tests::history::{History, Question};
use tests::journal::Journal;
use tests::load::{self, Plan};
use tests::people::{EMPTY, SAMPLE, UNMAPPED};
use tests::process;
use tests::server::{Options, Output, Server};

const CLIENTS: usize = 32;
/// A point that was not met by then is met by nothing.
const DEATH_LIMIT: Duration = Duration::from_secs(30);
/// How often a step is passed before it kills: after the start, in the middle of the load.
const PASSES: usize = 45;
/// Met while a database is made or brought up to date, before the server serves.
const AT_START: &str = "migration.applied";

/// The names between quotation marks in the list `ALL`.
fn points() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/src/fail_points.rs");
    let text = fs::read_to_string(path).expect("the file is there");
    let (_, list) = text.split_once("pub const ALL: &[&str] = &[").expect("the list");
    let (list, _) = list.split_once("];").expect("its end");
    let names: Vec<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(names.len() >= 9 && names.contains(&AT_START.to_owned()), "{names:?}");
    names
}

#[test]
fn every_step_on_sqlite() {
    die_at_every_step(Database::Sqlite);
}

#[test]
fn every_step_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        die_at_every_step(Database::Postgres);
    }
}

fn die_at_every_step(database: Database) {
    let mut server = Server::start(Options::on(database));
    let app_code = server.sandbox().app_code;
    let history = History::default();
    // Those of a session are met in `session_deaths`, those of an application in `audit_deaths`.
    let of_call = |point: &&String| {
        *point != AT_START && !["session.", "application."].iter().any(|of| point.starts_with(of))
    };
    for (round, point) in points().iter().filter(of_call).enumerate() {
        server.restart_with_fail_points(&format!("{point}={PASSES}*off->return"));
        let question = |client, call| question(round, client, call);
        let plan =
            Plan { clients: CLIENTS, calls: 2_000, app_code: &app_code, question: &question };
        let (node, start) = (server.address(), Instant::now());
        thread::scope(|scope| {
            scope.spawn(|| load::run(&[node], &plan, &history));
            while server.is_running() && start.elapsed() < DEATH_LIMIT {
                thread::sleep(Duration::from_millis(5));
            }
            assert!(!server.is_running(), "{database:?}: {point} was never met");
            // Reaps it, and is nothing else: it is dead.
            server.kill9();
        });
        server.restart_with_fail_points("");
        load::retry_unanswered(server.address(), &app_code, &history);
        let violations = checker::check(&history.entries(), &Journal::export(&server), &FINPLUS);
        assert!(violations.is_empty(), "{database:?}, {point}: {violations:#?}");
        assert!(history.unanswered().is_empty(), "{database:?}, {point}");
    }
    assert!(history.acknowledged() > 100, "the load reached the steps");
}

/// The first start makes keys, models, people and a merchant, step by step: wherever it is cut
/// off, the next one makes good what is missing, and the merchant's credentials are not lost.
#[test]
fn every_step_of_a_first_start() {
    for passes in 0..200 {
        let points = format!("unit.committed={passes}*off->return");
        let mut server = Server::prepare(Options::on(Database::Sqlite).fail_points(&points));
        let was_cut_off = server.launch().is_err();
        server.restart_with_fail_points("");
        let sandbox = server.sandbox();
        let credentials = [&sandbox.app_code, &sandbox.app_secret, &sandbox.password];
        assert!(credentials.iter().all(|text| !text.is_empty()), "step {passes}: {sandbox:?}");
        assert_eq!(server.finplus().ask("", SAMPLE, "after").code, Some(0), "step {passes}");
        if !was_cut_off {
            eprintln!("a first start takes {passes} units");
            return;
        }
    }
    panic!("a first start never comes to an end");
}

/// A start that dies between two migrations leaves nothing behind that stops the next.
#[test]
fn a_migration_on_sqlite() {
    for passes in 0..2 {
        let points = format!("{AT_START}={passes}*off->return");
        let mut server = Server::prepare(Options::on(Database::Sqlite).fail_points(&points));
        let failure = server.launch().expect_err("it dies while it makes the database");
        assert!(failure.status.is_some_and(|status| !status.success()), "{failure:?}");
        server.restart_with_fail_points("");
        assert_eq!(server.finplus().ask("", SAMPLE, "after").code, Some(0));
    }
}

#[test]
fn a_migration_on_postgres() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    for passes in 0..2 {
        let database = PostgresDatabase::create();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(process::binary());
        command
            .args(["key", "init", "--database", &database.url(), "--key"])
            .arg(folder.path().join("root.key"))
            .env("FAILPOINTS", format!("{AT_START}={passes}*off->return"));
        let output = Output::of(&mut command).unwrap();
        assert_ne!(output.code, Some(0), "{output:?}");
        let mut server = Server::prepare_on(Options::on(Database::Postgres), Some(database));
        server.launch().unwrap();
        assert_eq!(server.finplus().ask("", SAMPLE, "after").code, Some(0));
    }
}

fn question(round: usize, client: usize, call: usize) -> Question {
    let imei = [SAMPLE, UNMAPPED, EMPTY][call % 3];
    Question::imei("1000001", imei, format!("point-{round}-{client}-{call}"))
}
