//! What operators said became of calls whose outcome could not be told: for good, with the reason.

use domain::ids::BizId;
use domain::time::Timestamp;

use crate::value::corrupt;
use crate::{StoreError, Tx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedResolution {
    pub biz: BizId,
    pub open_id: String,
    pub at: Timestamp,
    /// Who said so: an operator's name, or the system's account.
    pub actor: String,
    /// `post` or `void`.
    pub verdict: String,
    pub reason: String,
}

/// Notes a resolution; gives the verdict that stands, which is an earlier one where there is one.
pub fn note(tx: &mut Tx<'_>, noted: &NotedResolution) -> Result<String, StoreError> {
    tx.execute(
        "INSERT INTO resolutions (biz, open_id, at, actor, verdict, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (biz) DO NOTHING",
        &[
            noted.biz.as_bytes().into(),
            noted.open_id.as_str().into(),
            noted.at.0.into(),
            noted.actor.as_str().into(),
            noted.verdict.as_str().into(),
            noted.reason.as_str().into(),
        ],
    )?;
    let sql = "SELECT verdict FROM resolutions WHERE biz = ?1";
    let found = tx.first(sql, &[noted.biz.as_bytes().into()])?;
    found.map_or_else(|| Ok(noted.verdict.clone()), |row| row.text(0).map(str::to_owned))
}

/// The newest, at most `limit`.
pub fn newest(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<NotedResolution>, StoreError> {
    let sql = "SELECT biz, open_id, at, actor, verdict, reason FROM resolutions
               ORDER BY at DESC, open_id LIMIT ?1";
    let rows = tx.query(sql, &[limit.into()])?;
    let noted = rows.iter().map(|row| {
        Ok(NotedResolution {
            biz: BizId::from_slice(row.bytes(0)?).ok_or_else(|| corrupt("resolutions.biz"))?,
            open_id: row.text(1)?.to_owned(),
            at: Timestamp(row.int(2)?),
            actor: row.text(3)?.to_owned(),
            verdict: row.text(4)?.to_owned(),
            reason: row.text(5)?.to_owned(),
        })
    });
    noted.collect()
}
