//! Files of ids to score, chunk by chunk: who works on a chunk, and what came of it.

use domain::batch::{Batch, BatchId, BatchState, Codes};
use domain::ids::{AppId, MerchantId};
use domain::money::Amount;
use domain::time::{Span, Timestamp};

use crate::value::corrupt;
use crate::{Row, StoreError, Tx, Value};

/// A chunk that this process may work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkLease {
    pub chunk: i64,
    /// Sealed for the place ("batch_chunks", batch and chunk).
    pub input: Vec<u8>,
}

/// The columns that [`read`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, merchant, app, content, state, rows, rows_done, codes, billed, amount,
                 created_at, ended_at FROM batches ",
            $rest
        )
    };
}

/// Makes a batch that is still being handed in.
pub fn insert(tx: &mut Tx<'_>, batch: &Batch) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO batches (id, merchant, app, content, state, rows, rows_done, codes, billed,
             amount, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, '{}', 0, 0, ?7)",
        &[
            id(batch.id),
            batch.merchant.0.into(),
            batch.app.0.as_str().into(),
            (&batch.content).into(),
            batch.state.as_str().into(),
            batch.rows.into(),
            batch.created_at.0.into(),
        ],
    )?;
    Ok(())
}

pub fn put_chunk(
    tx: &mut Tx<'_>,
    batch: BatchId,
    chunk: i64,
    input: &[u8],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO batch_chunks (batch, chunk, input, lease_until) VALUES (?1, ?2, ?3, 0)";
    tx.execute(sql, &[id(batch), chunk.into(), input.into()])?;
    Ok(())
}

/// Says that a batch is whole, with its content and the number of its rows: it may be run. Gives
/// the batch that has its name already instead, when there is one.
pub fn start(
    tx: &mut Tx<'_>,
    batch: &Batch,
    name: Option<&[u8; 32]>,
) -> Result<Option<Batch>, StoreError> {
    if let Some(name) = name {
        let other = tx.first(select!("WHERE name = ?1"), &[name.into()])?;
        if let Some(other) = other {
            return read(&other).map(Some);
        }
    }
    tx.execute(
        "UPDATE batches SET state = ?2, content = ?3, rows = ?4, name = ?5 WHERE id = ?1",
        &[
            id(batch.id),
            BatchState::Running.as_str().into(),
            (&batch.content).into(),
            batch.rows.into(),
            name.map_or(Value::Null, Into::into),
        ],
    )?;
    Ok(None)
}

pub fn find(tx: &mut Tx<'_>, batch: BatchId) -> Result<Option<Batch>, StoreError> {
    tx.first(select!("WHERE id = ?1"), &[id(batch)])?.as_ref().map(read).transpose()
}

