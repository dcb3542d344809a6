//! How many answers of each code an application had, by buckets of time. Nodes add to one count.

use domain::ids::{AppId, MerchantId};
use domain::time::Timestamp;

use crate::{StoreError, Tx};

/// Answers of one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The beginning of the bucket.
    pub at: Timestamp,
    pub merchant: MerchantId,
    pub app: AppId,
    pub code: i32,
    pub calls: i64,
}

/// Adds to what the bucket has.
pub fn add(tx: &mut Tx<'_>, count: &Count) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO coverage (at, merchant, app, code, calls) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (at, merchant, app, code)
         DO UPDATE SET calls = coverage.calls + excluded.calls",
        &[
            count.at.0.into(),
            count.merchant.0.into(),
            count.app.0.as_str().into(),
            i64::from(count.code).into(),
            count.calls.into(),
        ],
    )?;
    Ok(())
}

/// The counts of all buckets that begin at `since` or later, summed up; `at` is `since`.
pub fn since(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<Count>, StoreError> {
    let sql = "SELECT merchant, app, code, CAST(SUM(calls) AS BIGINT) FROM coverage
               WHERE at >= ?1 GROUP BY merchant, app, code ORDER BY merchant, app, code";
    let rows = tx.query(sql, &[since.0.into()])?;
    let count = |row: &crate::Row| {
        Ok(Count {
            at: since,
            merchant: MerchantId(row.int(0)?),
            app: AppId(row.text(1)?.to_owned()),
            code: row.int(2)? as i32,
            calls: row.int(3)?,
        })
    };
    rows.iter().map(count).collect()
}

/// Forgets buckets that begin before `until`; gives how many counts went.
pub fn purge(tx: &mut Tx<'_>, until: Timestamp) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM coverage WHERE at < ?1", &[until.0.into()])
}
