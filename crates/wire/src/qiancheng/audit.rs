//! The risk audit's application (document 001, section 7.1): what stands in `data`, decrypted.
//!
//! [`read`] goes through the JSON once and makes the typed application as it goes: nothing is held
//! but what is kept. Each field is defined once, in the [`sections`]; [`FIELDS`] is the same as
//! data, for documents and tests. An error names the field as in `data.app_info[3].app_name`.
//! [`open`] does the same from what was sent, encrypted.

mod check;
mod envelope;
mod jwe;
mod record;
pub mod seal;
mod sections;
mod sent;

use domain::application::Application;

use super::Refusal;
use super::refusal::Fault;
use crate::body::Limits;
use crate::body::json::{self, Reader};
use record::Record;
use sent::Sent;

pub use envelope::{Decrypt, open};
pub use record::{Field, Need, Sort};

/// Of one application, once it is text.
const LIMITS: Limits = Limits {
    // Of what is skipped, or kept as it is: known fields are counted by their own lists.
    parameters_max: 100_000,
    name_max_bytes: 256,
    value_max_bytes: 64 * 1024,
    depth_max: 32,
    items_max: Application::CALL_CONTACTS_MAX,
    body_max_bytes: Application::BYTES_MAX,
};

/// What the request calls the text that is read here; paths begin with it.
const DATA: &str = "data";

/// The sections of an application, and in them their fields.
pub const FIELDS: &[Field] = Application::FIELDS;

/// Why a text is no application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is not JSON at all. What was decrypted wrongly looks like this, so nobody is told more.
    Syntax,
    /// A field is missing or malformed.
    Field { path: String, fault: Fault },
}

/// The application that the JSON `text` is.
pub fn read(text: &[u8]) -> Result<Application, Unread> {
    let text = str::from_utf8(text).map_err(|_| Unread::Syntax)?;
    let mut reader = Reader::new(text.strip_prefix('\u{feff}').unwrap_or(text), &LIMITS);
    let mut whole = Sent::of(&mut reader);
    let read = whole.one::<Application>().and_then(|read| Ok(reader.end().map(|()| read)?));
    match read {
        Ok(Some(application)) => Ok(application),
        Ok(None) => Err(Unread::Field { path: DATA.to_owned(), fault: Fault::MISSING }),
        // What is not JSON is not JSON, whatever stands before the place where it shows. A digit
        // alone is what a wrong key makes of a block now and then.
        Err(fail) if may_hold_fields(text) && is_json(text) => fail.inside(DATA).unread(),
        Err(_) => Err(Unread::Syntax),
    }
}

fn may_hold_fields(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[', '"'])
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text.trim_start_matches('\u{feff}')).is_ok()
}

#[cfg(test)]
mod tests;
