//! A calendar month, as bills and statements count.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::Day;

/// Months since January of the year 0; printed as `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    pub fn of(day: Day) -> Self {
        let (year, month, _) = day.civil();
        Self(year * 12 + month as i32 - 1)
    }

    /// Reads `2026-11`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_shaped = text.len() == 7 && text.as_bytes()[4] == b'-';
        is_shaped.then(|| Day::parse(&format!("{text}-01")).map(Self::of))?
    }

    /// The month that lies `months` later (earlier, when negative).
    pub fn plus(self, months: i32) -> Self {
        Self(self.0 + months)
    }

    /// How many months later the other one is; negative when it is earlier.
    pub fn months_until(self, other: Self) -> i32 {
        other.0 - self.0
    }

    pub fn first_day(self) -> Day {
        let month = self.0.rem_euclid(12) as u32 + 1;
        Day::from_civil(self.0.div_euclid(12).clamp(1, 9999), month, 1)
            .expect("each month of a year from 1 to 9999 has a first day")
    }

    /// The day of this number in the month, or its last day when the month is shorter.
    pub fn day(self, number: u32) -> Day {
        let last = Day(self.plus(1).first_day().0 - 1);
        Day(self.first_day().0 + number.max(1) as i32 - 1).min(last)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(super::field::NOT_A_DATE))
    }
}
