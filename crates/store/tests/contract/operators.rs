//! Operators, their tokens, the audit log and the versions of policies.

use std::sync::Arc;

use domain::audit_log::{Note, NoteWalk};
use domain::journal::{Checkpoint, RowHash};
use domain::operator::{Role, TotpStep};
use domain::policy::PolicyState::{self, Challenger, Draft, Live, Retired, Shadow, SignedOff};
use domain::subject::SubjectHash;
use domain::time::{Span, Timestamp};
use store::audit_log::{self, LANE, NewNote};
use store::operators::{self, OperatorToken, StoredOperator};
use store::policies::{self, SignOff, StoredPolicy};
use store::views::{self, View};
use store::{Store, StoreError, Tx, checkpoints};
use tokio::task::JoinSet;

use super::database::{Database, on_both};
use super::samples::START;

on_both!(
    an_operator_signs_in_with_each_step_once,
    a_token_opens_until_it_ends,
    notes_of_two_nodes_make_one_chain,
    the_log_is_append_only_and_its_head_is_signed_once,
    a_view_is_noted_without_its_reason,
    a_policy_lives,
);

fn operator(id: i64, name: &str) -> StoredOperator {
    StoredOperator {
        id,
        name: name.to_owned(),
        roles: vec![Role::Admin, Role::Risk],
        password: vec![1; 40],
        totp: vec![2; 40],
        totp_step: TotpStep(0),
        created_at: START,
        disabled_at: None,
    }
}

async fn unit<T: Send + 'static>(
    store: &Store,
    work: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.unit("test", work).await.expect("the unit is kept")
}

async fn an_operator_signs_in_with_each_step_once(database: Arc<Database>) {
    let store = database.open("a");
    let later = START + Span::hours(1);
    unit(&store, move |tx| {
        assert_eq!(operators::next_id(tx)?, 1);
        operators::insert(tx, &operator(1, "li"))?;
        assert_eq!(operators::next_id(tx)?, 2);
        assert_eq!(operators::by_name(tx, "li")?, Some(operator(1, "li")));
        assert_eq!(operators::by_name(tx, "wang")?, None);
        for (step, is_new) in [(7, true), (7, false), (6, false), (8, true)] {
            assert_eq!(operators::take_step(tx, 1, TotpStep(step))?, is_new, "{step}");
        }
        operators::set_password(tx, 1, &[3; 40])?;
        operators::set_totp(tx, 1, &[4; 40])?;
        let reset = StoredOperator {
            password: vec![3; 40],
            totp: vec![4; 40],
            disabled_at: Some(later),
            ..operator(1, "li")
        };
        assert!(operators::disable(tx, 1, later)?);
        assert!(!operators::disable(tx, 1, later)?, "once");
        assert_eq!(operators::all(tx)?, [reset]);
        Ok(())
    })
    .await;
    let twice = store.unit("twice", |tx| operators::insert(tx, &operator(2, "li"))).await;
    assert!(matches!(twice, Err(StoreError::Refused(_))), "a name is used once: {twice:?}");
}

async fn a_token_opens_until_it_ends(database: Arc<Database>) {
    let store = database.open("a");
    let token = |byte, operator, hours| OperatorToken {
        digest: [byte; 32],
        operator,
        created_at: START,
        ends_at: START + Span::hours(hours),
    };
    unit(&store, move |tx| {
        for id in [1, 2] {
            operators::insert(tx, &operator(id, &format!("operator-{id}")))?;
        }
        for one in [token(1, 1, 2), token(2, 1, 1), token(3, 2, 2), token(4, 2, 9)] {
            operators::insert_token(tx, &one)?;
        }
        let now = START + Span::hours(1);
        let opens = |tx: &mut Tx<'_>, byte| {
            operators::by_token(tx, &[byte; 32], now).map(|found| found.map(|one| one.id))
        };
        assert_eq!((opens(tx, 1)?, opens(tx, 2)?, opens(tx, 9)?), (Some(1), None, None));
        assert!(
            operators::end_token(tx, &[3; 32], now)? && !operators::end_token(tx, &[3; 32], now)?
        );
        assert_eq!((opens(tx, 3)?, opens(tx, 4)?), (None, Some(2)));
        operators::disable(tx, 2, now)?;
        assert_eq!(opens(tx, 4)?, None, "a disabled operator's");
        assert_eq!(operators::end_tokens(tx, 1, now)?, 1);
        assert_eq!(opens(tx, 1)?, None);
        assert_eq!(operators::purge_tokens(tx, now, 2)?, 2);
        assert_eq!(operators::purge_tokens(tx, now, 9)?, 1, "the last one's time is not over");
        Ok(())
    })
    .await;
}

fn new_note(action: &str, at: Timestamp) -> NewNote<'_> {
    NewNote { actor: "李", action, target: "consumer-credit 1", detail_json: "{\"a\":1}", at }
}

async fn notes_of_two_nodes_make_one_chain(database: Arc<Database>) {
    let stores = [database.open("a"), database.open("b")];
    let mut tasks = JoinSet::new();
    for at in 0..40 {
        let store = stores[at % 2].clone();
        tasks.spawn(async move {
            let at = Timestamp(at as i64);
            unit(&store, move |tx| audit_log::append(tx, &new_note("policy.add", at))).await
        });
    }
    let mut numbers = tasks.join_all().await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    let notes = stores[0].read("page", |tx| audit_log::page(tx, 0, 100)).await.expect("reads");
    let mut walk = NoteWalk::default();
    assert_eq!(notes.iter().find_map(|note| walk.step(note)), None);
    let seqs = |notes: Vec<Note>| notes.iter().map(|note| note.seq).collect::<Vec<_>>();
    stores[1]
        .read("newest", move |tx| {
            assert_eq!(seqs(audit_log::page(tx, 38, 9)?), [39, 40]);
            assert_eq!(seqs(audit_log::newest(tx, None, i64::MAX, 2)?), [40, 39]);
            let target = Some("consumer-credit 1");
            assert_eq!(seqs(audit_log::newest(tx, target, 3, 9)?), [2, 1]);
            assert_eq!(seqs(audit_log::newest(tx, Some("another"), 3, 9)?), [0; 0]);
            Ok(())
        })
        .await
        .expect("reads");
}

