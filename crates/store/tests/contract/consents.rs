//! Consents, what was collected under them, and who looked at it.

use std::sync::Arc;

use domain::consent::{Consent, ConsentKind, Purpose, Scope};
use domain::ids::MerchantId;
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::{Span, Timestamp};
use store::datasets::{self, StoredDataset};
use store::sessions::{self, StoredSession};
use store::views::{self, View};
use store::{Store, StoreError, Tx, consents};

use super::database::{Database, on_both};
use super::samples::{MERCHANT, START};
use super::sessions::session;

on_both!(
    a_consent_covers_what_it_says_while_it_is_in_force,
    a_consent_is_withdrawn_once,
    a_withdrawal_stands_until_the_person_consents,
    a_borrowers_consent_is_that_of_the_person_whom_its_report_names,
    a_dataset_is_kept_once_and_forgotten,
    views_are_listed_newest_first,
);

const PERSON: SubjectHash = SubjectHash([3; 32]);

fn at(second: i64) -> Timestamp {
    START + Span::seconds(second)
}

fn consent(id: &str, account: Option<[u8; 32]>, (from, until): (i64, i64)) -> Consent {
    Consent {
        id: id.to_owned(),
        scope: Scope {
            merchant: MERCHANT,
            subject: PERSON,
            source: SourceKind::Ebank,
            purpose: Purpose::CreditAssessment,
            account,
        },
        kind: ConsentKind::License,
        text_version: "2026-01 合成".to_owned(),
        text_sha256: "ab".repeat(32),
        from: at(from),
        until: at(until),
        withdrawn_at: None,
    }
}

async fn run<T: Send + 'static>(
    store: &Store,
    work: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
) -> T {
    store.unit("test", work).await.expect("the database answers")
}

async fn keep(store: &Store, kept: Vec<Consent>) {
    run(store, move |tx| kept.iter().try_for_each(|one| consents::insert(tx, one, b"scan"))).await;
}

async fn covering(store: &Store, wanted: &Scope, second: i64) -> Option<String> {
    let wanted = wanted.clone();
    let found = run(store, move |tx| consents::covering(tx, &wanted, at(second))).await;
    found.map(|consent| consent.id)
}

async fn allows_use(store: &Store, wanted: &Scope, second: i64) -> bool {
    let wanted = wanted.clone();
    run(store, move |tx| consents::allows_use(tx, &wanted, at(second))).await
}

async fn a_consent_covers_what_it_says_while_it_is_in_force(database: Arc<Database>) {
    let store = database.open("a");
    let (general, later, of_account) = (
        consent("general", None, (10, 20)),
        consent("later", None, (30, 40)),
        consent("account", Some([7; 32]), (30, 60)),
    );
    keep(&store, vec![general.clone(), later.clone(), of_account.clone()]).await;
    let wanted = of_account.scope.clone();
    let table = [
        (9, None),
        (10, Some("general")),
        (19, Some("general")),
        (20, None),
        (45, Some("account")),
        (60, None),
    ];
    for (second, expected) in table {
        assert_eq!(covering(&store, &wanted, second).await.as_deref(), expected, "at {second}");
        assert_eq!(allows_use(&store, &wanted, second).await, expected.is_some(), "at {second}");
    }
    assert_eq!(covering(&store, &general.scope, 35).await.as_deref(), Some("later"));
    let others = [
        Scope { merchant: MerchantId(8), ..wanted.clone() },
        Scope { subject: SubjectHash([4; 32]), ..wanted.clone() },
        Scope { source: SourceKind::Telecom, ..wanted.clone() },
        Scope { purpose: Purpose::LoanManagement, ..wanted.clone() },
        Scope { account: Some([8; 32]), ..wanted.clone() },
        Scope { account: None, ..wanted },
    ];
    for other in others {
        assert_eq!(covering(&store, &other, 45).await, None, "{other:?}");
        assert!(!allows_use(&store, &other, 45).await, "{other:?}");
    }
    let found = run(&store, |tx| consents::of_subject(tx, &PERSON)).await;
    assert_eq!(found, [of_account, later, general]);
    let twice = found[0].clone();
    let twice = store.unit("twice", move |tx| consents::insert(tx, &twice, b"")).await;
    assert!(twice.is_err(), "an id is given once");
}

