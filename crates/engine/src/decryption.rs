//! Opening what merchants encrypted to the platform: on threads of its own number, so that a body
//! of 4,096 RSA blocks, which takes seconds, delays other such bodies and nothing else.
//!
//! A merchant whose texts do not open may be somebody who searches for a padding oracle: after so
//! many in an hour nothing more of it is tried (`qiancheng.md`, last section). Counted in the
//! database, so that neither another node nor a start begins anew; a merchant of whom no failure is
//! known, which is every honest one, costs one look a second at most.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::thread;

use domain::failure::Failure;
use domain::ids::MerchantId;
use domain::keys::AuditKeys;
use domain::time::{Span, Timestamp};
use tokio::sync::Semaphore;

use crate::Engine;

/// Texts of one merchant that may fail to open in [`FAILED_WINDOW`]. What is being opened counts as
/// failed until it is open: no more than this of one merchant runs or waits at a time.
const FAILED_MAX: usize = 20;
pub(crate) const FAILED_WINDOW: Span = Span::hours(1);

/// How long a merchant of whom no failure is known is taken to have none on other nodes either.
const LOOK_EVERY: Span = Span::seconds(1);

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
    /// When texts failed to open, on whichever node, within the window.
    failed: BTreeSet<Timestamp>,
    /// When the database was asked for them.
    looked_at: Option<Timestamp>,
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
    /// Whether the database may know of failures that change what [`Self::begin`] says.
    fn is_to_look(&self, merchant: MerchantId, now: Timestamp) -> bool {
        let merchants = self.merchants.lock().expect("nobody panics with it");
        merchants.get(&merchant).is_none_or(|tried| match tried.recent(now) {
            0 => tried.looked_at.is_none_or(|at| (now - at).0 >= LOOK_EVERY.0),
            failed => failed < FAILED_MAX,
        })
    }

    fn learn(&self, merchant: MerchantId, failed: Vec<Timestamp>, now: Timestamp) {
        let mut merchants = self.merchants.lock().expect("nobody panics with it");
        let tried = merchants.entry(merchant).or_default();
        tried.failed.extend(failed);
        tried.looked_at = Some(now);
    }

    fn begin(&self, merchant: MerchantId, now: Timestamp) -> Result<(), Failure> {
        let mut merchants = self.merchants.lock().expect("nobody panics with it");
        let under_way: usize = merchants.values().map(|tried| tried.under_way).sum();
        let tried = merchants.entry(merchant).or_default();
        tried.failed.retain(|at| is_recent(*at, now));
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
    }
}

impl Tried {
    fn recent(&self, now: Timestamp) -> usize {
        self.failed.iter().filter(|at| is_recent(**at, now)).count()
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    (now - at).0 < FAILED_WINDOW.0
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
        self.learn_failures(merchant).await?;
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
            let failed_at = opened.is_err().then(|| engine.now());
            engine.inner.decryption.end(merchant, failed_at);
            count(outcome);
            let seconds = (engine.inner.clock.machine_now() - started).0 as f64 / 1e6;
            metrics::histogram!("probity_decryption_seconds").record(seconds);
            let _ = sender.send(opened);
            // After the answer, which would else say by its time that something was written.
            if let Some(at) = failed_at {
                engine.note_failure(merchant, at).await;
            }
        });
        receiver.await.unwrap_or(Err(Failure::Internal))
    }

    /// What other nodes, and this one before it started, saw fail.
    async fn learn_failures(&self, merchant: MerchantId) -> Result<(), Failure> {
        let now = self.now();
        if !self.inner.decryption.is_to_look(merchant, now) {
            return Ok(());
        }
        let failed = self.store().read("failed_decryptions", move |tx| {
            store::decryptions::failed(tx, merchant, now - FAILED_WINDOW, FAILED_MAX as i64)
        });
        let failed = failed.await.map_err(|error| self.store_failed(&error))?;
        self.inner.decryption.learn(merchant, failed, now);
        Ok(())
    }

    async fn note_failure(&self, merchant: MerchantId, at: Timestamp) {
        let noted = self.store().unit("note_failed_decryption", move |tx| {
            store::decryptions::note_failed(tx, merchant, at)
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a text that did not open is counted on this node alone");
        }
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
    fn what_the_database_knows_counts_and_is_asked_for_no_oftener_than_it_matters() {
        let decryption = Decryption::default();
        let at = |second| Timestamp(0) + Span::seconds(second);
        let looks = |second| decryption.is_to_look(MERCHANT, at(second));
        assert!(looks(0), "nothing is known yet");
        decryption.learn(MERCHANT, Vec::new(), at(0));
        assert!(!looks(0) && looks(1), "it had none a moment ago");
        decryption.learn(MERCHANT, (1..20).map(at).collect(), at(20));
        // Its own, noted as well.
        decryption.learn(MERCHANT, vec![at(19)], at(20));
        assert!(looks(20), "who fails is looked after each time");
        assert_eq!(decryption.begin(MERCHANT, at(20)), Ok(()), "19 failed");
        decryption.end(MERCHANT, Some(at(20)));
        assert!(!looks(21), "no look makes it more than used up");
        assert_eq!(decryption.begin(MERCHANT, at(21)), Err(Failure::DecryptionsUsedUp));
        assert!(looks(3_601) && decryption.begin(MERCHANT, at(3_601)).is_ok());
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
        assert!((0..100).filter(|_| begin(1)).count() == FAILED_MAX);
    }
}
