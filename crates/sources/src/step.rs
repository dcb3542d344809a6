//! What a source is: a pure function from what it remembers and what came in to the next step.
//!
//! A source opens no connection and reads no clock. Where it needs something from outside it says
//! [`Step::Fetch`]; the engine sends the request, within the source's limits and deadline, and
//! comes back with [`Input::Fetched`]. So every source can be stopped at every step, taken over by
//! another node and tested without a network.

use std::borrow::Cow;

use domain::dataset::{degree::DegreeData, ebank::EbankData, telecom::TelecomData};
use domain::entropy::Entropy;
use domain::identity::Person;
use domain::secret::Secret;
use domain::session::{Prompt, PromptKind, Why};
use domain::source::{SourceFailure, SourceKind};
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a source keeps between two steps: its own handle on the session. It is sealed and stored,
/// so nothing of class C3 may go into it. `version` names the layout, so that a newer binary can
/// read what an older one left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    pub version: u16,
    /// JSON of the source's own.
    pub state: serde_json::Value,
}

/// Everything about a session that does not change between its steps.
pub struct Context<'s> {
    /// The session's `open_id`.
    pub session: &'s str,
    pub kind: SourceKind,
    pub person: &'s Person,
    pub subject: SubjectHash,
    /// The bank's entry, where there is one.
    pub entry: Option<&'s str>,
    /// The account at the institution, where the session has one: a bank's login name, the
    /// register's account.
    pub account: Option<&'s str>,
    /// Telephone numbers of the contacts that the borrower named.
    pub contacts: &'s [String],
    /// Names this step for good: a source that is asked twice under one number gives its first
    /// result again.
    pub step_id: &'s str,
    pub now: Timestamp,
    pub entropy: &'s dyn Entropy,
}

/// What moves a source on.
pub enum Input<'s> {
    /// The session begins; the password, where the institution wants one.
    Login(Option<&'s Secret<String>>),
    /// The borrower's answer to the prompt that waits.
    Answer(PromptKind, &'s Secret<String>),
    /// The code is to be sent again.
    Resend,
    /// The time of a [`Step::Wait`] has come.
    Wake,
    /// What a [`Step::Fetch`] came to.
    Fetched(Fetched),
}

/// The next step.
#[derive(Debug)]
pub enum Step {
    /// Something is needed from outside.
    Fetch(Fetch),
    /// The borrower has to answer.
    Ask {
        prompt: Prompt,
        why: Why,
        memory: Memory,
    },
    /// Nothing to do until then; `meaning` is what a poller is told meanwhile.
    Wait {
        until: Timestamp,
        meaning: Waiting,
        memory: Memory,
    },
    /// The data.
    Done(Box<Data>),
    Failed(SourceFailure),
}

/// What a source gave in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    Telecom(TelecomData),
    Degree(DegreeData),
    Ebank(EbankData),
}

impl Data {
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::Telecom(_) => SourceKind::Telecom,
            Self::Degree(_) => SourceKind::Degree,
            Self::Ebank(_) => SourceKind::Ebank,
        }
    }
}

/// What a wait means for the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The source works on what it has.
    Working,
    /// The source lost the session and begins again by itself.
    Restarted,
    /// The source needs nothing more of the borrower; the data is on its way.
    Collected,
    /// The answer was wrong; another prompt for the same follows.
    Wrong(PromptKind),
}

/// Whether a request may be sent again when its outcome is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It changes nothing at the source.
    Read,
    /// It does something at the source: an intent is durable before it is sent, and it is never
    /// repeated blindly.
    Submit,
}

/// A request to a connector; the engine adds address, signature and deadline.
#[derive(Debug)]
pub struct Fetch {
    pub effect: Effect,
    pub method: Method,
    /// Under the connector's address.
    pub path: Cow<'static, str>,
    /// JSON; may hold C3, so it is wiped after sending.
    pub body: Secret<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What a request came to.
#[derive(Debug)]
pub enum Fetched {
    /// The connector answered, and its signature held. Bytes within the size limit.
    Answered { status: u16, body: Vec<u8> },
    /// It certainly did not reach the connector.
    NotSent,
    /// Our own limits turned it away: it says nothing of the source.
    TurnedAway,
    /// Whether it reached the connector, and what it did there, cannot be told.
    Unknown(Loss),
}

/// How an answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It was not there, or not whole, at the deadline.
    Late,
    /// The connection ended before it was whole.
    BrokenOff,
    /// It is too large, is no HTTP, or is not signed as it should be.
    Unreadable,
}

impl Loss {
    /// What it says of the source, where the request may be sent again ([`Effect::Read`]). A
    /// `Submit` whose outcome stays unknown is [`SourceFailure::Unknown`].
    pub fn as_failure(self) -> SourceFailure {
        match self {
            Self::Late => SourceFailure::TimedOut,
            Self::BrokenOff => SourceFailure::Down,
            Self::Unreadable => SourceFailure::Garbage,
        }
    }
}

/// A source. Implementations: the sandbox's institutions and the connector protocol.
pub trait Source: Send + Sync {
    /// The next step after `input`. `memory` is what the last step left (nothing at the start).
    fn step(&self, context: &Context<'_>, memory: Option<&Memory>, input: Input<'_>) -> Step;
}
