//! Applications for a loan, and what policies decided on them. Everything about the person stands
//! sealed; what is beside it serves finding, waking and fencing.

use domain::application::course::Course;
use domain::ids::MerchantId;
use domain::policy::Outcome;
use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::lease::{self, Claimed, Lease};
use crate::value::{Row, corrupt};
use crate::{StoreError, Tx, Value};

/// An application's row. Its content, which can be large, stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredApplication {
    pub open_id: String,
    pub merchant: MerchantId,
    /// The merchant's own number for it.
    pub order_id: String,
    pub subject: SubjectHash,
    /// A keyed hash of person and content.
    pub fingerprint: [u8; 32],
    pub at: Timestamp,
    /// [`Course::number`].
    pub state: i64,
    pub needs_people: bool,
    /// When somebody has to look at it by itself.
    pub due_at: Option<Timestamp>,
    /// Which node works on it, and until when at most.
    pub lease: Option<Lease>,
    /// Moves with every change; a change under an old one is refused.
    pub version: i64,
    /// The course, sealed under the person's key.
    pub sealed: Vec<u8>,
}

impl StoredApplication {
    /// Says in the columns what the course is.
    pub fn set_course(&mut self, course: &Course) {
        self.state = course.number();
        self.needs_people = course.needs_people();
    }
}

/// One policy's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDecision {
    /// 0: the one that counts; the others ran in its shadow.
    pub number: i64,
    pub at: Timestamp,
    pub policy: String,
    pub policy_version: i64,
    pub outcome: Outcome,
    pub sealed: Vec<u8>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.open_id, a.merchant, a.order_id, a.subject, a.fingerprint, a.at, a.state,
             a.needs_people, a.due_at, a.lease_until, a.lease_node, a.version, a.sealed ",
            $rest
        )
    };
}

/// Keeps a new application, unless its merchant has one under the same number; says whether it
/// did.
pub fn insert(
    tx: &mut Tx<'_>,
    application: &StoredApplication,
    content: &[u8],
) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO applications (open_id, merchant, order_id, subject, fingerprint, at, state,
             needs_people, due_at, lease_until, lease_node, version, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING",
        &values(application),
    )?;
    if inserted == 0 {
        return Ok(false);
    }
    let (open_id, subject) = (application.open_id.as_str(), &application.subject.0);
    tx.execute(
        "INSERT INTO application_contents (open_id, subject, sealed) VALUES (?1, ?2, ?3)",
        &[open_id.into(), subject.into(), content.into()],
    )?;
    Ok(true)
}

/// Replaces an application, its content aside, if it still has the version before; says whether
/// it had.
pub fn save(tx: &mut Tx<'_>, application: &StoredApplication) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE applications SET state = ?7, needs_people = ?8, due_at = ?9, lease_until = ?10,
             lease_node = ?11, version = ?12, sealed = ?13
         WHERE open_id = ?1 AND merchant = ?2 AND order_id = ?3 AND subject = ?4
             AND fingerprint = ?5 AND at = ?6 AND version + 1 = ?12",
        &values(application),
    )?;
    Ok(changed == 1)
}

fn values(application: &StoredApplication) -> [Value; 13] {
    let [lease_until, lease_node] = lease::values(application.lease.as_ref());
    [
        application.open_id.as_str().into(),
        application.merchant.0.into(),
        application.order_id.as_str().into(),
        (&application.subject.0).into(),
        (&application.fingerprint).into(),
        application.at.0.into(),
        application.state.into(),
        application.needs_people.into(),
        application.due_at.map(|at| at.0).into(),
        lease_until,
        lease_node,
        application.version.into(),
        application.sealed.as_slice().into(),
    ]
}

/// Takes an application back that nobody was told of; says whether it was there as it was.
pub fn remove(tx: &mut Tx<'_>, open_id: &str, version: i64) -> Result<bool, StoreError> {
    let sql = "DELETE FROM applications WHERE open_id = ?1 AND version = ?2";
    if tx.execute(sql, &[open_id.into(), version.into()])? == 0 {
        return Ok(false);
    }
    remove_content(tx, open_id)?;
    Ok(true)
}

/// The merchant's application of that number, with its person's sealed key.
pub fn by_order(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    order_id: &str,
) -> Result<Option<(StoredApplication, Vec<u8>)>, StoreError> {
    let sql = select!(
        ", k.sealed FROM applications a JOIN subject_keys k ON k.subject = a.subject
         WHERE a.merchant = ?1 AND a.order_id = ?2"
    );
    tx.first(sql, &[merchant.0.into(), order_id.into()])?.as_ref().map(read_with_key).transpose()
}

/// An application with its person's sealed key; nothing also when the person was erased.
pub fn get(
    tx: &mut Tx<'_>,
    open_id: &str,
) -> Result<Option<(StoredApplication, Vec<u8>)>, StoreError> {
    let sql = select!(
        ", k.sealed FROM applications a JOIN subject_keys k ON k.subject = a.subject
         WHERE a.open_id = ?1"
    );
    tx.first(sql, &[open_id.into()])?.as_ref().map(read_with_key).transpose()
}

