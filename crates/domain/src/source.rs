//! A source (信源): an institution that holds a person's data, and how it can fail us.

pub mod bank;

use serde::{Deserialize, Serialize};

/// What a source is asked for; a merchant's consent and a provider's place are of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Carriers (运营商).
    Telecom,
    /// The degree register (学信网).
    Degree,
    /// Banks' sites (网银).
    Ebank,
    /// The credit bureau's platform (人民银行征信中心).
    Credit,
    /// A file that the person hands in; nothing is fetched.
    File,
    /// Other merchants' inquiries about the person, counted; nothing is fetched (I8: the one thing
    /// that a merchant learns of others, under a consent of its own).
    Inquiries,
}

impl SourceKind {
    pub const ALL: [Self; 6] =
        [Self::Telecom, Self::Degree, Self::Ebank, Self::Credit, Self::File, Self::Inquiries];

    /// Those that a provider fetches from, and a connector can stand for.
    pub const FETCHED: [Self; 3] = [Self::Telecom, Self::Degree, Self::Ebank];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Telecom => "telecom",
            Self::Degree => "degree",
            Self::Ebank => "ebank",
            Self::Credit => "credit",
            Self::File => "file",
            Self::Inquiries => "inquiries",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Why a source did not give the data. Closed: each face says how it tells each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFailure {
    /// The password or the account is wrong.
    WrongCredentials,
    /// The institution has locked the account.
    Locked,
    /// The person has to do something at the institution first.
    NeedsAction,
    /// The institution turned us away.
    Blocked,
    /// The institution, or the connector before it, cannot be reached.
    Down,
    /// What came back cannot be read.
    Garbage,
    /// No answer in time.
    TimedOut,
    /// The institution does not know the person, or the connector not the institution.
    NotCovered,
    /// Too many wrong answers to a prompt.
    TooManyWrong,
    /// The node that held the borrower's password ended; it has to be given again.
    SecretLost,
    /// Whether the source did what it was asked cannot be told; it is not asked again.
    Unknown,
    /// The consent to ask the source was withdrawn or has ended.
    ConsentEnded,
}

impl SourceFailure {
    pub const ALL: [Self; 12] = [
        Self::WrongCredentials,
        Self::Locked,
        Self::NeedsAction,
        Self::Blocked,
        Self::Down,
        Self::Garbage,
        Self::TimedOut,
        Self::NotCovered,
        Self::TooManyWrong,
        Self::SecretLost,
        Self::Unknown,
        Self::ConsentEnded,
    ];

    /// Whether the failure says something about the source's own health, and not about the
    /// person or the answers: these move work to another provider.
    pub fn is_of_the_source(self) -> bool {
        match self {
            Self::Blocked | Self::Down | Self::Garbage | Self::TimedOut | Self::Unknown => true,
            Self::WrongCredentials
            | Self::Locked
            | Self::NeedsAction
            | Self::NotCovered
            | Self::TooManyWrong
            | Self::SecretLost
            | Self::ConsentEnded => false,
        }
    }
}
