//! Nonces and signatures that were used, remembered until they are too old to be used again.

use domain::time::Timestamp;

use crate::{StoreError, Tx};

/// Remembers a nonce; gives whether it was new. `scope` is what it must be unique in.
pub fn claim(
    tx: &mut Tx<'_>,
    scope: &str,
    nonce: &str,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "INSERT INTO nonces (scope, nonce, until) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        &[scope.into(), nonce.into(), until.0.into()],
    )?;
    Ok(rows == 1)
}

/// Forgets one nonce: it may be used again.
pub fn release(tx: &mut Tx<'_>, scope: &str, nonce: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM nonces WHERE scope = ?1 AND nonce = ?2",
        &[scope.into(), nonce.into()],
    )?;
    Ok(())
}

/// Forgets nonces whose time is over, at most `limit`; gives how many went.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM nonces WHERE (scope, nonce) IN
             (SELECT scope, nonce FROM nonces WHERE until < ?1 ORDER BY until LIMIT ?2)",
        &[now.0.into(), limit.into()],
    )
}
