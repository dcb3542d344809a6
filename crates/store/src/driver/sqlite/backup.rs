//! SQLite's online backup: a consistent copy of a database that is being written to.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};

use super::{open_reader, open_writer};
use crate::StoreError;

/// Copies the database at `from` into a new file `to`, in one step: in WAL mode that is one read
/// transaction, which writers do not wait for and cannot disturb.
pub fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let source = open_reader(from)?;
    let mut target = open_writer(to)?;
    let backup = Backup::new(&source, &mut target)?;
    match backup.step(-1)? {
        StepResult::Done => {}
        _ => {
            return Err(StoreError::Unavailable("the database is locked; try again".to_owned()));
        }
    }
    drop(backup);
    // One file, without a log beside it, so that a checksum covers all of it.
    target.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")?;
    Ok(())
}

/// SQLite's own check of a file; gives what it found wrong.
pub fn check(path: &Path) -> Result<Vec<String>, StoreError> {
    let connection = open_reader(path)?;
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let lines: Vec<String> = rows.collect::<Result<_, _>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}
