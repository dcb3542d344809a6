//! Nodes over one PostgreSQL: what an operator changes is in force on each within a second, jobs
//! run on one of them, and any of them may go away.

use std::thread;
use std::time::{Duration, Instant};

use tests::checker::{self, FINPLUS};
use tests::database::Database;
use tests::finplus::Finplus;
use tests::history::{History, Question};
use tests::journal::Journal;
use tests::load::{self, Plan};
use tests::people::SAMPLE;
use tests::process::{Signal, wait_until};
use tests::server::{IN_FORCE, Options, Server};

fn two_nodes() -> Option<(Server, Server)> {
    if !Database::both().contains(&Database::Postgres) {
        return None;
    }
    let first = Server::start(Options::on(Database::Postgres));
    let second = Server::join(&first);
    Some((first, second))
}

#[test]
fn the_clock_moves_on_every_node() {
    let Some((first, second)) = two_nodes() else { return };
    // The daily quota of this application is 3, on whichever node.
    let mut finplus = [first.finplus(), second.finplus()];
    for key in 0..4 {
        let answer = finplus[key % 2].ask("1000008", SAMPLE, &format!("day one {key}"));
        assert_eq!(answer.code, Some(if key < 3 { 0 } else { 19 }), "{key}");
    }
    second.cli(&["sandbox", "clock", "advance", "24h"]).expect_success();
    thread::sleep(IN_FORCE);
    for (node, finplus) in finplus.iter_mut().enumerate() {
        let answer = finplus.ask("1000008", SAMPLE, &format!("day two {node}"));
        assert_eq!(answer.code, Some(0), "node {node} lives in the old day");
    }
}

#[test]
fn a_merchant_is_known_and_unknown_on_every_node() {
    let Some((first, second)) = two_nodes() else { return };
    let app_code = second.new_merchant("lender", "7000001", &[]);
    let mut finplus = [&first, &second].map(|node| Finplus::new(node.client(), &app_code));
    let mut expect = |status: u16, key: &str| {
        for (node, finplus) in finplus.iter_mut().enumerate() {
            let answer = finplus.ask("", SAMPLE, &format!("{key} {node}"));
            assert_eq!(answer.status, status, "{key}, node {node}: {answer:?}");
        }
    };
    expect(200, "made");
    first.cli(&["merchant", "suspend", "lender"]).expect_success();
    thread::sleep(IN_FORCE);
    expect(400, "suspended");
    second.cli(&["merchant", "resume", "lender"]).expect_success();
    thread::sleep(IN_FORCE);
    expect(200, "resumed");
    let shown = first.cli(&["merchant", "show", "lender", "--json"]).expect_success().json();
    let id = shown["credentials"][0]["id"].to_string();
    first.cli(&["merchant", "credential", "lender", "revoke", &id]).expect_success();
    thread::sleep(IN_FORCE);
    expect(400, "revoked");
}

/// A key that one node already seals with is known to the others when they meet it.
#[test]
fn a_rotation_breaks_no_replay() {
    let Some((first, second)) = two_nodes() else { return };
    let mut finplus = [first.finplus(), second.finplus()];
    for rotation in 0..4 {
        first.cli(&["key", "rotate"]).expect_success();
        let start = Instant::now();
        while start.elapsed() < IN_FORCE {
            let key = format!("{rotation} {:?}", start.elapsed());
            let [one, other] = &mut finplus;
            let (answer, again) = (one.ask("", SAMPLE, &key), other.ask("", SAMPLE, &key));
            assert_eq!((again.code, &again.bytes), (Some(0), &answer.bytes), "{again:?}");
            let key = format!("{key} back");
            let (answer, again) = (other.ask("", SAMPLE, &key), one.ask("", SAMPLE, &key));
            assert_eq!((again.code, &again.bytes), (Some(0), &answer.bytes), "{again:?}");
        }
    }
}

