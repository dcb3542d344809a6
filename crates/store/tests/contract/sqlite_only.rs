//! What only SQLite has: backups, and a COMMIT that fails by itself.

use std::sync::Arc;
use std::time::Duration;

use domain::call::Settled;
use store::{DatabaseUrl, StoreError, backup, settings};

use super::database::{Database, blocking, on_sqlite};
use super::journal::verify;
use super::samples::{billed, replay_of, settle};

#[test]
fn a_backup_is_a_whole_database() {
    on_sqlite(backup_under_way);
}

async fn backup_under_way(database: Arc<Database>) {
    let store = database.open("a");
    let call = billed("k");
    settle(&store, &call).await;
    let DatabaseUrl::Sqlite(from) = database.url.clone() else { panic!("opened on SQLite") };
    let to = database.path("backup.db");
    blocking(|| backup::copy(&from, &to)).expect("a running database is copied");
    settle(&store, &billed("after the backup")).await;
    assert_eq!(backup::check(&to).expect("the copy opens"), Vec::<String>::new());
    blocking(|| store.close());
    std::fs::copy(&to, &from).expect("the copy is put back");
    for log in ["probity.db-wal", "probity.db-shm"] {
        drop(std::fs::remove_file(database.path(log)));
    }
    let restored = database.open("b");
    assert_eq!(verify(&restored).await, 1);
    assert_eq!(settle(&restored, &billed("k")).await, replay_of(&call));
    assert_eq!(settle(&restored, &billed("after the backup")).await, Settled::Done);
}

#[test]
fn a_commit_that_fails_is_told_to_everybody() {
    on_sqlite(failed_commit);
}

/// A foreign key that is looked at by COMMIT alone makes one fail.
async fn failed_commit(database: Arc<Database>) {
    let store = database.open("a");
    let call = billed("k");
    settle(&store, &call).await;
    let table = "CREATE TABLE bad (a INTEGER REFERENCES settings (name)
                                     DEFERRABLE INITIALLY DEFERRED)";
    store.unit("table", move |tx| tx.execute(table, &[])).await.expect("a table");
    for repeat in [billed("k"), billed("new")] {
        // Something slow first, so that the call and the bad unit share the next group.
        let slow = store.unit("slow", |tx| {
            tx.execute("UPDATE settings SET value = value", &[])?;
            std::thread::park_timeout(Duration::from_millis(200));
            settings::set(tx, "slow", "done")
        });
        let pause = tokio::time::timeout(Duration::from_millis(50), std::future::pending::<()>());
        let bad = async {
            drop(pause.await);
            let bad = store.unit("bad", |tx| tx.execute("INSERT INTO bad VALUES ('none')", &[]));
            tokio::join!(bad, store.settle(repeat.clone()))
        };
        let (slow, (bad, settled)) = tokio::join!(slow, bad);
        slow.expect("it was in a group of its own");
        assert!(matches!(bad, Err(StoreError::Refused(_))), "{bad:?}");
        assert!(settled.is_err(), "not kept: {settled:?}");
    }
    assert_eq!(settle(&store, &billed("k")).await, replay_of(&call));
    assert_eq!(settle(&store, &billed("new")).await, Settled::Done);
    assert_eq!(verify(&store).await, 2);
    let left = store.read("left", |tx| tx.query("SELECT * FROM bad", &[])).await;
    assert_eq!(left.expect("reads"), []);
}
