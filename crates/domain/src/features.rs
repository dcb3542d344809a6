//! Features: what a model reads, computed from a person's behaviours inside a window of time.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::{Span, Timestamp};

/// The window when a feature names none: the 180 days of the Finplus score (code 109).
pub const WINDOW_DAYS_DEFAULT: u32 = 180;
/// The kind of a feature that is read from an application ([`crate::assessment::CATALOGUE`]), not
/// from behaviours.
pub const APPLICATION: &str = "application";
const DAY_US: i64 = 86_400_000_000;

/// One observed fact about a person: at a moment, of a kind (a source or a data set), a name and a
/// value as text, which is a decimal number or a category such as `A11`.
#[derive(Clone, PartialEq, Eq)]
pub struct Behaviour {
    pub at: Timestamp,
    pub kind: String,
    pub name: String,
    pub value: String,
}

impl fmt::Debug for Behaviour {
    /// Without the value, which is a person's data and must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Behaviour({}/{} at {})", self.kind, self.name, self.at)
    }
}

/// How the behaviours inside the window become one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The value of the latest; of several at one moment, the last one given. Missing when none.
    Last,
    /// How many there are; 0 when none.
    Count,
    /// The sum of the values, in order of time and then of size, so that the order in which they
    /// were stored does not matter. Missing when there is none: no data is not a sum of zero.
    Sum,
    /// Whole days from the latest to now. Missing when none.
    DaysSince,
}

/// One feature of a model, as its card declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureSpec {
    /// The name by which the model reads it.
    pub name: String,
    /// The kind of the behaviours, or [`APPLICATION`].
    pub kind: String,
    /// The name of the behaviours that it is computed from; of an application the feature's own.
    pub behaviour: String,
    pub aggregate: Aggregate,
    #[serde(default = "window_days_default")]
    pub window_days: u32,
    /// The number that stands for each category, for models that read numbers alone. With it, the
    /// value is a category: one that is not listed stays text, which such a model refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<BTreeMap<String, f64>>,
}

fn window_days_default() -> u32 {
    WINDOW_DAYS_DEFAULT
}

impl FeatureSpec {
    pub fn is_of_application(&self) -> bool {
        self.kind == APPLICATION
    }

    fn read(&self, text: &str) -> Value {
        match &self.codes {
            Some(codes) => match codes.get(text) {
                Some(code) => Value::Number(*code),
                None => Value::Text(text.to_owned()),
            },
            None => Value::read(text),
        }
    }

    fn aggregate(&self, mine: &[&Behaviour], now: Timestamp) -> Value {
        let window = || mine.iter().filter(|one| inside(one.at, self.window_days, now));
        // `max_by_key` gives the last of equals, which is the rule of `Aggregate::Last`.
        let latest = || window().max_by_key(|one| one.at);
        match self.aggregate {
            Aggregate::Count => Value::Number(window().count() as f64),
            Aggregate::Last => latest().map_or(Value::Missing, |one| self.read(&one.value)),
            Aggregate::DaysSince => latest().map_or(Value::Missing, |one| {
                Value::Number((now - one.at).0.div_euclid(DAY_US) as f64)
            }),
            Aggregate::Sum => sum(window().copied()),
        }
    }
}

/// Whether `at` lies in the window that ends now: `now - window < at <= now`.
pub(crate) fn inside(at: Timestamp, window_days: u32, now: Timestamp) -> bool {
    now - Span(i64::from(window_days).saturating_mul(DAY_US)) < at && at <= now
}

/// A value that is no number makes the sum that text: the model then refuses it by name, where a
/// sum that skipped it would pass for the whole.
fn sum<'b>(window: impl Iterator<Item = &'b Behaviour>) -> Value {
    let mut numbers = Vec::new();
    for one in window {
        match Value::read(&one.value) {
            Value::Number(number) => numbers.push((one.at, number)),
            text => return text,
        }
    }
    if numbers.is_empty() {
        return Value::Missing;
    }
    numbers.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = numbers.iter().map(|(_, number)| number).sum();
    // Adding to negative zero keeps it; a sum of zeros is shown as 0.
    if total.is_finite() { Value::Number(total + 0.0) } else { Value::Text(total.to_string()) }
}

/// What a feature is worth for one person at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// There is no behaviour to compute it from.
    Missing,
    /// A finite number; infinities and NaN stay text, so that they can be refused by name.
    Number(f64),
    Text(String),
}

impl Value {
    /// Reads a number exactly (the nearest f64), anything else as text.
    pub fn read(text: &str) -> Self {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The values of a model's features, by name. It is stored with a decision as JSON
/// (`{"age_years":35,"status":"A11","x":null}`), and read back it is the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Features(BTreeMap<String, Value>);

impl Features {
    /// The value of a feature; one that was not computed is missing.
    pub fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Missing)
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl FromIterator<(String, Value)> for Features {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// Computes each feature from the behaviours that its window holds.
pub fn compute(specs: &[FeatureSpec], behaviours: &[Behaviour], now: Timestamp) -> Features {
    let mut by_name: HashMap<(&str, &str), Vec<&Behaviour>> = HashMap::new();
    for one in behaviours {
        by_name.entry((&one.kind, &one.name)).or_default().push(one);
    }
    let of = |spec: &FeatureSpec| {
        let mine = by_name.get(&(spec.kind.as_str(), spec.behaviour.as_str()));
        spec.aggregate(mine.map_or(&[], Vec::as_slice), now)
    };
    specs.iter().map(|spec| (spec.name.clone(), of(spec))).collect()
}

#[cfg(test)]
mod tests;
