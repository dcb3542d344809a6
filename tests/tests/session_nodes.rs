//! Sessions on two nodes over one PostgreSQL: begun on one they finish on the other when it dies,
//! what reaches the other node counts, and both tell the same state.

use std::thread;
use std::time::{Duration, Instant};

use tests::connector::Connector;
use tests::database::Database;
use tests::figure;
use tests::journal::Journal;
use tests::qiancheng::borrower::{Borrower, check_submitted_once};
use tests::qiancheng::{CODE, Person, QUERY_PASSWORD, Qiancheng};
use tests::server::{Options, Server};

/// Where the node dies by itself, in turn with a plain `kill -9` from outside.
const POINTS: [&str; 6] = [
    "session.taken",
    "session.answered",
    "session.collected",
    "session.billed",
    "settle.committed",
    "settle.journalled",
];
const DEATH_LIMIT: Duration = Duration::from_secs(20);
/// How old a state may be that a node tells, and what the way to the database may take.
const AGREE: Duration = Duration::from_millis(500 + 50);

#[test]
fn sandbox_sessions_finish_on_the_other_node() {
    if Database::both().contains(&Database::Postgres) {
        let stays = Server::start(Options::on(Database::Postgres));
        finish_on_the_other(&stays, Borrower::of_sandbox());
    }
}

#[test]
fn sessions_of_a_connector_finish_on_the_other_node() {
    if Database::both().contains(&Database::Postgres) {
        let connector = Connector::with(&["--takes-any-code"]);
        let kinds = ["telecom", "degree", "ebank"];
        let stays = connector.serve(&kinds, "10s", Options::on(Database::Postgres));
        finish_on_the_other(&stays, Borrower::of_connector());
        check_submitted_once(&connector);
    }
}

fn finish_on_the_other(stays: &Server, mut borrower: Borrower) {
    let mut qiancheng = Qiancheng::log_in(stays);
    let mut dies = Server::join(stays);
    let mut sessions = Vec::new();
    for round in 0..figure(8, 40) {
        let (by_itself, turn) = (round % 4 != 3, round / 4 + round % 4);
        let point = POINTS[round % POINTS.len()];
        let passes = format!("{point}={}*off->return", round % 4);
        dies.restart_with_fail_points(if by_itself { &passes } else { "" });
        let mut at = qiancheng.at(&dies);
        let (begun, mut open) = (Instant::now(), Vec::new());
        for step in 0.. {
            if !dies.is_running() || (!by_itself && step > 4 + 3 * turn) {
                break;
            }
            assert!(begun.elapsed() < DEATH_LIMIT, "{point} was never met");
            borrower.step(&mut at, &mut open);
        }
        dies.kill9();
        for session in open {
            let has_data = borrower.finish(&mut qiancheng, &session);
            sessions.push((session.open_id, has_data));
        }
    }
    Journal::export(stays).check_sessions(&sessions);
    let with_data = sessions.iter().filter(|(_, has_data)| *has_data).count();
    eprintln!("{} sessions, {with_data} with data", sessions.len());
    assert!(with_data > sessions.len() / 2 && sessions.len() > 6, "{with_data}");
}

/// Each step of the borrower goes to the other node than the one before.
#[test]
fn a_captcha_that_reaches_the_other_node_counts() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let connector = Connector::start();
    let options = || Options::on(Database::Postgres);
    let firsts =
        [Server::start(options()), connector.serve(&["telecom", "ebank"], "9s", options())];
    for first in firsts {
        let second = Server::join(&first);
        let mut here = Qiancheng::log_in(&first);
        let mut there = here.at(&second);
        let mut sessions = Vec::new();
        for number in 0..figure(2, 30) {
            let person = Person::new(number, "0002");
            let open_id = here.open_telecom(&person, "synthetic");
            agree([&mut here, &mut there], "telecom", &open_id, 21);
            there.of(&open_id, "/telecom/collect/captcha", &[("captcha", CODE)]).ok();
            agree([&mut here, &mut there], "telecom", &open_id, 31);
            let query = [("query_password", QUERY_PASSWORD)];
            here.of(&open_id, "/telecom/collect/query-password", &query).ok();
            agree([&mut here, &mut there], "telecom", &open_id, 43);
            sessions.push((open_id, true));

            let open_id = there.open_ebank(&person, "icbc-login", "synth03");
            agree([&mut here, &mut there], "ebank", &open_id, 6);
            here.of(&open_id, "/ebank/collect/captcha", &[("verify_code", CODE)]).ok();
            agree([&mut here, &mut there], "ebank", &open_id, 10);
            sessions.push((open_id, true));

            let open_id = here.open_degree(&person);
            let account = [("account", "a@one"), ("password", "synthetic"), ("sync", "0")];
            there.of(&open_id, "/degree/collect/login", &account).ok();
            agree([&mut here, &mut there], "degree", &open_id, 21);
            sessions.push((open_id, true));
        }
        Journal::export(&first).check_sessions(&sessions);
    }
}

/// Both nodes are asked without a pause until each has told `state`: the last look that was begun
/// and found an older one began hardly later than the other node told the new one.
fn agree(nodes: [&mut Qiancheng; 2], product: &str, open_id: &str, state: i64) {
    let begun = Instant::now();
    let watch = |node: &mut Qiancheng| {
        let mut last_stale = begun;
        loop {
            let asked = Instant::now();
            if node.state(product, open_id).state() == state {
                return (last_stale, Instant::now());
            }
            last_stale = asked;
            assert!(begun.elapsed() < Duration::from_secs(20), "{product}: no {state}");
            thread::sleep(Duration::from_millis(5));
        }
    };
    let watch = &watch;
    let looks = thread::scope(|scope| {
        let watchers = nodes.map(|node| scope.spawn(move || watch(node)));
        watchers.map(|one| one.join().expect("it looked"))
    });
    for (one, other) in [(0, 1), (1, 0)] {
        let behind = looks[one].0.saturating_duration_since(looks[other].1);
        assert!(behind <= AGREE, "{product} {state}: node {one} is {behind:?} behind");
    }
}
