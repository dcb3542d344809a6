//! A provider as a node has it: its record, the way to it, and its health here.

use std::sync::Arc;

use domain::keys::KeyRing;
use domain::provider::{Place, Provider};
use domain::secret::Secret;
use domain::source::bank::Bank;
use sources::remote::Remote;
use sources::sandbox::bank::Banks;
use store::providers::StoredProvider;

use super::courier::Link;
use super::gate::Gate;
use super::record;
use crate::directory::Directory;

#[derive(Debug)]
pub struct LiveProvider {
    pub provider: Provider,
    /// How it is reached; nothing for the sandbox, or where address or secret cannot be read.
    pub(crate) link: Option<Link>,
    pub(crate) gate: Arc<Gate>,
    /// The banks that a connector lists; none: it takes the sandbox's entries.
    pub(crate) banks: Vec<Bank>,
}

impl LiveProvider {
    /// Whether a session of this entry may go to it.
    pub(crate) fn takes_entry(&self, entry: &str) -> bool {
        let usual = if self.banks.is_empty() { Banks::list() } else { Vec::new() };
        let mut logins = self.banks.iter().chain(&usual).flat_map(|bank| &bank.logins);
        logins.any(|login| login.entry == entry)
    }

    /// The source to step, where the provider is a connector.
    pub fn remote(&self) -> Option<Remote> {
        let is_remote = matches!(self.provider.place, Place::Connector { .. });
        is_remote.then_some(Remote { step_deadline: self.provider.limits.step_deadline })
    }

    /// Opens what is stored. Health and limits go on from the reading before.
    pub(crate) fn open(stored: StoredProvider, keys: &KeyRing, before: &Directory) -> Arc<Self> {
        let StoredProvider { provider, secret, banks } = stored;
        let banks = banks.and_then(|banks| serde_json::from_str(&banks).ok()).unwrap_or_default();
        let known = before.provider(&provider.name);
        let same = known.filter(|known| {
            known.provider.limits == provider.limits && known.provider.place == provider.place
        });
        let gate = same.map_or_else(
            || Arc::new(Gate::new(provider.limits.in_flight_max)),
            |known| Arc::clone(&known.gate),
        );
        let link = secret.and_then(|sealed| {
            let Place::Connector { url } = &provider.place else { return None };
            let opened = keys.unseal(record::place(&provider.name), &sealed).map(Secret::new);
            let opened = opened.map_err(|error| error.to_string());
            let link = opened.and_then(|secret| Link::new(url, secret));
            link.inspect_err(|reason| {
                tracing::error!(provider = provider.name, reason, "a connector cannot be used");
            })
            .ok()
        });
        Arc::new(Self { provider, link, gate, banks })
    }
}
