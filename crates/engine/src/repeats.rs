//! Requests that are known by their signature alone: done once, and answered alike again, on every
//! node and across restarts.
//!
//! The signature is claimed as a nonce before the work begins; its answer is kept, sealed, under an
//! id that is made of the signature. Whoever comes second finds the claim and waits for the answer.

use domain::call::Answer;
use domain::failure::Failure;
use domain::ids::{BizId, MerchantId};
use domain::time::{Span, Timestamp};
use tokio::sync::oneshot;

use crate::{Engine, tasks};

/// How long a repeat waits for the answer of the first, and how often it looks.
const RUNNING_WAIT_MAX: Span = Span::seconds(10);
const RUNNING_PAUSE: Span = Span::millis(100);
/// The status of what is kept in place of an answer that must not be.
const WITHHELD: u16 = 0;

/// A request with a signature that held.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest {
    pub merchant: MerchantId,
    /// The signature's SHA-256.
    pub digest: [u8; 32],
    /// When it says to have been signed.
    pub stamp: Timestamp,
    /// From then on its time of signing tells a repeat.
    pub until: Timestamp,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// A repeat is given it again.
    Kept,
    /// It says what must not be stored; a repeat is [`Failure::AnswerGone`].
    Withheld,
    /// Nothing was done; a repeat is a new attempt.
    Forgotten,
}

impl SignedRequest {
    /// What the request is called in its answer and its answer in the store. Equal signatures give
    /// equal ids: their time is the one of signing, so that purging by age reaches them.
    pub fn id(&self) -> BizId {
        let ms = (self.stamp.0 / 1000).max(0) as u64;
        let mut digest = [0; 10];
        digest.copy_from_slice(&self.digest[..10]);
        BizId::of_parts(ms, &digest)
    }

    fn scope(&self) -> String {
        format!("rong360:{}", self.merchant)
    }

    fn nonce(&self) -> String {
        hex::encode(self.digest)
    }
}

impl Engine {
    /// Does `work` for the first of equal requests, also when its sender goes away, and gives the
    /// others its answer.
    ///
    /// Errors: [`Failure::AnswerGone`] for a repeat whose first answer is not held; what keeps the
    /// database from being asked.
    pub async fn once(
        &self,
        request: SignedRequest,
        work: impl Future<Output = (Answer, Keeping)> + Send + 'static,
    ) -> Result<Answer, Failure> {
        let claimed = self.store().unit("claim_signature", move |tx| {
            store::nonces::claim(tx, &request.scope(), &request.nonce(), request.until)
        });
        if !claimed.await.map_err(|error| self.store_failed(&error))? {
            return self.first_answer(request.id()).await;
        }
        let (sender, receiver) = oneshot::channel();
        let engine = self.clone();
        tasks::spawn(async move {
            let (answer, keeping) = work.await;
            engine.keep(request, &answer, keeping).await;
            // Nobody waits any more: it is kept all the same.
            sender.send(answer).ok();
        });
        receiver.await.map_err(|_| Failure::Internal)
    }

    /// An answer that cannot be kept is given all the same: what was done is done, and its repeat
    /// is told that the signature was used.
    async fn keep(&self, request: SignedRequest, answer: &Answer, keeping: Keeping) {
        let id = request.id();
        let withheld = Answer { status: WITHHELD, headers: Vec::new(), body: Vec::new() };
        let sealed = match keeping {
            Keeping::Kept => Some(self.seal_answer(id, answer)),
            Keeping::Withheld => Some(self.seal_answer(id, &withheld)),
            Keeping::Forgotten => None,
        };
        let kept = self.store().unit("keep_answer", move |tx| match &sealed {
            Some(sealed) => store::answers::put(tx, id, sealed),
            None => store::nonces::release(tx, &request.scope(), &request.nonce()),
        });
        if let Err(error) = kept.await {
            tracing::warn!(%error, request_id = %id, "an answer is not kept for a repeat");
        }
    }

    async fn first_answer(&self, id: BizId) -> Result<Answer, Failure> {
        let mut waited = Span::micros(0);
        loop {
            let found = self.store().read("first_answer", move |tx| store::answers::find(tx, id));
            let found = found.await.map_err(|error| self.store_failed(&error))?;
            if let Some(sealed) = found {
                let answer = self.open_answer(id, &sealed).await?;
                return Some(answer)
                    .filter(|one| one.status != WITHHELD)
                    .ok_or(Failure::AnswerGone);
            }
            if waited.0 >= RUNNING_WAIT_MAX.0 {
                return Err(Failure::AnswerGone);
            }
            tasks::pause(RUNNING_PAUSE).await;
            waited = Span(waited.0 + RUNNING_PAUSE.0);
        }
    }
}
