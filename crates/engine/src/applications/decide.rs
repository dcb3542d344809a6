//! The leased job that decides: gather, features, model, policy, all of it kept.
//!
//! It can be run twice: what it keeps is kept under the application's version, and who comes second
//! finds another one. Where no policy can be used, applications wait, and the log says why.

use std::sync::Arc;

use domain::application::course::{Course, Event};
use domain::assessment::Held;
use domain::decision::{Case, Judge, Scorer};
use domain::failure::Failure;
use domain::keys::SubjectKey;
use domain::policy::Outcome;
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use store::applications::StoredDecision;
use tokio::sync::watch;

use super::fresh::Fresh;
use super::{Content, Open, decision_place, decision_row};
use crate::directory::LiveModel;
use crate::fail_points::fail_point;
use crate::policies::LivePolicy;
use crate::sessions::Unsaved;
use crate::{Engine, Error, tasks};

/// How often a node looks for applications that nobody told it of, and how many it takes at once.
const LOOK_EVERY: Span = Span::millis(250);
const TAKEN_MAX: i64 = 32;

/// How long an application waits that could not be decided.
const AGAIN_AFTER: Span = Span::seconds(5);

/// What stands sealed of a decision: with it and the application it can be made again.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) held: Held,
    /// Name and version of the model that scored.
    pub(super) model: Option<(String, i64)>,
    /// [`Record::to_bytes`], as text.
    pub(super) record: String,
    /// The application whose refusal people overturned, where that is why people look at this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after_override: Option<String>,
}

/// The policies that run on an application: the one that counts first.
struct Judges {
    policies: Vec<(Arc<LivePolicy>, Option<Arc<LiveModel>>)>,
}

/// What one policy came to.
struct Decided {
    policy: Arc<LivePolicy>,
    outcome: Outcome,
    kept: Kept,
}

impl Engine {
    /// Decides what waits until `stop` says so.
    pub(crate) async fn decide_applications(&self, stop: watch::Receiver<bool>) {
        tokio::join!(self.decide_fresh(stop.clone()), self.decide_waiting(stop));
    }

    /// Decides what this node has taken in itself; what is handed on before `stop` as well.
    async fn decide_fresh(&self, mut stop: watch::Receiver<bool>) {
        let Some(mut handed_on) = self.inner.applications.handed_on() else { return };
        let mut some = Vec::new();
        loop {
            tokio::select! {
                count = handed_on.recv_many(&mut some, TAKEN_MAX as usize) => if count == 0 {
                    return;
                },
                _ = stop.changed() => handed_on.close(),
            }
            let work = some.drain(..).map(|Fresh { open, content }| {
                let engine = self.clone();
                async move {
                    let open_id = open.row.open_id.clone();
                    let decided = engine.decide_application(open, content).await;
                    engine.or_put_off(&open_id, decided).await;
                }
            });
            tasks::all(work).await;
        }
    }

