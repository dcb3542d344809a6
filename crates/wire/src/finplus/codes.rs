//! The codes of face 1: what the document's tables (sections 4 and 5) and the marketplace's
//! gateway say to each outcome and refusal.

use domain::billing::billable;
use domain::failure::{CredentialKind, Failure};
use domain::merchant::Product;
use domain::score::{ScoreOutcome, code};

/// A business code with its message; letter case and dots as normalised in `finplus.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    pub number: i32,
    pub message: &'static str,
}

impl Code {
    pub const OK: Self = Self::new(code::OK, "OK");
    pub const ERROR: Self = Self::new(code::ERROR, "cplus.error");
    pub const INVALID_PARAMETERS: Self = Self::new(10, "cplus.invalid_parameters");
    pub const VERIFICATION_FAILED: Self = Self::new(18, "cplus.verification_failed");
    pub const INSUFFICIENT_QUOTA: Self =
        Self::new(code::INSUFFICIENT_QUOTA, "cplus.insufficient_quota");
    pub const ID_TYPE_UNKNOWN: Self = Self::new(22, "cplus.invalid_id_type");
    pub const ID_TYPE_MISSING: Self = Self::new(105, "credit.invalid_id_type");
    pub const UNCONVERTED: Self = Self::new(code::UNCONVERTED, "credit.id_unconverted");
    pub const EMPTY_CONTENT: Self = Self::new(code::EMPTY_CONTENT, "credit.empty_content");
    pub const TEST_LIMIT: Self = Self::new(code::TEST_LIMIT, "credit.test_limit");

    const fn new(number: i32, message: &'static str) -> Self {
        Self { number, message }
    }

    /// HTTP status: everything but success is 520.
    pub fn status(self) -> u16 {
        if self == Self::OK { 200 } else { 520 }
    }

    /// The answer's `success`, which marks the bill.
    pub fn success(self) -> bool {
        billable(Product::FinplusScore, self.number)
    }

    pub(super) fn of_outcome(outcome: &ScoreOutcome) -> Self {
        match outcome {
            ScoreOutcome::Scored { .. } => Self::OK,
            ScoreOutcome::Unconverted => Self::UNCONVERTED,
            ScoreOutcome::EmptyContent => Self::EMPTY_CONTENT,
        }
    }
}

/// Who answers a refusal, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The product: HTTP 520 and a body.
    Business(Code),
    /// The marketplace's gateway in front of it: a status and a message header, no body.
    Gateway { status: u16, message: &'static str },
}

/// How this face answers `failure`.
pub fn of(failure: &Failure) -> How {
    match failure {
        Failure::CredentialMissing => gateway(404, "Empty Signature"),
        Failure::CredentialUnknown(CredentialKind::AppCode) => {
            gateway(400, "Invalid AppCode `not exists`")
        }
        Failure::CredentialUnknown(CredentialKind::AppKey) => gateway(400, "Invalid AppKey"),
        // `message` adds the text that the server signed, where it may be shown.
        Failure::SignatureWrong { .. } => gateway(400, "Invalid Signature"),
        Failure::TimestampExpired => gateway(400, "Timestamp Expired"),
        Failure::TimestampInvalid => gateway(400, "Invalid Timestamp"),
        Failure::NonceUsed => gateway(400, "Nonce Used"),
        Failure::ContentMd5Wrong => gateway(400, "Invalid Content-MD5"),
        // This face reads no credential of these kinds.
        Failure::CredentialUnknown(CredentialKind::Password | CredentialKind::RsaPublicKey)
        | Failure::NotEntitled => gateway(403, "Unauthorized"),
        Failure::RateExceeded => gateway(403, "Throttled by APP Flow Control"),
        Failure::PackageExhausted => gateway(403, "Quota Exhausted"),
        Failure::Overloaded => gateway(503, "Service Unavailable"),
        Failure::VerificationFailed => How::Business(Code::VERIFICATION_FAILED),
        Failure::TestLimitReached => How::Business(Code::TEST_LIMIT),
        Failure::DailyQuotaReached => How::Business(Code::INSUFFICIENT_QUOTA),
        Failure::Parameter { .. } | Failure::KeyReused | Failure::AnswerGone => {
            How::Business(Code::INVALID_PARAMETERS)
        }
        Failure::IdTypeMissing => How::Business(Code::ID_TYPE_MISSING),
        Failure::IdTypeUnknown => How::Business(Code::ID_TYPE_UNKNOWN),
        Failure::Internal
        // Nothing that this face asks for leads to these.
        | Failure::PasswordWrong
        | Failure::TokenUnknown
        | Failure::SessionUnknown
        | Failure::NotAsked
        | Failure::AlreadySubmitted
        | Failure::SessionOver
        | Failure::SessionTimedOut
        | Failure::ResendsUsedUp
        | Failure::ConsentMissing
        | Failure::EntryUnusable
        | Failure::StillCollecting
        | Failure::Undecryptable
        | Failure::DecryptionsUsedUp
        | Failure::CollectionFailed(_) => How::Business(Code::ERROR),
    }
}

fn gateway(status: u16, message: &'static str) -> How {
    How::Gateway { status, message }
}
