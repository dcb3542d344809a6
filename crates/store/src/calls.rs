//! Claims of keys, as the operator and the checks read them. They are written by settling only.

use domain::call::CallName;
use domain::ids::{AppId, BizId, CallKey, MerchantId};
use domain::merchant::Product;
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

/// Keys with a final answer that the journal does not end under the same `biz`, time and code:
/// (merchant, product, key). At most `limit` of them.
pub fn unmatched(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(i64, String, String)>, StoreError> {
    let sql = "SELECT c.merchant, c.product, c.key FROM calls c
               WHERE c.state = 1 AND NOT EXISTS (
                   SELECT 1 FROM journal j WHERE j.merchant = c.merchant
                   AND j.at = c.at AND j.biz = c.biz AND j.key = c.key
                   AND j.phase IN (0, 2) AND j.code = c.code)
               LIMIT ?1";
    let rows = tx.query(sql, &[limit.into()])?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?.to_owned(), row.text(2)?.to_owned())))
        .collect()
}

/// How many claims have a final answer.
pub fn final_count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let row = tx.first("SELECT COUNT(*) FROM calls WHERE state = 1", &[])?;
    row.ok_or_else(|| corrupt("COUNT gave no row"))?.int(0)
}

/// Bills whose key is not claimed under the same `biz`: (merchant, product, key). At most `limit`.
pub fn unclaimed_bills(
    tx: &mut Tx<'_>,
    limit: i64,
) -> Result<Vec<(i64, String, String)>, StoreError> {
    let sql = "SELECT j.merchant, j.product, j.key FROM journal j
               WHERE j.billed = 1 AND NOT EXISTS (
                   SELECT 1 FROM calls c WHERE c.merchant = j.merchant
                   AND c.product = j.product AND c.key = j.key AND c.biz = j.biz)
               LIMIT ?1";
    let rows = tx.query(sql, &[limit.into()])?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?.to_owned(), row.text(2)?.to_owned())))
        .collect()
}

/// What a limit has counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    pub merchant: i64,
    pub product: String,
    pub app: String,
    /// `package`, `test` or `daily`.
    pub kind: String,
    /// The day of a daily counter, as a number of days since 1970; 0 for the others.
    pub day: i64,
    pub used: i64,
}

pub fn counters(tx: &mut Tx<'_>) -> Result<Vec<Counter>, StoreError> {
    let sql = "SELECT merchant, product, app, kind, day, used FROM counters ORDER BY 1, 2, 3, 4, 5";
    let rows = tx.query(sql, &[])?;
    rows.iter()
        .map(|row| {
            let text = |column| row.text(column).map(str::to_owned);
            Ok(Counter {
                merchant: row.int(0)?,
                product: text(1)?,
                app: text(2)?,
                kind: text(3)?,
                day: row.int(4)?,
                used: row.int(5)?,
            })
        })
        .collect()
}

/// The sealed explanation of a call.
pub fn explanation(tx: &mut Tx<'_>, biz: BizId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed FROM explanations WHERE biz = ?1";
    let row = tx.first(sql, &[biz.as_bytes().into()])?;
    row.map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
}

/// Whether a key was claimed before, however it ended.
pub fn is_claimed(tx: &mut Tx<'_>, name: &CallName) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM calls WHERE merchant = ?1 AND product = ?2 AND key = ?3";
    let values = [name.merchant.0.into(), name.product.as_str().into(), name.key.as_str().into()];
    Ok(tx.first(sql, &values)?.is_some())
}

/// A held call that no session stands behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrphanedHold {
    pub name: CallName,
    pub app: AppId,
    pub biz: BizId,
}

/// Calls that were held before `before` and whose session was never written, or was erased;
/// oldest first, at most `limit`.
pub fn orphaned_holds(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<OrphanedHold>, StoreError> {
    // The literal 0 (held) lets both databases use the index of held calls; 1 is a hold's row.
    let sql = "SELECT c.merchant, c.product, c.key, c.biz, j.app FROM calls c
               JOIN journal j ON j.merchant = c.merchant AND j.at = c.at AND j.biz = c.biz
                   AND j.phase = 1
               WHERE c.state = 0 AND c.at < ?1
                   AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.open_id = c.key)
               ORDER BY c.at LIMIT ?2";
    let rows = tx.query(sql, &[before.0.into(), limit.into()])?;
    let orphan = |row: &Row| {
        Ok(OrphanedHold {
            name: CallName {
                merchant: MerchantId(row.int(0)?),
                product: Product::parse(row.text(1)?).ok_or_else(|| corrupt("calls.product"))?,
                key: CallKey::parse(row.text(2)?).ok_or_else(|| corrupt("calls.key"))?,
            },
            biz: BizId::from_slice(row.bytes(3)?).ok_or_else(|| corrupt("calls.biz"))?,
            app: AppId(row.text(4)?.to_owned()),
        })
    };
    rows.iter().map(orphan).collect()
}
