//! Keys, sealed under the root key.

use domain::keys::{KeyPurpose, SealedKey};
use domain::time::Timestamp;

use crate::value::corrupt;
use crate::{StoreError, Tx};

pub fn all(tx: &mut Tx<'_>) -> Result<Vec<SealedKey>, StoreError> {
    let rows =
        tx.query("SELECT purpose, version, sealed, created_at FROM keys ORDER BY 1, 2", &[])?;
    rows.iter()
        .map(|row| {
            Ok(SealedKey {
                purpose: KeyPurpose::parse(row.text(0)?).ok_or_else(|| corrupt("keys.purpose"))?,
                version: row.int(1)?.try_into().map_err(|_| corrupt("keys.version"))?,
                sealed: row.bytes(2)?.to_vec(),
                created_at: Timestamp(row.int(3)?),
            })
        })
        .collect()
}

pub fn insert(tx: &mut Tx<'_>, key: &SealedKey, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO keys (purpose, version, sealed, created_at) VALUES (?1, ?2, ?3, ?4)",
        &[
            key.purpose.as_str().into(),
            i64::from(key.version).into(),
            key.sealed.as_slice().into(),
            now.0.into(),
        ],
    )?;
    Ok(())
}

/// Replaces the sealing of a key; the key itself stays what it is.
pub fn reseal(tx: &mut Tx<'_>, key: &SealedKey) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE keys SET sealed = ?3 WHERE purpose = ?1 AND version = ?2",
        &[key.purpose.as_str().into(), i64::from(key.version).into(), key.sealed.as_slice().into()],
    )?;
    Ok(())
}
