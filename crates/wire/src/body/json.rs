//! A JSON object of plain values. Numbers are read as the text of the whole number they are;
//! null is an empty value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Pairs, shown};

/// Adds what `text` holds to `pairs`.
pub(super) fn read(text: &[u8], pairs: &mut Pairs) {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = Object { pairs }.deserialize(&mut reader).and_then(|()| reader.end());
    if let Err(error) = read {
        // The parser's own words may quote a value; its position does not.
        let (line, column) = (error.line(), error.column());
        pairs.refuse(format!("the body is not a JSON object (line {line}, column {column})"));
    }
}

struct Object<'p> {
    pairs: &'p mut Pairs,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let first = self.pairs.entries.len();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Plain)?;
            let shown = shown(&name, self.pairs.entries.len() + 1);
            // Unlike a repeated form key, even an equal repeat is refused: parsers of JSON
            // disagree about which one counts.
            let repeated = self.pairs.entries[first..].iter().any(|(known, _)| *known == name);
            match value {
                _ if repeated => self.pairs.refuse(format!("{shown} is given twice in the body")),
                Some(value) => self.pairs.push(name, value),
                None => self.pairs.refuse(format!("{shown} must be a JSON string")),
            }
        }
        Ok(())
    }
}

/// A plain value as text, or nothing for what cannot be one without loss.
struct Plain;

impl<'de> DeserializeSeed<'de> for Plain {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Plain {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(String::new()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
