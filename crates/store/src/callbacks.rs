//! Callbacks: who is told what, where, and how each attempt ended.

use domain::callback::{Attempt, CallbackForm, CallbackId, CallbackState, Outcome};
use domain::ids::MerchantId;
use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx, Value};

/// A callback as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCallback {
    pub id: CallbackId,
    pub merchant: MerchantId,
    /// A keyed hash of merchant and user: its callbacks go one by one.
    pub lane: [u8; 32],
    /// Scheme, host and port of the address; empty when it is not registered.
    pub receiver: String,
    pub subject: Option<SubjectHash>,
    pub is_test: bool,
    pub state: CallbackState,
    /// Begun so far; the last one's number.
    pub attempts: i64,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Sealed for the place ("callbacks", id).
    pub sealed: Vec<u8>,
}

/// One that may be tried now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCallback {
    pub id: CallbackId,
    pub receiver: String,
    pub attempts: i64,
}

/// Who works on a callback, and until when at most, in the machine's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackLease {
    pub node: String,
    pub until: Timestamp,
}

/// An attempt that ended, and what it makes of its callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub id: CallbackId,
    /// The attempt's number: a callback that was claimed again meanwhile stays as it is.
    pub attempt: i64,
    pub state: CallbackState,
    pub outcome: Outcome,
    pub took_us: i64,
    pub at: Timestamp,
    /// Whether those behind it in its lane wait for it: not when its first attempt delivered it.
    pub holds_up: bool,
}

/// Which callbacks a list is to have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    pub merchant: Option<MerchantId>,
    /// One of [`CallbackState::WORDS`].
    pub state: Option<&'static str>,
    /// Only older ones.
    pub before: Option<CallbackId>,
}

/// The columns that [`read`] reads.
macro_rules! columns {
    () => {
        "id, merchant, lane, receiver, subject, is_test, state, outcome, attempts, tries, due_at,
         created_at, ended_at, sealed"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM callbacks ", $rest)
    };
}

/// Puts a callback behind the others of its lane. One that is due waits as long as they do.
pub fn insert(tx: &mut Tx<'_>, callback: &StoredCallback) -> Result<(), StoreError> {
    let lane = tx.first(
        "SELECT COALESCE(MAX(seq), 0), MAX(due_at) FROM callbacks WHERE lane = ?1",
        &[(&callback.lane).into()],
    )?;
    let lane = lane.ok_or_else(|| corrupt("MAX gave no row"))?;
    let (state, outcome, tries, due_at) = state_to_db(callback.state);
    let due_at = due_at.map(|at| lane.maybe_int(1).map(|last| at.max(last.unwrap_or(at))));
    tx.execute(
        "INSERT INTO callbacks (id, merchant, lane, seq, receiver, subject, is_test, state, outcome,
             attempts, tries, due_at, lease_until, lease_node, created_at, ended_at, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, '', ?13, ?14, ?15)",
        &[
            id(callback.id),
            callback.merchant.0.into(),
            (&callback.lane).into(),
            (lane.int(0)? + 1).into(),
            callback.receiver.as_str().into(),
            callback.subject.map_or(Value::Null, |subject| (&subject.0).into()),
            callback.is_test.into(),
            state.into(),
            outcome,
            callback.attempts.into(),
            tries.into(),
            due_at.transpose()?.into(),
            callback.created_at.0.into(),
            callback.ended_at.map(|at| at.0).into(),
            callback.sealed.as_slice().into(),
        ],
    )?;
    Ok(())
}

pub fn get(tx: &mut Tx<'_>, callback: CallbackId) -> Result<Option<StoredCallback>, StoreError> {
    tx.first(select!("WHERE id = ?1"), &[id(callback)])?.as_ref().map(read).transpose()
}

/// Newest first.
pub fn list(
    tx: &mut Tx<'_>,
    filter: Filter,
    limit: i64,
) -> Result<Vec<StoredCallback>, StoreError> {
    let state = filter.state.and_then(|word| CallbackState::WORDS.iter().position(|w| *w == word));
    let before = id(filter.before.unwrap_or(CallbackId([0xff; 16])));
    let state = state.map_or(-1, |state| state as i64).into();
    let rows = match filter.merchant {
        Some(merchant) => tx.query(
            select!(
                "WHERE merchant = ?4 AND id < ?1 AND (state = ?2 OR ?2 = -1)
                 ORDER BY id DESC LIMIT ?3"
            ),
            &[before, state, limit.into(), merchant.0.into()],
        )?,
        None => tx.query(
            select!("WHERE id < ?1 AND (state = ?2 OR ?2 = -1) ORDER BY id DESC LIMIT ?3"),
            &[before, state, limit.into()],
        )?,
    };
    rows.iter().map(read).collect()
}

