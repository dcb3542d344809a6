//! The outside world: the machine's clock, its randomness and its environment come in here.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::entropy::Entropy;
use domain::time::{Clock, Timestamp};

/// The machine's wall clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the seam for it")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Timestamp(since.map_or(0, |since| since.as_micros() as i64))
    }
}

/// The operating system's random generator.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the seam for it")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// A variable of the environment; nothing when it is not set or not UTF-8.
#[expect(clippy::disallowed_methods, reason = "this is the seam for it")]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
