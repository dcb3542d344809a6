//! A node that hangs inside a transaction, with locks in its hand, must not hold up the others.

use std::thread;
use std::time::{Duration, Instant};

use tests::database::Database;
use tests::people::SAMPLE;
use tests::server::{Options, Server};

/// The database ends a transaction that is idle for five seconds; then the others go on.
const HELD_UP_MAX: Duration = Duration::from_secs(12);

#[test]
fn the_others_go_on() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let first = Server::start(Options::on(Database::Postgres));
    let mut second = Server::join(&first);
    // The second node's first call passes; its second one hangs with the counter's row locked.
    second.restart_with_fail_points("settle.counted=1*off->pause");
    let mut hanging = second.finplus();
    assert_eq!(hanging.ask("1000009", SAMPLE, "passes").code, Some(0));
    let hung = thread::spawn(move || {
        hanging.score("1000009", "imei", SAMPLE, "hangs").map(|answer| answer.code).ok()
    });
    thread::sleep(Duration::from_millis(500));
    let started = Instant::now();
    let answer = first.finplus().ask("1000009", SAMPLE, "waits");
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(started.elapsed() < HELD_UP_MAX, "held up for {:?}", started.elapsed());
    second.kill9();
    drop(hung.join());
    first.cli(&["journal", "verify"]).expect_success();
}
