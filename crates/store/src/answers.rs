//! Sealed answers, kept for replay. They are written by settling only.

use domain::ids::BizId;

use crate::{StoreError, Tx};

/// Forgets answers of calls that began before `bound` (a [`BizId::lower_bound`]), at most `limit`;
/// gives how many went.
pub fn purge(tx: &mut Tx<'_>, bound: BizId, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM answers WHERE biz IN
             (SELECT biz FROM answers WHERE biz < ?1 ORDER BY biz LIMIT ?2)",
        &[bound.as_bytes().into(), limit.into()],
    )
}
