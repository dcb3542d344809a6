//! Why this face does not serve a request, and its code and words for that.

use domain::failure::Failure;
use domain::identity::IdentityFault;

use super::codes::{self, Code};

/// Why a request is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A field is missing or malformed; `path` names it as in `options.contacts[0].contact_name`.
    Field { path: String, fault: Fault },
    /// Nothing can be read. `status` is what HTTP calls it: 400, 413 or 415.
    Unreadable { status: u16, reason: String },
    /// The merchant may not, or the session does not, or the server cannot.
    Failure(Failure),
}

/// What is wrong with a field. It never repeats what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    Identity(IdentityFault),
    NotText,
    NotList,
    NotMap,
    TooLong,
    TooMany,
    /// Not of the form that the field has.
    Form,
    /// None of those that can be chosen.
    Choice,
    /// Not a whole number within its limits.
    Range,
    /// Two spellings of the field differ, or it does not go with another one.
    Contradiction,
    /// Given twice in one object.
    Repeated,
    TooDeep,
    /// Not an amount in 元 with at most two decimals.
    Amount,
    /// Not a date or a time.
    Moment,
    /// Not a month.
    Month,
    /// Encrypted in a way that this merchant has not asked for.
    Envelope,
}

impl Fault {
    pub const MISSING: Self = Self::Identity(IdentityFault::Missing);
}

impl From<IdentityFault> for Fault {
    fn from(fault: IdentityFault) -> Self {
        Self::Identity(fault)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Refusal {
    pub(super) fn unreadable(status: u16, failure: Failure) -> Self {
        match failure {
            Failure::Parameter { reason } => Self::Unreadable { status, reason },
            other => Self::Failure(other),
        }
    }

    /// How this face answers it.
    pub fn code(&self) -> Code {
        match self {
            Self::Field { .. } => Code::INPUT,
            // A body that is no JSON did reach the face; one of a kind that no face reads did not.
            Self::Unreadable { status: 400, .. } => Code::UNREADABLE,
            Self::Unreadable { status, .. } => codes::unreached(*status),
            Self::Failure(failure) => codes::of(failure),
        }
    }

    pub(super) fn message(&self) -> String {
        let message = self.code().message;
        match self {
            Self::Field { path, fault } => format!("{path}: {}", codes::fault(*fault)),
            Self::Unreadable { reason, .. } | Self::Failure(Failure::Parameter { reason }) => {
                format!("{message} ({reason})")
            }
            Self::Failure(_) => message.to_owned(),
        }
    }
}
