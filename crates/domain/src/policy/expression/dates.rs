//! Days and moments. A day is one of Asia/Shanghai.

use super::super::decimal::Decimal;
use super::super::value::{Value, date, duration};
use super::{Function, Kind, Node};
use crate::time::{Day, Span, Timestamp};

/// What a date or duration that is written out stands for, or what is wrong with it.
pub(super) fn constant(function: Function, arguments: &[Node]) -> Option<Result<Kind, String>> {
    let [Node { kind: Kind::Constant(Value::Text(text)), .. }] = arguments else { return None };
    match function {
        Function::Date if &**text == "now" => Some(Ok(Kind::Call(Function::Now, Vec::new()))),
        Function::Date => Some(match date(text) {
            Some(at) => Ok(Kind::Constant(Value::Date(at))),
            None => Err(format!("'{text}' is no date; write '2026-11-21', '2026-11-21 08:00:00'")),
        }),
        Function::Duration => Some(match duration(text) {
            Some(span) => Ok(Kind::Constant(Value::Duration(span))),
            None => Err(format!("'{text}' is no duration; write '30d', '1d 12h', '90m', '10s'")),
        }),
        _ => None,
    }
}

/// A part of the date: 2026, 11, 21, or 1 for Monday to 7 for Sunday.
pub(super) fn part(function: Function, at: Timestamp) -> Value {
    let day = at.shanghai_day();
    let (year, month, day_of_month) = day.civil();
    let part = match function {
        Function::Year => i64::from(year),
        Function::Month => i64::from(month),
        Function::DayOfMonth => i64::from(day_of_month),
        // 1970-01-01 was a Thursday.
        _ => i64::from((day.0 + 3).rem_euclid(7) + 1),
    };
    Value::Number(Decimal::from(part))
}

/// The moment so much later, between the years 1 and 9999.
pub(super) fn moved(at: Timestamp, span: i64) -> Value {
    let first = Day::from_civil(1, 1, 1).expect("a date").shanghai_start();
    let last = Day::from_civil(9999, 12, 31).expect("a date").shanghai_start();
    match at.0.checked_add(span).map(Timestamp) {
        Some(at) if (first..=last).contains(&at) => Value::Date(at),
        _ => Value::Unknown,
    }
}

pub(super) fn span(us: Option<i64>) -> Value {
    us.map_or(Value::Unknown, |us| Value::Duration(Span(us)))
}
