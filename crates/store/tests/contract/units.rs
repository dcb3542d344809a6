//! Units of work: all or nothing, one after the other.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::call::Settled;
use store::{Store, StoreError, settings};
use tokio::task::JoinSet;

use super::database::{Database, blocking, on_both};
use super::samples::{billed, replay_of, settle};

on_both!(
    a_unit_that_fails_keeps_nothing,
    a_unit_that_a_statement_fails_keeps_nothing,
    a_read_cannot_write,
    units_on_two_nodes_lose_no_update,
    closing_waits_for_what_was_given,
    a_lost_connection_is_replaced,
    a_unit_that_panics_harms_nobody_else,
);

async fn setting(store: &Store, name: &'static str) -> Option<String> {
    let read = store.read("setting", move |tx| settings::get(tx, name)).await;
    read.expect("the database answers")
}

async fn a_unit_that_fails_keeps_nothing(database: Arc<Database>) {
    let store = database.open("a");
    let failed: Result<(), StoreError> = store
        .unit("fails", |tx| {
            settings::set(tx, "half", "done")?;
            Err(StoreError::Corrupt("the other half".to_owned()))
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Corrupt(text)) if text == "the other half"));
    assert_eq!(setting(&store, "half").await, None);
}

async fn a_unit_that_a_statement_fails_keeps_nothing(database: Arc<Database>) {
    let store = database.open("a");
    for work in [store.unit("twice", twice).await, store.bulk("twice", twice).await] {
        assert!(matches!(work, Err(StoreError::Refused(_))), "{work:?}");
    }
    assert_eq!(setting(&store, "half").await, None);
}

async fn a_unit_that_panics_harms_nobody_else(database: Arc<Database>) {
    let store = database.open("a");
    let failed: Result<(), StoreError> = store
        .unit("panics", |tx| {
            settings::set(tx, "half", "done")?;
            panic!("on purpose")
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Corrupt(_))), "{failed:?}");
    assert_eq!(setting(&store, "half").await, None);
    let after = store.unit("after", |tx| settings::set(tx, "whole", "done")).await;
    assert!(after.is_ok(), "the thread lives on");
}

fn twice(tx: &mut store::Tx<'_>) -> Result<u64, StoreError> {
    settings::set(tx, "half", "done")?;
    tx.execute("INSERT INTO settings (name, value) VALUES ('half', '')", &[])
}

async fn a_read_cannot_write(database: Arc<Database>) {
    let store = database.open("a");
    let refused = store.read("write", |tx| settings::set(tx, "a", "b")).await;
    assert!(refused.is_err());
    assert_eq!(setting(&store, "a").await, None, "and the reader is still of use");
}

/// Each unit reads and then writes: on PostgreSQL they collide and are run again.
async fn units_on_two_nodes_lose_no_update(database: Arc<Database>) {
    let stores = [database.open("a"), database.open("b")];
    let mut tasks = JoinSet::new();
    for at in 0..40 {
        let store = stores[at % 2].clone();
        tasks.spawn(async move {
            let touched = store.unit("touch", settings::touch_configuration).await;
            touched.expect("a collision is tried again");
        });
    }
    tasks.join_all().await;
    assert_eq!(setting(&stores[0], settings::CONFIGURATION_VERSION).await.as_deref(), Some("40"));
}

async fn closing_waits_for_what_was_given(database: Arc<Database>) {
    let store = database.open("a");
    let mut tasks = JoinSet::new();
    for at in 0..50 {
        let store = store.clone();
        tasks.spawn(async move { settle(&store, &billed(&at.to_string())).await });
    }
    tasks.join_all().await;
    let stats = store.stats();
    assert_eq!(stats.calls.load(Ordering::Relaxed), 50);
    assert!((1..=50).contains(&stats.groups.load(Ordering::Relaxed)));
    blocking(|| store.close());
    let reopened = database.open("b");
    let settled = settle(&reopened, &billed("1")).await;
    assert!(matches!(settled, Settled::Replayed { .. }), "{settled:?}");
}

/// A server that was restarted, or took over, is met by connections that do not know it yet.
async fn a_lost_connection_is_replaced(database: Arc<Database>) {
    if database.is_sqlite() {
        return;
    }
    let store = database.open("a");
    for round in 0..3 {
        let call = billed(&round.to_string());
        assert_eq!(settle(&store, &call).await, Settled::Done);
        store.unit("touch", settings::touch_configuration).await.expect("a unit");
        blocking(|| {
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            database.client().batch_execute(sql).expect("a superuser may");
        });
        assert_eq!(settle(&store, &billed(&round.to_string())).await, replay_of(&call));
        store.unit("touch", settings::touch_configuration).await.expect("a unit after it");
        assert!(store.find(domain::subject::IdHash([1; 32]), call.at).await.is_ok());
    }
    assert_eq!(setting(&store, settings::CONFIGURATION_VERSION).await.as_deref(), Some("6"));
}
