//! What happened in each node of a flow.

use std::collections::BTreeMap;

use serde::Serialize;

use super::value::Value;

/// One node that ran.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TraceNode {
    pub id: String,
    pub name: String,
    /// `table`, `switch` or `expressions`.
    pub kind: &'static str,
    /// All names that the node can read, with their values; null is not known.
    pub reads: BTreeMap<String, Value>,
    /// The rows of a table that applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowHit>,
    /// The branches of a switch that were taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<String>,
    /// The row or branch of which it could not be told whether it applies: nothing follows then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unclear: Option<RowHit>,
    /// The names that the node sets.
    pub writes: BTreeMap<String, Value>,
    /// Steps of evaluation.
    pub steps: u64,
}

/// A row of a table, or a branch of a switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowHit {
    /// Counted from 1, as the editor shows it.
    pub row: usize,
    pub id: String,
}
