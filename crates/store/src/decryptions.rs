//! Texts of merchants that did not decrypt: what each one's budget is counted by, on every node.

use domain::ids::MerchantId;
use domain::time::Timestamp;

use crate::{StoreError, Tx};

/// Notes that a text of the merchant's did not open. Two in one microsecond count as one.
pub fn note_failed(tx: &mut Tx<'_>, merchant: MerchantId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO failed_decryptions (merchant, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        &[merchant.0.into(), at.0.into()],
    )?;
    Ok(())
}

/// When texts of the merchant's did not open, after `since`; the latest `limit` of them.
pub fn failed(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Timestamp>, StoreError> {
    let sql = "SELECT at FROM failed_decryptions WHERE merchant = ?1 AND at > ?2
               ORDER BY at DESC LIMIT ?3";
    let rows = tx.query(sql, &[merchant.0.into(), since.0.into(), limit.into()])?;
    rows.iter().map(|row| row.int(0).map(Timestamp)).collect()
}

/// Forgets what is older than `before`; at most `limit` rows. Gives how many.
pub fn purge(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM failed_decryptions WHERE (merchant, at) IN (
             SELECT merchant, at FROM failed_decryptions WHERE at < ?1 LIMIT ?2)",
        &[before.0.into(), limit.into()],
    )
}
