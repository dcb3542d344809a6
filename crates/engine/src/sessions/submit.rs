//! What the borrower gives, through the merchant: logins, codes, passwords, and the wish for
//! another code.

use domain::failure::Failure;
use domain::merchant::Product;
use domain::secret::{Private, Secret};
use domain::session::{Event, Phase, PromptKind, Refused};
use domain::source::SourceFailure;
use domain::time::Span;

use super::drive::Push;
use super::{Session, Unsaved};
use crate::directory::MerchantEntry;
use crate::sessions::BankAccount;
use crate::{Engine, tasks};

/// Codes that may be sent to one telephone in this time, over all merchants.
const RESENDS_OF_A_MOBILE: i64 = 5;
const RESENDS_WINDOW: Span = Span::hours(1);
const MOBILE_SPACE: &str = "mobile";

/// How long a degree login that asks for it waits for the end (`qiancheng.md`, sync 0).
const WAIT_MAX: Span = Span::seconds(30);
const WAIT_PAUSE: Span = Span::millis(50);

/// Attempts to take an answer in, against others who write the same session.
const TAKES_MAX: usize = 5;

impl Engine {
    /// The carrier's service password, where the session was opened without one.
    pub async fn submit_service_password(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
        password: Secret<String>,
    ) -> Result<(), Failure> {
        let session = self.session(entry.merchant.id, Product::Telecom, open_id).await?;
        self.submit(session, Event::LoggedIn, Push::Login(Some(password))).await
    }

    /// The carrier's prompts: a code by SMS, the query password.
    pub async fn submit_prompt(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
        kind: PromptKind,
        value: Secret<String>,
    ) -> Result<(), Failure> {
        let session = self.session(entry.merchant.id, Product::Telecom, open_id).await?;
        self.submit(session, Event::Answered(kind), Push::Answer(kind, value)).await
    }

    /// A bank's code, whatever it asked for: picture, SMS or token.
    pub async fn submit_bank_code(
        &self,
        entry: &MerchantEntry,
        product: Product,
        open_id: &str,
        code: Secret<String>,
    ) -> Result<(), Failure> {
        let mut session = self.session(entry.merchant.id, product, open_id).await?;
        session.advance(self.now());
        let Some(kind) = session.record.state.asked() else {
            let refused = match session.record.state.phase() {
                Phase::Collecting | Phase::Fetching => Refused::NotAsked,
                Phase::Ready | Phase::Failed(_) => Refused::Over,
            };
            return Err(refusal(&session, refused));
        };
        self.submit(session, Event::Answered(kind), Push::Answer(kind, code)).await
    }

    /// Account and password at a bank (version 2), after its licence.
    pub async fn submit_bank_login(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
        account: BankAccount,
    ) -> Result<(), Failure> {
        let mut session = self.session(entry.merchant.id, Product::EbankV2, open_id).await?;
        let BankAccount { entry: at, login_name, password } = account;
        self.usable_entry(&at)?;
        let directory = self.directory();
        let live = directory.provider(&session.record.provider);
        if live.is_some_and(|live| !live.takes_entry(&at)) {
            return Err(Failure::EntryUnusable);
        }
        self.demand_license(entry, session.subject(), (&at, &login_name)).await?;
        self.check_bank_account(&at, &login_name, password.as_ref())?;
        session.record.entry = Some(at);
        session.record.account = Some(login_name);
        self.submit(session, Event::LoggedIn, Push::Login(password)).await
    }

    /// The licence that a session's person accepted for one account (version 2).
    pub async fn upload_session_license(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
        account: (&str, &str),
        evidence: Private<String>,
    ) -> Result<(), Failure> {
        let mut session = self.session(entry.merchant.id, Product::EbankV2, open_id).await?;
        session.advance(self.now());
        if session.record.state.phase() != Phase::Collecting {
            return Err(refusal(&session, Refused::Over));
        }
        self.upload_license(entry.merchant.id, session.subject(), account, evidence).await
    }

    /// Account and password of the degree register. With `waits` it returns at the end of the
    /// collection, or after 30 s.
    pub async fn submit_degree_login(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
        (account, password): (String, Secret<String>),
        waits: bool,
    ) -> Result<(), Failure> {
        let mut session = self.session(entry.merchant.id, Product::Degree, open_id).await?;
        session.record.account = Some(account);
        self.submit(session, Event::LoggedIn, Push::Login(Some(password))).await?;
        if waits { self.wait_for_end(open_id).await } else { Ok(()) }
    }

    async fn wait_for_end(&self, open_id: &str) -> Result<(), Failure> {
        let clock = &self.inner.clock;
        let until = clock.machine_now() + WAIT_MAX;
        while clock.machine_now() < until {
            let mut session = self.session_by_id(open_id).await?;
            session.advance(self.now());
            match session.record.state.phase() {
                Phase::Ready => return Ok(()),
                Phase::Failed(failure) => return Err(Failure::CollectionFailed(failure)),
                Phase::Collecting | Phase::Fetching => {}
            }
            tasks::pause(WAIT_PAUSE).await;
        }
        Ok(())
    }

