//! The operator's commands beside a server under full load, on the same database.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tests::checker::{self, FINPLUS};
use tests::database::Database;
use tests::history::{Event, History, Question, attempts};
use tests::journal::Journal;
use tests::load;
use tests::people::SAMPLE;
use tests::server::{Options, Server};

const CLIENTS: usize = 32;

#[test]
fn commands_get_their_turn_and_calls_go_on() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let (history, stop) = (History::default(), AtomicBool::new(false));
        let slowest = thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (server, history, stop) = (&server, &history, &stop);
                scope.spawn(move || {
                    let mut finplus = server.finplus();
                    for call in (0..).take_while(|_| !stop.load(Ordering::Relaxed)) {
                        let key = format!("load-{client}-{call}");
                        load::ask(&mut finplus, Question::imei("1000001", SAMPLE, key), history);
                    }
                });
            }
            let slowest = commands(&server);
            stop.store(true, Ordering::Relaxed);
            slowest
        });
        eprintln!("{database:?}: {} calls, slowest {slowest:?}", history.acknowledged());
        assert!(slowest < Duration::from_secs(5), "{database:?}: {slowest:?}");
        let entries = history.entries();
        let scored = |end: &Event| matches!(end, Event::Ok(answer) if answer.code == Some(0));
        let other = attempts(&entries).into_iter().find(|attempt| !scored(&attempt.end));
        assert_eq!(other, None, "{database:?}: no call is refused for a command's sake");
        assert_eq!(checker::check(&entries, &Journal::export(&server), &FINPLUS), []);
    }
}

/// Reads and writes; gives how long the slowest took.
fn commands(server: &Server) -> Duration {
    let mut slowest = Duration::ZERO;
    for turn in 0..8 {
        let name = format!("merchant-{turn}");
        let entitle = ["merchant", "entitle", &name, "--app", "7000001", "--price", "1.5"];
        let commands: [&[&str]; 5] = [
            &["merchant", "create", &name],
            &["merchant", "credential", &name, "add", "app-code"],
            &[&entitle[..], &["--model", "german-scorecard"]].concat(),
            &["journal", "verify"],
            &["sandbox", "clock", "advance", "1m"],
        ];
        for command in commands {
            let start = Instant::now();
            server.cli(command).expect_success();
            slowest = slowest.max(start.elapsed());
        }
    }
    slowest
}
