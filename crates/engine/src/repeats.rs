//! Requests that are known by their signature alone: done once, and answered alike again, on every
//! node and across restarts.
//!
//! The signature is claimed as a nonce before the work begins; its answer is kept, sealed, under an
//! id that is made of the signature. Whoever comes second finds the claim and waits for the answer.
//! What an answer tells of a person is sealed under the person's key once more, and goes with it.

use domain::call::Answer;
use domain::failure::Failure;
use domain::ids::{BizId, MerchantId};
use domain::keys::SubjectKey;
use domain::subject::SubjectHash;
use domain::time::{Span, Timestamp};
use tokio::sync::oneshot;

use crate::calls::answer_place;
use crate::{Engine, tasks};

/// How long a repeat waits for the answer of the first, and how often it looks.
const RUNNING_WAIT_MAX: Span = Span::seconds(10);
const RUNNING_PAUSE: Span = Span::millis(100);
/// The status of what is kept in place of an answer: of one that must not be, and of one that is
/// sealed under a person's key, with the person's hash before it.
const WITHHELD: u16 = 0;
const OF_PERSON: u16 = 1;

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
    /// The same, until the person whom it tells of is erased.
    KeptOf(SubjectHash),
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
        let (id, engine, answer) = (request.id(), self.clone(), answer.clone());
        let kept = self.store().unit("keep_answer", move |tx| {
            let kept = match keeping {
                Keeping::Kept => Some(answer.clone()),
                Keeping::KeptOf(subject) => store::subject_keys::get(tx, &subject)?
                    .and_then(|key| engine.enclosed(id, &subject, &key, &answer)),
                Keeping::Withheld => None,
                Keeping::Forgotten => {
                    return store::nonces::release(tx, &request.scope(), &request.nonce());
                }
            };
            let kept = kept.unwrap_or_else(|| stand_in(WITHHELD, Vec::new()));
            store::answers::put(tx, id, &engine.seal_answer(id, &kept))
        });
        if let Err(error) = kept.await {
            tracing::warn!(%error, request_id = %id, "an answer is not kept for a repeat");
        }
    }

    /// What stands for an answer about a person; nothing when the person's key does not open.
    fn enclosed(
        &self,
        id: BizId,
        subject: &SubjectHash,
        sealed_key: &[u8],
        answer: &Answer,
    ) -> Option<Answer> {
        let key = SubjectKey::open(&self.keys(), subject, sealed_key).ok()?;
        let sealed = key.seal(answer_place(&id), &answer.to_bytes(), self.entropy());
        Some(stand_in(OF_PERSON, [&subject.0[..], &sealed].concat()))
    }

    /// The answer that was enclosed; nothing when its person was erased.
    async fn disclosed(&self, id: BizId, body: &[u8]) -> Result<Option<Answer>, Failure> {
        let (hash, sealed) = body.split_first_chunk().ok_or(Failure::Internal)?;
        let subject = SubjectHash(*hash);
        let found =
            self.store().read("person_key", move |tx| store::subject_keys::get(tx, &subject)).await;
        let Some(sealed_key) = found.map_err(|error| self.store_failed(&error))? else {
            return Ok(None);
        };
        let plain = SubjectKey::open(&self.keys(), &subject, &sealed_key)
            .and_then(|key| key.unseal(answer_place(&id), sealed));
        // A person who came back after having been erased has another key.
        Ok(plain.ok().and_then(|plain| Answer::from_bytes(&plain)))
    }

    async fn first_answer(&self, id: BizId) -> Result<Answer, Failure> {
        let mut waited = Span::micros(0);
        loop {
            let found = self.store().read("first_answer", move |tx| store::answers::find(tx, id));
            let found = found.await.map_err(|error| self.store_failed(&error))?;
            if let Some(sealed) = found {
                let kept = self.open_answer(id, &sealed).await?;
                let answer = match kept.status {
                    WITHHELD => None,
                    OF_PERSON => self.disclosed(id, &kept.body).await?,
                    _ => Some(kept),
                };
                return answer.ok_or(Failure::AnswerGone);
            }
            if waited.0 >= RUNNING_WAIT_MAX.0 {
                return Err(Failure::AnswerGone);
            }
            tasks::pause(RUNNING_PAUSE).await;
            waited = Span(waited.0 + RUNNING_PAUSE.0);
        }
    }
}

/// What is kept in place of an answer.
fn stand_in(status: u16, body: Vec<u8>) -> Answer {
    Answer { status, headers: Vec::new(), body }
}
