//! One step: admitted, asked, taken in, kept, answered.

use std::sync::Arc;

use domain::failure::Failure;
use domain::secret::Private;
use domain::session::credit::{Event, Refusal, Standing, Step};
use domain::time::Span;
use sources::bureau::{Outcome, Reply, Request};
use store::login_locks::LockKey;
use tokio::sync::oneshot;

use super::borrower::{Borrower, InFlight};
use super::bureau::request;
use super::{CreditAsk, CreditFailure, CreditReply, CreditUser};
use crate::directory::MerchantEntry;
use crate::sessions::Unsaved;
use crate::{Engine, tasks};

/// Attempts to take a step, against others who change the same borrower.
const TAKES_MAX: usize = 5;

/// How long a call waits for one before it of the same borrower, and how often it looks.
const BUSY_WAIT_MAX: Span = Span::seconds(10);
const BUSY_PAUSE: Span = Span::millis(50);

/// Codes that may be sent to one telephone in this time, over all merchants.
const MESSAGES_OF_A_TELEPHONE: i64 = 30;
const MESSAGES_WINDOW: Span = Span::hours(1);
const TELEPHONE_SPACE: &str = "mobile";

/// Why a walk stopped.
pub(crate) enum Halt {
    /// Somebody else moved the borrower; to be tried again from the start.
    Moved,
    Ended(CreditFailure),
}

impl<T: Into<CreditFailure>> From<T> for Halt {
    fn from(failure: T) -> Self {
        Self::Ended(failure.into())
    }
}

impl From<Unsaved> for Halt {
    fn from(unsaved: Unsaved) -> Self {
        match unsaved {
            Unsaved::Moved => Self::Moved,
            Unsaved::Failed(failure) => Self::Ended(failure.into()),
        }
    }
}

impl Engine {
    /// Takes one step of a borrower's way. It goes on when the caller goes away: what was begun at
    /// the bureau is taken in all the same. The face has looked whether the merchant may ask.
    pub async fn credit(
        &self,
        entry: &Arc<MerchantEntry>,
        user: CreditUser,
        ask: CreditAsk,
    ) -> Result<CreditReply, CreditFailure> {
        let (sender, receiver) = oneshot::channel();
        let (engine, entry) = (self.clone(), entry.clone());
        tasks::spawn(async move {
            let result = Box::pin(engine.take_step(&entry, &user, &ask)).await;
            // Nobody waits any more: the step is kept all the same.
            sender.send(result).ok();
        });
        receiver.await.unwrap_or(Err(CreditFailure::Failed(Failure::Internal)))
    }

    async fn take_step(
        &self,
        entry: &MerchantEntry,
        user: &CreditUser,
        ask: &CreditAsk,
    ) -> Result<CreditReply, CreditFailure> {
        let (mut waited, mut takes) = (Span::micros(0), 0);
        loop {
            let mut borrower = self.borrower(entry, user).await?;
            if borrower.record.flight.is_some() {
                if waited.0 >= BUSY_WAIT_MAX.0 {
                    return Err(Refusal::Busy.into());
                }
                tasks::pause(BUSY_PAUSE).await;
                waited = Span(waited.0 + BUSY_PAUSE.0);
                continue;
            }
            borrower.record.notice_url.clone_from(&user.notice_url);
            match self.walk(entry, &mut borrower, ask).await {
                Ok(reply) => return Ok(reply),
                Err(Halt::Ended(failure)) => return Err(failure),
                Err(Halt::Moved) if takes < TAKES_MAX => takes += 1,
                Err(Halt::Moved) => return Err(Failure::Overloaded.into()),
            }
        }
    }

