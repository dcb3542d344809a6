//! The credit bureau's platform (人民银行征信中心) and the card check at `UnionPay` behind it, as a
//! source: a question, an answer, and what the platform remembers of the borrower.
//!
//! It is a contract of its own beside [`crate::step`]: the borrower walks through the platform's
//! pages one by one and is told at once what each came to, where a collection runs by itself.

use domain::secret::Secret;
use domain::session::credit::{CardKind, Question, Refusal, UserStatus};
use domain::source::SourceFailure;
use domain::time::Timestamp;

use crate::step::Memory;

/// What does not change between two questions.
pub struct Visit<'s> {
    /// Names the borrower at this merchant for good.
    pub session: &'s str,
    /// The account that is logged in, or was last.
    pub login_name: Option<&'s str>,
    pub memory: Option<&'s Memory>,
    pub now: Timestamp,
}

/// What the borrower typed at `UnionPay` (document 002, 1.1.9).
pub struct Cardholder<'s> {
    pub card: &'s str,
    pub kind: CardKind,
    pub mobile: &'s str,
    pub name: &'s str,
    pub id_card: &'s str,
    pub secret: CardSecret<'s>,
    pub message_code: &'s Secret<String>,
}

/// What only the holder of a card knows.
pub enum CardSecret<'s> {
    /// The withdrawal password.
    Debit { password: &'s Secret<String> },
    /// Two digits each of year and month, and the last three on the back.
    Credit { year: &'s Secret<String>, month: &'s Secret<String>, last_three: &'s Secret<String> },
}

/// What the platform is asked.
pub enum Request<'s> {
    /// A new picture, in place of the one before.
    Picture,
    Login {
        login_name: &'s str,
        password: &'s Secret<String>,
        picture: &'s Secret<String>,
    },
    Questions,
    /// The numbers of the chosen options, from 1.
    Answers(&'s Secret<[u8; 5]>),
    /// Which kind a card is, and whether it is supported.
    Card {
        number: &'s str,
    },
    /// A code by SMS: to the card's telephone, or to the registered one.
    Message {
        mobile: Option<&'s str>,
    },
    Authenticate(Cardholder<'s>),
    /// `UnionPay`'s code, which raises the account's level.
    RaiseLevel {
        picture: &'s Secret<String>,
        code: &'s Secret<String>,
    },
    /// The form for accounts that are verified.
    AuthedForm,
    Apply {
        message_code: &'s Secret<String>,
    },
    /// The identity code that opens the report, by SMS.
    ReportForm,
    Report {
        identity_code: &'s Secret<String>,
    },
    /// What became of the application.
    Poll,
}

impl Request<'_> {
    /// For metrics: one of few words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Login { .. } => "login",
            Self::Questions => "questions",
            Self::Answers(_) => "answers",
            Self::Card { .. } => "card",
            Self::Message { .. } => "message",
            Self::Authenticate(_) => "authenticate",
            Self::RaiseLevel { .. } => "raise_level",
            Self::AuthedForm => "authed_form",
            Self::Apply { .. } => "apply",
            Self::ReportForm => "report_form",
            Self::Report { .. } => "report",
            Self::Poll => "poll",
        }
    }
}

/// What the platform says.
#[derive(Debug)]
pub enum Reply {
    /// A PNG.
    Picture(Vec<u8>),
    LoggedIn {
        status: UserStatus,
        is_authenticated: bool,
    },
    Questions(Box<[Question; 5]>),
    Answered {
        passed: bool,
        look_at: Timestamp,
    },
    Card(CardKind),
    Sent,
    /// `UnionPay`'s code.
    Code(String),
    Done,
    /// The application is in; ask again then.
    Applied {
        look_at: Timestamp,
    },
    /// What it stands at, and when to ask again where it is still in progress.
    Status {
        status: UserStatus,
        look_at: Option<Timestamp>,
    },
    /// The report's page, as the platform shows it.
    Page {
        html: Vec<u8>,
        updated_at: Timestamp,
    },
}

/// How the platform answered.
#[derive(Debug)]
pub enum Outcome {
    Said {
        reply: Reply,
        memory: Memory,
    },
    /// It turned the step down. What it remembers may have changed: a picture that was tried.
    Refused {
        refusal: Refusal,
        memory: Option<Memory>,
    },
    /// It did not answer as it should.
    Failed(SourceFailure),
}

/// A bureau's platform. Implementation: the sandbox's.
pub trait Bureau: Send + Sync {
    fn ask(&self, visit: &Visit<'_>, request: Request<'_>) -> Outcome;
}
