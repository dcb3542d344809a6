//! Overrides: refusals of a policy that two people overturned, and until when that holds.

use domain::ids::MerchantId;
use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::{StoreError, Tx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOverride {
    /// The application whose refusal was overturned.
    pub open_id: String,
    pub merchant: MerchantId,
    pub subject: SubjectHash,
    pub until: Timestamp,
}

/// Keeps an override; a refusal is overturned once.
pub fn put(tx: &mut Tx<'_>, new: &StoredOverride) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO overrides (open_id, merchant, subject, until_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
        &[
            new.open_id.as_str().into(),
            new.merchant.0.into(),
            (&new.subject.0).into(),
            new.until.0.into(),
        ],
    )?;
    Ok(())
}

/// The application of this merchant's and person's whose override holds longest, where one still
/// does.
pub fn in_force(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    subject: &SubjectHash,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT open_id FROM overrides
               WHERE subject = ?1 AND merchant = ?2 AND until_at > ?3
               ORDER BY until_at DESC, open_id LIMIT 1";
    let row = tx.first(sql, &[(&subject.0).into(), merchant.0.into(), now.0.into()])?;
    row.map(|row| row.text(0).map(str::to_owned)).transpose()
}

/// Forgets overrides that are over, at most `limit`. Gives how many.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    let sql = "DELETE FROM overrides WHERE open_id IN
                   (SELECT open_id FROM overrides WHERE until_at <= ?1 LIMIT ?2)";
    tx.execute(sql, &[now.0.into(), limit.into()])
}

/// Erases a person's.
pub fn erase(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM overrides WHERE subject = ?1", &[(&subject.0).into()])
}
