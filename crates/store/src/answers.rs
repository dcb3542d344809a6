//! Sealed answers, kept for replay. Those of calls are written by settling, those of signed
//! requests here.

use domain::ids::BizId;

use crate::{StoreError, Tx};

/// Keeps the answer to a request that is known by `biz`; one that is there stays.
pub fn put(tx: &mut Tx<'_>, biz: BizId, sealed: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO answers (biz, sealed) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        &[biz.as_bytes().into(), sealed.into()],
    )?;
    Ok(())
}

pub fn find(tx: &mut Tx<'_>, biz: BizId) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx.first("SELECT sealed FROM answers WHERE biz = ?1", &[biz.as_bytes().into()])?;
    row.map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
}

/// Forgets answers of calls that began before `bound` (a [`BizId::lower_bound`]), at most `limit`;
/// gives how many went.
pub fn purge(tx: &mut Tx<'_>, bound: BizId, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM answers WHERE biz IN
             (SELECT biz FROM answers WHERE biz < ?1 ORDER BY biz LIMIT ?2)",
        &[bound.as_bytes().into(), limit.into()],
    )
}
