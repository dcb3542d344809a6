//! The hot look-up on PostgreSQL: all that waits in one statement.

use std::collections::HashMap;

use crossbeam_channel::Receiver;
use domain::features::Behaviour;
use domain::subject::SubjectHash;
use domain::time::Timestamp;

use super::{Connector, Isolation, PgConnection};
use crate::StoreError;
use crate::hot::{self, FindJob, Found};
use crate::value::corrupt;

/// The most look-ups of one statement.
const BATCH_MAX: usize = 64;

/// Runs until the queue is closed and empty.
pub(crate) fn run_finder(connector: &Connector, jobs: &Receiver<FindJob>) {
    let mut connection: Option<PgConnection> = None;
    while let Ok(first) = jobs.recv() {
        let more = std::iter::from_fn(|| jobs.try_recv().ok());
        let batch: Vec<FindJob> = std::iter::once(first).chain(more).take(BATCH_MAX).collect();
        let mut found = find(connector, &mut connection, &batch);
        // The connection may have been lost while it was idle.
        if found.is_err() && connection.take().is_some() {
            found = find(connector, &mut connection, &batch);
        }
        match found {
            Ok(found) => {
                for (job, found) in batch.into_iter().zip(found) {
                    drop(job.reply.send(Ok(found)));
                }
            }
            Err(error) => {
                for job in batch {
                    drop(job.reply.send(Err(hot::again(&error))));
                }
            }
        }
    }
}

fn find(
    connector: &Connector,
    connection: &mut Option<PgConnection>,
    batch: &[FindJob],
) -> Result<Vec<Found>, StoreError> {
    let mut tx = connector.ensure(connection)?.begin(Isolation::ReadOnly)?;
    let ids: Vec<&[u8]> = batch.iter().map(|job| &job.id.0[..]).collect();
    let since: Vec<i64> = batch.iter().map(|job| job.since.0).collect();
    let rows = tx.rows(
        "SELECT n.place, m.subject, b.kind, b.name, b.at, b.value
         FROM UNNEST(CAST(?1 AS BYTEA[]), CAST(?2 AS BIGINT[])) WITH ORDINALITY
              AS n (id_hash, since, place)
         JOIN id_mappings m ON m.id_hash = n.id_hash
         LEFT JOIN behaviours b ON b.subject = m.subject AND b.at > n.since
         ORDER BY n.place, b.kind, b.name, b.at",
        &[&ids, &since],
    )?;
    let mut found: HashMap<i64, Found> = HashMap::new();
    for row in &rows {
        let subject: &[u8] = row.try_get(1)?;
        let subject = SubjectHash(subject.try_into().map_err(|_| corrupt("subject"))?);
        let entry = found
            .entry(row.try_get(0)?)
            .or_insert_with(|| Found::Subject { subject, behaviours: Vec::new() });
        if let (Some(kind), Found::Subject { behaviours, .. }) =
            (row.try_get::<_, Option<String>>(2)?, entry)
        {
            behaviours.push(Behaviour {
                kind,
                name: row.try_get(3)?,
                at: Timestamp(row.try_get(4)?),
                value: row.try_get(5)?,
            });
        }
    }
    Ok((1..=batch.len() as i64)
        .map(|place| found.remove(&place).unwrap_or(Found::Nobody))
        .collect())
}