async fn a_consent_is_withdrawn_once(database: Arc<Database>) {
    let (store, other_node) = (database.open("a"), database.open("b"));
    let given = consent("given", None, (0, 90));
    keep(&store, vec![given.clone()]).await;
    let withdraw = async |id: &'static str, second| {
        run(&store, move |tx| consents::withdraw(tx, id, at(second))).await
    };
    let withdrawn =
        [withdraw("none", 5).await, withdraw("given", 5).await, withdraw("given", 6).await];
    assert_eq!(withdrawn, [false, true, false]);
    assert_eq!(covering(&other_node, &given.scope, 4).await.as_deref(), Some("given"));
    assert_eq!(covering(&other_node, &given.scope, 5).await, None);
    let found = run(&store, |tx| consents::get(tx, "given")).await;
    assert_eq!(found, Some(Consent { withdrawn_at: Some(at(5)), ..given }));
    let erase = async || run(&store, |tx| consents::erase(tx, &PERSON)).await;
    assert_eq!((erase().await, erase().await), (1, 0));
    assert_eq!(run(&store, |tx| consents::get(tx, "given")).await, None);
}

async fn a_withdrawal_stands_until_the_person_consents(database: Arc<Database>) {
    let store = database.open("a");
    let declared =
        |id, from| Consent { kind: ConsentKind::Declared, ..consent(id, None, (from, 90)) };
    let scope = declared("one", 0).scope;
    let declare = async |id, from| {
        let declared = declared(id, from);
        run(&store, move |tx| consents::declare(tx, &declared, b"")).await;
    };
    let is_withdrawn = async || {
        let scope = scope.clone();
        run(&store, move |tx| consents::is_withdrawn(tx, &scope)).await
    };
    assert!(!is_withdrawn().await);
    declare("one", 0).await;
    declare("two", 1).await;
    let of_account = consent("account", Some([7; 32]), (0, 90));
    keep(&store, vec![of_account]).await;
    assert!(run(&store, |tx| consents::withdraw(tx, "one", at(5))).await);
    // All that was declared for the same ends with it, and nothing else.
    assert_eq!(covering(&store, &scope, 5).await, None);
    assert_eq!(
        run(&store, |tx| consents::get(tx, "account")).await.and_then(|c| c.withdrawn_at),
        None
    );
    declare("three", 6).await;
    assert_eq!((covering(&store, &scope, 6).await, is_withdrawn().await), (None, true));
    keep(&store, vec![consent("before", None, (4, 90))]).await;
    assert!(is_withdrawn().await, "given before");
    keep(&store, vec![consent("after", None, (7, 90))]).await;
    assert!(!is_withdrawn().await);
    declare("four", 8).await;
    assert_eq!(covering(&store, &scope, 8).await.as_deref(), Some("four"));
}

