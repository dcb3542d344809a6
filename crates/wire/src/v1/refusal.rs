//! What is refused, in this surface's words: a status, a code to program by, a text to read.

use domain::call::Answer;
use domain::failure::Failure;
use domain::merchant::Scope;
use domain::policy::PolicyFault;
use serde_json::json;

use super::message::answer;

/// Why a request of this surface is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// For a reason that the faces share.
    Failure(Failure),
    /// A parameter is wrong.
    Field {
        field: &'static str,
        message: String,
    },
    /// The token does not open this; one of that scope would.
    Scope(Scope),
    /// Name, password and code do not go together, or were tried too often: the same for all of it.
    SignIn,
    /// The operator's roles do not let it.
    NotPermitted,
    /// It cannot be done as things stand; the text says why and what to do.
    NotPossible(String),
    /// The document is no policy.
    Policy(Vec<PolicyFault>),
    /// There is no such thing of this merchant.
    Absent,
    /// It is not there yet.
    NotDone,
    /// It goes on by itself.
    NotEnded,
    /// The body is of a kind, or packed in a way, that is not read.
    MediaType(String),
    TooLarge(String),
    /// The table as a whole cannot be read.
    Table(String),
    /// The person's file as a whole cannot be read.
    File(String),
    /// The HTTP layer refuses, with that status.
    Http {
        status: u16,
        message: String,
    },
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

pub fn refuse(refusal: &Refusal) -> Answer {
    let (status, code, message) = words(refusal);
    let mut error = json!({ "code": code, "message": message });
    if let Refusal::Field { field, .. } = refusal {
        error["field"] = json!(field);
    }
    if let Refusal::Policy(faults) = refusal {
        let fault = |one: &PolicyFault| json!({ "place": one.place, "message": one.message });
        error["faults"] = faults.iter().map(fault).collect();
    }
    let mut answer = answer(status, code, &json!({ "error": error }));
    let more = match status {
        401 => Some(("www-authenticate", "Bearer")),
        429 | 503 => Some(("retry-after", "1")),
        _ => None,
    };
    answer.headers.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    answer
}

fn words(refusal: &Refusal) -> (u16, &'static str, &str) {
    match refusal {
        Refusal::Failure(failure) => failed(failure),
        Refusal::Field { message, .. } => (400, "invalid", message),
        Refusal::Scope(Scope::Files) => (
            403,
            "not_allowed",
            "the token has not the scope files; the operator issues one with --scope files",
        ),
        Refusal::Scope(Scope::Own | Scope::Ingest) => (
            403,
            "not_allowed",
            "the token has not the scope ingest; the operator issues one with --scope ingest",
        ),
        Refusal::SignIn => (
            401,
            "sign_in_failed",
            "name, password and code do not go together, or were tried too often; a code is taken \
             once, the next one comes within 30 seconds",
        ),
        Refusal::NotPermitted => (403, "not_permitted", "your roles do not let you do this"),
        Refusal::NotPossible(message) => (409, "not_possible", message),
        Refusal::Policy(_) => (422, "invalid_policy", "the document is no policy; see faults"),
        Refusal::Absent => (404, "not_found", "there is no such thing"),
        Refusal::NotDone => (409, "not_done", "it is not there yet; ask for its state first"),
        Refusal::NotEnded => (409, "not_ended", "it has not ended; it is tried by itself"),
        Refusal::MediaType(message) => (415, "unsupported_media_type", message),
        Refusal::TooLarge(message) => (413, "too_large", message),
        Refusal::Table(message) => (422, "invalid_table", message),
        Refusal::File(message) => (422, "invalid_file", message),
        Refusal::Http { status, message } => {
            let code = match status {
                404 => "not_found",
                405 => "method_not_allowed",
                408 => "timeout",
                413 => "too_large",
                _ => "invalid",
            };
            (*status, code, message)
        }
    }
}

fn failed(failure: &Failure) -> (u16, &'static str, &str) {
    match failure {
        Failure::CredentialMissing => {
            (401, "token_missing", "send Authorization: Bearer and your token")
        }
        Failure::CredentialUnknown(_) | Failure::TokenUnknown | Failure::PasswordWrong => {
            (401, "token_unknown", "the token is not known or its time is over")
        }
        Failure::NotEntitled => (403, "not_entitled", "the application is not registered for you"),
        Failure::RateExceeded => (429, "rate_exceeded", "too many requests in this second"),
        Failure::Parameter { reason } => (400, "invalid", reason),
        Failure::KeyReused => {
            (409, "name_reused", "the name stands for other rows; take another one")
        }
        Failure::Overloaded => (503, "overloaded", "nothing was begun; try again"),
        Failure::SessionUnknown => (404, "not_found", "there is no such thing, or no longer"),
        Failure::StillCollecting => (409, "not_done", "the data is still being collected"),
        Failure::CollectionFailed(_) | Failure::SessionTimedOut => {
            (409, "collection_failed", "the collection failed; there is no data")
        }
        Failure::ConsentMissing => (
            403,
            "consent_missing",
            "the person has given no consent for this, or has withdrawn it",
        ),
        Failure::PackageExhausted | Failure::TestLimitReached | Failure::DailyQuotaReached => {
            (403, "limit_reached", "the package, the test stage's calls or the day's are used up")
        }
        Failure::AnswerGone => {
            (410, "gone", "it was handed in before, and what was read of it is kept no longer")
        }
        Failure::Internal
        // Nothing that this surface asks for leads to these.
        | Failure::SignatureWrong { .. }
        | Failure::TimestampExpired
        | Failure::TimestampInvalid
        | Failure::NonceUsed
        | Failure::ContentMd5Wrong
        | Failure::VerificationFailed
        | Failure::IdTypeMissing
        | Failure::IdTypeUnknown
        | Failure::NotAsked
        | Failure::AlreadySubmitted
        | Failure::SessionOver
        | Failure::ResendsUsedUp
        | Failure::EntryUnusable
        | Failure::Undecryptable
        | Failure::DecryptionsUsedUp => (500, "internal", "the server failed; try again"),
    }
}
