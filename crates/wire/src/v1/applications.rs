//! Applications for a loan: what was decided on one and why, and what people do with it.

use domain::application::course::{Appeal, Course, Look, Verdict};
use domain::call::Answer;
use domain::policy::Change;
use serde_json::{Value, json};

use super::Refusal;
use super::message::{answer, ok};
use crate::body::Pairs;
use crate::request::Request;

/// What a merchant is told of an application of its own.
pub struct Told<'a> {
    pub open_id: &'a str,
    pub order_id: &'a str,
    pub at: &'a str,
    pub course: &'a Course,
    /// The record of the decision that counts, where there is one.
    pub record: Option<&'a Value>,
    /// The application whose refusal people overturned, where people look at this one for that.
    pub after_override: Option<&'a str>,
    pub nearest: Option<&'a Change>,
}

/// Why it came out so, to be told to the person (PIPL, article 24): the rules with their words and
/// what they saw, the score with what made it, and what would have changed it. Who of the
/// operator's people looked at it stays inside.
pub fn application(told: &Told<'_>) -> Answer {
    let record = told.record.unwrap_or(&Value::Null);
    let (by, appeal) = match told.course {
        Course::Final { resolution, appeal, .. } => {
            (Some(if resolution.is_some() { "people" } else { "policy" }), appeal.as_ref())
        }
        Course::Arriving | Course::Waiting | Course::InReview(_) => (None, None),
    };
    ok(&json!({
        "open_id": told.open_id,
        "order_id": told.order_id,
        "at": told.at,
        "state": state(told.course),
        "decided_by": by,
        "policy": record["decision"]["policy"],
        "reasons": record["decision"]["reasons"],
        "score": record["score"],
        "after_override": told.after_override,
        "nearest": told.nearest.map(|change| &change.fields),
        "appeal": appeal.map(appeal_told),
    }))
}

fn state(course: &Course) -> &'static str {
    match course {
        Course::Arriving | Course::Waiting => "waiting",
        Course::InReview(_) => "in_review",
        Course::Final { verdict: Verdict::Approve, .. } => "approved",
        Course::Final { verdict: Verdict::Reject, .. } => "rejected",
    }
}

fn appeal_told(appeal: &Appeal) -> Value {
    let resolved = match &appeal.look {
        Look::Resolved(resolution) => Some(resolution),
        Look::Open | Look::Proposed(_) => None,
    };
    json!({
        "at": appeal.at.to_string(),
        "outcome": resolved.map(|resolution| resolution.proposal.verdict.as_str()),
        "resolved_at": resolved.map(|resolution| resolution.at.to_string()),
    })
}

/// An objection was handed in.
pub fn appealed(open_id: &str) -> Answer {
    answer(201, "created", &json!({ "open_id": open_id }))
}

/// What an operator asked for was done.
pub fn moved(open_id: &str) -> Answer {
    ok(&json!({ "open_id": open_id }))
}

/// What an operator proposes.
pub struct Proposed {
    pub verdict: Verdict,
    pub reason: String,
}

/// Reads a proposal from a form or a JSON object.
///
/// Errors: [`Refusal::Field`] for what is missing or none of the words.
pub fn proposal(request: &Request<'_>) -> Result<Proposed, Refusal> {
    let pairs = Pairs::read(request);
    let word = text(&pairs, "verdict")?;
    let verdict = Verdict::parse(&word).ok_or_else(|| Refusal::Field {
        field: "verdict",
        message: "must be approve or reject".to_owned(),
    })?;
    Ok(Proposed { verdict, reason: text(&pairs, "reason")? })
}

/// Reads whether an operator agrees: `yes` or `no`.
pub fn agreement(request: &Request<'_>) -> Result<bool, Refusal> {
    match text(&Pairs::read(request), "agrees")?.as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => {
            let message = "must be yes or no".to_owned();
            Err(Refusal::Field { field: "agrees", message })
        }
    }
}

/// Reads a borrower's objection.
pub fn objection(request: &Request<'_>) -> Result<String, Refusal> {
    text(&Pairs::read(request), "words")
}

fn text(pairs: &Pairs, field: &'static str) -> Result<String, Refusal> {
    pairs.sound()?;
    let found = pairs.agreed(&[field])?.filter(|text| !text.is_empty());
    let missing = || Refusal::Field { field, message: "is missing".to_owned() };
    found.map(str::to_owned).ok_or_else(missing)
}
