//! The closed list of refusals that a merchant can meet. Each face says, by an exhaustive match,
//! how it answers each of them; a new one does not compile until every face does.

use crate::secret::Private;
use crate::source::SourceFailure;

/// Why a call was not served. Carries what the merchant may know, and nothing internal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No credential of a known kind was presented.
    CredentialMissing,
    /// The credential presented is not one of ours, or was revoked.
    CredentialUnknown(CredentialKind),
    /// The signature is not what the credential's secret makes of the request. `shown` is the
    /// text that the server signed, for keys of the sandbox only: it repeats what was sent.
    SignatureWrong { shown: Option<Private<String>> },
    /// The request was signed at another time than now (15 minutes either way).
    TimestampExpired,
    /// The time of signing is not a time.
    TimestampInvalid,
    /// The number that is to be used once was used before.
    NonceUsed,
    /// The digest sent with the body is not the body's.
    ContentMd5Wrong,
    /// The product's own signature, inside the call, does not hold: wrong, of a key that is not
    /// the merchant's, or made at another time than now.
    VerificationFailed,
    /// The merchant is known but may not use the product.
    NotEntitled,
    /// More calls in this second than the merchant's rate allows.
    RateExceeded,
    /// The prepaid package of the application is used up.
    PackageExhausted,
    /// The calls of an application in test stage are used up.
    TestLimitReached,
    /// The daily quota (Asia/Shanghai) is used up.
    DailyQuotaReached,
    /// A parameter is missing, unknown or malformed; `reason` names it and says what to do.
    Parameter { reason: String },
    /// The kind of the id is not said.
    IdTypeMissing,
    /// The kind of the id is none that the product knows.
    IdTypeUnknown,
    /// The key of the call was used before with other content.
    KeyReused,
    /// The key of the call was answered so long ago that the answer is no longer kept.
    AnswerGone,
    /// Account and password do not go together, or were tried too often; the same for all of it.
    PasswordWrong,
    /// The token is not one of ours, or its time is over.
    TokenUnknown,
    /// No session of this merchant has this id.
    SessionUnknown,
    /// The session does not ask for what was sent.
    NotAsked,
    /// An answer of the borrower is with the source already, and it was another one.
    AlreadySubmitted,
    /// The session has come to its end; nothing more can be sent.
    SessionOver,
    /// The time for the collection is over; it has to be begun again.
    SessionTimedOut,
    /// The code was sent as often as it may be, to this session or this telephone.
    ResendsUsedUp,
    /// There is no consent for this, or it is no longer in force.
    ConsentMissing,
    /// The bank's entry is unknown or out of use.
    EntryUnusable,
    /// The data is still being collected.
    StillCollecting,
    /// The collection failed.
    CollectionFailed(SourceFailure),
    /// What was encrypted to the platform does not open, or what comes of it cannot be read: the
    /// same for all of it.
    Undecryptable,
    /// Too much of the merchant's did not open; nothing more is tried for a while.
    DecryptionsUsedUp,
    /// The server has more to do than it can; nothing was begun, try again later.
    Overloaded,
    /// The server failed; nothing was billed, the same call may be sent again.
    Internal,
}

/// What a merchant proves itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CredentialKind {
    /// Name and password, exchanged for a token.
    Password,
    /// The marketplace's bearer code (`Authorization: APPCODE …`).
    AppCode,
    /// The marketplace's signing pair; the secret signs each request.
    AppKey,
    /// The merchant's RSA public key; it signs each request with the private one.
    RsaPublicKey,
}

impl CredentialKind {
    pub const ALL: [Self; 4] = [Self::Password, Self::AppCode, Self::AppKey, Self::RsaPublicKey];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::AppCode => "app-code",
            Self::AppKey => "app-key",
            Self::RsaPublicKey => "rsa-public-key",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
