//! A merchant's own callbacks, as JSON.

use domain::call::Answer;
use domain::callback::{Attempt, Callback, CallbackId, CallbackState};
use serde_json::{Map, Value, json};

use super::message::{answer, ok};

/// A page of callbacks, newest first; `next` says from where on there are more.
pub fn callbacks(page: &[Callback], next: Option<CallbackId>) -> Answer {
    ok(&json!({
        "callbacks": page.iter().map(callback).collect::<Vec<_>>(),
        "next_before": next.map(|id| id.to_string()),
    }))
}

/// It will be sent again.
pub fn replayed(id: CallbackId) -> Answer {
    answer(202, "accepted", &json!({ "callback_id": id.to_string() }))
}

fn callback(callback: &Callback) -> Value {
    let fields = callback.fields.expose().iter();
    let fields: Map<String, Value> =
        fields.map(|(name, value)| (name.clone(), json!(value))).collect();
    let (due_at, reason) = match callback.state {
        CallbackState::Due { at, .. } => (Some(at.to_string()), None),
        CallbackState::Dead(outcome) => (None, Some(outcome.to_string())),
        CallbackState::Delivered | CallbackState::NotRegistered => (None, None),
    };
    json!({
        "callback_id": callback.id.to_string(),
        "state": callback.state.as_str(),
        "reason": reason,
        "fields": fields,
        "url": callback.url,
        "reference": callback.reference,
        "test": callback.is_test,
        "created_at": callback.created_at.to_string(),
        "due_at": due_at,
        "ended_at": callback.ended_at.map(|at| at.to_string()),
        "attempts": callback.attempts.iter().map(attempt).collect::<Vec<_>>(),
    })
}

fn attempt(attempt: &Attempt) -> Value {
    json!({
        "number": attempt.number,
        "at": attempt.at.to_string(),
        "took_ms": attempt.took_us.map(|us| us / 1_000),
        "outcome": attempt.outcome.map(|outcome| outcome.to_string()),
    })
}
