//! Applications that this node has just taken in. It decides them itself, from memory, under a
//! lease that their rows got when they became due; what finds no room here waits in the database
//! for whoever looks there.

use std::sync::Mutex;

use tokio::sync::Notify;
use tokio::sync::mpsc::{self, Permit, Receiver, Sender};

use super::waiting::Unusable;
use super::{Content, Open};

/// Applications that may wait here, and how large the JSON of each may be.
const PLACES: usize = 64;
const BYTES_MAX: usize = 256 * 1024;

/// What this node knows of applications beside the database.
pub(crate) struct ApplicationMemory {
    hand_on: Sender<Fresh>,
    /// Until the job that decides has taken it.
    handed_on: Mutex<Option<Receiver<Fresh>>>,
    /// That one came which found no room.
    pub(super) came: Notify,
    /// The policies that the log said to be unusable.
    pub(super) unusable: Unusable,
}

/// An application as it stands in the database, under this node's lease.
pub(super) struct Fresh {
    pub(super) open: Open,
    pub(super) content: Content,
}

impl Default for ApplicationMemory {
    fn default() -> Self {
        let (hand_on, handed_on) = mpsc::channel(PLACES);
        let handed_on = Mutex::new(Some(handed_on));
        Self { hand_on, handed_on, came: Notify::new(), unusable: Unusable::default() }
    }
}

impl ApplicationMemory {
    /// A place for an application of so many bytes, if there is one.
    pub(super) fn place(&self, bytes: usize) -> Option<Permit<'_, Fresh>> {
        if bytes > BYTES_MAX { None } else { self.hand_on.try_reserve().ok() }
    }

    /// What is handed on, for the one that decides.
    pub(super) fn handed_on(&self) -> Option<Receiver<Fresh>> {
        self.handed_on.lock().expect("nobody panics with it").take()
    }
}
