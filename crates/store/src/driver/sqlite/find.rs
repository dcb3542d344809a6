//! The hot look-up on SQLite: id -> subject -> behaviours, on a connection of its own.

use crossbeam_channel::Receiver;
use domain::features::Behaviour;
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;
use crate::hot::{FindJob, Found};

/// The most look-ups of one read transaction.
const BATCH_MAX: usize = 64;

/// Runs until the queue is closed and empty.
pub(crate) fn run_finder(connection: &Connection, jobs: &Receiver<FindJob>) {
    while let Ok(first) = jobs.recv() {
        let more = std::iter::from_fn(|| jobs.try_recv().ok());
        let batch: Vec<FindJob> = std::iter::once(first).chain(more).take(BATCH_MAX).collect();
        let found = find_all(connection, &batch);
        for (job, found) in batch.into_iter().zip(found) {
            // A caller that went away needs no answer.
            drop(job.reply.send(found));
        }
    }
}

/// All that waits in one read transaction: each one locks the log anew, and drops the pages that
/// it holds when the writer was there in between.
fn find_all(connection: &Connection, batch: &[FindJob]) -> Vec<Result<Found, StoreError>> {
    // Each look-up is as good alone: without the bracket it is only slower.
    let begun = run(connection, "BEGIN");
    let found = batch.iter().map(|job| find(connection, job)).collect();
    if begun.and_then(|()| run(connection, "COMMIT")).is_err() && !connection.is_autocommit() {
        drop(run(connection, "ROLLBACK"));
    }
    found
}

fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn find(connection: &Connection, job: &FindJob) -> Result<Found, StoreError> {
    let mut mapping =
        connection.prepare_cached("SELECT subject FROM id_mappings WHERE id_hash = ?1")?;
    let subject = mapping.query_row(params![job.id.0], |row| row.get(0)).optional()?;
    let Some(subject) = subject.map(SubjectHash) else {
        return Ok(Found::Nobody);
    };
    let mut select = connection.prepare_cached(
        "SELECT kind, name, at, value FROM behaviours WHERE subject = ?1 AND at > ?2
         ORDER BY kind, name, at",
    )?;
    let rows = select.query_map(params![subject.0, job.since.0], |row| {
        Ok(Behaviour {
            kind: row.get(0)?,
            name: row.get(1)?,
            at: Timestamp(row.get(2)?),
            value: row.get(3)?,
        })
    })?;
    Ok(Found::Subject { subject, behaviours: rows.collect::<Result<_, _>>()? })
}
