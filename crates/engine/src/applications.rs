//! Applications for a loan (进件): taken in and billed once, decided by policy and model, looked at
//! by people where these cannot tell, explained and decided again from what was stored.
//!
//! An application is one durable row, changed under its version, with its course sealed in it under
//! the person's key and its content sealed beside it. `intake` takes one in, `decide` is the leased
//! job, which has what came just now from `fresh`, `gather` puts together what the platform holds
//! of the person, `people` is what operators do, `overrides` what follows when they overturn a
//! refusal, `account` tells and computes again, `shown` masks, `waiting` says what cannot be
//! decided.

mod account;
mod decide;
mod fresh;
mod gather;
mod intake;
mod overrides;
mod people;
mod shown;
mod waiting;

use domain::application::Application;
use domain::application::course::{Course, Event, Unmoved};
use domain::failure::Failure;
use domain::identity::{IdCard, Mobile, Person, PersonName};
use domain::keys::{Place, SealError, SubjectKey};
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::applications::StoredApplication;

pub(crate) use fresh::ApplicationMemory;

pub use account::{ApplicationAccount, Compared, DecisionAccount, Refused, Replayed};
pub use intake::NewApplication;
pub use people::{ApplicationSummary, NotMoved};
pub use shown::{Looking, masked_record};

use crate::Engine;
use crate::sessions::Unsaved;

/// How long an application is kept with what was decided on it: the three years for which its
/// processing can be asked about (PIPL, article 56).
pub(crate) const APPLICATIONS_KEPT: Span = Span::days(1_095);

/// An application whose bill was never written, and which nobody was told of, is dropped after
/// this.
pub(crate) const ARRIVING_KEPT: Span = Span::hours(24);

/// An application in memory, without its content.
pub(crate) struct Open {
    row: StoredApplication,
    key: SubjectKey,
    course: Course,
}

/// What stands sealed as the content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    name: String,
    id_card: String,
    mobile: String,
    /// The name of the policy that decides, as agreed with the merchant when it came.
    policy: String,
    application: Application,
}

impl Content {
    /// As it is sealed, around the application's canonical JSON.
    fn to_json(&self, application: &[u8]) -> Vec<u8> {
        let Self { name, id_card, mobile, policy, .. } = self;
        let head = serde_json::json!({
            "name": name, "id_card": id_card, "mobile": mobile, "policy": policy,
        });
        let head = head.to_string();
        let parts =
            [head.trim_end_matches('}').as_bytes(), b",\"application\":", application, b"}"];
        parts.concat()
    }

    fn person(&self, at: Timestamp) -> Option<Person> {
        Some(Person {
            name: PersonName::parse(&self.name).ok()?,
            id_card: IdCard::parse(&self.id_card, at.shanghai_day()).ok()?,
            mobile: Mobile::parse(&self.mobile).ok()?,
        })
    }
}

impl Open {
    fn new(engine: &Engine, row: StoredApplication, sealed_key: &[u8]) -> Result<Self, SealError> {
        let key = SubjectKey::open(&engine.keys(), &row.subject, sealed_key)?;
        let plain = key.unseal(course_place(&row.open_id), &row.sealed)?;
        let course = serde_json::from_slice(&plain).map_err(|_| SealError::Broken)?;
        Ok(Self { row, key, course })
    }

    fn on(&mut self, event: Event) -> Result<(), Unmoved> {
        self.course = self.course.clone().on(event)?;
        Ok(())
    }

    /// The row that replaces the one it was read from. Only what waits is looked at by itself.
    fn next_row(&self, engine: &Engine) -> StoredApplication {
        let mut row = self.row.clone();
        row.set_course(&self.course);
        row.version += 1;
        row.due_at = (self.course == Course::Waiting).then(|| row.due_at.unwrap_or(engine.now()));
        row.sealed = seal_course(engine, &self.key, &row.open_id, &self.course);
        row
    }
}

fn seal_course(engine: &Engine, key: &SubjectKey, open_id: &str, course: &Course) -> Vec<u8> {
    let plain = serde_json::to_vec(course).expect("plain data");
    key.seal(course_place(open_id), &plain, engine.entropy())
}

impl Engine {
    pub(crate) async fn application_by_id(&self, open_id: &str) -> Result<Open, Failure> {
        let wanted = open_id.to_owned();
        let found =
            self.store().read("application", move |tx| store::applications::get(tx, &wanted));
        self.open_application(found.await)
    }

    fn open_application(
        &self,
        found: Result<Option<(StoredApplication, Vec<u8>)>, StoreError>,
    ) -> Result<Open, Failure> {
        let (row, key) =
            found.map_err(|error| self.store_failed(&error))?.ok_or(Failure::SessionUnknown)?;
        let open_id = row.open_id.clone();
        Open::new(self, row, &key).map_err(|error| {
            tracing::error!(open_id, %error, "an application does not open");
            Failure::Internal
        })
    }

    async fn application_content(&self, open: &Open) -> Result<Content, Failure> {
        let wanted = open.row.open_id.clone();
        let found =
            self.store().read("content", move |tx| store::applications::content(tx, &wanted));
        let sealed = found.await.map_err(|error| self.store_failed(&error))?;
        let sealed = sealed.ok_or(Failure::SessionUnknown)?;
        let plain = open.key.unseal(content_place(&open.row.open_id), &sealed).ok();
        plain.and_then(|plain| serde_json::from_slice(&plain).ok()).ok_or_else(|| {
            tracing::error!(open_id = open.row.open_id, "an application's content does not open");
            Failure::Internal
        })
    }

    /// Writes an application, with what `besides` does in the same unit, if nobody changed it since
    /// it was read. Its version is the new one afterwards.
    async fn save_application(
        &self,
        open: &mut Open,
        besides: impl Fn(&mut store::Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Unsaved> {
        let row = open.next_row(self);
        let kept = row.clone();
        let saved = self.store().unit("save_application", move |tx| {
            if !store::applications::save(tx, &row)? {
                return Ok(false);
            }
            besides(tx)?;
            Ok(true)
        });
        match saved.await {
            Ok(true) => {
                open.row = kept;
                Ok(())
            }
            Ok(false) => Err(Unsaved::Moved),
            Err(error) => Err(Unsaved::Failed(self.store_failed(&error))),
        }
    }
}

fn course_place(open_id: &str) -> Place<'_> {
    Place { table: "applications", row: open_id.as_bytes() }
}

fn content_place(open_id: &str) -> Place<'_> {
    Place { table: "application_contents", row: open_id.as_bytes() }
}

fn decision_place(row: &[u8]) -> Place<'_> {
    Place { table: "decisions", row }
}

fn decision_row(open_id: &str, number: i64) -> Vec<u8> {
    [open_id.as_bytes(), &number.to_be_bytes()].concat()
}
