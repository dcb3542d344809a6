//! What a single field of an application must be.
#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method's own path is less general than the function pointer asked for"
)]

use std::borrow::Cow;

use domain::application::{BoundCard, WatchList};
use domain::dataset::{Fen, Month};
use domain::time::{Day, Timestamp};

use super::Fault;
use super::record::{Record, Sort};
use super::sent::{Fail, How, Kind, Parsed, Sent};
use crate::body::{Value, decimal};

/// 100 billion 元 in 分, as elsewhere.
const FEN_MAX: i64 = 10_000_000_000_000;
const COUNT_MAX: i64 = 1_000_000_000;
const URL_LENGTH_MAX: usize = 2_048;
const TELEPHONE_LENGTH_MAX: usize = 32;
const CARD_LENGTH_MAX: usize = 32;
const JSON_LENGTH_MAX: usize = 64 * 1024;

pub(super) const fn text<const MAX: usize>() -> Kind<String> {
    Kind { sort: Sort::Text(MAX), how: How::Scalar(bounded::<MAX>) }
}

/// An order's number.
pub(super) const DIGITS: Kind<String> = Kind { sort: Sort::Digits(32), how: How::Scalar(digits) };
pub(super) const URL: Kind<String> = Kind { sort: Sort::Url, how: How::Scalar(url) };
pub(super) const TELEPHONE: Kind<String> =
    Kind { sort: Sort::Telephone, how: How::Scalar(telephone) };
pub(super) const CARD_NUMBER: Kind<String> =
    Kind { sort: Sort::CardNumber, how: How::Scalar(card_number) };
/// An amount that must be one, in 分.
pub(super) const FEN_ASKED: Kind<Fen> =
    Kind { sort: Sort::Whole(1, FEN_MAX), how: How::Scalar(fen::<1>) };
pub(super) const FEN: Kind<Fen> =
    Kind { sort: Sort::Whole(0, FEN_MAX), how: How::Scalar(fen::<0>) };
pub(super) const YUAN: Kind<Fen> = Kind { sort: Sort::Yuan, how: How::Scalar(yuan) };
pub(super) const COUNT: Kind<u32> = count::<0, COUNT_MAX>();
/// The document gives no meaning to it.
pub(super) const NUMBER: Kind<i64> =
    Kind { sort: Sort::Whole(i64::MIN, i64::MAX), how: How::Scalar(number) };
pub(super) const MOMENT: Kind<Timestamp> = Kind { sort: Sort::Moment, how: How::Scalar(moment) };
pub(super) const MONTH: Kind<Month> = Kind { sort: Sort::Month, how: How::Scalar(month) };
pub(super) const FLAG: Kind<bool> = Kind { sort: Sort::Choice(0, 2), how: How::Scalar(flag) };
pub(super) const WATCH_LIST: Kind<WatchList> =
    Kind { sort: Sort::Json, how: How::Nested(watch_list) };
pub(super) const BOUND_CARDS: Kind<Vec<BoundCard>> = Kind {
    sort: Sort::Rows(BoundCard::FIELDS, 0, BOUND_CARDS_MAX),
    how: How::Nested(|sent| sent.rows(BOUND_CARDS_MAX, bound_card)),
};
const BOUND_CARDS_MAX: usize = domain::application::Application::CARDS_MAX;

pub(super) const fn count<const MIN: i64, const MAX: i64>() -> Kind<u32> {
    Kind { sort: Sort::Whole(MIN, MAX), how: How::Scalar(whole::<MIN, MAX>) }
}

pub(super) const fn one<T: Record>() -> Kind<T> {
    Kind { sort: Sort::One(T::FIELDS), how: How::Nested(|sent| sent.one()) }
}

/// Records, `MIN` of them at least: a list that is sent may be empty where `MIN` is 0.
pub(super) const fn rows<T: Record, const MIN: usize, const MAX: usize>() -> Kind<Vec<T>> {
    Kind {
        sort: Sort::Rows(T::FIELDS, MIN, MAX),
        how: How::Nested(|sent| {
            let rows = sent.rows(MAX, |item| item.object::<T>())?;
            Ok(rows.filter(|rows| rows.len() >= MIN))
        }),
    }
}

