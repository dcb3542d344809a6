//! A session in memory, and its sealed record.

use domain::claims::{self, Claims, Contact, Relation};
use domain::entropy::Entropy;
use domain::identity::{IdCard, Mobile, Person, PersonName};
use domain::ids::{AppId, BizId, CallKey};
use domain::keys::{KeyRing, Place, SealError, SubjectKey};
use domain::merchant::Limits;
use domain::money::Amount;
use domain::secret::Private;
use domain::session::{Phase, State};
use domain::source::SourceFailure;
use domain::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sources::step::{Effect, Memory};
use store::sessions::{Mark, StoredSession};

/// A session: its row, its person's key and its opened record.
pub(crate) struct Session {
    pub(crate) row: StoredSession,
    pub(crate) key: SubjectKey,
    pub(crate) record: Record,
}

/// What stands sealed in a session's row. C2, never C3.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) state: State,
    /// When the collection must be at its end.
    pub(crate) deadline: Timestamp,
    /// Which provider is asked.
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) id_card: String,
    pub(crate) mobile: String,
    /// The bank's entry and the account at the institution.
    pub(crate) entry: Option<String>,
    pub(crate) account: Option<String>,
    /// What the borrower said of itself and its contacts.
    pub(crate) claims: StoredClaims,
    pub(crate) memory: Option<Memory>,
    /// The step that is with the source.
    pub(crate) flight: Option<Flight>,
    /// When the source wants to be woken.
    pub(crate) wake_at: Option<Timestamp>,
    /// Whether the data is stored.
    pub(crate) has_data: bool,
    pub(crate) call: HeldCall,
}

/// [`Claims`] as they stand in the sealed record.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StoredClaims {
    work: [Option<String>; 2],
    home: [Option<String>; 2],
    contacts: Vec<StoredContact>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredContact {
    telephone: String,
    name: Option<String>,
    /// The document's number of the relation.
    relation: Option<usize>,
}

fn bare(text: Option<&Private<String>>) -> Option<String> {
    text.map(|text| text.expose().clone())
}

impl StoredClaims {
    pub(crate) fn new(claims: &Claims) -> Self {
        let place =
            |place: &claims::Place| [bare(place.address.as_ref()), bare(place.telephone.as_ref())];
        let contact = |contact: &Contact| StoredContact {
            telephone: contact.telephone.expose().clone(),
            name: bare(contact.name.as_ref()),
            relation: contact
                .relation
                .and_then(|relation| Relation::ALL.iter().position(|known| *known == relation)),
        };
        Self {
            work: place(&claims.work),
            home: place(&claims.home),
            contacts: claims.contacts.iter().map(contact).collect(),
        }
    }

    pub(crate) fn claims(&self) -> Claims {
        let private = |text: &Option<String>| text.clone().map(Private::new);
        let place = |[address, telephone]: &[Option<String>; 2]| claims::Place {
            address: private(address),
            telephone: private(telephone),
        };
        let contact = |contact: &StoredContact| Contact {
            telephone: Private::new(contact.telephone.clone()),
            name: private(&contact.name),
            relation: contact.relation.and_then(|at| Relation::ALL.get(at).copied()),
        };
        Claims {
            work: place(&self.work),
            home: place(&self.home),
            contacts: self.contacts.iter().map(contact).collect(),
        }
    }

    pub(crate) fn telephones(&self) -> Vec<String> {
        self.contacts.iter().map(|contact| contact.telephone.clone()).collect()
    }
}

/// A step that is with the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flight {
    /// Names the step for good.
    pub(crate) step_id: String,
    pub(crate) effect: Effect,
}

/// The call that is held while the session runs, as it was priced when it opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeldCall {
    pub(crate) biz: BizId,
    pub(crate) app: AppId,
    pub(crate) price: Amount,
    pub(crate) limits: Limits,
}

impl Session {
    pub(crate) fn open(
        ring: &KeyRing,
        row: StoredSession,
        sealed_key: &[u8],
    ) -> Result<Self, SealError> {
        let (key, record) = unsealed(ring, &row, sealed_key)?;
        Ok(Self { row, key, record })
    }

    /// The row that replaces the one it was read from.
    pub(crate) fn next_row(&self, entropy: &dyn Entropy) -> StoredSession {
        let plain = serde_json::to_vec(&self.record).expect("plain data");
        StoredSession {
            state: self.record.state.number(),
            due_at: self.due_at(),
            version: self.row.version + 1,
            sealed: self.key.seal(place(&self.row.open_id), &plain, entropy),
            ..self.row.clone()
        }
    }

    /// When somebody has to look at the session by itself.
    fn due_at(&self) -> Option<Timestamp> {
        let record = &self.record;
        match record.state.phase() {
            Phase::Collecting => {
                Some(record.wake_at.map_or(record.deadline, |wake| wake.min(record.deadline)))
            }
            // With its data it has only to be billed.
            Phase::Fetching if record.has_data => Some(self.row.opened_at),
            Phase::Fetching => Some(record.wake_at.unwrap_or(record.deadline)),
            Phase::Ready => None,
            Phase::Failed(_) => (self.row.mark == Mark::Held).then_some(self.row.opened_at),
        }
    }

    /// The person, as the record has it.
    pub(crate) fn person(&self) -> Result<Person, SourceFailure> {
        let record = &self.record;
        let day = self.row.opened_at.shanghai_day();
        let parsed = (
            PersonName::parse(&record.name),
            IdCard::parse(&record.id_card, day),
            Mobile::parse(&record.mobile),
        );
        match parsed {
            (Ok(name), Ok(id_card), Ok(mobile)) => Ok(Person { name, id_card, mobile }),
            _ => Err(SourceFailure::Garbage),
        }
    }

    /// The name of the session's call: the merchant's key is the open_id.
    pub(crate) fn call_name(&self) -> domain::call::CallName {
        domain::call::CallName {
            merchant: self.row.merchant,
            product: self.row.product,
            key: CallKey::parse(&self.row.open_id).expect("32 hexadecimal digits are a key"),
        }
    }
}

/// The person's key of a row, and what stands sealed in it.
pub(crate) fn unsealed<R: DeserializeOwned>(
    ring: &KeyRing,
    row: &StoredSession,
    sealed_key: &[u8],
) -> Result<(SubjectKey, R), SealError> {
    let key = SubjectKey::open(ring, &row.subject, sealed_key)?;
    let plain = key.unseal(place(&row.open_id), &row.sealed)?;
    let record = serde_json::from_slice(&plain).map_err(|_| SealError::Broken)?;
    Ok((key, record))
}

/// Where a session's record is sealed.
pub(crate) fn place(open_id: &str) -> Place<'_> {
    Place { table: "sessions", row: open_id.as_bytes() }
}

/// Where a session's dataset is sealed.
pub(crate) fn dataset_place(open_id: &str) -> Place<'_> {
    Place { table: "datasets", row: open_id.as_bytes() }
}
