//! The borrower's way through the credit bureau (face 3): form after form, then the report.
//!
//! One durable row stands for a merchant's borrower. Each call is one step of
//! [`domain::session::credit::Flow`]: admitted, asked of the bureau, taken in, answered. A step
//! that carries what only the borrower knows leaves a mark before the bureau is asked, so that a
//! node that dies in the middle is found out and nothing is done twice.
//!
//! `borrower` keeps the row, `step` takes one step, `bureau` speaks with the source, `report` reads
//! and bills, `handed` takes pages that persons hand in, `lock` counts wrong passwords, `wake`
//! follows applications.

mod borrower;
mod bureau;
mod handed;
mod lock;
mod report;
mod step;
mod wake;

pub(crate) use borrower::Borrower;
use domain::dataset::credit::CreditRecord;
use domain::failure::Failure;
use domain::report::pboc::CreditReport;
use domain::secret::{Private, Secret};
use domain::session::credit::{CardKind, LocalReport, Question, Refusal, Step, UserStatus};
pub use handed::{HandedPage, NewPage};

/// Whose way it is: the merchant's own name for the borrower, and where it wants to be told.
pub struct CreditUser {
    pub user_id: Private<String>,
    pub notice_url: String,
}

/// One call of the face.
pub enum CreditAsk {
    Picture,
    Login {
        login_name: String,
        password: Secret<String>,
        picture: Option<Secret<String>>,
    },
    Methods {
        login_name: Option<String>,
    },
    Questions,
    /// The numbers of the chosen options, from 1.
    Answers(Secret<[u8; 5]>),
    Card {
        number: String,
    },
    Message {
        mobile: Option<String>,
    },
    Authenticate(Box<CardholderGiven>),
    RaiseLevel {
        picture: Secret<String>,
        code: Secret<String>,
    },
    AuthedForm {
        login_name: Option<String>,
    },
    Apply {
        message_code: Secret<String>,
    },
    ReportForm,
    Report {
        login_name: Option<String>,
        identity_code: Secret<String>,
    },
}

/// What the borrower typed at `UnionPay`; the card is remembered when it is not sent.
pub struct CardholderGiven {
    pub card: Option<String>,
    pub mobile: String,
    pub name: String,
    pub id_card: String,
    pub secret: CardSecretGiven,
    pub message_code: Secret<String>,
}

/// What only the holder of a card knows, as it was typed.
pub enum CardSecretGiven {
    Debit {
        password: Secret<String>,
    },
    /// Two digits, two digits, three.
    Credit {
        year: Secret<String>,
        month: Secret<String>,
        last_three: Secret<String>,
    },
}

impl CardSecretGiven {
    fn kind(&self) -> CardKind {
        match self {
            Self::Debit { .. } => CardKind::Debit,
            Self::Credit { .. } => CardKind::Credit,
        }
    }
}

impl CreditAsk {
    pub fn step(&self) -> Step {
        match self {
            Self::Picture => Step::Picture,
            Self::Login { .. } => Step::Login,
            Self::Methods { .. } => Step::Methods,
            Self::Questions => Step::Questions,
            Self::Answers(_) => Step::Answers,
            Self::Card { .. } => Step::Card,
            Self::Message { .. } => Step::Message,
            Self::Authenticate(_) => Step::Authenticate,
            Self::RaiseLevel { .. } => Step::RaiseLevel,
            Self::AuthedForm { .. } => Step::AuthedForm,
            Self::Apply { .. } => Step::Apply,
            Self::ReportForm => Step::ReportForm,
            Self::Report { .. } => Step::Report,
        }
    }

    /// The account that a call names beside the one that is logged in.
    fn login_name(&self) -> Option<&str> {
        match self {
            Self::Methods { login_name }
            | Self::AuthedForm { login_name }
            | Self::Report { login_name, .. } => login_name.as_deref(),
            Self::Picture
            | Self::Login { .. }
            | Self::Questions
            | Self::Answers(_)
            | Self::Card { .. }
            | Self::Message { .. }
            | Self::Authenticate(_)
            | Self::RaiseLevel { .. }
            | Self::Apply { .. }
            | Self::ReportForm => None,
        }
    }
}

/// What a step came to.
#[derive(Debug)]
pub enum CreditReply {
    /// A PNG.
    Picture(Vec<u8>),
    LoggedIn {
        status: UserStatus,
        is_authenticated: bool,
    },
    Methods,
    Questions(Box<[Question; 5]>),
    Card {
        kind: CardKind,
        number: String,
    },
    /// `UnionPay`'s code.
    Code(String),
    /// The form that applies.
    ApplyForm,
    ReportForm,
    Report(Box<CreditShown>),
    /// Taken, and nothing more to say.
    Done,
}

/// A report as it is shown.
pub struct CreditShown {
    pub login_name: String,
    pub local: LocalReport,
    pub record: CreditRecord,
    /// What follows from the record now.
    pub report: CreditReport,
}

impl std::fmt::Debug for CreditShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CreditShown(…)")
    }
}

/// Why a step was not done.
#[derive(Debug)]
pub enum CreditFailure {
    /// By the rules of the flow, or by the platform; with a fresh picture where the login needs
    /// one.
    Refused {
        refusal: Refusal,
        picture: Option<Vec<u8>>,
    },
    Failed(Failure),
}

impl From<Refusal> for CreditFailure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal, picture: None }
    }
}

impl From<Failure> for CreditFailure {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
