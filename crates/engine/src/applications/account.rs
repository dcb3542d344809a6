//! Accounts of a decision: what its merchant is told, why it came out so and what would have
//! changed it, and whether it comes out the same when it is made again.

use std::sync::Arc;

use domain::application::course::{Course, Verdict};
use domain::assessment::CATALOGUE_VERSION;
use domain::decision::{Case, Facts, Judge};
use domain::failure::Failure;
use domain::identity::Person;
use domain::ids::MerchantId;
use domain::merchant::MerchantState;
use domain::policy::{Change, Outcome, Value};
use domain::subject::SubjectHash;
use serde::Serialize;
use store::applications::StoredDecision;

use super::decide::{Kept, judge};
use super::people::ApplicationSummary;
use super::{Content, Open, decision_place, decision_row};
use crate::directory::{LiveModel, MerchantEntry};
use crate::policies::LivePolicy;
use crate::{Engine, Error};

/// Applications that are read at once while all are decided again.
const REPLAY_PAGE: i64 = 500;

/// Why an application was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// By these rules, in Chinese.
    Rules(Vec<String>),
    /// By people.
    People,
}

/// All that is kept of an application's way, for operators and its merchant.
#[derive(Serialize)]
pub struct ApplicationAccount {
    #[serde(flatten)]
    pub summary: ApplicationSummary,
    pub course: Course,
    pub decisions: Vec<DecisionAccount>,
    /// The application whose refusal people overturned, where that is why people look at this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_override: Option<String>,
    /// What would have changed a decision that was no approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Change>,
    /// Whether values of the person's, and what people wrote, are left out.
    pub is_masked: bool,
}

/// One policy's decision.
#[derive(Serialize)]
pub struct DecisionAccount {
    /// 0: the one that counts; the others ran in its shadow.
    pub number: i64,
    pub policy: String,
    pub policy_version: i64,
    pub outcome: Outcome,
    pub record: serde_json::Value,
}

/// A decision made again.
pub struct Replayed {
    pub number: i64,
    /// The bytes that were kept, and those that came out now.
    pub stored: Vec<u8>,
    pub again: Vec<u8>,
    pub compared: Compared,
}

/// How a decision that was made again compares with the one that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The same bytes, from the application and what was held.
    Same,
    /// Its features are of that catalogue and are not computed any more: score and policy gave the
    /// same bytes again from the features that were recorded.
    SameFromRecord {
        catalogue: u32,
    },
    Different,
}

/// What a decision is made again from.
struct Past {
    content: Content,
    person: Person,
    row: StoredDecision,
    kept: Kept,
    policy: LivePolicy,
    model: Option<Arc<LiveModel>>,
}

impl Past {
    /// What was decided about; of another catalogue than ours, as it was recorded.
    fn facts(&self) -> Facts {
        let (person, application, at) = (&self.person, &self.content.application, self.row.at);
        let case = Case { person, application, held: &self.kept.held, at };
        let recorded = Facts::of_another_catalogue(self.kept.record.as_bytes(), at);
        recorded.unwrap_or_else(|| case.facts())
    }

    fn judge(&self) -> Judge<'_> {
        judge(&self.policy, self.model.as_deref())
    }

    /// The nearest change that the policy would have approved.
    fn nearest(&self) -> Option<Change> {
        self.facts().nearest(self.judge())
    }
}

impl Engine {
    /// Whose application it is, for the call that names nothing else; who names itself is taken at
    /// its word: that it is its own is seen with the application.
    pub async fn applicant_owner(
        &self,
        open_id: &str,
        username: Option<&str>,
    ) -> Result<Arc<MerchantEntry>, Failure> {
        let directory = self.directory();
        let entry = if let Some(username) = username {
            // Looked up all the same: how long it takes does not tell who there is.
            let found = self.verdict_row(MerchantId(0), open_id).await;
            match directory.by_name(username) {
                Some(entry) => Ok(entry),
                None => Err(found.err().unwrap_or(Failure::SessionUnknown)),
            }?
        } else {
            let open = self.application_by_id(open_id).await?;
            directory.by_id(open.row.merchant).ok_or(Failure::SessionUnknown)?
        };
        let is_active = entry.merchant.state == MerchantState::Active;
        if is_active { Ok(Arc::clone(entry)) } else { Err(Failure::SessionUnknown) }
    }