/// The attempts of a callback, in their order.
pub fn attempts(tx: &mut Tx<'_>, callback: CallbackId) -> Result<Vec<Attempt>, StoreError> {
    let sql = "SELECT number, at, took_us, outcome FROM callback_attempts
               WHERE callback = ?1 ORDER BY number";
    let read = |row: &Row| {
        Ok(Attempt {
            number: row.int(0)?,
            at: Timestamp(row.int(1)?),
            took_us: row.maybe_int(2)?,
            outcome: row.maybe_text(3)?.map(outcome).transpose()?,
        })
    };
    tx.query(sql, &[id(callback)])?.iter().map(read).collect()
}

/// What may be tried now, for each receiver the `limit_each` that wait longest: nobody works on
/// them, or whoever did is gone, and nothing of the same lane before them is open.
pub fn due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    machine_now: Timestamp,
    limit_each: i64,
) -> Result<Vec<DueCallback>, StoreError> {
    // From one receiver to the next, without looking at the rows between.
    let receivers = tx.query(
        "WITH RECURSIVE r (receiver) AS (
             SELECT MIN(receiver) FROM callbacks WHERE due_at IS NOT NULL
             UNION ALL
             SELECT (SELECT MIN(c.receiver) FROM callbacks c
                     WHERE c.due_at IS NOT NULL AND c.receiver > r.receiver)
             FROM r WHERE r.receiver IS NOT NULL)
         SELECT receiver FROM r WHERE receiver IS NOT NULL",
        &[],
    )?;
    let mut found = Vec::new();
    for receiver in &receivers {
        let rows = tx.query(
            "SELECT id, attempts FROM callbacks
             WHERE receiver = ?1 AND due_at <= ?2
                 AND (lease_until <= ?3 OR lease_node NOT IN (SELECT id FROM nodes))
                 AND NOT EXISTS (SELECT 1 FROM callbacks earlier
                     WHERE earlier.lane = callbacks.lane AND earlier.seq < callbacks.seq
                         AND earlier.due_at IS NOT NULL)
             ORDER BY due_at LIMIT ?4",
            &[receiver.text(0)?.into(), now.0.into(), machine_now.0.into(), limit_each.into()],
        )?;
        for row in &rows {
            let receiver = receiver.text(0)?.to_owned();
            found.push(DueCallback {
                id: CallbackId(row.array(0)?),
                receiver,
                attempts: row.int(1)?,
            });
        }
    }
    Ok(found)
}

/// Begins an attempt at `now`, unless somebody else was faster, or it has to wait again.
pub fn claim(
    tx: &mut Tx<'_>,
    due: &DueCallback,
    lease: &CallbackLease,
    now: Timestamp,
) -> Result<Option<StoredCallback>, StoreError> {
    let row = tx.first(
        concat!(
            "UPDATE callbacks SET attempts = attempts + 1, lease_until = ?3, lease_node = ?4
             WHERE id = ?1 AND attempts = ?2 AND due_at IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM callbacks earlier
                     WHERE earlier.lane = callbacks.lane AND earlier.seq < callbacks.seq
                         AND earlier.due_at IS NOT NULL)
             RETURNING ",
            columns!()
        ),
        &[id(due.id), due.attempts.into(), lease.until.0.into(), lease.node.as_str().into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    tx.execute(
        "INSERT INTO callback_attempts (callback, number, at) VALUES (?1, ?2, ?3)",
        &[id(due.id), (due.attempts + 1).into(), now.0.into()],
    )?;
    read(&row).map(Some)
}

/// Ends an attempt. What waits behind it in its lane waits as long as it does, or no longer.
pub fn end(tx: &mut Tx<'_>, ended: &Ended) -> Result<(), StoreError> {
    let (state, reason, tries, due_at) = state_to_db(ended.state);
    tx.execute(
        "UPDATE callback_attempts SET took_us = ?3, outcome = ?4
         WHERE callback = ?1 AND number = ?2",
        &[
            id(ended.id),
            ended.attempt.into(),
            ended.took_us.into(),
            ended.outcome.to_string().as_str().into(),
        ],
    )?;
    let row = tx.first(
        "UPDATE callbacks SET state = ?3, outcome = ?4, tries = ?5, due_at = ?6, ended_at = ?7,
             lease_until = 0, lease_node = ''
         WHERE id = ?1 AND attempts = ?2 AND due_at IS NOT NULL RETURNING lane, seq",
        &[
            id(ended.id),
            ended.attempt.into(),
            state.into(),
            reason,
            tries.into(),
            due_at.into(),
            due_at.is_none().then_some(ended.at.0).into(),
        ],
    )?;
    let Some(row) = row.filter(|_| ended.holds_up) else { return Ok(()) };
    tx.execute(
        "UPDATE callbacks SET due_at = ?3 WHERE lane = ?1 AND seq > ?2 AND due_at IS NOT NULL",
        &[row.bytes(0)?.into(), row.int(1)?.into(), due_at.unwrap_or(ended.at.0).into()],
    )?;
    Ok(())
}

/// Has a callback that ended tried again, from the beginning of the schedule; says whether it had
/// ended.
pub fn replay(
    tx: &mut Tx<'_>,
    callback: CallbackId,
    receiver: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "UPDATE callbacks SET state = 0, outcome = NULL, tries = 0, due_at = ?3, ended_at = NULL,
             receiver = ?2
         WHERE id = ?1 AND due_at IS NULL",
        &[id(callback), receiver.into(), now.0.into()],
    )?;
    Ok(rows == 1)
}

