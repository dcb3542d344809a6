//! From a provider to the source behind it: which one is asked, what it is asked with, and what
//! becomes of a request whose answer was lost.

use std::sync::Arc;

use domain::failure::Failure;
use domain::identity::Person;
use domain::merchant::Product;
use domain::provider::Place;
use domain::secret::Secret;
use domain::session::Phase;
use domain::source::bank::{Bank, Login};
use domain::source::{SourceFailure, SourceKind};
use domain::subject::SubjectHash;
use domain::time::Span;
use regex_lite::Regex;
use sources::remote::{Recovered, Remote};
use sources::sandbox::bank::Banks;
use sources::sandbox::carrier::Carrier;
use sources::sandbox::chsi::Chsi;
use sources::step::{Context, Effect, Fetch, Fetched, Source, Step};

use super::drive::Turn;
use super::record::Flight;
use super::{Session, source_of};
use crate::directory::MerchantEntry;
use crate::providers::LiveProvider;
use crate::{Engine, tasks};

/// How often, and after which pauses, it is asked what became of a request.
const RECOVERIES: [Span; 4] =
    [Span::millis(200), Span::seconds(1), Span::seconds(3), Span::seconds(6)];

/// How long a provider that failed a person comes last for it.
const AVOIDED: Span = Span::hours(1);

/// What a session and its step are, owned: a [`Context`] is made of it for each look.
pub(super) struct Asking {
    pub(super) kind: SourceKind,
    pub(super) live: Arc<LiveProvider>,
    pub(super) source: Box<dyn Source>,
    person: Person,
    contacts: Vec<String>,
}

impl Asking {
    pub(super) fn context<'s>(
        &'s self,
        engine: &'s Engine,
        session: &'s Session,
        step_id: &'s str,
    ) -> Context<'s> {
        Context {
            session: &session.row.open_id,
            kind: self.kind,
            person: &self.person,
            subject: session.row.subject,
            entry: session.record.entry.as_deref(),
            account: session.record.account.as_deref(),
            contacts: &self.contacts,
            step_id,
            now: engine.now(),
            entropy: engine.entropy(),
        }
    }
}

impl Engine {
    /// Whom a session's source is behind, as the configuration has it now.
    pub(super) fn asking(&self, session: &Session) -> Result<Asking, SourceFailure> {
        let kind = source_of(session.row.product).ok_or(SourceFailure::NotCovered)?;
        let directory = self.directory();
        let live = directory.provider(&session.record.provider).cloned();
        let live = live.ok_or(SourceFailure::NotCovered)?;
        let source: Box<dyn Source> = match (&live.provider.place, kind) {
            (Place::Connector { .. }, _) => {
                Box::new(live.remote().ok_or(SourceFailure::NotCovered)?)
            }
            (Place::Sandbox, _) if !self.inner.sandbox => return Err(SourceFailure::NotCovered),
            (Place::Sandbox, SourceKind::Telecom) => Box::new(Carrier),
            (Place::Sandbox, SourceKind::Degree) => Box::new(Chsi),
            (Place::Sandbox, SourceKind::Ebank) => Box::new(Banks),
            // A file is not fetched, and the bureau is walked through page by page.
            (Place::Sandbox, SourceKind::Credit | SourceKind::File | SourceKind::Inquiries) => {
                return Err(SourceFailure::NotCovered);
            }
        };
        let contacts = session.record.claims.telephones();
        Ok(Asking { kind, live, source, person: session.person()?, contacts })
    }

    /// Sends a request. One whose answer was lost is asked after, not sent again blindly.
    pub(super) async fn fetch(
        &self,
        asking: &Asking,
        context: &Context<'_>,
        fetch: Fetch,
    ) -> Result<Fetched, Step> {
        let effect = fetch.effect;
        let fetched = self.perform(&asking.live, fetch).await;
        if !matches!((&fetched, effect), (Fetched::Unknown(_), Effect::Submit)) {
            return Ok(fetched);
        }
        for pause in RECOVERIES {
            tasks::pause(pause).await;
            let recovered = self.perform(&asking.live, Remote::recover(context.step_id)).await;
            match Remote::read_recovered(context, &recovered) {
                Recovered::Step(step) => return Err(step),
                // It never saw the request, and by now never will: it is as if it was not sent.
                Recovered::NotDone => return Ok(Fetched::NotSent),
                Recovered::Unknown => {}
            }
        }
        Err(Step::Failed(SourceFailure::Unknown))
    }

    /// What became of a step whose node ended. Nothing: the source never had it.
    pub(super) async fn recover(&self, session: &Session, flight: &Flight) -> Option<Turn> {
        let asking = match self.asking(session) {
            Ok(asking) => asking,
            Err(failure) => return Some(Turn::Failed(failure)),
        };
        // The sandbox is in this process: what ended with the node was not done.
        asking.live.remote()?;
        let context = asking.context(self, session, &flight.step_id);
        for pause in RECOVERIES {
            let fetched = self.perform(&asking.live, Remote::recover(&flight.step_id)).await;
            match Remote::read_recovered(&context, &fetched) {
                Recovered::Step(Step::Fetch(_)) => {
                    return Some(Turn::Failed(SourceFailure::Garbage));
                }
                Recovered::Step(step) => return Some(Turn::of(step)),
                Recovered::NotDone => return None,
                Recovered::Unknown => tasks::pause(pause).await,
            }
        }
        Some(Turn::Failed(SourceFailure::Unknown))
    }

