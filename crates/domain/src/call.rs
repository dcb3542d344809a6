//! A call: one priced question, from claim to bill.

use crate::ids::{AppId, BizId, CallKey, MerchantId};
use crate::merchant::{Limits, Product};
use crate::money::Amount;
use crate::subject::SubjectHash;
use crate::time::Timestamp;

/// An answer as bytes of a face: what a merchant receives, and what a repeat is given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Business headers (lower-case name, value); transport headers are not kept.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The form in which an answer is sealed: each part behind its length.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.status.to_be_bytes().to_vec();
        bytes.extend_from_slice(&(self.headers.len() as u16).to_be_bytes());
        let texts = self.headers.iter().flat_map(|(name, value)| [name, value]);
        for part in texts.map(String::as_bytes).chain([self.body.as_slice()]) {
            bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// Nothing when `bytes` are not of [`Answer::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (status, rest) = bytes.split_first_chunk::<2>()?;
        let (count, mut rest) = rest.split_first_chunk::<2>()?;
        let mut part = || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let (part, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            rest = after;
            Some(part.to_vec())
        };
        let mut headers = Vec::new();
        for _ in 0..u16::from_be_bytes(*count) {
            headers.push((String::from_utf8(part()?).ok()?, String::from_utf8(part()?).ok()?));
        }
        let body = part()?;
        Some(Self { status: u16::from_be_bytes(*status), headers, body })
    }
}

/// What makes a call unique, for good (I2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallName {
    pub merchant: MerchantId,
    pub product: Product,
    pub key: CallKey,
}

/// Keyed hash over the parameters of a call after reading: same hash, same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// A call that was worked out and asks to be settled: claimed, counted, journalled, answered.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: CallName,
    pub app: AppId,
    pub biz: BizId,
    pub at: Timestamp,
    pub fingerprint: Fingerprint,
    pub limits: Limits,
    pub end: End,
    /// Whose data was asked for; goes to the erasable `inquiries`, never to the journal.
    pub subject: Option<SubjectHash>,
}

/// How a call came out, before the limits had their say.
#[derive(Clone, Debug)]
pub enum End {
    /// A final outcome: it takes the key, is stored and is replayed.
    Final {
        /// The face's business code.
        code: i32,
        /// The price when the code is billable, else nothing (I3).
        bill: Option<Amount>,
        /// The sealed [`Answer`] that a repeat is given.
        answer: Vec<u8>,
        /// The sealed account of how the answer came about.
        explanation: Vec<u8>,
    },
    /// A system error: journalled, unbilled, never replayed; the repeat makes a new attempt.
    Error { code: i32 },
    /// Bytes are about to leave the process: key and package are reserved until a
    /// [`Resolution`] of the same `biz` says what became of it.
    Hold,
}

/// What became of a held call.
#[derive(Clone, Debug)]
pub struct Resolution {
    pub name: CallName,
    pub app: AppId,
    /// The attempt that holds the key; any other is fenced off.
    pub biz: BizId,
    pub at: Timestamp,
    pub limits: Limits,
    pub result: Resolved,
}

#[derive(Clone, Debug)]
pub enum Resolved {
    /// It came to a final outcome.
    Post { code: i32, bill: Option<Amount>, answer: Vec<u8>, explanation: Vec<u8> },
    /// It certainly did nothing; the hold is released and the key may be tried again.
    Void { code: i32 },
    /// Nobody can tell; it waits for reconciliation and is never repeated blindly.
    Unknown { code: i32 },
}

/// What the key of a call stands for in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimState {
    /// An attempt whose bytes left the process and that is not resolved yet.
    Held,
    /// Answered for good.
    Final,
    /// Failed by our fault; the next repeat is a new attempt.
    Failed,
    /// Its outcome cannot be told; it waits for reconciliation.
    Unknown,
}

impl ClaimState {
    pub fn to_db(self) -> i64 {
        match self {
            Self::Held => 0,
            Self::Final => 1,
            Self::Failed => 2,
            Self::Unknown => 3,
        }
    }

    pub fn from_db(value: i64) -> Option<Self> {
        [Self::Held, Self::Final, Self::Failed, Self::Unknown]
            .into_iter()
            .find(|state| state.to_db() == value)
    }
}

/// What became of a call that asked to be settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Journalled and durable.
    Done,
    /// The key has a final answer: the sealed bytes of it, made under `biz`.
    Replayed { biz: BizId, answer: Vec<u8> },
    /// The key has a final answer that is no longer kept.
    AnswerGone,
    /// The key was used with other content.
    KeyReused,
    /// Another attempt holds the key: ask again until it is resolved.
    Running,
    /// The attempt no longer holds the key (or never did); nothing was written.
    Fenced,
    /// A limit was met; the key is free again.
    Refused(LimitMet),
}

/// The limit that refused a call, in the order in which they are looked at (`finplus.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitMet {
    Package,
    Test,
    Daily,
}

/// The counters of one (merchant, product, application), as they stand inside the transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Billed calls taken from the prepaid package, ever.
    pub package_used: i64,
    /// Keys that reached the product while in test stage, ever.
    pub test_used: i64,
    /// Keys that reached the product on this day (Asia/Shanghai).
    pub daily_used: i64,
}

impl Counters {
    /// Admits one call and counts it, or says which limit refuses it and counts nothing.
    ///
    /// `fresh` is false for a repeat after a system error: its key was counted the first time
    /// ("quotas count each reqId that reached the score, once"). A package is a number of billed
    /// calls, so it is looked at each time and used by a billed outcome only.
    pub fn admit(&mut self, limits: Limits, fresh: bool, billed: bool) -> Result<(), LimitMet> {
        if limits.package.is_some_and(|total| self.package_used >= total) {
            return Err(LimitMet::Package);
        }
        if fresh && limits.test.is_some_and(|limit| self.test_used >= limit) {
            return Err(LimitMet::Test);
        }
        if fresh && limits.daily.is_some_and(|limit| self.daily_used >= limit) {
            return Err(LimitMet::Daily);
        }
        if billed && limits.package.is_some() {
            self.package_used += 1;
        }
        if fresh {
            self.test_used += i64::from(limits.test.is_some());
            self.daily_used += i64::from(limits.daily.is_some());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
