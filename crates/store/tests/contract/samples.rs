//! Calls to settle, all of them synthetic.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::call::{Call, CallName, End, Fingerprint, Resolution, Resolved, Settled};
use domain::entropy::Entropy;
use domain::ids::{AppId, BizId, CallKey, MerchantId};
use domain::merchant::{Limits, Product};
use domain::money::Amount;
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use store::Store;

/// 2026-09-21, noon in Shanghai.
pub(crate) const START: Timestamp = Timestamp(1_789_963_200_000_000);
pub(crate) const MERCHANT: MerchantId = MerchantId(7);
pub(crate) const PRICE: Amount = Amount(350_000);

/// Different each time, the same in each run.
pub(crate) struct Sequence;

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Entropy for Sequence {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            chunk.copy_from_slice(&mixed[..chunk.len()]);
        }
    }
}

pub(crate) fn app() -> AppId {
    AppId("1000001".to_owned())
}

pub(crate) fn key(text: &str) -> CallKey {
    CallKey::parse(text).expect("a key of a test fits")
}

fn ending(text: &str, at: Timestamp, end: End) -> Call {
    let name = CallName { merchant: MERCHANT, product: Product::FinplusScore, key: key(text) };
    Call {
        name,
        app: app(),
        biz: BizId::new(at, &Sequence),
        at,
        fingerprint: Fingerprint([1; 32]),
        limits: Limits::default(),
        end,
        subject: Some(SubjectHash([9; 32])),
    }
}

/// A billed final call; its answer is different in every attempt.
pub(crate) fn billed(text: &str) -> Call {
    billed_at(text, START)
}

pub(crate) fn billed_at(text: &str, at: Timestamp) -> Call {
    let mut call = ending(text, at, End::Error { code: 0 });
    call.end = End::Final {
        code: 0,
        bill: Some(PRICE),
        answer: format!("answer of {}", call.biz).into_bytes(),
        explanation: format!("explanation of {}", call.biz).into_bytes(),
    };
    call
}

pub(crate) fn failed(text: &str) -> Call {
    ending(text, START, End::Error { code: 22 })
}

pub(crate) fn held(text: &str) -> Call {
    ending(text, START, End::Hold)
}

pub(crate) fn limited(call: Call, limits: Limits) -> Call {
    Call { limits, ..call }
}

/// A package of `total` billed calls.
pub(crate) fn package(total: i64) -> Limits {
    Limits { package: Some(total), ..Limits::default() }
}

pub(crate) fn daily(limit: i64) -> Limits {
    Limits { daily: Some(limit), ..Limits::default() }
}

pub(crate) fn resolution(call: &Call, result: Resolved) -> Resolution {
    Resolution {
        name: call.name.clone(),
        app: call.app.clone(),
        biz: call.biz,
        at: call.at,
        limits: call.limits,
        result,
    }
}

pub(crate) fn post(call: &Call) -> Resolution {
    let result = Resolved::Post {
        code: 0,
        bill: Some(PRICE),
        answer: b"posted".to_vec(),
        explanation: b"explained".to_vec(),
    };
    resolution(call, result)
}

/// What a repeat of a call that [`billed`] made is given.
pub(crate) fn replay_of(call: &Call) -> Settled {
    let End::Final { answer, .. } = &call.end else { panic!("only a final call is replayed") };
    Settled::Replayed { biz: call.biz, answer: answer.clone() }
}

pub(crate) async fn settle(store: &Store, call: &Call) -> Settled {
    store.settle(call.clone()).await.expect("the call settles")
}

pub(crate) async fn resolve(store: &Store, resolution: Resolution) -> Settled {
    let settled = store.resolve(resolution).await;
    settled.expect("the resolution settles")
}

/// How often a counter was used, by its kind.
pub(crate) async fn used(store: &Store, kind: &'static str) -> i64 {
    let counters = store.read("counters", store::calls::counters).await;
    let counters = counters.expect("the counters are read");
    let of_kind = counters.iter().filter(|counter| counter.kind == kind);
    of_kind.map(|counter| counter.used).sum()
}