    /// The provider for a person's new session of this kind.
    pub(super) async fn choose(
        &self,
        kind: SourceKind,
        subject: SubjectHash,
    ) -> Result<Arc<LiveProvider>, Failure> {
        let failed = self.providers_that_failed(kind, subject).await?;
        let avoid: Vec<&str> = failed.iter().map(String::as_str).collect();
        let chosen = self.route(kind, &subject, &avoid);
        chosen.ok_or(Failure::CollectionFailed(SourceFailure::Down))
    }

    /// The providers that failed this person within the hour, for their own sake.
    async fn providers_that_failed(
        &self,
        kind: SourceKind,
        subject: SubjectHash,
    ) -> Result<Vec<String>, Failure> {
        let since = self.now() - AVOIDED;
        let found = self
            .store()
            .read("sessions_of_subject", move |tx| {
                let sealed_key = store::subject_keys::get(tx, &subject)?;
                Ok((sealed_key, store::sessions::of_subject(tx, &subject, since)?))
            })
            .await;
        let (sealed_key, rows) = found.map_err(|error| self.store_failed(&error))?;
        let Some(sealed_key) = sealed_key else { return Ok(Vec::new()) };
        let keys = self.keys();
        let sessions = rows
            .into_iter()
            .filter(|row| source_of(row.product) == Some(kind))
            .filter_map(|row| Session::open(&keys, row, &sealed_key).ok());
        let failed = sessions.filter_map(|session| match session.record.state.phase() {
            Phase::Failed(failure) if failure.is_of_the_source() => Some(session.record.provider),
            Phase::Failed(_) | Phase::Collecting | Phase::Fetching | Phase::Ready => None,
        });
        Ok(failed.collect())
    }

    /// The banks that can be asked, with those out of use: each bank once, with the entries of all
    /// providers that are on.
    pub fn banks(&self) -> Vec<Bank> {
        let directory = self.directory();
        let is_asked = |live: &&Arc<LiveProvider>| {
            live.provider.kind == SourceKind::Ebank && live.provider.is_enabled
        };
        let lists = directory.providers().iter().filter(is_asked).map(|live| &live.banks);
        let mut banks = if self.inner.sandbox { Banks::list() } else { Vec::new() };
        for bank in lists.flatten() {
            match banks.iter_mut().find(|known| known.code == bank.code) {
                None => banks.push(bank.clone()),
                Some(known) => {
                    for login in &bank.logins {
                        if known.logins.iter().all(|other| other.entry != login.entry) {
                            known.logins.push(login.clone());
                        }
                    }
                }
            }
        }
        banks
    }

    /// The provider for a new session at an entry: the first in the person's order that takes it.
    pub(super) async fn choose_for_entry(
        &self,
        subject: SubjectHash,
        entry: &str,
    ) -> Result<Arc<LiveProvider>, Failure> {
        let failed = self.providers_that_failed(SourceKind::Ebank, subject).await?;
        let directory = self.directory();
        let others = directory.providers().iter().filter(|live| !live.takes_entry(entry));
        let avoid: Vec<&str> = others
            .map(|live| live.provider.name.as_str())
            .chain(failed.iter().map(String::as_str))
            .collect();
        let chosen = self.route(SourceKind::Ebank, &subject, &avoid);
        let chosen = chosen.ok_or(Failure::CollectionFailed(SourceFailure::Down))?;
        if chosen.takes_entry(entry) { Ok(chosen) } else { Err(Failure::EntryUnusable) }
    }

    /// The banks for a session: its provider's, where that has a list of its own.
    pub async fn banks_of(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
    ) -> Result<Vec<Bank>, Failure> {
        let session = self.session(entry.merchant.id, Product::EbankV2, open_id).await?;
        let directory = self.directory();
        let live = directory.provider(&session.record.provider);
        let own = live.map(|live| live.banks.clone()).filter(|banks| !banks.is_empty());
        Ok(own.unwrap_or_else(|| self.banks()))
    }

    /// An entry of a bank that is in use.
    pub(crate) fn usable_entry(&self, entry: &str) -> Result<Login, Failure> {
        let logins = self.banks().into_iter().flat_map(|bank| bank.logins);
        let usable = logins.filter(|login| login.disabled.is_none());
        usable.into_iter().find(|login| login.entry == entry).ok_or(Failure::EntryUnusable)
    }

    /// Holds what was typed against the inputs of the entry.
    pub(super) fn check_bank_account(
        &self,
        entry: &str,
        login_name: &str,
        password: Option<&Secret<String>>,
    ) -> Result<(), Failure> {
        for input in self.usable_entry(entry)?.inputs {
            let typed = match input.name.as_str() {
                "password" => password.map(|password| password.expose().as_str()),
                _ => Some(login_name),
            };
            let fits = typed.is_some_and(|typed| {
                Regex::new(&input.valid).is_ok_and(|pattern| pattern.is_match(typed))
            });
            if !fits {
                let reason = format!("{}: {}", input.name, input.desc);
                return Err(Failure::Parameter { reason });
            }
        }
        Ok(())
    }
}
