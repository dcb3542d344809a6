//! The blacklist: entries per hash and source, followed by every node, marked, and gone in time.

use std::sync::Arc;

use domain::blacklist::{KeyKind, ListedHash, Listing, Reason};
use domain::time::{Span, Timestamp};
use store::blacklist::{self, Mark};
use store::{Store, Tx};
use tokio::task::JoinSet;

use super::database::{Database, on_both};
use super::samples::START;

on_both!(
    entries_are_kept_per_source_and_marked,
    additions_are_seen_in_the_order_of_their_numbers,
    entries_go_when_their_time_is_over,
);

fn listing(hash: u16, source: &str, until: Timestamp) -> Listing {
    let mut bytes = [7; 16];
    bytes[..2].copy_from_slice(&hash.to_be_bytes());
    Listing {
        hash: ListedHash(bytes),
        kind: KeyKind::Mobile,
        source: source.to_owned(),
        reason: Reason::Fraud,
        from: START,
        until,
        listed_at: START,
        removed_at: None,
        disputed_at: None,
    }
}

async fn put(store: &Store, listings: Vec<Listing>) {
    let put = move |tx: &mut Tx<'_>| blacklist::put(tx, listings.clone());
    store.bulk("put", put).await.expect("entries are kept");
}

async fn find(store: &Store, hash: ListedHash) -> Vec<Listing> {
    let other = listing(9999, "", START).hash;
    let found = store.read("find", move |tx| blacklist::find(tx, &[other, hash, hash])).await;
    found.expect("reads")
}

async fn entries_are_kept_per_source_and_marked(database: Arc<Database>) {
    let store = database.open("a");
    let until = START + Span::days(1);
    let (one, other) = (listing(1, "court", until), listing(1, "bank", until));
    let twice = Listing { reason: Reason::Court, ..one.clone() };
    put(&store, vec![one.clone(), other.clone(), listing(2, "court", until), twice.clone()]).await;
    assert_eq!(find(&store, one.hash).await, [other.clone(), twice.clone()]);
    assert_eq!(find(&store, listing(3, "", until).hash).await, []);

    let (hash, at) = (one.hash, START + Span::seconds(1));
    let marked = store.unit("mark", move |tx| {
        Ok([
            blacklist::set_mark(tx, Mark::Removed, &hash, "court", Some(at))?,
            blacklist::set_mark(tx, Mark::Removed, &hash, "nobody", Some(at))?,
            blacklist::set_mark(tx, Mark::Disputed, &hash, "", Some(at))?,
            blacklist::set_mark(tx, Mark::Disputed, &hash, "bank", None)?,
        ])
    });
    assert_eq!(marked.await.expect("marks"), [1, 0, 2, 1]);
    // What was removed and is loaded again takes the new time, and stays removed.
    let longer = Listing { until: until + Span::days(1), ..twice };
    put(&store, vec![longer.clone()]).await;
    let removed = Listing { removed_at: Some(at), disputed_at: Some(at), ..longer };
    assert_eq!(find(&store, hash).await, [other, removed]);
    let (count, newest) = store
        .read("newest", |tx| Ok((blacklist::count(tx)?, blacklist::newest(tx, 1)?)))
        .await
        .expect("reads");
    assert_eq!((count, newest), (3, vec![listing(2, "court", until)]));
}

/// Whoever follows the numbers misses nothing, however many add at once.
async fn additions_are_seen_in_the_order_of_their_numbers(database: Arc<Database>) {
    let (one, other) = (database.open("a"), database.open("b"));
    let mut adding = JoinSet::new();
    for task in 0..4_u16 {
        let store = if task % 2 == 0 { one.clone() } else { other.clone() };
        adding.spawn(async move {
            for at in 0..20 {
                let hash = |row| (task * 20 + at) * 100 + row;
                put(&store, (0..100).map(|row| listing(hash(row), "s", START)).collect()).await;
            }
        });
    }
    let mut seen = std::collections::HashSet::new();
    let mut last = 0;
    while !adding.is_empty() || last < 8000 {
        while adding.try_join_next().is_some_and(|added| added.is_ok()) {}
        let since = one.read("since", move |tx| blacklist::since(tx, last, 500));
        for (seq, hash) in since.await.expect("reads") {
            assert!(seq > last, "{seq} after {last}");
            last = seq;
            assert!(seen.insert(hash), "seen twice");
        }
        assert!(last < 8000 || seen.len() == 8000, "{} of 8000 at {last}", seen.len());
    }
}

async fn entries_go_when_their_time_is_over(database: Arc<Database>) {
    let store = database.open("a");
    let at = |second| START + Span::seconds(second);
    put(&store, (0..5).map(|n| listing(n, "s", at(i64::from(n)))).collect()).await;
    let purge = |now, limit| store.unit("purge", move |tx| blacklist::purge(tx, now, limit));
    assert_eq!(purge(at(2), 2).await.expect("purges"), 2);
    assert_eq!(purge(at(2), 2).await.expect("purges"), 1);
    assert_eq!(find(&store, listing(2, "s", at(2)).hash).await, []);
    assert_eq!(find(&store, listing(3, "s", at(3)).hash).await.len(), 1);
    // A number is never given twice, even when the newest entries went.
    assert_eq!(purge(at(9), 9).await.expect("purges"), 2);
    put(&store, vec![listing(0, "s", at(60))]).await;
    let found = store.read("since", |tx| blacklist::since(tx, 0, 9)).await.expect("reads");
    assert_eq!(found.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [6]);
}