    /// What became of an application of this merchant's; nothing as long as it is not final.
    pub async fn verdict(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
    ) -> Result<(Option<Verdict>, Option<Refused>), Failure> {
        let open = self.verdict_row(entry.merchant.id, open_id).await?;
        let Course::Final { verdict, resolution, .. } = &open.course else {
            return Ok((None, None));
        };
        let refused = match (verdict, resolution) {
            (Verdict::Approve, _) => None,
            (Verdict::Reject, Some(_)) => Some(Refused::People),
            (Verdict::Reject, None) => Some(Refused::Rules(self.rules_against(&open).await?)),
        };
        Ok((Some(*verdict), refused))
    }

    async fn verdict_row(&self, merchant: MerchantId, open_id: &str) -> Result<Open, Failure> {
        let wanted = open_id.to_owned();
        let found = self
            .store()
            .read("own_application", move |tx| store::applications::get_own(tx, &wanted, merchant));
        self.open_application(found.await)
    }

    /// The rules that led to a refusal, in Chinese.
    async fn rules_against(&self, open: &Open) -> Result<Vec<String>, Failure> {
        let decisions = self.kept_decisions(open).await?;
        let (_, kept) = decisions.first().ok_or(Failure::Internal)?;
        let record: serde_json::Value =
            serde_json::from_str(&kept.record).map_err(|_| Failure::Internal)?;
        let reasons = record["decision"]["reasons"].as_array().cloned().unwrap_or_default();
        let against = reasons.iter().filter(|reason| reason["outcome"] == "reject");
        Ok(against.filter_map(|reason| reason["zh"].as_str().map(str::to_owned)).collect())
    }

    pub(super) async fn kept_decisions(
        &self,
        open: &Open,
    ) -> Result<Vec<(StoredDecision, Kept)>, Failure> {
        let open_id = open.row.open_id.clone();
        let found =
            self.store().read("decisions", move |tx| store::applications::decisions(tx, &open_id));
        let rows = found.await.map_err(|error| self.store_failed(&error))?;
        let opened = rows.into_iter().map(|row| {
            let name = decision_row(&open.row.open_id, row.number);
            let plain = open.key.unseal(decision_place(&name), &row.sealed).ok();
            let kept = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
            kept.map(|kept| (row, kept)).ok_or_else(|| {
                tracing::error!(open_id = open.row.open_id, "a decision does not open");
                Failure::Internal
            })
        });
        opened.collect()
    }

    /// Searched beside the tasks that answer others: it takes thousands of decisions.
    async fn nearest(&self, open: &Open) -> Option<Change> {
        let past = self.past(open, 0).await.ok()?;
        tokio::task::spawn_blocking(move || past.nearest()).await.ok()?
    }

    /// An application with what was decided on it and why; `merchant`: only where it is its own.
    pub async fn application_account(
        &self,
        merchant: Option<MerchantId>,
        open_id: &str,
    ) -> Result<ApplicationAccount, Failure> {
        let open = match merchant {
            Some(merchant) => self.verdict_row(merchant, open_id).await?,
            None => self.application_by_id(open_id).await?,
        };
        let kept = self.kept_decisions(&open).await?;
        let nearest = match kept.first() {
            Some((row, _)) if row.outcome != Outcome::Approve => self.nearest(&open).await,
            _ => None,
        };
        let after_override = kept.first().and_then(|(_, kept)| kept.after_override.clone());
        let account = |(row, kept): (StoredDecision, Kept)| {
            let record = serde_json::from_str(&kept.record).map_err(|_| Failure::Internal)?;
            Ok(DecisionAccount {
                number: row.number,
                policy: row.policy,
                policy_version: row.policy_version,
                outcome: row.outcome,
                record,
            })
        };
        Ok(ApplicationAccount {
            summary: self.summary(&open.row),
            decisions: kept.into_iter().map(account).collect::<Result<_, Failure>>()?,
            course: open.course,
            after_override,
            nearest,
            is_masked: false,
        })
    }

