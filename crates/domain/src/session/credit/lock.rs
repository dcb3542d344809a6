//! Wrong passwords for an account of the bureau's platform (508108): after five in a row nothing
//! is tried for ten minutes.

use crate::time::{Span, Timestamp};

/// Wrong passwords that are answered as such; whatever comes after them is locked out.
pub const WRONG_PASSWORDS_MAX: u8 = 5;
/// How long after the last of them.
pub const LOCK_LENGTH: Span = Span::minutes(10);

/// The wrong passwords in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginLock {
    pub wrong: u8,
    pub last_at: Timestamp,
}

impl LoginLock {
    /// No wrong password yet.
    pub const NONE: Self = Self { wrong: 0, last_at: Timestamp(0) };

    /// Counts an attempt as wrong before it is made, so that attempts at the same time cannot
    /// outrun the count; nothing when the account is locked.
    pub fn tried(self, now: Timestamp) -> Option<Self> {
        match (self.wrong >= WRONG_PASSWORDS_MAX, now < self.last_at + LOCK_LENGTH) {
            (true, true) => None,
            (true, false) => Some(Self { wrong: 1, last_at: now }),
            (false, _) => Some(Self { wrong: self.wrong + 1, last_at: now }),
        }
    }

    /// Takes an attempt back that said nothing of the password.
    #[must_use]
    pub fn untried(self) -> Self {
        Self { wrong: self.wrong.saturating_sub(1), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_is_locked_out_until_ten_minutes_after_the_fifth() {
        let at = |us: i64| Timestamp(1_000_000_000_000_000 + us);
        let mut lock = LoginLock::NONE;
        for attempt in 0..5 {
            lock = lock.tried(at(attempt)).expect("five are tried");
        }
        let end = 4 + LOCK_LENGTH.0;
        for (now, is_tried) in [(5, false), (end - 1, false), (end, true), (end + 1, true)] {
            assert_eq!(lock.tried(at(now)).is_some(), is_tried, "{now}");
        }
        let again = lock.tried(at(end)).expect("free again");
        assert_eq!(again.wrong, 1);
        // What said nothing of the password does not count, the fifth neither.
        assert!(lock.untried().tried(at(6)).is_some());
    }
}