async fn the_log_is_append_only_and_its_head_is_signed_once(database: Arc<Database>) {
    let store = database.open("a");
    let heads = unit(&store, |tx| {
        assert_eq!((audit_log::last(tx)?, audit_log::unsigned_head(tx)?), (None, None));
        audit_log::append(tx, &new_note("policy.add", START))?;
        audit_log::append(tx, &new_note("policy.promote", START))?;
        let head = audit_log::unsigned_head(tx)?;
        assert_eq!(head, audit_log::last(tx)?);
        Ok(Vec::from_iter(head))
    })
    .await;
    assert_eq!(heads.iter().map(|head| (head.lane, head.seq)).collect::<Vec<_>>(), [(LANE, 2)]);
    unit(&store, move |tx| {
        let (hash, signature, key_version) = (RowHash([0; 32]), vec![7; 64], 1);
        let heads = heads.clone();
        let checkpoint = Checkpoint { seq: 1, at: START, heads, hash, key_version, signature };
        checkpoints::insert(tx, &checkpoint)?;
        assert_eq!((audit_log::unsigned_head(tx)?, audit_log::signed_seq(tx)?), (None, 2));
        audit_log::append(tx, &new_note("policy.retire", START))?;
        assert_eq!(audit_log::unsigned_head(tx)?.map(|head| head.seq), Some(3));
        Ok(())
    })
    .await;
    for sql in ["UPDATE audit_log SET actor = ''", "DELETE FROM audit_log"] {
        let refused = store.unit("tamper", move |tx| tx.execute(sql, &[])).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{sql}: {refused:?}");
    }
}

async fn a_view_is_noted_without_its_reason(database: Arc<Database>) {
    let store = database.open("a");
    let view = View {
        id: "0".repeat(32),
        at: START,
        actor: "li".to_owned(),
        subject: SubjectHash([9; 32]),
        what: "export".to_owned(),
        reason: "张三 asked".to_owned(),
    };
    let kept = view.clone();
    unit(&store, move |tx| views::note(tx, &kept)).await;
    let notes = store.read("page", |tx| audit_log::page(tx, 0, 9)).await.expect("reads");
    let [note] = &notes[..] else { panic!("{notes:?}") };
    assert_eq!((&*note.actor, &*note.action, &note.target), ("li", "unmasked.view", &view.id));
    assert_eq!(note.detail_json, "{\"what\":\"export\"}");
    assert_eq!(store.read("views", |tx| views::newest(tx, 9)).await.expect("reads"), [view]);
}

const NAME: &str = "consumer-credit";

fn draft(version: i64) -> StoredPolicy {
    StoredPolicy {
        name: NAME.to_owned(),
        version,
        state: Draft,
        body: b"{}".to_vec(),
        sha256: "ab".repeat(32),
        author: "li".to_owned(),
        created_at: START,
        sign_off: None,
        live_at: None,
    }
}

async fn a_policy_lives(database: Arc<Database>) {
    let store = database.open("a");
    let second = |at| START + Span::seconds(at);
    unit(&store, move |tx| {
        for version in 1..=5 {
            assert_eq!(policies::insert(tx, &draft(0))?, version);
        }
        assert_eq!(policies::find(tx, NAME, 2)?, Some(draft(2)));
        assert_eq!((policies::find(tx, NAME, 6)?, policies::live_before(tx, NAME)?), (None, None));
        let of_name: Vec<_> = (1..=5).map(|version| (NAME.to_owned(), version)).collect();
        assert_eq!(policies::versions(tx)?, of_name);
        assert_eq!(policies::in_use(tx)?, []);
        let signed = SignOff {
            signer: "wang".to_owned(),
            at: second(1),
            key_version: 1,
            signature: vec![7; 64],
        };
        policies::sign_off(tx, (NAME, 1), &signed)?;
        policies::set_live_at(tx, (NAME, 1), Some(second(2)))?;
        policies::set_live_at(tx, (NAME, 2), Some(second(3)))?;
        let states = [Retired, Retired, Shadow, Challenger { share: 10 }, Live];
        for (version, state) in (1..).zip(states) {
            policies::set_state(tx, (NAME, version), state)?;
        }
        let in_use: Vec<(i64, PolicyState)> =
            policies::in_use(tx)?.iter().map(|one| (one.version, one.state)).collect();
        assert_eq!(in_use, [(3, Shadow), (4, Challenger { share: 10 }), (5, Live)]);
        let first = policies::find(tx, NAME, 1)?.expect("it is there");
        assert_eq!((first.sign_off, first.live_at), (Some(signed), Some(second(2))));
        assert_eq!(policies::live_before(tx, NAME)?, Some(2));
        policies::set_live_at(tx, (NAME, 2), None)?;
        assert_eq!(policies::live_before(tx, NAME)?, Some(1), "the other was rolled back");
        policies::set_state(tx, (NAME, 4), SignedOff)?;
        assert_eq!(policies::find(tx, NAME, 4)?.map(|one| one.state), Some(SignedOff));
        Ok(())
    })
    .await;
}
