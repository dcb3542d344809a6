//! A merchant's borrower in memory, and its sealed record.

use domain::consent::{Consent, Purpose, Scope};
use domain::failure::Failure;
use domain::ids::MerchantId;
use domain::keys::{KeyRing, SealError, SubjectKey};
use domain::merchant::Product;
use domain::secret::Private;
use domain::session::credit::{CardKind, Event, Flow, State, Step};
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use sources::sandbox::pboc::Pboc;
use sources::step::Memory;
use store::StoreError;
use store::sessions::{Mark, StoredSession};

use super::CreditUser;
use crate::Engine;
use crate::consents::NewConsent;
use crate::directory::MerchantEntry;
use crate::sessions::{Unsaved, place, unsealed};

/// The name space of the hash of (merchant, user).
const USER_SPACE: &str = "credit-user";

/// A borrower: its row, its key and its opened record.
pub(crate) struct Borrower {
    pub(crate) row: StoredSession,
    key: SubjectKey,
    pub(crate) record: Record,
}

/// What stands sealed in the row. C2, never C3. An earlier version counted the reports here: what
/// is not known is passed over.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The merchant's own name for the borrower.
    pub(crate) user_id: String,
    /// Where the merchant wants to be told, as the last call said.
    pub(crate) notice_url: String,
    pub(crate) flow: Flow,
    pub(crate) memory: Option<Memory>,
    /// The step that is with the bureau and must not be done twice.
    pub(crate) flight: Option<InFlight>,
    /// When the bureau is to be asked after the application again.
    pub(crate) look_at: Option<Timestamp>,
}

/// A step that is with the bureau.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InFlight {
    /// It carries what only the borrower knows: lost with its node.
    Secret,
    /// It sends a code; whether it was sent the borrower sees.
    Message,
}

impl InFlight {
    /// What a step leaves behind before it is asked; nothing where it may be asked again.
    pub(crate) fn of(step: Step) -> Option<Self> {
        match step {
            Step::Login | Step::Answers | Step::Authenticate | Step::RaiseLevel | Step::Apply => {
                Some(Self::Secret)
            }
            Step::Message => Some(Self::Message),
            Step::Picture
            | Step::LoginForm
            | Step::Methods
            | Step::Questions
            | Step::Card
            | Step::AuthedForm
            | Step::ReportForm
            | Step::Report => None,
        }
    }
}

impl Borrower {
    pub(crate) fn open(
        ring: &KeyRing,
        row: StoredSession,
        sealed_key: &[u8],
    ) -> Result<Self, SealError> {
        let (key, record) = unsealed(ring, &row, sealed_key)?;
        Ok(Self { row, key, record })
    }

    /// Applies an event; one that does not fit any more changes nothing.
    pub(crate) fn on(&mut self, event: Event, now: Timestamp) {
        if let Ok(flow) = self.record.flow.clone().on(event, now) {
            self.record.flow = flow;
        }
    }

    fn next_row(&self, engine: &Engine) -> StoredSession {
        let plain = serde_json::to_vec(&self.record).expect("plain data");
        StoredSession {
            state: self.record.flow.number(),
            due_at: self.due_at(),
            version: self.row.version + 1,
            sealed: self.key.seal(place(&self.row.open_id), &plain, engine.entropy()),
            ..self.row.clone()
        }
    }

    /// When the application has to be looked after.
    fn due_at(&self) -> Option<Timestamp> {
        let account = self.record.flow.account.as_ref()?;
        let gives_up_at = account.gives_up_at()?;
        Some(self.record.look_at.map_or(gives_up_at, |look_at| look_at.min(gives_up_at)))
    }

    /// What asking the bureau for this borrower needs a consent for.
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            merchant: self.row.merchant,
            subject: self.row.subject,
            source: SourceKind::Credit,
            purpose: Purpose::CreditAssessment,
            account: None,
        }
    }
}

impl Engine {
    /// The hash that stands for a merchant's user, and the name of its row: a bureau's page tells
    /// who it is only at the end.
    pub(crate) fn credit_user(
        &self,
        merchant: MerchantId,
        user_id: &Private<String>,
    ) -> (SubjectHash, String) {
        let text = Private::new(format!("{}\n{}", merchant.0, user_id.expose()));
        let hash = self.keys().index(USER_SPACE, &text);
        (SubjectHash(hash), hex::encode(&hash[..16]))
    }

    /// The hash that a merchant's user's consents, and what it was answered, are kept under.
    pub fn named_user(&self, merchant: MerchantId, user_id: String) -> SubjectHash {
        self.credit_user(merchant, &Private::new(user_id)).0
    }

