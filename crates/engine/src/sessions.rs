//! Collection sessions (采集会话): opened, moved by the borrower and the source, billed once.
//!
//! A session is one durable row. Whoever changes it does so under its version, so that two nodes
//! never both believe that they moved it; a lease says who works on it, so that it is taken up by
//! another when a node ends. What the borrower gave (class C3) is in the memory of the node that
//! received it, for the step that needs it, and nowhere else.
//!
//! `open` begins one, `submit` takes what the borrower gives, `drive` asks the source, `deliver`
//! stores, bills and ends, `wake` takes up what is due, `look` answers the pollers.

mod deliver;
mod drive;
mod look;
mod open;
mod reconcile;
mod record;
mod source;
mod submit;
mod wake;

use std::collections::HashMap;
use std::sync::Mutex;

use domain::failure::Failure;
use domain::ids::MerchantId;
use domain::merchant::Product;
use domain::session::{Event, Phase, State};
use domain::source::{SourceFailure, SourceKind};
use domain::subject::SubjectHash;
use domain::time::{Span, Timestamp};
use store::StoreError;
use store::lease::Lease;
use store::sessions::StoredSession;

pub(crate) use open::scope_of;
pub use open::{BankAccount, DegreeOpening, EbankOpening, TelecomOpening};
pub use reconcile::{UnknownSession, Verdict};
pub(crate) use record::{Session, dataset_place, place, unsealed};

use crate::Engine;

/// A step that takes longer loses its session to another node; the sessions of a node that is gone
/// are taken up as soon as the others see it.
pub(crate) const STEP_LEASE: Span = Span::seconds(45);

/// How long a closed session and its data are kept, unless the operator says otherwise.
pub(crate) const SESSIONS_KEPT: Span = Span::days(90);

/// Views that a node keeps in memory, and how long one is fresh: a poller that comes faster is
/// answered from memory.
const VIEWS_MAX: usize = 200_000;
const VIEW_FRESH: Span = Span::millis(500);

/// What this node knows of sessions beside the database.
#[derive(Default)]
pub(crate) struct SessionMemory {
    views: Mutex<HashMap<String, View>>,
    /// By session: a keyed digest of the answer that is with the source, under a key that lives
    /// as long as this process; so that the same answer again can be told from another one.
    submitted: Mutex<HashMap<String, [u8; 32]>>,
}

/// What a poller is told, as read at `read_at` (machine time).
#[derive(Clone)]
struct View {
    merchant: MerchantId,
    product: Product,
    state: State,
    deadline: Timestamp,
    read_at: Timestamp,
}

impl SessionMemory {
    /// A fresh view of this merchant's own session; another's is none.
    fn view(
        &self,
        open_id: &str,
        (merchant, product): (MerchantId, Product),
        machine_now: Timestamp,
    ) -> Option<View> {
        let views = self.views.lock().expect("nobody panics with it");
        let view = views.get(open_id)?;
        let is_own = view.merchant == merchant && view.product == product;
        (is_own && (machine_now - view.read_at).0 < VIEW_FRESH.0).then(|| view.clone())
    }

    fn remember(&self, open_id: &str, view: View) {
        let mut views = self.views.lock().expect("nobody panics with it");
        if views.len() >= VIEWS_MAX && !views.contains_key(open_id) {
            let now = view.read_at;
            views.retain(|_, old| (now - old.read_at).0 < VIEW_FRESH.0);
        }
        if views.len() < VIEWS_MAX {
            views.insert(open_id.to_owned(), view);
        }
    }

    fn note_answer(&self, open_id: &str, digest: [u8; 32]) {
        self.submitted.lock().expect("nobody panics with it").insert(open_id.to_owned(), digest);
    }

    fn is_same_answer(&self, open_id: &str, digest: &[u8; 32]) -> bool {
        let submitted = self.submitted.lock().expect("nobody panics with it");
        submitted.get(open_id) == Some(digest)
    }

    /// Whether this node knows nothing of the answer that is with the source.
    fn has_no_answer(&self, open_id: &str) -> bool {
        !self.submitted.lock().expect("nobody panics with it").contains_key(open_id)
    }

    fn forget_answer(&self, open_id: &str) {
        self.submitted.lock().expect("nobody panics with it").remove(open_id);
    }
}

/// What a product asks of sources.
pub(crate) fn source_of(product: Product) -> Option<SourceKind> {
    match product {
        Product::Telecom => Some(SourceKind::Telecom),
        Product::Degree => Some(SourceKind::Degree),
        Product::Ebank | Product::EbankV2 => Some(SourceKind::Ebank),
        Product::CreditReport | Product::CreditCached => Some(SourceKind::Credit),
        Product::File => Some(SourceKind::File),
        Product::FinplusScore | Product::Blacklist | Product::RiskAudit => None,
    }
}

