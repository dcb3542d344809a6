//! Operators: what they sign in with, and what they are shown.

use domain::audit_log::Note;
use domain::call::Answer;
use domain::failure::Failure;
use domain::operator::{Operator, Permission};
use domain::secret::Secret;
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::Refusal;
use super::message::ok;
use crate::body::Pairs;
use crate::request::Request;

/// What somebody signs in with, before it is believed.
#[derive(Debug)]
pub struct SignIn {
    pub name: String,
    pub password: Secret<String>,
    pub code: Secret<String>,
}

/// Reads a sign-in from a form or a JSON object.
///
/// Errors: [`Refusal::Field`] for what is missing, [`Failure::Parameter`] for a body that is
/// broken, or a query: it would stand in the logs of whatever passes it on.
pub fn sign_in(request: &Request<'_>) -> Result<SignIn, Refusal> {
    if !request.query.is_empty() {
        let reason = "send name, password and code in the body".to_owned();
        return Err(Failure::Parameter { reason }.into());
    }
    let pairs = Pairs::read(request);
    pairs.sound()?;
    let text = |field: &'static str| {
        let found = pairs.agreed(&[field])?.filter(|text| !text.is_empty());
        let missing = || Refusal::Field { field, message: "is missing".to_owned() };
        found.map(str::to_owned).ok_or_else(missing)
    };
    Ok(SignIn {
        name: text("name")?,
        password: Secret::new(text("password")?),
        code: Secret::new(text("code")?),
    })
}

/// The token that stands for an operator, until when.
pub fn signed_in(operator: &Operator, token: &Secret<String>, ends_at: Timestamp) -> Answer {
    let mut shown = shown(operator);
    shown["token"] = json!(token.expose());
    shown["ends_at"] = json!(ends_at.to_string());
    ok(&shown)
}

/// The token stands for nobody any more.
pub fn signed_out() -> Answer {
    ok(&json!({ "signed_out": true }))
}

/// Who one is, and what one may do.
pub fn operator(operator: &Operator) -> Answer {
    ok(&shown(operator))
}

fn shown(operator: &Operator) -> Value {
    let roles: Vec<&str> = operator.roles.iter().map(|role| role.as_str()).collect();
    let permissions: Vec<&str> = Permission::ALL
        .into_iter()
        .filter(|permission| operator.may(*permission))
        .map(Permission::as_str)
        .collect();
    json!({ "name": operator.name, "roles": roles, "permissions": permissions })
}

/// A page of the audit log, the newest first; `next` says from where on there are more.
pub fn notes(page: &[Note], next: Option<i64>) -> Answer {
    ok(&json!({ "notes": page.iter().map(note_shown).collect::<Vec<_>>(), "next_before": next }))
}

/// One note, as every surface shows it.
pub fn note_shown(note: &Note) -> Value {
    json!({
        "seq": note.seq,
        "at": note.at.to_string(),
        "actor": note.actor,
        "action": note.action,
        "target": note.target,
        "detail": serde_json::from_str::<Value>(&note.detail_json).unwrap_or_default(),
        "hash": format!("{:?}", note.hash),
    })
}
