//! The audit log: appended to inside the unit that does what is noted, read, never changed.

use domain::audit_log::Note;
pub use domain::audit_log::{LANE, NewNote};
use domain::journal::{Head, RowHash};
use domain::time::Timestamp;

use crate::{Row, StoreError, Tx, settings};

/// Up to where checkpoints have signed the log: a hint that spares reading them all.
const SIGNED_SEQ: &str = "audit_log_signed_seq";

/// Appends a note behind the last; gives its number. Both or neither: part of the unit that does
/// what is noted.
pub fn append(tx: &mut Tx<'_>, new: &NewNote<'_>) -> Result<i64, StoreError> {
    let (seq, previous) = last(tx)?.map_or((0, Note::BEFORE_FIRST), |last| (last.seq, last.hash));
    let note = Note::chain(seq + 1, new, previous);
    let is_sqlite = tx.is_sqlite();
    let inserted = tx.execute(
        "INSERT INTO audit_log (seq, at, actor, action, target, detail, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            note.seq.into(),
            note.at.0.into(),
            note.actor.as_str().into(),
            note.action.as_str().into(),
            note.target.as_str().into(),
            note.detail_json.as_str().into(),
            (&note.hash.0).into(),
        ],
    );
    match inserted {
        // Another unit took the number meanwhile: this one begins anew, behind it.
        Err(StoreError::Refused(text)) if !is_sqlite => Err(StoreError::Collision(text)),
        inserted => inserted.map(|_| note.seq),
    }
}

/// The last row; `lane` is [`LANE`].
pub fn last(tx: &mut Tx<'_>) -> Result<Option<Head>, StoreError> {
    let row = tx.first("SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1", &[])?;
    row.map(|row| Ok(Head { lane: LANE, seq: row.int(0)?, hash: RowHash(row.array(1)?) }))
        .transpose()
}

/// The last row, if it was not signed yet.
pub fn unsigned_head(tx: &mut Tx<'_>) -> Result<Option<Head>, StoreError> {
    let signed = signed_seq(tx)?;
    Ok(last(tx)?.filter(|head| head.seq > signed))
}

/// Up to where the log was signed when it was last signed.
pub fn signed_seq(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    settings::number(tx, SIGNED_SEQ)
}

pub(crate) fn set_signed_seq(tx: &mut Tx<'_>, seq: i64) -> Result<(), StoreError> {
    settings::set(tx, SIGNED_SEQ, &seq.to_string())
}

/// Rows after `seq`, in order, at most `limit`.
pub fn page(tx: &mut Tx<'_>, seq: i64, limit: i64) -> Result<Vec<Note>, StoreError> {
    let sql = "SELECT seq, at, actor, action, target, detail, hash FROM audit_log
               WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    tx.query(sql, &[seq.into(), limit.into()])?.iter().map(read).collect()
}

/// Rows before `before`, the newest first, at most `limit`; with a target, those about it.
pub fn newest(
    tx: &mut Tx<'_>,
    target: Option<&str>,
    before: i64,
    limit: i64,
) -> Result<Vec<Note>, StoreError> {
    let rows = match target {
        None => {
            let sql = "SELECT seq, at, actor, action, target, detail, hash FROM audit_log
                       WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2";
            tx.query(sql, &[before.into(), limit.into()])?
        }
        Some(target) => {
            let sql = "SELECT seq, at, actor, action, target, detail, hash FROM audit_log
                       WHERE target = ?3 AND seq < ?1 ORDER BY seq DESC LIMIT ?2";
            tx.query(sql, &[before.into(), limit.into(), target.into()])?
        }
    };
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Note, StoreError> {
    Ok(Note {
        seq: row.int(0)?,
        at: Timestamp(row.int(1)?),
        actor: row.text(2)?.to_owned(),
        action: row.text(3)?.to_owned(),
        target: row.text(4)?.to_owned(),
        detail_json: row.text(5)?.to_owned(),
        hash: RowHash(row.array(6)?),
    })
}
