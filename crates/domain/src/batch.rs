//! A file of ids to be scored: each row a call of its own, the run a bill of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{AppId, CallKey, MerchantId};
use crate::load::{Columns, Fault, TEXT_BYTES_MAX};
use crate::money::Amount;
use crate::time::Timestamp;

/// The table of a batch. Without `id_type` the kind is told by the id's form.
pub const COLUMNS: Columns = Columns { required: &["id_value"], optional: &["id_type"] };

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId(pub [u8; 16]);

impl BatchId {
    /// Reads the 32 hexadecimal digits that [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut id = [0; 16];
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        (is_lower && hex::decode_to_slice(text, &mut id).is_ok()).then_some(Self(id))
    }

    /// The key of the call that a row is, rows counted from 1: the same row is billed once, however
    /// often it is run.
    pub fn key(self, row: i64) -> CallKey {
        CallKey::parse(&format!("batch:{self}:{row}")).expect("short and printable")
    }

    /// The first key that a row can have, and the first that none has any more.
    pub fn keys(self) -> (String, String) {
        (format!("batch:{self}:"), format!("batch:{self};"))
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// Its rows are being handed in; nothing is scored yet.
    Loading,
    Running,
    Done,
}

impl BatchState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Running => "running",
            Self::Done => "done",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Loading, Self::Running, Self::Done].into_iter().find(|state| state.as_str() == text)
    }
}

/// Rows by the code that they came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Codes(pub BTreeMap<i32, i64>);

impl Codes {
    pub fn count(&mut self, code: i32) {
        *self.0.entry(code).or_default() += 1;
    }

    pub fn rows(&self) -> i64 {
        self.0.values().sum()
    }

    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        for (code, rows) in &other.0 {
            *self.0.entry(*code).or_default() += rows;
        }
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub id: BatchId,
    pub merchant: MerchantId,
    pub app: AppId,
    /// Keyed hash of the rows: the same name with other rows is refused.
    pub content: [u8; 32],
    pub state: BatchState,
    pub rows: i64,
    pub rows_done: i64,
    pub codes: Codes,
    /// From the journal, once all rows are done.
    pub billed: i64,
    pub amount: Amount,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// An id as it was sent. What is wrong with it is the row's code, not the table's fault.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRow {
    pub id_type: String,
    pub id_value: String,
}

impl BatchRow {
    /// Reads the cells of a row, in the order of [`COLUMNS`].
    pub fn read(cells: &[&str]) -> Result<Self, Fault> {
        let &[id_value, id_type] = cells else {
            return Err(Fault::new("", "has another number of cells than the table has columns"));
        };
        for (field, text) in [("id_value", id_value), ("id_type", id_type)] {
            if text.len() > TEXT_BYTES_MAX {
                return Err(Fault::new(field, format!("is longer than {TEXT_BYTES_MAX} bytes")));
            }
        }
        Ok(Self { id_type: id_type.to_owned(), id_value: id_value.to_owned() })
    }
}

/// What came of a row.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchLine {
    /// The row's number in the table, from 1.
    pub row: i64,
    pub sent: BatchRow,
    /// As face 1 answers it; 1 when it failed to the end.
    pub code: i32,
    /// Name and value, the score first; nothing where a tag could not be computed.
    pub tags: Vec<(String, Option<String>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_its_keys_stand_between_their_bounds() {
        let id = BatchId([0xab; 16]);
        assert_eq!(BatchId::parse(&id.to_string()), Some(id));
        let upper = "AB".repeat(16);
        for wrong in ["", "ab", "g".repeat(32).as_str(), &upper, &format!("{id}0")] {
            assert_eq!(BatchId::parse(wrong), None, "{wrong}");
        }
        let (from, until) = id.keys();
        for row in [1, 9, 10, i64::MAX] {
            let key = id.key(row);
            assert!(from.as_str() <= key.as_str() && key.as_str() < until.as_str(), "{key}");
        }
    }

    #[test]
    fn codes_are_added_up() {
        let mut codes = Codes::default();
        for code in [0, 0, 108] {
            codes.count(code);
        }
        let both = codes.clone().plus(&codes);
        assert_eq!((both.rows(), both.0[&0], both.0[&108]), (6, 4, 2));
    }
}