/// One of those that the document numbers from `FIRST`.
macro_rules! choice {
    ($first:literal, $type:ty) => {
        Kind {
            sort: Sort::Choice($first, <$type>::ALL.len()),
            how: How::Scalar(|text| numbered($first, &<$type>::ALL, text)),
        }
    };
}
pub(super) use choice;

pub(super) fn numbered<T: Copy>(first: i64, all: &[T], text: &str) -> Parsed<T> {
    let place = decimal(text, 0).and_then(|number| usize::try_from(number - first).ok());
    place.and_then(|place| all.get(place)).copied().map(Some).ok_or(Fault::Choice)
}

fn bounded<const MAX: usize>(text: &str) -> Parsed<String> {
    // Bytes are counted first: most texts are short.
    if text.len() > MAX && text.chars().count() > MAX {
        return Err(Fault::TooLong);
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(Fault::Form);
    }
    Ok(Some(text.to_owned()))
}

fn digits(text: &str) -> Parsed<String> {
    if text.len() > 32 {
        return Err(Fault::TooLong);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Ok(Some(text.to_owned())) } else { Err(Fault::Form) }
}

fn url(text: &str) -> Parsed<String> {
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let is_one = rest.is_some_and(|rest| {
        !rest.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    });
    match is_one {
        false => Err(Fault::Form),
        true if text.len() > URL_LENGTH_MAX => Err(Fault::TooLong),
        true => Ok(Some(text.to_owned())),
    }
}

fn telephone(text: &str) -> Parsed<String> {
    let is_telephone = |byte: u8| byte.is_ascii_digit() || b"+-() ".contains(&byte);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if text.len() > TELEPHONE_LENGTH_MAX {
        return Err(Fault::TooLong);
    }
    let is_one = digits >= 3 && text.bytes().all(is_telephone);
    if is_one { Ok(Some(text.to_owned())) } else { Err(Fault::Form) }
}

fn card_number(text: &str) -> Parsed<String> {
    let text: String = text.chars().filter(|c| *c != ' ').collect();
    let is_one = text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*');
    match is_one {
        false => Err(Fault::Form),
        true if text.len() > CARD_LENGTH_MAX => Err(Fault::TooLong),
        true => Ok(Some(text)),
    }
}

fn fen<const MIN: i64>(text: &str) -> Parsed<Fen> {
    let amount = decimal(text, 0).filter(|amount| (MIN..=FEN_MAX).contains(amount));
    amount.map(|amount| Some(Fen(amount))).ok_or(Fault::Range)
}

fn yuan(text: &str) -> Parsed<Fen> {
    let amount = decimal(text, 2).ok_or(Fault::Amount)?;
    if amount.abs() > FEN_MAX { Err(Fault::Range) } else { Ok(Some(Fen(amount))) }
}

fn whole<const MIN: i64, const MAX: i64>(text: &str) -> Parsed<u32> {
    let number = decimal(text, 0).filter(|number| (MIN..=MAX).contains(number));
    number.and_then(|number| u32::try_from(number).ok()).map(Some).ok_or(Fault::Range)
}

fn number(text: &str) -> Parsed<i64> {
    decimal(text, 0).map(Some).ok_or(Fault::Range)
}

fn flag(text: &str) -> Parsed<bool> {
    numbered(0, &[false, true], text)
}

