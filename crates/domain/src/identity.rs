//! What a person is known by in China: ID card, mobile, bank card, name. All of it is C2: it is
//! checked and normalised here, looked up by a keyed hash of [`IdCard::canonical`] and its like,
//! and shown masked.
//!
//! The rules are those of `common.md`, "Reading requests": region, segment and BIN are looked up
//! and not required, since the published tables are never complete.

mod bank_card;
mod id_card;
mod mobile;
mod name;
mod region;
mod table;

use thiserror::Error;

pub use bank_card::{BankCard, Bin, CardKind};
pub use id_card::{IdCard, Region, Sex};
pub use mobile::{Carrier, Mobile, PROVINCES, Segment};
pub use name::PersonName;
pub use region::province_of;

/// What is wrong with an identity. Says nothing of its value, so it may be logged and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum IdentityFault {
    #[error("is missing")]
    Missing,
    #[error("has a wrong length")]
    Length,
    #[error("has a character that does not belong there")]
    Character,
    /// A mobile that does not begin with 13 to 19.
    #[error("has a wrong beginning")]
    Prefix,
    /// An ID card's date of birth that is no date, or is still to come.
    #[error("holds no real date")]
    Date,
    #[error("has a wrong check digit")]
    CheckDigit,
}

/// A person as face 2 names one (document 001: name, id_card, mobile).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: PersonName,
    pub id_card: IdCard,
    pub mobile: Mobile,
}

/// The digits of `text`, or what is wrong with it.
fn digits(text: &str, length: impl std::ops::RangeBounds<usize>) -> Result<&[u8], IdentityFault> {
    match text.chars().count() {
        0 => Err(IdentityFault::Missing),
        count if !length.contains(&count) => Err(IdentityFault::Length),
        _ if !text.bytes().all(|byte| byte.is_ascii_digit()) => Err(IdentityFault::Character),
        _ => Ok(text.as_bytes()),
    }
}

/// The first and last characters of `text`, with stars for those between.
fn masked(text: &str, first: usize, last: usize) -> String {
    let count = text.chars().count();
    let is_shown = |at: usize| at < first || at + last >= count;
    text.chars().enumerate().map(|(at, c)| if is_shown(at) { c } else { '*' }).collect()
}

/// Whether what a source shows, stars for what it hides, can be the value; nothing when it shows
/// nothing.
pub fn agrees(shown: &str, value: &str) -> Option<bool> {
    let shown = shown.trim();
    if shown.is_empty() {
        return None;
    }
    let pieces: Vec<&str> = shown.split('*').collect();
    let [first, middle @ .., last] = pieces.as_slice() else { return Some(shown == value) };
    let inner = value.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
    let mut rest = inner.unwrap_or_default();
    let is_middle_there = middle.iter().all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    });
    Some(inner.is_some() && is_middle_there)
}

#[cfg(test)]
mod tests;
