//! Overrides: two people who overturn what the policy refused, and what follows from it.
//!
//! What is final stays. For [`OVERRIDE_HOLDS`] the policy's refusal of the same person's by the
//! same merchant's policy goes to people instead: never to an approval.

use domain::application::course::{Course, Proposal};
use domain::audit_log::NewNote;
use domain::failure::Failure;
use domain::policy::Outcome;
use domain::time::{Span, Timestamp};
use serde_json::{Value, json};
use store::overrides::StoredOverride;
use store::{StoreError, Tx};

use super::Open;
use crate::Engine;

/// How long a refusal that was overturned keeps the policy from refusing the person again.
pub(super) const OVERRIDE_HOLDS: Span = Span::days(30);

/// Who stands in the audit log for what the platform does by itself.
const SYSTEM: &str = "system";
const HELD: &str = "application.hold";

/// A refusal that is overturned.
pub(super) struct Overturned {
    pub(super) row: StoredOverride,
    /// For the audit log: which policy said what, and who else decided.
    pub(super) detail: Value,
}

/// What the policy refused and people look at.
pub(super) struct Hold {
    open_id: String,
    /// The application whose refusal was overturned.
    pub(super) after: String,
    at: Timestamp,
}

impl Hold {
    pub(super) fn note(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let detail = json!({ "after_override": self.after }).to_string();
        let (target, at) = (self.open_id.as_str(), self.at);
        let note = NewNote { actor: SYSTEM, action: HELD, target, detail_json: &detail, at };
        store::audit_log::append(tx, &note).map(drop)
    }
}

impl Engine {
    /// What the confirmation of `proposal` overturns.
    pub(super) async fn overturned(
        &self,
        open: &Open,
        proposal: &Proposal,
    ) -> Result<Overturned, Failure> {
        let Course::Final { verdict: stands, .. } = &open.course else {
            return Err(Failure::Internal);
        };
        let (decision, kept) =
            self.kept_decisions(open).await?.into_iter().next().ok_or(Failure::Internal)?;
        let record: Value = serde_json::from_str(&kept.record).map_err(|_| Failure::Internal)?;
        let detail = json!({
            "policy": decision.policy,
            "version": decision.policy_version,
            "sha256": record["decision"]["policy"]["sha256"],
            "from": stands.as_str(),
            "to": proposal.verdict.as_str(),
            "proposed_by": proposal.by.name,
        });
        let row = StoredOverride {
            open_id: open.row.open_id.clone(),
            merchant: open.row.merchant,
            subject: open.row.subject,
            until: self.now() + OVERRIDE_HOLDS,
        };
        Ok(Overturned { row, detail })
    }

    /// Whether people look at what the policy came to: a refusal, while an override is in force.
    pub(super) async fn refusal_held(
        &self,
        open: &Open,
        outcome: Outcome,
        at: Timestamp,
    ) -> Result<Option<Hold>, Failure> {
        if outcome != Outcome::Reject {
            return Ok(None);
        }
        let (merchant, subject) = (open.row.merchant, open.row.subject);
        let found = self.store().read("override_in_force", move |tx| {
            store::overrides::in_force(tx, merchant, &subject, at)
        });
        let after = found.await.map_err(|error| self.store_failed(&error))?;
        Ok(after.map(|after| Hold { open_id: open.row.open_id.clone(), after, at }))
    }
}
