//! Applications and decisions: one under each number, fenced changes, one worker each, what goes
//! when.

use std::sync::Arc;

use domain::application::course::{Course, Look, Verdict};
use domain::ids::MerchantId;
use domain::policy::Outcome;
use domain::subject::SubjectHash;
use domain::time::{Span, Timestamp};
use store::applications::{self, Filter, StoredApplication, StoredDecision};
use store::lease::Lease;
use store::overrides::{self, StoredOverride};
use store::{Store, StoreError, Tx, nodes, subject_keys, subjects};

use super::database::{Database, on_both};
use super::samples::{MERCHANT, START};

on_both!(
    a_number_stands_for_one_application,
    a_change_of_an_application_under_an_old_version_is_refused,
    an_application_is_decided_by_one_node_at_a_time,
    lists_tell_states_merchants_and_what_waits_for_people,
    decisions_are_kept_once_and_go_with_their_person,
    old_applications_go_and_those_that_wait_stay,
    persons_at_a_device_are_counted_once,
    an_override_holds_for_its_person_and_merchant_for_its_time,
);

const PERSON: SubjectHash = SubjectHash([5; 32]);
const OTHER: SubjectHash = SubjectHash([6; 32]);

fn at(second: i64) -> Timestamp {
    START + Span::seconds(second)
}

fn application(open_id: &str, order_id: &str) -> StoredApplication {
    StoredApplication {
        open_id: open_id.to_owned(),
        merchant: MERCHANT,
        order_id: order_id.to_owned(),
        subject: PERSON,
        fingerprint: [9; 32],
        at: START,
        state: 0,
        needs_people: false,
        due_at: None,
        lease: None,
        version: 1,
        sealed: vec![0, 1, 255],
    }
}

fn decision(number: i64, outcome: Outcome) -> StoredDecision {
    let policy = "synthetic".to_owned();
    StoredDecision { number, at: at(1), policy, policy_version: 3, outcome, sealed: vec![7] }
}

async fn run<T: Send + 'static>(
    store: &Store,
    work: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
) -> T {
    store.unit("test", work).await.expect("the database answers")
}

async fn keep(store: &Store, application: &StoredApplication) -> bool {
    let application = application.clone();
    run(store, move |tx| {
        subject_keys::ensure(tx, &application.subject, b"key", START)?;
        applications::insert(tx, &application, b"content")
    })
    .await
}

async fn a_number_stands_for_one_application(database: Arc<Database>) {
    let store = database.open("a");
    assert!(keep(&store, &application("a1", "7")).await);
    assert!(!keep(&store, &application("a2", "7")).await, "the merchant has a number 7");
    let others = StoredApplication { merchant: MerchantId(2), ..application("a3", "7") };
    assert!(keep(&store, &others).await, "another merchant's numbers are its own");
    let found = run(&store, |tx| {
        let by_order = applications::by_order(tx, MERCHANT, "7")?;
        let own = applications::get_own(tx, "a1", MERCHANT)?;
        let foreign = applications::get_own(tx, "a3", MERCHANT)?;
        let content = applications::content(tx, "a1")?;
        Ok((by_order, own, foreign, applications::get(tx, "a3")?, content))
    });
    let (by_order, own, foreign, third, content) = found.await;
    let (by_order, key) = by_order.expect("it was kept");
    assert_eq!((&by_order, key.as_slice()), (&application("a1", "7"), b"key".as_slice()));
    assert_eq!(own.map(|(row, _)| row), Some(by_order));
    assert_eq!((foreign, third.map(|(row, _)| row)), (None, Some(others)));
    assert_eq!(content.as_deref(), Some(b"content".as_slice()));
    let removed = run(&store, |tx| {
        Ok([(2, "a1"), (1, "a1"), (1, "a1")]
            .map(|(version, id)| applications::remove(tx, id, version).expect("it answers")))
    });
    assert_eq!(removed.await, [false, true, false], "under its version, once");
}

