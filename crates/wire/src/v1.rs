//! The native surface, `/v1`: what the documents have no route for. JSON answers, rows in as CSV,
//! JSON or JSON lines, `Authorization: Bearer`.

mod applications;
mod callbacks;
mod file;
mod message;
mod operators;
mod policies;
mod refusal;
mod rows;

pub use applications::{
    Proposed, Told, agreement, appealed, application, moved, objection, proposal,
};
pub use callbacks::{callbacks, replayed};
pub use file::{SentFile, SentPage, file, file_taken, json, page, page_taken};
pub use message::{accepted, batch, batch_lines, coverage, loaded};
pub use operators::{SignIn, note_shown, notes, operator, sign_in, signed_in, signed_out};
pub use policies::{
    policies, policy, policy_added, policy_document, policy_live, policy_shown, share,
};
pub use refusal::{Refusal, refuse};
pub use rows::rows;

use domain::failure::Failure;
use domain::secret::Secret;

use crate::body::{Limits, Pairs};
use crate::request::Request;

/// The token of `Authorization: Bearer <token>` (the scheme in any case).
///
/// Errors: [`Failure::CredentialMissing`] without one.
pub fn token(request: &Request<'_>) -> Result<Secret<String>, Failure> {
    let text = request.headers.get("authorization").unwrap_or_default().trim_matches(' ');
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    let token = token.trim_start_matches(' ');
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(Failure::CredentialMissing);
    }
    Ok(Secret::new(token.to_owned()))
}

/// A parameter of the query; nothing when it is not there or empty.
///
/// Errors: [`Failure::Parameter`] when the query is not sound, or has it twice and differing.
pub fn parameter(request: &Request<'_>, name: &str) -> Result<Option<String>, Failure> {
    let pairs = Pairs::of_query(request, Limits::FLAT);
    pairs.sound()?;
    let found = pairs.agreed(&[name])?;
    Ok(found.filter(|text| !text.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests;
