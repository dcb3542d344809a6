//! Waiting, on threads that have nothing else to do: the database threads, and who opens or closes.

use std::time::Duration;

#[expect(clippy::disallowed_methods, reason = "the seam for waiting on these threads")]
pub(crate) fn pause(length: Duration) {
    std::thread::sleep(length);
}
