//! The pool: threads with a connection each, for units and reads.

use std::time::Duration;

use crossbeam_channel::{Receiver, select};

use super::{Connector, Isolation, PgConnection, is_refusal};
use crate::fail_points::fail_point;
use crate::hot::UnitJob;
use crate::pause::pause;
use crate::tx::Inner;
use crate::{StoreError, Tx};

/// A unit that collided this often will not get through now.
const ATTEMPTS_MAX: u32 = 30;
const PAUSE_MAX_MS: u32 = 20;

/// Runs until both queues are closed and empty.
pub(crate) fn run_pool(
    connector: &Connector,
    units: &Receiver<UnitJob>,
    reads: &Receiver<UnitJob>,
) {
    let mut connection: Option<PgConnection> = None;
    let (mut units_open, mut reads_open) = (true, true);
    while units_open || reads_open {
        let never = crossbeam_channel::never();
        select! {
            recv(if units_open { units } else { &never }) -> job => match job {
                Ok(job) => run(connector, &mut connection, job, Isolation::Serializable),
                Err(_) => units_open = false,
            },
            recv(if reads_open { reads } else { &never }) -> job => match job {
                Ok(job) => run(connector, &mut connection, job, Isolation::ReadOnly),
                Err(_) => reads_open = false,
            },
        }
    }
}

fn run(
    connector: &Connector,
    connection: &mut Option<PgConnection>,
    mut job: UnitJob,
    isolation: Isolation,
) {
    let mut result = attempt(connector, connection, &mut job, isolation);
    // The connection may have been lost while it was idle; nothing of the unit was kept.
    if matches!(result, Err(StoreError::Unavailable(_))) && connection.take().is_some() {
        result = attempt(connector, connection, &mut job, isolation);
    }
    for attempt_number in 1..ATTEMPTS_MAX {
        if !result.as_ref().is_err_and(StoreError::is_collision) {
            break;
        }
        tracing::debug!(unit = job.name, attempt_number, "a unit collided and is run again");
        pause(Duration::from_millis(u64::from(attempt_number.min(PAUSE_MAX_MS))));
        result = attempt(connector, connection, &mut job, isolation);
    }
    (job.done)(result);
}

fn attempt(
    connector: &Connector,
    connection: &mut Option<PgConnection>,
    job: &mut UnitJob,
    isolation: Isolation,
) -> Result<(), StoreError> {
    let open = connector.ensure(connection)?;
    let mut tx = Tx(Inner::Postgres(open.begin(isolation)?));
    (job.run)(&mut tx)?;
    fail_point!("unit.worked");
    let Tx(Inner::Postgres(tx)) = tx else { unreachable!("made so above") };
    let committed = tx.commit().map_err(|error| {
        let refused = is_refusal(&error);
        let error = StoreError::from(error);
        if refused { error } else { StoreError::Unknown(error.to_string()) }
    });
    fail_point!("unit.committed");
    committed
}
