//! Signed requests of face 3: done once, whatever becomes of the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::call::Answer;
use domain::consent::{ConsentKind, Purpose, Scope};
use domain::failure::Failure;
use domain::ids::MerchantId;
use domain::merchant::Rong360;
use domain::secret::Private;
use domain::source::SourceKind;
use domain::time::{Span, Timestamp};
use engine::{Keeping, NewConsent, SignedRequest};

use crate::world::World;

/// Does requests, and counts how often.
struct Desk {
    world: World,
    done: Arc<AtomicUsize>,
}

impl Desk {
    async fn open() -> Self {
        Self { world: World::open().await, done: Arc::default() }
    }

    async fn send(&self, request: SignedRequest, keeping: Keeping) -> Result<usize, Failure> {
        let done = Arc::clone(&self.done);
        let work = async move {
            let body = vec![done.fetch_add(1, Ordering::Relaxed) as u8];
            (Answer { status: 200, headers: Vec::new(), body }, keeping)
        };
        let answer = self.world.engine.once(request, work).await?;
        Ok(usize::from(answer.body[0]))
    }
}

fn request(merchant: i64, digest: u8) -> SignedRequest {
    let stamp = Timestamp(1_795_219_200_000_000);
    let until = stamp + Span::minutes(15);
    SignedRequest { merchant: MerchantId(merchant), digest: [digest; 32], stamp, until }
}

#[tokio::test]
async fn equal_signatures_are_answered_alike_and_others_are_not_mixed_up() {
    let desk = Desk::open().await;
    for (request, expected) in [
        (request(1, 1), 0),
        (request(1, 1), 0),
        (request(1, 2), 1),
        (request(1, 1), 0),
        (request(1, 2), 1),
    ] {
        assert_eq!(desk.send(request, Keeping::Kept).await, Ok(expected), "{request:?}");
    }
    assert_eq!(desk.done.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_could_not_be_done_is_tried_again_and_what_is_secret_is_not_given_twice() {
    let desk = Desk::open().await;
    for (keeping, expected) in [
        (Keeping::Forgotten, Ok(0)),
        (Keeping::Forgotten, Ok(1)),
        (Keeping::Kept, Ok(2)),
        (Keeping::Forgotten, Ok(2)),
    ] {
        assert_eq!(desk.send(request(1, 1), keeping).await, expected, "{keeping:?}");
    }
    assert_eq!(desk.send(request(1, 2), Keeping::Withheld).await, Ok(3));
    assert_eq!(desk.send(request(1, 2), Keeping::Kept).await, Err(Failure::AnswerGone));
}

/// What tells of a person goes with the person's key, and does not come back with another one.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_a_person_goes_with_the_person() {
    let desk = Desk::open().await;
    let engine = &desk.world.engine;
    let merchant = desk.world.merchant(None).await.id;
    let subject = engine.named("person 7").expect("a name");
    let has_key = async || {
        let scope = Scope {
            merchant,
            subject,
            source: SourceKind::Credit,
            purpose: Purpose::CreditAssessment,
            account: None,
        };
        let (from, evidence) = (engine.now(), Private::new("paper".to_owned()));
        let (kind, until) = (ConsentKind::Given, from + Span::days(1));
        let new = NewConsent { scope, kind, from, until, evidence };
        engine.record_consent(new).await.expect("is recorded");
    };
    let keeping = Keeping::KeptOf(subject);
    assert_eq!(desk.send(request(1, 1), keeping).await, Ok(0));
    assert_eq!(desk.send(request(1, 1), keeping).await, Err(Failure::AnswerGone), "without a key");
    has_key().await;
    assert_eq!(desk.send(request(1, 2), keeping).await, Ok(1));
    assert_eq!(desk.send(request(1, 2), keeping).await, Ok(1), "as the first time");
    engine.erase_subject("person 7").await.expect("is erased");
    for turn in ["erased", "known again"] {
        let again = desk.send(request(1, 2), keeping).await;
        assert_eq!(again, Err(Failure::AnswerGone), "{turn}");
        has_key().await;
    }
}

#[tokio::test]
async fn an_app_id_is_one_merchants_and_is_checked() {
    let world = World::open().await;
    let engine = &world.engine;
    let merchant = world.merchant(None).await;
    let set = async |terms| engine.set_rong360(&merchant, terms).await.is_ok();
    let usual = Rong360::new("1000001".to_owned());
    assert!(set(usual.clone()).await);
    engine.refresh().await.expect("is read");
    let found = engine.by_app_id("1000001").expect("is there");
    assert_eq!((found.merchant.id, found.rong360.clone()), (merchant.id, Some(usual.clone())));
    assert!(engine.by_app_id("1000002").is_err());
    for terms in [
        Rong360::new("100000".to_owned()),
        Rong360::new("10000010".to_owned()),
        Rong360::new("100000x".to_owned()),
        Rong360 { aliases: vec!["a b".to_owned()], ..usual.clone() },
        Rong360 { aliases: vec![String::new()], ..usual.clone() },
        Rong360 { aliases: vec!["x".to_owned(); 17], ..usual.clone() },
        Rong360 { sign_types: Vec::new(), ..usual },
    ] {
        assert!(!set(terms.clone()).await, "{terms:?}");
    }
}
