//! What stands before a provider on this node: a breaker, a bulkhead and a rate ceiling.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::provider::Breaker;
use domain::rate::Rate;
use domain::time::{Span, Timestamp};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::LiveProvider;
use crate::{Engine, tasks};

/// Steps that may wait for each one that is under way; what is more is turned away at once.
const WAITING_FACTOR: usize = 8;

#[derive(Debug)]
pub(crate) struct Gate {
    breaker: Mutex<Breaker>,
    in_flight: Semaphore,
    waiting: AtomicUsize,
    waiting_max: usize,
    rate: Mutex<Rate>,
}

/// One that waits; the count goes down however the waiting ends.
struct Waiter<'g>(&'g Gate);

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gate {
    pub(crate) fn new(in_flight_max: u32) -> Self {
        let in_flight_max = in_flight_max.max(1) as usize;
        Self {
            breaker: Mutex::default(),
            in_flight: Semaphore::new(in_flight_max),
            waiting: AtomicUsize::new(0),
            waiting_max: in_flight_max * (WAITING_FACTOR + 1),
            rate: Mutex::default(),
        }
    }

    pub(crate) fn admits(&self, now: Timestamp) -> bool {
        self.breaker.lock().expect("nobody panics with it").admits(now)
    }

    /// Waits for a request's turn, for at most the provider's step deadline. Only what begins a
    /// step has to pass the breaker.
    pub(super) async fn enter(
        &self,
        engine: &Engine,
        live: &LiveProvider,
        is_step: bool,
    ) -> Option<SemaphorePermit<'_>> {
        let limits = live.provider.limits;
        let clock = &engine.inner.clock;
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiter = Waiter(self);
        if before >= self.waiting_max || (is_step && !self.admits(clock.machine_now())) {
            return None;
        }
        let turn = async {
            let permit = self.in_flight.acquire().await.ok()?;
            let nodes = engine.inner.live_nodes.load(Ordering::Relaxed).max(1);
            let share = f64::from(limits.rate_per_second) / nodes as f64;
            let step = Span::micros((1e6 / share.max(0.01)) as i64);
            while !self.is_within(share, engine.inner.clock.machine_now()) {
                tasks::pause(step).await;
            }
            Some(permit)
        };
        let wait = Duration::from_micros(limits.step_deadline.0.max(0).unsigned_abs());
        let permit = timeout(wait, turn).await.ok().flatten()?;
        // Taken last: a trial that then waited for its turn would be lost.
        let mut breaker = self.breaker.lock().expect("nobody panics with it");
        let trial = Span(2 * limits.step_deadline.0);
        let passes = !is_step || breaker.take(clock.machine_now(), trial);
        passes.then_some(permit)
    }

    fn is_within(&self, per_second: f64, now: Timestamp) -> bool {
        self.rate.lock().expect("nobody panics with it").admit(now, per_second)
    }

    pub(super) fn succeeded(&self) {
        self.breaker.lock().expect("nobody panics with it").succeeded();
    }

    pub(super) fn failed(&self, now: Timestamp) {
        self.breaker.lock().expect("nobody panics with it").failed(now);
    }
}
