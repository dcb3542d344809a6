//! The blacklist (黑名单): persons whom a source reported, found by ID card, by mobile, or by name
//! and ID card together. A name alone never matches: many people share it.
//!
//! How long an entry may be used is law (征信业管理条例, article 16): five years from the end of
//! the event, then it is gone by itself ([`until_latest`]). An entry that the person disputes
//! (article 25) is marked, and is not answered while the dispute lasts: the faces answer yes or
//! no, so the mark could not travel with the answer, and an unmarked yes would be what the law
//! forbids. The dispute ends with the entry's removal, or with its return.

mod row;

use crate::identity::{IdCard, Mobile, PersonName};
use crate::keys::KeyRing;
use crate::secret::Private;
use crate::time::{Day, Timestamp};

pub use row::{COLUMNS, ListedRow, SOURCE_BYTES_MAX, keys_of, read, read_source};

/// What an entry is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    IdCard,
    Mobile,
    NameAndIdCard,
}

impl KeyKind {
    const ALL: [Self; 3] = [Self::IdCard, Self::Mobile, Self::NameAndIdCard];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::IdCard => "id_card",
            Self::Mobile => "mobile",
            Self::NameAndIdCard => "name_and_id_card",
        }
    }

    pub fn to_db(self) -> i64 {
        self as i64
    }

    pub fn from_db(value: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.to_db() == value)
    }

    /// The name space of the key's hash.
    fn space(self) -> &'static str {
        match self {
            Self::IdCard => "blacklist.id-card",
            Self::Mobile => "blacklist.mobile",
            Self::NameAndIdCard => "blacklist.name-and-id-card",
        }
    }
}

/// What a person is looked up by, or listed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    pub kind: KeyKind,
    canonical: Private<String>,
}

impl ListedKey {
    pub fn id_card(id_card: &IdCard) -> Self {
        Self { kind: KeyKind::IdCard, canonical: id_card.canonical() }
    }

    pub fn mobile(mobile: &Mobile) -> Self {
        Self { kind: KeyKind::Mobile, canonical: mobile.canonical() }
    }

    pub fn name_and_id_card(name: &PersonName, id_card: &IdCard) -> Self {
        let both = format!("{}\n{}", id_card.expose(), name.canonical().expose());
        Self { kind: KeyKind::NameAndIdCard, canonical: Private::new(both) }
    }

    /// All that a look-up for this person asks for.
    pub fn of_person(name: &PersonName, id_card: &IdCard, mobile: &Mobile) -> [Self; 3] {
        [Self::id_card(id_card), Self::mobile(mobile), Self::name_and_id_card(name, id_card)]
    }

    pub fn hash(&self, keys: &KeyRing) -> ListedHash {
        let whole = keys.index(self.kind.space(), &self.canonical);
        ListedHash(*whole.first_chunk().expect("32 bytes begin with 16"))
    }
}

/// The keyed hash of a [`ListedKey`]: the first half of its HMAC. With ten million entries, a
/// person is taken for another once in 10^31 look-ups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListedHash(pub [u8; 16]);

/// Why somebody was reported. A closed list: a free text would hold what is the person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// 逾期
    Overdue,
    /// 呆账
    ChargedOff,
    /// 欺诈
    Fraud,
    /// 失信被执行人
    Court,
    /// 其他
    Other,
}

impl Reason {
    pub const ALL: [Self; 5] =
        [Self::Overdue, Self::ChargedOff, Self::Fraud, Self::Court, Self::Other];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::ChargedOff => "charged_off",
            Self::Fraud => "fraud",
            Self::Court => "court",
            Self::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }

    pub fn to_db(self) -> i64 {
        self as i64
    }

    pub fn from_db(value: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.to_db() == value)
    }
}

/// An entry. One source has at most one under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub hash: ListedHash,
    pub kind: KeyKind,
    /// Who reported it.
    pub source: String,
    pub reason: Reason,
    /// In force from then on…
    pub from: Timestamp,
    /// …and no longer at this instant.
    pub until: Timestamp,
    pub listed_at: Timestamp,
    /// Taken back: it was wrong, or settled.
    pub removed_at: Option<Timestamp>,
    /// The person disputes it since then.
    pub disputed_at: Option<Timestamp>,
}

/// What an entry counts for at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Listed,
    Removed,
    Disputed,
    NotYet,
    Expired,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Removed => "removed",
            Self::Disputed => "disputed",
            Self::NotYet => "not_yet",
            Self::Expired => "expired",
        }
    }
}

impl Listing {
    /// Only [`Standing::Listed`] makes a look-up answer yes.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if now >= self.until {
            Standing::Expired
        } else if self.removed_at.is_some() {
            Standing::Removed
        } else if self.disputed_at.is_some() {
            Standing::Disputed
        } else if now < self.from {
            Standing::NotYet
        } else {
            Standing::Listed
        }
    }
}

/// The years that an event may be held against somebody.
const YEARS: i32 = 5;

/// The instant at which an event that ended on that day may no longer be used: five years, counted
/// as the law counts (民法典, articles 201 to 203): the day of the end is not counted, the last
/// day is the same date (or, where there is none, the last of the month), to its very end.
pub fn until_latest(ended: Day) -> Timestamp {
    let (year, month, day) = ended.civil();
    let last = Day::from_civil(year + YEARS, month, day)
        .or_else(|| Day::from_civil(year + YEARS, month, day - 1));
    last.unwrap_or(ended).next().shanghai_start()
}

#[cfg(test)]
mod tests;
