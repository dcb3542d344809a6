//! Rows handed in in bulk: which id is whose, and what is known of persons. Each is checked by
//! itself, so that a bad one costs no good one.

use crate::blacklist::ListedRow;
use crate::features::Behaviour;
use crate::secret::Private;
use crate::subject::{IdType, SubjectRef};
use crate::time::Timestamp;

/// Bytes of one text of a row.
pub const TEXT_BYTES_MAX: usize = 128;

/// What a table must and may have.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    pub required: &'static [&'static str],
    /// A table without one has it empty in every row.
    pub optional: &'static [&'static str],
}

impl Columns {
    /// All names, the required ones first: the order in which a row's cells are given.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }

    pub fn count(self) -> usize {
        self.required.len() + self.optional.len()
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The column; empty when it is the row as a whole.
    pub field: &'static str,
    /// What it must be. It never repeats what was sent, which may be a person's.
    pub reason: String,
}

impl Fault {
    pub fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Where it stands, from 1: the line of a text, the row of a Parquet file, the element of a
    /// JSON array.
    pub row: u64,
    pub fault: Fault,
}

/// Why a reader of rows gives none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    Row(BadRow),
    /// Nothing more can be read; the text says why.
    Table(String),
}

/// The tables of persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadKind {
    /// Which id belongs to which subject.
    Ids,
    /// What is known of subjects.
    Behaviours,
}

/// A row, checked. The subject is the operator's own name for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadRow {
    Id {
        id: SubjectRef,
        subject: Private<String>,
    },
    Behaviour {
        subject: Private<String>,
        behaviour: Behaviour,
    },
    /// Somebody on the blacklist.
    Listed(ListedRow),
}

impl LoadKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ids => "ids",
            Self::Behaviours => "behaviours",
        }
    }

    pub fn columns(self) -> Columns {
        let required: &[&str] = match self {
            Self::Ids => &["id_type", "id_value", "subject"],
            Self::Behaviours => &["subject", "kind", "name", "at", "value"],
        };
        Columns { required, optional: &[] }
    }

    /// Checks a row whose cells stand in the order of [`LoadKind::columns`].
    pub fn read(self, cells: &[&str]) -> Result<LoadRow, Fault> {
        match (self, cells) {
            (Self::Ids, &[id_type, id_value, subject]) => {
                Ok(LoadRow::Id { id: read_id(id_type, id_value)?, subject: read_subject(subject)? })
            }
            (Self::Behaviours, &[subject, kind, name, at, value]) => {
                let at = Timestamp::parse(at)
                    .ok_or_else(|| Fault::new("at", "must be RFC 3339, or s or ms since 1970"))?;
                let behaviour = Behaviour {
                    at,
                    kind: text("kind", kind)?,
                    name: text("name", name)?,
                    value: text("value", value)?,
                };
                Ok(LoadRow::Behaviour { subject: read_subject(subject)?, behaviour })
            }
            _ => Err(Fault::new("", "has another number of cells than the table has columns")),
        }
    }
}

fn read_id(id_type: &str, id_value: &str) -> Result<SubjectRef, Fault> {
    let id_type = IdType::parse(&id_type.to_ascii_lowercase()).ok_or_else(|| {
        let kinds = IdType::ALL.map(IdType::as_str).join(", ");
        Fault::new("id_type", format!("must be one of {kinds}"))
    })?;
    SubjectRef::parse(id_type, id_value)
        .ok_or_else(|| Fault::new("id_value", format!("is not a valid {}", id_type.as_str())))
}

/// Reads an operator's name for a person.
pub fn read_subject(name: &str) -> Result<Private<String>, Fault> {
    text("subject", name).map(Private::new)
}

fn text(field: &'static str, value: &str) -> Result<String, Fault> {
    if (1..=TEXT_BYTES_MAX).contains(&value.len()) && !value.contains('\0') {
        return Ok(value.to_owned());
    }
    let reason = format!("must have 1 to {TEXT_BYTES_MAX} bytes, none of them NUL");
    Err(Fault::new(field, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bad_cell_is_named_and_not_repeated() {
        let (imei, at, long) = ("860529038487085", "2026-11-21T00:00:00Z", "s".repeat(129));
        let table: [(LoadKind, &[&str], Option<&str>); 14] = [
            (LoadKind::Ids, &["IMEI", imei, "s"], None),
            (LoadKind::Ids, &["mac", imei, "s"], Some("id_type")),
            (LoadKind::Ids, &["imei", "860529038487086", "s"], Some("id_value")),
            (LoadKind::Ids, &["imei", imei, ""], Some("subject")),
            (LoadKind::Ids, &["imei", imei, &long], Some("subject")),
            (LoadKind::Ids, &["imei", imei], Some("")),
            (LoadKind::Behaviours, &["s", "k", "n", at, "A11"], None),
            (LoadKind::Behaviours, &["s", "k", "n", "1700000000", "-1.5"], None),
            (LoadKind::Behaviours, &["\0", "k", "n", at, "1"], Some("subject")),
            (LoadKind::Behaviours, &["s", "", "n", at, "1"], Some("kind")),
            (LoadKind::Behaviours, &["s", "k", "", at, "1"], Some("name")),
            (LoadKind::Behaviours, &["s", "k", "n", "never", "1"], Some("at")),
            (LoadKind::Behaviours, &["s", "k", "n", at, ""], Some("value")),
            (LoadKind::Behaviours, &["s", "k", "n", at, "1", "2"], Some("")),
        ];
        for (kind, cells, field) in table {
            let read = kind.read(cells);
            assert_eq!(read.as_ref().err().map(|fault| fault.field), field, "{cells:?}");
            let said = read.err().map_or(String::new(), |fault| fault.reason);
            assert!(!said.contains("8605"), "{said}");
        }
    }
}