    async fn walk(
        &self,
        entry: &MerchantEntry,
        borrower: &mut Borrower,
        ask: &CreditAsk,
    ) -> Result<CreditReply, Halt> {
        let (step, now) = (ask.step(), self.now());
        if let CreditAsk::Login { login_name, .. } = ask
            && self.is_locked(self.lock_key(entry.merchant.id, login_name)).await?
        {
            return Err(Refusal::LoginLocked.into());
        }
        let flow = &borrower.record.flow;
        let admitted = flow.admit(step, now).and_then(|()| {
            let logged_in = flow.logged_in().map(|account| account.login_name.as_str());
            let is_same = ask.login_name().is_none_or(|named| Some(named) == logged_in);
            if is_same { Ok(()) } else { Err(Refusal::NotLoggedIn) }
        });
        let admitted = match (admitted, ask) {
            (Ok(()), CreditAsk::Login { picture: None, .. }) => Err(Refusal::PictureWrong),
            (admitted, _) => admitted,
        };
        borrower.record.flow = borrower.record.flow.clone().at(now);
        borrower.on(Event::Seen, now);
        if let Err(refusal) = admitted {
            return Err(self.turned_down(entry, borrower, step, refusal).await);
        }
        let account = borrower.record.flow.account.as_ref();
        let standing = account.map(|account| &account.standing);
        match (step, standing) {
            (Step::Methods, _) => {
                self.save_borrower(borrower, |_| Ok(())).await?;
                Ok(CreditReply::Methods)
            }
            (Step::Report, Some(Standing::Local(_))) => self.show_report(entry, borrower).await,
            _ => self.ask_bureau(entry, borrower, ask).await,
        }
    }

    /// Keeps a borrower whose step was turned down; a login needs a new picture then.
    async fn turned_down(
        &self,
        entry: &MerchantEntry,
        borrower: &mut Borrower,
        step: Step,
        refusal: Refusal,
    ) -> Halt {
        let needs_picture =
            step == Step::Login && matches!(refusal, Refusal::LoginWrong | Refusal::PictureWrong);
        let mut picture = None;
        if needs_picture {
            let consent = self.demand_credit_consent(entry, borrower, None, true).await;
            if let Err(failure) = consent {
                return failure.into();
            }
            if let Outcome::Said { reply, memory } = self.ask_platform(borrower, Request::Picture) {
                borrower.record.memory = Some(memory);
                let now = self.now();
                if let (CreditReply::Picture(png), _) =
                    borrower.take_in(&CreditAsk::Picture, reply, now)
                {
                    picture = Some(png);
                }
            }
        }
        match self.save_borrower(borrower, |_| Ok(())).await {
            Err(Unsaved::Failed(failure)) => failure.into(),
            // Without a picture nothing is lost when somebody else was first.
            Err(Unsaved::Moved) if picture.is_some() => Halt::Moved,
            Ok(()) | Err(Unsaved::Moved) => {
                Halt::Ended(CreditFailure::Refused { refusal, picture })
            }
        }
    }

    async fn ask_bureau(
        &self,
        entry: &MerchantEntry,
        borrower: &mut Borrower,
        ask: &CreditAsk,
    ) -> Result<CreditReply, Halt> {
        let step = ask.step();
        self.consent_for(entry, borrower, step).await?;
        // What is missing is said before anything is counted.
        request(borrower, ask)?;
        if let CreditAsk::Message { mobile } = ask {
            self.admit_message(borrower, mobile.as_deref()).await?;
        }
        let login = match ask {
            CreditAsk::Login { login_name, .. } => {
                Some(self.lock_key(entry.merchant.id, login_name))
            }
            _ => None,
        };
        if let Some(key) = login
            && !self.try_login(key).await?
        {
            return Err(Refusal::LoginLocked.into());
        }
        if let Some(flight) = InFlight::of(step) {
            borrower.record.flight = Some(flight);
            borrower.row.lease = Some(self.session_lease());
            self.save_borrower(borrower, |_| Ok(())).await?;
        }
        let outcome = self.ask_platform(borrower, request(borrower, ask)?);
        if let Some(key) = login {
            self.settle_tried(key, &outcome).await;
        }
        self.take_outcome(entry, borrower, ask, outcome).await
    }