    /// A person's applications with all that was decided, in the clear.
    pub(crate) async fn applications_shown(
        &self,
        subject: &SubjectHash,
    ) -> Result<serde_json::Value, Error> {
        let wanted = *subject;
        let found = self.store().read("applications_of_subject", move |tx| {
            store::applications::of_subject(tx, &wanted)
        });
        let failed = |failure| Error::invalid(format!("an application: {failure:?}"));
        let mut shown = Vec::new();
        for row in found.await? {
            let open = self.application_by_id(&row.open_id).await.map_err(failed)?;
            let content = self.application_content(&open).await.map_err(failed)?;
            let account = self.application_account(None, &row.open_id).await.map_err(failed)?;
            let mut one = serde_json::to_value(&account).expect("plain data");
            one["application"] = serde_json::to_value(&content).expect("plain data");
            shown.push(one);
        }
        Ok(shown.into())
    }

    /// Makes a decision again from application, what was held, policy and model, as they were;
    /// `change` stands over what is computed.
    pub async fn replay_decision(
        &self,
        open_id: &str,
        number: i64,
        change: &[(String, Value)],
    ) -> Result<Replayed, Failure> {
        let open = self.application_by_id(open_id).await?;
        let past = self.past(&open, number).await?;
        let facts = past.facts();
        let catalogue = facts.catalogue();
        let again = facts.with(change).decide(past.judge());
        let outcome = again.decision.outcome;
        let (stored, again) = (past.kept.record.into_bytes(), again.to_bytes());
        // The column is what lists go by: it has to say the same.
        let compared = match stored == again && outcome == past.row.outcome {
            false => Compared::Different,
            true if catalogue == CATALOGUE_VERSION => Compared::Same,
            true => Compared::SameFromRecord { catalogue },
        };
        Ok(Replayed { number, stored, again, compared })
    }

    /// Makes all decisions on an application again.
    pub async fn replay_application(&self, open_id: &str) -> Result<Vec<Replayed>, Failure> {
        let open = self.application_by_id(open_id).await?;
        let count = self.kept_decisions(&open).await?.len() as i64;
        let mut replayed = Vec::new();
        for number in 0..count {
            replayed.push(self.replay_decision(open_id, number, &[]).await?);
        }
        Ok(replayed)
    }

    /// Makes every decision that is kept again; tells `each` the application, the decision's number
    /// and how it came out. One that cannot be made again is different.
    pub async fn replay_all(&self, mut each: impl FnMut(&str, i64, Compared)) -> Result<(), Error> {
        let mut after = String::new();
        loop {
            let from = after.clone();
            let page = self.store().read("decided", move |tx| {
                store::applications::decided_after(tx, &from, REPLAY_PAGE)
            });
            let page = page.await?;
            for open_id in &page {
                match self.replay_application(open_id).await {
                    Ok(all) => all.iter().for_each(|one| each(open_id, one.number, one.compared)),
                    Err(failure) => {
                        tracing::error!(open_id, ?failure, "it cannot be decided again");
                        each(open_id, 0, Compared::Different);
                    }
                }
            }
            match page.into_iter().next_back() {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }

    async fn past(&self, open: &Open, number: i64) -> Result<Past, Failure> {
        let mut decisions = self.kept_decisions(open).await?.into_iter();
        let (row, kept) =
            decisions.find(|(row, _)| row.number == number).ok_or(Failure::SessionUnknown)?;
        let content = self.application_content(open).await?;
        let person = content.person(open.row.at).ok_or(Failure::Internal)?;
        let policy = self.stored_policy(&row.policy, row.policy_version).await;
        let policy = policy.map_err(|error| self.failed(&error))?.ok_or(Failure::Internal)?;
        let model = match &kept.model {
            None => None,
            Some((name, version)) => {
                let model = self.stored_model(name, *version).await;
                Some(model.map_err(|error| self.failed(&error))?.ok_or(Failure::Internal)?)
            }
        };
        Ok(Past { content, person, row, kept, policy, model })
    }
}
