//! `a=1&b=2`, percent-encoded: queries and forms alike, `+` is a space in both.

use memchr::{memchr, memchr2};

use super::pairs::{Pairs, shown};

/// One `name=value` of a text, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'t> {
    pub(crate) name: &'t [u8],
    pub(crate) value: &'t [u8],
}

/// The pieces of `text` in their order; what is empty between two `&` is none.
pub(crate) fn pieces(text: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    let texts = std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr(b'&', rest).unwrap_or(rest.len());
        let text = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(text)
    });
    texts.filter(|text| !text.is_empty()).map(|text| {
        let equals = memchr(b'=', text).unwrap_or(text.len());
        Piece { name: &text[..equals], value: text.get(equals + 1..).unwrap_or_default() }
    })
}

/// Adds what `text` holds to `pairs`. Bytes above ASCII may come bare (some clients do not encode
/// them) but must be UTF-8 once decoded.
pub(super) fn read(text: &[u8], pairs: &mut Pairs) {
    for Piece { name, value, .. } in pieces(text) {
        let place = pairs.next_place();
        match (decode(name), decode(value)) {
            (Some(name), Some(value)) => pairs.push(name, value),
            (Some(name), None) => pairs.refuse(fault("value", &shown(&name, place))),
            (None, _) => pairs.refuse(fault("name", &shown("", place))),
        }
        if pairs.is_overfull() {
            return;
        }
    }
}

fn fault(part: &str, shown: &str) -> String {
    format!("the {part} of {shown} is not percent-encoded UTF-8")
}

/// The text that `encoded` stands for, or nothing when an escape is cut short, not hexadecimal,
/// or the result is not UTF-8.
pub(crate) fn decode(encoded: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some(at) = memchr2(b'+', b'%', rest) {
        let (plain, escape) = rest.split_at(at);
        decoded.extend_from_slice(plain);
        rest = match escape {
            [b'%', high, low, after @ ..] => {
                decoded.push(nibble(*high)? << 4 | nibble(*low)?);
                after
            }
            [b'+', after @ ..] => {
                decoded.push(b' ');
                after
            }
            _ => return None,
        };
    }
    decoded.extend_from_slice(rest);
    String::from_utf8(decoded).ok()
}

/// The text that most clients read from `encoded`: what is no escape stands for itself, what is no
/// UTF-8 becomes U+FFFD.
pub(crate) fn decode_leniently(encoded: &[u8]) -> String {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        decoded.push(match (byte, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (nibble(*high), nibble(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => b'%',
            },
            (other, _) => *other,
        });
    }
    String::from_utf8(decoded)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}
