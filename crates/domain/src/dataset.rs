//! Raw data of a person (原始数据) as a source gives it, in the market's shapes: the same structs
//! are written to merchants and read, strictly and within limits, from connectors.
//!
//! All of it is C2: nothing here prints more than its type's name, and an error names the place
//! and the kind of the fault, never a value.

pub mod credit;
pub mod degree;
pub mod ebank;
mod field;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod month;
pub mod telecom;

use std::fmt::Write as _;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use thiserror::Error;

pub use field::Fen;
pub use field::moment::text as local_text;
pub use month::Month;

/// Bytes of JSON that one dataset may have.
pub const BYTES_MAX: usize = 32 << 20;

/// The field of a connector's answer that has a shape of the connector's own.
const OWN_MEMORY: &str = "memory";

/// One kind of raw data.
pub trait Dataset: Serialize + DeserializeOwned {}

impl Dataset for telecom::TelecomData {}
impl Dataset for degree::DegreeData {}
impl Dataset for ebank::EbankData {}
impl Dataset for credit::CreditRecord {}

/// Why bytes are not a dataset: where, and what kind of fault. Never holds a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {problem}")]
pub struct DatasetError {
    /// As in `transactions[0].calls[12].start_time`; `.` for the whole.
    pub path: String,
    pub problem: &'static str,
}

/// Reads a dataset, or a message around one, from JSON. Unknown and missing keys, texts and lists
/// that are too long, times and amounts that are none are refused.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, DatasetError> {
    if json.len() > BYTES_MAX {
        return Err(DatasetError { path: ".".to_owned(), problem: "the data is too large" });
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let data = serde_path_to_error::deserialize(&mut reader).map_err(|wrong| DatasetError {
        path: place(wrong.path(), &wrong.inner().to_string()),
        problem: problem(&wrong.inner().to_string()),
    })?;
    let end = reader.end();
    end.map_err(|_| DatasetError { path: ".".to_owned(), problem: "something follows the data" })?;
    Ok(data)
}

/// Where a fault is, in names of ours and numbers alone. A key or variant that is not known is
/// what was sent, and so is all that stands in a connector's own memory.
fn place(path: &serde_path_to_error::Path, text: &str) -> String {
    let mut segments: Vec<&Segment> = path.iter().collect();
    let is_sent = match segments.last() {
        Some(Segment::Map { .. }) => text.starts_with("unknown field"),
        Some(Segment::Enum { .. }) => text.starts_with("unknown variant"),
        Some(Segment::Seq { .. } | Segment::Unknown) | None => false,
    };
    if is_sent {
        segments.pop();
    }
    let mut shown = String::new();
    for segment in segments {
        match segment {
            Segment::Seq { index } => _ = write!(shown, "[{index}]"),
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                shown.push_str(if shown.is_empty() { "" } else { "." });
                shown.push_str(name);
                if name == OWN_MEMORY {
                    break;
                }
            }
            Segment::Unknown => break,
        }
    }
    if shown.is_empty() { ".".to_owned() } else { shown }
}

/// The kind of a fault. The text that serde makes of it quotes what was sent: it stays here.
fn problem(text: &str) -> &'static str {
    let kinds = [
        ("missing field", "a key is missing"),
        ("unknown field", "a key is not known"),
        ("duplicate field", "a key stands twice"),
        ("unknown variant", "is none of the known words"),
        ("invalid type", "has a wrong type"),
        ("invalid value", "has a wrong value"),
        ("invalid length", "has a wrong number of entries"),
    ];
    let known = kinds.iter().find(|(beginning, _)| text.starts_with(beginning));
    let ours = || field::FAULTS.iter().find(|fault| text.starts_with(*fault)).copied();
    known.map(|(_, kind)| *kind).or_else(ours).unwrap_or("is not JSON")
}

/// Debug output that tells nothing: for types that hold a person's data.
macro_rules! opaque {
    ($($name:ident),+ $(,)?) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}
pub(crate) use opaque;

#[cfg(test)]
mod tests;
