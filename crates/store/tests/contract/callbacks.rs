//! Callbacks: in order for each user, taken up once, listed with every attempt.

use std::sync::Arc;

use domain::callback::{CallbackForm, CallbackId, CallbackState, Outcome};
use domain::ids::MerchantId;
use domain::keys::RsaDigest;
use domain::subject::SubjectHash;
use domain::time::{Span, Timestamp};
use store::callbacks::{self, CallbackLease, DueCallback, Ended, Filter, StoredCallback};
use store::{Store, StoreError, Tx, nodes};
use tokio::task::JoinSet;

use super::database::{Database, on_both};
use super::samples::{MERCHANT, START, Sequence};

on_both!(
    one_users_go_one_by_one,
    what_failed_is_due_later_and_what_waits_with_it,
    a_lease_ends_with_its_time_or_its_node,
    many_nodes_claim_each_once,
    lists_replays_and_the_end,
    addresses_and_forms,
);

const A: &str = "https://a.example";
const LEASE: Span = Span::seconds(30);

fn stored(lane: u8, receiver: &str) -> StoredCallback {
    StoredCallback {
        id: CallbackId::new(START, &Sequence),
        merchant: MERCHANT,
        lane: [lane; 32],
        receiver: receiver.to_owned(),
        subject: (lane > 100).then_some(SubjectHash([lane; 32])),
        is_test: lane.is_multiple_of(2),
        state: CallbackState::Due { tries: 0, at: START },
        attempts: 0,
        created_at: START,
        ended_at: None,
        sealed: vec![lane, 0, 255],
    }
}

async fn unit<T: Send + 'static>(
    store: &Store,
    work: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.unit("callbacks", work).await.expect("the unit runs")
}

async fn inserted(store: &Store, lane: u8, receiver: &str) -> StoredCallback {
    let callback = stored(lane, receiver);
    let kept = callback.clone();
    unit(store, move |tx| callbacks::insert(tx, &kept)).await;
    callback
}

async fn due(store: &Store, now: Timestamp) -> Vec<DueCallback> {
    unit(store, move |tx| callbacks::due(tx, now, now, 3)).await
}

fn ids(due: &[DueCallback]) -> Vec<CallbackId> {
    due.iter().map(|one| one.id).collect()
}

async fn claim(store: &Store, due: &DueCallback, now: Timestamp) -> Option<StoredCallback> {
    let (due, lease) = (due.clone(), CallbackLease { node: "a".to_owned(), until: now + LEASE });
    unit(store, move |tx| {
        nodes::beat(tx, "a", now, Span::days(1))?;
        callbacks::claim(tx, &due, &lease, now)
    })
    .await
}

async fn end(store: &Store, claimed: &StoredCallback, outcome: Outcome, at: Timestamp) {
    let state = claimed.state.after(outcome, at, 0);
    let (id, attempt) = (claimed.id, claimed.attempts);
    let holds_up = state != CallbackState::Delivered;
    let ended = Ended { id, attempt, state, outcome, took_us: 7, at, holds_up };
    unit(store, move |tx| callbacks::end(tx, &ended)).await;
}

async fn one_users_go_one_by_one(database: Arc<Database>) {
    let store = database.open("a");
    let first = inserted(&store, 1, A).await;
    let second = inserted(&store, 1, "https://b.example").await;
    let other = inserted(&store, 2, A).await;
    let found = due(&store, START).await;
    assert_eq!(ids(&found), [first.id, other.id]);
    let blocked = DueCallback { id: second.id, receiver: second.receiver.clone(), attempts: 0 };
    assert_eq!(claim(&store, &blocked, START).await, None, "it has to wait");
    let claimed = claim(&store, &found[0], START).await.expect("due and free");
    assert_eq!(claimed, StoredCallback { attempts: 1, ..first.clone() });
    assert_eq!(claim(&store, &found[0], START).await, None, "taken");
    assert_eq!(ids(&due(&store, START).await), [other.id], "under way");
    end(&store, &claimed, Outcome::Acknowledged, START).await;
    assert_eq!(ids(&due(&store, START).await), [other.id, second.id], "its turn");
    let attempts = unit(&store, move |tx| callbacks::attempts(tx, first.id)).await;
    assert_eq!(attempts.len(), 1);
    let one = attempts[0];
    assert_eq!((one.number, one.at, one.took_us), (1, START, Some(7)));
    assert_eq!(one.outcome, Some(Outcome::Acknowledged));
}

async fn what_failed_is_due_later_and_what_waits_with_it(database: Arc<Database>) {
    let store = database.open("a");
    let (first, second) = (inserted(&store, 1, A).await, inserted(&store, 1, A).await);
    let mut now = START;
    for attempt in 1..=10 {
        let found = due(&store, now).await;
        assert_eq!(ids(&found), [first.id], "attempt {attempt}");
        let claimed = claim(&store, &found[0], now).await.expect("due");
        assert_eq!(claimed.attempts, attempt);
        end(&store, &claimed, Outcome::Status(500), now).await;
        let third = inserted(&store, 1, A).await;
        let kept = unit(&store, move |tx| callbacks::get(tx, third.id)).await.expect("kept");
        let (kept, head) = (kept.state, claimed.state.after(Outcome::Status(500), now, 0));
        let CallbackState::Due { at, .. } = head else { break };
        assert_eq!(kept, CallbackState::Due { tries: 0, at }, "it waits with the others");
        assert_eq!(due(&store, at - Span::micros(1)).await, [], "attempt {attempt}");
        now = at;
    }
    let dead = unit(&store, move |tx| callbacks::get(tx, first.id)).await.expect("kept");
    assert_eq!(dead.state, CallbackState::Dead(Outcome::Status(500)));
    assert_eq!((dead.ended_at, dead.attempts), (Some(now), 10));
    assert_eq!(ids(&due(&store, now).await), [second.id], "the next one at once");
}

