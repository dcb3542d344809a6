//! The person asked about (信息主体), as the faces name it and as we remember it.

use std::fmt;

use crate::secret::Private;

/// The kinds of id that face 1 takes (document 000, section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdType {
    /// 15 digits with a Luhn check digit.
    Imei,
    /// A UUID, the advertising id of an iOS device.
    Idfa,
    /// 32 hexadecimal digits: MD5 of a mobile number.
    MobileMd5,
    /// 64 hexadecimal digits: SHA-256 of a mobile number.
    MobileSha256,
}

impl IdType {
    pub const ALL: [Self; 4] = [Self::Imei, Self::Idfa, Self::MobileMd5, Self::MobileSha256];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imei => "imei",
            Self::Idfa => "idfa",
            Self::MobileMd5 => "mobile_md5",
            Self::MobileSha256 => "mobile_sha256",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The kind that a bare value can only be of, by its shape (`finplus.md`, Endpoint).
    pub fn infer(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.normalise(value).is_some())
    }

    /// The one spelling of `value` that look-ups use (lower case; an IDFA in upper case), or
    /// nothing when it is not an id of this kind.
    fn normalise(self, value: &str) -> Option<String> {
        let hex = |length: usize| {
            let fits = value.len() == length && value.bytes().all(|b| b.is_ascii_hexdigit());
            fits.then(|| value.to_ascii_lowercase())
        };
        match self {
            Self::Imei => luhn_holds(value, 15).then(|| value.to_owned()),
            Self::Idfa => is_uuid(value).then(|| value.to_ascii_uppercase()),
            Self::MobileMd5 => hex(32),
            Self::MobileSha256 => hex(64),
        }
    }
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn luhn_holds(value: &str, length: usize) -> bool {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    value.len() == length && digits && luhn_sum(value).is_multiple_of(10)
}

pub(crate) fn luhn_sum(digits: &str) -> u32 {
    let doubled = |d: u32| if d > 4 { 2 * d - 9 } else { 2 * d };
    let value = |b: u8| u32::from(b - b'0');
    digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, b)| if at % 2 == 1 { doubled(value(b)) } else { value(b) })
        .sum()
}

/// An id of a person as it came in, checked and normalised. C2: hashed phone numbers can be
/// enumerated, so even a hash is the person's.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectRef {
    id_type: IdType,
    value: Private<String>,
}

impl SubjectRef {
    /// Nothing when `value` does not fit `id_type`.
    pub fn parse(id_type: IdType, value: &str) -> Option<Self> {
        let value = id_type.normalise(value)?;
        Some(Self { id_type, value: Private::new(value) })
    }

    pub fn id_type(&self) -> IdType {
        self.id_type
    }

    /// The bytes that the keyed look-up hash is made of.
    pub fn canonical(&self) -> Private<String> {
        Private::new(format!("{}:{}", self.id_type.as_str(), self.value.expose()))
    }
}

impl fmt::Debug for SubjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectRef({}:…)", self.id_type.as_str())
    }
}

/// A person as the store knows it: a keyed hash (HMAC) of the operator's name for the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubjectHash(pub [u8; 32]);

/// The keyed hash that an id of a person is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdHash(pub [u8; 32]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_of_the_document_are_ids_of_their_kind() {
        let table = [
            (IdType::Imei, "860529038487085"),
            (IdType::Idfa, "BA05E270-9250-4346-8140-7C0942422FA3"),
            (IdType::MobileMd5, "71f1d9fcb1661cbb1d707521586e7dea"),
            (
                IdType::MobileSha256,
                "14f76535aedeb49465a88363042cd6e4803aac7bc5c152105f1cd2d366c6ce7c",
            ),
        ];
        for (kind, value) in table {
            assert_eq!(IdType::infer(value), Some(kind), "{value}");
            let swapped: String = value
                .chars()
                .map(|c| {
                    if c.is_ascii_lowercase() {
                        c.to_ascii_uppercase()
                    } else {
                        c.to_ascii_lowercase()
                    }
                })
                .collect();
            assert_eq!(SubjectRef::parse(kind, value), SubjectRef::parse(kind, &swapped));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for value in ["860529038487086", "86052903848708", "", "zz", "８60529038487085"] {
            assert_eq!(IdType::infer(value), None, "{value}");
        }
        assert!(
            !format!("{:?}", SubjectRef::parse(IdType::Imei, "860529038487085")).contains("8605")
        );
    }
}
