//! What the native surface keeps: tokens, the measured coverage, batches.

use std::sync::Arc;

use domain::batch::{Batch, BatchId, BatchState, Codes};
use domain::ids::{AppId, MerchantId};
use domain::merchant::Scope;
use domain::money::Amount;
use domain::time::Span;
use store::coverage::Count;
use store::tokens::Token;
use store::{Store, StoreError, Tx, batches, coverage, tokens};

use super::database::{Database, on_both};
use super::samples::{MERCHANT, PRICE, START, app, billed_at, failed, settle};

on_both!(
    a_token_holds_until_its_end,
    coverage_is_added_up_and_forgotten,
    a_chunk_is_worked_on_by_one_and_kept_once,
    a_batch_ends_with_the_bill_of_its_calls,
    a_name_stands_for_one_batch,
    rows_of_old_batches_are_forgotten,
);

async fn a_token_holds_until_its_end(database: Arc<Database>) {
    let store = database.open("a");
    let token = |byte, merchant, hours| Token {
        digest: [byte; 32],
        merchant: MerchantId(merchant),
        scope: if byte == 1 { Scope::Ingest } else { Scope::Own },
        created_at: START,
        ends_at: START + Span::hours(hours),
    };
    let all = [token(1, 7, 1), token(2, 7, 2), token(3, 8, 2)];
    let kept = all.clone();
    let keep = move |tx: &mut Tx<'_>| kept.iter().try_for_each(|token| tokens::insert(tx, token));
    store.unit("tokens", keep).await.expect("tokens are kept");
    let found = async |byte: u8, at| {
        store.read("find", move |tx| tokens::find(tx, &[byte; 32], at)).await.expect("reads")
    };
    let end = START + Span::hours(1);
    assert_eq!(found(1, end - Span::micros(1)).await.as_ref(), Some(&all[0]));
    assert_eq!((found(1, end).await, found(9, START).await), (None, None));
    let ended = store.unit("end", move |tx| tokens::end_all(tx, MerchantId(7), START)).await;
    assert_eq!(ended.expect("ends"), 2);
    assert_eq!((found(2, START).await, found(3, START).await.as_ref()), (None, Some(&all[2])));
    let purge = |at| store.unit("purge", move |tx| tokens::purge(tx, at, 10));
    assert_eq!(purge(START).await.expect("purges"), 2);
    assert_eq!(purge(START + Span::hours(2)).await.expect("purges"), 1);
}

async fn coverage_is_added_up_and_forgotten(database: Arc<Database>) {
    let store = database.open("a");
    let count = |hours, app: &str, code, calls| Count {
        at: START + Span::hours(hours),
        merchant: MERCHANT,
        app: AppId(app.to_owned()),
        code,
        calls,
    };
    let added =
        [count(0, "a", 0, 1), count(1, "a", 0, 2), count(1, "a", 0, 3), count(1, "b", 108, 4)];
    let since = START + Span::hours(1);
    let work = move |tx: &mut Tx<'_>| {
        added.iter().try_for_each(|count| coverage::add(tx, count))?;
        let found = coverage::since(tx, since)?;
        Ok((found, coverage::purge(tx, since)?, coverage::since(tx, START)?.len()))
    };
    let (found, purged, left) = store.unit("coverage", work).await.expect("counts");
    assert_eq!(found, [count(1, "a", 0, 5), count(1, "b", 108, 4)]);
    assert_eq!((purged, left), (1, 2));
}

fn batch(id: u8, rows: i64) -> Batch {
    Batch {
        id: BatchId([id; 16]),
        merchant: MERCHANT,
        app: app(),
        content: [id; 32],
        state: BatchState::Loading,
        rows,
        rows_done: 0,
        codes: Codes::default(),
        billed: 0,
        amount: Amount(0),
        created_at: START,
        ended_at: None,
    }
}

fn codes(code: i32, rows: i64) -> Codes {
    Codes([(code, rows)].into())
}

async fn run<T: Send + 'static>(
    store: &Store,
    work: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.unit("batch", work).await.expect("the unit works")
}

/// A batch of two chunks that may be run.
async fn started(store: &Store, id: u8) -> Batch {
    let batch = batch(id, 4);
    run(store, move |tx| {
        batches::insert(tx, &batch)?;
        (0..2).try_for_each(|chunk| batches::put_chunk(tx, batch.id, chunk, &[chunk as u8]))?;
        assert_eq!(batches::running(tx, 9)?, [], "it is not whole yet");
        assert_eq!(batches::start(tx, &batch, None)?, None);
        Ok(batches::running(tx, 9)?.remove(0))
    })
    .await
}