async fn a_lease_ends_with_its_time_or_its_node(database: Arc<Database>) {
    let store = database.open("a");
    inserted(&store, 1, A).await;
    let found = due(&store, START).await;
    let late = claim(&store, &found[0], START).await.expect("due");
    assert_eq!(due(&store, START + Span::seconds(29)).await, []);
    let after = START + LEASE;
    let again = due(&store, after).await;
    let taken = claim(&store, &again[0], after).await.expect("the lease is over");
    // Who comes late changes the list of attempts alone.
    end(&store, &late, Outcome::Acknowledged, after).await;
    let id = late.id;
    let (kept, attempts) =
        unit(&store, move |tx| Ok((callbacks::get(tx, id)?, callbacks::attempts(tx, id)?))).await;
    assert!(matches!(kept.expect("kept").state, CallbackState::Due { .. }));
    let outcomes: Vec<_> = attempts.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Some(Outcome::Acknowledged), None]);
    assert_eq!(due(&store, after).await, []);
    unit(&store, |tx| nodes::remove(tx, "a")).await;
    assert_eq!(ids(&due(&store, after).await), [taken.id], "its node is gone");
}

async fn many_nodes_claim_each_once(database: Arc<Database>) {
    let store = database.open("a");
    for lane in 0..40 {
        inserted(&store, lane, A).await;
    }
    let found = unit(&store, |tx| callbacks::due(tx, START, START, 40)).await;
    assert_eq!(found.len(), 40);
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let (store, found) = (store.clone(), found.clone());
        tasks.spawn(async move {
            let mut claimed = 0;
            for one in &found {
                claimed += usize::from(claim(&store, one, START).await.is_some());
            }
            claimed
        });
    }
    assert_eq!(tasks.join_all().await.iter().sum::<usize>(), 40);
}

async fn lists_replays_and_the_end(database: Arc<Database>) {
    let store = database.open("a");
    let (one, mut other) = (inserted(&store, 1, A).await, stored(101, ""));
    other.merchant = MerchantId(8);
    other.state = CallbackState::NotRegistered;
    other.ended_at = Some(START);
    let kept = other.clone();
    unit(&store, move |tx| callbacks::insert(tx, &kept)).await;
    let mut all = [one.clone(), other.clone()];
    all.sort_by_key(|callback| std::cmp::Reverse(callback.id));
    let list = async |filter: Filter| unit(&store, move |tx| callbacks::list(tx, filter, 9)).await;
    assert_eq!(list(Filter::default()).await, all);
    let of = |merchant, state| Filter { merchant, state, before: None };
    assert_eq!(list(of(Some(MERCHANT), None)).await, std::slice::from_ref(&one));
    assert_eq!(list(of(None, Some("not_registered"))).await, std::slice::from_ref(&other));
    assert_eq!(list(of(Some(MERCHANT), Some("dead"))).await, []);
    let older = Filter { before: Some(all[0].id), ..Filter::default() };
    assert_eq!(list(older).await, all[1..]);

    assert_eq!(unit(&store, callbacks::oldest_due).await, Some(START));
    let (id, now) = (other.id, START + Span::hours(1));
    let replay = move |tx: &mut Tx<'_>| callbacks::replay(tx, id, A, now);
    assert!(unit(&store, replay).await && !unit(&store, replay).await, "once");
    assert_eq!(ids(&due(&store, now).await), [one.id, other.id]);
    let purge = |tx: &mut Tx<'_>| callbacks::purge(tx, START + Span::days(1), 9);
    assert_eq!(unit(&store, purge).await, 0, "what is open stays");
    let claimed = claim(&store, &due(&store, now).await[0], now).await.expect("due");
    end(&store, &claimed, Outcome::NotRegistered, now).await;
    assert_eq!(unit(&store, purge).await, 1);
    let subject = SubjectHash([101; 32]);
    assert_eq!(unit(&store, move |tx| callbacks::erase(tx, &subject)).await, 1);
    assert_eq!(list(Filter::default()).await, []);
    assert_eq!(unit(&store, callbacks::oldest_due).await, None);
}

async fn addresses_and_forms(database: Arc<Database>) {
    let store = database.open("a");
    let form = CallbackForm::Json(RsaDigest::Sha1);
    let found = unit(&store, move |tx| {
        let none = callbacks::form(tx, MERCHANT)?;
        let added = callbacks::add_address(tx, MERCHANT, "https://a.example/x", START)?;
        let twice = callbacks::add_address(tx, MERCHANT, "https://a.example/x", START)?;
        callbacks::add_address(tx, MerchantId(8), "https://b.example", START)?;
        let addresses = callbacks::addresses(tx, MERCHANT)?;
        let removed = callbacks::remove_address(tx, MERCHANT, "https://a.example/x")?;
        let gone = callbacks::remove_address(tx, MERCHANT, "https://b.example")?;
        callbacks::set_form(tx, MERCHANT, CallbackForm::Form, 1)?;
        callbacks::set_form(tx, MERCHANT, form, 2)?;
        Ok((none, (added, twice), addresses, (removed, gone), callbacks::form(tx, MERCHANT)?))
    });
    let wanted = vec!["https://a.example/x".to_owned()];
    let none = (CallbackForm::Form, 0);
    assert_eq!(found.await, (none, (true, false), wanted, (true, false), (form, 2)));
}
