//! The policy as it is written: one JSON document.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value as Json};

use super::decimal::Decimal;
use super::value::Type;

/// The value of `format`.
pub const FORMAT: &str = "probity-policy/1";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) format: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) title: Texts,
    #[serde(default)]
    #[expect(dead_code, reason = "for people who read the document")]
    description: Option<Texts>,
    /// Why these data may be used for this purpose.
    pub(super) lawful_basis: Texts,
    /// What is said with an approval.
    pub(super) approval: Texts,
    /// The model whose published score is the input `model.score`.
    #[serde(default)]
    pub(super) model: Option<String>,
    pub(super) inputs: Vec<InputSpec>,
    #[serde(default)]
    pub(super) tables: BTreeMap<String, TableSpec>,
    #[serde(default)]
    pub(super) flow: Option<Json>,
    #[serde(default)]
    pub(super) rules: Vec<RuleSpec>,
    #[serde(default)]
    pub(super) cutoffs: Vec<CutoffSpec>,
}

/// A text in Chinese and in English.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    pub zh: String,
    pub en: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InputSpec {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) of: TypeSpec,
    pub(super) zh: String,
    pub(super) en: String,
    #[serde(default)]
    #[expect(dead_code, reason = "for people who read the document")]
    unit: Option<String>,
    #[serde(default)]
    pub(super) min: Option<Number>,
    #[serde(default)]
    pub(super) max: Option<Number>,
    /// All texts there are.
    #[serde(default)]
    pub(super) values: Option<Vec<String>>,
    /// Which way the applicant could change it; not at all without.
    #[serde(default)]
    pub(super) change: Option<Direction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    Up,
    Down,
    Any,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TypeSpec {
    Boolean,
    Integer,
    Number,
    Text,
    Date,
    Duration,
    List(Box<TypeSpec>),
    Record(BTreeMap<String, TypeSpec>),
}

impl TypeSpec {
    pub(super) fn of(&self) -> Type {
        match self {
            Self::Boolean => Type::Boolean,
            Self::Integer | Self::Number => Type::Number,
            Self::Text => Type::Text,
            Self::Date => Type::Date,
            Self::Duration => Type::Duration,
            Self::List(of) => Type::List(Box::new(of.of())),
            Self::Record(fields) => Type::Map(Arc::new(
                fields.iter().map(|(name, of)| (name.clone(), of.of())).collect(),
            )),
        }
    }
}

/// A decimal number, written as a number or as a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(pub(super) Decimal);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Json::deserialize(deserializer)? {
            Json::Number(number) => number.to_string(),
            Json::String(text) => text,
            _ => return Err(D::Error::custom("a number is needed")),
        };
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TableSpec {
    pub(super) may_overlap: bool,
    pub(super) may_miss: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSpec {
    pub(super) id: String,
    pub(super) when: String,
    pub(super) then: Effect,
    pub(super) zh: String,
    pub(super) en: String,
    /// Instead of the policy's.
    #[serde(default)]
    pub(super) lawful_basis: Option<Texts>,
}

/// What a rule that hits comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Reject,
    Review,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CutoffSpec {
    pub(super) id: String,
    /// The score: an input or a result of the flow.
    pub(super) score: String,
    /// Whom it is for; for all without.
    #[serde(default)]
    pub(super) when: Option<String>,
    #[serde(default)]
    pub(super) reject_below: Option<Number>,
    #[serde(default)]
    pub(super) review_below: Option<Number>,
    #[serde(default)]
    pub(super) reject_above: Option<Number>,
    #[serde(default)]
    pub(super) review_above: Option<Number>,
    pub(super) zh: String,
    pub(super) en: String,
}

/// JSON in which no key comes twice: of two, nobody could tell which one was signed.
pub(super) struct Unique(pub(super) Json);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(truth.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(part)) = parts.next_element()? {
            list.push(part);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Json, A::Error> {
        let mut map = Map::new();
        while let Some((key, Unique(part))) = parts.next_entry::<String, Unique>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{key}` comes twice")));
            }
            map.insert(key, part);
        }
        Ok(Json::Object(map))
    }
}
