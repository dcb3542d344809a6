//! What becomes of calls that ask to be settled.

use std::sync::Arc;

use domain::call::{Call, Fingerprint, LimitMet, Settled};
use domain::ids::{BizId, MerchantId};
use domain::time::Span;
use store::{answers, calls};
use tokio::task::JoinSet;

use super::database::{Database, blocking, on_both};
use super::samples::{
    START, billed, billed_at, daily, failed, held, limited, post, replay_of, resolution, resolve,
    settle, used,
};

on_both!(
    a_repeat_gets_the_same_bytes,
    a_key_belongs_to_its_content_and_merchant,
    a_purged_answer_is_gone,
    an_error_is_tried_again_and_counted_once,
    an_explanation_is_kept_with_its_call,
    a_group_of_mixed_outcomes,
    copies_in_one_queue_wait_for_the_first,
);

async fn a_repeat_gets_the_same_bytes(database: Arc<Database>) {
    let store = database.open("a");
    let first = billed("k");
    let is_claimed = || {
        let name = billed("k").name;
        store.read("claimed", move |tx| calls::is_claimed(tx, &name))
    };
    assert!(!is_claimed().await.expect("reads"));
    assert_eq!(settle(&store, &first).await, Settled::Done);
    assert!(is_claimed().await.expect("reads"));
    for _ in 0..3 {
        assert_eq!(settle(&store, &billed("k")).await, replay_of(&first));
    }
    blocking(|| store.close());
    let reopened = database.open("b");
    assert_eq!(settle(&reopened, &billed("k")).await, replay_of(&first));
}

async fn a_key_belongs_to_its_content_and_merchant(database: Arc<Database>) {
    let store = database.open("a");
    assert_eq!(settle(&store, &billed("k")).await, Settled::Done);
    let mut other = billed("k");
    other.fingerprint = Fingerprint([2; 32]);
    assert_eq!(settle(&store, &other).await, Settled::KeyReused);
    other.name.merchant = MerchantId(8);
    assert_eq!(settle(&store, &other).await, Settled::Done);
}

async fn a_purged_answer_is_gone(database: Arc<Database>) {
    let store = database.open("a");
    let (old, young) = (billed("old"), billed_at("young", START + Span::hours(72)));
    for call in [&old, &young] {
        assert_eq!(settle(&store, call).await, Settled::Done);
    }
    let purge = |limit| {
        let bound = BizId::lower_bound(START + Span::hours(1));
        store.unit("purge", move |tx| answers::purge(tx, bound, limit))
    };
    assert_eq!(purge(0).await.expect("purges"), 0, "a chunk has its limit");
    assert_eq!(purge(10).await.expect("purges"), 1);
    assert_eq!(settle(&store, &billed("old")).await, Settled::AnswerGone);
    assert_eq!(settle(&store, &billed("young")).await, replay_of(&young));
}

async fn an_error_is_tried_again_and_counted_once(database: Arc<Database>) {
    let store = database.open("a");
    let limits = daily(2);
    for _ in 0..3 {
        assert_eq!(settle(&store, &limited(failed("k"), limits)).await, Settled::Done);
    }
    let last = limited(billed("k"), limits);
    assert_eq!(settle(&store, &last).await, Settled::Done);
    assert_eq!(used(&store, "daily").await, 1);
    assert_eq!(settle(&store, &limited(failed("k"), limits)).await, replay_of(&last));
    let final_count = store.read("count", calls::final_count).await;
    assert_eq!(final_count.expect("reads"), 1);
    let unmatched = store.read("check", |tx| calls::unmatched(tx, 9)).await;
    assert_eq!(unmatched.expect("reads"), []);
}

async fn an_explanation_is_kept_with_its_call(database: Arc<Database>) {
    let store = database.open("a");
    let call = billed("k");
    settle(&store, &call).await;
    let read = |biz| store.read("explain", move |tx| calls::explanation(tx, biz));
    let expected = format!("explanation of {}", call.biz).into_bytes();
    assert_eq!(read(call.biz).await.expect("reads"), Some(expected));
    let nobody = BizId::lower_bound(START);
    assert_eq!(read(nobody).await.expect("reads"), None);
}

/// Everything at once, in whatever groups it comes to be drawn.
async fn a_group_of_mixed_outcomes(database: Arc<Database>) {
    let store = database.open("a");
    let (done, open, error) = (billed("done"), held("open"), failed("error"));
    for call in [&done, &open, &error] {
        assert_eq!(settle(&store, call).await, Settled::Done);
    }
    let mut reused = billed("done");
    reused.fingerprint = Fingerprint([2; 32]);
    let mut foreign = resolution(&open, post(&open).result);
    foreign.biz = done.biz;
    let mut expected: Vec<(Call, Settled)> = vec![
        (billed("done"), replay_of(&done)),
        (reused, Settled::KeyReused),
        (billed("open"), Settled::Running),
        (billed("error"), Settled::Done),
        (limited(billed("limited"), daily(0)), Settled::Refused(LimitMet::Daily)),
    ];
    expected.extend((0..40).map(|at| (billed(&format!("new {at}")), Settled::Done)));
    let mut tasks = JoinSet::new();
    for (call, settled) in expected {
        let store = store.clone();
        tasks.spawn(async move { assert_eq!(settle(&store, &call).await, settled, "{call:?}") });
    }
    let fenced = store.clone();
    tasks.spawn(async move { assert_eq!(resolve(&fenced, foreign).await, Settled::Fenced) });
    tasks.join_all().await;
    assert_eq!(resolve(&store, post(&open)).await, Settled::Done);
}

/// More copies than a group holds: none may be lost on the way.
async fn copies_in_one_queue_wait_for_the_first(database: Arc<Database>) {
    let store = database.open("a");
    let mut tasks = JoinSet::new();
    for at in 0..1_500 {
        let store = store.clone();
        let call = billed(&format!("k{}", at / 3));
        tasks.spawn(async move { settle(&store, &call).await });
    }
    let settled = tasks.join_all().await;
    let done = settled.iter().filter(|end| **end == Settled::Done).count();
    let replayed = |end: &&Settled| matches!(end, Settled::Replayed { .. });
    assert_eq!((done, settled.iter().filter(replayed).count()), (500, 1_000));
}
