//! The resident identity card number (公民身份号码, GB 11643-1999): six digits of the region, the
//! date of birth, a sequence number that is odd for men, and a check character.

use std::ops::Range;
use std::sync::LazyLock;

use super::table::Lines;
use super::{IdentityFault, masked};
use crate::secret::Private;
use crate::time::Day;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    Male,
    Female,
}

/// Where a number was first given out, as far as the code is known. Names are those of the code,
/// current or former.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    pub province: &'static str,
    pub city: Option<&'static str>,
    pub county: Option<&'static str>,
}

/// The codes of regions with their names.
pub(super) static REGIONS: LazyLock<Lines> =
    LazyLock::new(|| Lines::unpack(include_bytes!("../../data/regions.tsv.gz")));

/// A valid number, with a capital X.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdCard(Private<String>);

impl IdCard {
    pub const LENGTH: usize = 18;

    /// Reads a number as a person or a program writes it: 18 characters, x or X at the end.
    /// `today` is Shanghai's day: nobody is born after it. What was read once and kept may be read
    /// again with any later day.
    pub fn parse(text: &str, today: Day) -> Result<Self, IdentityFault> {
        let number = text.to_ascii_uppercase();
        match number.chars().count() {
            0 => return Err(IdentityFault::Missing),
            Self::LENGTH => {}
            _ => return Err(IdentityFault::Length),
        }
        let (body, check) = number.as_bytes().split_at(Self::LENGTH - 1);
        let is_check = |byte: &u8| byte.is_ascii_digit() || *byte == b'X';
        if !body.iter().all(u8::is_ascii_digit) || !check.iter().all(is_check) {
            return Err(IdentityFault::Character);
        }
        let birth = birth(&number).ok_or(IdentityFault::Date)?;
        if birth > today {
            return Err(IdentityFault::Date);
        }
        if *check != [check_character(body)] {
            return Err(IdentityFault::CheckDigit);
        }
        Ok(Self(Private::new(number)))
    }

    pub fn birth(&self) -> Day {
        birth(self.expose()).expect("parse() saw a date")
    }

    /// Full years from the birth to this day.
    pub fn age_years(&self, today: Day) -> i32 {
        let (birth, now) = (self.birth().civil(), today.civil());
        now.0 - birth.0 - i32::from((now.1, now.2) < (birth.1, birth.2))
    }

    pub fn sex(&self) -> Sex {
        if self.expose().as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// The region of the first six digits; nothing when even the province is unknown.
    pub fn region(&self) -> Option<Region> {
        let code = &self.expose()[..6];
        Some(Region {
            province: REGIONS.get(&format!("{}0000", &code[..2]))?,
            city: REGIONS.get(&format!("{}00", &code[..4])).filter(|_| &code[2..4] != "00"),
            county: REGIONS.get(code).filter(|_| &code[4..] != "00"),
        })
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What the keyed look-up hash is made of.
    pub fn canonical(&self) -> Private<String> {
        self.0.clone()
    }

    /// The first and the last character: `1****************X`.
    pub fn masked(&self) -> String {
        masked(self.expose(), 1, 1)
    }
}

fn birth(number: &str) -> Option<Day> {
    let part = |range: Range<usize>| number.get(range)?.parse::<u32>().ok();
    Day::from_civil(part(6..10)? as i32, part(10..12)?, part(12..14)?)
}

/// ISO 7064 MOD 11-2 over the first 17 digits.
fn check_character(body: &[u8]) -> u8 {
    let sum = body.iter().fold(0, |sum, byte| (sum + u32::from(byte - b'0')) * 2 % 11);
    b"10X98765432"[sum as usize]
}
