//! Checkpoints: in order, once each, for good.

use std::sync::Arc;

use domain::ids::LaneId;
use domain::journal::{Checkpoint, Head, RowHash};
use store::{Store, StoreError, checkpoints, journal};

use super::database::{Database, on_both};
use super::samples::{START, billed, settle};

on_both!(
    checkpoints_are_appended_once,
    checkpoints_are_append_only,
    a_signed_lane_is_unsigned_again_once_it_moves,
);

fn checkpoint(seq: i64, previous: RowHash) -> Checkpoint {
    let head = |lane| Head { lane: LaneId(lane), seq: seq * 10, hash: RowHash([lane as u8; 32]) };
    let heads = vec![head(1), head(2)];
    let hash = Checkpoint::hash_of(seq, START, &heads, 1, previous);
    Checkpoint { seq, at: START, heads, hash, key_version: 1, signature: vec![7; 64] }
}

async fn checkpoints_are_appended_once(database: Arc<Database>) {
    let store = database.open("a");
    let last = || store.read("last", checkpoints::last);
    assert_eq!(last().await.expect("reads"), None);
    let mut chain = Vec::new();
    for seq in 1..=5 {
        let previous = chain.last().map_or(Checkpoint::BEFORE_FIRST, |c: &Checkpoint| c.hash);
        let next = checkpoint(seq, previous);
        chain.push(next.clone());
        let inserted = store.unit("insert", move |tx| checkpoints::insert(tx, &next)).await;
        inserted.expect("the next number is free");
    }
    let again = chain[4].clone();
    let again = store.unit("again", move |tx| checkpoints::insert(tx, &again)).await;
    assert!(matches!(again, Err(StoreError::Refused(_))), "{again:?}");
    assert_eq!(last().await.expect("reads").as_ref(), chain.last());
    let page = store.read("page", |tx| checkpoints::page(tx, 1, 3)).await;
    assert_eq!(page.expect("reads"), chain[1..4]);
    assert!(chain[1].follows(chain[0].hash));
}

async fn checkpoints_are_append_only(database: Arc<Database>) {
    let store = database.open("a");
    let first = checkpoint(1, Checkpoint::BEFORE_FIRST);
    let inserted = store.unit("insert", move |tx| checkpoints::insert(tx, &first)).await;
    inserted.expect("the first number is free");
    for sql in ["UPDATE checkpoints SET at = 0", "DELETE FROM checkpoints"] {
        let refused = store.unit("tamper", move |tx| tx.execute(sql, &[])).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{sql}: {refused:?}");
    }
}

async fn a_signed_lane_is_unsigned_again_once_it_moves(database: Arc<Database>) {
    let store = database.open("a");
    assert_eq!(sign(&store, 1).await, 0, "nothing moved yet");
    settle(&store, &billed("1")).await;
    assert_eq!((sign(&store, 2).await, sign(&store, 3).await), (1, 0));
    settle(&store, &billed("2")).await;
    assert_eq!((sign(&store, 4).await, sign(&store, 5).await), (1, 0));
    let heads = store.read("heads", journal::heads).await.expect("reads");
    assert_eq!(heads.iter().map(|head| head.seq).sum::<i64>(), 2, "signed or not");
}

/// Makes a checkpoint of what moved; gives how many lanes that were.
async fn sign(store: &Store, seq: i64) -> usize {
    let signed = store.unit("sign", move |tx| {
        let heads = journal::unsigned_heads(tx)?;
        let signed = heads.len();
        checkpoints::insert(tx, &Checkpoint { heads, ..checkpoint(seq, RowHash([0; 32])) })?;
        Ok(signed)
    });
    signed.await.expect("the database answers")
}