    /// Has the carrier send its code again.
    pub async fn resend_captcha(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
    ) -> Result<(), Failure> {
        let mut session = self.session(entry.merchant.id, Product::Telecom, open_id).await?;
        session.advance(self.now());
        // Tried first: a code that the session does not ask for is not counted for the telephone.
        let tried = session.record.state.clone().on(Event::ResendAsked, self.now());
        if let Err(refused) = tried {
            return Err(refusal(&session, refused));
        }
        self.admit_resend(&session).await?;
        self.submit(session, Event::ResendAsked, Push::Resend).await
    }

    /// Counts one more code to the telephone, over all merchants.
    async fn admit_resend(&self, session: &Session) -> Result<(), Failure> {
        let person = session.person().map_err(Failure::CollectionFailed)?;
        let mobile = self.keys().index(MOBILE_SPACE, &person.mobile.canonical());
        let (open_id, now) = (session.row.open_id.clone(), self.now());
        let admitted = self.store().unit("admit_resend", move |tx| {
            let span = (now - RESENDS_WINDOW, now);
            store::resends::admit(tx, &mobile, &open_id, span, RESENDS_OF_A_MOBILE)
        });
        match admitted.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::ResendsUsedUp),
            Err(error) => Err(self.store_failed(&error)),
        }
    }

    /// Records that an answer came in, takes the lease in the same unit, and asks the source
    /// beside the caller. The identical answer while its step runs is taken as said already.
    async fn submit(&self, mut session: Session, event: Event, push: Push) -> Result<(), Failure> {
        let digest = self.answer_digest(&session, &push);
        let (entry, account) = (session.record.entry.clone(), session.record.account.clone());
        for _ in 0..TAKES_MAX {
            let now = self.now();
            if let Err(refused) = session.on(event.clone(), now) {
                let same = self.is_said_already(&session, &digest);
                if refused == Refused::AlreadySubmitted && same {
                    // Another node took it: what this one showed last is older.
                    self.show_session(&session);
                    return Ok(());
                }
                return Err(refusal(&session, refused));
            }
            self.take_off(&mut session, push.effect());
            self.inner.sessions.note_answer(&session.row.open_id, digest);
            match self.save_session(&mut session, |_| Ok(())).await {
                Ok(()) => {
                    self.spawn_step(session, push);
                    return Ok(());
                }
                Err(Unsaved::Moved) => {
                    session = self.session_by_id(&session.row.open_id).await?;
                    session.record.entry.clone_from(&entry);
                    session.record.account.clone_from(&account);
                }
                Err(Unsaved::Failed(failure)) => return Err(failure),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Whether an answer is the one that is with the source. Only the node that took it can tell,
    /// for nothing of class C3 is written down; at another node it is taken as a repeat, as a
    /// balancer makes one, and nothing is submitted either way: the state tells what came of it.
    fn is_said_already(&self, session: &Session, digest: &[u8; 32]) -> bool {
        let (memory, open_id) = (&self.inner.sessions, &session.row.open_id);
        let elsewhere = session.row.lease.as_ref().is_some_and(|l| l.node != self.inner.node);
        memory.is_same_answer(open_id, digest) || (elsewhere && memory.has_no_answer(open_id))
    }

    /// A digest of what was given, and for which account, under a key that only this process has
    /// and never writes.
    fn answer_digest(&self, session: &Session, push: &Push) -> [u8; 32] {
        let (kind, value) = match push {
            Push::Login(password) => ("login", password.as_ref()),
            Push::Answer(_, value) => ("answer", Some(value)),
            Push::Resend => ("resend", None),
            Push::Wake => ("wake", None),
        };
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut context = aws_lc_rs::hmac::Context::with_key(&self.inner.answers_key);
        for part in [kind, &of(&session.record.entry), &of(&session.record.account)] {
            context.update(part.as_bytes());
            context.update(&[0]);
        }
        context.update(value.map_or(&[][..], |value| value.expose().as_bytes()));
        context.sign().as_ref().try_into().expect("HMAC-SHA256 gives 32 bytes")
    }
}

/// What a merchant is told when its session does not take what it sent.
pub(super) fn refusal(session: &Session, refused: Refused) -> Failure {
    if session.record.state.phase() == Phase::Failed(SourceFailure::TimedOut) {
        return Failure::SessionTimedOut;
    }
    match refused {
        Refused::NotAsked | Refused::OutOfTurn => Failure::NotAsked,
        Refused::AlreadySubmitted => Failure::AlreadySubmitted,
        Refused::ResendsUsedUp => Failure::ResendsUsedUp,
        Refused::Over => Failure::SessionOver,
    }
}