    async fn decide_waiting(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let taken = match self.decide_due().await {
                Ok(taken) => taken,
                Err(error) => {
                    tracing::debug!(%error, "due applications could not be taken up");
                    0
                }
            };
            if taken < TAKEN_MAX as usize {
                tokio::select! {
                    () = self.inner.applications.came.notified() => {}
                    () = tasks::pause(LOOK_EVERY) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    }

    async fn decide_due(&self) -> Result<usize, Error> {
        let (now, machine_now) = (self.now(), self.inner.clock.machine_now());
        let any = self.store().read("applications_due", move |tx| {
            store::applications::is_any_due(tx, now, machine_now)
        });
        if !any.await? {
            return Ok(0);
        }
        let lease = self.session_lease();
        let claimed = self.store().unit("claim_applications", move |tx| {
            store::applications::claim_due(tx, now, machine_now, &lease, TAKEN_MAX)
        });
        let claimed = claimed.await?;
        let taken = claimed.len();
        let work = claimed.into_iter().map(|claim| {
            let engine = self.clone();
            async move {
                let decided = engine.decide_claimed(&claim.open_id).await;
                engine.or_put_off(&claim.open_id, decided).await;
            }
        });
        tasks::all(work).await;
        Ok(taken)
    }

    async fn decide_claimed(&self, open_id: &str) -> Result<(), Failure> {
        let mut open = self.application_by_id(open_id).await?;
        if open.course == Course::Waiting {
            let content = self.application_content(&open).await?;
            return self.decide_application(open, content).await;
        }
        // Nothing is due of it any more.
        open.row.lease = None;
        self.saved(&mut open, |_| Ok(())).await
    }

    async fn decide_application(&self, mut open: Open, content: Content) -> Result<(), Failure> {
        let judges = self.judges(&open, &content)?;
        let (at, decided) = self.judge_application(&open, content, judges).await?;
        self.keep_decisions(&mut open, at, decided).await
    }

    /// Leaves an application that cannot be decided now to a later look.
    async fn or_put_off(&self, open_id: &str, decided: Result<(), Failure>) {
        let Err(failure) = decided else { return };
        tracing::debug!(open_id, ?failure, "it waits to be decided");
        let Ok(mut open) = self.application_by_id(open_id).await else { return };
        open.row.lease = None;
        open.row.due_at = Some(self.now() + AGAIN_AFTER);
        if self.saved(&mut open, |_| Ok(())).await.is_err() {
            tracing::debug!(open_id, "its lease runs out by itself");
        }
    }

    fn judges(&self, open: &Open, content: &Content) -> Result<Judges, Failure> {
        let directory = self.directory();
        let set = directory.policies(&content.policy).map_err(|reason| {
            self.note_undecided(&content.policy, reason);
            Failure::Internal
        })?;
        self.note_decided(&content.policy);
        let with_model = |policy: &Arc<LivePolicy>| {
            let model = policy.policy.model().and_then(|name| directory.model(name).ok());
            (Arc::clone(policy), model.cloned())
        };
        let chosen = set.choose(open.row.open_id.as_bytes());
        let others = set.shadows.iter().filter(|shadow| shadow.version != chosen.version);
        Ok(Judges { policies: [chosen].into_iter().chain(others).map(with_model).collect() })
    }

    /// Runs all policies on one reading of what there is, beside the tasks that answer others.
    async fn judge_application(
        &self,
        open: &Open,
        content: Content,
        judges: Judges,
    ) -> Result<(Timestamp, Vec<Decided>), Failure> {
        let at = self.now();
        let person = content.person(open.row.at).ok_or(Failure::Internal)?;
        let held = self.gather(open, &person, &content.application, at).await?;
        let started = self.inner.clock.machine_now();
        let judging = tokio::task::spawn_blocking(move || {
            let application = &content.application;
            let facts = Case { person: &person, application, held: &held, at }.facts();
            let decide = |(policy, model): (Arc<LivePolicy>, Option<Arc<LiveModel>>)| {
                let record = facts.decide(judge(&policy, model.as_deref()));
                let model = model.map(|model| (model.name.clone(), model.version));
                let text = String::from_utf8(record.to_bytes()).expect("JSON is UTF-8");
                let kept = Kept { held: held.clone(), model, record: text, after_override: None };
                Decided { policy, outcome: record.decision.outcome, kept }
            };
            judges.policies.into_iter().map(decide).collect()
        });
        let decided = judging.await.map_err(|_| Failure::Internal)?;
        fail_point!("application.judged");
        let seconds = (self.inner.clock.machine_now() - started).0 as f64 / 1e6;
        metrics::histogram!("probity_decision_seconds").record(seconds);
        Ok((at, decided))
    }

    async fn keep_decisions(
        &self,
        open: &mut Open,
        at: Timestamp,
        mut decided: Vec<Decided>,
    ) -> Result<(), Failure> {
        let first = decided.first_mut().ok_or(Failure::Internal)?;
        let hold = self.refusal_held(open, first.outcome, at).await?;
        first.kept.after_override = hold.as_ref().map(|hold| hold.after.clone());
        let outcome = if hold.is_some() { Outcome::Review } else { first.outcome };
        open.on(Event::Decided(outcome)).map_err(|_| Failure::Internal)?;
        open.row.lease = None;
        let rows = decided.iter().enumerate().map(|(number, one)| {
            let plain = serde_json::to_vec(&one.kept).expect("plain data");
            StoredDecision {
                number: number as i64,
                at,
                policy: one.policy.name.clone(),
                policy_version: one.policy.version,
                outcome: one.outcome,
                sealed: seal(self, &open.key, (&open.row.open_id, number as i64), &plain),
            }
        });
        let rows: Vec<StoredDecision> = rows.collect();
        let (open_id, subject) = (open.row.open_id.clone(), open.row.subject);
        self.saved(open, move |tx| {
            let mut keep = |row| store::applications::put_decision(tx, (&open_id, &subject), row);
            rows.iter().try_for_each(&mut keep)?;
            hold.iter().try_for_each(|hold| hold.note(tx))
        })
        .await?;
        let labels = [("outcome", outcome.as_str())];
        metrics::counter!("probity_decisions_total", &labels).increment(1);
        Ok(())
    }

    /// As `save_application`; that somebody else was faster is no fault: it is theirs now.
    async fn saved(
        &self,
        open: &mut Open,
        besides: impl Fn(&mut store::Tx<'_>) -> Result<(), store::StoreError> + Send + 'static,
    ) -> Result<(), Failure> {
        match self.save_application(open, besides).await {
            Ok(()) | Err(Unsaved::Moved) => Ok(()),
            Err(Unsaved::Failed(failure)) => Err(failure),
        }
    }
}

/// A policy with the model that it names.
pub(super) fn judge<'a>(policy: &'a LivePolicy, model: Option<&'a LiveModel>) -> Judge<'a> {
    Judge { policy: &policy.policy, version: policy.version, scorer: model.map(scorer) }
}

fn scorer(model: &LiveModel) -> Scorer<'_> {
    Scorer {
        name: &model.name,
        version: model.version,
        sha256: &model.sha256,
        card: &model.card,
        card_sha256: &model.card_sha256,
        model: &model.model,
    }
}

fn seal(
    engine: &Engine,
    key: &SubjectKey,
    (open_id, number): (&str, i64),
    plain: &[u8],
) -> Vec<u8> {
    key.seal(decision_place(&decision_row(open_id, number)), plain, engine.entropy())
}
