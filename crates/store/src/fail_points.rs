//! The names of all fail points. Each durable step has one; the crash tests enumerate this list,
//! so that a new step is crashed without anybody remembering to.

/// In the order in which a call passes them.
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
];

/// Where a fail point whose action is `return` ends: the process dies as by `kill -9`, without a
/// destructor or a flush. Does not exist in a build without fail points.
#[cfg(feature = "failpoints")]
#[expect(clippy::disallowed_methods, reason = "dying without a word is what it is for")]
pub(crate) fn crash<T>() -> T {
    std::process::abort()
}

/// A named place to crash at. Compiles to nothing without the feature `failpoints`.
macro_rules! fail_point {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        fail::fail_point!($name, |_| crate::fail_points::crash());
    };
}
pub(crate) use fail_point;