/// Batches that have rows to be scored, oldest first.
pub fn running(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Batch>, StoreError> {
    let sql = select!("WHERE state = ?1 ORDER BY created_at, id LIMIT ?2");
    tx.query(sql, &[BatchState::Running.as_str().into(), limit.into()])?.iter().map(read).collect()
}

/// Leases the first chunk that nobody works on, until `now` + `length`.
pub fn claim_chunk(
    tx: &mut Tx<'_>,
    batch: BatchId,
    now: Timestamp,
    length: Span,
) -> Result<Option<ChunkLease>, StoreError> {
    let row = tx.first(
        "UPDATE batch_chunks SET lease_until = ?3 WHERE batch = ?1 AND chunk =
             (SELECT MIN(chunk) FROM batch_chunks
              WHERE batch = ?1 AND output IS NULL AND lease_until <= ?2)
         RETURNING chunk, input",
        &[id(batch), now.0.into(), (now + length).0.into()],
    )?;
    row.map(|row| Ok(ChunkLease { chunk: row.int(0)?, input: row.bytes(1)?.to_vec() })).transpose()
}

/// Gives a chunk back that was not worked off.
pub fn release_chunk(tx: &mut Tx<'_>, batch: BatchId, chunk: i64) -> Result<(), StoreError> {
    let sql = "UPDATE batch_chunks SET lease_until = 0 WHERE batch = ?1 AND chunk = ?2";
    tx.execute(sql, &[id(batch), chunk.into()])?;
    Ok(())
}

/// Keeps what came of a chunk and adds it to the batch's counts, once: whoever comes second with
/// the same chunk changes nothing.
pub fn finish_chunk(
    tx: &mut Tx<'_>,
    (batch, chunk): (BatchId, i64),
    output: &[u8],
    codes: &Codes,
) -> Result<(), StoreError> {
    let kept = tx.execute(
        "UPDATE batch_chunks SET output = ?3 WHERE batch = ?1 AND chunk = ?2 AND output IS NULL",
        &[id(batch), chunk.into(), output.into()],
    )?;
    if kept == 0 {
        return Ok(());
    }
    let found = find(tx, batch)?.ok_or_else(|| corrupt("a chunk without a batch"))?;
    let all = found.codes.plus(codes);
    let text = serde_json::to_string(&all).map_err(|_| corrupt("batches.codes"))?;
    tx.execute(
        "UPDATE batches SET codes = ?2, rows_done = ?3 WHERE id = ?1",
        &[id(batch), text.as_str().into(), all.rows().into()],
    )?;
    Ok(())
}

/// What the journal of that time says of the calls of a batch: how many were billed, and for how
/// much.
pub fn bill(
    tx: &mut Tx<'_>,
    batch: &Batch,
    (first, last): (Timestamp, Timestamp),
) -> Result<(i64, Amount), StoreError> {
    let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM journal
               WHERE merchant = ?1 AND at >= ?2 AND at <= ?3 AND billed = 1
                     AND key >= ?4 AND key < ?5";
    let (from, until) = batch.id.keys();
    let values = [
        batch.merchant.0.into(),
        first.0.into(),
        last.0.into(),
        from.as_str().into(),
        until.as_str().into(),
    ];
    let row = tx.first(sql, &values)?.ok_or_else(|| corrupt("COUNT gave no row"))?;
    Ok((row.int(0)?, Amount(row.int(1)?)))
}

/// Ends a batch whose rows are all done, with its bill; gives whether it was this that ended it.
pub fn finish(
    tx: &mut Tx<'_>,
    batch: BatchId,
    (billed, amount): (i64, Amount),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "UPDATE batches SET state = ?2, billed = ?3, amount = ?4, ended_at = ?5
         WHERE id = ?1 AND state = ?6 AND rows_done = rows",
        &[
            id(batch),
            BatchState::Done.as_str().into(),
            billed.into(),
            amount.0.into(),
            now.0.into(),
            BatchState::Running.as_str().into(),
        ],
    )?;
    Ok(rows == 1)
}

/// What came of a chunk, sealed as its input was; nothing when it is not worked off or is purged.
pub fn output(tx: &mut Tx<'_>, batch: BatchId, chunk: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT output FROM batch_chunks
               WHERE batch = ?1 AND chunk = ?2 AND output IS NOT NULL";
    let row = tx.first(sql, &[id(batch), chunk.into()])?;
    row.map(|row| Ok(row.bytes(0)?.to_vec())).transpose()
}

/// Forgets the rows of batches that ended before `until`, and all of those that were never handed
/// in whole and began before it; at most `limit` chunks; gives how many went.
pub fn purge(tx: &mut Tx<'_>, until: Timestamp, limit: i64) -> Result<u64, StoreError> {
    let gone = tx.execute(
        "DELETE FROM batch_chunks WHERE (batch, chunk) IN
             (SELECT c.batch, c.chunk FROM batch_chunks c JOIN batches b ON b.id = c.batch
              WHERE b.ended_at < ?1 OR (b.state = ?2 AND b.created_at < ?1) LIMIT ?3)",
        &[until.0.into(), BatchState::Loading.as_str().into(), limit.into()],
    )?;
    if gone < limit as u64 {
        let sql = "DELETE FROM batches WHERE state = ?2 AND created_at < ?1";
        tx.execute(sql, &[until.0.into(), BatchState::Loading.as_str().into()])?;
    }
    Ok(gone)
}

fn id(batch: BatchId) -> Value {
    (&batch.0).into()
}

fn read(row: &Row) -> Result<Batch, StoreError> {
    Ok(Batch {
        id: BatchId(row.array(0)?),
        merchant: MerchantId(row.int(1)?),
        app: AppId(row.text(2)?.to_owned()),
        content: row.array(3)?,
        state: BatchState::parse(row.text(4)?).ok_or_else(|| corrupt("batches.state"))?,
        rows: row.int(5)?,
        rows_done: row.int(6)?,
        codes: serde_json::from_str(row.text(7)?).map_err(|_| corrupt("batches.codes"))?,
        billed: row.int(8)?,
        amount: Amount(row.int(9)?),
        created_at: Timestamp(row.int(10)?),
        ended_at: row.maybe_int(11)?.map(Timestamp),
    })
}