/// As [`get`], where it is this merchant's. Another's takes as long as none: in both cases the
/// index is searched and one row read, the next one where there is none.
pub fn get_own(
    tx: &mut Tx<'_>,
    open_id: &str,
    merchant: MerchantId,
) -> Result<Option<(StoredApplication, Vec<u8>)>, StoreError> {
    let sql = select!(
        ", k.sealed FROM (SELECT open_id, merchant FROM applications
                          WHERE open_id >= ?1 ORDER BY open_id LIMIT 1) found
         JOIN applications a ON a.open_id = found.open_id
         JOIN subject_keys k ON k.subject = a.subject
         WHERE found.open_id = ?1 AND found.merchant = ?2"
    );
    tx.first(sql, &[open_id.into(), merchant.0.into()])?.as_ref().map(read_with_key).transpose()
}

fn read_with_key(row: &Row) -> Result<(StoredApplication, Vec<u8>), StoreError> {
    Ok((read(row)?, row.bytes(13)?.to_vec()))
}

/// The sealed content.
pub fn content(tx: &mut Tx<'_>, open_id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed FROM application_contents WHERE open_id = ?1";
    let row = tx.first(sql, &[open_id.into()])?;
    row.map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
}

fn remove_content(tx: &mut Tx<'_>, open_id: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM application_contents WHERE open_id = ?1";
    tx.execute(sql, &[open_id.into()]).map(drop)
}

/// Which applications a list is to have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub merchant: Option<MerchantId>,
    pub state: Option<i64>,
    /// Only those that people have to look at.
    pub for_people: bool,
}

/// The newest that the filter lets through, newest first; those for people oldest first.
pub fn list(
    tx: &mut Tx<'_>,
    filter: Filter,
    limit: i64,
) -> Result<Vec<StoredApplication>, StoreError> {
    let Filter { merchant, state, for_people } = filter;
    let wanted = [
        merchant.map_or(-1, |merchant| merchant.0).into(),
        state.unwrap_or(-1).into(),
        limit.into(),
    ];
    let rows = if for_people {
        tx.query(
            select!(
                "FROM applications a WHERE a.needs_people = 1 AND (a.merchant = ?1 OR ?1 = -1)
                     AND (a.state = ?2 OR ?2 = -1) ORDER BY a.at, a.open_id LIMIT ?3"
            ),
            &wanted,
        )?
    } else {
        tx.query(
            select!(
                "FROM applications a WHERE (a.merchant = ?1 OR ?1 = -1)
                     AND (a.state = ?2 OR ?2 = -1) ORDER BY a.at DESC, a.open_id LIMIT ?3"
            ),
            &wanted,
        )?
    };
    rows.iter().map(read).collect()
}

/// A person's applications, newest first.
pub fn of_subject(
    tx: &mut Tx<'_>,
    subject: &SubjectHash,
) -> Result<Vec<StoredApplication>, StoreError> {
    let sql = select!("FROM applications a WHERE a.subject = ?1 ORDER BY a.at DESC, a.open_id");
    tx.query(sql, &[(&subject.0).into()])?.iter().map(read).collect()
}

/// Whether there is one for [`claim_due`]: a look that costs no write.
pub fn is_any_due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    machine_now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM applications WHERE due_at <= ?1
                   AND (lease_until <= ?2 OR lease_node NOT IN (SELECT id FROM nodes)) LIMIT 1";
    Ok(tx.first(sql, &[now.0.into(), machine_now.0.into()])?.is_some())
}

/// How many wait to be decided, due or put off.
pub fn waiting(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let row = tx.first("SELECT COUNT(*) FROM applications WHERE due_at IS NOT NULL", &[])?;
    row.ok_or_else(|| corrupt("COUNT gave no row"))?.int(0)
}

/// The applications that are due and that nobody works on, or whose worker is gone; each is leased
/// to the caller.
pub fn claim_due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    machine_now: Timestamp,
    lease: &Lease,
    limit: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let sql = "SELECT open_id, version, CASE WHEN lease_until > 0 THEN 1 ELSE 0 END
               FROM applications WHERE due_at <= ?1
                   AND (lease_until <= ?2 OR lease_node NOT IN (SELECT id FROM nodes))
               ORDER BY due_at LIMIT ?3";
    let rows = tx.query(sql, &[now.0.into(), machine_now.0.into(), limit.into()])?;
    let update = "UPDATE applications SET lease_until = ?3, lease_node = ?4, version = version + 1
                  WHERE open_id = ?1 AND version = ?2";
    lease::claim(tx, &rows, update, lease)
}

/// Keeps a decision; a step that is repeated after a crash finds it there and changes nothing.
pub fn put_decision(
    tx: &mut Tx<'_>,
    (open_id, subject): (&str, &SubjectHash),
    decision: &StoredDecision,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO decisions (open_id, number, subject, at, policy, policy_version, outcome,
             sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        &[
            open_id.into(),
            decision.number.into(),
            (&subject.0).into(),
            decision.at.0.into(),
            decision.policy.as_str().into(),
            decision.policy_version.into(),
            outcome_to_db(decision.outcome).into(),
            decision.sealed.as_slice().into(),
        ],
    )?;
    Ok(())
}

