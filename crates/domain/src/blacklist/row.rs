//! A row of a file of entries: whom it names, what for, and until when.

use super::{KeyRing, ListedKey, Listing, Reason, until_latest};
use crate::identity::{IdCard, IdentityFault, Mobile, PersonName};
use crate::load::{Columns, Fault};
use crate::time::{Day, Timestamp};

/// Bytes of a source's name.
pub const SOURCE_BYTES_MAX: usize = 64;

/// The columns of a file of entries; each may be absent, but a row names somebody by ID card or
/// mobile.
pub const COLUMNS: Columns = Columns {
    required: &[],
    optional: &["name", "id_card", "mobile", "source", "reason", "from", "ended", "until"],
};

/// A row, checked. It lists a person by each key that it carries; a name makes the entry of the ID
/// card narrower, so that it matches both together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRow {
    pub keys: Vec<ListedKey>,
    pub source: String,
    pub reason: Reason,
    pub from: Timestamp,
    pub until: Timestamp,
}

impl ListedRow {
    /// The entries that the row makes, at `now`.
    pub fn listings(&self, keys: &KeyRing, now: Timestamp) -> impl Iterator<Item = Listing> {
        self.keys.iter().map(move |key| Listing {
            hash: key.hash(keys),
            kind: key.kind,
            source: self.source.clone(),
            reason: self.reason,
            from: self.from,
            until: self.until,
            listed_at: now,
            removed_at: None,
            disputed_at: None,
        })
    }
}

/// Reads a row whose cells stand in the order of [`COLUMNS`]. An empty source is `source`; an empty
/// `from` is the day of the end, or now; an empty `ended` is the day of `from`, for an event
/// without a known end must not be held against somebody for ever.
pub fn read(cells: &[&str], source: &str, now: Timestamp) -> Result<ListedRow, Fault> {
    let &[name, id_card, mobile, own_source, reason, from, ended, until] = cells else {
        return Err(Fault::new("", "has another number of cells than the table has columns"));
    };
    let keys = narrowed(read_person(name, id_card, mobile, now)?);
    let source = read_source(if own_source.is_empty() { source } else { own_source })?;
    let reason = match reason {
        "" => Reason::Other,
        text => Reason::parse(text).ok_or_else(|| {
            let reasons = Reason::ALL.map(Reason::as_str).join(", ");
            Fault::new("reason", format!("must be one of {reasons}"))
        })?,
    };
    let (from, until) = read_times(from, ended, until, now)?;
    Ok(ListedRow { keys, source, reason, from, until })
}

/// What a row says of a person.
type Person = (Option<PersonName>, Option<IdCard>, Option<Mobile>);

fn read_person(name: &str, id_card: &str, mobile: &str, now: Timestamp) -> Result<Person, Fault> {
    fn given<T>(
        field: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, IdentityFault>,
    ) -> Result<Option<T>, Fault> {
        let parsed = (!text.is_empty()).then(|| parse(text)).transpose();
        parsed.map_err(|fault| Fault::new(field, fault.to_string()))
    }
    let id_card = given("id_card", id_card, |text| IdCard::parse(text, now.shanghai_day()))?;
    let mobile = given("mobile", mobile, Mobile::parse)?;
    if id_card.is_none() && mobile.is_none() {
        return Err(Fault::new("id_card", "must be given, or a mobile: a name matches nobody"));
    }
    Ok((given("name", name, PersonName::parse)?, id_card, mobile))
}

/// The keys of an entry: a name narrows that of the ID card.
fn narrowed((name, id_card, mobile): Person) -> Vec<ListedKey> {
    let id_card = id_card.map(|id_card| match &name {
        Some(name) => ListedKey::name_and_id_card(name, &id_card),
        None => ListedKey::id_card(&id_card),
    });
    id_card.into_iter().chain(mobile.as_ref().map(ListedKey::mobile)).collect()
}

/// All that a person may be listed under, as far as the person is known; empty texts are unknown.
pub fn keys_of(
    name: &str,
    id_card: &str,
    mobile: &str,
    now: Timestamp,
) -> Result<Vec<ListedKey>, Fault> {
    let (name, id_card, mobile) = read_person(name, id_card, mobile, now)?;
    let both = name.zip(id_card.as_ref());
    let both = both.map(|(name, id_card)| ListedKey::name_and_id_card(&name, id_card));
    let mobile = mobile.as_ref().map(ListedKey::mobile);
    Ok([id_card.as_ref().map(ListedKey::id_card), mobile, both].into_iter().flatten().collect())
}

/// Reads the name of who reported.
pub fn read_source(source: &str) -> Result<String, Fault> {
    let fits = (1..=SOURCE_BYTES_MAX).contains(&source.len()) && !source.contains('\0');
    let reason = || format!("must have 1 to {SOURCE_BYTES_MAX} bytes, none of them NUL");
    fits.then(|| source.to_owned()).ok_or_else(|| Fault::new("source", reason()))
}

fn read_times(
    from: &str,
    ended: &str,
    until: &str,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Fault> {
    let from = instant("from", from)?;
    let ended = match ended {
        "" => from.unwrap_or(now).shanghai_day(),
        text => {
            Day::parse(text).ok_or_else(|| Fault::new("ended", "must be a day, like 2026-11-21"))?
        }
    };
    if ended > now.shanghai_day() {
        return Err(Fault::new("ended", "is still to come"));
    }
    let from = from.unwrap_or_else(|| ended.shanghai_start().min(now));
    let latest = until_latest(ended);
    let until = instant("until", until)?.unwrap_or(latest);
    if until > latest {
        return Err(Fault::new("until", format!("is later than {latest}: five years are over")));
    }
    if until <= now || until <= from {
        return Err(Fault::new("until", format!("{until} is over: the entry would count never")));
    }
    Ok((from, until))
}

/// An instant, or the first of a day in Shanghai.
fn instant(field: &'static str, text: &str) -> Result<Option<Timestamp>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = Day::parse(text).map(Day::shanghai_start);
    let read = day.or_else(|| Timestamp::parse(text)).map(Some);
    read.ok_or_else(|| Fault::new(field, "must be a day like 2026-11-21, or RFC 3339"))
}
