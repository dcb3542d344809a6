//! Marked values, and where they turned up: as they are, in other letters, as the hexadecimal
//! digits or the base64 of them, or as a plain digest, with which a short secret can be guessed.

use std::collections::{BTreeSet, HashMap};

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};
use md5::{Digest as _, Md5};

/// Values to look for in one pass over any number of bytes.
#[derive(Debug, Default)]
pub struct Canaries {
    names: Vec<String>,
    /// Every form of a value, and whose it is.
    forms: Vec<(Vec<u8>, usize)>,
    /// The forms by their first bytes.
    starts: HashMap<[u8; 3], Vec<usize>>,
}

impl Canaries {
    /// # Panics
    /// When a value is so short that it would be found by chance.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut canaries = Self::default();
        for value in values {
            assert!(value.len() > 7, "{value} is found everywhere");
            for form in forms(value.as_bytes()) {
                let start = *form.first_chunk().expect("forms are longer");
                canaries.starts.entry(start).or_default().push(canaries.forms.len());
                canaries.forms.push((form, canaries.names.len()));
            }
            canaries.names.push(value);
        }
        canaries
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Those that stand in `bytes`, each with what stands around the first of it.
    pub fn find(&self, bytes: &[u8]) -> Vec<(&str, String)> {
        let mut found: BTreeSet<usize> = BTreeSet::new();
        let mut shown = Vec::new();
        // A look-up in a small table of bits for each byte; the map only where it says so.
        let mut may_start = vec![false; 1 << 16];
        for [first, second, _] in self.starts.keys() {
            may_start[usize::from(u16::from_be_bytes([*first, *second]))] = true;
        }
        for at in 0..bytes.len().saturating_sub(2) {
            let start = [bytes[at], bytes[at + 1], bytes[at + 2]];
            if !may_start[usize::from(u16::from_be_bytes([start[0], start[1]]))] {
                continue;
            }
            for form in self.starts.get(&start).into_iter().flatten() {
                let (form, whose) = &self.forms[*form];
                if bytes[at..].starts_with(form) && found.insert(*whose) {
                    shown.push((self.names[*whose].as_str(), around(bytes, at, form.len())));
                }
            }
        }
        shown
    }

    /// # Panics
    /// When one of them stands in `bytes`.
    #[track_caller]
    pub fn expect_none(&self, place: &str, bytes: &[u8]) {
        let found = self.find(bytes);
        assert!(found.is_empty(), "{} of {} in {place}: {found:?}", found.len(), self.len());
    }
}

fn around(bytes: &[u8], at: usize, length: usize) -> String {
    let part = &bytes[at.saturating_sub(60)..(at + length + 20).min(bytes.len())];
    String::from_utf8_lossy(part).into_owned()
}

fn forms(value: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::from([
        value.to_vec(),
        value.to_ascii_lowercase(),
        value.to_ascii_uppercase(),
        value.iter().rev().copied().collect(),
        value.iter().flat_map(|byte| [*byte, 0]).collect(),
        digest(&SHA256, value).as_ref().to_vec(),
        Md5::digest(value).to_vec(),
    ]);
    let as_digits: Vec<Vec<u8>> = [value, digest(&SHA256, value).as_ref(), &Md5::digest(value)]
        .into_iter()
        .flat_map(|bytes| [hex::encode(bytes), hex::encode_upper(bytes)])
        .map(String::into_bytes)
        .collect();
    forms.extend(as_digits);
    // Base64 of a longer text with the value in it: by where it begins in a group of three, without
    // the letters that depend on its neighbours.
    for before in 0..3_usize {
        let text = BASE64_STANDARD_NO_PAD.encode([&[0; 2][..before], value].concat());
        let first = (before * 8).div_ceil(6);
        let whole = (before + value.len()) * 8 / 6;
        forms.insert(text.as_bytes()[first..whole].to_vec());
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_each_of_its_forms_and_nowhere_else() {
        let canaries = Canaries::new(["zQ7mK0001wX".to_owned(), "合成张三".to_owned()]);
        let base64 = |before: &str| {
            BASE64_STANDARD_NO_PAD.encode(format!("{{\"{before}\":\"zQ7mK0001wX\"}}"))
        };
        let texts = [
            "…zQ7mK0001wX".to_owned(),
            "zq7mk0001wx".to_owned(),
            "a%20zQ7mK0001wX&".to_owned(),
            hex::encode("azQ7mK0001wX"),
            hex::encode_upper(Md5::digest("zQ7mK0001wX")),
            base64("a"),
            base64("aa"),
            base64("aaa"),
        ];
        for text in &texts {
            let found = canaries.find(text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].0, "zQ7mK0001wX", "{text}");
        }
        let sha256 = digest(&SHA256, "合成张三".as_bytes());
        assert_eq!(canaries.find(sha256.as_ref())[0].0, "合成张三");
        for none in ["", "zQ7mK0001w", "zQ7mK0002wX zQ7mK0001Xw", "合成张"] {
            assert_eq!(canaries.find(none.as_bytes()), [], "{none}");
        }
        let both = canaries.find("zQ7mK0001wX zQ7mK0001wX 合成张三".as_bytes());
        assert_eq!(both.len(), 2);
    }
}
