//! Each person's own key, sealed. Deleting it deletes all that is sealed under it.

use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::value::corrupt;
use crate::{StoreError, Tx};

/// The person's sealed key: the one that is there, else `fresh`, which is kept from now on.
pub fn ensure(
    tx: &mut Tx<'_>,
    subject: &SubjectHash,
    fresh: &[u8],
    now: Timestamp,
) -> Result<Vec<u8>, StoreError> {
    tx.execute(
        "INSERT INTO subject_keys (subject, sealed, created_at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
        &[(&subject.0).into(), fresh.into(), now.0.into()],
    )?;
    get(tx, subject)?.ok_or_else(|| corrupt("subject_keys: the key just kept is gone"))
}

pub fn get(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed FROM subject_keys WHERE subject = ?1";
    let row = tx.first(sql, &[(&subject.0).into()])?;
    row.map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
}

/// Deletes the key; says whether there was one.
pub fn erase(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<bool, StoreError> {
    let sql = "DELETE FROM subject_keys WHERE subject = ?1";
    Ok(tx.execute(sql, &[(&subject.0).into()])? == 1)
}
