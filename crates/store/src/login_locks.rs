//! Wrong passwords in a row, by merchant and account at an institution.

use domain::ids::MerchantId;
use domain::session::credit::LoginLock;
use domain::time::Timestamp;

use crate::{StoreError, Tx};

/// An account of an institution at one merchant: a keyed hash of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockKey {
    pub merchant: MerchantId,
    pub login: [u8; 32],
}

/// The wrong passwords so far. Units are serialisable, so attempts at the same time count one after
/// the other.
pub fn get(tx: &mut Tx<'_>, key: &LockKey) -> Result<LoginLock, StoreError> {
    let sql = "SELECT wrong, last_at FROM login_locks WHERE merchant = ?1 AND login = ?2";
    match tx.first(sql, &[key.merchant.0.into(), (&key.login).into()])? {
        None => Ok(LoginLock::NONE),
        Some(row) => Ok(LoginLock {
            wrong: u8::try_from(row.int(0)?).unwrap_or(u8::MAX),
            last_at: Timestamp(row.int(1)?),
        }),
    }
}

pub fn put(tx: &mut Tx<'_>, key: &LockKey, lock: LoginLock) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO login_locks (merchant, login, wrong, last_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (merchant, login)
         DO UPDATE SET wrong = excluded.wrong, last_at = excluded.last_at",
        &[
            key.merchant.0.into(),
            (&key.login).into(),
            i64::from(lock.wrong).into(),
            lock.last_at.0.into(),
        ],
    )?;
    Ok(())
}

/// Forgets attempts before `before`; at most `limit` rows. Gives how many.
pub fn purge(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM login_locks WHERE (merchant, login) IN (
             SELECT merchant, login FROM login_locks WHERE last_at < ?1 LIMIT ?2)",
        &[before.0.into(), limit.into()],
    )
}