/// What policies decided on an application, the one that counts first.
pub fn decisions(tx: &mut Tx<'_>, open_id: &str) -> Result<Vec<StoredDecision>, StoreError> {
    let sql = "SELECT number, at, policy, policy_version, outcome, sealed FROM decisions
               WHERE open_id = ?1 ORDER BY number";
    let rows = tx.query(sql, &[open_id.into()])?;
    let read = |row: &Row| {
        Ok(StoredDecision {
            number: row.int(0)?,
            at: Timestamp(row.int(1)?),
            policy: row.text(2)?.to_owned(),
            policy_version: row.int(3)?,
            outcome: outcome_from_db(row.int(4)?)?,
            sealed: row.bytes(5)?.to_vec(),
        })
    };
    rows.iter().map(read).collect()
}

/// The applications after `open_id` on which something was decided, in the order of their ids.
pub fn decided_after(
    tx: &mut Tx<'_>,
    open_id: &str,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT open_id FROM decisions WHERE open_id > ?1 AND number = 0
               ORDER BY open_id LIMIT ?2";
    let rows = tx.query(sql, &[open_id.into(), limit.into()])?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

/// Notes that a person applied from a device.
pub fn note_device(
    tx: &mut Tx<'_>,
    device: &[u8; 32],
    subject: &SubjectHash,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO devices (device, subject, last_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (device, subject) DO UPDATE SET last_at = excluded.last_at
         WHERE devices.last_at < excluded.last_at",
        &[device.into(), (&subject.0).into(), at.0.into()],
    )?;
    Ok(())
}

/// How many persons applied from a device since `since`.
pub fn persons_at(tx: &mut Tx<'_>, device: &[u8; 32], since: Timestamp) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM devices WHERE device = ?1 AND last_at >= ?2";
    let row = tx.first(sql, &[device.into(), since.0.into()])?;
    row.ok_or_else(|| corrupt("COUNT gave no row"))?.int(0)
}

/// Forgets applications that came before `before` and that nobody works on, with their decisions,
/// and those that nobody was told of and that came before `arriving_before`; at most `limit`.
pub fn purge(
    tx: &mut Tx<'_>,
    before: Timestamp,
    arriving_before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let sql = "SELECT open_id FROM applications
               WHERE (at < ?1 AND due_at IS NULL AND needs_people = 0)
                   OR (state = 0 AND at < ?2) LIMIT ?3";
    let rows = tx.query(sql, &[before.0.into(), arriving_before.0.into(), limit.into()])?;
    for row in &rows {
        let open_id = row.text(0)?;
        tx.execute("DELETE FROM decisions WHERE open_id = ?1", &[open_id.into()])?;
        remove_content(tx, open_id)?;
        tx.execute("DELETE FROM applications WHERE open_id = ?1", &[open_id.into()])?;
    }
    let sql = "DELETE FROM devices WHERE (device, subject) IN
                   (SELECT device, subject FROM devices WHERE last_at < ?1 LIMIT ?2)";
    tx.execute(sql, &[before.0.into(), limit.into()])?;
    Ok(rows.len() as u64)
}

/// Erases a person's applications with all that was decided; gives how many there were.
pub fn erase(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM decisions WHERE subject = ?1", &[(&subject.0).into()])?;
    tx.execute("DELETE FROM devices WHERE subject = ?1", &[(&subject.0).into()])?;
    let sql = "DELETE FROM application_contents WHERE open_id IN
                   (SELECT open_id FROM applications WHERE subject = ?1)";
    tx.execute(sql, &[(&subject.0).into()])?;
    tx.execute("DELETE FROM applications WHERE subject = ?1", &[(&subject.0).into()])
}

fn outcome_to_db(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Approve => 0,
        Outcome::Reject => 1,
        Outcome::Review => 2,
    }
}

fn outcome_from_db(number: i64) -> Result<Outcome, StoreError> {
    match number {
        0 => Ok(Outcome::Approve),
        1 => Ok(Outcome::Reject),
        2 => Ok(Outcome::Review),
        _ => Err(corrupt("decisions.outcome")),
    }
}

fn read(row: &Row) -> Result<StoredApplication, StoreError> {
    Ok(StoredApplication {
        open_id: row.text(0)?.to_owned(),
        merchant: MerchantId(row.int(1)?),
        order_id: row.text(2)?.to_owned(),
        subject: SubjectHash(row.array(3)?),
        fingerprint: row.array(4)?,
        at: Timestamp(row.int(5)?),
        state: row.int(6)?,
        needs_people: row.int(7)? != 0,
        due_at: row.maybe_int(8)?.map(Timestamp),
        lease: lease::read(row, 9)?,
        version: row.int(11)?,
        sealed: row.bytes(12)?.to_vec(),
    })
}
