//! A node's hold on a row that it works on: `lease_until` (0 without one) and `lease_node` beside
//! the row's `version`. It ends with its time, or with the node.

use domain::time::Timestamp;

use crate::value::Row;
use crate::{StoreError, Tx, Value};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub node: String,
    /// In the machine's time.
    pub until: Timestamp,
}

/// A row that is now the caller's to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    pub open_id: String,
    /// Another worker had it and let its lease run out.
    pub was_leased: bool,
}

/// The columns `lease_until` and `lease_node`.
pub(crate) fn values(lease: Option<&Lease>) -> [Value; 2] {
    let until = lease.map_or(0, |lease| lease.until.0);
    [until.into(), lease.map_or("", |lease| lease.node.as_str()).into()]
}

/// Reads what [`values`] gave, from column `first` on.
pub(crate) fn read(row: &Row, first: usize) -> Result<Option<Lease>, StoreError> {
    let until = row.int(first)?;
    let node = row.text(first + 1)?.to_owned();
    Ok((until > 0).then_some(Lease { node, until: Timestamp(until) }))
}

/// Leases the rows (`open_id`, `version`, whether another worker had it) to the caller, but for
/// those that somebody has changed since; `update` takes id, version, end and node.
pub(crate) fn claim(
    tx: &mut Tx<'_>,
    rows: &[Row],
    update: &'static str,
    lease: &Lease,
) -> Result<Vec<Claimed>, StoreError> {
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        let (open_id, version) = (row.text(0)?, row.int(1)?);
        let [until, node] = values(Some(lease));
        if tx.execute(update, &[open_id.into(), version.into(), until, node])? == 1 {
            claimed.push(Claimed { open_id: open_id.to_owned(), was_leased: row.int(2)? == 1 });
        }
    }
    Ok(claimed)
}
