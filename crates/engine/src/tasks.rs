//! The one place where work is put beside the caller's.

use std::future::Future;
use std::time::Duration;

use domain::time::Span;
pub(crate) use tokio::task::{Id, JoinSet};

/// Runs `task` on its own; it goes on when the caller goes away.
#[expect(clippy::disallowed_methods, reason = "this is the seam for it")]
pub fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

/// Runs all of `tasks` side by side and gives what they come to, in their order; nothing for one
/// that panicked. They end with the caller.
pub async fn all<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<Option<T>> {
    let mut running = JoinSet::new();
    let mut results = Vec::new();
    for (at, task) in tasks.into_iter().enumerate() {
        running.spawn(async move { (at, task.await) });
        results.push(None);
    }
    while let Some(ended) = running.join_next().await {
        if let Ok((at, result)) = ended {
            results[at] = Some(result);
        }
    }
    results
}

/// Waits for `span` of real time.
#[expect(clippy::disallowed_methods, reason = "this is the seam for it")]
pub async fn pause(span: Span) {
    tokio::time::sleep(Duration::from_micros(span.0.max(0) as u64)).await;
}
