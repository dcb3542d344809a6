//! Values and types of a policy. What is not known is a value too, and it spreads.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

use super::decimal::Decimal;
use crate::time::{Day, Span, Timestamp};

/// Elements of a list; a longer one is not known.
pub const LIST_MAX: usize = 1_000;
/// Bytes of a text; a longer one is not known.
pub const TEXT_MAX: usize = 4_096;
/// How deep lists and maps may stand in one another.
const NESTING_MAX: usize = 8;
/// Digits that a double keeps.
const DOUBLE_DIGITS: u32 = 15;

/// One value. Copies are cheap: what is large is shared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Missing, unreadable, a division by zero, a number out of range.
    #[default]
    Unknown,
    Boolean(bool),
    Number(Decimal),
    Text(Arc<str>),
    Date(Timestamp),
    Duration(Span),
    List(Arc<[Value]>),
    Map(Arc<BTreeMap<String, Value>>),
}

/// What an expression is known to give before it is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    Boolean,
    Number,
    Text,
    Date,
    Duration,
    List(Box<Type>),
    Map(Arc<BTreeMap<String, Type>>),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("true/false"),
            Self::Number => f.write_str("a number"),
            Self::Text => f.write_str("a text"),
            Self::Date => f.write_str("a date"),
            Self::Duration => f.write_str("a duration"),
            Self::List(of) => write!(f, "a list ({of})"),
            Self::Map(_) => f.write_str("a record"),
        }
    }
}

impl Type {
    /// Whether two values of it have an order.
    pub(super) fn has_order(&self) -> bool {
        matches!(self, Self::Number | Self::Date | Self::Duration)
    }

    /// Whether two values of it can be equal.
    pub(super) fn has_equality(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }
}

impl Value {
    pub fn text(text: &str) -> Self {
        if text.len() > TEXT_MAX { Self::Unknown } else { Self::Text(text.into()) }
    }

    pub fn list(values: Vec<Value>) -> Self {
        if values.len() > LIST_MAX { Self::Unknown } else { Self::List(values.into()) }
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether it is true; nothing when that is not known.
    pub fn truth(&self) -> Option<bool> {
        if let Self::Boolean(truth) = self { Some(*truth) } else { None }
    }

    pub fn number(&self) -> Option<Decimal> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The value that JSON holds. A number becomes the decimal that it is written as.
    pub fn from_json(json: &Json) -> Self {
        Self::nested(json, 0)
    }

    fn nested(json: &Json, depth: usize) -> Self {
        match json {
            Json::Null => Self::Unknown,
            Json::Bool(truth) => Self::Boolean(*truth),
            Json::Number(number) => number.to_string().parse().map_or(Self::Unknown, Self::Number),
            Json::String(text) => Self::text(text),
            _ if depth == NESTING_MAX => Self::Unknown,
            Json::Array(list) => {
                Self::list(list.iter().map(|one| Self::nested(one, depth + 1)).collect())
            }
            Json::Object(map) if map.len() > LIST_MAX => Self::Unknown,
            Json::Object(map) => Self::Map(Arc::new(
                map.iter().map(|(key, one)| (key.clone(), Self::nested(one, depth + 1))).collect(),
            )),
        }
    }

    /// The value as one of the type, or nothing when it is none. Texts hold dates, durations and
    /// numbers of more digits than JSON's readers keep.
    pub fn cast(&self, to: &Type) -> Option<Self> {
        match (self, to) {
            (Self::Unknown, _)
            | (Self::Boolean(_), Type::Boolean)
            | (Self::Number(_), Type::Number)
            | (Self::Text(_), Type::Text)
            | (Self::Date(_), Type::Date)
            | (Self::Duration(_), Type::Duration) => Some(self.clone()),
            (Self::Text(text), Type::Number) => text.parse().ok().map(Self::Number),
            (Self::Text(text), Type::Date) => date(text).map(Self::Date),
            (Self::Text(text), Type::Duration) => duration(text).map(Self::Duration),
            (Self::List(list), Type::List(of)) => {
                Some(Self::list(list.iter().map(|one| one.cast(of)).collect::<Option<_>>()?))
            }
            (Self::Map(map), Type::Map(types)) => {
                let field = |(key, of): (&String, &Type)| {
                    Some((key.clone(), map.get(key).unwrap_or(&Self::Unknown).cast(of)?))
                };
                Some(Self::Map(Arc::new(types.iter().map(field).collect::<Option<_>>()?)))
            }
            _ => None,
        }
    }
}

/// Reads a day (`2026-11-21`, its first instant in Asia/Shanghai), a moment with its zone
/// (RFC 3339), or one without a zone, which is Asia/Shanghai's.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    if let Some(day) = Day::parse(text) {
        return Some(day.shanghai_start());
    }
    // A bare number is no date: nobody can tell its unit.
    let looks_right = text.len() >= 19 && text.as_bytes()[4] == b'-';
    looks_right
        .then(|| Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}+08:00"))))?
}

/// Reads `1d 12h`, `30d`, `90m`: days, hours, minutes and seconds.
pub(super) fn duration(text: &str) -> Option<Span> {
    let mut total = None;
    for part in text.split_whitespace() {
        if !part.ends_with(['d', 'h', 'm', 's']) || part.ends_with("ms") {
            return None;
        }
        let span = Span::parse(part)?;
        total = Some(Span(total.unwrap_or(Span(0)).0.checked_add(span.0)?));
    }
    total
}

impl fmt::Display for Value {
    /// As an analyst writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Date(at) => write!(f, "{at}"),
            Self::Duration(span) => f.write_str(&seconds(*span)),
            Self::List(list) => {
                let parts: Vec<String> = list.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", parts.join(", "))
            }
            Self::Map(map) => {
                let part = |(key, value): (&String, &Value)| format!("{key}: {value}");
                write!(f, "{{{}}}", map.iter().map(part).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn seconds(span: Span) -> String {
    let number = Decimal::new(i128::from(span.0), 6).expect("fewer than 28 digits");
    format!("{number}s")
}

impl Serialize for Value {
    /// JSON that reads back as the same value of the same type: a number of more digits than a
    /// double keeps is a text.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown => serializer.serialize_unit(),
            Self::Boolean(truth) => serializer.serialize_bool(*truth),
            Self::Number(number) => match number.to_i64() {
                Some(whole) => serializer.serialize_i64(whole),
                None if number.digits() <= DOUBLE_DIGITS => {
                    serializer.serialize_f64(number.to_f64())
                }
                None => serializer.collect_str(number),
            },
            Self::Text(text) => serializer.serialize_str(text),
            Self::Date(_) | Self::Duration(_) => serializer.collect_str(self),
            Self::List(list) => serializer.collect_seq(list.iter()),
            Self::Map(map) => serializer.collect_map(map.iter()),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(|json| Self::from_json(&json))
    }
}

#[cfg(test)]
mod tests;
