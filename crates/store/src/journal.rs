//! Journal rows, for reading. They are written by settling only.

use domain::ids::{AppId, BizId, CallKey, LaneId, MerchantId};
use domain::journal::{Entry, Head, Phase, Row, RowHash};
use domain::merchant::Product;
use domain::money::Amount;
use domain::time::Timestamp;

use crate::value::corrupt;
use crate::{StoreError, Tx, value};

/// A lane as it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedLane {
    pub id: LaneId,
    pub node: String,
    pub opened_at: Timestamp,
    /// Up to where the lane was signed when it was read: a hint, checked by `journal verify`.
    pub signed_seq: i64,
}

pub fn lanes(tx: &mut Tx<'_>) -> Result<Vec<OpenedLane>, StoreError> {
    let rows = tx.query("SELECT id, node, opened_at, signed_seq FROM lanes ORDER BY id", &[])?;
    rows.iter()
        .map(|row| {
            Ok(OpenedLane {
                id: LaneId(row.int(0)?),
                node: row.text(1)?.to_owned(),
                opened_at: Timestamp(row.int(2)?),
                signed_seq: row.int(3)?,
            })
        })
        .collect()
}

/// Lanes that have rows without having been opened.
pub fn unopened_lanes(tx: &mut Tx<'_>) -> Result<Vec<LaneId>, StoreError> {
    let sql = "SELECT DISTINCT lane FROM journal WHERE lane NOT IN (SELECT id FROM lanes)";
    tx.query(sql, &[])?.iter().map(|row| row.int(0).map(LaneId)).collect()
}

/// Rows of a lane after `seq`, in order, at most `limit`.
pub fn page(tx: &mut Tx<'_>, lane: LaneId, seq: i64, limit: i64) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT at, phase, merchant, product, app, key, biz, code, billed, amount,
                      lane, seq, hash
               FROM journal WHERE lane = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    let rows = tx.query(sql, &[lane.0.into(), seq.into(), limit.into()])?;
    rows.iter()
        .map(|row| {
            let hash = RowHash(row.array(12)?);
            Ok(Row { lane: LaneId(row.int(10)?), seq: row.int(11)?, entry: entry(row)?, hash })
        })
        .collect()
}

/// One row, if the lane has it.
pub fn row_hash(tx: &mut Tx<'_>, lane: LaneId, seq: i64) -> Result<Option<RowHash>, StoreError> {
    let sql = "SELECT hash FROM journal WHERE lane = ?1 AND seq = ?2";
    let row = tx.first(sql, &[lane.0.into(), seq.into()])?;
    row.map(|row| row.array(0).map(RowHash)).transpose()
}

/// The last row of each lane that has one. CROSS JOIN keeps SQLite from reading the whole journal:
/// it then goes from the lanes, which are few.
pub fn heads(tx: &mut Tx<'_>) -> Result<Vec<Head>, StoreError> {
    let sql = "SELECT j.lane, j.seq, j.hash FROM lanes l CROSS JOIN journal j
               WHERE j.lane = l.id
                     AND j.seq = (SELECT MAX(k.seq) FROM journal k WHERE k.lane = l.id)
               ORDER BY l.id";
    tx.query(sql, &[])?.iter().map(head).collect()
}

/// The last row of each lane that moved since it was last signed.
pub fn unsigned_heads(tx: &mut Tx<'_>) -> Result<Vec<Head>, StoreError> {
    let sql = "SELECT j.lane, j.seq, j.hash FROM lanes l CROSS JOIN journal j
               WHERE j.lane = l.id AND j.seq > l.signed_seq
                     AND j.seq = (SELECT MAX(k.seq) FROM journal k WHERE k.lane = l.id)
               ORDER BY l.id";
    tx.query(sql, &[])?.iter().map(head).collect()
}

fn head(row: &value::Row) -> Result<Head, StoreError> {
    let hash = RowHash(row.array(2)?);
    Ok(Head { lane: LaneId(row.int(0)?), seq: row.int(1)?, hash })
}

