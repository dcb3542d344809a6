//! Background work with leases. A lease serves liveness; its token fences a late holder.

use domain::time::{Span, Timestamp};

use crate::{StoreError, Tx};

/// A job that this process may run until `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    pub token: i64,
    pub attempts: i64,
    pub until: Timestamp,
}

/// Makes sure that a recurring job is there; it is due at once.
pub fn ensure(tx: &mut Tx<'_>, name: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO jobs (name, due_at, lease_until, lease_token, attempts)
         VALUES (?1, ?2, 0, 0, 0) ON CONFLICT DO NOTHING",
        &[name.into(), now.0.into()],
    )?;
    Ok(())
}

/// Leases the job when it is due and nobody holds it. Each lease has a token of its own.
pub fn claim(
    tx: &mut Tx<'_>,
    name: &str,
    now: Timestamp,
    length: Span,
) -> Result<Option<Lease>, StoreError> {
    let until = now + length;
    let row = tx.first(
        "UPDATE jobs SET lease_until = ?3, lease_token = lease_token + 1, attempts = attempts + 1
         WHERE name = ?1 AND due_at <= ?2 AND lease_until <= ?2
         RETURNING lease_token, attempts",
        &[name.into(), now.0.into(), until.0.into()],
    )?;
    row.map(|row| {
        Ok(Lease { name: name.to_owned(), token: row.int(0)?, attempts: row.int(1)?, until })
    })
    .transpose()
}

/// Ends a run: the job is due again at `due_at`. Gives false when the lease was lost to another
/// holder; whatever that run saved must then not be kept.
pub fn finish(tx: &mut Tx<'_>, lease: &Lease, due_at: Timestamp) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "UPDATE jobs SET due_at = ?3, lease_until = 0, attempts = 0, last_error = NULL
         WHERE name = ?1 AND lease_token = ?2",
        &[lease.name.as_str().into(), lease.token.into(), due_at.0.into()],
    )?;
    Ok(rows == 1)
}

/// Ends a run that failed; the job is tried again at `due_at`.
pub fn fail(
    tx: &mut Tx<'_>,
    lease: &Lease,
    due_at: Timestamp,
    error: &str,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "UPDATE jobs SET due_at = ?3, lease_until = 0, last_error = ?4
         WHERE name = ?1 AND lease_token = ?2",
        &[lease.name.as_str().into(), lease.token.into(), due_at.0.into(), error.into()],
    )?;
    Ok(rows == 1)
}

/// Whether the lease is still this holder's; asked inside the transaction that saves its work.
pub fn holds(tx: &mut Tx<'_>, lease: &Lease) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM jobs WHERE name = ?1 AND lease_token = ?2";
    Ok(tx.first(sql, &[lease.name.as_str().into(), lease.token.into()])?.is_some())
}
