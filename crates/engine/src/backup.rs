//! Backups: what a copy of the database holds, how it is told from a damaged one, and proof that
//! its journal is the one it was made of. Copying PostgreSQL is left to its own tools.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use domain::ids::LaneId;
use domain::journal::{Head, RowHash};
use serde::{Deserialize, Serialize};
use store::Store;

use crate::{Engine, Error};

/// The form of a backup that this version writes and reads.
pub const FORMAT: u32 = 1;

/// What stands beside the copy as `manifest.json`, written last: without it a backup is not whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// The version of the program that made it.
    pub version: String,
    /// The schema of the database inside.
    pub schema: i64,
    pub database: Kind,
    /// The copy's name in the same directory.
    pub file: String,
    /// Of the copy, lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    /// Where the journal stood just before the copy: the copy holds at least this.
    pub journal: JournalPosition,
}

/// How the copy is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The database file itself.
    Sqlite,
    /// An archive of `pg_dump` in its custom form.
    Postgres,
}

/// A moment of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalPosition {
    pub rows: i64,
    /// The last row of each lane that has one.
    pub lanes: Vec<Head>,
    /// The last checkpoint's number and its hash, hexadecimal.
    pub checkpoint: Option<(i64, String)>,
}

impl JournalPosition {
    /// Reads where the journal stands now.
    pub async fn read(store: &Store) -> Result<Self, Error> {
        let (lanes, last) = store
            .read("journal_position", |tx| {
                Ok((store::journal::heads(tx)?, store::checkpoints::last(tx)?))
            })
            .await?;
        Ok(Self {
            rows: lanes.iter().map(|head| head.seq).sum(),
            lanes,
            checkpoint: last.map(|last| (last.seq, hex::encode(last.hash.0))),
        })
    }
}

impl Manifest {
    /// Describes the copy in `file`; `name` is what it is called in the backup.
    pub fn of(
        kind: Kind,
        (file, name): (&Path, &str),
        journal: JournalPosition,
        created_at: String,
    ) -> Result<Self, Error> {
        let (sha256, bytes) = sha256_of(file, |_| {})?;
        Ok(Self {
            format: FORMAT,
            created_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: store::migrations::latest(),
            database: kind,
            file: name.to_owned(),
            sha256,
            bytes,
            journal,
        })
    }

    /// Reads the manifest of a backup directory and holds the copy against it.
    pub fn check(directory: &Path, progress: impl FnMut(u64)) -> Result<Self, Error> {
        let manifest = Self::open(directory)?;
        let file = directory.join(&manifest.file);
        let length = std::fs::metadata(&file).map_err(|error| unreadable(&file, &error))?.len();
        if length != manifest.bytes {
            return Err(damaged(format_args!(
                "{} has {length} bytes, the manifest says {}: it was cut short or changed",
                file.display(),
                manifest.bytes
            )));
        }
        let (sha256, _) = sha256_of(&file, progress)?;
        if sha256 != manifest.sha256 {
            return Err(damaged(format_args!(
                "{} was changed: its SHA-256 is {sha256}, the manifest says {}",
                file.display(),
                manifest.sha256
            )));
        }
        Ok(manifest)
    }

    fn open(directory: &Path) -> Result<Self, Error> {
        let path = directory.join("manifest.json");
        let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => damaged(format_args!(
                "{} is missing: this is no backup, or one that was cut short",
                path.display()
            )),
            _ => unreadable(&path, &error),
        })?;
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| damaged(format_args!("{} is damaged ({error})", path.display())))?;
        if manifest.format != FORMAT || manifest.schema > store::migrations::latest() {
            return Err(Error::invalid(format!(
                "the backup was made by probity {}, which is newer than this one; use that \
                 version or a newer one",
                manifest.version
            )));
        }
        // The name is joined to the directory: it must not lead out of it.
        if Path::new(&manifest.file).components().count() != 1 || manifest.file.starts_with('.') {
            return Err(damaged(format_args!("{}: `file` is no plain name", path.display())));
        }
        Ok(manifest)
    }
}

/// Copies a SQLite database that may be in use into a new file.
pub fn copy_database(from: &Path, to: &Path) -> Result<(), Error> {
    Ok(store::backup::copy(from, to)?)
}

/// What SQLite's own check of a file finds wrong.
pub fn check_database(file: &Path) -> Result<Vec<String>, Error> {
    Ok(store::backup::check(file)?)
}

/// SHA-256 (hexadecimal) and length of a file, read in pieces; `progress` is told the bytes done.
pub fn sha256_of(path: &Path, mut progress: impl FnMut(u64)) -> Result<(String, u64), Error> {
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let (mut context, mut buffer, mut bytes) = (Context::new(&SHA256), vec![0; 1 << 20], 0);
    loop {
        let count = file.read(&mut buffer).map_err(|error| unreadable(path, &error))?;
        if count == 0 {
            return Ok((hex::encode(context.finish()), bytes));
        }
        context.update(&buffer[..count]);
        bytes += count as u64;
        progress(bytes);
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::File(format!("{} cannot be read: {error}", path.display()))
}

fn damaged(text: std::fmt::Arguments<'_>) -> Error {
    Error::File(format!("{text}; take another backup"))
}

impl Engine {
    /// The lanes in which this journal does not hold what stood there at `position`.
    pub async fn lanes_missing(&self, position: &JournalPosition) -> Result<Vec<LaneId>, Error> {
        let heads = position.lanes.clone();
        let missing = self.store().read("lanes_missing", move |tx| {
            let mut missing = Vec::new();
            for head in &heads {
                let found: Option<RowHash> = store::journal::row_hash(tx, head.lane, head.seq)?;
                if found != Some(head.hash) {
                    missing.push(head.lane);
                }
            }
            Ok(missing)
        });
        Ok(missing.await?)
    }
}

#[cfg(test)]
mod tests;
