//! The one place where work is put beside the caller's.

use std::future::Future;
use std::time::Duration;

use domain::time::Span;

/// Runs `task` on its own; it goes on when the caller goes away.
#[expect(clippy::disallowed_methods, reason = "this is the seam for it")]
pub fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

/// Waits for `span` of real time.
#[expect(clippy::disallowed_methods, reason = "this is the seam for it")]
pub async fn pause(span: Span) {
    tokio::time::sleep(Duration::from_micros(span.0.max(0) as u64)).await;
}
