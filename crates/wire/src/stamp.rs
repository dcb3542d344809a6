//! When a request was signed, and whether that is now.

use domain::time::{Span, Timestamp};

/// How far the time of signing may be from now, either way; at the limit it still holds.
pub(crate) const WINDOW: Span = Span::minutes(15);

pub(crate) fn is_in_window(stamp: Timestamp, now: Timestamp) -> bool {
    (now - WINDOW..=now + WINDOW).contains(&stamp)
}

/// Seconds or milliseconds since 1970, told apart by their size.
pub(crate) fn by_magnitude(text: &str) -> Option<Timestamp> {
    const SECONDS_DIGITS_MAX: usize = 11;
    const MILLISECONDS_DIGITS_MAX: usize = 14;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || text.len() > MILLISECONDS_DIGITS_MAX {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    let unit_us = if text.len() <= SECONDS_DIGITS_MAX { 1_000_000 } else { 1_000 };
    Some(Timestamp(number * unit_us))
}
