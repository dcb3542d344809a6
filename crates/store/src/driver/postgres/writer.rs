//! A lane writer on PostgreSQL: draws a group, settles it, tells everybody.

use std::time::Duration;

use crossbeam_channel::Receiver;
use domain::call::Settled;
use tokio::sync::oneshot;

use super::group::PgGroup;
use super::{Connector, Isolation, PgConnection, is_refusal};
use crate::StoreError;
use crate::driver::Group;
use crate::fail_points::fail_point;
use crate::hot::{self, HotJob, HotStats};
use crate::pause::pause;
use crate::settle::{GroupEnd, Item, Lane, settle};

/// How often a group that collided is tried again.
const ATTEMPTS_MAX: u32 = 8;

/// How long a writer looks for the database to learn a commit's outcome.
const LOOK_UP_ATTEMPTS_MAX: u32 = 20;
const LOOK_UP_PAUSE: Duration = Duration::from_millis(250);

/// What a writer thread owns.
pub(crate) struct Writer<'s> {
    pub(crate) connector: Connector,
    pub(crate) node: String,
    pub(crate) stats: &'s HotStats,
}

enum Failed {
    /// Nothing of the group was kept.
    NotKept(StoreError),
    /// The COMMIT was sent and not answered.
    Unknown(StoreError, GroupEnd),
}

/// Runs until the queue is closed and empty.
pub(crate) fn run_writer(writer: &Writer<'_>, jobs: &Receiver<HotJob>) {
    let mut connection: Option<PgConnection> = None;
    let mut lane: Option<Lane> = None;
    let mut carry: Vec<HotJob> = Vec::new();
    loop {
        let group = hot::draw(jobs, &mut carry);
        if group.is_empty() {
            return;
        }
        let (items, replies): (Vec<Item>, Vec<oneshot::Sender<Result<Settled, StoreError>>>) =
            group.into_iter().map(|job| (job.item, job.reply)).unzip();
        let result = writer.settle(&mut connection, &mut lane, &items);
        if result.is_ok() {
            writer.stats.committed(items.len(), jobs.len());
        }
        hot::reply(replies, result);
    }
}

impl Writer<'_> {
    fn settle(
        &self,
        connection: &mut Option<PgConnection>,
        lane: &mut Option<Lane>,
        items: &[Item],
    ) -> Result<Vec<Settled>, StoreError> {
        let mut attempt_number = 0;
        loop {
            attempt_number += 1;
            match self.attempt(connection, *lane, items) {
                Ok(end) => {
                    *lane = end.lane;
                    return Ok(end.settled);
                }
                Err(Failed::NotKept(error))
                    if error.is_collision() && attempt_number < ATTEMPTS_MAX => {}
                // The connection may have been lost while it was idle.
                Err(Failed::NotKept(StoreError::Unavailable(_)))
                    if attempt_number == 1 && connection.take().is_some() => {}
                Err(Failed::NotKept(error)) => {
                    tracing::error!(%error, "a group could not be settled");
                    return Err(error);
                }
                Err(Failed::Unknown(error, end)) => {
                    // Whatever became of it, this lane is not used again.
                    *lane = None;
                    return self.look_up(connection, &error, end);
                }
            }
        }
    }

    fn attempt(
        &self,
        connection: &mut Option<PgConnection>,
        lane: Option<Lane>,
        items: &[Item],
    ) -> Result<GroupEnd, Failed> {
        let open = self.connector.ensure(connection).map_err(Failed::NotKept)?;
        let tx = open.begin(Isolation::ReadCommitted).map_err(Failed::NotKept)?;
        let mut group = PgGroup(tx);
        let end = settle(&mut group, lane, &self.node, items).map_err(Failed::NotKept)?;
        match group.0.commit() {
            Ok(()) => {
                fail_point!("settle.committed");
                Ok(end)
            }
            Err(error) if is_refusal(&error) => Err(Failed::NotKept(error.into())),
            Err(error) => Err(Failed::Unknown(error.into(), end)),
        }
    }

    /// Learns from the lane whether a group whose COMMIT was not answered was kept.
    fn look_up(
        &self,
        connection: &mut Option<PgConnection>,
        error: &StoreError,
        end: GroupEnd,
    ) -> Result<Vec<Settled>, StoreError> {
        tracing::warn!(%error, "a commit was not answered; looking at its lane");
        let Some(lane) = end.lane else {
            return Ok(end.settled);
        };
        for _ in 0..LOOK_UP_ATTEMPTS_MAX {
            *connection = None;
            match self.is_kept(connection, lane) {
                Ok(true) => return Ok(end.settled),
                Ok(false) => {
                    return Err(StoreError::Unavailable("the commit was lost".to_owned()));
                }
                Err(error) => tracing::warn!(%error, "the lane cannot be looked at yet"),
            }
            pause(LOOK_UP_PAUSE);
        }
        Err(StoreError::Unknown(error.to_string()))
    }

    fn is_kept(
        &self,
        connection: &mut Option<PgConnection>,
        lane: Lane,
    ) -> Result<bool, StoreError> {
        let tx = self.connector.ensure(connection)?.begin(Isolation::ReadCommitted)?;
        // Dropped without a COMMIT.
        PgGroup(tx).has_row(lane.id, lane.seq)
    }
}
