//! This node among the others: it says that it lives, counts them, and watches the clocks.

use std::sync::atomic::Ordering;

use domain::time::Span;

use crate::{Engine, Error};

/// A node that was not seen for this long no longer counts.
const GONE_AFTER: Span = Span::seconds(5);

/// A node whose clock differs from the database's by more refuses to serve: deadlines, days and
/// nonces are judged by it.
pub(crate) const CLOCK_DRIFT_MAX: Span = Span::seconds(2);

impl Engine {
    /// Says that this node lives; part of the heartbeat, once a second.
    pub async fn beat(&self) -> Result<(), Error> {
        let (node, now) = (self.inner.node.clone(), self.inner.clock.machine_now());
        let beat = self
            .store()
            .unit("beat", move |tx| store::nodes::beat(tx, &node, now, GONE_AFTER))
            .await;
        match beat {
            Ok(nodes) => {
                self.inner.live_nodes.store(nodes, Ordering::Relaxed);
                self.inner.health.store_works();
            }
            Err(error) => {
                self.inner.health.store_failed(&error, self.now());
                return Err(error.into());
            }
        }
        self.check_clock().await
    }

    /// Compares this machine's clock with the database's.
    pub async fn check_clock(&self) -> Result<(), Error> {
        let before = self.inner.clock.machine_now();
        let database = self.store().read("database_clock", store::nodes::database_clock).await?;
        let after = self.inner.clock.machine_now();
        let Some(database) = database else { return Ok(()) };
        // The answer was read between the two; what lies outside by more is drift.
        let drift = (before - database).0.max((database - after).0);
        let fault = (drift > CLOCK_DRIFT_MAX.0).then(|| {
            format!(
                "this machine's clock differs from the database's by {:.1} s (at most {} s); set \
                 both by NTP",
                drift as f64 / 1e6,
                CLOCK_DRIFT_MAX.0 / 1_000_000
            )
        });
        self.inner.health.clock_drifts(fault.clone());
        fault.map_or(Ok(()), |fault| Err(Error::invalid(fault)))
    }

    /// Takes this node off the list.
    pub async fn leave(&self) -> Result<(), Error> {
        let node = self.inner.node.clone();
        Ok(self.store().unit("leave", move |tx| store::nodes::remove(tx, &node)).await?)
    }
}
