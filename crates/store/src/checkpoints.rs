//! Signed checkpoints over the heads of the lanes and of the audit log.

use domain::journal::{Checkpoint, RowHash};
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx, audit_log};

/// Appends a checkpoint; another node that made the same one meanwhile wins, and this one is
/// refused by its number.
pub fn insert(tx: &mut Tx<'_>, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    let heads = serde_json::to_string(&checkpoint.heads).map_err(|_| corrupt("heads"))?;
    tx.execute(
        "INSERT INTO checkpoints (seq, at, heads, hash, key_version, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            checkpoint.seq.into(),
            checkpoint.at.0.into(),
            heads.as_str().into(),
            (&checkpoint.hash.0).into(),
            checkpoint.key_version.into(),
            checkpoint.signature.as_slice().into(),
        ],
    )?;
    for head in &checkpoint.heads {
        if head.lane == audit_log::LANE {
            audit_log::set_signed_seq(tx, head.seq)?;
            continue;
        }
        let sql = "UPDATE lanes SET signed_seq = ?2 WHERE id = ?1";
        tx.execute(sql, &[head.lane.0.into(), head.seq.into()])?;
    }
    Ok(())
}

/// Checkpoints after `seq`, in order, at most `limit`.
pub fn page(tx: &mut Tx<'_>, seq: i64, limit: i64) -> Result<Vec<Checkpoint>, StoreError> {
    let sql = "SELECT seq, at, heads, hash, key_version, signature FROM checkpoints
               WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    tx.query(sql, &[seq.into(), limit.into()])?.iter().map(read).collect()
}

pub fn last(tx: &mut Tx<'_>) -> Result<Option<Checkpoint>, StoreError> {
    let sql = "SELECT seq, at, heads, hash, key_version, signature FROM checkpoints
               ORDER BY seq DESC LIMIT 1";
    tx.first(sql, &[])?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Checkpoint, StoreError> {
    Ok(Checkpoint {
        seq: row.int(0)?,
        at: Timestamp(row.int(1)?),
        heads: serde_json::from_str(row.text(2)?).map_err(|_| corrupt("checkpoints.heads"))?,
        hash: RowHash(row.array(3)?),
        key_version: row.int(4)?,
        signature: row.bytes(5)?.to_vec(),
    })
}
