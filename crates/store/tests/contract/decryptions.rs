//! Texts that did not decrypt.

use std::sync::Arc;

use domain::ids::MerchantId;
use domain::time::{Span, Timestamp};
use store::decryptions;

use super::database::{Database, on_both};
use super::samples::{MERCHANT, START};

on_both!(failures_are_each_merchants_and_of_a_window);

fn at(second: i64) -> Timestamp {
    START + Span::seconds(second)
}

async fn failures_are_each_merchants_and_of_a_window(database: Arc<Database>) {
    let stores = [database.open("a"), database.open("b")];
    for second in [1, 2, 2, 3] {
        let note = move |tx: &mut store::Tx<'_>| decryptions::note_failed(tx, MERCHANT, at(second));
        stores[second as usize % 2].unit("note", note).await.expect("is noted");
    }
    let failed = async |merchant, since, limit| {
        let found =
            stores[0].read("failed", move |tx| decryptions::failed(tx, merchant, at(since), limit));
        found.await.expect("reads")
    };
    assert_eq!(failed(MERCHANT, 0, 9).await, [at(3), at(2), at(1)]);
    assert_eq!(failed(MERCHANT, 1, 9).await, [at(3), at(2)], "after, not at");
    assert_eq!(failed(MERCHANT, 0, 1).await, [at(3)], "the latest");
    assert_eq!(failed(MerchantId(MERCHANT.0 + 1), 0, 9).await, []);
    let purge = async |second, limit| {
        let purge = stores[1].unit("purge", move |tx| decryptions::purge(tx, at(second), limit));
        purge.await.expect("purges")
    };
    assert_eq!((purge(1, 9).await, purge(3, 1).await, purge(3, 9).await), (0, 1, 1));
    assert_eq!(failed(MERCHANT, 0, 9).await, [at(3)]);
}
