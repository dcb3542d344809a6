//! The queues in front of the database threads, and how groups are drawn from them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use crossbeam_channel::Receiver;
use domain::call::{CallName, Settled};
use domain::features::Behaviour;
use domain::subject::{IdHash, SubjectHash};
use domain::time::Timestamp;
use tokio::sync::oneshot;

use crate::settle::Item;
use crate::{StoreError, Tx};

/// The most calls of one group: enough to share an fsync, few enough to stay below 10 ms.
pub(crate) const GROUP_MAX: usize = 256;

/// Calls waiting to be settled; beyond it the server sheds load.
pub(crate) const HOT_QUEUE_MAX: usize = 4_096;
pub(crate) const UNIT_QUEUE_MAX: usize = 1_024;
pub(crate) const BULK_QUEUE_MAX: usize = 64;

/// A call or resolution on its way to be settled.
pub(crate) struct HotJob {
    pub(crate) item: Item,
    pub(crate) reply: oneshot::Sender<Result<Settled, StoreError>>,
}

/// A look-up of one person's behaviours by id.
pub(crate) struct FindJob {
    pub(crate) id: IdHash,
    pub(crate) since: Timestamp,
    pub(crate) reply: oneshot::Sender<Result<Found, StoreError>>,
}

/// What an id leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The id maps to no subject.
    Nobody,
    Subject {
        subject: SubjectHash,
        behaviours: Vec<Behaviour>,
    },
}

type Run = Box<dyn FnMut(&mut Tx<'_>) -> Result<(), StoreError> + Send>;
type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// A unit of work: runs inside a transaction (again after a collision), then reports.
pub(crate) struct UnitJob {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
    pub(crate) done: Done,
}

/// What SQLite's one writer is given.
pub(crate) enum WriterJob {
    Hot(HotJob),
    Unit(UnitJob),
}

/// Counts of the hot path, for metrics and the bench.
#[derive(Debug, Default)]
pub struct HotStats {
    /// Groups committed: one fsync each.
    pub groups: AtomicU64,
    pub calls: AtomicU64,
    /// Whether SQLite's log goes into the file at the end: see `Store::fold_log_on_close`.
    pub(crate) folds_log: AtomicBool,
    /// Jobs in the hot queue as last seen.
    pub queued: AtomicI64,
}

impl HotStats {
    pub(crate) fn committed(&self, calls: usize, queued: usize) {
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.calls.fetch_add(calls as u64, Ordering::Relaxed);
        self.queued.store(queued as i64, Ordering::Relaxed);
    }
}

/// Draws a group: all that waits, up to [`GROUP_MAX`], each name once and sorted by name; what does
/// not fit goes to `carry` and comes first in the next group. Waits for the first job; an empty
/// group says that the queue is closed.
pub(crate) fn draw(queue: &Receiver<HotJob>, carry: &mut Vec<HotJob>) -> Vec<HotJob> {
    let mut drawing = Drawing::default();
    for job in std::mem::take(carry) {
        drawing.take(job, carry);
    }
    if drawing.len() == 0
        && let Ok(job) = queue.recv()
    {
        drawing.take(job, carry);
    }
    while drawing.len() < GROUP_MAX
        && let Ok(job) = queue.try_recv()
    {
        drawing.take(job, carry);
    }
    drawing.finish()
}

/// A group being drawn.
#[derive(Default)]
pub(crate) struct Drawing(BTreeMap<CallName, HotJob>);

impl Drawing {
    /// Takes a job in, or puts it to `carry` when its name is there already or the group is full.
    pub(crate) fn take(&mut self, job: HotJob, carry: &mut Vec<HotJob>) {
        if self.0.len() >= GROUP_MAX || self.0.contains_key(job.item.name()) {
            carry.push(job);
        } else {
            self.0.insert(job.item.name().clone(), job);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn finish(self) -> Vec<HotJob> {
        self.0.into_values().collect()
    }
}

/// Tells everybody of a group how it ended.
pub(crate) fn reply(
    replies: Vec<oneshot::Sender<Result<Settled, StoreError>>>,
    result: Result<Vec<Settled>, StoreError>,
) {
    match result {
        Ok(settled) => {
            for (reply, settled) in replies.into_iter().zip(settled) {
                // A caller that went away asks again by its key.
                drop(reply.send(Ok(settled)));
            }
        }
        Err(error) => {
            for reply in replies {
                drop(reply.send(Err(again(&error))));
            }
        }
    }
}

/// The same error for one more receiver.
pub(crate) fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Overloaded => StoreError::Overloaded,
        StoreError::Unavailable(text) => StoreError::Unavailable(text.clone()),
        StoreError::Collision(text) => StoreError::Collision(text.clone()),
        StoreError::Unknown(text) => StoreError::Unknown(text.clone()),
        StoreError::Corrupt(text) => StoreError::Corrupt(text.clone()),
        StoreError::Refused(text) => StoreError::Refused(text.clone()),
        StoreError::Unusable(text) => StoreError::Unusable(text.clone()),
    }
}

#[cfg(test)]
mod tests;
