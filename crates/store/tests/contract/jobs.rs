//! Leases: one holder, and a late one loses.

use std::sync::Arc;

use domain::time::{Span, Timestamp};
use store::jobs::{self, Lease};
use store::{Store, StoreError};

use super::database::{Database, on_both};
use super::samples::START;

on_both!(a_job_has_one_holder, a_late_holder_is_fenced, a_failed_run_is_due_again,);

const LENGTH: Span = Span::seconds(30);

async fn ready(database: &Database) -> Store {
    let store = database.open("a");
    for _ in 0..2 {
        let ensured = store.unit("ensure", |tx| jobs::ensure(tx, "purge", START)).await;
        ensured.expect("ensuring twice is ensuring");
    }
    store
}

async fn claim(store: &Store, now: Timestamp) -> Option<Lease> {
    let claimed = store.unit("claim", move |tx| jobs::claim(tx, "purge", now, LENGTH)).await;
    claimed.expect("the database answers")
}

async fn holds(store: &Store, lease: &Lease) -> bool {
    let lease = lease.clone();
    let holds = store.read("holds", move |tx| jobs::holds(tx, &lease)).await;
    holds.expect("the database answers")
}

async fn finish(store: &Store, lease: Lease, due_at: Timestamp) -> Result<bool, StoreError> {
    store.unit("finish", move |tx| jobs::finish(tx, &lease, due_at)).await
}

async fn a_job_has_one_holder(database: Arc<Database>) {
    let store = ready(&database).await;
    assert_eq!(claim(&store, START - Span::micros(1)).await, None, "not due");
    let lease = claim(&store, START).await.expect("due and free");
    assert_eq!((lease.until, lease.attempts), (START + LENGTH, 1));
    assert_eq!(claim(&store, START + Span::seconds(29)).await, None, "held");
    assert!(holds(&store, &lease).await);
    let next = START + Span::minutes(5);
    assert!(finish(&store, lease, next).await.expect("answers"));
    assert_eq!(claim(&store, START + Span::minutes(1)).await, None, "done for now");
    let again = claim(&store, next).await.expect("due again");
    assert_eq!(again.attempts, 1, "a run that ended well starts a new count");
}

async fn a_late_holder_is_fenced(database: Arc<Database>) {
    let store = ready(&database).await;
    let late = claim(&store, START).await.expect("due and free");
    let taken = claim(&store, START + LENGTH).await.expect("the lease ran out");
    assert!(taken.token > late.token && taken.attempts == 2);
    assert!(!holds(&store, &late).await);
    assert!(!finish(&store, late.clone(), START).await.expect("answers"));
    let failed = store.unit("fail", move |tx| jobs::fail(tx, &late, START, "late")).await;
    assert!(!failed.expect("answers"));
    assert!(holds(&store, &taken).await);
    assert!(finish(&store, taken, START).await.expect("answers"));
}

async fn a_failed_run_is_due_again(database: Arc<Database>) {
    let store = ready(&database).await;
    let lease = claim(&store, START).await.expect("due and free");
    let due_at = START + Span::seconds(10);
    let failed = store.unit("fail", move |tx| jobs::fail(tx, &lease, due_at, "no disk")).await;
    assert!(failed.expect("answers"));
    assert_eq!(claim(&store, START + Span::seconds(9)).await, None);
    let again = claim(&store, due_at).await.expect("due again");
    assert_eq!(again.attempts, 2);
}
