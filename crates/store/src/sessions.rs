//! Collection sessions. Everything about the person stands in `sealed`; what is beside it serves
//! finding, waking and fencing.

use domain::ids::MerchantId;
use domain::merchant::Product;
use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::lease::{self, Claimed, Lease};
use crate::value::{Row, corrupt};
use crate::{StoreError, Tx, Value};

/// What stands between a session and its bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Held,
    Posted,
    Voided,
    /// Whether the source did its part cannot be told; waits for reconciliation.
    Unknown,
}

impl Mark {
    const ALL: [Self; 4] = [Self::Held, Self::Posted, Self::Voided, Self::Unknown];

    fn to_db(self) -> i64 {
        match self {
            Self::Held => 0,
            Self::Posted => 1,
            Self::Voided => 2,
            Self::Unknown => 3,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    pub open_id: String,
    pub merchant: MerchantId,
    pub product: Product,
    pub subject: SubjectHash,
    /// The state's number, for the operator's lists; the state itself is sealed.
    pub state: i64,
    pub mark: Mark,
    pub opened_at: Timestamp,
    /// When somebody has to look at it again by itself.
    pub due_at: Option<Timestamp>,
    /// Which node works on it, and until when at most.
    pub lease: Option<Lease>,
    /// Moves with every change; a change under an old one is refused.
    pub version: i64,
    pub sealed: Vec<u8>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT s.open_id, s.merchant, s.product, s.subject, s.state, s.mark,
             s.opened_at, s.due_at, s.lease_until, s.lease_node, s.version, s.sealed ",
            $rest
        )
    };
}

pub fn insert(tx: &mut Tx<'_>, session: &StoredSession) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sessions (open_id, merchant, product, subject, state, mark, opened_at,
             due_at, lease_until, lease_node, version, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        &values(session),
    )?;
    Ok(())
}

/// Replaces a session if it still has the version before; says whether it had.
pub fn save(tx: &mut Tx<'_>, session: &StoredSession) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE sessions SET state = ?5, mark = ?6, due_at = ?8, lease_until = ?9,
             lease_node = ?10, version = ?11, sealed = ?12
         WHERE open_id = ?1 AND merchant = ?2 AND product = ?3 AND subject = ?4
             AND opened_at = ?7 AND version + 1 = ?11",
        &values(session),
    )?;
    Ok(changed == 1)
}

fn values(session: &StoredSession) -> [Value; 12] {
    let [lease_until, lease_node] = lease::values(session.lease.as_ref());
    [
        session.open_id.as_str().into(),
        session.merchant.0.into(),
        session.product.as_str().into(),
        (&session.subject.0).into(),
        session.state.into(),
        session.mark.to_db().into(),
        session.opened_at.0.into(),
        session.due_at.map(|at| at.0).into(),
        lease_until,
        lease_node,
        session.version.into(),
        session.sealed.as_slice().into(),
    ]
}

/// A session with its person's sealed key; nothing also when the person was erased.
pub fn get(tx: &mut Tx<'_>, open_id: &str) -> Result<Option<(StoredSession, Vec<u8>)>, StoreError> {
    let sql = select!(
        ", k.sealed FROM sessions s JOIN subject_keys k ON k.subject = s.subject
         WHERE s.open_id = ?1"
    );
    let row = tx.first(sql, &[open_id.into()])?;
    row.as_ref().map(read_with_key).transpose()
}

/// As [`get`], where it is this merchant's and of this product. Another's takes as long as none:
/// in both cases the index is searched and one row read, the next one where there is none.
pub fn get_own(
    tx: &mut Tx<'_>,
    open_id: &str,
    merchant: MerchantId,
    product: Product,
) -> Result<Option<(StoredSession, Vec<u8>)>, StoreError> {
    let sql = select!(
        ", k.sealed FROM (SELECT open_id, merchant, product FROM sessions
                          WHERE open_id >= ?1 ORDER BY open_id LIMIT 1) found
         JOIN sessions s ON s.open_id = found.open_id
         JOIN subject_keys k ON k.subject = s.subject
         WHERE found.open_id = ?1 AND found.merchant = ?2 AND found.product = ?3"
    );
    let row = tx.first(sql, &[open_id.into(), merchant.0.into(), product.as_str().into()])?;
    row.as_ref().map(read_with_key).transpose()
}

fn read_with_key(row: &Row) -> Result<(StoredSession, Vec<u8>), StoreError> {
    Ok((read(row)?, row.bytes(12)?.to_vec()))
}

