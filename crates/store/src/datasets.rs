//! What sessions collected, sealed under the person's key.

use domain::ids::MerchantId;
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDataset {
    pub open_id: String,
    pub merchant: MerchantId,
    pub subject: SubjectHash,
    pub source: SourceKind,
    pub at: Timestamp,
    pub sealed: Vec<u8>,
}

/// Keeps a session's dataset; a step that is repeated after a crash keeps it again.
pub fn put(tx: &mut Tx<'_>, dataset: &StoredDataset) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO datasets (open_id, merchant, subject, source, at, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (open_id) DO UPDATE SET at = excluded.at, sealed = excluded.sealed",
        &[
            dataset.open_id.as_str().into(),
            dataset.merchant.0.into(),
            (&dataset.subject.0).into(),
            dataset.source.as_str().into(),
            dataset.at.0.into(),
            dataset.sealed.as_slice().into(),
        ],
    )?;
    Ok(())
}

pub fn get(tx: &mut Tx<'_>, open_id: &str) -> Result<Option<StoredDataset>, StoreError> {
    let sql = "SELECT open_id, merchant, subject, source, at, sealed FROM datasets
               WHERE open_id = ?1";
    tx.first(sql, &[open_id.into()])?.as_ref().map(read).transpose()
}

/// Forgets one; says whether it was there.
pub fn remove(tx: &mut Tx<'_>, open_id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM datasets WHERE open_id = ?1", &[open_id.into()])? == 1)
}

/// All of a person, newest first.
pub fn of_subject(
    tx: &mut Tx<'_>,
    subject: &SubjectHash,
) -> Result<Vec<StoredDataset>, StoreError> {
    let sql = "SELECT open_id, merchant, subject, source, at, sealed FROM datasets
               WHERE subject = ?1 ORDER BY at DESC, open_id";
    tx.query(sql, &[(&subject.0).into()])?.iter().map(read).collect()
}

/// Forgets what was collected before `before`; at most `limit` rows. Gives how many.
pub fn purge(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM datasets WHERE open_id IN (
             SELECT open_id FROM datasets WHERE at < ?1 LIMIT ?2)",
        &[before.0.into(), limit.into()],
    )
}

/// Erases a person's datasets; gives how many there were.
pub fn erase(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM datasets WHERE subject = ?1", &[(&subject.0).into()])
}

fn read(row: &Row) -> Result<StoredDataset, StoreError> {
    Ok(StoredDataset {
        open_id: row.text(0)?.to_owned(),
        merchant: MerchantId(row.int(1)?),
        subject: SubjectHash(row.array(2)?),
        source: SourceKind::parse(row.text(3)?).ok_or_else(|| corrupt("datasets.source"))?,
        at: Timestamp(row.int(4)?),
        sealed: row.bytes(5)?.to_vec(),
    })
}
