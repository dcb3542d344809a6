//! How far a bulk load got: saved with each chunk, so that a load can be taken up again.

use domain::time::Timestamp;

use crate::value::Row;
use crate::{StoreError, Tx};

/// The progress of one load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Says which content this is the progress of: a hash of the file, so that a changed file
    /// starts anew.
    pub id: String,
    /// What is loaded: `mappings`, `behaviours`.
    pub kind: String,
    /// The file's name, for the operator; its content is not kept.
    pub file: String,
    /// Rows that need not be read again, the bad ones included.
    pub rows_done: i64,
    /// Rows that were refused.
    pub rows_bad: i64,
    pub updated_at: Timestamp,
}

/// The progress of a load, if it was begun and is not over.
pub fn get(tx: &mut Tx<'_>, id: &str) -> Result<Option<Load>, StoreError> {
    let sql = "SELECT id, kind, file, rows_done, rows_bad, updated_at FROM loads WHERE id = ?1";
    tx.first(sql, &[id.into()])?.as_ref().map(read).transpose()
}

/// Saves the progress; part of the unit that saves the rows themselves.
pub fn put(tx: &mut Tx<'_>, load: &Load) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO loads (id, kind, file, rows_done, rows_bad, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, file = excluded.file,
             rows_done = excluded.rows_done, rows_bad = excluded.rows_bad,
             updated_at = excluded.updated_at",
        &[
            load.id.as_str().into(),
            load.kind.as_str().into(),
            load.file.as_str().into(),
            load.rows_done.into(),
            load.rows_bad.into(),
            load.updated_at.0.into(),
        ],
    )?;
    Ok(())
}

/// Forgets a load that is over; gives whether there was one.
pub fn remove(tx: &mut Tx<'_>, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM loads WHERE id = ?1", &[id.into()])? == 1)
}

fn read(row: &Row) -> Result<Load, StoreError> {
    Ok(Load {
        id: row.text(0)?.to_owned(),
        kind: row.text(1)?.to_owned(),
        file: row.text(2)?.to_owned(),
        rows_done: row.int(3)?,
        rows_bad: row.int(4)?,
        updated_at: Timestamp(row.int(5)?),
    })
}
