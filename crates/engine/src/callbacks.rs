//! Callbacks: what merchants are told at addresses that they registered.
//!
//! One is put down in the unit of work of what it tells of, and delivered by whichever node takes
//! it up (`deliver`), at least once. `registration` keeps addresses and forms.

mod deliver;
mod registration;

use domain::callback::{Callback, CallbackId, CallbackState};
use domain::ids::MerchantId;
use domain::keys::Place;
use domain::secret::Private;
use domain::subject::SubjectHash;
use domain::time::Span;
use serde::{Deserialize, Serialize};
pub use store::callbacks::Filter as CallbackFilter;
use store::callbacks::StoredCallback;
use store::{StoreError, Tx, callbacks};

use crate::outbound::Target;
use crate::{Engine, Error};

/// How long an ended callback is listed and can be sent again.
pub(crate) const CALLBACKS_KEPT: Span = Span::days(90);

/// The name space of the hash of (merchant, user).
const LANE_SPACE: &str = "callback-lane";

/// Longest address that is kept; a longer one cannot be registered.
const URL_BYTES_MAX: usize = 2_048;

/// Test callbacks that one command may put down, and how many of them in one unit.
const SENT_MAX: usize = 1_000_000;
const SENT_UNIT: usize = 200;

/// Something that a merchant is to be told.
pub struct NewCallback {
    pub merchant: MerchantId,
    /// The merchant's own name for the person; its callbacks are delivered one by one.
    pub user: Private<String>,
    /// The person, where it is known: with it goes the callback (`subject erase`).
    pub subject: Option<SubjectHash>,
    /// What is told, in this order.
    pub fields: Vec<(String, String)>,
    pub url: String,
    /// What it is about: a session's or a call's id.
    pub reference: Option<String>,
    pub is_test: bool,
}

impl NewCallback {
    /// The callback of a credit report: `status` (2 ready, 3 not passed, 6 not generated) and
    /// `user_id` (`rong360.md`, Callbacks).
    pub fn of_status(
        merchant: MerchantId,
        user: Private<String>,
        status: i64,
        url: String,
    ) -> Self {
        let fields = [("status", status.to_string()), ("user_id", user.expose().clone())];
        Self {
            merchant,
            fields: fields.map(|(name, value)| (name.to_owned(), value)).into(),
            user,
            subject: None,
            url,
            reference: None,
            is_test: false,
        }
    }
}

/// A new callback, sealed: only the address's registration is still to be looked up.
#[derive(Clone)]
pub(crate) struct SealedCallback {
    row: StoredCallback,
    target: Option<Target>,
}

/// What stands sealed in a callback's row. C2.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    user: String,
    fields: Vec<(String, String)>,
    url: String,
    reference: Option<String>,
}

/// What came of the wish to send a callback again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    Due,
    /// It has not ended: it will be tried by itself.
    NotEnded,
    Absent,
}

impl SealedCallback {
    /// Puts it down inside another unit of work; it is due with that unit's commit. An address
    /// that the merchant has not registered is no error: the callback is kept as such.
    pub(crate) fn enqueue(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let mut row = self.row.clone();
        let registered = callbacks::addresses(tx, row.merchant)?;
        match &self.target {
            Some(target) if registration::is_registered(&registered, target) => {
                row.receiver = target.origin();
            }
            _ => {
                row.state = CallbackState::NotRegistered;
                row.ended_at = Some(row.created_at);
            }
        }
        callbacks::insert(tx, &row)
    }
}

impl Engine {
    /// Seals a callback, so that a unit of work can put it down.
    pub(crate) fn callback(&self, new: NewCallback) -> SealedCallback {
        let NewCallback { merchant, user, subject, fields, mut url, reference, is_test } = new;
        let (now, keys) = (self.now(), self.keys());
        let id = CallbackId::new(now, self.entropy());
        let target = Target::parse(&url).ok();
        url.truncate(url.floor_char_boundary(URL_BYTES_MAX));
        let named = Private::new(format!("{merchant}:{}", user.expose()));
        let content = Content { user: user.expose().clone(), fields, url, reference };
        let plain = serde_json::to_vec(&content).expect("plain texts");
        let row = StoredCallback {
            id,
            merchant,
            lane: keys.index(LANE_SPACE, &named),
            receiver: String::new(),
            subject,
            is_test,
            state: CallbackState::Due { tries: 0, at: now },
            attempts: 0,
            created_at: now,
            ended_at: None,
            sealed: keys.seal(place(&id), &plain, self.entropy()),
        };
        SealedCallback { row, target }
    }

