//! Wrong passwords in a row.

use std::sync::Arc;

use domain::session::credit::{LOCK_LENGTH, LoginLock};
use store::Store;
use store::login_locks::{self, LockKey};

use super::database::{Database, on_both};
use super::samples::{MERCHANT, START};

on_both!(attempts_of_one_account_are_counted_one_by_one, old_attempts_are_purged);

fn key(login: u8) -> LockKey {
    LockKey { merchant: MERCHANT, login: [login; 32] }
}

/// Counts an attempt; says whether it may be made.
async fn attempt(store: &Store, login: u8) -> bool {
    let unit = store.unit("try_login", move |tx| {
        let Some(lock) = login_locks::get(tx, &key(login))?.tried(START) else { return Ok(false) };
        login_locks::put(tx, &key(login), lock)?;
        Ok(true)
    });
    unit.await.expect("an attempt is counted")
}

async fn attempts_of_one_account_are_counted_one_by_one(database: Arc<Database>) {
    let stores = [database.open("a"), database.open("b")];
    let mut running = tokio::task::JoinSet::new();
    for at in 0..16 {
        let store = stores[at % 2].clone();
        running.spawn(async move { attempt(&store, 1).await });
    }
    let tried = running.join_all().await.into_iter().filter(|tried| *tried).count();
    assert_eq!(tried, 5, "of 16 at once on two nodes");
    assert!(attempt(&stores[0], 2).await, "another account is free");
}

async fn old_attempts_are_purged(database: Arc<Database>) {
    let store = database.open("a");
    assert!(attempt(&store, 1).await);
    for (before, purged) in [(START, 0), (START + LOCK_LENGTH, 1)] {
        let unit = store.unit("purge", move |tx| login_locks::purge(tx, before, 10));
        assert_eq!(unit.await.expect("purges"), purged);
    }
    let left = store.read("lock", |tx| login_locks::get(tx, &key(1))).await;
    assert_eq!(left.expect("is read"), LoginLock::NONE);
}
