//! What people do with an application: one operator proposes, another one confirms or turns it
//! down; a borrower's objection to a refusal is looked at in the same way.

use domain::application::course::{Actor, Event, Proposal, Unmoved, Verdict};
use domain::audit_log::NewNote;
use domain::failure::Failure;
use domain::operator::{Operator, Permission};
use serde::Serialize;
use serde_json::{Value, json};
use store::applications::{Filter, StoredApplication};
use store::overrides::StoredOverride;

use super::Open;
use super::overrides::Overturned;
use crate::Engine;
use crate::directory::MerchantEntry;
use crate::sessions::Unsaved;

/// Characters of a reason or an objection.
const WORDS_MAX: usize = 2_000;

/// What the audit log calls the acts.
const PROPOSED: &str = "application.propose";
const CONFIRMED: &str = "application.confirm";
const OVERRIDDEN: &str = "application.override";
const TURNED_DOWN: &str = "application.turn_down";
const APPEALED: &str = "application.appeal";

/// An application as a list shows it: without a word about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApplicationSummary {
    pub open_id: String,
    pub merchant: String,
    pub order_id: String,
    pub at: String,
    /// `arriving`, `waiting`, `in_review`, `approved` or `rejected`.
    pub state: &'static str,
    pub needs_people: bool,
}

/// Why an operator's act was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMoved {
    /// The operator's roles do not allow it.
    Forbidden,
    /// The reason is empty or too long.
    Words,
    Unmoved(Unmoved),
    /// Somebody else was faster: look again.
    Changed,
    Failure(Failure),
}

impl From<Failure> for NotMoved {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// What the audit log is told of an act, and what is kept with it.
struct Act<'a> {
    actor: &'a str,
    action: &'static str,
    detail: Value,
    /// The policy's refusal that it overturns.
    overturned: Option<StoredOverride>,
}

/// The states by their numbers.
const STATES: [&str; 5] = ["arriving", "waiting", "in_review", "approved", "rejected"];

impl Engine {
    /// The newest applications; those that people have to look at oldest first.
    pub async fn applications(
        &self,
        merchant: Option<&str>,
        state: Option<&str>,
        for_people: bool,
        limit: i64,
    ) -> Result<Vec<ApplicationSummary>, crate::Error> {
        let merchant = match merchant {
            Some(name) => Some(self.merchant(name).await?.id),
            None => None,
        };
        let state = match state {
            None => None,
            Some(word) => Some(STATES.iter().position(|known| *known == word).ok_or_else(|| {
                crate::Error::invalid(format!("state: must be one of {}", STATES.join(", ")))
            })? as i64),
        };
        let filter = Filter { merchant, state, for_people };
        let found = self
            .store()
            .read("applications", move |tx| store::applications::list(tx, filter, limit))
            .await?;
        Ok(found.iter().map(|row| self.summary(row)).collect())
    }

    pub(super) fn summary(&self, row: &StoredApplication) -> ApplicationSummary {
        let directory = self.directory();
        let merchant = directory.by_id(row.merchant);
        ApplicationSummary {
            open_id: row.open_id.clone(),
            merchant: merchant.map_or_else(String::new, |entry| entry.merchant.name.clone()),
            order_id: row.order_id.clone(),
            at: row.at.to_string(),
            state: STATES.get(row.state as usize).copied().unwrap_or("unknown"),
            needs_people: row.needs_people,
        }
    }

    /// Proposes what becomes of an application, or of an appeal. To overturn what the policy
    /// refused takes [`Permission::Override`] of both.
    pub async fn propose_verdict(
        &self,
        operator: &Operator,
        open_id: &str,
        verdict: Verdict,
        reason: &str,
    ) -> Result<(), NotMoved> {
        may_decide(operator)?;
        let (reason, at) = (words(reason)?, self.now());
        let open = self.application_by_id(open_id).await?;
        may(operator, open.course.takes(verdict))?;
        let proposal = Proposal { by: actor(operator), verdict, reason, at };
        let detail = json!({ "verdict": verdict.as_str() });
        let act = Act { actor: &operator.name, action: PROPOSED, detail, overturned: None };
        self.move_application(open, Event::Proposed(proposal), act).await
    }

    /// Confirms what another operator proposed, or turns it down.
    pub async fn answer_proposal(
        &self,
        operator: &Operator,
        open_id: &str,
        agrees: bool,
    ) -> Result<(), NotMoved> {
        may_decide(operator)?;
        let open = self.application_by_id(open_id).await?;
        let mut act = Act {
            actor: &operator.name,
            action: if agrees { CONFIRMED } else { TURNED_DOWN },
            detail: json!({}),
            overturned: None,
        };
        if let Some(proposal) = open.course.proposal().filter(|_| agrees) {
            let takes = open.course.takes(proposal.verdict);
            may(operator, takes)?;
            if takes == Permission::Override {
                let Overturned { row, detail } = self.overturned(&open, proposal).await?;
                act = Act { action: OVERRIDDEN, detail, overturned: Some(row), ..act };
            }
        }
        let event = Event::Answered { by: actor(operator), agrees, at: self.now() };
        self.move_application(open, event, act).await
    }

    /// Hands in a borrower's objection to a refusal of this merchant's.
    pub async fn appeal(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
        borrower_words: &str,
    ) -> Result<(), NotMoved> {
        let open = self.application_by_id(open_id).await?;
        if open.row.merchant != entry.merchant.id {
            return Err(Failure::SessionUnknown.into());
        }
        let event = Event::Appealed { words: words(borrower_words)?, at: self.now() };
        let actor = &format!("merchant:{}", entry.merchant.name);
        let act = Act { actor, action: APPEALED, detail: json!({}), overturned: None };
        self.move_application(open, event, act).await
    }

    /// Moves an application and notes who did it, in one unit.
    async fn move_application(
        &self,
        mut open: Open,
        event: Event,
        act: Act<'_>,
    ) -> Result<(), NotMoved> {
        open.on(event).map_err(NotMoved::Unmoved)?;
        let Act { actor, action, detail, overturned } = act;
        let (actor, target, detail) =
            (actor.to_owned(), open.row.open_id.clone(), detail.to_string());
        let at = self.now();
        let saved = self.save_application(&mut open, move |tx| {
            overturned.iter().try_for_each(|row| store::overrides::put(tx, row))?;
            let note = NewNote { actor: &actor, action, target: &target, detail_json: &detail, at };
            store::audit_log::append(tx, &note).map(drop)
        });
        match saved.await {
            Ok(()) => Ok(()),
            Err(Unsaved::Moved) => Err(NotMoved::Changed),
            Err(Unsaved::Failed(failure)) => Err(failure.into()),
        }
    }
}

/// Who may neither resolve nor override is told nothing of an application.
fn may_decide(operator: &Operator) -> Result<(), NotMoved> {
    may(operator, Permission::ResolveReviews).or_else(|_| may(operator, Permission::Override))
}

fn may(operator: &Operator, permission: Permission) -> Result<(), NotMoved> {
    if operator.may(permission) { Ok(()) } else { Err(NotMoved::Forbidden) }
}

fn actor(operator: &Operator) -> Actor {
    Actor { id: operator.id, name: operator.name.clone() }
}

pub(super) fn words(text: &str) -> Result<String, NotMoved> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= WORDS_MAX;
    if fits { Ok(text.to_owned()) } else { Err(NotMoved::Words) }
}