    /// Takes the attempt back unless the password was wrong. An attempt that cannot be taken back
    /// stays counted.
    async fn settle_tried(&self, key: LockKey, outcome: &Outcome) {
        let settled = match outcome {
            Outcome::Said { .. } => self.settle_login(key, true).await,
            Outcome::Refused { refusal: Refusal::LoginWrong, .. } => Ok(()),
            Outcome::Refused { .. } | Outcome::Failed(_) => self.settle_login(key, false).await,
        };
        if let Err(failure) = settled {
            tracing::warn!(?failure, "a login stays counted as wrong");
        }
    }

    async fn take_outcome(
        &self,
        entry: &MerchantEntry,
        borrower: &mut Borrower,
        ask: &CreditAsk,
        outcome: Outcome,
    ) -> Result<CreditReply, Halt> {
        let (step, now) = (ask.step(), self.now());
        borrower.record.flight = None;
        borrower.row.lease = None;
        if matches!(step, Step::Login | Step::RaiseLevel) {
            borrower.on(Event::PictureTried, now);
        }
        match outcome {
            Outcome::Said { reply: Reply::Page { html, updated_at }, memory } => {
                borrower.record.memory = Some(memory);
                self.read_report(entry, borrower, &html, updated_at).await
            }
            Outcome::Said { reply, memory } => {
                borrower.record.memory = Some(memory);
                let (reply, announcement) = borrower.take_in(ask, reply, now);
                self.save_announced(borrower, announcement).await?;
                Ok(reply)
            }
            Outcome::Refused { refusal, memory } => {
                if memory.is_some() {
                    borrower.record.memory = memory;
                }
                if refusal == Refusal::MessageCodeWrong {
                    borrower.on(Event::CodeWrong, now);
                }
                Err(self.turned_down(entry, borrower, step, refusal).await)
            }
            Outcome::Failed(failure) => {
                self.save_borrower(borrower, |_| Ok(())).await?;
                Err(Failure::CollectionFailed(failure).into())
            }
        }
    }

    /// The consent that a step needs. An application needs one newer than the report that is kept.
    async fn consent_for(
        &self,
        entry: &MerchantEntry,
        borrower: &Borrower,
        step: Step,
    ) -> Result<(), Failure> {
        let kept_since =
            borrower.record.flow.account.as_ref().and_then(|account| match &account.standing {
                Standing::Local(report) => Some(report.read_at),
                _ => None,
            });
        let demand =
            |since, may_declare| self.demand_credit_consent(entry, borrower, since, may_declare);
        match step {
            Step::Answers | Step::Apply => demand(kept_since, false).await,
            Step::Login => match demand(kept_since, true).await {
                Err(Failure::ConsentMissing) => demand(None, false).await,
                other => other,
            },
            Step::Picture => demand(None, true).await,
            _ => demand(None, false).await,
        }
    }

    /// Counts one more code to a telephone, over all merchants. Where the platform sends it to the
    /// registered one, the account stands for it.
    async fn admit_message(
        &self,
        borrower: &Borrower,
        mobile: Option<&str>,
    ) -> Result<(), CreditFailure> {
        let account = borrower.record.flow.account.as_ref();
        let registered = || account.map_or("", |account| &account.login_name).to_owned();
        let telephone = Private::new(mobile.map_or_else(registered, str::to_owned));
        let telephone = self.keys().index(TELEPHONE_SPACE, &telephone);
        let (open_id, now) = (borrower.row.open_id.clone(), self.now());
        let admitted = self.store().unit("admit_message", move |tx| {
            let span = (now - MESSAGES_WINDOW, now);
            store::resends::admit(tx, &telephone, &open_id, span, MESSAGES_OF_A_TELEPHONE)
        });
        match admitted.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::MessagesUsedUp.into()),
            Err(error) => Err(self.store_failed(&error).into()),
        }
    }
}