async fn a_change_of_an_application_under_an_old_version_is_refused(database: Arc<Database>) {
    let store = database.open("a");
    keep(&store, &application("b1", "1")).await;
    let mut next = StoredApplication { version: 2, ..application("b1", "1") };
    next.set_course(&Course::InReview(Look::Open));
    let changed = run(&store, {
        let next = next.clone();
        move |tx| Ok([applications::save(tx, &next)?, applications::save(tx, &next)?])
    });
    assert_eq!(changed.await, [true, false]);
    let found = run(&store, |tx| applications::get(tx, "b1")).await.expect("it is there").0;
    assert_eq!((found.state, found.needs_people, found), (2, true, next));
}

async fn an_application_is_decided_by_one_node_at_a_time(database: Arc<Database>) {
    let store = database.open("a");
    let due = StoredApplication { due_at: Some(at(10)), ..application("c1", "1") };
    keep(&store, &due).await;
    run(&store, |tx| nodes::beat(tx, "here", START, Span::hours(1)).map(drop)).await;
    let claim = async |now: i64, machine: i64, node: &'static str| {
        run(&store, move |tx| {
            let lease = Lease { node: node.to_owned(), until: at(machine + 45) };
            let any = applications::is_any_due(tx, at(now), at(machine))?;
            let claimed = applications::claim_due(tx, at(now), at(machine), &lease, 10)?;
            Ok((any, claimed.iter().map(|claim| claim.was_leased).collect::<Vec<_>>()))
        })
        .await
    };
    assert_eq!(claim(9, 0, "here").await, (false, vec![]), "not yet");
    assert_eq!(claim(10, 0, "here").await, (true, vec![false]));
    assert_eq!(claim(10, 44, "there").await, (false, vec![]), "one has it");
    assert_eq!(claim(10, 45, "gone").await, (true, vec![true]), "its lease ran out");
    assert_eq!(claim(10, 46, "here").await, (true, vec![true]), "no such node is alive");
}

async fn lists_tell_states_merchants_and_what_waits_for_people(database: Arc<Database>) {
    let store = database.open("a");
    let appealed = Course::Final { verdict: Verdict::Reject, resolution: None, appeal: None };
    let courses = [Course::Waiting, Course::InReview(Look::Open), appealed];
    for (number, course) in courses.iter().enumerate() {
        let (id, order) = (format!("d{number}"), number.to_string());
        let mut row = StoredApplication { at: at(number as i64), ..application(&id, &order) };
        row.set_course(course);
        keep(&store, &row).await;
    }
    let list = async |filter: Filter| {
        let found = run(&store, move |tx| applications::list(tx, filter, 10)).await;
        found.into_iter().map(|row| row.open_id).collect::<Vec<_>>()
    };
    let all = Filter::default();
    assert_eq!(list(all).await, ["d2", "d1", "d0"]);
    assert_eq!(list(Filter { state: Some(4), ..all }).await, ["d2"]);
    assert_eq!(list(Filter { for_people: true, ..all }).await, ["d1"]);
    let other = Some(MerchantId(77));
    assert!(list(Filter { merchant: other, ..all }).await.is_empty());
    let of_person = run(&store, |tx| applications::of_subject(tx, &PERSON)).await;
    assert_eq!(of_person.len(), 3);
    let due = StoredApplication { due_at: Some(at(9)), ..application("d4", "4") };
    let before = run(&store, applications::waiting).await;
    assert!(keep(&store, &due).await);
    assert_eq!((before, run(&store, applications::waiting).await), (0, 1));
}

async fn decisions_are_kept_once_and_go_with_their_person(database: Arc<Database>) {
    let store = database.open("a");
    keep(&store, &application("e1", "1")).await;
    let kept = run(&store, |tx| {
        for outcome in [Outcome::Review, Outcome::Approve] {
            applications::put_decision(tx, ("e1", &PERSON), &decision(0, outcome))?;
        }
        applications::put_decision(tx, ("e1", &PERSON), &decision(1, Outcome::Reject))?;
        let after = |tx: &mut Tx<'_>, id| applications::decided_after(tx, id, 10);
        Ok((applications::decisions(tx, "e1")?, after(tx, "")?, after(tx, "e1")?))
    });
    let (kept, all, none) = kept.await;
    assert_eq!(kept, [decision(0, Outcome::Review), decision(1, Outcome::Reject)], "the first");
    assert_eq!((all, none), (vec!["e1".to_owned()], vec![]));
    let erased = run(&store, |tx| subjects::erase(tx, &PERSON)).await;
    assert_eq!(erased.applications, 1);
    let left = run(&store, |tx| {
        let again = applications::erase(tx, &PERSON)?;
        Ok((applications::decisions(tx, "e1")?, applications::content(tx, "e1")?, again))
    });
    assert_eq!(left.await, (vec![], None, 0));
}

