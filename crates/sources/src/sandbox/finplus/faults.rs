//! Ids that make the sandbox fail on purpose, so that a client's retry can be tried. Each is
//! mapped to a person, so that a score comes when the fault is over.

use domain::subject::SubjectRef;
use domain::time::Span;

/// Code 1 at every attempt.
pub const FAILING_IMEI: &str = "353918052107063";
/// Code 1 at the first attempt of each key (`reqId`), then a score.
pub const FAILING_ONCE_IMEI: &str = "353918052107071";
/// Five seconds at the first attempt, then at once.
pub const SLOW_ONCE_IMEI: &str = "353918052107089";

/// What goes wrong when a magic id is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every attempt ends in an internal error.
    Always,
    /// The first attempt of each key ends in an internal error.
    OncePerKey,
    /// The first attempt takes that long, and then succeeds.
    SlowOnce(Span),
}

/// The fault that an id calls up; none for everybody else.
pub fn fault(id: &SubjectRef) -> Option<Fault> {
    match id.canonical().expose().strip_prefix("imei:")? {
        FAILING_IMEI => Some(Fault::Always),
        FAILING_ONCE_IMEI => Some(Fault::OncePerKey),
        SLOW_ONCE_IMEI => Some(Fault::SlowOnce(Span::seconds(5))),
        _ => None,
    }
}