/// A merchant's entries from `from` up to but without `until`, in the order of (time, `biz`),
/// after the given one; at most `limit`.
pub fn of_merchant(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    period: (Timestamp, Timestamp),
    after: Option<&Entry>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT at, phase, merchant, product, app, key, biz, code, billed, amount
               FROM journal
               WHERE merchant = ?1 AND at >= ?2 AND at < ?3
                     AND (at > ?4 OR (at = ?4 AND (biz > ?5 OR (biz = ?5 AND phase > ?6))))
               ORDER BY at, biz, phase LIMIT ?7";
    let (at, biz, phase) = after.map_or((i64::MIN, [0; 16], -1), |entry| {
        (entry.at.0, *entry.biz.as_bytes(), entry.phase.to_db())
    });
    let values = [
        merchant.0.into(),
        // Each page begins where the one before ended.
        period.0.0.max(at).into(),
        period.1.0.into(),
        at.into(),
        (&biz).into(),
        phase.into(),
        limit.into(),
    ];
    tx.query(sql, &values)?.iter().map(entry).collect()
}

/// The sums that the journal itself gives for each merchant: (merchant, billed calls, amount).
pub fn sums(tx: &mut Tx<'_>) -> Result<Vec<(MerchantId, i64, Amount)>, StoreError> {
    let sql = "SELECT merchant, CAST(SUM(billed) AS BIGINT), CAST(SUM(amount) AS BIGINT)
               FROM journal GROUP BY merchant ORDER BY merchant";
    let rows = tx.query(sql, &[])?;
    rows.iter().map(|row| Ok((MerchantId(row.int(0)?), row.int(1)?, Amount(row.int(2)?)))).collect()
}

/// What the journal holds of one application on one day (Asia/Shanghai).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    pub merchant: i64,
    pub product: String,
    pub app: String,
    /// Days since 1970.
    pub day: i64,
    /// Different keys that reached the product.
    pub keys: i64,
    /// Bills, and holds that may still become bills.
    pub billed: i64,
}

pub fn usage(tx: &mut Tx<'_>) -> Result<Vec<Usage>, StoreError> {
    let sql = "SELECT merchant, product, app, (at + 28800000000) / 86400000000 AS day,
                      COUNT(DISTINCT key), CAST(SUM(billed) AS BIGINT)
                          + COUNT(CASE WHEN phase = 1 THEN 1 END)
               FROM journal WHERE phase IN (0, 1, 2) GROUP BY merchant, product, app, day";
    let rows = tx.query(sql, &[])?;
    rows.iter()
        .map(|row| {
            Ok(Usage {
                merchant: row.int(0)?,
                product: row.text(1)?.to_owned(),
                app: row.text(2)?.to_owned(),
                day: row.int(3)?,
                keys: row.int(4)?,
                billed: row.int(5)?,
            })
        })
        .collect()
}

/// Keys billed more than once: (merchant, product, key). At most `limit`.
pub fn billed_twice(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(i64, String, String)>, StoreError> {
    let sql = "SELECT merchant, product, key FROM journal WHERE billed = 1
               GROUP BY merchant, product, key HAVING COUNT(*) > 1 LIMIT ?1";
    let rows = tx.query(sql, &[limit.into()])?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?.to_owned(), row.text(2)?.to_owned())))
        .collect()
}

fn entry(row: &value::Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        at: Timestamp(row.int(0)?),
        phase: Phase::from_db(row.int(1)?).ok_or_else(|| corrupt("journal.phase"))?,
        merchant: MerchantId(row.int(2)?),
        product: Product::parse(row.text(3)?).ok_or_else(|| corrupt("journal.product"))?,
        app: AppId(row.text(4)?.to_owned()),
        key: CallKey::parse(row.text(5)?).ok_or_else(|| corrupt("journal.key"))?,
        biz: BizId::from_slice(row.bytes(6)?).ok_or_else(|| corrupt("journal.biz"))?,
        code: row.int(7)?.try_into().map_err(|_| corrupt("journal.code"))?,
        bill: (row.int(8)? != 0).then_some(Amount(row.int(9)?)),
    })
}
