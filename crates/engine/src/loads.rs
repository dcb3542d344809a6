//! Rows loaded in bulk: the good are kept, the bad counted and listed, and a load that was broken
//! off is taken up where it was.

use domain::blacklist::Listing;
use domain::features::Behaviour;
use domain::keys::KeyRing;
use domain::load::{BadRow, LoadKind, LoadRow, Rejected};
use domain::subject::{IdHash, SubjectHash};
use domain::time::Timestamp;
use store::loads::{self, Load};
use store::{StoreError, blacklist, subjects};

use crate::scores::ID_SPACE;
use crate::subjects::subject_hash;
use crate::{Engine, Error};

/// Rows of one unit: a few milliseconds of the writer, so that calls do not wait.
const CHUNK: usize = 512;

/// Bad rows that a report lists; the others are counted.
const BAD_ROWS_LISTED_MAX: usize = 100;

/// The file that rows come from: a load of it can be taken up again.
#[derive(Clone, Debug)]
pub struct LoadFile {
    /// SHA-256 of the content, hexadecimal: a changed file is another one.
    pub sha256: String,
    /// For the operator.
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Rows of the table, those of a load before included.
    pub rows: u64,
    pub bad: u64,
    /// Rows that a load before had done.
    pub resumed: u64,
    /// The first hundred of this load.
    pub bad_rows: Vec<BadRow>,
}

impl LoadReport {
    pub fn good(&self) -> u64 {
        self.rows - self.bad
    }

    fn add(&mut self, chunk: &Chunk) {
        self.rows += chunk.rows;
        self.bad += chunk.bad.len() as u64;
        let listed = BAD_ROWS_LISTED_MAX - self.bad_rows.len();
        self.bad_rows.extend(chunk.bad.iter().take(listed).cloned());
    }
}

/// Rows that are saved together.
#[derive(Clone, Default)]
struct Chunk {
    ids: Vec<(IdHash, SubjectHash)>,
    behaviours: Vec<(SubjectHash, Behaviour)>,
    listings: Vec<Listing>,
    bad: Vec<BadRow>,
    rows: u64,
}

impl Chunk {
    /// Takes the next rows; fails when the table cannot be read further.
    fn read(
        keys: &KeyRing,
        now: Timestamp,
        rows: &mut impl Iterator<Item = Result<LoadRow, Rejected>>,
    ) -> Result<Self, Error> {
        let mut chunk = Self::default();
        for row in rows.take(CHUNK) {
            chunk.rows += 1;
            match row {
                Ok(LoadRow::Id { id, subject }) => {
                    let id = IdHash(keys.index(ID_SPACE, &id.canonical()));
                    chunk.ids.push((id, subject_hash(keys, &subject)));
                }
                Ok(LoadRow::Behaviour { subject, behaviour }) => {
                    chunk.behaviours.push((subject_hash(keys, &subject), behaviour));
                }
                Ok(LoadRow::Listed(row)) => chunk.listings.extend(row.listings(keys, now)),
                Err(Rejected::Row(bad)) => chunk.bad.push(bad),
                Err(Rejected::Table(reason)) => return Err(Error::File(reason)),
            }
        }
        Ok(chunk)
    }
}

impl Engine {
    /// Loads `rows`; `watch` is told how many are read and which of the latest are bad, before
    /// they are saved. A row that is there already changes nothing.
    ///
    /// Errors: what the table's reader says. What was saved before stays.
    pub async fn load(
        &self,
        kind: LoadKind,
        file: Option<LoadFile>,
        rows: impl Iterator<Item = Result<LoadRow, Rejected>>,
        watch: impl FnMut(u64, &[BadRow]) -> Result<(), Error>,
    ) -> Result<LoadReport, Error> {
        self.load_as(kind.as_str(), file, rows, watch).await
    }

    /// [`Engine::load`] under the name that tells loads of one file from each other.
    pub async fn load_as(
        &self,
        kind: &'static str,
        file: Option<LoadFile>,
        mut rows: impl Iterator<Item = Result<LoadRow, Rejected>>,
        mut watch: impl FnMut(u64, &[BadRow]) -> Result<(), Error>,
    ) -> Result<LoadReport, Error> {
        let keys = self.keys();
        let (id, mut report) = self.begun(kind, file.as_ref()).await?;
        for done in rows.by_ref().take(report.resumed as usize) {
            if let Err(Rejected::Table(reason)) = done {
                return Err(Error::File(reason));
            }
        }
        let mut chunk = Chunk::read(&keys, self.now(), &mut rows)?;
        while chunk.rows > 0 {
            report.add(&chunk);
            watch(report.rows, &chunk.bad)?;
            let progress = file.as_ref().map(|file| Load {
                id: id.clone(),
                kind: kind.to_owned(),
                file: file.name.clone(),
                rows_done: report.rows as i64,
                rows_bad: report.bad as i64,
                updated_at: self.now(),
            });
            // The next rows are read while these are written.
            let (saved, next) = tokio::join!(self.save(chunk, progress), async {
                Chunk::read(&keys, self.now(), &mut rows)
            });
            saved?;
            chunk = next?;
        }
        if file.is_some() {
            self.store().bulk("load_done", move |tx| loads::remove(tx, &id)).await?;
        }
        Ok(report)
    }

    /// The name of a load and how far it got before.
    async fn begun(
        &self,
        kind: &'static str,
        file: Option<&LoadFile>,
    ) -> Result<(String, LoadReport), Error> {
        let Some(file) = file else { return Ok((String::new(), LoadReport::default())) };
        let id = format!("{kind}:{}", file.sha256);
        let wanted = id.clone();
        let before = self.store().read("load_begun", move |tx| loads::get(tx, &wanted)).await?;
        let report = before.map_or_else(LoadReport::default, |before| LoadReport {
            rows: before.rows_done as u64,
            bad: before.rows_bad as u64,
            resumed: before.rows_done as u64,
            bad_rows: Vec::new(),
        });
        Ok((id, report))
    }

    async fn save(&self, chunk: Chunk, progress: Option<Load>) -> Result<(), StoreError> {
        let Chunk { ids, behaviours, listings, .. } = chunk;
        let save = move |tx: &mut store::Tx<'_>| {
            subjects::put_mappings(tx, ids.clone())?;
            subjects::put_behaviours(tx, behaviours.clone())?;
            blacklist::put(tx, listings.clone())?;
            progress.as_ref().map_or(Ok(()), |progress| loads::put(tx, progress))
        };
        self.store().bulk("load_rows", save).await
    }
}
