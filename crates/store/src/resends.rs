//! Codes that were sent again to a telephone, over all merchants: nobody's telephone is to be
//! flooded through us.

use domain::time::Timestamp;

use crate::value::corrupt;
use crate::{StoreError, Tx};

/// Notes one more code to `mobile` (keyed hash), unless there were `limit` since `since`; says
/// whether it may be sent.
pub fn admit(
    tx: &mut Tx<'_>,
    mobile: &[u8; 32],
    open_id: &str,
    (since, now): (Timestamp, Timestamp),
    limit: i64,
) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) FROM resends WHERE mobile = ?1 AND at > ?2";
    let row = tx.first(sql, &[mobile.into(), since.0.into()])?;
    if row.ok_or_else(|| corrupt("COUNT gave no row"))?.int(0)? >= limit {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO resends (mobile, at, open_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        &[mobile.into(), now.0.into(), open_id.into()],
    )?;
    Ok(true)
}

/// Forgets what is older than `before`; at most `limit` rows. Gives how many.
pub fn purge(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM resends WHERE (mobile, at, open_id) IN (
             SELECT mobile, at, open_id FROM resends WHERE at < ?1 LIMIT ?2)",
        &[before.0.into(), limit.into()],
    )
}
