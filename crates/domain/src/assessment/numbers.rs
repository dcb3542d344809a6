//! Telephone numbers: one spelling, and what a number is known to be for.
//!
//! No directory of debt collectors is public, and they have no range of their own in MIIT's
//! numbering plan. Known as one is a number that the applicant's own address book calls so
//! ([`COLLECTION_WORDS`]), and a number of the sandbox: they begin with 12, as no mobile does.

use std::borrow::Cow;

use crate::report::numbers::{Kind, NumberBook as _, PublicNumbers, normal};

/// Words by which people save the numbers of those who collect debts.
pub(super) const COLLECTION_WORDS: [&str; 6] = ["催收", "催款", "催债", "讨债", "要债", "清收"];

/// Words in the names of lenders and of their apps.
pub(super) const LENDING_WORDS: [&str; 5] = ["贷", "借款", "借钱", "借条", "白条"];

/// Patterns of numbers by their use, `?` for any digit; the first that fits counts.
const PATTERNS: [(&str, Use); 14] = [
    // The sandbox's: 12, province, kind, serial.
    ("12??1??????", Use::Of(Kind::Loan)),
    ("12??2??????", Use::Of(Kind::Collection)),
    ("12??3??????", Use::Of(Kind::Courier)),
    ("12??4??????", Use::Of(Kind::CreditCard)),
    // 全国客服号码: of companies in more than one province, 5 to 8 digits.
    ("95???", Use::Service),
    ("95????", Use::Service),
    ("95??????", Use::Service),
    // 96: the same in one province; 100 and 101: carriers; 12: public services.
    ("96???", Use::Service),
    ("96????", Use::Service),
    ("100??", Use::Service),
    ("1010????", Use::Service),
    ("12???", Use::Service),
    // Calls that the company that is called pays, wholly or in part.
    ("400???????", Use::Service),
    ("800???????", Use::Service),
];

/// What a number is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A person's, as far as is known.
    Unknown,
    /// Some company's or public service.
    Service,
    /// Known in more detail; never [`Kind::Unknown`].
    Of(Kind),
}

/// The one spelling of a number; nothing for what is none, such as a word for a hidden number.
pub(super) fn spelled(number: &str) -> Option<Cow<'_, str>> {
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.starts_with("86")
        && !number.starts_with("00");
    let spelled = if is_plain { Cow::Borrowed(number) } else { Cow::Owned(normal(number.trim())) };
    let digits = spelled.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 3).then_some(spelled)
}

/// What a number in its one spelling is for.
pub(super) fn usage(number: &str) -> Use {
    let bytes = number.as_bytes();
    let fits = |pattern: &str| {
        let mut pairs = pattern.bytes().zip(bytes);
        pattern.len() == bytes.len()
            && pairs.all(|(one, digit)| digit.is_ascii_digit() && (one == b'?' || one == *digit))
    };
    let known = || PATTERNS.iter().find(|(pattern, _)| fits(pattern));
    // Most are mobiles, of which nothing is known; no directory has a number of their length.
    let is_mobile = bytes.len() == 11 && bytes[0] == b'1';
    if is_mobile && bytes[1] != b'2' {
        return Use::Unknown;
    }
    let listed = if is_mobile { Kind::Unknown } else { PublicNumbers.look_up(number).kind };
    match listed {
        Kind::Unknown => known().map_or(Use::Unknown, |(_, usage)| *usage),
        kind => Use::Of(kind),
    }
}

/// Whether a text has one of the words.
pub(super) fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}
