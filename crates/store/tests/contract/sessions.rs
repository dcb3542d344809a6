//! Collection sessions: fenced changes, one worker each, and what goes when.

use std::collections::HashSet;
use std::sync::Arc;

use domain::consent::{Consent, ConsentKind, Purpose, Scope};
use domain::ids::MerchantId;
use domain::merchant::Product;
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::{Span, Timestamp};
use store::datasets::{self, StoredDataset};
use store::lease::{Claimed, Lease};
use store::sessions::{self, Mark, StoredSession};
use store::{Store, StoreError, Tx, consents, nodes, resends, subject_keys, subjects};
use tokio::task::JoinSet;

use super::database::{Database, on_both};
use super::samples::{MERCHANT, START};

on_both!(
    a_change_under_an_old_version_is_refused,
    a_session_is_gone_with_its_persons_key,
    a_session_is_due_when_nobody_has_it,
    two_nodes_that_claim_at_once_get_different_sessions,
    lists_and_purges_tell_open_unknown_and_ended_apart,
    codes_are_admitted_up_to_the_limit_of_a_window,
    a_borrower_is_the_person_whom_its_report_names,
);

const PERSON: SubjectHash = SubjectHash([3; 32]);

fn at(second: i64) -> Timestamp {
    START + Span::seconds(second)
}

fn lease(node: &str, second: i64) -> Lease {
    Lease { node: node.to_owned(), until: at(second) }
}

pub(super) fn session(open_id: &str, due: Option<i64>) -> StoredSession {
    StoredSession {
        open_id: open_id.to_owned(),
        merchant: MERCHANT,
        product: Product::Telecom,
        subject: PERSON,
        state: 2,
        mark: Mark::Held,
        opened_at: START,
        due_at: due.map(at),
        lease: None,
        version: 1,
        sealed: vec![0, 1, 255],
    }
}

async fn run<T: Send + 'static>(
    store: &Store,
    work: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
) -> T {
    store.unit("test", work).await.expect("the database answers")
}

/// Keeps sessions and the key of the person whose they are.
async fn open(store: &Store, kept: Vec<StoredSession>) {
    run(store, move |tx| {
        subject_keys::ensure(tx, &PERSON, b"key", START)?;
        kept.iter().try_for_each(|session| sessions::insert(tx, session))
    })
    .await;
}

async fn save(store: &Store, changed: &StoredSession) -> bool {
    let changed = changed.clone();
    run(store, move |tx| sessions::save(tx, &changed)).await
}

async fn get(store: &Store, open_id: &'static str) -> Option<(StoredSession, Vec<u8>)> {
    run(store, move |tx| sessions::get(tx, open_id)).await
}

async fn a_change_under_an_old_version_is_refused(database: Arc<Database>) {
    let store = database.open("a");
    let first = session("one", Some(5));
    open(&store, vec![first.clone(), session("other", None)]).await;
    assert_eq!(get(&store, "one").await, Some((first.clone(), b"key".to_vec())));
    for (merchant, product, is_own) in [
        (first.merchant, first.product, true),
        (MerchantId(first.merchant.0 + 1), first.product, false),
        (first.merchant, Product::Degree, false),
    ] {
        let own = run(&store, move |tx| sessions::get_own(tx, "one", merchant, product)).await;
        assert_eq!(own, is_own.then(|| (first.clone(), b"key".to_vec())), "{product:?}");
    }
    let second = StoredSession {
        state: 9,
        mark: Mark::Unknown,
        due_at: None,
        lease: Some(lease("a", 60)),
        version: 2,
        sealed: vec![7],
        ..first.clone()
    };
    assert!(save(&store, &second).await);
    for late in [&second, &first, &StoredSession { version: 4, ..first.clone() }] {
        assert!(!save(&store, late).await, "version {}", late.version);
    }
    let foreign = [
        StoredSession { open_id: "none".to_owned(), version: 3, ..first.clone() },
        StoredSession { subject: SubjectHash([4; 32]), version: 3, ..first.clone() },
        StoredSession { product: Product::Degree, version: 3, ..first.clone() },
    ];
    for foreign in foreign {
        assert!(!save(&store, &foreign).await, "{foreign:?}");
    }
    assert_eq!(get(&store, "one").await, Some((second, b"key".to_vec())));
    let twice = first.clone();
    let twice = store.unit("twice", move |tx| sessions::insert(tx, &twice)).await;
    assert!(twice.is_err(), "an open_id is given once");
}

