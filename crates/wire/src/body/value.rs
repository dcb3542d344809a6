//! The nested view of a request, with scalars as the text they were sent as.

use std::collections::BTreeMap;
use std::{fmt, mem};

use domain::failure::Failure;
use domain::secret::Secret;

use super::{Body, Dialect, Kind, Limits, Pairs, json, nesting, parameter};
use crate::request::Request;

/// What was sent. A number keeps its digits (leading zeros of a text, each decimal of an amount):
/// it becomes an integer only when asked for one. Members keep their order; no name is there
/// twice.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    /// As in the JSON: `1.50`, `-2`, `1e3`.
    Number(String),
    Bool(bool),
    Null,
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    /// All that `request` carries, as a map: a JSON body as it is, names with PHP's brackets
    /// (`a[]`, `options[contacts][0][contact_tel]`) of queries and forms as the lists and maps
    /// they stand for. A JSON text inside a form value stays text.
    ///
    /// Errors: [`Failure::Parameter`] at the first fault, limits included.
    pub fn read(request: &Request<'_>, limits: &Limits) -> Result<Self, Failure> {
        let sent = Pairs::of_query(request, *limits);
        Self::after(sent, &Body::of(request, limits)?, limits)
    }

    /// What `body` alone carries; all else as [`Value::read`].
    pub(crate) fn of_body(body: &Body<'_>, limits: &Limits) -> Result<Self, Failure> {
        Self::after(Pairs::none(*limits), body, limits)
    }

    fn after(mut sent: Pairs, body: &Body<'_>, limits: &Limits) -> Result<Self, Failure> {
        if body.kind != Kind::Json {
            sent.add_fields(body);
            sent.sound()?;
            return nesting::tree(sent.into_entries(), limits).map(Self::Map);
        }
        sent.sound()?;
        let sent = nesting::tree(sent.into_entries(), limits)?;
        Self::from_json(&body.bytes, limits, Dialect::Strict)?.and(sent)
    }

    /// The object that the JSON `text` is: a body, or what was sealed or quoted in one.
    ///
    /// Errors: [`Failure::Parameter`] at the first fault, limits included.
    pub fn from_json(text: &[u8], limits: &Limits, dialect: Dialect) -> Result<Self, Failure> {
        json::object(text, limits, dialect).map_err(|fault| parameter(fault.reason(limits)))
    }

    /// Gives the items of the JSON array that `text` is, one by one; `limits` are those of an item.
    ///
    /// Errors: the first fault in words, limits included.
    pub(crate) fn each_of_json(
        text: &[u8],
        limits: &Limits,
        take: impl FnMut(Self),
    ) -> Result<(), String> {
        json::each(text, limits, take).map_err(|fault| match fault {
            json::Fault::Syntax { at } => format!("the body is not a JSON array (at byte {at})"),
            fault => fault.reason(limits),
        })
    }

    /// These members, after those that the query `sent`; who sends one in both must mean the same.
    fn and(self, mut sent: Vec<(String, Self)>) -> Result<Self, Failure> {
        let Self::Map(members) = self else { return Ok(self) };
        let places: BTreeMap<String, usize> =
            sent.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect();
        for (name, value) in members {
            match places.get(&name) {
                None => sent.push((name, value)),
                Some(place) if sent[*place].1.means(&value) => {}
                Some(_) => return Err(nesting::contradiction(&name)),
            }
        }
        Ok(Self::Map(sent))
    }

    fn means(&self, other: &Self) -> bool {
        self == other || (self.text().is_some() && self.text() == other.text())
    }

    /// The member `name` of a map.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Overwrites each text and each number, as far as this tree holds them.
    pub(crate) fn wipe(&mut self) {
        match self {
            Self::Text(text) | Self::Number(text) => drop(Secret::new(mem::take(text))),
            Self::List(items) => items.iter_mut().for_each(Self::wipe),
            Self::Map(members) => members.iter_mut().for_each(|(_, value)| value.wipe()),
            Self::Bool(_) | Self::Null => {}
        }
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// A text, or a number as the text it was sent as.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// Nothing, or an empty text: the same as not sent (`common.md`, Reading requests).
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Null) || matches!(self, Self::Text(text) if text.is_empty())
    }

    /// A whole number, sent as a number or as text.
    pub fn whole(&self) -> Option<i64> {
        self.decimal(0)
    }

    /// A decimal number, sent as a number or as text, in units of 10⁻`places`: `12.5` with two
    /// places is 1250. Nothing when it is none, has more places or is too large; it is never
    /// rounded.
    pub fn decimal(&self, places: u8) -> Option<i64> {
        decimal(self.text()?, places)
    }
}

impl fmt::Debug for Value {
    /// The shape alone: what is inside may be a person's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("text"),
            Self::Number(_) => f.write_str("number"),
            Self::Bool(_) => f.write_str("bool"),
            Self::Null => f.write_str("null"),
            Self::List(items) => write!(f, "list of {}", items.len()),
            Self::Map(members) => write!(f, "map of {}", members.len()),
        }
    }
}

/// So many digits are always an `i64`.
const SHORT_DIGITS: usize = 18;

/// An exponent beyond it is nobody's amount.
const EXPONENT_MAX: i32 = 40;

/// The decimal number that `text` is, in units of 10⁻`places`, exactly.
pub(crate) fn decimal(text: &str, places: u8) -> Option<i64> {
    // Most numbers are whole and short.
    if text.len() <= SHORT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let unit = 10_i64.checked_pow(u32::from(places))?;
        return text.parse::<i64>().ok()?.checked_mul(unit);
    }
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || exponent.abs() > EXPONENT_MAX {
        return None;
    }
    let digits = [whole, fraction].concat();
    let fraction_length = i32::try_from(fraction.len()).ok()?;
    let shift = exponent + i32::from(places) - fraction_length;
    let moved = if shift >= 0 {
        digits + &"0".repeat(shift.unsigned_abs() as usize)
    } else {
        let kept = digits.len().saturating_sub(shift.unsigned_abs() as usize);
        let is_exact = digits[kept..].bytes().all(|byte| byte == b'0');
        is_exact.then(|| format!("0{}", &digits[..kept]))?
    };
    format!("{sign}{moved}").parse().ok()
}
