//! `a=1&b=2`, percent-encoded: queries and forms alike, `+` is a space in both.

use super::{Pairs, shown};

/// Adds what `text` holds to `pairs`. Bytes above ASCII may come bare (some clients do not encode
/// them) but must be UTF-8 once decoded.
pub(super) fn read(text: &[u8], pairs: &mut Pairs) {
    for piece in text.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
        let equals = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
        let (name, value) = (&piece[..equals], piece.get(equals + 1..).unwrap_or_default());
        let place = pairs.entries.len() + 1;
        match (decode(name), decode(value)) {
            (Some(name), Some(value)) => pairs.push(name, value),
            (Some(name), None) => pairs.refuse(fault("value", &shown(&name, place))),
            (None, _) => pairs.refuse(fault("name", &shown("", place))),
        }
        if pairs.is_full() && pairs.fault.is_some() {
            return;
        }
    }
}

fn fault(part: &str, shown: &str) -> String {
    format!("the {part} of {shown} is not percent-encoded UTF-8")
}

/// The text that `encoded` stands for, or nothing when an escape is cut short, not hexadecimal,
/// or the result is not UTF-8.
pub(super) fn decode(encoded: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => nibble(*bytes.next()?)? << 4 | nibble(*bytes.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}
