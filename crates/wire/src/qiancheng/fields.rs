//! One field at a time: found by its name, checked, and refused by its path.

use domain::claims::{Claims, Contact, Place, Relation};
use domain::identity::{IdCard, Mobile, Person, PersonName};
use domain::secret::{Private, Secret};
use domain::time::Day;

use super::LIMITS;
use super::endpoint::ClaimKeys;
use super::refusal::{Fault, Refusal};
use crate::body::{Dialect, Value};

/// In characters.
const TEXT_LENGTH_MAX: usize = 200;
/// With what people put between the digits.
const TELEPHONE_LENGTH_MAX: usize = 32;
const OPEN_ID_LENGTH: usize = 32;

pub(super) const HOURS_DEFAULT: u16 = 24;
const HOURS_MAX: u16 = 720;

/// Wait for the end, or return at once.
pub(super) const SYNC: &[&str] = &["0", "1"];

/// The fields of a request, or of a part of it.
pub(super) struct Fields<'v> {
    value: &'v Value,
    /// What stands before a name: empty, or as in `options.`.
    path: String,
}

impl<'v> Fields<'v> {
    pub(super) fn of(value: &'v Value) -> Self {
        Self { value, path: String::new() }
    }

    /// What was sent under `name`, if it is anything: PHP writes an empty object as a list.
    fn find(&self, name: &str) -> Option<&'v Value> {
        self.value.get(name).filter(|value| match value {
            Value::List(items) => !items.is_empty(),
            Value::Map(members) => !members.is_empty(),
            other => !other.is_absent(),
        })
    }

    fn refuse(&self, name: &str, fault: Fault) -> Refusal {
        Refusal::Field { path: format!("{}{name}", self.path), fault }
    }

    pub(super) fn required<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Result<T, Refusal> {
        self.optional(name, read)?.ok_or_else(|| self.refuse(name, Fault::MISSING))
    }

    /// An empty text is none.
    pub(super) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.find(name) else { return Ok(None) };
        let read = value.text().ok_or(Fault::NotText).and_then(read);
        read.map(Some).map_err(|fault| self.refuse(name, fault))
    }

    /// A secret that must be sent; an empty one is none.
    pub(super) fn sent(&self, name: &str) -> Result<Option<Secret<String>>, Refusal> {
        match self.value.get(name) {
            Some(Value::Text(text)) if text.is_empty() => Ok(None),
            _ => self.required(name, secret).map(Some),
        }
    }

    /// The id of a session by any of its spellings, `names`, of which the first names it.
    pub(super) fn open_id(&self, names: &[&str]) -> Result<String, Refusal> {
        let mut found = None;
        for name in names {
            let id = self.optional(name, open_id)?;
            if found.is_some() && id.is_some() && found != id {
                return Err(self.refuse(name, Fault::Contradiction));
            }
            found = found.or(id);
        }
        found.ok_or_else(|| self.refuse(names[0], Fault::MISSING))
    }

    pub(super) fn name(&self) -> Result<PersonName, Refusal> {
        self.required("name", |text| Ok(PersonName::parse(text)?))
    }

    pub(super) fn id_card(&self, today: Day) -> Result<IdCard, Refusal> {
        self.required("id_card", |text| Ok(IdCard::parse(text, today)?))
    }

    pub(super) fn person(&self, today: Day) -> Result<Person, Refusal> {
        let (name, id_card) = (self.name()?, self.id_card(today)?);
        let mobile = self.required("mobile", |text| Ok(Mobile::parse(text)?))?;
        Ok(Person { name, id_card, mobile })
    }

    /// The person by the fields of section 7.1, in the document's order.
    pub(super) fn applicant(&self, today: Day) -> Result<Person, Refusal> {
        let name = self.name()?;
        let mobile = self.required("phone", |text| Ok(Mobile::parse(text)?))?;
        Ok(Person { name, mobile, id_card: self.id_card(today)? })
    }

    /// What stands inside the object under `name`.
    pub(super) fn inside<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Fields<'_>) -> Result<T, Refusal>,
    ) -> Result<Option<T>, Refusal> {
        self.unquoted(name, |value| {
            let path = format!("{}{name}.", self.path);
            match value {
                Value::Map(_) => read(&Fields { value, path }),
                _ => Err(self.refuse(name, Fault::NotMap)),
            }
        })
    }

    /// What stands inside each object of the list under `name`, `max` of them at most; empty ones
    /// are none.
    fn each<T>(
        &self,
        name: &str,
        max: usize,
        read: impl Fn(&Fields<'_>) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        let all = self.unquoted(name, |value| {
            let items = value.items().ok_or_else(|| self.refuse(name, Fault::NotList))?;
            if items.len() > max {
                return Err(self.refuse(name, Fault::TooMany));
            }
            let item = |(place, value): (usize, &Value)| match value {
                Value::Map(members) if members.iter().all(|(_, value)| value.is_absent()) => None,
                Value::Map(_) => {
                    let path = format!("{}{name}[{place}].", self.path);
                    Some(read(&Fields { value, path }))
                }
                _ => Some(Err(self.refuse(&format!("{name}[{place}]"), Fault::NotMap))),
            };
            items.iter().enumerate().filter_map(item).collect()
        })?;
        Ok(all.unwrap_or_default())
    }

    /// Gives what is nested under `name`; it may come as a JSON text inside a form value.
    fn unquoted<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Value) -> Result<T, Refusal>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.find(name) else { return Ok(None) };
        let Value::Text(text) = value else { return read(value).map(Some) };
        let quoted = format!("{{\"{name}\":{text}}}");
        let quoted = Value::from_json(quoted.as_bytes(), &LIMITS, Dialect::Strict).ok();
        // More than one member: the text closed the object that it was put into.
        let is_one = |value: &Value| matches!(value, Value::Map(members) if members.len() == 1);
        let quoted = quoted.filter(is_one).ok_or_else(|| self.refuse(name, Fault::Form))?;
        Fields { value: &quoted, path: String::new() }.find(name).map(read).transpose()
    }

    /// The person's claims under `options`.
    pub(super) fn claims(&self, keys: &ClaimKeys) -> Result<Claims, Refusal> {
        let claims = self.inside("options", |options| {
            let contact = |contact: &Fields<'_>| {
                Ok(Contact {
                    telephone: contact.required(keys.contact_telephone, telephone)?,
                    name: contact.optional("contact_name", private)?,
                    relation: contact.optional("contact_type", choice(&Relation::ALL))?,
                })
            };
            Ok(Claims {
                work: options.place(keys.work_address, keys.work_telephone)?,
                home: options.place(keys.home_address, keys.home_telephone)?,
                contacts: options.each("contacts", Claims::CONTACTS_MAX, contact)?,
            })
        })?;
        Ok(claims.unwrap_or_default())
    }

    fn place(&self, address: &str, telephone: &str) -> Result<Place, Refusal> {
        let address = self.optional(address, private)?;
        Ok(Place { address, telephone: self.optional(telephone, private)? })
    }
}

