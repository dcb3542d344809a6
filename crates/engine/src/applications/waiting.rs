//! Applications that cannot be decided: what the log says of it, once, and how many wait.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::{Engine, Error};

/// Why policies cannot be used, by name, as far as the log said so.
#[derive(Default)]
pub(super) struct Unusable(Mutex<BTreeMap<String, String>>);

impl Unusable {
    /// Remembers why a policy decides nothing; says whether that is new.
    fn begins(&self, policy: &str, reason: &str) -> bool {
        let mut known = self.0.lock().expect("nobody panics with it");
        known.insert(policy.to_owned(), reason.to_owned()).as_deref() != Some(reason)
    }

    /// Forgets it; says whether there was something.
    fn ends(&self, policy: &str) -> bool {
        self.0.lock().expect("nobody panics with it").remove(policy).is_some()
    }
}

impl Engine {
    /// Says in the log that applications wait, when that or its reason is new.
    pub(super) fn note_undecided(&self, policy: &str, reason: &str) {
        if self.inner.applications.unusable.begins(policy, reason) {
            tracing::error!(policy, reason, "no policy decides: applications wait");
        }
    }

    pub(super) fn note_decided(&self, policy: &str) {
        if self.inner.applications.unusable.ends(policy) {
            tracing::info!(policy, "a policy decides again");
        }
    }

    /// How many applications wait for a decision.
    pub async fn applications_waiting(&self) -> Result<i64, Error> {
        Ok(self.store().read("applications_waiting", store::applications::waiting).await?)
    }

    pub(crate) async fn measure_applications(&self) {
        if let Ok(waiting) = self.applications_waiting().await {
            metrics::gauge!("probity_applications_waiting").set(waiting as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_says_once_that_and_why_a_policy_decides_nothing() {
        let unusable = Unusable::default();
        let begins = ["a", "a", "b", "a"].map(|reason| unusable.begins("p", reason));
        assert_eq!(begins, [true, false, true, true]);
        assert!(unusable.begins("q", "a"), "another policy");
        assert_eq!([unusable.ends("p"), unusable.ends("p")], [true, false]);
        assert!(unusable.begins("p", "a"), "again, after it decided");
    }
}
