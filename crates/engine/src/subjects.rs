//! Persons' ids and behaviours, loaded in bulk: the good rows are kept, the bad ones listed.

use std::io::Read;

use csv::StringRecord;
use domain::features::Behaviour;
use domain::keys::KeyRing;
use domain::secret::Private;
use domain::subject::{IdHash, IdType, SubjectHash, SubjectRef};
use domain::time::Timestamp;
use store::StoreError;
pub use store::subjects::Erased;

use crate::scores::ID_SPACE;
use crate::{Engine, Error};

/// Rows of one unit: a few milliseconds of the writer, so that calls do not wait.
const CHUNK: usize = 400;

/// Bad rows that a report lists; the others are counted.
const BAD_ROWS_LISTED_MAX: usize = 100;

/// The name space of the hash of the operator's name for a person.
const SUBJECT_SPACE: &str = "subject";

const NAME_LENGTH_MAX: usize = 128;

/// One row that was not taken. It names the column, never the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The line in the file, from 1, the header included.
    pub line: u64,
    pub reason: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    pub good: u64,
    pub bad: u64,
    /// The first hundred.
    pub bad_rows: Vec<BadRow>,
}

/// A row that was read.
#[derive(Clone)]
enum Loaded {
    Mapping(IdHash, SubjectHash),
    Behaviour(SubjectHash, Behaviour),
}

impl Engine {
    /// Loads id mappings: a CSV with the columns `id_type`, `id_value`, `subject`.
    pub async fn load_ids(
        &self,
        file: impl Read,
        progress: impl FnMut(u64),
    ) -> Result<LoadReport, Error> {
        self.load(file, ["id_type", "id_value", "subject"], read_mapping, progress).await
    }

    /// Loads behaviours: a CSV with the columns `subject`, `kind`, `name`, `at`, `value`.
    pub async fn load_behaviours(
        &self,
        file: impl Read,
        progress: impl FnMut(u64),
    ) -> Result<LoadReport, Error> {
        self.load(file, ["subject", "kind", "name", "at", "value"], read_behaviour, progress).await
    }

    /// Erases all that is kept of a person, by the operator's name for it. A repeat of a call that
    /// was answered about the person is told that its answer is gone.
    pub async fn erase_subject(&self, subject: &str) -> Result<Erased, Error> {
        let hash = subject_hash(&self.keys(), subject).map_err(Error::invalid)?;
        let erased =
            self.store().unit("erase_subject", move |tx| store::subjects::erase(tx, &hash));
        Ok(erased.await?)
    }

    async fn load<const N: usize>(
        &self,
        file: impl Read,
        columns: [&str; N],
        read: fn(&KeyRing, &[&str; N]) -> Result<Loaded, String>,
        mut progress: impl FnMut(u64),
    ) -> Result<LoadReport, Error> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let places = places(reader.headers().map_err(|error| unreadable(&error))?, columns)?;
        let keys = self.keys();
        let (mut report, mut chunk) = (LoadReport::default(), Vec::with_capacity(CHUNK));
        let mut record = StringRecord::new();
        loop {
            let line = reader.position().line();
            let row = match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => read(&keys, &places.map(|at| record.get(at).unwrap_or("").trim())),
                Err(error) if error.is_io_error() => return Err(unreadable(&error)),
                Err(error) => Err(error.to_string()),
            };
            match row {
                Ok(row) => chunk.push(row),
                Err(reason) => {
                    report.bad += 1;
                    if report.bad_rows.len() < BAD_ROWS_LISTED_MAX {
                        report.bad_rows.push(BadRow { line, reason });
                    }
                }
            }
            if chunk.len() == CHUNK {
                report.good += self.save(&mut chunk).await?;
                progress(report.good + report.bad);
            }
        }
        report.good += self.save(&mut chunk).await?;
        progress(report.good + report.bad);
        Ok(report)
    }

    async fn save(&self, chunk: &mut Vec<Loaded>) -> Result<u64, StoreError> {
        let rows = std::mem::take(chunk);
        self.store()
            .bulk("load_rows", move |tx| {
                for row in &rows {
                    match row {
                        Loaded::Mapping(id, subject) => {
                            store::subjects::put_mapping(tx, id, subject)?;
                        }
                        Loaded::Behaviour(subject, behaviour) => {
                            store::subjects::put_behaviour(tx, subject, behaviour)?;
                        }
                    }
                }
                Ok(rows.len() as u64)
            })
            .await
    }
}

fn places<const N: usize>(header: &StringRecord, columns: [&str; N]) -> Result<[usize; N], Error> {
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        let at = header.iter().position(|name| name.trim() == column);
        *place = at.ok_or_else(|| {
            let wanted = columns.join(", ");
            Error::invalid(format!("the file has no column {column}; its columns must be {wanted}"))
        })?;
    }
    Ok(places)
}

fn unreadable(error: &csv::Error) -> Error {
    Error::File(format!("the file cannot be read: {error}"))
}

fn read_mapping(keys: &KeyRing, row: &[&str; 3]) -> Result<Loaded, String> {
    let [id_type, id_value, subject] = *row;
    let id_type = IdType::parse(&id_type.to_ascii_lowercase()).ok_or_else(|| {
        let kinds = IdType::ALL.map(IdType::as_str).join(", ");
        format!("id_type: must be one of {kinds}")
    })?;
    let id = SubjectRef::parse(id_type, id_value)
        .ok_or_else(|| format!("id_value: is not a valid {}", id_type.as_str()))?;
    Ok(Loaded::Mapping(IdHash(keys.index(ID_SPACE, &id.canonical())), subject_hash(keys, subject)?))
}

fn read_behaviour(keys: &KeyRing, row: &[&str; 5]) -> Result<Loaded, String> {
    let [subject, kind, name, at, value] = *row;
    let subject = subject_hash(keys, subject)?;
    let at = Timestamp::parse(at).ok_or("at: must be RFC 3339, or seconds or ms since 1970")?;
    let behaviour = Behaviour {
        at,
        kind: text("kind", kind)?,
        name: text("name", name)?,
        value: text("value", value)?,
    };
    Ok(Loaded::Behaviour(subject, behaviour))
}

fn subject_hash(keys: &KeyRing, subject: &str) -> Result<SubjectHash, String> {
    let subject = Private::new(text("subject", subject)?);
    Ok(SubjectHash(keys.index(SUBJECT_SPACE, &subject)))
}

fn text(column: &str, value: &str) -> Result<String, String> {
    if value.is_empty() || value.len() > NAME_LENGTH_MAX || value.contains('\0') {
        return Err(format!("{column}: must have 1 to {NAME_LENGTH_MAX} bytes, none of them NUL"));
    }
    Ok(value.to_owned())
}