async fn a_session_is_gone_with_its_persons_key(database: Arc<Database>) {
    let store = database.open("a");
    let stays = StoredSession { subject: SubjectHash([4; 32]), ..session("stays", None) };
    open(&store, vec![session("one", None), session("two", None), stays.clone()]).await;
    let ensure = |subject: SubjectHash, fresh: &'static [u8]| {
        run(&store, move |tx| subject_keys::ensure(tx, &subject, fresh, START))
    };
    assert_eq!(ensure(PERSON, b"later").await, b"key", "the first key stays");
    assert_eq!(get(&store, "stays").await, None, "a session without a key cannot be read");
    ensure(stays.subject, b"other").await;
    let erase = async || run(&store, |tx| subject_keys::erase(tx, &PERSON)).await;
    assert_eq!((erase().await, erase().await), (true, false));
    assert_eq!(run(&store, |tx| subject_keys::get(tx, &PERSON)).await, None);
    assert_eq!((get(&store, "one").await, get(&store, "two").await), (None, None));
    assert_eq!(run(&store, |tx| sessions::erase(tx, &PERSON)).await, 2);
    assert_eq!(get(&store, "stays").await, Some((stays, b"other".to_vec())));
}

/// What `b` is given at `now` (the clock's and the machine's seconds), sorted.
async fn claim(store: &Store, (now, machine_now): (i64, i64), limit: i64) -> Vec<(String, bool)> {
    let is_any = run(store, move |tx| sessions::is_any_due(tx, at(now), at(machine_now))).await;
    let claimed = run(store, move |tx| {
        sessions::claim_due(tx, at(now), at(machine_now), &lease("b", 100), limit)
    });
    let claimed = claimed.await.into_iter().map(|one: Claimed| (one.open_id, one.was_leased));
    let mut claimed: Vec<_> = claimed.collect();
    assert_eq!(is_any, !claimed.is_empty());
    claimed.sort();
    claimed
}

async fn a_session_is_due_when_nobody_has_it(database: Arc<Database>) {
    let store = database.open("a");
    let leased = |open_id, node, until| StoredSession {
        lease: Some(lease(node, until)),
        ..session(open_id, Some(0))
    };
    for node in ["a", "b"] {
        run(&store, move |tx| nodes::beat(tx, node, START, Span::seconds(5))).await;
    }
    let waiting = ["w1", "w2", "w3"].into_iter().zip(1..).map(|(name, at)| session(name, Some(at)));
    let held = [leased("held", "a", 50), session("done", None)];
    open(&store, waiting.chain(held).collect()).await;
    let one = |name: &str, was_leased| vec![(name.to_owned(), was_leased)];
    assert_eq!(claim(&store, (0, 0), 9).await, [], "not yet due");
    assert_eq!(claim(&store, (2, 0), 1).await, one("w1", false), "the longest due first");
    assert_eq!(claim(&store, (2, 49), 9).await, one("w2", false));
    assert_eq!(claim(&store, (2, 50), 9).await, one("held", true), "the lease ran out");
    let taken = get(&store, "held").await.expect("is there").0;
    assert_eq!((taken.lease, taken.version), (Some(lease("b", 100)), 2));

    open(&store, vec![leased("orphan", "a", 900), leased("nobody's", "c", 900)]).await;
    assert_eq!(claim(&store, (2, 60), 9).await, one("nobody's", true));
    run(&store, |tx| nodes::remove(tx, "a")).await;
    assert_eq!(claim(&store, (9, 60), 1).await, one("orphan", true), "lost ones before due ones");
    assert_eq!(claim(&store, (9, 60), 9).await, one("w3", false));
    assert_eq!(claim(&store, (900, 99), 9).await, [], "all are held by a node that lives");
    assert_eq!(claim(&store, (900, 100), 9).await.len(), 6);
}

