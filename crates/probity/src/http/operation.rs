//! What the operator's tools ask: is it alive, can it serve, how does it do.

use domain::call::Answer;
use engine::Health;

use super::reply::plain;
use super::server::Shared;

/// Alive: the process answers. Nothing is looked at, so that a slow database does not get the
/// process killed.
pub(crate) fn healthz() -> Answer {
    plain(200, "ok\n")
}

/// Ready: calls can be served. The reason for not being so stands in the log.
pub(crate) fn readyz(shared: &Shared) -> Answer {
    match shared.engine.health() {
        Health::Ready if shared.is_open() => plain(200, "ready\n"),
        _ => plain(503, "not ready; the log says why\n"),
    }
}

/// The metrics in Prometheus' text form.
pub(crate) fn metrics(shared: &Shared) -> Answer {
    shared.measure();
    plain(200, &shared.metrics.render())
}
