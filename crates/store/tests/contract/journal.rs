//! The journal as it is read and verified.

use std::sync::Arc;

use domain::call::Settled;
use domain::ids::{LaneId, MerchantId};
use domain::journal::{Entry, Fault, Head, LaneWalk, lane_genesis};
use domain::money::Amount;
use domain::time::Span;
use store::{Store, StoreError, journal};
use tokio::task::JoinSet;

use super::database::{Database, blocking, on_both};
use super::samples::{
    MERCHANT, PRICE, START, billed, billed_at, failed, held, post, resolve, settle,
};

on_both!(
    every_lane_verifies,
    a_process_start_opens_lanes_of_its_own,
    a_merchants_entries_come_in_pages,
    sums_are_the_journals_own,
    usage_counts_keys_and_bills_by_day,
    the_journal_is_append_only,
    what_cannot_be_is_found,
);

/// Walks every lane in small pages; gives the number of rows.
pub(super) async fn verify(store: &Store) -> i64 {
    store
        .read("verify", |tx| {
            let mut rows = 0;
            for lane in journal::lanes(tx)? {
                let genesis = lane_genesis(lane.id, &lane.node, lane.opened_at);
                let mut walk = LaneWalk::new(lane.id, genesis);
                loop {
                    let page = journal::page(tx, lane.id, walk.seq(), 7)?;
                    let faults: Vec<Fault> = page.iter().flat_map(|row| walk.step(row)).collect();
                    assert_eq!(faults, [], "lane {}", lane.id);
                    if page.is_empty() {
                        break;
                    }
                }
                rows += walk.seq();
            }
            assert_eq!(journal::unopened_lanes(tx)?, []);
            assert_eq!(journal::billed_twice(tx, 9)?, []);
            assert_eq!(store::calls::unmatched(tx, 9)?, []);
            Ok(rows)
        })
        .await
        .expect("the journal is read")
}

async fn fill(store: &Store, name: &str, calls: usize) {
    let mut tasks = JoinSet::new();
    for at in 0..calls {
        let (store, call) = (store.clone(), billed(&format!("{name} {at}")));
        tasks.spawn(async move { assert_eq!(settle(&store, &call).await, Settled::Done) });
    }
    tasks.join_all().await;
}

async fn every_lane_verifies(database: Arc<Database>) {
    let store = database.open("a");
    fill(&store, "k", 60).await;
    let call = held("held");
    settle(&store, &call).await;
    resolve(&store, post(&call)).await;
    settle(&store, &failed("failed")).await;
    settle(&store, &billed("k 1")).await;
    assert_eq!(verify(&store).await, 63, "a replay leaves no row");
}

async fn a_process_start_opens_lanes_of_its_own(database: Arc<Database>) {
    for node in ["first", "second"] {
        let store = database.open(node);
        fill(&store, node, 5).await;
        blocking(|| store.close());
    }
    let store = database.open("reader");
    assert_eq!(verify(&store).await, 10);
    let (lanes, heads) = store
        .read("lanes", |tx| Ok((journal::lanes(tx)?, journal::heads(tx)?)))
        .await
        .expect("reads");
    for node in ["first", "second"] {
        assert!(lanes.iter().any(|lane| lane.node == node && lane.opened_at == START));
    }
    let lane_ids: Vec<LaneId> = lanes.iter().map(|lane| lane.id).collect();
    assert_eq!(heads.iter().map(|head| head.lane).collect::<Vec<_>>(), lane_ids);
    assert_eq!(heads.iter().map(|head| head.seq).sum::<i64>(), 10);
    store
        .read("hashes", move |tx| {
            for Head { lane, seq, hash } in heads.clone() {
                assert_eq!(journal::row_hash(tx, lane, seq)?, Some(hash));
                assert_eq!(journal::row_hash(tx, lane, seq + 1)?, None);
            }
            Ok(())
        })
        .await
        .expect("reads");
}

