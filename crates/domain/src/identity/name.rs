//! A person's name as it stands on the ID card, minority and foreign names included.

use super::IdentityFault;
use crate::secret::Private;

/// The one middle dot that names are compared by (`阿依古丽·买买提`), and what is typed for it.
const MIDDLE_DOT: char = '·';
const MIDDLE_DOTS: [char; 8] = ['•', '・', '･', '‧', '∙', '⋅', '．', '.'];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PersonName(Private<String>);

impl PersonName {
    /// In characters.
    pub const LENGTH_MAX: usize = 64;

    /// Reads a name; spaces around it are dropped.
    pub fn parse(text: &str) -> Result<Self, IdentityFault> {
        let name = text.trim();
        match name.chars().count() {
            0 => Err(IdentityFault::Missing),
            count if count > Self::LENGTH_MAX => Err(IdentityFault::Length),
            _ if name.chars().any(is_invisible) => Err(IdentityFault::Character),
            _ => Ok(Self(Private::new(name.to_owned()))),
        }
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What names are compared by and the keyed look-up hash is made of: one kind of middle dot,
    /// no spaces, capitals.
    pub fn canonical(&self) -> Private<String> {
        let seen = self.expose().chars().filter(|c| !c.is_whitespace());
        let one = seen.map(|c| if MIDDLE_DOTS.contains(&c) { MIDDLE_DOT } else { c });
        Private::new(one.flat_map(char::to_uppercase).collect())
    }

    /// The first character: `张*`. The number of stars tells nothing of the length.
    pub fn masked(&self) -> String {
        self.expose().chars().take(1).chain(['*']).collect()
    }
}

/// Control characters, and those of no width that make two names look alike.
fn is_invisible(c: char) -> bool {
    let is_format = |c| {
        matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    c.is_control() || is_format(c)
}
