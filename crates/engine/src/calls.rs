//! Calls: joined while they run, settled once, replayed for good.

use std::future::Future;

use domain::call::{Answer, Call, CallName, Fingerprint, LimitMet, Settled};
use domain::failure::Failure;
use domain::ids::BizId;
use domain::journal::Entry;
use domain::keys::{Place, SealError};
use domain::secret::Private;
use domain::time::{Period, Span};
use serde::Serialize;
use store::StoreError;
use tokio::sync::watch;

use crate::explanation::Explained;
use crate::{Engine, Error, tasks};

/// How long a call waits for another node that holds its key, and how often it looks.
const RUNNING_WAIT_MAX: Span = Span::seconds(3);
const RUNNING_PAUSE: Span = Span::millis(100);

/// How a call came out: the number it was answered under, and the answer or the refusal.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub biz: BizId,
    pub result: Result<Answer, Failure>,
}

/// A call that runs on this node, for those who ask the same.
pub(crate) struct Running {
    fingerprint: Fingerprint,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// A call as the operator sees it.
#[derive(Clone, Debug, Serialize)]
pub struct CallRecord {
    pub at: String,
    pub phase: &'static str,
    pub product: &'static str,
    pub app: String,
    pub key: String,
    pub biz_id: String,
    pub code: i32,
    pub billed: bool,
    /// In 1/10,000 分.
    pub amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explained>,
}

impl CallRecord {
    pub(crate) fn new(entry: &Entry, explanation: Option<Explained>) -> Self {
        Self {
            at: entry.at.to_string(),
            phase: entry.phase.as_str(),
            product: entry.product.as_str(),
            app: entry.app.0.clone(),
            key: entry.key.as_str().to_owned(),
            biz_id: entry.biz.to_string(),
            code: entry.code,
            billed: entry.bill.is_some(),
            amount: entry.bill.map_or(0, |amount| amount.0),
            explanation,
        }
    }
}

impl Engine {
    /// The keyed hash of what a call asks.
    pub(crate) fn fingerprint(&self, content: &Private<String>) -> Fingerprint {
        Fingerprint(self.keys().index("call", content))
    }

    /// Runs `work` once for all who ask the same at the same time on this node. It goes on when
    /// they go away: what it comes to is settled all the same.
    pub(crate) async fn join<F>(
        &self,
        name: CallName,
        fingerprint: Fingerprint,
        biz: BizId,
        work: impl FnOnce() -> F,
    ) -> Outcome
    where
        F: Future<Output = Result<(BizId, Answer), Failure>> + Send + 'static,
    {
        let sender = {
            let mut running = self.inner.running.lock().expect("nobody panics with it");
            match running.get(&name) {
                Some(other) if other.fingerprint != fingerprint => {
                    return Outcome { biz, result: Err(Failure::KeyReused) };
                }
                Some(other) => Err(other.outcome.clone()),
                None => {
                    let (sender, outcome) = watch::channel(None);
                    running.insert(name.clone(), Running { fingerprint, outcome });
                    Ok(sender)
                }
            }
        };
        let mut outcome = match sender {
            Err(outcome) => outcome,
            Ok(sender) => {
                let outcome = sender.subscribe();
                let (engine, work) = (self.clone(), work());
                tasks::spawn(async move {
                    let forget = Forget { engine, name };
                    let ended = match work.await {
                        Ok((biz, answer)) => Outcome { biz, result: Ok(answer) },
                        Err(failure) => Outcome { biz, result: Err(failure) },
                    };
                    // Forgotten first: who comes now finds the stored answer.
                    drop(forget);
                    sender.send_replace(Some(ended));
                });
                outcome
            }
        };
        let ended = outcome.wait_for(Option::is_some).await;
        let ended = ended.ok().and_then(|ended| ended.clone());
        ended.unwrap_or(Outcome { biz, result: Err(Failure::Internal) })
    }

