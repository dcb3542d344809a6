//! SQLite's one writer: everything that waits goes into one transaction, then everybody is told.

use std::sync::atomic::Ordering;

use crossbeam_channel::{Receiver, select};
use domain::call::Settled;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::group::SqliteGroup;
use crate::driver::Group;
use crate::fail_points::fail_point;
use crate::hot::{self, Drawing, GROUP_MAX, HotJob, HotStats, UnitJob, WriterJob};
use crate::settle::{GroupEnd, Item, Lane, settle};
use crate::tx::Inner;
use crate::{StoreError, Tx};

/// What the writer thread owns.
pub(crate) struct Writer<'s> {
    pub(crate) connection: Connection,
    pub(crate) node: String,
    pub(crate) stats: &'s HotStats,
}

type Reply = oneshot::Sender<Result<Settled, StoreError>>;

/// Runs until both queues are closed and empty.
pub(crate) fn run_writer(
    mut writer: Writer<'_>,
    jobs: &Receiver<WriterJob>,
    bulk: &Receiver<UnitJob>,
) {
    let mut lane: Option<Lane> = None;
    let mut carry: Vec<HotJob> = Vec::new();
    // A closed channel is always ready to receive; it is taken out of the selection instead.
    let (mut jobs_open, mut bulk_open) = (true, true);
    while jobs_open || bulk_open || !carry.is_empty() {
        let mut batch = Batch::default();
        for job in std::mem::take(&mut carry) {
            batch.calls.take(job, &mut carry);
        }
        if batch.is_empty() {
            let never = crossbeam_channel::never();
            let never_bulk = crossbeam_channel::never();
            select! {
                recv(if jobs_open { jobs } else { &never }) -> job => match job {
                    Ok(job) => batch.take(job, &mut carry),
                    Err(_) => jobs_open = false,
                },
                recv(if bulk_open { bulk } else { &never_bulk }) -> unit => match unit {
                    Ok(unit) => batch.units.push(unit),
                    Err(_) => bulk_open = false,
                },
            }
        }
        while batch.len() < GROUP_MAX
            && let Ok(job) = jobs.try_recv()
        {
            batch.take(job, &mut carry);
        }
        // One chunk of bulk work per group: calls never wait for more than that.
        if batch.units.is_empty()
            && let Ok(unit) = bulk.try_recv()
        {
            batch.units.push(unit);
        }
        if !batch.is_empty() {
            lane = writer.commit(batch, lane, jobs.len());
        }
    }
    if writer.stats.folds_log.load(Ordering::Relaxed) {
        writer.fold_log();
    }
}

/// What goes into one transaction.
#[derive(Default)]
struct Batch {
    calls: Drawing,
    units: Vec<UnitJob>,
}

impl Batch {
    fn take(&mut self, job: WriterJob, carry: &mut Vec<HotJob>) {
        match job {
            WriterJob::Hot(job) => self.calls.take(job, carry),
            WriterJob::Unit(unit) => self.units.push(unit),
        }
    }

    fn len(&self) -> usize {
        self.calls.len() + self.units.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Writer<'_> {
    /// Commits one batch and tells everybody; gives the lane as it stands afterwards.
    fn commit(&mut self, batch: Batch, lane: Option<Lane>, queued: usize) -> Option<Lane> {
        let Batch { calls, mut units } = batch;
        let (items, replies): (Vec<Item>, Vec<Reply>) =
            calls.finish().into_iter().map(|job| (job.item, job.reply)).unzip();
        let worked = self.work(&items, &mut units, lane);
        let (end, unit_results) = match worked {
            Ok(worked) => worked,
            Err(error) => {
                self.roll_back();
                tell_failure(replies, units, &error);
                return lane;
            }
        };
        let mut lane_after = end.lane;
        if let Err(error) = self.connection.execute_batch("COMMIT") {
            tracing::error!(%error, "a commit failed");
            self.roll_back();
            if !self.is_kept(lane, end.lane) {
                tell_failure(replies, units, &error.into());
                return None;
            }
            lane_after = None;
        }
        fail_point!("settle.committed");
        fail_point!("unit.committed");
        self.stats.committed(items.len(), queued);
        hot::reply(replies, Ok(end.settled));
        units.into_iter().zip(unit_results).for_each(|(unit, result)| (unit.done)(result));
        lane_after
    }

    /// Whether a group whose COMMIT failed is in the log nevertheless: its rows tell, if it added
    /// any. The lane is not used again either way.
    fn is_kept(&self, before: Option<Lane>, after: Option<Lane>) -> bool {
        after.is_some_and(|lane| {
            let moved = before.is_none_or(|before| before.seq < lane.seq);
            let mut group = SqliteGroup(&self.connection);
            moved && group.has_row(lane.id, lane.seq).unwrap_or(false)
        })
    }

    fn work(
        &mut self,
        items: &[Item],
        units: &mut [UnitJob],
        lane: Option<Lane>,
    ) -> Result<(GroupEnd, Vec<Result<(), StoreError>>), StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let end = if items.is_empty() {
            GroupEnd { settled: Vec::new(), lane }
        } else {
            settle(&mut SqliteGroup(&self.connection), lane, &self.node, items)?
        };
        let results: Result<Vec<_>, _> = units.iter_mut().map(|unit| self.run_unit(unit)).collect();
        Ok((end, results?))
    }

    /// Runs a unit in a savepoint. The outer error is one that ended the whole transaction (a full
    /// disk, an I/O error); the inner one undid this unit alone.
    fn run_unit(&self, unit: &mut UnitJob) -> Result<Result<(), StoreError>, StoreError> {
        self.connection.execute_batch("SAVEPOINT unit")?;
        let result = (unit.run)(&mut Tx(Inner::Sqlite(&self.connection)));
        fail_point!("unit.worked");
        if self.connection.is_autocommit() {
            return Err(result.err().unwrap_or_else(|| {
                StoreError::Unavailable(format!("unit {} lost its transaction", unit.name))
            }));
        }
        if result.is_err() {
            self.connection.execute_batch("ROLLBACK TO unit")?;
        }
        self.connection.execute_batch("RELEASE unit")?;
        Ok(result)
    }

    /// At the end: what stands in the log goes into the file, which is then whole by itself.
    fn fold_log(&self) {
        let folded = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = folded {
            tracing::warn!(%error, "the log stays beside the database; the next start reads it");
        }
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}

fn tell_failure(replies: Vec<Reply>, units: Vec<UnitJob>, error: &StoreError) {
    hot::reply(replies, Err(hot::again(error)));
    for unit in units {
        (unit.done)(Err(hot::again(error)));
    }
}