async fn a_chunk_is_worked_on_by_one_and_kept_once(database: Arc<Database>) {
    let store = database.open("a");
    let id = started(&store, 1).await.id;
    let claim = async |second| {
        let now = START + Span::seconds(second);
        let claimed = run(&store, move |tx| batches::claim_chunk(tx, id, now, Span::seconds(5)));
        claimed.await.map(|lease| (lease.chunk, lease.input))
    };
    assert_eq!(claim(0).await, Some((0, vec![0])));
    assert_eq!(claim(0).await, Some((1, vec![1])));
    assert_eq!(claim(4).await, None, "both are being worked on");
    run(&store, move |tx| batches::release_chunk(tx, id, 1)).await;
    assert_eq!(claim(4).await, Some((1, vec![1])), "it was given back");
    assert_eq!(claim(5).await, Some((0, vec![0])), "its time was over");
    for (output, code) in [(7, 0), (8, 109)] {
        let codes = codes(code, 2);
        run(&store, move |tx| batches::finish_chunk(tx, (id, 0), &[output], &codes)).await;
    }
    let (found, outputs) = run(&store, move |tx| {
        let outputs = [batches::output(tx, id, 0)?, batches::output(tx, id, 1)?];
        Ok((batches::find(tx, id)?, outputs))
    })
    .await;
    let found = found.expect("it is there");
    assert_eq!((found.rows_done, found.codes), (2, codes(0, 2)), "the second came too late");
    assert_eq!(outputs, [Some(vec![7]), None]);
}

async fn a_batch_ends_with_the_bill_of_its_calls(database: Arc<Database>) {
    let store = database.open("a");
    let batch = started(&store, 1).await;
    let id = batch.id;
    let other = BatchId([2; 16]);
    for key in [id.key(1), id.key(2), other.key(1)] {
        settle(&store, &billed_at(key.as_str(), START + Span::seconds(1))).await;
    }
    settle(&store, &failed(id.key(3).as_str())).await;
    let bill = async |batch: &Batch, until| {
        let (batch, time) = (batch.clone(), (START, START + Span::seconds(until)));
        run(&store, move |tx| batches::bill(tx, &batch, time)).await
    };
    let billed = bill(&batch, 1).await;
    assert_eq!(billed, (2, Amount(2 * PRICE.0)));
    assert_eq!(bill(&batch, 0).await, (0, Amount(0)), "of that time");
    let finish = async || run(&store, move |tx| batches::finish(tx, id, billed, START)).await;
    assert!(!finish().await, "rows are left");
    for chunk in 0..2 {
        run(&store, move |tx| batches::finish_chunk(tx, (id, chunk), &[], &codes(0, 2))).await;
    }
    assert!(finish().await);
    assert!(!finish().await, "once");
    let found = run(&store, move |tx| batches::find(tx, id)).await.expect("it is there");
    assert_eq!((found.state, found.billed, found.amount), (BatchState::Done, 2, billed.1));
    assert_eq!(found.ended_at, Some(START));
}

async fn a_name_stands_for_one_batch(database: Arc<Database>) {
    let store = database.open("a");
    let start = async |id: u8, name: Option<u8>| {
        let batch = batch(id, 1);
        run(&store, move |tx| {
            batches::insert(tx, &batch)?;
            batches::start(tx, &batch, name.map(|byte| [byte; 32]).as_ref())
        })
        .await
        .map(|other| other.id.0[0])
    };
    assert_eq!(start(1, Some(5)).await, None);
    assert_eq!(start(2, Some(5)).await, Some(1));
    assert_eq!(
        (start(3, Some(6)).await, start(4, None).await, start(5, None).await),
        (None, None, None)
    );
}

async fn rows_of_old_batches_are_forgotten(database: Arc<Database>) {
    let store = database.open("a");
    let done = started(&store, 1).await.id;
    run(&store, move |tx| {
        let all = codes(0, 2);
        (0..2).try_for_each(|chunk| batches::finish_chunk(tx, (done, chunk), &[1], &all))?;
        assert!(batches::finish(tx, done, (4, Amount(4)), START)?);
        let cut_off = batch(9, 1);
        batches::insert(tx, &cut_off)?;
        batches::put_chunk(tx, cut_off.id, 0, &[1])
    })
    .await;
    started(&store, 2).await;
    let purge = async |until, limit| run(&store, move |tx| batches::purge(tx, until, limit)).await;
    assert_eq!(purge(START, 9).await, 0, "not yet");
    let later = START + Span::micros(1);
    assert_eq!((purge(later, 2).await, purge(later, 9).await), (2, 1), "the running one stays");
    let (found, output, cut_off) = run(&store, move |tx| {
        let output = batches::output(tx, done, 0)?;
        Ok((batches::find(tx, done)?, output, batches::find(tx, BatchId([9; 16]))?))
    })
    .await;
    assert_eq!((found.expect("the bill stays").billed, output, cut_off), (4, None, None));
}