    /// Puts test callbacks down; gives their ids.
    pub async fn send_callbacks(
        &self,
        new: impl ExactSizeIterator<Item = NewCallback>,
    ) -> Result<Vec<CallbackId>, Error> {
        if new.len() > SENT_MAX {
            return Err(Error::invalid(format!("count: must be at most {SENT_MAX}")));
        }
        let sealed: Vec<SealedCallback> = new.map(|new| self.callback(new)).collect();
        for chunk in sealed.chunks(SENT_UNIT) {
            let chunk = chunk.to_vec();
            let put = move |tx: &mut Tx<'_>| chunk.iter().try_for_each(|one| one.enqueue(tx));
            self.store().bulk("send_callbacks", put).await?;
        }
        Ok(sealed.iter().map(|one| one.row.id).collect())
    }

    /// Callbacks, newest first, each with its attempts.
    pub async fn callbacks(
        &self,
        filter: CallbackFilter,
        limit: i64,
    ) -> Result<Vec<Callback>, Error> {
        let found = self.store().read("callbacks", move |tx| {
            let rows = callbacks::list(tx, filter, limit)?.into_iter();
            rows.map(|row| Ok((callbacks::attempts(tx, row.id)?, row))).collect()
        });
        let found: Vec<_> = found.await?;
        found.into_iter().map(|(attempts, row)| self.opened(&row, attempts)).collect()
    }

    pub async fn find_callback(&self, id: CallbackId) -> Result<Option<Callback>, Error> {
        let found = self.store().read("callback", move |tx| {
            Ok((callbacks::get(tx, id)?, callbacks::attempts(tx, id)?))
        });
        let (row, attempts) = found.await?;
        row.map(|row| self.opened(&row, attempts)).transpose()
    }

    /// Has a callback that ended sent again, from the beginning of the schedule; of that merchant
    /// only, where one is given.
    pub async fn replay_callback(
        &self,
        merchant: Option<MerchantId>,
        id: CallbackId,
    ) -> Result<Replay, Error> {
        let found = self.find_callback(id).await?;
        let found = found.filter(|one| merchant.is_none_or(|merchant| one.merchant == merchant));
        let Some(callback) = found else { return Ok(Replay::Absent) };
        // Whether it is registered is looked up again by the attempt.
        let receiver = Target::parse(&callback.url).map(|target| target.origin());
        let (receiver, now) = (receiver.unwrap_or_default(), self.now());
        let replayed = self
            .store()
            .unit("replay_callback", move |tx| callbacks::replay(tx, id, &receiver, now));
        Ok(if replayed.await? { Replay::Due } else { Replay::NotEnded })
    }

    fn opened(
        &self,
        row: &StoredCallback,
        attempts: Vec<domain::callback::Attempt>,
    ) -> Result<Callback, Error> {
        let content = self.open_callback(row)?;
        Ok(Callback {
            id: row.id,
            merchant: row.merchant,
            user: Private::new(content.user),
            fields: Private::new(content.fields),
            url: content.url,
            reference: content.reference,
            is_test: row.is_test,
            state: row.state,
            attempts,
            created_at: row.created_at,
            ended_at: row.ended_at,
        })
    }

    fn open_callback(&self, row: &StoredCallback) -> Result<Content, Error> {
        let plain = self.keys().unseal(place(&row.id), &row.sealed)?;
        serde_json::from_slice(&plain)
            .map_err(|_| StoreError::Corrupt("callbacks.sealed".to_owned()).into())
    }
}

fn place(id: &CallbackId) -> Place<'_> {
    Place { table: "callbacks", row: &id.0 }
}
