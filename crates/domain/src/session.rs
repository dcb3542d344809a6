//! A collection session (采集会话): how a person's data is fetched from a source, step by step.
//!
//! A session is a state machine. Each product has its own ([`telecom`], [`degree`], [`ebank`]);
//! all of them are driven by one list of events. A state carries what belongs to it and nothing
//! else, a transition consumes the state, and no match has a wildcard: each state decides about
//! each event. The numbers of the states are those of document 001, section 8.

pub mod credit;
pub mod degree;
pub mod ebank;
pub mod telecom;

use serde::{Deserialize, Serialize};

use crate::source::SourceFailure;
use crate::time::{Span, Timestamp};

/// A collection must end within this time of its beginning (document 001, sections 3 and 4; the
/// e-bank part prints no limit and gets the same).
pub const COLLECTION_LIMIT: Span = Span::minutes(10);

/// What a poller waits between two looks, and how long a passing state is shown.
pub const REQUEST_DELAY: Span = Span::seconds(1);

/// Wrong answers to prompts that end a session.
pub const WRONG_ANSWERS_MAX: u8 = 5;

/// Times that a session may ask for its code to be sent again.
pub const RESENDS_MAX: u8 = 3;

/// What a source asks of the borrower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptKind {
    /// A code that was sent to the borrower's telephone.
    Sms,
    /// The carrier's query password.
    QueryPassword,
    /// The text that a picture shows.
    Picture,
    /// The number on the borrower's token.
    DynamicPassword,
}

impl PromptKind {
    pub const ALL: [Self; 4] =
        [Self::Sms, Self::QueryPassword, Self::Picture, Self::DynamicPassword];
}

/// Why a source asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    First,
    /// The answer before was wrong or came too late.
    Wrong,
    /// The code was sent again.
    Resent,
}

impl Why {
    pub const ALL: [Self; 3] = [Self::First, Self::Wrong, Self::Resent];
}

/// What can happen to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The borrower gave account and password.
    LoggedIn,
    /// The borrower answered a prompt of this kind.
    Answered(PromptKind),
    /// The borrower asks for the code to be sent again.
    ResendAsked,
    /// The source asks; a picture comes with its PNG bytes.
    Asked(Prompt, Why),
    /// The source lost the session and begins again by itself.
    Restarted,
    /// The source has all that it needs of the borrower; the data is not there yet.
    Collected,
    /// The data is here, stored and billed.
    Ready,
    /// The source gave up.
    Failed(SourceFailure),
    /// The time for the collection is over.
    DeadlinePassed,
    /// The node that held the borrower's secret ended before the source had it.
    SecretLost,
    /// The time for which a passing state is shown is over.
    PauseOver,
}

/// A prompt, with what the borrower must be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    Sms,
    QueryPassword,
    /// A PNG.
    Picture(#[serde(with = "png")] Vec<u8>),
    DynamicPassword,
}

impl Prompt {
    pub fn kind(&self) -> PromptKind {
        match self {
            Self::Sms => PromptKind::Sms,
            Self::QueryPassword => PromptKind::QueryPassword,
            Self::Picture(_) => PromptKind::Picture,
            Self::DynamicPassword => PromptKind::DynamicPassword,
        }
    }
}

/// Why an event does not fit a state. The state stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The state does not ask for this.
    NotAsked,
    /// An answer is with the source already.
    AlreadySubmitted,
    /// The code was sent again as often as it may be.
    ResendsUsedUp,
    /// The session has come to its end.
    Over,
    /// The source says what does not fit; its word is not taken.
    OutOfTurn,
}

/// What stands between a session and a bill. The call is held when the session opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The borrower or the source has the next word.
    Collecting,
    /// The source is done with the borrower; the clock of the collection has stopped.
    Fetching,
    Ready,
    Failed(SourceFailure),
}

/// How often the borrower answered wrongly and had the code sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    pub wrong: u8,
    pub resends: u8,
}

impl Tries {
    /// One more wrong answer; nothing when it was the last.
    fn missed(self) -> Option<Self> {
        let wrong = self.wrong + 1;
        (wrong < WRONG_ANSWERS_MAX).then_some(Self { wrong, ..self })
    }

    /// One more code on its way; nothing when there were enough.
    fn resent(self) -> Option<Self> {
        (self.resends < RESENDS_MAX).then_some(Self { resends: self.resends + 1, ..self })
    }
}

/// The machine of a session's product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Telecom(telecom::State),
    Degree(degree::State),
    Ebank(ebank::State),
}

impl State {
    /// What becomes of the state when `event` happens.
    pub fn on(self, event: Event, now: Timestamp) -> Result<Self, Refused> {
        match self {
            Self::Telecom(state) => state.on(&event, now).map(Self::Telecom),
            Self::Degree(state) => state.on(&event).map(Self::Degree),
            Self::Ebank(state) => state.on(event, now).map(Self::Ebank),
        }
    }

    /// The number that the document gives the state.
    pub fn number(&self) -> i64 {
        match self {
            Self::Telecom(state) => state.number(),
            Self::Degree(state) => state.number(),
            Self::Ebank(state) => state.number(),
        }
    }

    pub fn phase(&self) -> Phase {
        match self {
            Self::Telecom(state) => state.phase(),
            Self::Degree(state) => state.phase(),
            Self::Ebank(state) => state.phase(),
        }
    }

    /// The prompt that waits for the borrower, or whose answer is with the source: what an answer
    /// answers that does not say it itself.
    pub fn asked(&self) -> Option<PromptKind> {
        match self {
            Self::Telecom(state) => state.prompt(),
            Self::Degree(_) => None,
            Self::Ebank(state) => state.prompt(),
        }
    }

    /// Whether an answer of the borrower is with the source.
    pub fn is_submitted(&self) -> bool {
        match self {
            Self::Telecom(state) => state.is_submitted(),
            Self::Degree(state) => state.is_submitted(),
            Self::Ebank(state) => state.is_submitted(),
        }
    }

    /// The PNG to be shown.
    pub fn picture(&self) -> Option<&[u8]> {
        match self {
            Self::Ebank(state) => state.picture(),
            Self::Telecom(_) | Self::Degree(_) => None,
        }
    }

    /// When a passing state is over.
    fn pause_until(&self) -> Option<Timestamp> {
        match self {
            Self::Telecom(state) => state.pause_until(),
            Self::Degree(_) => None,
            Self::Ebank(state) => state.pause_until(),
        }
    }

    /// The state at `now`: what only the passing of time changes. Reading applies it without
    /// writing, so that a look at a session costs no write.
    #[must_use]
    pub fn at(self, now: Timestamp, deadline: Timestamp) -> Self {
        let stays = |state: &Self, event| state.clone().on(event, now);
        if self.phase() == Phase::Collecting
            && now >= deadline
            && let Ok(over) = stays(&self, Event::DeadlinePassed)
        {
            return over;
        }
        if self.pause_until().is_some_and(|until| now >= until)
            && let Ok(next) = stays(&self, Event::PauseOver)
        {
            return next;
        }
        self
    }

    /// When time alone changes the state the next time.
    pub fn next_change(&self, deadline: Timestamp) -> Option<Timestamp> {
        let deadline = (self.phase() == Phase::Collecting).then_some(deadline);
        [deadline, self.pause_until()].into_iter().flatten().min()
    }
}

/// PNG bytes as base64 text inside a sealed record.
mod png {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        BASE64_STANDARD.decode(text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;