    /// The borrower as the database has it; its first call begins it.
    pub(crate) async fn borrower(
        &self,
        entry: &MerchantEntry,
        user: &CreditUser,
    ) -> Result<Borrower, Failure> {
        let (subject, open_id) = self.credit_user(entry.merchant.id, &user.user_id);
        if let Some(borrower) = self.borrower_by_id(&open_id).await? {
            return Ok(borrower);
        }
        let key = self.subject_key(subject).await.map_err(|error| self.failed(&error))?;
        let now = self.now();
        let mut borrower = Borrower {
            row: StoredSession {
                open_id: open_id.clone(),
                merchant: entry.merchant.id,
                product: Product::CreditReport,
                subject,
                state: 0,
                // No call is held: a report is billed when it is there.
                mark: Mark::Voided,
                opened_at: now,
                due_at: None,
                lease: None,
                version: 0,
                sealed: Vec::new(),
            },
            key,
            record: Record {
                user_id: user.user_id.expose().clone(),
                notice_url: user.notice_url.clone(),
                flow: Flow::new(now),
                memory: None,
                flight: None,
                look_at: None,
            },
        };
        let row = borrower.next_row(self);
        let kept = row.clone();
        let inserted =
            self.store().unit("begin_borrower", move |tx| store::sessions::insert(tx, &row)).await;
        match inserted {
            Ok(()) => {
                borrower.row = kept;
                Ok(borrower)
            }
            // Another call of the same borrower was first.
            Err(error) => match self.borrower_by_id(&open_id).await? {
                Some(borrower) => Ok(borrower),
                None => Err(self.store_failed(&error)),
            },
        }
    }

    /// Which kind of card a borrower named, where it is at that.
    pub async fn credit_card_kind(
        &self,
        entry: &MerchantEntry,
        user_id: &Private<String>,
    ) -> Result<Option<CardKind>, Failure> {
        let (_, open_id) = self.credit_user(entry.merchant.id, user_id);
        let borrower = self.borrower_by_id(&open_id).await?;
        Ok(borrower.and_then(|borrower| match borrower.record.flow.state {
            State::Verifying { kind, .. } => Some(kind),
            _ => None,
        }))
    }

    /// What the sandbox's picture shows that waits for a borrower.
    pub async fn sandbox_credit_captcha(
        &self,
        entry: &MerchantEntry,
        user_id: &Private<String>,
    ) -> Option<String> {
        if !self.inner.sandbox {
            return None;
        }
        let (_, open_id) = self.credit_user(entry.merchant.id, user_id);
        let borrower = self.borrower_by_id(&open_id).await.ok()??;
        Pboc::captcha_text(&open_id, borrower.record.memory.as_ref()?)
    }

    pub(crate) async fn borrower_by_id(&self, open_id: &str) -> Result<Option<Borrower>, Failure> {
        let wanted = open_id.to_owned();
        let found =
            self.store().read("borrower", move |tx| store::sessions::get(tx, &wanted)).await;
        let Some((row, sealed_key)) = found.map_err(|error| self.store_failed(&error))? else {
            return Ok(None);
        };
        let opened = Borrower::open(&self.keys(), row, &sealed_key);
        opened.map(Some).map_err(|error| {
            tracing::error!(open_id, %error, "a borrower does not open");
            Failure::Internal
        })
    }

    /// Writes a borrower, with what `besides` does in the same unit, if nobody changed it since it
    /// was read.
    pub(crate) async fn save_borrower(
        &self,
        borrower: &mut Borrower,
        besides: impl Fn(&mut store::Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Unsaved> {
        borrower.row = self.save_row(borrower.next_row(self), besides).await?;
        Ok(())
    }

    /// Refuses unless a consent of the borrower is in force that was given after `since`. With
    /// `may_declare` a merchant whose agreement lets it declares one by this call, unless the
    /// borrower has withdrawn one: then it has to be given anew.
    pub(crate) async fn demand_credit_consent(
        &self,
        entry: &MerchantEntry,
        borrower: &Borrower,
        since: Option<Timestamp>,
        may_declare: bool,
    ) -> Result<(), Failure> {
        let (scope, now) = (borrower.scope(), self.now());
        let found = self.consents_of(scope.subject).await.map_err(|error| self.failed(&error))?;
        let covers = |consent: &&Consent| consent.covers(&scope);
        let is_new = |consent: &Consent| since.is_none_or(|since| consent.from > since);
        if found.iter().filter(covers).any(|one| one.in_force(now) && is_new(one)) {
            return Ok(());
        }
        if !may_declare || !entry.merchant.declares_consent {
            return Err(Failure::ConsentMissing);
        }
        let declared = NewConsent::declared(scope.clone(), now);
        let (consent, evidence) = self.seal_consent(declared, &borrower.key);
        let kept = self.store().unit("declare_consent", move |tx| {
            let is_withdrawn = store::consents::is_withdrawn(tx, &scope)?;
            store::consents::declare(tx, &consent, &evidence)?;
            Ok(!is_withdrawn)
        });
        match kept.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::ConsentMissing),
            Err(error) => Err(self.store_failed(&error)),
        }
    }
}
