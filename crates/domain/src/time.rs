//! Time as an argument. Everything stored is wall-clock microseconds since 1970 (UTC).

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// Where "now" comes from. Implemented once, in the composition root; the sandbox moves it.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A length of time in microseconds; never negative where a limit is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

/// China keeps one offset and no summer time (since 1991), so a billing day is plain arithmetic.
const SHANGHAI_OFFSET_US: i64 = 8 * 3_600_000_000;
const DAY_US: i64 = 86_400_000_000;

impl Span {
    pub const fn micros(us: i64) -> Self {
        Self(us)
    }
    pub const fn millis(ms: i64) -> Self {
        Self(ms * 1_000)
    }
    pub const fn seconds(s: i64) -> Self {
        Self(s * 1_000_000)
    }
    pub const fn minutes(m: i64) -> Self {
        Self::seconds(m * 60)
    }
    pub const fn hours(h: i64) -> Self {
        Self::minutes(h * 60)
    }
    pub const fn days(d: i64) -> Self {
        Self(d * DAY_US)
    }

    /// Reads `90s`, `10m`, `2h`, `3d` (a bare number is seconds).
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
            Some(at) => text.split_at(at),
            None => (text, "s"),
        };
        let unit_us: i64 = match unit {
            "ms" => 1_000,
            "s" => 1_000_000,
            "m" => 60_000_000,
            "h" => 3_600_000_000,
            "d" => DAY_US,
            _ => return None,
        };
        digits.parse::<i64>().ok()?.checked_mul(unit_us).map(Self)
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Span;
    fn sub(self, other: Self) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl Timestamp {
    /// The calendar day in Asia/Shanghai that this instant falls on.
    pub fn shanghai_day(self) -> Day {
        Day(((self.0 + SHANGHAI_OFFSET_US).div_euclid(DAY_US)) as i32)
    }
}

impl Timestamp {
    /// Reads RFC 3339 (`2026-11-21T08:00:00Z`, `2026-11-21 16:00:00.5+08:00`), or a whole number
    /// of seconds, ms, µs or ns since 1970, told apart by their size.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse::<i64>() {
            return match number {
                0..=99_999_999_999 => Some(Self(number * 1_000_000)),
                100_000_000_000..=99_999_999_999_999 => Some(Self(number * 1_000)),
                100_000_000_000_000..=99_999_999_999_999_999 => Some(Self(number)),
                100_000_000_000_000_000.. => Some(Self(number / 1_000)),
                _ => None,
            };
        }
        let day = Day::parse(text.get(..10)?)?;
        let rest = text.get(10..)?.strip_prefix(['T', 't', ' '])?;
        let zone_at = rest.find(['Z', 'z', '+', '-'])?;
        let (clock, zone) = rest.split_at(zone_at);
        let us = clock_us(clock)? - zone_us(zone)?;
        Some(Self(i64::from(day.0) * DAY_US + us))
    }
}

/// Microseconds into the day of `08:30:00` or `08:30:00.25`.
fn clock_us(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_at_checked(8)?;
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = clock.as_bytes() else { return None };
    let (h, m, s) = (two_digits([h1, h2])?, two_digits([m1, m2])?, two_digits([s1, s2])?);
    let us = match fraction.strip_prefix('.') {
        Some(digits) => fraction_us(digits)?,
        None if fraction.is_empty() => 0,
        None => return None,
    };
    (h <= 23 && m <= 59 && s <= 59).then_some((h * 3600 + m * 60 + s) * 1_000_000 + us)
}

fn fraction_us(digits: &str) -> Option<i64> {
    let fits = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("{digits:0<6}").parse().ok())?
}

/// Microseconds that a zone (`Z`, `+08:00`) is ahead of UTC.
fn zone_us(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let &[h1, h2, b':', m1, m2] = text.as_bytes().get(1..)? else { return None };
    let (h, m) = (two_digits([h1, h2])?, two_digits([m1, m2])?);
    (h <= 23 && m <= 59).then_some(sign * (h * 60 + m) * 60_000_000)
}

fn two_digits(digits: [u8; 2]) -> Option<i64> {
    let [ten, one] = digits.map(|digit| i64::from(digit.wrapping_sub(b'0')));
    (ten <= 9 && one <= 9).then_some(ten * 10 + one)
}

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, microseconds: `2026-11-21T08:00:00.000000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = Day(self.0.div_euclid(DAY_US) as i32).civil();
        let us = self.0.rem_euclid(DAY_US);
        let (s, us) = (us / 1_000_000, us % 1_000_000);
        let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{us:06}Z")
    }
}

/// A calendar day, counted from 1970-01-01; the billing and quota day is Asia/Shanghai's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

impl Day {
    /// The first instant of the day in Asia/Shanghai.
    pub fn shanghai_start(self) -> Timestamp {
        Timestamp(i64::from(self.0) * DAY_US - SHANGHAI_OFFSET_US)
    }

    /// The instant of a clock (`08:30:00`, `08:30:00.25`) of the day in Asia/Shanghai.
    pub fn shanghai_clock(self, clock: &str) -> Option<Timestamp> {
        Some(Timestamp(self.shanghai_start().0 + clock_us(clock)?))
    }

    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// (year, month, day) of the Gregorian calendar (Howard Hinnant's `civil_from_days`).
    pub fn civil(self) -> (i32, u32, u32) {
        let z = i64::from(self.0) + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
        let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
        let year = (yoe + era * 400 + i64::from(month <= 2)) as i32;
        (year, month, day)
    }

    /// The day of a civil date, or nothing when there is no such date.
    pub fn from_civil(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 {
            return None;
        }
        let y = i64::from(year) - i64::from(month <= 2);
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let mp = i64::from(if month > 2 { month - 3 } else { month + 9 });
        let doy = (153 * mp + 2) / 5 + i64::from(day) - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        let found = Self((era * 146_097 + doe - 719_468) as i32);
        (found.civil() == (year, month, day)).then_some(found)
    }

    /// Reads `2026-11-21`, also without the zeros in front.
    pub fn parse(text: &str) -> Option<Self> {
        if let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() {
            let year = two_digits([y1, y2])? * 100 + two_digits([y3, y4])?;
            let (month, day) = (two_digits([m1, m2])?, two_digits([d1, d2])?);
            return Self::from_civil(year as i32, month as u32, day as u32);
        }
        let mut parts = text.splitn(3, '-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        Self::from_civil(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days `from` up to but without `until`: a billing period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: Day,
    pub until: Day,
}

impl Period {
    /// Reads a day (`2026-11-21`) or a month (`2026-11`).
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(day) = Day::parse(text) {
            return Some(Self { from: day, until: day.next() });
        }
        let (year, month) = text.split_once('-')?;
        let (year, month): (i32, u32) = (year.parse().ok()?, month.parse().ok()?);
        let from = Day::from_civil(year, month, 1)?;
        let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        Some(Self { from, until: Day::from_civil(year, month, 1)? })
    }

    pub fn contains(&self, at: Timestamp) -> bool {
        (self.from..self.until).contains(&at.shanghai_day())
    }
}

#[cfg(test)]
mod tests;
