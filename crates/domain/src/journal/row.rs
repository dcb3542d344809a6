//! One row of the journal and the hash that chains it.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use crate::ids::{AppId, BizId, CallKey, LaneId, MerchantId};
use crate::merchant::Product;
use crate::money::Amount;
use crate::time::Timestamp;

/// SHA-256 over a row and the hash of the row before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowHash(pub [u8; 32]);

impl fmt::Debug for RowHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// What a row says of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The whole call in one row: no byte left the process before it was settled.
    Single,
    /// Bytes are about to leave the process; price and key are reserved.
    Hold,
    /// A held call came to a final outcome.
    Post,
    /// A held call came to nothing; the hold is released.
    Void,
    /// What became of a held call cannot be told; it is on the reconciliation list.
    Unknown,
    /// A limit refused the call; the key stays free.
    Refused,
}

impl Phase {
    pub const ALL: [Self; 6] =
        [Self::Single, Self::Hold, Self::Post, Self::Void, Self::Unknown, Self::Refused];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Hold => "hold",
            Self::Post => "post",
            Self::Void => "void",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
        }
    }

    pub fn to_db(self) -> i64 {
        Self::ALL.iter().position(|phase| *phase == self).expect("ALL holds every phase") as i64
    }

    pub fn from_db(value: i64) -> Option<Self> {
        usize::try_from(value).ok().and_then(|at| Self::ALL.get(at).copied())
    }

    /// Whether a row of this phase may carry a bill.
    pub fn may_bill(self) -> bool {
        matches!(self, Self::Single | Self::Post)
    }
}

/// What happened, before it has its place in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    pub phase: Phase,
    pub merchant: MerchantId,
    pub product: Product,
    pub app: AppId,
    pub key: CallKey,
    pub biz: BizId,
    /// The face's business code.
    pub code: i32,
    /// The bill, or nothing when the row bills nothing. A bill of zero is a bill.
    pub bill: Option<Amount>,
}

/// An entry at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub lane: LaneId,
    /// 1, 2, 3 … without a gap.
    pub seq: i64,
    pub entry: Entry,
    pub hash: RowHash,
}

impl Row {
    /// Places `entry` behind the row whose hash is `previous` ([`lane_genesis`] for the first).
    pub fn chain(lane: LaneId, seq: i64, entry: Entry, previous: RowHash) -> Self {
        let hash = row_hash(lane, seq, &entry, previous);
        Self { lane, seq, entry, hash }
    }

    /// Whether the row's hash is the one its content and predecessor give.
    pub fn follows(&self, previous: RowHash) -> bool {
        self.hash == row_hash(self.lane, self.seq, &self.entry, previous)
    }
}

/// The hash that the first row of a lane chains to: it binds the lane to its opening.
pub fn lane_genesis(lane: LaneId, node: &str, opened_at: Timestamp) -> RowHash {
    let mut digest = Canonical::new(b"probity lane 1");
    digest.number(lane.0);
    digest.text(node);
    digest.number(opened_at.0);
    digest.finish()
}

fn row_hash(lane: LaneId, seq: i64, entry: &Entry, previous: RowHash) -> RowHash {
    let mut digest = Canonical::new(b"probity row 1");
    digest.bytes(&previous.0);
    digest.number(lane.0);
    digest.number(seq);
    digest.number(entry.at.0);
    digest.number(entry.phase.to_db());
    digest.number(entry.merchant.0);
    digest.text(entry.product.as_str());
    digest.text(&entry.app.0);
    digest.text(entry.key.as_str());
    digest.bytes(entry.biz.as_bytes());
    digest.number(i64::from(entry.code));
    digest.number(i64::from(entry.bill.is_some()));
    digest.number(entry.bill.map_or(0, |amount| amount.0));
    digest.finish()
}

/// A digest over fields with their lengths, so that no two sequences of fields give equal bytes.
pub(crate) struct Canonical(Context);

impl Canonical {
    pub(crate) fn new(purpose: &[u8]) -> Self {
        let mut canonical = Self(Context::new(&SHA256));
        canonical.bytes(purpose);
        canonical
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(crate) fn number(&mut self, number: i64) {
        self.0.update(&number.to_be_bytes());
    }

    pub(crate) fn finish(self) -> RowHash {
        let digest = self.0.finish();
        RowHash(digest.as_ref().try_into().expect("SHA-256 gives 32 bytes"))
    }
}