/// A rate is for all nodes together, shared out among those that live.
#[test]
fn a_rate_is_shared() {
    let Some((first, second)) = two_nodes() else { return };
    let app_code = first.new_merchant("hasty", "7000001", &[]);
    first.cli(&["merchant", "rate", "hasty", "20"]).expect_success();
    thread::sleep(2 * IN_FORCE);
    let mut finplus = [&first, &second].map(|node| Finplus::new(node.client(), &app_code));
    let (start, mut passed, mut throttled) = (Instant::now(), 0, 0);
    while start.elapsed() < Duration::from_secs(3) {
        for finplus in &mut finplus {
            let answer = finplus.ask("", SAMPLE, &format!("{:?}", start.elapsed()));
            if answer.status == 200 {
                passed += 1;
                continue;
            }
            let message = answer.header("x-ca-error-message");
            assert_eq!((answer.status, message), (403, Some("Throttled by APP Flow Control")));
            throttled += 1;
        }
    }
    // Three seconds' worth, and one more for what had been saved up.
    assert!((40..=85).contains(&passed) && throttled > 0, "{passed} passed, {throttled} not");
}

/// Checkpoints are the work of one node at a time: no gap, no double, about one a second.
#[test]
fn jobs_run_on_one_node_at_a_time() {
    let Some((first, mut second)) = two_nodes() else { return };
    let third = Server::join(&first);
    let app_code = first.sandbox().app_code;
    let history = History::default();
    let start = Instant::now();
    let question = |client, call| Question::imei("", SAMPLE, format!("jobs-{client}-{call}"));
    let plan = Plan { clients: 6, calls: 400, app_code: &app_code, question: &question };
    load::run(&[first.address(), second.address(), third.address()], &plan, &history);
    let signed = |least: i64| {
        wait_until(Duration::from_secs(5), || Ok(checkpoints(&first).len() as i64 >= least))
            .unwrap_or_else(|_| panic!("{:?}", checkpoints(&first)));
    };
    signed(1);
    // A node that goes in good order leaves its work to the others at once.
    assert!(second.terminate().success());
    let before = checkpoints(&first).len() as i64;
    load::ask(&mut first.finplus(), Question::imei("", SAMPLE, "later".to_owned()), &history);
    signed(before + 1);
    let seqs = checkpoints(&first);
    assert!(seqs.iter().copied().eq(1..=seqs.len() as i64), "{seqs:?}");
    // Each node signs at its end too.
    assert!(seqs.len() as f64 <= start.elapsed().as_secs_f64() + 3.0, "{seqs:?}");
    assert_eq!(checker::check(&history.entries(), &Journal::export(&first), &FINPLUS), []);
}

fn checkpoints(server: &Server) -> Vec<i64> {
    let database = server.postgres().expect("PostgreSQL");
    let rows = database
        .connect()
        .query("SELECT seq FROM checkpoints ORDER BY seq", &[])
        .expect("the statement is legal");
    rows.iter().map(|row| row.get(0)).collect()
}

/// One node is stopped in the middle of its work for a while, as by a long pause of its machine,
/// and another is killed: the third answers everything, and nobody's work is done twice.
#[test]
fn nodes_go_away_and_come_back() {
    let Some((first, mut second)) = two_nodes() else { return };
    let third = Server::join(&first);
    let app_code = first.sandbox().app_code;
    let history = History::default();
    let question = |client, call| Question::imei("", SAMPLE, format!("away-{client}-{call}"));
    let plan = Plan { clients: 12, calls: 150, app_code: &app_code, question: &question };
    let nodes = [first.address(), second.address(), third.address()];
    thread::scope(|scope| {
        scope.spawn(|| load::run(&nodes, &plan, &history));
        while history.acknowledged() < 200 {
            thread::sleep(Duration::from_millis(1));
        }
        second.kill9();
        third.signal(Signal::STOP);
        thread::sleep(Duration::from_secs(2));
        third.signal(Signal::CONT);
    });
    load::retry_unanswered(first.address(), &app_code, &history);
    assert_eq!(history.unanswered(), []);
    assert_eq!(checker::check(&history.entries(), &Journal::export(&first), &FINPLUS), []);
}