async fn a_merchants_entries_come_in_pages(database: Arc<Database>) {
    let store = database.open("a");
    for at in 0..9 {
        let call = billed_at(&format!("k{at}"), START + Span::seconds(at / 2));
        settle(&store, &call).await;
    }
    let call = held("held");
    settle(&store, &call).await;
    resolve(&store, post(&call)).await;
    let mut foreign = billed("foreign");
    foreign.name.merchant = MerchantId(8);
    settle(&store, &foreign).await;
    let period = (START, START + Span::seconds(4));
    let mut found: Vec<Entry> = Vec::new();
    loop {
        let after = found.last().cloned();
        let page = store
            .read("page", move |tx| journal::of_merchant(tx, MERCHANT, period, after.as_ref(), 3))
            .await
            .expect("reads");
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(found.len(), 10, "without the ninth call, which is too late");
    let order = |entry: &Entry| (entry.at, entry.biz, entry.phase.to_db());
    assert!(found.is_sorted_by(|a, b| order(a) < order(b)));
    assert!(found.iter().all(|entry| entry.merchant == MERCHANT));
}

async fn sums_are_the_journals_own(database: Arc<Database>) {
    let store = database.open("a");
    fill(&store, "k", 4).await;
    settle(&store, &failed("failed")).await;
    let mut foreign = billed("foreign");
    foreign.name.merchant = MerchantId(8);
    settle(&store, &foreign).await;
    let sums = store.read("sums", journal::sums).await.expect("reads");
    let expected = [(MERCHANT, 4, Amount(4 * PRICE.0)), (MerchantId(8), 1, PRICE)];
    assert_eq!(sums, expected);
}

async fn usage_counts_keys_and_bills_by_day(database: Arc<Database>) {
    let store = database.open("a");
    let midnight = START.shanghai_day().next().shanghai_start();
    let (today, tomorrow) = (midnight - Span::micros(1), midnight);
    for (key, at) in [("today", today), ("tomorrow", tomorrow), ("also", tomorrow)] {
        settle(&store, &billed_at(key, at)).await;
    }
    for call in [failed("again"), failed("again"), billed("again"), held("open")] {
        settle(&store, &call).await;
    }
    let mut usage = store.read("usage", journal::usage).await.expect("reads");
    usage.sort_by_key(|usage| usage.day);
    let found: Vec<_> = usage.iter().map(|u| (u.merchant, u.day, u.keys, u.billed)).collect();
    let day = i64::from(START.shanghai_day().0);
    // Today: a bill, an error with its bill, and a hold that may become one.
    assert_eq!(found, [(MERCHANT.0, day, 3, 3), (MERCHANT.0, day + 1, 2, 2)]);
}

async fn the_journal_is_append_only(database: Arc<Database>) {
    let store = database.open("a");
    fill(&store, "k", 3).await;
    let mut statements = vec!["UPDATE journal SET amount = 0", "DELETE FROM journal"];
    if !database.is_sqlite() {
        statements.push("TRUNCATE journal");
    }
    for sql in statements {
        let refused = store.unit("tamper", move |tx| tx.execute(sql, &[])).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{sql}: {refused:?}");
    }
    assert_eq!(verify(&store).await, 3);
}

/// The checks that stay silent above do speak.
async fn what_cannot_be_is_found(database: Arc<Database>) {
    let store = database.open("a");
    fill(&store, "k", 3).await;
    store
        .unit("tamper", |tx| {
            tx.execute("UPDATE calls SET code = 10 WHERE key = 'k 0'", &[])?;
            tx.execute("DELETE FROM calls WHERE key = 'k 2'", &[])?;
            tx.execute(
                "INSERT INTO journal SELECT 999, seq, at, phase, merchant, product, app, key, biz,
                        code, billed, amount, hash FROM journal WHERE key = 'k 1'",
                &[],
            )
        })
        .await
        .expect("rows can be added past the store");
    let name = |key: &str| vec![(MERCHANT.0, "finplus.score".to_owned(), key.to_owned())];
    let (unopened, twice, unmatched) = store
        .read("check", |tx| {
            let unmatched = store::calls::unmatched(tx, 9)?;
            Ok((journal::unopened_lanes(tx)?, journal::billed_twice(tx, 9)?, unmatched))
        })
        .await
        .expect("reads");
    assert_eq!(unopened, [LaneId(999)]);
    assert_eq!((twice, unmatched), (name("k 1"), name("k 0")));
    let unclaimed = store.read("check", |tx| store::calls::unclaimed_bills(tx, 9)).await;
    assert_eq!(unclaimed.expect("reads"), name("k 2"));
}
