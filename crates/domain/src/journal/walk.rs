//! Walking a lane row by row and saying what is wrong with it.

use std::fmt;

use super::row::{Row, RowHash};
use crate::ids::LaneId;

/// What a walk can find wrong. Each names the place, so that an operator can look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A row is missing, or there twice.
    Gap { lane: LaneId, expected: i64, found: i64 },
    /// A row's hash is not what its content and its predecessor give.
    Chain { lane: LaneId, seq: i64 },
    /// A row bills in a phase that cannot.
    BillPhase { lane: LaneId, seq: i64 },
    /// A lane has rows but was never opened.
    LaneUnknown { lane: LaneId },
    /// A signed head is not what the lane holds at that place.
    Head { checkpoint: i64, lane: LaneId, seq: i64 },
    /// A checkpoint is missing.
    CheckpointGap { expected: i64, found: i64 },
    /// A checkpoint's hash is not what its content and its predecessor give.
    CheckpointChain { checkpoint: i64 },
    /// A checkpoint's signature does not verify.
    Signature { checkpoint: i64 },
    /// More than one bill for one (merchant, product, key).
    BilledTwice { merchant: i64, product: String, key: String },
    /// A key with a final answer has no row in the journal, or the other way round.
    Unmatched { what: String },
    /// A stored sum or counter is not what the journal adds up to.
    Sum { what: String, stored: i64, journal: i64 },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { lane, expected, found } => {
                write!(f, "lane {lane}: row {expected} is missing (found {found})")
            }
            Self::Chain { lane, seq } => write!(f, "lane {lane} row {seq}: the hash is wrong"),
            Self::BillPhase { lane, seq } => {
                write!(f, "lane {lane} row {seq}: bills in a phase that cannot")
            }
            Self::LaneUnknown { lane } => write!(f, "lane {lane}: has rows but was never opened"),
            Self::Head { checkpoint, lane, seq } => {
                write!(f, "checkpoint {checkpoint}: lane {lane} row {seq} is not what was signed")
            }
            Self::CheckpointGap { expected, found } => {
                write!(f, "checkpoint {expected} is missing (found {found})")
            }
            Self::CheckpointChain { checkpoint } => {
                write!(f, "checkpoint {checkpoint}: the hash is wrong")
            }
            Self::Signature { checkpoint } => {
                write!(f, "checkpoint {checkpoint}: the signature is wrong")
            }
            Self::BilledTwice { merchant, product, key } => {
                write!(f, "merchant {merchant}, {product}, key {key}: billed more than once")
            }
            Self::Unmatched { what } => f.write_str(what),
            Self::Sum { what, stored, journal } => {
                write!(f, "{what}: {stored} is stored, the journal gives {journal}")
            }
        }
    }
}

/// The state of a walk along one lane.
#[derive(Clone, Debug)]
pub struct LaneWalk {
    lane: LaneId,
    seq: i64,
    hash: RowHash,
}

impl LaneWalk {
    pub fn new(lane: LaneId, genesis: RowHash) -> Self {
        Self { lane, seq: 0, hash: genesis }
    }

    /// Takes the next row and returns what is wrong with it; the walk goes on from the row as it
    /// is stored, so that one fault is reported once and not for every row after it.
    pub fn step(&mut self, row: &Row) -> Vec<Fault> {
        let mut faults = Vec::new();
        if row.seq != self.seq + 1 {
            faults.push(Fault::Gap { lane: self.lane, expected: self.seq + 1, found: row.seq });
        } else if !row.follows(self.hash) {
            faults.push(Fault::Chain { lane: self.lane, seq: row.seq });
        }
        if row.entry.bill.is_some() && !row.entry.phase.may_bill() {
            faults.push(Fault::BillPhase { lane: self.lane, seq: row.seq });
        }
        self.seq = row.seq;
        self.hash = row.hash;
        faults
    }

    pub fn lane(&self) -> LaneId {
        self.lane
    }

    pub fn seq(&self) -> i64 {
        self.seq
    }
}
