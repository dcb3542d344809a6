//! A nonce is good once: for every client, on every node, across restarts.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use tests::database::Database;
use tests::http;
use tests::journal::Journal;
use tests::people::SAMPLE;
use tests::process::wait_until;
use tests::server::{Options, Server};

use super::driver::{Call, Clients, Sender, Signed, Way};
use super::refusals::{assert_refused, new_key};
use super::requests::send;
use crate::on_sqlite;

/// The purge's interval, and as much again.
const FORGOTTEN_WITHIN: Duration = Duration::from_secs(20);
const MINUTE_MS: i64 = 60_000;

/// Whichever client used it first, by whichever way it comes again.
#[test]
fn a_used_nonce_is_refused_everywhere() {
    let mut clients = Clients::start();
    for database in Database::both() {
        let mut first = Server::start(Options::on(database));
        let second = (database == Database::Postgres).then(|| Server::join(&first));
        let signers = clients.signers();
        let call = |sender: Sender, turn: &str, server: &Server| {
            let call = Call::imei(server, Way::Form, SAMPLE, &format!("{sender:?} {turn}"));
            call.nonce(&format!("nonce of {sender:?}"))
        };
        for sender in &signers {
            let reply = clients.send(*sender, &call(*sender, "first", &first));
            assert_eq!(reply.code(), Some(0), "{reply:?}");
        }
        let mut expect_used = |server: &Server, place: &str| {
            for (user, sender) in signers.iter().flat_map(|a| signers.iter().map(move |b| (a, b))) {
                let place = format!("{database:?}, of {user:?} by {sender:?}: {place}");
                let reply = clients.send(*sender, &call(*user, &place, &first).at(server));
                assert_refused(&reply, 400, "Nonce Used", &place);
            }
        };
        expect_used(&first, "on the same node");
        if let Some(second) = &second {
            expect_used(second, "on the second node");
        }
        first.restart();
        let mut expect_used = |server: &Server, place: &str| {
            for sender in &signers {
                let place = format!("{database:?} {sender:?}: {place}");
                let reply = clients.send(*sender, &call(*sender, &place, server));
                assert_refused(&reply, 400, "Nonce Used", &place);
            }
        };
        expect_used(&first, "after a restart");
        // Half an hour later the time of signing refuses the old call; a job forgets the nonce.
        first.advance("31m");
        for sender in &signers {
            let mut renewed = || {
                let later = call(*sender, "later", &first).aged(-31 * MINUTE_MS);
                Ok(clients.send(*sender, &later).code() == Some(0))
            };
            wait_until(FORGOTTEN_WITHIN, &mut renewed)
                .unwrap_or_else(|_| panic!("{database:?} {sender:?}: used for good"));
        }
    }
}

/// What fails before the nonce's turn leaves it to the one whose it is; another key's is another.
#[test]
fn only_a_right_signature_uses_the_nonce() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    let (_, key, secret) = new_key(&server, "sandbox");
    for sender in clients.signers() {
        let nonce = format!("{sender:?}");
        let call = |req_id| Call::imei(&server, Way::Json, SAMPLE, req_id).nonce(&nonce);
        let mut wrong = call("wrong");
        wrong.secret = "wrong".to_owned();
        let reply = clients.send(sender, &wrong);
        assert!(reply.message().starts_with("Invalid Signature"), "{reply:?}");
        let reply = clients.send(sender, &call("old").aged(16 * MINUTE_MS));
        assert_refused(&reply, 400, "Timestamp Expired", &nonce);
        assert_eq!(clients.send(sender, &call("right")).code(), Some(0));
        let mut other = call("other key");
        (other.key, other.secret) = (key.clone(), secret.clone());
        assert_eq!(clients.send(sender, &other).code(), Some(0));
        assert_refused(&clients.send(sender, &call("again")), 400, "Nonce Used", &nonce);
        assert_refused(&clients.send(sender, &other), 400, "Nonce Used", &nonce);
    }
}

/// A stolen request, sent again and again at the same time to all nodes: one copy passes.
#[test]
fn of_many_copies_at_once_one_passes() {
    let mut clients = Clients::start();
    if !clients.has_python() {
        return;
    }
    for database in Database::both() {
        let first = Server::start(Options::on(database));
        let second = (database == Database::Postgres).then(|| Server::join(&first));
        let nodes: Vec<&Server> = [Some(&first), second.as_ref()].into_iter().flatten().collect();
        for round in 0..8 {
            let call = Call::imei(&first, Way::Get, SAMPLE, &format!("stolen {round}"));
            let signed = clients.sign(&call);
            let answers = at_once(&nodes, &signed);
            let passed = answers.iter().filter(|answer| answer.status == 200).count();
            assert_eq!(passed, 1, "{database:?}: {answers:?}");
            for answer in answers.iter().filter(|answer| answer.status != 200) {
                let message = answer.header("x-ca-error-message");
                assert_eq!((answer.status, message), (400, Some("Nonce Used")));
            }
        }
        assert_eq!(Journal::export(&first).rows.len(), 8);
    }
}

fn at_once(nodes: &[&Server], signed: &Signed) -> Vec<http::Response> {
    let answers = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for copy in 0..12 {
            let (mut client, answers) = (nodes[copy % nodes.len()].client(), &answers);
            scope.spawn(move || {
                let answer = send(&mut client, signed);
                answers.lock().expect("nobody panics with it").push(answer);
            });
        }
    });
    answers.into_inner().expect("nobody panicked with it")
}
