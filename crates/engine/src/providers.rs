//! Providers: kept by the operator, chosen by weight and health, asked within their limits.

pub(crate) mod conformance;
pub(crate) mod courier;
mod gate;
mod live;
mod record;

use std::sync::Arc;

use domain::provider::Place;
use domain::source::{SourceFailure, SourceKind};
use domain::subject::SubjectHash;
use sources::step::{Fetch, Fetched, Method};

pub use self::conformance::{Check, Conformance, Outcome as CheckOutcome};
pub use self::courier::{Courier, CourierFault, Health as ConnectorHealth, Link};
pub use self::live::LiveProvider;
pub use self::record::{NewProvider, SecretFault, read_secret};
use crate::{Engine, Error};

impl Engine {
    /// The provider that a new session of this person goes to: the first in the person's own
    /// order that is enabled and healthy. Those of `avoid` come last: where this person's last
    /// session of the kind failed for the provider's sake. Nothing when none can be asked now.
    pub fn route(
        &self,
        kind: SourceKind,
        subject: &SubjectHash,
        avoid: &[&str],
    ) -> Option<Arc<LiveProvider>> {
        let (directory, now) = (self.directory(), self.inner.clock.machine_now());
        let takes = |live: &&Arc<LiveProvider>| {
            let provider = &live.provider;
            let is_there =
                live.link.is_some() || (provider.place == Place::Sandbox && self.inner.sandbox);
            provider.kind == kind && provider.is_enabled && provider.weight > 0 && is_there
        };
        let rank = |live: &Arc<LiveProvider>| {
            (!avoid.contains(&live.provider.name.as_str()), live.provider.rank(&subject.0))
        };
        let able = directory.providers().iter().filter(takes).filter(|live| live.gate.admits(now));
        let best = able.max_by(|a, b| {
            let ((a_first, a_rank), (b_first, b_rank)) = (rank(a), rank(b));
            a_first.cmp(&b_first).then(a_rank.total_cmp(&b_rank))
        });
        best.cloned()
    }

    /// Asks a connector, within the provider's limits: waits for its turn, sends once, takes the
    /// answer. The whole ends by the provider's step deadline. Consent is the caller's to check,
    /// and what the step came to in the end the caller tells [`Engine::judge`].
    pub async fn perform(&self, live: &LiveProvider, fetch: Fetch) -> Fetched {
        let begun = self.inner.clock.machine_now();
        let deadline = live.provider.limits.step_deadline;
        // What became of an earlier step may be asked while no new one passes.
        let is_step = fetch.method == Method::Post;
        let fetched = match (&live.link, live.gate.enter(self, live, is_step).await) {
            (Some(link), Some(_permit)) if live.provider.is_enabled => {
                let left = begun + deadline - self.inner.clock.machine_now();
                let answered = link.exchange(&self.courier(), fetch, left).await;
                if let Err(fault) = &answered {
                    tracing::warn!(provider = live.provider.name, %fault, "a connector failed");
                    live.gate.failed(self.inner.clock.machine_now());
                }
                answered.map_or_else(CourierFault::into_fetched, |(status, body)| {
                    Fetched::Answered { status, body }
                })
            }
            (Some(_), None) => Fetched::TurnedAway,
            _ => Fetched::NotSent,
        };
        let outcome = match &fetched {
            Fetched::Answered { .. } => "answered",
            Fetched::NotSent => "not_sent",
            Fetched::TurnedAway => "turned_away",
            Fetched::Unknown(_) => "unknown",
        };
        let name = live.provider.name.clone();
        let labels = [("provider", name.clone()), ("outcome", outcome.to_owned())];
        metrics::counter!("probity_connector_requests_total", &labels).increment(1);
        let seconds = (self.inner.clock.machine_now() - begun).0.max(0) as f64 / 1e6;
        metrics::histogram!("probity_connector_request_seconds", "provider" => name)
            .record(seconds);
        fetched
    }

    /// What a step came to: a failure of the source counts against the provider, once a step,
    /// however often it was asked for. The sandbox's failures are those of its people and say
    /// nothing.
    pub fn judge(&self, live: &LiveProvider, failure: Option<SourceFailure>) {
        if live.provider.place == Place::Sandbox {
            return;
        }
        match failure {
            Some(failure) if failure.is_of_the_source() => {
                live.gate.failed(self.inner.clock.machine_now());
            }
            _ => live.gate.succeeded(),
        }
    }

    /// Asks a connector whether it is there and what it can do; the banks that it lists are those
    /// of its sessions from then on.
    pub async fn check_provider(&self, name: &str) -> Result<ConnectorHealth, Error> {
        let directory = self.directory();
        let live = directory.provider(name).ok_or_else(|| record::unknown(name))?;
        let link = live.link.as_ref().ok_or_else(|| {
            Error::invalid("only a connector can be checked; the sandbox's sources are this binary")
        })?;
        let health = link.health(&self.courier(), live.provider.limits.step_deadline).await;
        let health = health.map_err(|fault| Error::invalid(format!("{name}: {fault}")))?;
        if live.provider.kind == SourceKind::Ebank {
            self.keep_banks(name, &health.banks).await?;
        }
        Ok(health)
    }

    fn courier(&self) -> Courier<'_> {
        Courier {
            outbound: &self.inner.outbound,
            clock: self.inner.clock.machine(),
            entropy: self.entropy(),
        }
    }
}