async fn old_applications_go_and_those_that_wait_stay(database: Arc<Database>) {
    let store = database.open("a");
    let waits = StoredApplication { due_at: Some(at(1)), state: 1, ..application("f1", "1") };
    let looked_at = StoredApplication { needs_people: true, state: 2, ..application("f2", "2") };
    let ended = StoredApplication { state: 3, ..application("f3", "3") };
    let arriving = application("f4", "4");
    for row in [&waits, &looked_at, &ended, &arriving] {
        keep(&store, row).await;
    }
    let purge = async |before: i64, arriving: i64| {
        run(&store, move |tx| applications::purge(tx, at(before), at(arriving), 10)).await
    };
    assert_eq!(purge(0, 0).await, 0, "what came at that moment stays");
    assert_eq!(purge(0, 1).await, 1, "nobody was told of the fourth");
    assert_eq!(purge(1, 1).await, 1, "the third is over");
    let left = run(&store, |tx| applications::of_subject(tx, &PERSON)).await;
    assert_eq!(left, [waits, looked_at]);
}

async fn persons_at_a_device_are_counted_once(database: Arc<Database>) {
    let store = database.open("a");
    let counts = run(&store, |tx| {
        for (person, second) in [(PERSON, 5), (PERSON, 1), (OTHER, 2)] {
            applications::note_device(tx, &[1; 32], &person, at(second))?;
        }
        let count = |tx: &mut Tx<'_>, since| applications::persons_at(tx, &[1; 32], at(since));
        Ok([count(tx, 0)?, count(tx, 2)?, count(tx, 3)?, count(tx, 6)?])
    });
    assert_eq!(counts.await, [2, 2, 1, 0], "the first person was there last in second 5");
}

async fn an_override_holds_for_its_person_and_merchant_for_its_time(database: Arc<Database>) {
    let store = database.open("a");
    let new = |open_id: &str, subject, until| StoredOverride {
        open_id: open_id.to_owned(),
        merchant: MERCHANT,
        subject,
        until: at(until),
    };
    let kept = [new("g1", PERSON, 5), new("g2", PERSON, 9), new("g3", OTHER, 7)];
    run(&store, move |tx| kept.iter().try_for_each(|one| overrides::put(tx, one))).await;
    let again = new("g2", PERSON, 99);
    run(&store, move |tx| overrides::put(tx, &again)).await;
    let in_force = async |merchant, subject: SubjectHash, now| {
        run(&store, move |tx| overrides::in_force(tx, merchant, &subject, at(now))).await
    };
    let found = |open_id: &str| Some(open_id.to_owned());
    assert_eq!(in_force(MERCHANT, PERSON, 0).await, found("g2"), "the one that holds longest");
    assert_eq!(in_force(MERCHANT, PERSON, 8).await, found("g2"));
    assert_eq!(in_force(MERCHANT, PERSON, 9).await, None, "its time is over");
    assert_eq!(in_force(MerchantId(77), PERSON, 0).await, None);
    assert_eq!(in_force(MERCHANT, OTHER, 6).await, found("g3"));
    let purge =
        async |now, limit| run(&store, move |tx| overrides::purge(tx, at(now), limit)).await;
    assert_eq!((purge(4, 10).await, purge(7, 1).await, purge(7, 10).await), (0, 1, 1));
    assert_eq!(in_force(MERCHANT, PERSON, 8).await, found("g2"));
    run(&store, |tx| subjects::erase(tx, &PERSON)).await;
    assert_eq!(in_force(MERCHANT, PERSON, 0).await, None, "it goes with its person");
    assert_eq!(run(&store, |tx| overrides::erase(tx, &PERSON)).await, 0);
}
