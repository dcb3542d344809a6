//! Why the bureau's platform, or we before it, did not do a step: the closed list of document 002,
//! section 2.1. The document's text of each is the face's.

use serde::{Deserialize, Serialize};

macro_rules! refusals {
    ($($(#[$about:meta])* $name:ident = $code:literal,)+) => {
        /// One of the 66 errors of document 002, section 2.1; the discriminant is its code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Refusal {
            $($(#[$about])* $name = $code,)+
        }

        impl Refusal {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
        }
    };
}

refusals! {
    /// Account and password do not go together.
    LoginWrong = 208_101,
    /// The picture's text is wrong, used or too old.
    PictureWrong = 210_101,
    /// The code by SMS is wrong, used or too old.
    MessageCodeWrong = 211_101,
    Busy = 508_100,
    /// The step does not follow from the one before.
    OutOfStep = 508_101,
    AlreadyRegistered = 508_102,
    LoginNameTaken = 508_103,
    MobileTaken = 508_104,
    IdentityDoubtful = 508_105,
    IdentityTaken = 508_106,
    RegistrationPending = 508_107,
    /// Five wrong passwords; for ten minutes nothing is tried.
    LoginLocked = 508_108,
    /// The account is not verified by `UnionPay`.
    NotAuthenticated = 508_109,
    NotLoggedIn = 508_110,
    ReportExists = 508_111,
    /// The bureau knows too little of the person to ask five questions.
    QuestionsUnavailable = 508_112,
    LevelTooHigh = 508_113,
    ApplicationPending = 508_114,
    /// The bureau's identity code, which opens the report, is wrong.
    IdentityCodeWrong = 508_115,
    BankPageFailed = 508_116,
    UnionPayCodeWrong = 508_117,
    MessageNotSent = 508_118,
    /// Name or ID card are not those of the registered person.
    PersonMismatch = 508_119,
    /// The card's password, expiry or CVN2 is wrong.
    CardSecretWrong = 508_120,
    /// The telephone is not the one that the bank knows.
    MobileMismatch = 508_121,
    CardNumberWrong = 508_122,
    IdCardWrong = 508_123,
    CardholderWrong = 508_124,
    LastThreeWrong = 508_125,
    /// Too many codes were sent, or too many wrong ones given.
    MessagesUsedUp = 508_126,
    /// Debit and credit card were taken for one another.
    CardKindWrong = 508_127,
    UnionPayCodeExpired = 508_128,
    UnionPayCodeUsed = 508_129,
    CardNotVerified = 508_130,
    CardUnsupported = 508_131,
    ReportNotMade = 508_132,
    ReportKeyMissing = 508_133,
    IssuerDeclined = 508_134,
    AccountClosed = 508_135,
    PasswordTriesUsedUp = 508_136,
    PersonUnknown = 508_137,
    CardNotEnabled = 508_138,
    UnionPayDeclined = 508_139,
    TransactionRepeated = 508_140,
    MobileUnknown = 508_141,
    /// Logged in, but too long ago.
    Idle = 508_142,
    TransactionFailed = 508_143,
    LoginNameNotRecoverable = 508_144,
    LoginNameUnknown = 508_145,
    LoginNameMismatch = 508_146,
    ResetPending = 508_147,
    LoginNameDeleted = 508_148,
    InputWrong = 508_149,
    YearMissing = 508_200,
    MonthMissing = 508_201,
    LastThreeMissing = 508_202,
    IdCardTailMissing = 508_203,
    FirstAnswerMissing = 508_204,
    SecondAnswerMissing = 508_205,
    ThirdAnswerMissing = 508_206,
    FourthAnswerMissing = 508_207,
    /// The document has no 508208.
    FifthAnswerMissing = 508_209,
    YearMalformed = 508_300,
    MonthMalformed = 508_301,
    LastThreeMalformed = 508_302,
    PasswordsDiffer = 508_303,
}

impl Refusal {
    /// The code of document 002.
    pub fn code(self) -> i32 {
        self as i32
    }

    pub fn of_code(code: i32) -> Option<Self> {
        Self::ALL.iter().copied().find(|refusal| refusal.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_documents() {
        assert_eq!(Refusal::ALL.len(), 66);
        let printed = [208_101, 210_101, 211_101]
            .into_iter()
            .chain(508_100..=508_149)
            .chain(508_200..=508_207)
            .chain([508_209])
            .chain(508_300..=508_303);
        assert!(printed.eq(Refusal::ALL.iter().map(|refusal| refusal.code())));
        assert!(Refusal::ALL.iter().all(|one| Refusal::of_code(one.code()) == Some(*one)));
        assert_eq!(Refusal::of_code(508_208), None);
    }
}
