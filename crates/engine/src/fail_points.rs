//! Named places where the crash tests end or slow a session or a decision; their list is the
//! store's.

use crate::tasks;

/// A named place to crash or to pause at. Does nothing without the feature `failpoints`.
macro_rules! fail_point {
    ($name:literal) => {
        crate::fail_points::pass($name).await
    };
}
pub(crate) use fail_point;

pub(crate) async fn pass(name: &str) {
    if let Some(pause) = store::fail_points::pause_at(name) {
        tasks::pause(pause).await;
    }
}
