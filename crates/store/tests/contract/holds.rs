//! Calls whose bytes leave the process: held, then resolved.

use std::sync::Arc;

use domain::call::{LimitMet, Resolved, Settled};
use domain::ids::BizId;
use domain::time::Span;

use store::calls::OrphanedHold;
use store::resolutions::{self, NotedResolution};

use super::database::{Database, on_both};
use super::samples::{
    START, Sequence, billed, failed, held, limited, package, post, resolution, resolve, settle,
    used,
};

on_both!(
    a_held_key_runs_until_it_is_posted,
    a_void_frees_key_and_package,
    an_unknown_outcome_keeps_key_and_package,
    a_post_without_a_bill_gives_the_package_back,
    only_the_holder_resolves,
    a_failed_key_can_be_held,
    a_hold_without_a_session_is_found,
    what_was_said_of_a_call_stands,
);

async fn a_held_key_runs_until_it_is_posted(database: Arc<Database>) {
    let store = database.open("a");
    let call = held("k");
    assert_eq!(settle(&store, &call).await, Settled::Done);
    assert_eq!(settle(&store, &held("k")).await, Settled::Running);
    assert_eq!(resolve(&store, post(&call)).await, Settled::Done);
    let replayed = Settled::Replayed { biz: call.biz, answer: b"posted".to_vec() };
    assert_eq!(settle(&store, &held("k")).await, replayed);
    let unmatched = store.read("check", |tx| store::calls::unmatched(tx, 9)).await;
    assert_eq!(unmatched.expect("reads"), []);
}

async fn a_void_frees_key_and_package(database: Arc<Database>) {
    let store = database.open("a");
    let call = limited(held("k"), package(1));
    assert_eq!(settle(&store, &call).await, Settled::Done);
    let other = limited(billed("other"), package(1));
    assert_eq!(settle(&store, &other).await, Settled::Refused(LimitMet::Package));
    let void = resolution(&call, Resolved::Void { code: 22 });
    assert_eq!(resolve(&store, void).await, Settled::Done);
    assert_eq!(used(&store, "package").await, 0);
    let again = limited(held("k"), package(1));
    assert_eq!(settle(&store, &again).await, Settled::Done);
    assert_eq!(resolve(&store, post(&again)).await, Settled::Done);
    assert_eq!(used(&store, "package").await, 1);
}

/// Nobody can tell whether it is owed: the reservation stays until somebody can.
async fn an_unknown_outcome_keeps_key_and_package(database: Arc<Database>) {
    let store = database.open("a");
    let void = Resolved::Void { code: 22 };
    for (name, last, left) in [("posted", None, 1), ("void", Some(void), 1)] {
        let call = limited(held(name), package(9));
        assert_eq!(settle(&store, &call).await, Settled::Done);
        let before = used(&store, "package").await;
        for _ in 0..2 {
            let unknown = resolution(&call, Resolved::Unknown { code: 22 });
            assert_eq!(resolve(&store, unknown).await, Settled::Done);
            assert_eq!(used(&store, "package").await, before, "{name}: still reserved");
        }
        assert_eq!(settle(&store, &held(name)).await, Settled::Running);
        let last = last.map_or_else(|| post(&call), |last| resolution(&call, last));
        assert_eq!(resolve(&store, last).await, Settled::Done);
        assert_eq!(used(&store, "package").await, left, "{name}: settled");
    }
}

async fn a_post_without_a_bill_gives_the_package_back(database: Arc<Database>) {
    let store = database.open("a");
    let call = limited(held("k"), package(1));
    assert_eq!(settle(&store, &call).await, Settled::Done);
    let mut posted = post(&call);
    if let Resolved::Post { bill, .. } = &mut posted.result {
        *bill = None;
    }
    assert_eq!(resolve(&store, posted).await, Settled::Done);
    assert_eq!(used(&store, "package").await, 0);
}

async fn only_the_holder_resolves(database: Arc<Database>) {
    let store = database.open("a");
    let call = limited(held("k"), package(5));
    assert_eq!(resolve(&store, post(&call)).await, Settled::Fenced, "never held");
    assert_eq!(settle(&store, &call).await, Settled::Done);
    let mut late = post(&call);
    late.biz = BizId::new(START + Span::seconds(1), &Sequence);
    assert_eq!(resolve(&store, late).await, Settled::Fenced, "another attempt");
    assert_eq!(resolve(&store, post(&call)).await, Settled::Done);
    let void = resolution(&call, Resolved::Void { code: 22 });
    assert_eq!(resolve(&store, void).await, Settled::Fenced, "resolved before");
    assert_eq!(used(&store, "package").await, 1, "the fenced changed nothing");
}

async fn a_failed_key_can_be_held(database: Arc<Database>) {
    let store = database.open("a");
    assert_eq!(settle(&store, &failed("k")).await, Settled::Done);
    let call = held("k");
    assert_eq!(settle(&store, &call).await, Settled::Done);
    assert_eq!(settle(&store, &billed("k")).await, Settled::Running);
    assert_eq!(resolve(&store, post(&call)).await, Settled::Done);
}

/// Not one that is fresh, has its session, or is resolved.
async fn a_hold_without_a_session_is_found(database: Arc<Database>) {
    let store = database.open("a");
    let (orphan, done, with_session) = (held("orphan"), held("done"), held("with-session"));
    for call in [&orphan, &done, &with_session] {
        assert_eq!(settle(&store, call).await, Settled::Done);
    }
    let void = resolution(&done, Resolved::Void { code: 22 });
    assert_eq!(resolve(&store, void).await, Settled::Done);
    let session = super::sessions::session("with-session", None);
    store.unit("session", move |tx| store::sessions::insert(tx, &session)).await.expect("kept");
    let found = async |before: domain::time::Timestamp| {
        let found = store.read("orphans", move |tx| store::calls::orphaned_holds(tx, before, 9));
        found.await.expect("reads")
    };
    assert_eq!(found(orphan.at).await, []);
    let expected = OrphanedHold { name: orphan.name, app: orphan.app, biz: orphan.biz };
    assert_eq!(found(orphan.at + Span::millis(1)).await, [expected]);
}

async fn what_was_said_of_a_call_stands(database: Arc<Database>) {
    let store = database.open("a");
    let noted = |byte: u8, verdict: &str| NotedResolution {
        biz: BizId::from_slice(&[byte; 16]).expect("16 bytes"),
        open_id: "one".to_owned(),
        at: START + Span::seconds(i64::from(byte)),
        actor: "合成 operator".to_owned(),
        verdict: verdict.to_owned(),
        reason: "asked".to_owned(),
    };
    let said = [noted(1, "post"), noted(2, "void"), noted(1, "void")];
    let (stands, newest) = store
        .unit("note", move |tx| {
            let stands = said.iter().map(|one| resolutions::note(tx, one));
            Ok((stands.collect::<Result<Vec<_>, _>>()?, resolutions::newest(tx, 9)?))
        })
        .await
        .expect("noted");
    assert_eq!(stands, ["post", "void", "post"]);
    assert_eq!(newest, [noted(2, "void"), noted(1, "post")]);
}
