//! Login names that make something happen: `sandbox60` to `sandbox69`, and `e508NNN`, which answers
//! the code 508NNN at the step that the document gives it (`rong360.md`, Rules).

use domain::session::credit::{Refusal, UserStatus};

use super::super::persona::credit::SAMPLE;
use crate::bureau::Request;

/// The steps at which a magic code can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Magic {
    Login,
    Questions,
    Answers,
    Card,
    Message,
    Authenticate,
    RaiseLevel,
    AuthedForm,
    Apply,
    ReportForm,
    Report,
    /// The platform's own doing: no code is answered at it.
    Quiet,
}

impl Magic {
    pub(super) fn of(request: &Request<'_>) -> Self {
        match request {
            Request::Login { .. } => Self::Login,
            Request::Questions => Self::Questions,
            Request::Answers(_) => Self::Answers,
            Request::Card { .. } => Self::Card,
            Request::Message { .. } => Self::Message,
            Request::Authenticate(_) => Self::Authenticate,
            Request::RaiseLevel { .. } => Self::RaiseLevel,
            Request::AuthedForm => Self::AuthedForm,
            Request::Apply { .. } => Self::Apply,
            Request::ReportForm => Self::ReportForm,
            Request::Report { .. } => Self::Report,
            Request::Picture | Request::Poll => Self::Quiet,
        }
    }
}

/// The last three digits of the codes of each step but the login, which has all others.
const STEPS: [(Magic, &[i32]); 10] = [
    (Magic::Questions, &[112, 113]),
    (Magic::Answers, &[204, 205, 206, 207, 209]),
    (Magic::Card, &[116, 122, 130, 131, 138]),
    (Magic::Message, &[118, 121, 126, 141]),
    (
        Magic::Authenticate,
        &[119, 120, 123, 124, 125, 127, 134, 136, 139, 140, 200, 201, 202, 300, 301, 302],
    ),
    (Magic::RaiseLevel, &[117, 128, 129]),
    (Magic::AuthedForm, &[109]),
    (Magic::Apply, &[111, 114]),
    (Magic::ReportForm, &[132, 133]),
    (Magic::Report, &[115]),
];

/// The code of a login name and the step at which it is answered.
fn magic(login_name: &str) -> Option<(Magic, Refusal)> {
    let code = match login_name {
        "sandbox67" => return Some((Magic::Login, Refusal::AccountClosed)),
        _ => login_name.strip_prefix("e508").filter(|rest| rest.len() == 3)?.parse::<i32>().ok()?,
    };
    let step = STEPS.iter().find(|(_, codes)| codes.contains(&code));
    Some((step.map_or(Magic::Login, |(step, _)| *step), Refusal::of_code(508_000 + code)?))
}

/// Answers the login name's code, if this is its step.
pub(super) fn refused(login_name: &str, step: Magic) -> Result<(), Refusal> {
    match magic(login_name) {
        Some((at, refusal)) if at == step => Err(refusal),
        _ => Ok(()),
    }
}

/// What an account stands at before it applies. Codes of the report need one.
pub(super) fn status(login_name: &str) -> UserStatus {
    match login_name {
        "sandbox61" | SAMPLE => UserStatus::Made,
        "sandbox62" => UserStatus::LocalValid,
        "sandbox63" => UserStatus::LocalOutdated,
        "sandbox64" => UserStatus::InProgress,
        "sandbox65" => UserStatus::NotPassed,
        "sandbox66" => UserStatus::NotMade,
        _ => match magic(login_name) {
            Some((Magic::ReportForm | Magic::Report, _)) => UserStatus::Made,
            _ => UserStatus::NotApplied,
        },
    }
}
