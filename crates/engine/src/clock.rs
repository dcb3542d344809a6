//! The clock that everything runs on: the machine's, moved ahead by the sandbox's offset.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::time::{Clock, Span, Timestamp};

/// A clock ahead of another one. The offset lives in the database and is 0 outside the sandbox.
pub struct EngineClock {
    machine: Arc<dyn Clock>,
    offset_us: AtomicI64,
}

impl EngineClock {
    pub fn new(machine: Arc<dyn Clock>) -> Self {
        Self { machine, offset_us: AtomicI64::new(0) }
    }

    /// The machine's own time, for what must not move: leases' neighbours, clock drift.
    pub fn machine_now(&self) -> Timestamp {
        self.machine.now()
    }

    /// The machine's own clock.
    pub fn machine(&self) -> &dyn Clock {
        self.machine.as_ref()
    }

    pub fn set_offset(&self, offset: Span) {
        self.offset_us.store(offset.0, Ordering::Relaxed);
    }
}

impl Clock for EngineClock {
    fn now(&self) -> Timestamp {
        self.machine.now() + Span(self.offset_us.load(Ordering::Relaxed))
    }
}
