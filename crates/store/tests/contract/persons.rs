//! Persons as keyed hashes: what an id leads to, and who asked. All synthetic.

use std::sync::Arc;

use domain::features::Behaviour;
use domain::ids::MerchantId;
use domain::subject::{IdHash, SubjectHash};
use domain::time::{Span, Timestamp};
use store::{Found, Store, inquiries, subjects};
use tokio::task::JoinSet;

use super::database::{Database, on_both};
use super::samples::{START, billed_at, settle};

on_both!(
    an_id_leads_to_a_persons_behaviours,
    of_rows_that_come_again_the_last_one_counts,
    many_look_ups_at_once_each_find_their_own,
    inquiries_can_be_counted_and_erased,
    a_person_can_be_erased_and_nobody_else_is,
);

async fn a_person_can_be_erased_and_nobody_else_is(database: Arc<Database>) {
    let store = database.open("a");
    let (gone, stays) = (SubjectHash([3; 32]), SubjectHash([4; 32]));
    store
        .unit("persons", move |tx| {
            let persons = [(1, gone), (2, gone), (5, stays)];
            let one = |id: u8| behaviour("loan", "a", START + Span::seconds(i64::from(id)), "1");
            let behaviours = persons.map(|(id, subject)| (subject, one(id)));
            subjects::put_behaviours(tx, behaviours.into())?;
            subjects::put_mappings(
                tx,
                persons.map(|(id, subject)| (IdHash([id; 32]), subject)).into(),
            )
        })
        .await
        .expect("persons are kept");
    for (key, subject) in [("k 1", gone), ("k 2", stays)] {
        let mut call = billed_at(key, START);
        call.subject = Some(subject);
        settle(&store, &call).await;
    }
    let erase = |store: &Store| {
        let store = store.clone();
        async move { store.unit("erase", move |tx| subjects::erase(tx, &gone)).await }
    };
    let erased = subjects::Erased {
        ids: 2,
        behaviours: 2,
        inquiries: 1,
        explanations: 1,
        ..Default::default()
    };
    assert_eq!(erase(&store).await.expect("erases"), erased);
    assert_eq!(erase(&store).await.expect("erases"), subjects::Erased::default());
    assert_eq!(find(&store, 1).await, Found::Nobody);
    assert!(
        matches!(find(&store, 5).await, Found::Subject { behaviours, .. } if behaviours.len() == 1)
    );
    let replayed = settle(&store, &billed_at("k 1", START)).await;
    assert_eq!(replayed, domain::call::Settled::AnswerGone);
    let asked = store.read("asked", move |tx| inquiries::of_subject(tx, &stays, 9)).await;
    assert_eq!(asked.expect("reads").len(), 1);
}

fn behaviour(kind: &str, name: &str, at: Timestamp, value: &str) -> Behaviour {
    Behaviour { at, kind: kind.to_owned(), name: name.to_owned(), value: value.to_owned() }
}

async fn find(store: &Store, id: u8) -> Found {
    let found = store.find(IdHash([id; 32]), START).await;
    found.expect("the database answers")
}

async fn an_id_leads_to_a_persons_behaviours(database: Arc<Database>) {
    let store = database.open("a");
    let (subject, later) = (SubjectHash([3; 32]), START + Span::seconds(1));
    store
        .unit("persons", move |tx| {
            let mappings = [(1, 9), (1, 3), (2, 4)];
            let mappings = mappings.map(|(id, to)| (IdHash([id; 32]), SubjectHash([to; 32])));
            subjects::put_mappings(tx, mappings.into())?;
            let behaviours = [
                ("loan", "a", later, "old"),
                ("loan", "a", later, "新"),
                ("Loan", "b", later, ""),
                ("loan", "a", START, "too early"),
            ];
            let behaviours = behaviours
                .map(|(kind, name, at, value)| (subject, behaviour(kind, name, at, value)));
            subjects::put_behaviours(tx, behaviours.into())
        })
        .await
        .expect("persons are kept");
    let behaviours = vec![behaviour("Loan", "b", later, ""), behaviour("loan", "a", later, "新")];
    assert_eq!(find(&store, 1).await, Found::Subject { subject, behaviours });
    let (subject, behaviours) = (SubjectHash([4; 32]), Vec::new());
    assert_eq!(find(&store, 2).await, Found::Subject { subject, behaviours });
    assert_eq!(find(&store, 9).await, Found::Nobody);
}

