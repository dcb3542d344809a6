//! Who asked about whom: erasable, and therefore not in the journal.

use domain::ids::MerchantId;
use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::value::corrupt;
use crate::{StoreError, Tx};

/// How many different merchants asked about a person since `since`.
pub fn merchants_since(
    tx: &mut Tx<'_>,
    subject: &SubjectHash,
    since: Timestamp,
) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(DISTINCT merchant) FROM inquiries WHERE subject = ?1 AND at >= ?2";
    let row = tx.first(sql, &[(&subject.0).into(), since.0.into()])?;
    row.ok_or_else(|| corrupt("COUNT gave no row"))?.int(0)
}

/// A person's inquiries, newest first: (merchant, at).
pub fn of_subject(
    tx: &mut Tx<'_>,
    subject: &SubjectHash,
    limit: i64,
) -> Result<Vec<(MerchantId, Timestamp)>, StoreError> {
    let sql = "SELECT merchant, at FROM inquiries WHERE subject = ?1 ORDER BY at DESC LIMIT ?2";
    let rows = tx.query(sql, &[(&subject.0).into(), limit.into()])?;
    rows.iter().map(|row| Ok((MerchantId(row.int(0)?), Timestamp(row.int(1)?)))).collect()
}

/// Erases all inquiries about a person; gives how many there were.
pub fn erase(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM inquiries WHERE subject = ?1", &[(&subject.0).into()])
}