/// A text without the characters that no keyboard writes.
pub(super) fn text(text: &str) -> Result<String, Fault> {
    if text.chars().count() > TEXT_LENGTH_MAX {
        return Err(Fault::TooLong);
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(Fault::Form);
    }
    Ok(text.to_owned())
}

pub(super) fn private(value: &str) -> Result<Private<String>, Fault> {
    text(value).map(Private::new)
}

pub(super) fn secret(text: &str) -> Result<Secret<String>, Fault> {
    let fits = text.chars().count() <= TEXT_LENGTH_MAX;
    if fits { Ok(Secret::new(text.to_owned())) } else { Err(Fault::TooLong) }
}

fn telephone(text: &str) -> Result<Private<String>, Fault> {
    let is_telephone = |byte: u8| byte.is_ascii_digit() || b"+-() ".contains(&byte);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if text.len() > TELEPHONE_LENGTH_MAX || digits < 3 || !text.bytes().all(is_telephone) {
        return Err(Fault::Form);
    }
    Ok(Private::new(text.to_owned()))
}

fn open_id(text: &str) -> Result<String, Fault> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let fits = text.len() == OPEN_ID_LENGTH && text.bytes().all(is_digit);
    if fits { Ok(text.to_owned()) } else { Err(Fault::Form) }
}

pub(super) fn hours(text: &str) -> Result<u16, Fault> {
    let hours = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let hours = hours.and_then(|text| text.parse().ok());
    hours.filter(|hours| (1..=HOURS_MAX).contains(hours)).ok_or(Fault::Range)
}

/// The one of `all` that a text names by its place.
pub(super) fn choice<T: Copy>(all: &[T]) -> impl Fn(&str) -> Result<T, Fault> {
    move |text| {
        let mut places = all.iter().enumerate().map(|(place, one)| (place.to_string(), *one));
        places.find(|(place, _)| place == text).map(|(_, one)| one).ok_or(Fault::Choice)
    }
}
