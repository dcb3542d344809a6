//! Opening what merchants encrypted to the platform: on threads of its own number, so that a body
//! of 4,096 RSA blocks, which takes seconds, delays other such bodies and nothing else.
//!
//! A merchant whose texts do not open may be somebody who searches for a padding oracle: after so
//! many in an hour nothing more of it is tried (`qiancheng.md`, last section). Counted on each
//! node, in memory.

use std::collections::{HashMap, VecDeque};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::thread;

use domain::failure::Failure;
use domain::ids::MerchantId;
use domain::keys::AuditKeys;
use domain::time::{Span, Timestamp};
use tokio::sync::Semaphore;

use crate::Engine;

/// Texts of one merchant that may fail to open in [`WINDOW`]. What is being opened counts as failed
/// until it is open: no more than this of one merchant runs or waits at a time.
const FAILED_MAX: usize = 20;
const WINDOW: Span = Span::hours(1);

/// What runs or waits, of all merchants together.
const UNDER_WAY_MAX: usize = 64;

/// A text that does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecryptable;

pub(crate) struct Decryption {
    threads: Arc<Semaphore>,
    merchants: Mutex<HashMap<MerchantId, Tried>>,
}

/// What one merchant has had opened.
#[derive(Default)]
struct Tried {
    under_way: usize,
    /// When texts failed to open, within the window.
    failed: VecDeque<Timestamp>,
}

impl Default for Decryption {
    /// Half of the processors, one at least.
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            threads: Arc::new(Semaphore::new((processors / 2).max(1))),
            merchants: Mutex::default(),
        }
    }
}

impl Decryption {
    fn begin(&self, merchant: MerchantId, now: Timestamp) -> Result<(), Failure> {
        let mut merchants = self.merchants.lock().expect("nobody panics with it");
        let under_way: usize = merchants.values().map(|tried| tried.under_way).sum();
        let tried = merchants.entry(merchant).or_default();
        tried.failed.retain(|at| (now - *at).0 < WINDOW.0);
        if tried.failed.len() >= FAILED_MAX {
            return Err(Failure::DecryptionsUsedUp);
        }
        if tried.failed.len() + tried.under_way >= FAILED_MAX || under_way >= UNDER_WAY_MAX {
            return Err(Failure::Overloaded);
        }
        tried.under_way += 1;
        Ok(())
    }

    /// `failed_at` is nothing when it opened.
    fn end(&self, merchant: MerchantId, failed_at: Option<Timestamp>) {
        let mut merchants = self.merchants.lock().expect("nobody panics with it");
        let tried = merchants.entry(merchant).or_default();
        tried.under_way -= 1;
        tried.failed.extend(failed_at);
        if tried.under_way == 0 && tried.failed.is_empty() {
            merchants.remove(&merchant);
        }
    }
}

impl Engine {
    /// Has `open` open a text of the merchant's with the keys.
    ///
    /// Errors: [`Failure::Undecryptable`] when it does not open, [`Failure::DecryptionsUsedUp`]
    /// when too many did not, [`Failure::Overloaded`] when too many wait.
    pub async fn decrypt<T: Send + 'static>(
        &self,
        merchant: MerchantId,
        open: impl FnOnce(&AuditKeys<'_>) -> Result<T, Undecryptable> + Send + 'static,
    ) -> Result<T, Failure> {
        let started = self.inner.clock.machine_now();
        self.inner.decryption.begin(merchant, self.now()).inspect_err(|failure| {
            let is_overload = *failure == Failure::Overloaded;
            count(if is_overload { "overloaded" } else { "used_up" });
        })?;
        let (threads, engine) = (self.inner.decryption.threads.clone(), self.clone());
        // The caller may go away meanwhile: what was begun is ended and counted all the same.
        let (sender, receiver) = tokio::sync::oneshot::channel();
        crate::tasks::spawn(async move {
            let permit = threads.acquire_owned().await;
            let keys = engine.keys();
            let now = engine.now();
            let opening = move || open(&keys.audit_keys(now));
            let opened = tokio::task::spawn_blocking(opening).await;
            drop(permit);
            let (outcome, opened) = match opened {
                Ok(Ok(text)) => ("ok", Ok(text)),
                // What panicked, too: nobody is to learn on what.
                Ok(Err(Undecryptable)) | Err(_) => ("undecryptable", Err(Failure::Undecryptable)),
            };
            engine.inner.decryption.end(merchant, opened.is_err().then(|| engine.now()));
            count(outcome);
            let seconds = (engine.inner.clock.machine_now() - started).0 as f64 / 1e6;
            metrics::histogram!("probity_decryption_seconds").record(seconds);
            let _ = sender.send(opened);
        });
        receiver.await.unwrap_or(Err(Failure::Internal))
    }

    /// The public half of the newest key that applications are encrypted to (PEM), and the `kid` of
    /// it.
    pub fn audit_public_pem(&self) -> Option<(u32, String)> {
        let keys = self.keys();
        keys.audit().map(|(version, key)| (version, key.public_pem().to_owned()))
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("probity_decryptions_total", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERCHANT: MerchantId = MerchantId(1);
    const OTHER: MerchantId = MerchantId(2);

    #[test]
    fn twenty_failures_in_an_hour_are_too_many_and_the_hour_passes() {
        let decryption = Decryption::default();
        let at = |minutes| Timestamp(0) + Span::minutes(minutes);
        for minute in 0..20 {
            assert_eq!(decryption.begin(MERCHANT, at(minute)), Ok(()), "{minute}");
            decryption.end(MERCHANT, Some(at(minute)));
        }
        assert_eq!(decryption.begin(MERCHANT, at(59)), Err(Failure::DecryptionsUsedUp));
        assert_eq!(decryption.begin(OTHER, at(59)), Ok(()), "another's budget is its own");
        assert_eq!(decryption.begin(MERCHANT, at(60)), Ok(()));
        assert_eq!(decryption.begin(MERCHANT, at(60)), Err(Failure::Overloaded));
    }

    #[test]
    fn what_runs_is_bounded_and_what_opened_is_forgotten() {
        let decryption = Decryption::default();
        let begin = |merchant| decryption.begin(MerchantId(merchant), Timestamp(0)).is_ok();
        let under_way = (0..100).filter(|at| begin(at % 5)).count();
        assert_eq!(under_way, UNDER_WAY_MAX);
        for at in 0..under_way as i64 {
            decryption.end(MerchantId(at % 5), None);
        }
        assert!(decryption.merchants.lock().expect("whole").is_empty());
        assert!((0..100).filter(|_| begin(1)).count() == FAILED_MAX);
    }
}
