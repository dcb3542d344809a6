//! The way through the credit bureau, by the engine's own door, in the sandbox.

use std::sync::Arc;

use domain::ids::AppId;
use domain::merchant::{Entitlement, Limits, Product, TagKey};
use domain::money::Amount;
use domain::secret::{Private, Secret};
use domain::session::credit::{Refusal, UserStatus};
use domain::time::Span;
use engine::{
    CardSecretGiven, CardholderGiven, CreditAsk, CreditFailure, CreditReply, CreditUser,
    MerchantEntry, tasks,
};
use sources::sandbox::persona::credit;
use tokio::sync::watch;

use crate::world::World;

/// A borrower of a merchant that may ask for reports.
struct Borrower<'w> {
    world: &'w World,
    entry: Arc<MerchantEntry>,
    user_id: &'static str,
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

impl Borrower<'_> {
    async fn ask(&self, ask: CreditAsk) -> Result<CreditReply, CreditFailure> {
        let user = CreditUser {
            user_id: Private::new(self.user_id.to_owned()),
            notice_url: "https://merchant.example/notice".to_owned(),
        };
        self.world.engine.credit(&self.entry, user, ask).await
    }

    async fn go(&self, ask: CreditAsk) -> CreditReply {
        self.ask(ask).await.expect("the step is taken")
    }

    async fn refused(&self, ask: CreditAsk) -> Refusal {
        match self.ask(ask).await {
            Err(CreditFailure::Refused { refusal, .. }) => refusal,
            other => panic!("{other:?}"),
        }
    }

    async fn picture(&self) -> Secret<String> {
        self.go(CreditAsk::Picture).await;
        let user_id = Private::new(self.user_id.to_owned());
        let text = self.world.engine.sandbox_credit_captcha(&self.entry, &user_id).await;
        Secret::new(text.expect("the sandbox tells what its picture shows"))
    }

    async fn login(&self, login_name: &str, password: &str) -> CreditAsk {
        CreditAsk::Login {
            login_name: login_name.to_owned(),
            password: secret(password),
            picture: Some(self.picture().await),
        }
    }

    async fn log_in(&self, login_name: &str) -> (UserStatus, bool) {
        let login = self.login(login_name, "Passw0rd").await;
        match self.go(login).await {
            CreditReply::LoggedIn { status, is_authenticated } => (status, is_authenticated),
            other => panic!("{other:?}"),
        }
    }

    async fn report(&self) -> CreditReply {
        self.go(CreditAsk::ReportForm).await;
        self.go(CreditAsk::Report { login_name: None, identity_code: secret("SANDBX ") }).await
    }
}

async fn borrower<'w>(world: &'w World, user_id: &'static str) -> Borrower<'w> {
    if world.engine.directory().by_name("acme").is_none() {
        let merchant = world.merchant(None).await;
        for product in [Product::CreditReport, Product::CreditCached] {
            let entitlement = Entitlement {
                merchant: merchant.id,
                product,
                app: AppId::default(),
                is_default: true,
                model: String::new(),
                price: Amount(1_000_000),
                limits: Limits::default(),
                tag_key: TagKey::Name,
            };
            world.engine.entitle(entitlement).await.expect("is entitled");
        }
        world.engine.refresh().await.expect("is read");
    }
    let entry = world.engine.directory().by_name("acme").cloned().expect("a merchant");
    Borrower { world, entry, user_id }
}

