//! The flat view of a request: names and texts in the order they were sent.

use domain::failure::Failure;
use domain::secret::Secret;

use super::{Body, Dialect, Kind, Limits, Value, json, multipart, urlencoded};
use crate::request::Request;

/// The parameters of a request in the order they were sent, the query's before the body's.
///
/// A fault does not end the reading: the first one is remembered, so that an answer about it can
/// still echo what was legible. The values are wiped in the end, as some face's are passwords.
#[derive(Debug)]
pub struct Pairs {
    pub(super) entries: Vec<(String, Secret<String>)>,
    fault: Option<Failure>,
    limits: Limits,
}

impl Pairs {
    /// Reads all that `request` carries, within [`Limits::FLAT`].
    pub fn read(request: &Request<'_>) -> Self {
        Self::of(request, &Body::of(request, &Limits::FLAT), Limits::FLAT)
    }

    /// Reads the query of `request` and its `body`, which was taken before.
    pub(crate) fn of(
        request: &Request<'_>,
        body: &Result<Body<'_>, Failure>,
        limits: Limits,
    ) -> Self {
        let mut pairs = Self::of_query(request, limits);
        match body {
            Ok(Body { kind: Kind::Json, bytes }) => pairs.add_json(bytes),
            Ok(body) => pairs.add_fields(body),
            Err(failure) => {
                pairs.fault.get_or_insert(failure.clone());
            }
        }
        pairs
    }

    pub(super) fn none(limits: Limits) -> Self {
        Self { entries: Vec::new(), fault: None, limits }
    }

    pub(crate) fn of_query(request: &Request<'_>, limits: Limits) -> Self {
        let mut pairs = Self::none(limits);
        urlencoded::read(request.query.as_bytes(), &mut pairs);
        pairs
    }

    /// Adds a body that has no nesting of its own.
    pub(super) fn add_fields(&mut self, body: &Body<'_>) {
        match &body.kind {
            Kind::Empty => {}
            Kind::Form => urlencoded::read(&body.bytes, self),
            Kind::Multipart { boundary } => multipart::read(&body.bytes, boundary, self),
            Kind::Json | Kind::Unknown => self.refuse(
                "Content-Type must be application/x-www-form-urlencoded, multipart/form-data \
                 or application/json"
                    .to_owned(),
            ),
        }
    }

    /// Adds a JSON object of plain values: a number as the text it was sent as, null as an empty
    /// text.
    fn add_json(&mut self, text: &[u8]) {
        let first = self.entries.len();
        // The lengths of names and values are checked here, with better words.
        let limits = Limits { name_max_bytes: usize::MAX, value_max_bytes: usize::MAX, ..JSON };
        let read = json::read(text, &limits, Dialect::Strict, |name, value| {
            let place = shown(&name, self.next_place());
            // Unlike a repeated form key, even an equal repeat is refused: parsers of JSON
            // disagree about which one counts.
            if self.entries[first..].iter().any(|(known, _)| *known == name) {
                return self.refuse(format!("{place} is given twice in the body"));
            }
            match value {
                Value::Text(text) | Value::Number(text) => self.push(name, text),
                Value::Null => self.push(name, String::new()),
                Value::Bool(_) | Value::List(_) | Value::Map(_) => {
                    self.refuse(format!("{place} must be a JSON string"));
                }
            }
        });
        if let Err(fault) = read {
            self.refuse(fault.reason(&limits));
        }
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

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value.expose().as_str()))
    }

    /// Name and text of each, for whoever wipes these then.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (String, String)> {
        self.entries.into_iter().map(|(name, value)| (name, value.take()))
    }

    pub(super) fn push(&mut self, name: String, value: String) {
        let Limits { parameters_max, name_max_bytes, value_max_bytes, .. } = self.limits;
        let shown = || shown(&name, self.next_place());
        let fault = if self.entries.len() >= parameters_max {
            format!("more than {parameters_max} parameters")
        } else if name.len() > name_max_bytes {
            format!("the name of {} is longer than {name_max_bytes} bytes", shown())
        } else if value.len() > value_max_bytes {
            format!("the value of {} is longer than {value_max_bytes} bytes", shown())
        } else {
            self.entries.push((name, Secret::new(value)));
            return;
        };
        self.refuse(fault);
    }

    /// The number of the parameter that is read next, from 1.
    pub(super) fn next_place(&self) -> usize {
        self.entries.len() + 1
    }

    /// Whether reading on is of no use.
    pub(super) fn is_overfull(&self) -> bool {
        self.entries.len() >= self.limits.parameters_max && self.fault.is_some()
    }

    pub(super) fn refuse(&mut self, reason: String) {
        self.fault.get_or_insert(Failure::Parameter { reason });
    }
}

/// What a flat JSON body may have nested in it before it is refused for that.
const JSON: Limits = Limits { parameters_max: 4096, items_max: 4096, ..Limits::FLAT };

/// A refusal of code 10: `reason` names the parameter and says what to do.
pub(crate) fn parameter(reason: impl Into<String>) -> Failure {
    Failure::Parameter { reason: reason.into() }
}

/// How a reason calls a parameter: by its name when that cannot be anything else, otherwise by
/// its place.
pub(super) fn shown(name: &str, place: usize) -> String {
    plain_name(name).map_or_else(|| format!("parameter number {place}"), str::to_owned)
}

/// A name that may be shown. Names come from the client, and one that mixes up name and value
/// would put a person's id into a header and a log; no id is as short as 24 characters with so few
/// digits.
pub(super) fn plain_name(name: &str) -> Option<&str> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.[]".contains(&b);
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_name = (1..=24).contains(&name.len()) && name.bytes().all(is_plain) && digits < 8;
    is_name.then_some(name)
}
