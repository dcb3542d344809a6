//! Amounts, days and times as banks and payment apps print them.

use domain::dataset::Fen;
use domain::time::{Day, Span, Timestamp};

/// Reads `¥12.34`, `1,234.00`, `-3.00`, `12元`; nothing for an empty cell, `-` or `/`.
///
/// Errors: it is something else.
pub(super) fn amount(text: &str) -> Result<Option<Fen>, ()> {
    let is_noise = |c: char| c.is_whitespace() || [',', '，', '¥', '￥'].contains(&c);
    let bare: String = text.chars().filter(|c| !is_noise(*c)).collect();
    let bare = bare.strip_suffix('元').unwrap_or(&bare);
    if bare.chars().all(|c| ['-', '/'].contains(&c)) {
        return Ok(None);
    }
    Fen::parse_yuan(bare.strip_prefix('+').unwrap_or(bare)).map(Some).ok_or(())
}

/// A day, and the seconds since it began where the time stands beside it: `2024-01-05 10:00:00`,
/// `2024/1/5 9:05`, `20240105`, `20240105100000`, `2024年1月5日`.
pub(super) fn day(text: &str) -> Option<(Day, Option<u32>)> {
    let groups = groups(text)?;
    let (first, rest) = groups.split_first()?;
    let (date, rest) = match (first.len(), rest) {
        (8, rest) => ([&first[..4], &first[4..6], &first[6..]], rest.to_vec()),
        (14, []) => ([&first[..4], &first[4..6], &first[6..8]], vec![&first[8..]]),
        (4, [month, day, rest @ ..]) => ([*first, month, day], rest.to_vec()),
        _ => return None,
    };
    let [year, month, day] = date.map(|part| part.parse::<u32>().ok());
    let day = Day::from_civil(year? as i32, month?, day?)?;
    if rest.is_empty() { Some((day, None)) } else { Some((day, Some(seconds(&rest)?))) }
}

/// Seconds since the day began: `10:00:00`, `9:05`, `100000`.
pub(super) fn clock(text: &str) -> Option<u32> {
    seconds(&groups(text)?)
}

/// The moment in Asia/Shanghai.
pub(super) fn moment(day: Day, seconds: u32) -> Timestamp {
    day.shanghai_start() + Span::seconds(i64::from(seconds))
}

fn seconds(groups: &[&str]) -> Option<u32> {
    let parts = match *groups {
        [whole] if whole.len() == 6 => [&whole[..2], &whole[2..4], &whole[4..]],
        [hour, minute] => [hour, minute, "0"],
        [hour, minute, second] => [hour, minute, second],
        _ => return None,
    };
    if parts.iter().any(|part| part.len() > 2) {
        return None;
    }
    let [hour, minute, second] = parts.map(|part| part.parse::<u32>().ok());
    let (hour, minute, second) = (hour?, minute?, second?);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

/// The runs of digits of a text that has nothing else but what dates have between them.
fn groups(text: &str) -> Option<Vec<&str>> {
    let is_between = |c: char| " -/.:：T年月日时分秒".contains(c);
    if !text.chars().all(|c| c.is_ascii_digit() || is_between(c)) {
        return None;
    }
    Some(text.split(is_between).filter(|group| !group.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let table = [
            ("¥12.34", Ok(Some(1234))),
            ("￥ 1,234.00", Ok(Some(123_400))),
            ("-3.00", Ok(Some(-300))),
            ("+0.1", Ok(Some(10))),
            ("12元", Ok(Some(1200))),
            ("", Ok(None)),
            ("-", Ok(None)),
            ("/", Ok(None)),
            ("1.234", Err(())),
            ("1e3", Err(())),
            ("12.3.4", Err(())),
            ("一百", Err(())),
        ];
        for (text, wanted) in table {
            assert_eq!(amount(text).map(|fen| fen.map(|fen| fen.0)), wanted, "{text}");
        }
    }

    #[test]
    fn days_and_times_are_read_as_they_are_printed() {
        let table = [
            ("2024-01-05 10:00:01", Some(("2024-01-05", Some(36_001)))),
            ("2024/1/5 9:05", Some(("2024-01-05", Some(32_700)))),
            ("20240105", Some(("2024-01-05", None))),
            ("20240105235959", Some(("2024-01-05", Some(86_399)))),
            ("2024年1月5日", Some(("2024-01-05", None))),
            ("2024.01.05", Some(("2024-01-05", None))),
            ("2024-02-30", None),
            ("2024-01-05 24:00:00", None),
            ("24-01-05", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, wanted) in table {
            let got = day(text).map(|(day, seconds)| (day.to_string(), seconds));
            assert_eq!(got, wanted.map(|(day, seconds)| (day.to_owned(), seconds)), "{text}");
        }
        assert_eq!(
            [clock("10:20:30"), clock("102030"), clock("x")],
            [Some(37_230); 2].iter().copied().chain([None]).collect::<Vec<_>>()[..]
        );
    }
}