    /// Settles a call and gives what its merchant is answered: its own answer, or the one that the
    /// key was answered with before.
    pub(crate) async fn settle(
        &self,
        call: Call,
        answer: Answer,
    ) -> Result<(BizId, Answer), Failure> {
        let biz = call.biz;
        let mut waited = Span::micros(0);
        loop {
            match self.store().settle(call.clone()).await {
                Ok(Settled::Done) => return Ok((biz, answer)),
                Ok(Settled::Replayed { biz, answer }) => {
                    return Ok((biz, self.open_answer(biz, &answer).await?));
                }
                Ok(Settled::AnswerGone) => return Err(Failure::AnswerGone),
                Ok(Settled::KeyReused) => return Err(Failure::KeyReused),
                Ok(Settled::Refused(LimitMet::Package)) => return Err(Failure::PackageExhausted),
                Ok(Settled::Refused(LimitMet::Test)) => return Err(Failure::TestLimitReached),
                Ok(Settled::Refused(LimitMet::Daily)) => return Err(Failure::DailyQuotaReached),
                Ok(Settled::Running) if waited.0 < RUNNING_WAIT_MAX.0 => {
                    tasks::pause(RUNNING_PAUSE).await;
                    waited = Span(waited.0 + RUNNING_PAUSE.0);
                }
                Ok(Settled::Running | Settled::Fenced) => return Err(Failure::Internal),
                Err(error) => return Err(self.store_failed(&error)),
            }
        }
    }

    /// What a merchant is told when the store cannot: whatever was not begun is shed at the
    /// gateway, whatever may have been kept is an error that a repeat resolves.
    /// How a call ends when a use case behind it fails.
    pub(crate) fn failed(&self, error: &Error) -> Failure {
        if let Error::Store(error) = error {
            return self.store_failed(error);
        }
        tracing::error!(%error, "a call could not be worked out");
        Failure::Internal
    }

    pub(crate) fn store_failed(&self, error: &StoreError) -> Failure {
        match error {
            StoreError::Overloaded => Failure::Overloaded,
            StoreError::Unavailable(_) | StoreError::Unusable(_) => {
                self.inner.health.store_failed(error, self.now());
                Failure::Overloaded
            }
            _ => {
                tracing::error!(%error, "a call could not be settled");
                Failure::Internal
            }
        }
    }

    pub(crate) fn seal_answer(&self, biz: BizId, answer: &Answer) -> Vec<u8> {
        self.keys().seal(answer_place(&biz), &answer.to_bytes(), self.entropy())
    }

    pub(crate) async fn open_answer(&self, biz: BizId, sealed: &[u8]) -> Result<Answer, Failure> {
        let mut plain = self.keys().unseal(answer_place(&biz), sealed);
        if let Err(SealError::VersionUnknown(_)) = plain {
            // Another node seals with a key that was added since this one looked.
            self.reopen_keys().await.map_err(|_| Failure::Internal)?;
            plain = self.keys().unseal(answer_place(&biz), sealed);
        }
        let answer = plain.ok().and_then(|plain| Answer::from_bytes(&plain));
        answer.ok_or_else(|| {
            tracing::error!(biz_id = %biz, "a stored answer does not open");
            Failure::Internal
        })
    }

    /// A merchant's calls of a period, in the order of time, each with its explanation when asked
    /// for. Gives them page by page to `take`.
    pub async fn each_call(
        &self,
        merchant: &str,
        period: Period,
        explained: bool,
        mut take: impl FnMut(CallRecord),
    ) -> Result<(), Error> {
        let merchant = self.merchant(merchant).await?.id;
        let mut last: Option<Entry> = None;
        loop {
            let page = self.journal_page(merchant, period, last.take()).await?;
            for entry in &page {
                let explanation = if explained { self.explanation(entry.biz).await? } else { None };
                take(CallRecord::new(entry, explanation));
            }
            match page.into_iter().next_back() {
                Some(entry) => last = Some(entry),
                None => return Ok(()),
            }
        }
    }
}

/// Takes a call off the list of those running, also when its work panicked.
struct Forget {
    engine: Engine,
    name: CallName,
}

impl Drop for Forget {
    fn drop(&mut self) {
        if let Ok(mut running) = self.engine.inner.running.lock() {
            running.remove(&self.name);
        }
    }
}

pub(crate) fn answer_place(biz: &BizId) -> Place<'_> {
    Place { table: "answers", row: biz.as_bytes() }
}
