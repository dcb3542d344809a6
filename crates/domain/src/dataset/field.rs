//! The fields of a dataset: bounded texts and lists, local times, dates, exact money.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, Neg, Sub};

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) const NOT_A_DATE: &str = "is not a date or time";
const NOT_AN_AMOUNT: &str = "is not an amount with at most two decimals";
const TOO_LONG: &str = "a text is too long";
const CONTROL: &str = "a text has a control character";
const TOO_MANY: &str = "has too many entries";

/// What our own checks say; anything else is serde's and quotes values.
pub(super) const FAULTS: [&str; 5] = [NOT_A_DATE, NOT_AN_AMOUNT, TOO_LONG, CONTROL, TOO_MANY];

/// Largest amount, in 分: 100 billion 元, far inside what a double of JSON holds exactly.
const FEN_MAX: i64 = 10_000_000_000_000;

/// An amount in 分. As JSON it is in 元, with two decimals at most: a text (`"12.30"`), or,
/// in a carrier's data, a number (`12.3`). Both are read, and neither by way of rounding.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(pub i64);

impl Fen {
    /// Reads a decimal of 元: `12`, `-12.3`, `12.30`.
    pub fn parse_yuan(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || whole.len() > 12 || fraction.len() > 2 {
            return None;
        }
        let fen = format!("{whole}{fraction:0<2}").parse::<i64>().ok()?;
        (fen <= FEN_MAX).then_some(Self(sign * fen))
    }

    /// Writes a JSON number of 元: the double nearest to it prints as the decimal itself.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
    pub(super) fn number<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_f64(self.0 as f64 / 100.0)
    }
}

super::opaque!(Fen);

impl Add for Fen {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Fen {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Fen {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::iter::Sum for Fen {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), Add::add)
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

impl Serialize for Fen {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Yuan {
            Text(String),
            Whole(i64),
            Number(f64),
        }
        let read = match Yuan::deserialize(from)? {
            Yuan::Text(text) => Fen::parse_yuan(&text),
            Yuan::Whole(yuan) => Fen::parse_yuan(&yuan.to_string()),
            // Prints the shortest decimal that is this double: the one that was sent.
            Yuan::Number(yuan) => Fen::parse_yuan(&yuan.to_string()),
        };
        read.ok_or_else(|| de::Error::custom(NOT_AN_AMOUNT))
    }
}

/// A text of at most `MAX` characters, none of them a control character.
pub(super) fn text<'de, D: Deserializer<'de>, const MAX: usize>(
    from: D,
) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if text.chars().count() > MAX {
        return Err(de::Error::custom(TOO_LONG));
    }
    if text.chars().any(char::is_control) {
        return Err(de::Error::custom(CONTROL));
    }
    Ok(text)
}

/// A list of at most `MAX` entries; the first one too many ends the reading.
pub(super) fn rows<'de, D, T, const MAX: usize>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Rows<T, const MAX: usize>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Rows<T, MAX> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut rows = Vec::new();
            while let Some(row) = list.next_element()? {
                if rows.len() == MAX {
                    return Err(de::Error::custom(TOO_MANY));
                }
                rows.push(row);
            }
            Ok(rows)
        }
    }
    from.deserialize_seq(Rows::<T, MAX>(PhantomData))
}

/// A wall-clock time in Asia/Shanghai to the second: `2026-11-21 08:30:00`.
pub(super) mod moment {
    use super::{Deserialize, Deserializer, NOT_A_DATE, Serializer, de};
    use crate::time::{Span, Timestamp};

    pub fn text(at: Timestamp) -> String {
        let shown = (at + Span::hours(8)).to_string();
        format!("{} {}", &shown[..10], &shown[11..19])
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
    pub(in crate::dataset) fn serialize<S: Serializer>(
        at: &Timestamp,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.serialize_str(&text(*at))
    }

    pub(in crate::dataset) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        let read = || Timestamp::parse(&format!("{text}+08:00"));
        let is_shaped = text.len() == 19 && text.as_bytes()[10] == b' ';
        is_shaped.then(read).flatten().ok_or_else(|| de::Error::custom(NOT_A_DATE))
    }
}

/// A date, or an empty text where there is none.
pub(super) mod date {
    use super::{Deserialize, Deserializer, NOT_A_DATE, Serializer, de};
    use crate::time::Day;

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde calls"
    )]
    pub(in crate::dataset) fn serialize<S: Serializer>(
        day: &Option<Day>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.serialize_str(&day.map(|day| day.to_string()).unwrap_or_default())
    }

    pub(in crate::dataset) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Day>, D::Error> {
        let text = String::deserialize(from)?;
        let read = || Day::parse(&text).filter(|day| day.to_string() == text);
        let day = if text.is_empty() { Some(None) } else { read().map(Some) };
        day.ok_or_else(|| de::Error::custom(NOT_A_DATE))
    }
}