/// Since when the one that waits longest is due.
pub fn oldest_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    let row = tx.first("SELECT MIN(due_at) FROM callbacks WHERE due_at IS NOT NULL", &[])?;
    Ok(row.ok_or_else(|| corrupt("MIN gave no row"))?.maybe_int(0)?.map(Timestamp))
}

/// Forgets callbacks that ended before `before`, at most `limit`; gives how many.
pub fn purge(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    let values = [before.0.into(), limit.into()];
    tx.execute(
        "DELETE FROM callback_attempts WHERE callback IN
             (SELECT id FROM callbacks WHERE ended_at < ?1 ORDER BY ended_at, id LIMIT ?2)",
        &values,
    )?;
    tx.execute(
        "DELETE FROM callbacks WHERE id IN
             (SELECT id FROM callbacks WHERE ended_at < ?1 ORDER BY ended_at, id LIMIT ?2)",
        &values,
    )
}

/// Erases what merchants were told of a person; gives how many callbacks there were.
pub fn erase(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<u64, StoreError> {
    let of = [(&subject.0).into()];
    tx.execute(
        "DELETE FROM callback_attempts WHERE callback IN
             (SELECT id FROM callbacks WHERE subject = ?1)",
        &of,
    )?;
    tx.execute("DELETE FROM callbacks WHERE subject = ?1", &of)
}

/// Registers an address; says whether it is new.
pub fn add_address(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    url: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "INSERT INTO callback_addresses (merchant, url, created_at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
        &[merchant.0.into(), url.into(), now.0.into()],
    )?;
    Ok(rows == 1)
}

/// Takes an address away; says whether it was there.
pub fn remove_address(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    url: &str,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM callback_addresses WHERE merchant = ?1 AND url = ?2";
    Ok(tx.execute(sql, &[merchant.0.into(), url.into()])? == 1)
}

pub fn addresses(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT url FROM callback_addresses WHERE merchant = ?1 ORDER BY url";
    let rows = tx.query(sql, &[merchant.0.into()])?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

/// How a merchant takes its callbacks, and under which version of the platform's key.
pub fn form(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<(CallbackForm, u32), StoreError> {
    let sql = "SELECT form, key_version FROM callback_forms WHERE merchant = ?1";
    let Some(row) = tx.first(sql, &[merchant.0.into()])? else { return Ok(Default::default()) };
    let form = CallbackForm::parse(row.text(0)?).ok_or_else(|| corrupt("callback_forms.form"))?;
    Ok((form, row.int(1)?.try_into().map_err(|_| corrupt("callback_forms.key_version"))?))
}

pub fn set_form(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    form: CallbackForm,
    key_version: u32,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO callback_forms (merchant, form, key_version) VALUES (?1, ?2, ?3)
         ON CONFLICT (merchant) DO UPDATE SET form = excluded.form,
             key_version = excluded.key_version",
        &[merchant.0.into(), form.as_str().into(), i64::from(key_version).into()],
    )?;
    Ok(())
}

fn id(callback: CallbackId) -> Value {
    (&callback.0).into()
}

fn outcome(text: &str) -> Result<Outcome, StoreError> {
    Outcome::parse(text).ok_or_else(|| corrupt("an outcome of a callback"))
}

/// State, reason, tries and `due_at`.
fn state_to_db(state: CallbackState) -> (i64, Value, i64, Option<i64>) {
    match state {
        CallbackState::Due { tries, at } => (0, Value::Null, tries, Some(at.0)),
        CallbackState::Delivered => (1, Value::Null, 0, None),
        CallbackState::Dead(outcome) => (2, outcome.to_string().as_str().into(), 0, None),
        CallbackState::NotRegistered => (3, Value::Null, 0, None),
    }
}

fn read(row: &Row) -> Result<StoredCallback, StoreError> {
    let state = match row.int(6)? {
        0 => CallbackState::Due { tries: row.int(9)?, at: Timestamp(row.int(10)?) },
        1 => CallbackState::Delivered,
        2 => CallbackState::Dead(outcome(row.text(7)?)?),
        3 => CallbackState::NotRegistered,
        _ => return Err(corrupt("callbacks.state")),
    };
    Ok(StoredCallback {
        id: CallbackId(row.array(0)?),
        merchant: MerchantId(row.int(1)?),
        lane: row.array(2)?,
        receiver: row.text(3)?.to_owned(),
        subject: row.maybe_bytes(4)?.is_some().then(|| row.array(4)).transpose()?.map(SubjectHash),
        is_test: row.int(5)? != 0,
        state,
        attempts: row.int(8)?,
        created_at: Timestamp(row.int(11)?),
        ended_at: row.maybe_int(12)?.map(Timestamp),
        sealed: row.bytes(13)?.to_vec(),
    })
}
