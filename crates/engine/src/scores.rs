//! The product `finplus.score`: id -> subject -> behaviours -> features -> model -> tags.

use domain::billing::billable;
use domain::call::{Answer, Call, CallName, End};
use domain::failure::Failure;
use domain::features::{Behaviour, Value};
use domain::ids::{AppId, BizId, CallKey};
use domain::merchant::{Entitlement, Product, TagKey};
use domain::score::{ScoreOutcome, Tag, TagValue, code};
use domain::secret::Private;
use domain::subject::{IdHash, SubjectHash, SubjectRef};
use domain::time::{Span, Timestamp};
use sources::sandbox::finplus::Fault;
use store::Found;

use crate::calls::Outcome;
use crate::directory::{LiveModel, MerchantEntry};
use crate::explanation::{Explained, ScoreExplained};
use crate::{Engine, tasks};

/// The name space of the look-up hash of a person's id.
pub(crate) const ID_SPACE: &str = "id";

/// What is asked, as a face read it.
#[derive(Clone, Debug)]
pub struct Question {
    /// Nothing: the merchant's default application.
    pub app: Option<AppId>,
    pub id: SubjectRef,
    pub key: CallKey,
    /// The parameters in one canonical form: the same text is the same question.
    pub content: Private<String>,
}

/// Writes an outcome as bytes of the face it was asked by.
pub type Render = fn(&ScoreOutcome, BizId, &CallKey, TagKey) -> Answer;

/// A score that was worked out.
struct Worked {
    outcome: ScoreOutcome,
    explained: Option<ScoreExplained>,
    subject: Option<SubjectHash>,
}

/// Why a score could not be worked out; all of it is our fault, none of it billed.
enum Unscored {
    Store(store::StoreError),
    Ours(String),
}

impl Engine {
    /// Answers a question: joins a running call of the same key, replays a stored answer, or
    /// works the score out, settles it and answers.
    pub async fn ask_score(
        &self,
        entry: &MerchantEntry,
        question: Question,
        biz: BizId,
        render: Render,
    ) -> Outcome {
        let product = Product::FinplusScore;
        let Some(entitlement) = entry.entitlement(product, question.app.as_ref()).cloned() else {
            return Outcome { biz, result: Err(Failure::NotEntitled) };
        };
        let name = CallName { merchant: entry.merchant.id, product, key: question.key.clone() };
        let fingerprint = self.fingerprint(&question.content);
        let engine = self.clone();
        self.join(name.clone(), fingerprint, biz, move || async move {
            let at = engine.now();
            let worked = engine.work_out(&entitlement, &question, &name, at).await;
            let call = |end, subject| Call {
                name: name.clone(),
                app: entitlement.app.clone(),
                biz,
                at,
                fingerprint,
                limits: entitlement.limits,
                end,
                subject,
            };
            match worked {
                Ok(worked) => {
                    let answer = render(&worked.outcome, biz, &name.key, entitlement.tag_key);
                    let subject = worked.subject;
                    let code = worked.outcome.code();
                    let end = engine.final_end(&entitlement, &name, biz, worked, &answer);
                    let settled = engine.settle(call(end, subject), answer).await;
                    if settled.as_ref().is_ok_and(|(settled, _)| *settled == biz) {
                        engine.count_answer(name.merchant, &entitlement.app, code);
                    }
                    settled
                }
                Err(Unscored::Store(error)) => Err(engine.store_failed(&error)),
                Err(Unscored::Ours(reason)) => {
                    tracing::error!(biz_id = %biz, app = %entitlement.app, reason, "code 1");
                    engine.count_answer(name.merchant, &entitlement.app, code::ERROR);
                    let error = call(End::Error { code: code::ERROR }, None);
                    engine.settle_error(error).await
                }
            }
        })
        .await
    }

    /// Journals a system error; a repeat of a key that was answered before is still replayed.
    async fn settle_error(&self, call: Call) -> Result<(BizId, Answer), Failure> {
        let biz = call.biz;
        let placeholder = Answer { status: 0, headers: Vec::new(), body: Vec::new() };
        let (settled, answer) = self.settle(call, placeholder).await?;
        if settled == biz { Err(Failure::Internal) } else { Ok((settled, answer)) }
    }

    fn final_end(
        &self,
        entitlement: &Entitlement,
        name: &CallName,
        biz: BizId,
        worked: Worked,
        answer: &Answer,
    ) -> End {
        let code = worked.outcome.code();
        let explained = Explained {
            merchant: name.merchant,
            app: entitlement.app.0.clone(),
            key: name.key.as_str().to_owned(),
            code,
            score: worked.explained,
        };
        End::Final {
            code,
            bill: billable(name.product, code).then_some(entitlement.price),
            answer: self.seal_answer(biz, answer),
            explanation: self.seal_explanation(biz, &explained),
        }
    }