/// Whether there is a session for [`claim_due`]: a look that costs no write.
pub fn is_any_due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    machine_now: Timestamp,
) -> Result<bool, StoreError> {
    let due = "SELECT 1 FROM sessions WHERE due_at <= ?1 AND lease_until = 0 LIMIT 1";
    let lost = "SELECT 1 FROM sessions WHERE lease_until > 0
                AND (lease_until <= ?1 OR lease_node NOT IN (SELECT id FROM nodes)) LIMIT 1";
    Ok(tx.first(due, &[now.0.into()])?.is_some()
        || tx.first(lost, &[machine_now.0.into()])?.is_some())
}

/// The sessions that are due and that nobody works on, and those whose worker's lease ran out or
/// whose worker is gone; each is leased to the caller.
pub fn claim_due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    machine_now: Timestamp,
    lease: &Lease,
    limit: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let due = "SELECT open_id, version, 0 FROM sessions
               WHERE due_at <= ?1 AND lease_until = 0 ORDER BY due_at LIMIT ?2";
    let lost = "SELECT open_id, version, 1 FROM sessions WHERE lease_until > 0
                AND (lease_until <= ?1 OR lease_node NOT IN (SELECT id FROM nodes))
                ORDER BY lease_until LIMIT ?2";
    let mut rows = tx.query(lost, &[machine_now.0.into(), limit.into()])?;
    let rest = limit - rows.len() as i64;
    rows.extend(tx.query(due, &[now.0.into(), rest.into()])?);
    let update = "UPDATE sessions SET lease_until = ?3, lease_node = ?4, version = version + 1
                  WHERE open_id = ?1 AND version = ?2";
    lease::claim(tx, &rows, update, lease)
}

/// A merchant's or everybody's sessions whose outcome cannot be told, oldest first.
pub fn unknown(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<StoredSession>, StoreError> {
    let sql = select!("FROM sessions s WHERE s.mark = 3 ORDER BY s.opened_at LIMIT ?1");
    tx.query(sql, &[limit.into()])?.iter().map(read).collect()
}

/// A person's sessions that were opened since, newest first.
pub fn of_subject(
    tx: &mut Tx<'_>,
    subject: &SubjectHash,
    since: Timestamp,
) -> Result<Vec<StoredSession>, StoreError> {
    let sql = select!(
        "FROM sessions s WHERE s.subject = ?1 AND s.opened_at >= ?2 ORDER BY s.opened_at DESC"
    );
    tx.query(sql, &[(&subject.0).into(), since.0.into()])?.iter().map(read).collect()
}

/// The borrowers of merchants whose credit reports name a person, each with its own sealed key: a
/// report's id begins with its borrower's.
pub fn borrowers_of(
    tx: &mut Tx<'_>,
    subject: &SubjectHash,
) -> Result<Vec<(StoredSession, Vec<u8>)>, StoreError> {
    let sql = select!(
        ", k.sealed FROM sessions s JOIN subject_keys k ON k.subject = s.subject
         WHERE s.open_id IN (SELECT substr(d.open_id, 1, 32) FROM datasets d
                             WHERE d.subject = ?1 AND d.source = 'credit')
         ORDER BY s.open_id"
    );
    let rows = tx.query(sql, &[(&subject.0).into()])?;
    rows.iter().map(|row| Ok((read(row)?, row.bytes(12)?.to_vec()))).collect()
}

/// How many sessions wait or are worked on.
pub fn count_open(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM sessions WHERE due_at IS NOT NULL";
    tx.first(sql, &[])?.ok_or_else(|| corrupt("COUNT gave no row"))?.int(0)
}

/// Forgets sessions that were opened before `before` and that nobody works on any more; at most
/// `limit`. Gives how many.
pub fn purge(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM sessions WHERE open_id IN (
             SELECT open_id FROM sessions
             WHERE opened_at < ?1 AND due_at IS NULL AND lease_until = 0 AND mark <> 3 LIMIT ?2)",
        &[before.0.into(), limit.into()],
    )
}

/// Erases a person's sessions; gives how many there were.
pub fn erase(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM sessions WHERE subject = ?1", &[(&subject.0).into()])
}

fn read(row: &Row) -> Result<StoredSession, StoreError> {
    let mark = row.int(5)?;
    Ok(StoredSession {
        open_id: row.text(0)?.to_owned(),
        merchant: MerchantId(row.int(1)?),
        product: Product::parse(row.text(2)?).ok_or_else(|| corrupt("sessions.product"))?,
        subject: SubjectHash(row.array(3)?),
        state: row.int(4)?,
        mark: Mark::ALL
            .into_iter()
            .find(|known| known.to_db() == mark)
            .ok_or_else(|| corrupt("sessions.mark"))?,
        opened_at: Timestamp(row.int(6)?),
        due_at: row.maybe_int(7)?.map(Timestamp),
        lease: lease::read(row, 8)?,
        version: row.int(10)?,
        sealed: row.bytes(11)?.to_vec(),
    })
}
