//! The two databases. What differs between them is here and in `migrations/`.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use domain::call::{Call, CallName, ClaimState, Fingerprint};
use domain::ids::{AppId, BizId, LaneId, MerchantId};
use domain::journal::Row;
use domain::merchant::Product;
use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::StoreError;

/// What a key stands for already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) biz: BizId,
    pub(crate) state: ClaimState,
}

/// The counter of one limit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CounterName {
    pub(crate) merchant: MerchantId,
    pub(crate) product: Product,
    pub(crate) app: AppId,
    pub(crate) kind: CounterKind,
    /// The day it counts for; 0 for the counters that count for ever.
    pub(crate) day: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CounterKind {
    Package,
    Test,
    Daily,
}

impl CounterKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Test => "test",
            Self::Daily => "daily",
        }
    }
}

/// A sealed value to keep under the call's `biz`.
pub(crate) struct Kept<'a> {
    pub(crate) biz: BizId,
    pub(crate) answer: &'a [u8],
    pub(crate) explanation: &'a [u8],
}

/// A row for the erasable table of inquiries.
pub(crate) struct Inquiry {
    pub(crate) subject: SubjectHash,
    pub(crate) at: Timestamp,
    pub(crate) merchant: MerchantId,
    pub(crate) biz: BizId,
}

/// The state that a key is given.
pub(crate) struct NewState<'a> {
    pub(crate) name: &'a CallName,
    pub(crate) biz: BizId,
    pub(crate) state: ClaimState,
    pub(crate) code: i32,
    /// When; the same as of the journal row that says so.
    pub(crate) at: Timestamp,
}

/// The statements of the hot path, for a whole group at once: set-based on PostgreSQL, a prepared
/// loop on SQLite. All of them run in the group's transaction.
pub(crate) trait Group {
    fn open_lane(&mut self, node: &str, at: Timestamp) -> Result<LaneId, StoreError>;
    /// Claims each call's key; says which were free. No name comes twice.
    fn claim(&mut self, calls: &[&Call]) -> Result<Vec<bool>, StoreError>;
    /// What the keys stand for, locked until the end of the group where they may still change.
    fn claims(&mut self, names: &[&CallName]) -> Result<Vec<Option<Claim>>, StoreError>;
    /// Gives keys that are there already another state.
    fn restate(&mut self, states: &[NewState<'_>]) -> Result<(), StoreError>;
    /// Frees keys that this group claimed and a limit refused.
    fn release(&mut self, names: &[&CallName]) -> Result<(), StoreError>;
    /// Reads counters, locked until the end of the group. `names` are sorted, so that two groups
    /// lock in the same order.
    fn counters(&mut self, names: &[CounterName]) -> Result<Vec<i64>, StoreError>;
    fn save_counters(&mut self, counters: &[(CounterName, i64)]) -> Result<(), StoreError>;
    fn append(&mut self, rows: &[Row]) -> Result<(), StoreError>;
    fn keep(&mut self, kept: &[Kept<'_>]) -> Result<(), StoreError>;
    fn inquire(&mut self, inquiries: &[Inquiry]) -> Result<(), StoreError>;
    fn answers(&mut self, biz: &[BizId]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;
    /// Whether the lane has this row; waits for a transaction that is about to add it.
    fn has_row(&mut self, lane: LaneId, seq: i64) -> Result<bool, StoreError>;
}
