//! What is known about one application, by name.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

use super::decimal::Decimal;
use super::value::Value;
use crate::features::{self, Features};
use crate::time::Timestamp;

/// The inputs of a decision. Names that the policy does not declare are not looked at.
#[derive(Clone, Default, PartialEq)]
pub struct Inputs(BTreeMap<String, Value>);

impl fmt::Debug for Inputs {
    /// Without the values, which are a person's data and must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Inputs {
    /// Reads an object: `{"lenders.m7": 3}` and `{"lenders": {"m7": 3}}` are the same. Null is not
    /// known.
    pub fn from_json(json: &Json) -> Self {
        let pair = |(name, value): (&String, &Json)| (name.clone(), Value::from_json(value));
        Self(json.as_object().into_iter().flatten().map(pair).collect())
    }

    /// What went into a decision, and when, as its bytes keep it: to decide it again.
    pub fn of_record(bytes: &[u8]) -> Option<(Self, Timestamp)> {
        let record: Json = serde_json::from_slice(bytes).ok()?;
        let at = Timestamp::parse(record.get("at")?.as_str()?)?;
        Some((Self::from_json(record.get("inputs")?), at))
    }

    /// Sets one.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.set(name, value);
        self
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// One value: by its whole name, or part by part inside nested ones.
    pub fn get(&self, name: &str) -> Value {
        if let Some(value) = self.0.get(name) {
            return value.clone();
        }
        let mut parts = name.split('.');
        let first = parts.next().and_then(|part| self.0.get(part)).cloned().unwrap_or_default();
        parts.fold(first, |value, part| match value {
            Value::Map(map) => map.get(part).cloned().unwrap_or_default(),
            _ => Value::Unknown,
        })
    }
}

impl From<&features::Value> for Value {
    fn from(value: &features::Value) -> Self {
        match value {
            features::Value::Missing => Self::Unknown,
            features::Value::Number(number) => {
                Decimal::from_f64(*number).map_or(Self::Unknown, Self::Number)
            }
            features::Value::Text(text) => Self::text(text),
        }
    }
}

impl From<&Features> for Inputs {
    fn from(features: &Features) -> Self {
        Self(features.iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
    }
}