/// `2018-01-31 08:30:00` and the shorter and older ways to write it: without seconds or clock, with
/// slashes, without hyphens, as a Unix stamp. The zero date of MySQL and 0 say nothing.
fn moment(text: &str) -> Parsed<Timestamp> {
    let text = text.trim();
    if text == "0" || text.starts_with("0000-00-00") {
        return Ok(None);
    }
    let parsed = match text.len() {
        _ if !text.is_ascii() => None,
        8 => Day::parse(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
            .map(Day::shanghai_start),
        10 | 13 if text.bytes().all(|byte| byte.is_ascii_digit()) => Timestamp::parse(text),
        10 => day_of(text).map(Day::shanghai_start),
        16 | 19 => {
            let (day, clock) = text.split_at(10);
            let clock = clock.strip_prefix([' ', 'T']);
            let seconds = if text.len() == 16 { ":00" } else { "" };
            let clock = clock.map(|clock| Cow::from(clock) + seconds);
            day_of(day).zip(clock).and_then(|(day, clock)| day.shanghai_clock(&clock))
        }
        _ => None,
    };
    parsed.map(Some).ok_or(Fault::Moment)
}

/// `2018-01-31`, also as `2018/01/31`.
fn day_of(text: &str) -> Option<Day> {
    if text.contains('/') { Day::parse(&text.replace('/', "-")) } else { Day::parse(text) }
}

/// `2018-01`, also as `201801`, or any day of it.
fn month(text: &str) -> Parsed<Month> {
    let text = text.trim().replace('/', "-");
    let parsed = match text.len() {
        _ if !text.is_ascii() => None,
        6 => Month::parse(&format!("{}-{}", &text[..4], &text[4..])),
        7 => Month::parse(&text),
        10 => Day::parse(&text).map(Month::of),
        _ => None,
    };
    parsed.map(Some).ok_or(Fault::Month)
}

fn watch_list(sent: &mut Sent<'_, '_>) -> Result<Option<WatchList>, Fail> {
    let mut value = sent.any()?;
    if let Value::Text(text) = &value
        && text.trim_start().starts_with(['{', '['])
    {
        let quoted = format!("{{\"quoted\":{text}}}");
        let quoted =
            Value::from_json(quoted.as_bytes(), &super::LIMITS, crate::body::Dialect::Strict);
        let quoted = quoted.ok().and_then(|quoted| match quoted {
            Value::Map(mut members) if members.len() == 1 => members.pop(),
            _ => None,
        });
        value = quoted.ok_or(Fault::Form)?.1;
    }
    let entries = match &value {
        Value::Bool(false) => 0,
        value if value.is_absent() => 0,
        Value::List(items) => items.len(),
        Value::Map(members) => members.len(),
        _ => 1,
    };
    if entries == 0 {
        return Ok(None);
    }
    let mut json = String::new();
    write_canonical(&value, &mut json);
    if json.len() > JSON_LENGTH_MAX {
        return Err(Fault::TooLong.into());
    }
    Ok(Some(WatchList { json, entries: entries as u32 }))
}

/// The value without space, names in order, numbers as they were sent.
fn write_canonical(value: &Value, json: &mut String) {
    let text = |json: &mut String, text: &str| {
        json.push_str(&serde_json::to_string(text).expect("a text has a JSON form"));
    };
    match value {
        Value::Text(one) => text(json, one),
        Value::Number(number) => json.push_str(number),
        Value::Bool(flag) => json.push_str(if *flag { "true" } else { "false" }),
        Value::Null => json.push_str("null"),
        Value::List(items) => {
            for (place, item) in items.iter().enumerate() {
                json.push(if place == 0 { '[' } else { ',' });
                write_canonical(item, json);
            }
            json.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Map(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            for (place, (name, value)) in members.iter().enumerate() {
                json.push(if place == 0 { '{' } else { ',' });
                text(json, name);
                json.push(':');
                write_canonical(value, json);
            }
            json.push_str(if members.is_empty() { "{}" } else { "}" });
        }
    }
}

/// A card is a text of its own, or an object.
fn bound_card(sent: &mut Sent<'_, '_>) -> Result<Option<BoundCard>, Fail> {
    if sent.is_object() {
        return BoundCard::read(sent);
    }
    let number = sent.read(&text::<64>())?;
    Ok(number.map(|number| BoundCard { bank: None, number: Some(number) }))
}
