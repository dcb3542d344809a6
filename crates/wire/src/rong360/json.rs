//! JSON as the document prints it: a comma too many or too few, spaces inside names, a name given
//! twice with equal values, the last brace left out. What leaves doubt is refused.

use domain::failure::Failure;

use super::refusal::Refusal;
use crate::body::{Dialect, Limits, Value};

/// Of one JSON text, which is a handful of short members.
const LIMITS: Limits = Limits {
    parameters_max: 512,
    name_max_bytes: 128,
    value_max_bytes: 4 * 1024,
    depth_max: 8,
    items_max: 128,
    body_max_bytes: super::message::LIMITS.body_max_bytes,
};

/// What is wiped in the end: passwords travel in it.
pub(super) struct Wiped(pub(super) Value);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

/// The object that `text` is; `name` is what a refusal calls it.
pub(super) fn object(name: &str, text: &[u8]) -> Result<Wiped, Refusal> {
    let refuse = |reason: &str| Refusal::envelope(format!("{name} ({reason})"));
    let read =
        Value::from_json(text, &LIMITS, Dialect::Printed).map_err(|failure| match failure {
            Failure::Parameter { reason } => refuse(&reason),
            other => other.into(),
        })?;
    let mut read = Wiped(read);
    if !trim_names(&mut read.0) {
        return Err(refuse("a name is given twice with different values"));
    }
    Ok(read)
}

/// The same of a whole body, whose last brace may be missing (section 1.2.5 prints it so): by then
/// every member has been read.
pub(super) fn body(text: &[u8]) -> Result<Wiped, Refusal> {
    object("JSON", text).or_else(|refusal| {
        let closed = domain::secret::Secret::new([text, b"}"].concat());
        object("JSON", closed.expose()).map_err(|_| refusal)
    })
}

/// Takes the space off all names; false when that makes two of them equal whose values differ.
fn trim_names(value: &mut Value) -> bool {
    match value {
        Value::List(items) => items.iter_mut().all(trim_names),
        Value::Map(members) => {
            let mut seen: Vec<(String, Value)> = Vec::with_capacity(members.len());
            let mut is_clear = true;
            for (name, mut value) in members.drain(..) {
                is_clear &= trim_names(&mut value);
                let name = name.trim();
                match seen.iter().find(|(known, _)| known == name) {
                    None => seen.push((name.to_owned(), value)),
                    Some((_, first)) => {
                        is_clear &= *first == value;
                        value.wipe();
                    }
                }
            }
            *members = seen;
            is_clear
        }
        Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Null => true,
    }
}
