//! Live nodes.

use domain::time::{Span, Timestamp};

use crate::value::corrupt;
use crate::{StoreError, Tx};

/// Says that `node` is alive; gives how many nodes are, this one included. Nodes that have not
/// been seen for `gone_after` are forgotten.
pub fn beat(
    tx: &mut Tx<'_>,
    node: &str,
    now: Timestamp,
    gone_after: Span,
) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO nodes (id, started_at, seen_at) VALUES (?1, ?2, ?2)
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
        &[node.into(), now.0.into()],
    )?;
    tx.execute("DELETE FROM nodes WHERE seen_at < ?1", &[(now - gone_after).0.into()])?;
    let row = tx.first("SELECT COUNT(*) FROM nodes", &[])?;
    row.ok_or_else(|| corrupt("COUNT gave no row"))?.int(0)
}

pub fn remove(tx: &mut Tx<'_>, node: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM nodes WHERE id = ?1", &[node.into()])?;
    Ok(())
}

/// The database's own clock; nothing on SQLite, whose clock is this machine's.
pub fn database_clock(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    if tx.is_sqlite() {
        return Ok(None);
    }
    let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
    let row = tx.first(sql, &[])?.ok_or_else(|| corrupt("the clock gave no row"))?;
    Ok(Some(Timestamp(row.int(0)?)))
}
