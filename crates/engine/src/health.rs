//! Whether this node can serve, and why not.

use std::sync::Mutex;

use domain::time::{Span, Timestamp};
use store::StoreError;

use crate::Engine;

/// After a failed write the node is not ready until a write succeeds again.
#[derive(Default)]
pub(crate) struct HealthCell(Mutex<State>);

#[derive(Default)]
struct State {
    store_fault: Option<String>,
    clock_fault: Option<String>,
    last_told: Option<Timestamp>,
}

/// The same fault is logged once in this time.
const TELL_AGAIN_AFTER: Span = Span::seconds(5);

/// What `/readyz` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    Ready,
    /// For the operator; it goes to the log and to nobody else.
    NotReady(String),
}

impl HealthCell {
    pub(crate) fn store_failed(&self, error: &StoreError, now: Timestamp) {
        let mut state = self.0.lock().expect("nobody panics with it");
        let tell = state.last_told.is_none_or(|told| (now - told).0 > TELL_AGAIN_AFTER.0);
        if tell {
            state.last_told = Some(now);
            tracing::error!(
                %error,
                "the database cannot be written; calls are refused with 503, nothing \
                 acknowledged is lost"
            );
        }
        state.store_fault = Some(error.to_string());
    }

    pub(crate) fn store_works(&self) {
        let mut state = self.0.lock().expect("nobody panics with it");
        if state.store_fault.take().is_some() {
            state.last_told = None;
            tracing::info!("the database can be written again");
        }
    }

    pub(crate) fn clock_drifts(&self, fault: Option<String>) {
        let mut state = self.0.lock().expect("nobody panics with it");
        if let Some(fault) = &fault
            && state.clock_fault.is_none()
        {
            tracing::error!(fault, "this node refuses to serve");
        }
        state.clock_fault = fault;
    }
}

impl Engine {
    pub fn health(&self) -> Health {
        let state = self.inner.health.0.lock().expect("nobody panics with it");
        match state.clock_fault.as_ref().or(state.store_fault.as_ref()) {
            Some(fault) => Health::NotReady(fault.clone()),
            None => Health::Ready,
        }
    }

    /// Whether calls may be served at all: not when the clocks disagree.
    pub fn may_serve(&self) -> bool {
        self.inner.health.0.lock().expect("nobody panics with it").clock_fault.is_none()
    }
}
