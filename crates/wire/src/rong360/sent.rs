//! What was sent under a field: found by its spellings, freed of what clients add, and read.

use domain::secret::{Private, Secret};

use super::fields::{Check, Field};
use super::refusal::Refusal;
use crate::body::Value;

/// In characters; longer than any bank lets one be.
const PASSWORD_LENGTH_MAX: usize = 64;
/// In characters. Codes have six; whether one is right is not for here to say.
const CODE_LENGTH_MAX: usize = 32;
const CODE_LENGTH: usize = 6;

/// The members of `biz_data`.
pub(super) struct Fields<'v>(pub(super) &'v Value);

impl Fields<'_> {
    pub(super) fn required<T>(
        &self,
        field: &Field,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Refusal> {
        self.optional(field, read)?.ok_or_else(|| Refusal::missing(field))
    }

    /// An empty text is none.
    pub(super) fn optional<T>(
        &self,
        field: &Field,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(text) = self.find(field)? else { return Ok(None) };
        read(text.expose()).map(Some).ok_or_else(|| Refusal::malformed(field))
    }

    /// The text of a field as it was meant; nothing when there is none.
    fn find(&self, field: &Field) -> Result<Option<Secret<String>>, Refusal> {
        let mut found: Option<Secret<String>> = None;
        for spelling in [Some(field.key), field.also].into_iter().flatten() {
            let Some(value) = self.0.get(spelling).filter(|value| !value.is_absent()) else {
                continue;
            };
            let text = meant(field.check, value).ok_or_else(|| Refusal::malformed(field))?;
            if text.expose().is_empty() {
                continue;
            }
            if found.as_ref().is_some_and(|first| first.expose() != text.expose()) {
                return Err(Refusal::contradicted(field));
            }
            found = Some(text);
        }
        Ok(found)
    }
}

/// What a value stands for: JSON drops the leading zeros of a number, people type space around a
/// code and capitals for small letters.
fn meant(check: Check, value: &Value) -> Option<Secret<String>> {
    let text = value.text()?;
    let digits = match (value, check) {
        (Value::Number(_), Check::Digits(length)) => length,
        (Value::Number(_), Check::Code) => CODE_LENGTH,
        // 8 is August, 827 August 2027.
        (Value::Number(text), Check::Month) => {
            if text.len() > 2 {
                4
            } else {
                2
            }
        }
        _ => 0,
    };
    Some(Secret::new(match check {
        Check::Password => text.to_owned(),
        Check::Code => {
            let small = Secret::new(text.trim().to_lowercase());
            format!("{:0>digits$}", small.expose())
        }
        _ => format!("{:0>digits$}", text.trim()),
    }))
}

/// A text without control characters.
pub(super) fn text(check: Check) -> impl Fn(&str) -> Option<String> {
    let length_max = if let Check::Text(length) = check { length } else { 0 };
    move |text| {
        let fits = text.chars().count() <= length_max && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned())
    }
}

pub(super) fn private(check: Check) -> impl Fn(&str) -> Option<Private<String>> {
    move |value| text(check)(value).map(Private::new)
}

pub(super) fn password(text: &str) -> Option<Secret<String>> {
    secret(text, PASSWORD_LENGTH_MAX)
}

pub(super) fn code(text: &str) -> Option<Secret<String>> {
    secret(text, CODE_LENGTH_MAX)
}

fn secret(text: &str, length_max: usize) -> Option<Secret<String>> {
    (text.chars().count() <= length_max).then(|| Secret::new(text.to_owned()))
}

/// Exactly so many digits.
pub(super) fn digits(length: usize) -> impl Fn(&str) -> Option<Secret<String>> {
    move |text| {
        let fits = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Secret::new(text.to_owned()))
    }
}

/// The one of `all` that a text names by its place, from 1.
pub(super) fn choice<T: Copy>(all: &[T]) -> impl Fn(&str) -> Option<T> {
    move |text| {
        let place: usize = text.parse().ok()?;
        (text.len() == 1).then_some(())?;
        all.get(place.checked_sub(1)?).copied()
    }
}