async fn two_nodes_that_claim_at_once_get_different_sessions(database: Arc<Database>) {
    const SESSIONS: usize = 200;
    let stores = [database.open("a"), database.open("b")];
    for node in ["a", "b"] {
        run(&stores[0], move |tx| nodes::beat(tx, node, START, Span::seconds(5))).await;
    }
    let all = (0..SESSIONS).map(|n| session(&format!("s{n}"), Some(0))).collect();
    open(&stores[0], all).await;
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let store = stores[task % 2].clone();
        tasks.spawn(async move {
            let node = ["a", "b"][task % 2];
            let mut mine = Vec::new();
            let claim = move |tx: &mut Tx<'_>| {
                let claimed = sessions::claim_due(tx, at(1), START, &lease(node, 60), 7)?;
                Ok((claimed, sessions::is_any_due(tx, at(1), START)?))
            };
            loop {
                let (claimed, is_any) = run(&store, claim).await;
                assert!(claimed.len() <= 7);
                mine.extend(claimed.into_iter().map(|one| one.open_id));
                if !is_any {
                    return mine;
                }
            }
        });
    }
    let claimed = tasks.join_all().await.concat();
    let distinct: HashSet<&String> = claimed.iter().collect();
    assert_eq!((claimed.len(), distinct.len()), (SESSIONS, SESSIONS));
}

async fn lists_and_purges_tell_open_unknown_and_ended_apart(database: Arc<Database>) {
    let store = database.open("a");
    let marked =
        |name, second, mark| StoredSession { opened_at: at(second), mark, ..session(name, None) };
    let kept = vec![
        marked("posted", 1, Mark::Posted),
        marked("unknown 4", 4, Mark::Unknown),
        marked("unknown 2", 2, Mark::Unknown),
        marked("voided", 3, Mark::Voided),
        StoredSession { due_at: Some(at(9)), ..marked("open", 5, Mark::Held) },
        StoredSession { lease: Some(lease("a", 9)), ..marked("at work", 6, Mark::Held) },
        marked("new", 8, Mark::Posted),
    ];
    open(&store, kept).await;
    let other = StoredSession { subject: SubjectHash([4; 32]), ..marked("other", 7, Mark::Posted) };
    open(&store, vec![other]).await;
    let names = |found: Vec<StoredSession>| -> Vec<String> {
        found.into_iter().map(|session| session.open_id).collect()
    };
    let unknown = run(&store, |tx| sessions::unknown(tx, 9)).await;
    assert_eq!(names(unknown), ["unknown 2", "unknown 4"], "the oldest first");
    assert_eq!(run(&store, |tx| sessions::unknown(tx, 1)).await.len(), 1);
    let of = run(&store, |tx| sessions::of_subject(tx, &PERSON, at(5))).await;
    assert_eq!(names(of), ["new", "at work", "open"], "the newest first");
    assert_eq!(run(&store, sessions::count_open).await, 1);
    let purge =
        async |second, limit| run(&store, move |tx| sessions::purge(tx, at(second), limit)).await;
    assert_eq!((purge(3, 9).await, purge(8, 1).await, purge(8, 9).await), (1, 1, 1));
    let left = run(&store, |tx| sessions::of_subject(tx, &PERSON, START)).await;
    assert_eq!(names(left), ["new", "at work", "open", "unknown 4", "unknown 2"]);
}