/// More rows than one statement takes, and the same ones twice, in one unit and in the next.
async fn of_rows_that_come_again_the_last_one_counts(database: Arc<Database>) {
    let store = database.open("a");
    let subject = SubjectHash([7; 32]);
    let row = move |at: i64, value: &str| {
        (subject, behaviour("k", "n", START + Span::seconds(at + 1), value))
    };
    for round in ["first", "second"] {
        let put = move |tx: &mut store::Tx<'_>| {
            let (old, new) = ((0..200).map(|at| row(at, "old")), (0..200).map(|at| row(at, round)));
            subjects::put_mappings(tx, (0..200).map(|id| (IdHash([id; 32]), subject)).collect())?;
            subjects::put_behaviours(tx, old.chain(new).collect())
        };
        store.bulk("rows", put).await.expect("rows are kept");
        let Found::Subject { behaviours, .. } = find(&store, 199).await else {
            panic!("the id leads to nobody")
        };
        assert_eq!(behaviours.len(), 200);
        assert!(behaviours.iter().all(|behaviour| behaviour.value == round), "{round}");
    }
}

async fn many_look_ups_at_once_each_find_their_own(database: Arc<Database>) {
    let store = database.open("a");
    let loaded = store.unit("persons", |tx| {
        let mapping = |id: u8| (IdHash([id; 32]), SubjectHash([id + 100; 32]));
        subjects::put_mappings(tx, (0..100).map(mapping).collect())
    });
    loaded.await.expect("persons are kept");
    let mut tasks = JoinSet::new();
    for id in 0..=200_u8 {
        let store = store.clone();
        tasks.spawn(async move { (id, find(&store, id).await) });
    }
    for (id, found) in tasks.join_all().await {
        match found {
            Found::Nobody => assert!(id >= 100, "{id} is somebody"),
            Found::Subject { subject, .. } => assert_eq!(subject.0, [id + 100; 32]),
        }
    }
}

async fn inquiries_can_be_counted_and_erased(database: Arc<Database>) {
    let store = database.open("a");
    let (one, other) = (SubjectHash([1; 32]), SubjectHash([2; 32]));
    for (at, (merchant, subject)) in
        [(7, Some(one)), (8, Some(one)), (7, Some(one)), (7, Some(other)), (9, None)]
            .into_iter()
            .enumerate()
    {
        let mut call = billed_at(&format!("k{at}"), START + Span::seconds(at as i64));
        (call.name.merchant, call.subject) = (MerchantId(merchant), subject);
        settle(&store, &call).await;
    }
    let since = START + Span::seconds(2);
    let (all, recent, newest) = store
        .read("inquiries", move |tx| {
            let all = inquiries::merchants_since(tx, &one, START)?;
            let recent = inquiries::merchants_since(tx, &one, since)?;
            Ok((all, recent, inquiries::of_subject(tx, &one, 2)?))
        })
        .await
        .expect("reads");
    assert_eq!((all, recent), (2, 1));
    let expected = [(MerchantId(7), since), (MerchantId(8), START + Span::seconds(1))];
    assert_eq!(newest, expected);
    let erase = || store.unit("erase", move |tx| inquiries::erase(tx, &one));
    assert_eq!((erase().await.expect("erases"), erase().await.expect("erases")), (3, 0));
    let left = store.read("left", move |tx| inquiries::of_subject(tx, &other, 9)).await;
    assert_eq!(left.expect("reads").len(), 1, "the other person's stay");
}
