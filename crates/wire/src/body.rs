//! The one tolerant reader: the parameters of a request, from its query and its body, whichever
//! of the known ways they were sent.

use domain::failure::Failure;
use domain::secret::Private;

use crate::request::Request;

mod json;
mod urlencoded;

/// Parameters of one request, query and body together.
pub const PARAMETERS_MAX: usize = 64;
/// Length of a parameter's name, decoded.
pub const NAME_MAX_BYTES: usize = 128;
/// Length of a parameter's value, decoded.
pub const VALUE_MAX_BYTES: usize = 8 * 1024;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The parameters of a request in the order they were sent, the query's before the body's.
///
/// A fault does not end the reading: the first one is remembered, so that an answer about it can
/// still echo what was legible.
#[derive(Debug, Default)]
pub struct Pairs {
    entries: Vec<(String, Private<String>)>,
    fault: Option<Failure>,
}

impl Pairs {
    /// Reads all that `request` carries. A body without a known `Content-Type` is told by its
    /// bytes, because clients drop the header.
    pub fn read(request: &Request<'_>) -> Self {
        let mut pairs = Self::default();
        urlencoded::read(request.query.as_bytes(), &mut pairs);
        let body = request.body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(request.body);
        match Kind::of(request.headers.get("content-type"), body) {
            Kind::Empty => {}
            Kind::Form => urlencoded::read(body, &mut pairs),
            Kind::Json => json::read(body, &mut pairs),
            Kind::Unknown => pairs.refuse(
                "Content-Type must be application/x-www-form-urlencoded or application/json"
                    .to_owned(),
            ),
        }
        pairs
    }

    /// Whether everything was legible and inside the limits; else the first fault.
    pub fn sound(&self) -> Result<(), Failure> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    /// The value of a parameter that goes by any of `spellings`; the first of them names it in a
    /// refusal. Repeats are fine as long as they are equal (`common.md`, Reading requests).
    pub fn agreed(&self, spellings: &[&str]) -> Result<Option<&str>, Failure> {
        let mut values = self
            .entries
            .iter()
            .filter(|(name, _)| spellings.contains(&name.as_str()))
            .map(|(_, value)| value.expose().as_str());
        let first = values.next();
        if values.any(|value| Some(value) != first) {
            return Err(parameter(format!(
                "{} is given more than once, with different values",
                spellings[0]
            )));
        }
        Ok(first)
    }

    /// Refuses the first parameter whose name is not `known`.
    pub fn only(&self, known: impl Fn(&str) -> bool) -> Result<(), Failure> {
        match self.entries.iter().position(|(name, _)| !known(name)) {
            None => Ok(()),
            Some(at) => {
                let name = shown(&self.entries[at].0, at + 1);
                Err(parameter(format!("{name} is not a parameter of this call")))
            }
        }
    }

    fn push(&mut self, name: String, value: String) {
        let shown = || shown(&name, self.entries.len() + 1);
        let fault = if self.is_full() {
            format!("more than {PARAMETERS_MAX} parameters")
        } else if name.len() > NAME_MAX_BYTES {
            format!("the name of {} is longer than {NAME_MAX_BYTES} bytes", shown())
        } else if value.len() > VALUE_MAX_BYTES {
            format!("the value of {} is longer than {VALUE_MAX_BYTES} bytes", shown())
        } else {
            self.entries.push((name, Private::new(value)));
            return;
        };
        self.refuse(fault);
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= PARAMETERS_MAX
    }

    fn refuse(&mut self, reason: String) {
        self.fault.get_or_insert(Failure::Parameter { reason });
    }
}

/// A refusal of code 10: `reason` names the parameter and says what to do.
pub(crate) fn parameter(reason: impl Into<String>) -> Failure {
    Failure::Parameter { reason: reason.into() }
}

/// How a reason calls a parameter: by its name when that cannot be anything else, otherwise by
/// its place. Names come from the client, and one that mixes up name and value would put a
/// person's id into a header and a log; no id is as short as 24 characters with so few digits.
fn shown(name: &str, place: usize) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.[]".contains(&b);
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_name = (1..=24).contains(&name.len()) && name.bytes().all(is_plain) && digits < 8;
    if is_name { name.to_owned() } else { format!("parameter number {place}") }
}

enum Kind {
    Empty,
    Form,
    Json,
    Unknown,
}

impl Kind {
    fn of(content_type: Option<&str>, body: &[u8]) -> Self {
        if body.is_empty() {
            return Self::Empty;
        }
        let media = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match media.to_ascii_lowercase().as_str() {
            "application/json" => Self::Json,
            "" if body.trim_ascii_start().starts_with(b"{") => Self::Json,
            "application/x-www-form-urlencoded" | "" => Self::Form,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests;
