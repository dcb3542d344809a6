//! Policies: the document that is sent, and what its versions are shown as.

use domain::call::Answer;
use domain::policy::{BYTES_MAX, PolicyVersion};
use serde_json::{Value, json};

use super::message::{answer, ok};
use super::{Refusal, parameter};
use crate::body::{Body, Limits};
use crate::request::Request;

/// The document that is sent as the body, whatever its content type: it is read as JSON.
///
/// Errors: [`Refusal::TooLarge`], [`Refusal::MediaType`] when it is packed in an unknown way.
pub fn policy_document(request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
    let limits = Limits { body_max_bytes: BYTES_MAX, ..Limits::FLAT };
    let body = Body::take(request, &limits).map_err(|untaken| match untaken.status {
        413 => Refusal::TooLarge(untaken.reason),
        _ => Refusal::MediaType(untaken.reason),
    })?;
    Ok(body.bytes.to_vec())
}

/// The share of a challenger, in percent; 0 when it is not given.
///
/// Errors: [`Refusal::Field`] for what is no number of percent.
pub fn share(request: &Request<'_>) -> Result<u8, Refusal> {
    let Some(text) = parameter(request, "share")? else { return Ok(0) };
    let message = || "must be 1 to 50 percent".to_owned();
    text.parse().map_err(|_| Refusal::Field { field: "share", message: message() })
}

/// A draft was added.
pub fn policy_added(name: &str, version: i64) -> Answer {
    answer(201, "created", &json!({ "name": name, "version": version, "state": "draft" }))
}

/// The version that decides now.
pub fn policy_live(name: &str, version: i64) -> Answer {
    ok(&json!({ "name": name, "version": version, "state": "live" }))
}

/// All versions, without their documents.
pub fn policies(versions: &[PolicyVersion]) -> Answer {
    ok(&json!({ "policies": versions.iter().map(policy_shown).collect::<Vec<_>>() }))
}

/// One version with its document.
pub fn policy(version: &PolicyVersion) -> Answer {
    let mut shown = policy_shown(version);
    shown["document"] = serde_json::from_slice(&version.document).unwrap_or_default();
    ok(&shown)
}

/// One version without its document, as every surface shows it.
pub fn policy_shown(version: &PolicyVersion) -> Value {
    let signed = version.signed.as_ref();
    json!({
        "name": version.name,
        "version": version.version,
        "state": version.state.as_str(),
        "share": version.state.share(),
        "sha256": version.sha256,
        "author": version.author,
        "created_at": version.created_at.to_string(),
        "signer": signed.map(|(signer, _)| signer),
        "signed_at": signed.map(|(_, at)| at.to_string()),
        "live_at": version.live_at.map(|at| at.to_string()),
        "fault": version.fault,
    })
}