/// The right answers of the sandbox's rule: `((i + n) mod 4) + 1`.
fn right(login_name: &str) -> [u8; 5] {
    let number: u64 = login_name.trim_start_matches("sandbox").parse().expect("digits");
    [1, 2, 3, 4, 5].map(|i| ((i + number) % 4) as u8 + 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn by_questions_to_the_report_and_to_the_same_report_again() {
    let world = World::sandbox().await;
    let (stop, stopping) = watch::channel(false);
    tasks::spawn(world.engine.clone().run_background(stopping));
    let me = borrower(&world, "u 1").await;
    assert_eq!(me.refused(CreditAsk::Questions).await, Refusal::NotLoggedIn);
    assert_eq!(me.log_in("sandbox07").await, (UserStatus::NotApplied, false));
    let CreditReply::Questions(questions) = me.go(CreditAsk::Questions).await else {
        panic!("no questions");
    };
    assert_eq!(questions[0].options[4], "以上都不是");
    assert_eq!(me.refused(CreditAsk::ReportForm).await, Refusal::OutOfStep);
    me.go(CreditAsk::Answers(Secret::new(right("sandbox07")))).await;
    world.wait(Span::seconds(10));
    tasks::pause(Span::millis(400)).await;
    let CreditReply::Report(shown) = me.report().await else { panic!("no report") };
    assert_eq!(shown.login_name, "sandbox07");
    assert!(!shown.record.accounts.is_empty());
    // Again, from what is kept.
    let CreditReply::Report(again) = me.report().await else { panic!("no report") };
    assert_eq!(again.local.id, shown.local.id);
    assert!(again.local.is_billed);
    assert_eq!(me.log_in("sandbox07").await, (UserStatus::LocalValid, false));
    world.wait(Span::days(40));
    assert_eq!(me.refused(CreditAsk::ReportForm).await, Refusal::Idle);
    assert_eq!(me.log_in("sandbox07").await, (UserStatus::LocalOutdated, false));
    stop.send(true).expect("the background listens");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_card_to_the_application() {
    let world = World::sandbox().await;
    for (user_id, is_debit) in [("debit", true), ("credit", false)] {
        let me = borrower(&world, user_id).await;
        let person = credit::person("sandbox11").expect("a person of the sandbox");
        me.log_in("sandbox11").await;
        let card = if is_debit { &person.debit_card } else { &person.credit_card };
        me.go(CreditAsk::Card { number: card.expose().to_owned() }).await;
        me.go(CreditAsk::Message { mobile: None }).await;
        let given = || CardholderGiven {
            card: None,
            mobile: person.person.mobile.expose().to_owned(),
            name: person.person.name.expose().to_owned(),
            id_card: person.person.id_card.expose().to_owned(),
            secret: if is_debit {
                CardSecretGiven::Debit { password: secret("135790") }
            } else {
                CardSecretGiven::Credit {
                    year: secret("30"),
                    month: secret("12"),
                    last_three: secret("888"),
                }
            },
            message_code: secret("123456"),
        };
        let wrong = CardholderGiven { message_code: secret("000000"), ..given() };
        let refused = me.refused(CreditAsk::Authenticate(Box::new(wrong))).await;
        assert_eq!(refused, Refusal::MessageCodeWrong);
        let CreditReply::Code(code) = me.go(CreditAsk::Authenticate(Box::new(given()))).await
        else {
            panic!("no code");
        };
        let raise = |picture, code: &str| CreditAsk::RaiseLevel { picture, code: secret(code) };
        let wrong = raise(me.picture().await, "xxxxxx");
        assert_eq!(me.refused(wrong).await, Refusal::UnionPayCodeWrong);
        let again = raise(me.picture().await, &code);
        assert!(matches!(me.go(again).await, CreditReply::ApplyForm));
        let used = raise(me.picture().await, &code);
        assert_eq!(me.refused(used).await, Refusal::UnionPayCodeUsed);
        me.go(CreditAsk::Message { mobile: None }).await;
        me.go(CreditAsk::Apply { message_code: secret("123456") }).await;
        assert_eq!(me.log_in("sandbox11").await, (UserStatus::InProgress, true));
        assert_eq!(me.refused(CreditAsk::Questions).await, Refusal::LevelTooHigh);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_lock_an_account_for_ten_minutes() {
    let world = World::sandbox().await;
    let (me, other) = (borrower(&world, "u 1").await, borrower(&world, "u 2").await);
    for attempt in 0..5 {
        let wrong = me.login("sandbox03", "wrong").await;
        assert_eq!(me.refused(wrong).await, Refusal::LoginWrong, "{attempt}");
    }
    // Whoever comes, with the right password too.
    let right = other.login("sandbox03", "Passw0rd").await;
    assert_eq!(other.refused(right).await, Refusal::LoginLocked);
    world.wait(Span(Span::minutes(10).0 - 1));
    let right = other.login("sandbox03", "Passw0rd").await;
    assert_eq!(other.refused(right).await, Refusal::LoginLocked);
    world.wait(Span::micros(1));
    assert_eq!(other.log_in("sandbox03").await.0, UserStatus::NotApplied);
}
