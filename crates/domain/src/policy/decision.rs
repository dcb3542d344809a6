//! A decision with everything that explains it, as it is stored.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::document::Texts;
use super::expression::Evidence;
use super::trace::TraceNode;
use super::value::Value;
use crate::time::Timestamp;

/// What a policy comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Approve,
    Review,
    Reject,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Review => "review",
            Self::Reject => "reject",
        }
    }
}

/// The policy that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyName {
    pub name: String,
    pub version: String,
    pub sha256: String,
}

/// Why it was decided so: one rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// The rule's id; `approve` for an approval, `steps` when the budget was used up.
    pub rule: String,
    pub outcome: Outcome,
    /// False when it could not be told whether the rule applies.
    pub is_known: bool,
    pub zh: String,
    pub en: String,
    pub lawful_basis: Texts,
    /// What the rule saw.
    pub evidence: Vec<Evidence>,
    /// The names that are missing, when it is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// A decision. Its bytes are a function of the policy's bytes, the inputs and the time.
#[derive(Clone, PartialEq, Serialize)]
pub struct Decision {
    pub policy: PolicyName,
    #[serde(serialize_with = "as_text")]
    pub at: Timestamp,
    pub outcome: Outcome,
    /// At least one: the rules that led to the outcome first, the others after them.
    pub reasons: Vec<Reason>,
    /// All inputs that the policy reads; null is not known.
    pub inputs: BTreeMap<String, Value>,
    /// Inputs that were given and are not what the policy declares; they count as not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    pub trace: Vec<TraceNode>,
    /// Steps of evaluation in all.
    pub steps: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn as_text<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

impl fmt::Debug for Decision {
    /// Without the values, which are a person's data and must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<&str> = self.reasons.iter().map(|reason| reason.rule.as_str()).collect();
        write!(f, "Decision({} by {rules:?})", self.outcome.as_str())
    }
}

impl Decision {
    /// The record that is stored: JSON, the same bytes for the same decision.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("names and values are plain data")
    }
}
