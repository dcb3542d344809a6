//! 公共记录: cells with a label and a value; the first label of a kind begins a record.

use super::PageFault;
use crate::dataset::credit::{
    CELL_MAX, FIELDS_MAX, PUBLIC_MAX, PublicField, PublicKind, PublicRecord,
};

/// The records read so far.
#[derive(Default)]
pub(super) struct Records(Vec<PublicRecord>);

impl Records {
    /// Reads a cell; false when it is of no record.
    pub(super) fn read(&mut self, cell: &str) -> Result<bool, PageFault> {
        let Some((label, value)) = cell.split_once(['：', ':']) else { return Ok(false) };
        let label: String = label.chars().filter(|c| !c.is_whitespace()).collect();
        let value = value.trim();
        let field = PublicField {
            value: if value.trim_matches('-').is_empty() { "" } else { value }.to_owned(),
            label,
        };
        if field.label.chars().count() > CELL_MAX || field.value.chars().count() > CELL_MAX {
            return Err(PageFault::TooLong("公共记录"));
        }
        let begins = |kind: &PublicKind| kind.labels()[0] == field.label;
        if let Some(kind) = PublicKind::ALL.into_iter().find(begins) {
            if self.0.len() == PUBLIC_MAX {
                return Err(PageFault::TooMany("公共记录"));
            }
            self.0.push(PublicRecord { kind, fields: vec![field] });
            return Ok(true);
        }
        let Some(record) = self.0.last_mut() else { return Ok(false) };
        let is_new = record.fields.iter().all(|known| known.label != field.label);
        let fits = is_new && record.fields.len() < FIELDS_MAX;
        if fits {
            record.fields.push(field);
        }
        Ok(fits)
    }

    pub(super) fn finish(self) -> Vec<PublicRecord> {
        self.0
    }
}
