//! Days and hours of the reports, all in Asia/Shanghai.

use crate::time::{Day, Span, Timestamp};

/// The five parts of a day; each instant is in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// 凌晨, 0:00 to 5:59.
    EarlyMorning,
    /// 上午, 6:00 to 10:59.
    Morning,
    /// 中午, 11:00 to 13:59.
    Noon,
    /// 下午, 14:00 to 17:59.
    Afternoon,
    /// 晚上, 18:00 to 23:59.
    Night,
}

impl Part {
    pub fn of(at: Timestamp) -> Self {
        match hour(at) {
            0..=5 => Self::EarlyMorning,
            6..=10 => Self::Morning,
            11..=13 => Self::Noon,
            14..=17 => Self::Afternoon,
            _ => Self::Night,
        }
    }
}

/// The hour, 0 to 23.
pub(super) fn hour(at: Timestamp) -> i64 {
    (at - at.shanghai_day().shanghai_start()).0 / Span::hours(1).0
}

/// Whether it is a time at which most people sleep: 23:00 to 5:59.
pub(crate) fn is_night(at: Timestamp) -> bool {
    matches!(hour(at), 23 | 0..=5)
}

/// Saturday and Sunday, worked or not.
pub fn is_weekend(day: Day) -> bool {
    // 1970-01-01 was a Thursday.
    (day.0 + 3).rem_euclid(7) >= 5
}

/// New Year's Day of the lunar calendar, 端午 and 中秋, which follow the moon, and 清明: year, then
/// four times month and day.
const MOVING: [(i32, [(u32, u32); 4]); 8] = [
    (2023, [(1, 22), (6, 22), (9, 29), (4, 5)]),
    (2024, [(2, 10), (6, 10), (9, 17), (4, 4)]),
    (2025, [(1, 29), (5, 31), (10, 6), (4, 4)]),
    (2026, [(2, 17), (6, 19), (9, 25), (4, 5)]),
    (2027, [(2, 6), (6, 9), (9, 15), (4, 5)]),
    (2028, [(1, 26), (5, 28), (10, 3), (4, 4)]),
    (2029, [(2, 13), (6, 16), (9, 22), (4, 4)]),
    (2030, [(2, 3), (6, 5), (9, 12), (4, 5)]),
];

/// A statutory holiday itself (全国年节及纪念日放假办法, 2024), not the days that are moved around
/// it. Of years outside 2023 to 2030 only the holidays of fixed date are known.
pub fn is_holiday(day: Day) -> bool {
    let (year, month, date) = day.civil();
    if matches!((month, date), (1, 1) | (5, 1 | 2) | (10, 1..=3)) {
        return true;
    }
    let Some((_, moving)) = MOVING.iter().find(|(of, _)| *of == year) else { return false };
    let on = |(month, date)| Day::from_civil(year, month, date).map_or(i32::MAX, |day| day.0);
    // New Year's Eve and the first three days.
    let spring = on(moving[0]);
    (spring - 1..=spring + 2).contains(&day.0) || moving[1..].contains(&(month, date))
}

/// Whole days before today: 0 is today, and so is what a hurried clock puts after it.
pub(crate) fn age_days(at: Timestamp, today: Day) -> i32 {
    (today.0 - at.shanghai_day().0).max(0)
}
