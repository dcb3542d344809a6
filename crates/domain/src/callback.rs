//! A callback (回调): a merchant is told, at an address that it registered, how something of its
//! ended. Delivered at least once, on a schedule with an end; one user's callbacks one by one.

mod body;

use std::fmt;

use crate::entropy::Entropy;
use crate::ids::{BizId, MerchantId};
use crate::secret::Private;
use crate::time::{Span, Timestamp};

pub use body::{CallbackForm, Letter};

/// How long after an attempt that failed the next one is made. After the last pause and one more
/// failure a callback is dead: ten attempts in some sixteen hours.
const PAUSES: [Span; 9] = [
    Span::seconds(10),
    Span::seconds(30),
    Span::minutes(2),
    Span::minutes(10),
    Span::minutes(30),
    Span::hours(1),
    Span::hours(2),
    Span::hours(4),
    Span::hours(8),
];

/// A pause is longer or shorter by up to this part of it, so that what failed together does not
/// come back together.
const JITTER_PART: i64 = 10;

/// What the merchant answers when it has the callback (`rong360.md`, Callbacks), to the byte:
/// nothing before or after it, no white space either.
const ACKNOWLEDGEMENT: &[u8] = b"success";

/// Ordered by the time at which it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallbackId(pub [u8; 16]);

impl CallbackId {
    pub fn new(at: Timestamp, entropy: &dyn Entropy) -> Self {
        Self(*BizId::new(at, entropy).as_bytes())
    }

    /// Reads the 32 hexadecimal digits that [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut id = [0; 16];
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        (is_lower && hex::decode_to_slice(text, &mut id).is_ok()).then_some(Self(id))
    }
}

impl fmt::Display for CallbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// A callback, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    pub id: CallbackId,
    pub merchant: MerchantId,
    /// The merchant's own name for the person.
    pub user: Private<String>,
    /// What the merchant is told.
    pub fields: Private<Vec<(String, String)>>,
    pub url: String,
    /// What it is about: a session, a call.
    pub reference: Option<String>,
    /// Sent by the operator to try the merchant's receiver; nothing of the merchant's ended.
    pub is_test: bool,
    pub state: CallbackState,
    pub attempts: Vec<Attempt>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// One attempt at a callback, from when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Counted from 1, replays included.
    pub number: i64,
    pub at: Timestamp,
    /// Nothing, and no outcome: it goes on, or its node ended in the middle of it.
    pub took_us: Option<i64>,
    pub outcome: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackState {
    /// To be tried at `at`, after `tries` attempts that failed.
    Due {
        tries: i64,
        at: Timestamp,
    },
    Delivered,
    /// Given up; how the last attempt ended.
    Dead(Outcome),
    /// The merchant has not registered the address, or no longer.
    NotRegistered,
}

impl CallbackState {
    /// The words for the states, for lists and their filters.
    pub const WORDS: [&str; 4] = ["due", "delivered", "dead", "not_registered"];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due { .. } => Self::WORDS[0],
            Self::Delivered => Self::WORDS[1],
            Self::Dead(_) => Self::WORDS[2],
            Self::NotRegistered => Self::WORDS[3],
        }
    }

    pub fn is_ended(self) -> bool {
        !matches!(self, Self::Due { .. })
    }

    pub fn is_dead(self) -> bool {
        matches!(self, Self::Dead(_))
    }

    /// What an attempt that ended at `now` makes of it. `random` spreads the next one.
    #[must_use]
    pub fn after(self, outcome: Outcome, now: Timestamp, random: u64) -> Self {
        let Self::Due { tries, .. } = self else { return self };
        match outcome {
            Outcome::Acknowledged => Self::Delivered,
            Outcome::NotRegistered => Self::NotRegistered,
            _ => match pause_after(tries, random) {
                Some(pause) => Self::Due { tries: tries + 1, at: now + pause },
                None => Self::Dead(outcome),
            },
        }
    }
}

/// The pause after the attempt that followed `tries` others; nothing when it was the last one.
fn pause_after(tries: i64, random: u64) -> Option<Span> {
    let pause = PAUSES.get(usize::try_from(tries).ok()?)?.0;
    let most = pause / JITTER_PART;
    Some(Span(pause - most + (random % (2 * most).unsigned_abs()) as i64))
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The merchant has it.
    Acknowledged,
    /// Status 200, and another body.
    OtherBody,
    /// Another status; redirects among them, which are not followed.
    Status(u16),
    /// The address may not be reached: it leads to a network that is not public.
    AddressRefused,
    NoConnection,
    /// No whole answer in time.
    Late,
    BrokenOff,
    /// An answer that is too long, is packed, or is not HTTP.
    Unreadable,
    NotRegistered,
    /// Ours: it could not be made ready; the log says why.
    Internal,
}

impl Outcome {
    const PLAIN: [Self; 9] = [
        Self::Internal,
        Self::Acknowledged,
        Self::OtherBody,
        Self::AddressRefused,
        Self::NoConnection,
        Self::Late,
        Self::BrokenOff,
        Self::Unreadable,
        Self::NotRegistered,
    ];

    /// Holds an answer against the rule.
    pub fn of_answer(status: u16, body: &[u8]) -> Self {
        match status {
            200 if body == ACKNOWLEDGEMENT => Self::Acknowledged,
            200 => Self::OtherBody,
            _ => Self::Status(status),
        }
    }

    /// The kind, without the number of a status.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::OtherBody => "other_body",
            Self::Status(_) => "status",
            Self::AddressRefused => "address_refused",
            Self::NoConnection => "no_connection",
            Self::Late => "late",
            Self::BrokenOff => "broken_off",
            Self::Unreadable => "unreadable",
            Self::NotRegistered => "not_registered",
            Self::Internal => "internal",
        }
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(status) = text.strip_prefix("status_") {
            return status.parse().ok().map(Self::Status);
        }
        Self::PLAIN.into_iter().find(|outcome| outcome.kind() == text)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status_{status}"),
            other => f.write_str(other.kind()),
        }
    }
}

#[cfg(test)]
mod tests;
