//! Two nodes on one database at once.

use std::collections::HashMap;
use std::sync::Arc;

use domain::call::{End, Settled};
use domain::merchant::Limits;
use store::nonces;
use tokio::task::JoinSet;

use super::database::{Database, on_both};
use super::journal::verify;
use super::samples::{START, billed, daily, limited, package, settle, used};

on_both!(
    eight_copies_of_a_thousand_keys_are_done_once_each,
    a_quota_of_a_hundred_lets_a_hundred_pass,
    one_of_two_nodes_gets_the_nonce_and_the_lease,
);

async fn eight_copies_of_a_thousand_keys_are_done_once_each(database: Arc<Database>) {
    let stores = [database.open("a"), database.open("b")];
    let mut tasks = JoinSet::new();
    for copy in 0..8_usize {
        for key in 0..1_000 {
            let store = stores[(copy + key) % 2].clone();
            let call = billed(&format!("k{key}"));
            tasks.spawn(async move {
                let settled = settle(&store, &call).await;
                let End::Final { answer, .. } = call.end else { panic!("made final") };
                (key, answer, settled)
            });
        }
    }
    let mut answers: HashMap<usize, Vec<Vec<u8>>> = HashMap::new();
    let mut done = 0;
    for (key, own, settled) in tasks.join_all().await {
        let answer = match settled {
            Settled::Done => {
                done += 1;
                own
            }
            Settled::Replayed { answer, .. } => answer,
            other => panic!("key {key}: {other:?}"),
        };
        answers.entry(key).or_default().push(answer);
    }
    assert_eq!((done, answers.len()), (1_000, 1_000));
    for (key, answers) in answers {
        assert!(answers.len() == 8 && answers.iter().all(|a| *a == answers[0]), "key {key}");
    }
    assert_eq!(verify(&stores[0]).await, 1_000);
}

async fn a_quota_of_a_hundred_lets_a_hundred_pass(database: Arc<Database>) {
    let stores = [database.open("a"), database.open("b")];
    for (kind, limits) in [("daily", daily(100)), ("package", package(100))] {
        assert_eq!(passed(&stores, kind, limits).await, 100, "{kind}");
        assert_eq!(used(&stores[1], kind).await, 100, "{kind}");
    }
    verify(&stores[0]).await;
}

/// 64 clients with ten calls each; gives how many were done.
async fn passed(stores: &[store::Store; 2], kind: &'static str, limits: Limits) -> usize {
    let mut tasks = JoinSet::new();
    for client in 0..64 {
        let store = stores[client % 2].clone();
        tasks.spawn(async move {
            let mut done = 0;
            for call in 0..10 {
                let call = limited(billed(&format!("{kind} {client} {call}")), limits);
                match settle(&store, &call).await {
                    Settled::Done => done += 1,
                    Settled::Refused(_) => {}
                    other => panic!("{other:?}"),
                }
            }
            done
        });
    }
    tasks.join_all().await.into_iter().sum()
}

async fn one_of_two_nodes_gets_the_nonce_and_the_lease(database: Arc<Database>) {
    let stores = [database.open("a"), database.open("b")];
    let ensured = stores[0].unit("ensure", |tx| store::jobs::ensure(tx, "job", START)).await;
    ensured.expect("the job is there");
    let mut tasks = JoinSet::new();
    for client in 0..32 {
        let store = stores[client % 2].clone();
        tasks.spawn(async move {
            let nonce = store.unit("nonce", |tx| nonces::claim(tx, "merchant 7", "n", START)).await;
            let length = domain::time::Span::seconds(9);
            let lease =
                store.unit("lease", move |tx| store::jobs::claim(tx, "job", START, length)).await;
            (nonce.expect("answers"), lease.expect("answers").is_some())
        });
    }
    let won = tasks.join_all().await;
    assert_eq!(won.iter().filter(|won| won.0).count(), 1, "the nonce");
    assert_eq!(won.iter().filter(|won| won.1).count(), 1, "the lease");
}
