//! Packages and quotas.

use std::sync::Arc;

use domain::call::{LimitMet, Settled};
use domain::journal::Phase;
use domain::merchant::Limits;
use domain::score::code;
use domain::time::Span;
use store::journal;

use super::database::{Database, on_both};
use super::samples::{MERCHANT, START, billed, billed_at, daily, limited, package, settle, used};

on_both!(
    each_limit_refuses_and_frees_the_key,
    a_new_day_has_a_new_quota,
    what_is_not_billed_leaves_the_package_alone,
    limits_hold_inside_one_group,
);

async fn each_limit_refuses_and_frees_the_key(database: Arc<Database>) {
    let store = database.open("a");
    let test = Limits { test: Some(1), ..Limits::default() };
    let table = [
        ("package", package(1), LimitMet::Package, code::PACKAGE_EXHAUSTED),
        ("test", test, LimitMet::Test, code::TEST_LIMIT),
        ("daily", daily(1), LimitMet::Daily, code::INSUFFICIENT_QUOTA),
    ];
    for (kind, limits, met, code) in table {
        let first = limited(billed(&format!("{kind} 1")), limits);
        assert_eq!(settle(&store, &first).await, Settled::Done);
        let name = format!("{kind} 2");
        let second = limited(billed(&name), limits);
        assert_eq!(settle(&store, &second).await, Settled::Refused(met));
        assert_eq!(used(&store, kind).await, 1, "a refused call is not counted");
        assert_eq!(settle(&store, &billed(&name)).await, Settled::Done, "the key is free");
        let day = (START, START + Span::days(1));
        let entries = store
            .read("journal", move |tx| journal::of_merchant(tx, MERCHANT, day, None, 99))
            .await
            .expect("reads");
        let refused = entries.iter().filter(|entry| entry.phase == Phase::Refused);
        let refused: Vec<_> = refused.filter(|entry| entry.biz == second.biz).collect();
        assert_eq!(refused.len(), 1, "the refusal is journalled");
        assert_eq!((refused[0].code, refused[0].bill), (code, None));
    }
}

async fn a_new_day_has_a_new_quota(database: Arc<Database>) {
    let store = database.open("a");
    let limits = Limits { test: Some(2), ..daily(1) };
    let tomorrow = START + Span::days(1);
    let refused = |met| Settled::Refused(met);
    let steps = [
        ("1", START, Settled::Done),
        ("2", START, refused(LimitMet::Daily)),
        ("3", tomorrow, Settled::Done),
        ("4", tomorrow + Span::days(1), refused(LimitMet::Test)),
    ];
    for (name, at, expected) in steps {
        let call = limited(billed_at(name, at), limits);
        assert_eq!(settle(&store, &call).await, expected, "call {name}");
    }
}

async fn what_is_not_billed_leaves_the_package_alone(database: Arc<Database>) {
    let store = database.open("a");
    let mut free = limited(billed("free"), package(1));
    let domain::call::End::Final { bill, .. } = &mut free.end else { panic!("made final") };
    *bill = None;
    assert_eq!(settle(&store, &free).await, Settled::Done);
    assert_eq!(used(&store, "package").await, 0);
    let paid = limited(billed("paid"), package(1));
    assert_eq!(settle(&store, &paid).await, Settled::Done);
    let over = limited(billed("over"), package(1));
    assert_eq!(settle(&store, &over).await, Settled::Refused(LimitMet::Package));
}

async fn limits_hold_inside_one_group(database: Arc<Database>) {
    let store = database.open("a");
    let mut tasks = tokio::task::JoinSet::new();
    for at in 0..100 {
        let store = store.clone();
        let call = limited(billed(&at.to_string()), package(30));
        tasks.spawn(async move { settle(&store, &call).await });
    }
    let settled = tasks.join_all().await;
    let done = settled.iter().filter(|end| **end == Settled::Done).count();
    assert_eq!((done, used(&store, "package").await), (30, 30));
}