    async fn work_out(
        &self,
        entitlement: &Entitlement,
        question: &Question,
        name: &CallName,
        at: Timestamp,
    ) -> Result<Worked, Unscored> {
        let directory = self.directory();
        let live = directory
            .model(&entitlement.model)
            .map_err(|reason| Unscored::Ours(format!("model {}: {reason}", entitlement.model)))?;
        if self.inner.sandbox {
            self.sandbox_fault(question, name).await?;
        }
        let id = IdHash(self.keys().index(ID_SPACE, &question.id.canonical()));
        let since = at - Span::days(i64::from(window_days(live)));
        match self.store().find(id, since).await.map_err(Unscored::Store)? {
            Found::Nobody => {
                Ok(Worked { outcome: ScoreOutcome::Unconverted, explained: None, subject: None })
            }
            Found::Subject { subject, behaviours } => {
                let (outcome, explained) = score(live, &behaviours, at)?;
                Ok(Worked { outcome, explained, subject: Some(subject) })
            }
        }
    }

    /// Plays the faults of the sandbox's magic ids.
    async fn sandbox_fault(&self, question: &Question, name: &CallName) -> Result<(), Unscored> {
        let Some(fault) = sources::sandbox::finplus::fault(&question.id) else { return Ok(()) };
        let broken = || Err(Unscored::Ours("a fault of the sandbox".to_owned()));
        if matches!(fault, Fault::Always) {
            return broken();
        }
        let name = name.clone();
        let claimed = self
            .store()
            .read("attempted", move |tx| store::calls::is_claimed(tx, &name))
            .await
            .map_err(Unscored::Store)?;
        match fault {
            Fault::OncePerKey if !claimed => broken(),
            Fault::SlowOnce(span) if !claimed => {
                tasks::pause(span).await;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// How far back behaviours are looked at: 180 days, or as far as the model's features reach.
fn window_days(live: &LiveModel) -> u32 {
    let reach = live.card.features.iter().map(|feature| feature.window_days).max();
    reach.unwrap_or(0).max(domain::features::WINDOW_DAYS_DEFAULT)
}

/// Scores a person from what is known: code 0 when a tag could be computed, else 109. Too few
/// behaviours leave the score out; a detail tag may still be there (document 000, section 4.1).
fn score(
    live: &LiveModel,
    behaviours: &[Behaviour],
    at: Timestamp,
) -> Result<(ScoreOutcome, Option<ScoreExplained>), Unscored> {
    let card = &live.card;
    let is_enough = card.behaviours_seen(behaviours, at) >= card.behaviours_needed;
    let features = domain::features::compute(&card.features, behaviours, at);
    let explanation = is_enough.then(|| live.model.explain(&features)).and_then(|explained| {
        let model = &live.name;
        explained
            .inspect_err(|error| tracing::info!(model, %error, "a score could not be computed"))
            .ok()
    });
    let (score, explained) = match explanation {
        Some(explanation) => {
            let exact = card
                .exact(&explanation.scored)
                .ok_or_else(|| Unscored::Ours("the model gives no such score".to_owned()))?;
            // Out of range is a fault of the model, not of the person: code 1, unbilled.
            // The number itself is the person's and stays out of the log.
            let shown = card
                .published(exact)
                .map_err(|_| Unscored::Ours("the score is off the card's scale".to_owned()))?;
            (shown.into(), Some(ScoreExplained::new(live, exact, explanation)))
        }
        None => (TagValue::Null, None),
    };
    let mut tags = vec![Tag {
        name: card.score_tag.name.clone(),
        id: card.score_tag.id.clone(),
        value: score,
    }];
    tags.extend(card.details(&features).map(|(tag, value)| Tag {
        name: tag.name.clone(),
        id: tag.id.clone(),
        value: value.map_or(TagValue::Null, tag_value),
    }));
    if tags.iter().all(|tag| tag.value == TagValue::Null) {
        return Ok((ScoreOutcome::EmptyContent, None));
    }
    Ok((ScoreOutcome::Scored { tags }, explained))
}

fn tag_value(value: &Value) -> TagValue {
    match value {
        Value::Missing => TagValue::Null,
        Value::Number(number) => TagValue::Number(*number),
        Value::Text(text) => TagValue::Text(text.clone()),
    }
}
