//! The names of all fail points. Each durable step has one; the crash tests enumerate this list,
//! so that a new step is crashed without anybody remembering to.

use domain::time::Span;

/// In the order in which a call passes them; then those of a start, of a session and of an
/// application.
pub const ALL: &[&str] = &[
    "settle.begun",
    "settle.claimed",
    "settle.counted",
    "settle.journalled",
    "settle.kept",
    "settle.committed",
    "unit.worked",
    "unit.committed",
    "migration.applied",
    "session.taken",
    "session.answered",
    "session.collected",
    "session.billed",
    "application.judged",
];

/// Where a fail point whose action is `return` ends: the process dies as by `kill -9`, without a
/// destructor or a flush. Does not exist in a build without fail points.
#[cfg(feature = "failpoints")]
#[expect(clippy::disallowed_methods, reason = "dying without a word is what it is for")]
pub(crate) fn crash<T>() -> T {
    std::process::abort()
}

/// What the action of a fail point in a layer above says: `return` dies here, `return(ms)` gives a
/// pause, which is the caller's to take: here it would hold a thread that serves others.
#[must_use]
pub fn pause_at(name: &str) -> Option<Span> {
    #[cfg(feature = "failpoints")]
    return fail::eval(name, |argument| match argument {
        Some(pause_ms) => pause_ms.parse().ok().map(Span::millis),
        None => crash(),
    })
    .flatten();
    #[cfg(not(feature = "failpoints"))]
    {
        let _ = name;
        None
    }
}

/// A named place to crash at. Compiles to nothing without the feature `failpoints`.
macro_rules! fail_point {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        fail::fail_point!($name, |_| crate::fail_points::crash());
    };
}
pub(crate) use fail_point;