async fn a_borrowers_consent_is_that_of_the_person_whom_its_report_names(database: Arc<Database>) {
    let store = database.open("a");
    let (borrower, open_id) = (SubjectHash([5; 32]), "5".repeat(32));
    let credit = |id, kind, subject, from| {
        let mut consent = Consent { kind, ..consent(id, None, (from, 90)) };
        (consent.scope.subject, consent.scope.source) = (subject, SourceKind::Credit);
        consent
    };
    let (declared, given) = (ConsentKind::Declared, ConsentKind::Given);
    let wanted = credit("", given, PERSON, 0).scope;
    let row = StoredSession { subject: borrower, ..session(&open_id, None) };
    run(&store, move |tx| sessions::insert(tx, &row)).await;
    keep(&store, vec![credit("borrower", declared, borrower, 0)]).await;
    assert!(!allows_use(&store, &wanted, 1).await, "nobody knows who the borrower is");
    let report = StoredDataset {
        open_id: format!("{open_id}-1"),
        merchant: MERCHANT,
        subject: PERSON,
        source: SourceKind::Credit,
        at: START,
        sealed: vec![1],
    };
    run(&store, move |tx| datasets::put(tx, &report)).await;
    assert!(allows_use(&store, &wanted, 1).await);
    for other in [
        Scope { merchant: MerchantId(8), ..wanted.clone() },
        Scope { subject: SubjectHash([4; 32]), ..wanted.clone() },
    ] {
        assert!(!allows_use(&store, &other, 1).await, "{other:?}");
    }
    // Withdrawn as a borrower: no call declares it anew, by either name; the person gives it.
    assert!(run(&store, |tx| consents::withdraw(tx, "borrower", at(5))).await);
    let later = credit("later", declared, PERSON, 6);
    run(&store, move |tx| consents::declare(tx, &later, b"")).await;
    assert_eq!(run(&store, |tx| consents::get(tx, "later")).await, None);
    keep(&store, vec![credit("sneaked", declared, PERSON, 6)]).await;
    assert!(!allows_use(&store, &wanted, 7).await, "declared, but withdrawn before");
    keep(&store, vec![credit("given", given, PERSON, 8), credit("again", declared, borrower, 8)])
        .await;
    assert!(allows_use(&store, &wanted, 8).await);
    // Withdrawn as the person: what was declared for the borrower ends too.
    assert!(run(&store, |tx| consents::withdraw(tx, "given", at(9))).await);
    let left = run(&store, |tx| consents::get(tx, "again")).await;
    assert_eq!(left.and_then(|consent| consent.withdrawn_at), Some(at(9)));
    assert!(!allows_use(&store, &wanted, 9).await);
}

async fn a_dataset_is_kept_once_and_forgotten(database: Arc<Database>) {
    let store = database.open("a");
    let dataset = |open_id: &str, subject, second| StoredDataset {
        open_id: open_id.to_owned(),
        merchant: MERCHANT,
        subject: SubjectHash([subject; 32]),
        source: SourceKind::Degree,
        at: at(second),
        sealed: vec![0, second as u8],
    };
    let again = dataset("one", 3, 2);
    let kept = [dataset("one", 3, 1), again.clone(), dataset("two", 3, 3), dataset("x", 4, 1)];
    let put = kept.clone();
    run(&store, move |tx| put.iter().try_for_each(|one| datasets::put(tx, one))).await;
    assert_eq!(run(&store, |tx| datasets::get(tx, "one")).await, Some(again.clone()));
    assert_eq!(run(&store, |tx| datasets::get(tx, "none")).await, None);
    let of_person = async || run(&store, |tx| datasets::of_subject(tx, &PERSON)).await;
    assert_eq!(of_person().await, [kept[2].clone(), again]);
    let purge =
        async |second, limit| run(&store, move |tx| datasets::purge(tx, at(second), limit)).await;
    assert_eq!((purge(1, 9).await, purge(3, 1).await, purge(3, 9).await), (0, 1, 1));
    assert_eq!(of_person().await, [kept[2].clone()]);
    let other = dataset("other", 4, 9);
    run(&store, move |tx| datasets::put(tx, &other)).await;
    let remove = async || run(&store, |tx| datasets::remove(tx, "other")).await;
    assert_eq!((remove().await, remove().await), (true, false));
    let erase = async || run(&store, |tx| datasets::erase(tx, &PERSON)).await;
    assert_eq!((erase().await, erase().await, of_person().await), (1, 0, vec![]));
}

async fn views_are_listed_newest_first(database: Arc<Database>) {
    let store = database.open("a");
    let view = |id: &str, second| View {
        id: id.to_owned(),
        at: at(second),
        actor: "合成 operator".to_owned(),
        subject: PERSON,
        what: "export".to_owned(),
        reason: String::new(),
    };
    let noted = [view("b", 2), view("a", 2), view("c", 1), view("d", 3)];
    let note = noted.clone();
    run(&store, move |tx| note.iter().try_for_each(|one| views::note(tx, one))).await;
    let [b, a, _, d] = noted;
    assert_eq!(run(&store, |tx| views::newest(tx, 3)).await, [d, a, b]);
}