/// Why a session could not be changed.
pub(crate) enum Unsaved {
    /// Somebody else changed it first.
    Moved,
    Failed(Failure),
}

impl Engine {
    /// A session of this merchant and product as the database has it. One that is another's, or
    /// of another product, is as absent as one that never was: it is not even opened: how
    /// long that takes would tell.
    pub(crate) async fn session(
        &self,
        merchant: MerchantId,
        product: Product,
        open_id: &str,
    ) -> Result<Session, Failure> {
        let wanted = open_id.to_owned();
        let found = self
            .store()
            .read("own_session", move |tx| store::sessions::get_own(tx, &wanted, merchant, product))
            .await;
        self.open_session(open_id, found)
    }

    pub(crate) async fn session_by_id(&self, open_id: &str) -> Result<Session, Failure> {
        let wanted = open_id.to_owned();
        let found = self.store().read("session", move |tx| store::sessions::get(tx, &wanted)).await;
        self.open_session(open_id, found)
    }

    fn open_session(
        &self,
        open_id: &str,
        found: Result<Option<(StoredSession, Vec<u8>)>, StoreError>,
    ) -> Result<Session, Failure> {
        let (row, key) =
            found.map_err(|error| self.store_failed(&error))?.ok_or(Failure::SessionUnknown)?;
        if source_of(row.product) == Some(SourceKind::Credit) {
            // The way through the bureau is no collection (`crate::credit`).
            return Err(Failure::SessionUnknown);
        }
        Session::open(&self.keys(), row, &key).map_err(|error| {
            tracing::error!(open_id, %error, "a session does not open");
            Failure::Internal
        })
    }

    /// Writes a session, with what `besides` does in the same unit, if nobody changed it since it
    /// was read. Its version is the new one afterwards.
    pub(crate) async fn save_session(
        &self,
        session: &mut Session,
        besides: impl Fn(&mut store::Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Unsaved> {
        session.row = self.save_row(session.next_row(self.entropy()), besides).await?;
        self.show_session(session);
        let state = &session.record.state;
        if !state.is_submitted() && state.phase() != Phase::Fetching {
            self.inner.sessions.forget_answer(&session.row.open_id);
        }
        Ok(())
    }

    /// Writes the row that replaces the one that was read, with what `besides` does in the same
    /// unit, if nobody changed it meanwhile; gives it back.
    pub(crate) async fn save_row(
        &self,
        row: StoredSession,
        besides: impl Fn(&mut store::Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<StoredSession, Unsaved> {
        let kept = row.clone();
        let saved = self.store().unit("save_session", move |tx| {
            if !store::sessions::save(tx, &row)? {
                return Ok(false);
            }
            besides(tx)?;
            Ok(true)
        });
        match saved.await {
            Ok(true) => Ok(kept),
            Ok(false) => Err(Unsaved::Moved),
            Err(error) => Err(Unsaved::Failed(self.store_failed(&error))),
        }
    }

    /// This node's hold on a session that it works on from now.
    pub(crate) fn session_lease(&self) -> Lease {
        let until = self.inner.clock.machine_now() + STEP_LEASE;
        Lease { node: self.inner.node.clone(), until }
    }

    /// Takes a state into this node's memory for the pollers.
    pub(crate) fn show_session(&self, session: &Session) {
        let view = View {
            merchant: session.row.merchant,
            product: session.row.product,
            state: session.record.state.clone(),
            deadline: session.record.deadline,
            read_at: self.inner.clock.machine_now(),
        };
        self.inner.sessions.remember(&session.row.open_id, view);
    }
}

impl Session {
    /// Applies an event; the state is first brought to `now`.
    pub(crate) fn on(
        &mut self,
        event: Event,
        now: Timestamp,
    ) -> Result<(), domain::session::Refused> {
        self.advance(now);
        self.record.state = self.record.state.clone().on(event, now)?;
        Ok(())
    }

    /// What only the passing of time changes.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        let deadline = self.record.deadline;
        self.record.state = self.record.state.clone().at(now, deadline);
    }

    /// Ends the session with a failure, if it has not ended.
    pub(crate) fn fail(&mut self, why: SourceFailure, now: Timestamp) {
        // A session that is over stays as it ended.
        self.on(Event::Failed(why), now).ok();
    }

    pub(crate) fn subject(&self) -> SubjectHash {
        self.row.subject
    }
}
