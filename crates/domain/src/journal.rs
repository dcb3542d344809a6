//! The journal: append-only rows in lanes, each row hashing the one before it in its lane, and
//! signed checkpoints over the heads of all lanes (I5).
//!
//! A lane belongs to one writer connection of one process start, so that writers never wait for
//! each other. No row carries a look-up hash of a person: chained rows cannot be erased.

mod checkpoint;
mod row;
mod statement;
mod walk;

pub use checkpoint::{Checkpoint, Head};
pub(crate) use row::Canonical;
pub use row::{Entry, Phase, Row, RowHash, lane_genesis};
pub use statement::{Difference, Line, MerchantRow, Statement, reconcile};
pub use walk::{Fault, LaneWalk};

#[cfg(test)]
mod tests;