async fn codes_are_admitted_up_to_the_limit_of_a_window(database: Arc<Database>) {
    let stores = [database.open("a"), database.open("b")];
    let admit = async |mobile: u8, open_id: &'static str, second| {
        let span = (at(second - 10), at(second));
        run(&stores[0], move |tx| resends::admit(tx, &[mobile; 32], open_id, span, 2)).await
    };
    assert!(admit(1, "one", 0).await && admit(1, "two", 1).await);
    assert!(!admit(1, "three", 1).await, "two in the window, over all sessions");
    assert!(admit(2, "three", 1).await, "another telephone");
    assert!(!admit(1, "one", 9).await);
    assert!(admit(1, "one", 10).await, "the first is out of the window");
    assert!(!admit(1, "one", 10).await);

    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let store = stores[task % 2].clone();
        tasks.spawn(async move {
            let admit = move |tx: &mut Tx<'_>| {
                resends::admit(tx, &[7; 32], &task.to_string(), (START, at(1)), 3)
            };
            run(&store, admit).await
        });
    }
    let admitted = tasks.join_all().await.into_iter().filter(|is_admitted| *is_admitted).count();
    assert_eq!(admitted, 3, "at once, on two nodes");
    let purge = async |second, limit| {
        run(&stores[1], move |tx| resends::purge(tx, at(second), limit)).await
    };
    assert_eq!((purge(1, 9).await, purge(11, 2).await, purge(11, 9).await), (1, 2, 4));
}

/// A borrower's row stands under a hash of its own; the report that was read tells the person.
async fn a_borrower_is_the_person_whom_its_report_names(database: Arc<Database>) {
    let store = database.open("a");
    let (borrower, person) = (SubjectHash([8; 32]), PERSON);
    let open_id = "8".repeat(32);
    let row = StoredSession {
        product: Product::CreditReport,
        mark: Mark::Voided,
        subject: borrower,
        ..session(&open_id, None)
    };
    let other = StoredSession { subject: SubjectHash([9; 32]), ..session(&"9".repeat(32), None) };
    let report = StoredDataset {
        open_id: format!("{open_id}-1"),
        merchant: MERCHANT,
        subject: person,
        source: SourceKind::Credit,
        at: START,
        sealed: vec![1],
    };
    let scope = Scope {
        merchant: MERCHANT,
        subject: borrower,
        source: SourceKind::Credit,
        purpose: Purpose::CreditAssessment,
        account: None,
    };
    run(&store, move |tx| {
        for row in [&row, &other] {
            subject_keys::ensure(tx, &row.subject, b"key", START)?;
            sessions::insert(tx, row)?;
        }
        subject_keys::ensure(tx, &person, b"person", START)?;
        consents::insert(tx, &consent(scope.clone()), b"evidence")?;
        datasets::put(tx, &report)
    })
    .await;
    let seen = |store: &Store| {
        let store = store.clone();
        async move {
            run(&store, move |tx| {
                let borrowers = sessions::borrowers_of(tx, &person)?;
                let ids: Vec<String> = borrowers.into_iter().map(|(row, _)| row.open_id).collect();
                Ok((ids, consents::of_subject(tx, &person)?.len()))
            })
            .await
        }
    };
    assert_eq!(seen(&store).await, (vec![open_id], 1));
    let erased = run(&store, move |tx| subjects::erase(tx, &person)).await;
    assert_eq!((erased.sessions, erased.datasets, erased.consents), (1, 1, 1));
    assert_eq!(seen(&store).await, (Vec::new(), 0));
    let keys = [borrower, person, SubjectHash([9; 32])];
    let left = run(&store, move |tx| {
        let is_left = keys.iter().map(|key| Ok(subject_keys::get(tx, key)?.is_some()));
        is_left.collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(left.await, [false, false, true]);
}

fn consent(scope: Scope) -> Consent {
    Consent {
        id: "c".repeat(32),
        scope,
        kind: ConsentKind::Declared,
        text_version: "1".to_owned(),
        text_sha256: "0".repeat(64),
        from: START,
        until: at(60),
        withdrawn_at: None,
    }
}
