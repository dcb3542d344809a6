//! Credentials, sealed. Only the engine can open them.

use domain::failure::CredentialKind;
use domain::ids::MerchantId;
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

/// A credential as the database keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCredential {
    pub id: i64,
    pub merchant: MerchantId,
    pub kind: CredentialKind,
    /// Sealed for the place ("credentials", id).
    pub sealed: Vec<u8>,
    pub created_at: Timestamp,
    pub ends_at: Option<Timestamp>,
}

pub fn next_id(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let row = tx.first("SELECT COALESCE(MAX(id), 0) + 1 FROM credentials", &[])?;
    row.ok_or_else(|| corrupt("MAX gave no row"))?.int(0)
}

pub fn insert(tx: &mut Tx<'_>, credential: &SealedCredential) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO credentials (id, merchant, kind, sealed, created_at, ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            credential.id.into(),
            credential.merchant.0.into(),
            credential.kind.as_str().into(),
            credential.sealed.as_slice().into(),
            credential.created_at.0.into(),
            credential.ends_at.map(|at| at.0).into(),
        ],
    )?;
    Ok(())
}

/// Ends a credential at `at`, unless it ends before; gives whether there is such a one.
pub fn end(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    id: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "UPDATE credentials SET ends_at = CASE WHEN ends_at < ?3 THEN ends_at ELSE ?3 END
         WHERE merchant = ?1 AND id = ?2",
        &[merchant.0.into(), id.into(), at.0.into()],
    )?;
    Ok(rows == 1)
}

pub fn all(tx: &mut Tx<'_>) -> Result<Vec<SealedCredential>, StoreError> {
    let sql = "SELECT id, merchant, kind, sealed, created_at, ends_at FROM credentials
               ORDER BY id";
    tx.query(sql, &[])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<SealedCredential, StoreError> {
    Ok(SealedCredential {
        id: row.int(0)?,
        merchant: MerchantId(row.int(1)?),
        kind: CredentialKind::parse(row.text(2)?).ok_or_else(|| corrupt("credentials.kind"))?,
        sealed: row.bytes(3)?.to_vec(),
        created_at: Timestamp(row.int(4)?),
        ends_at: row.maybe_int(5)?.map(Timestamp),
    })
}
