//! Operators, what they sign in with, and the tokens that stand for them.

use domain::operator::{Role, TotpStep};
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

/// An operator as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOperator {
    pub id: i64,
    pub name: String,
    pub roles: Vec<Role>,
    /// Sealed: the hash of the password.
    pub password: Vec<u8>,
    /// Sealed: the secret of the one-time codes.
    pub totp: Vec<u8>,
    /// The last step whose code was taken.
    pub totp_step: TotpStep,
    pub created_at: Timestamp,
    /// Since then it cannot sign in, and its tokens open nothing. For good.
    pub disabled_at: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.name, o.roles, o.password, o.totp, o.totp_step, o.created_at,
                    o.disabled_at FROM operators o ",
            $rest
        )
    };
}

/// The number of the next operator.
pub fn next_id(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let row = tx.first("SELECT COALESCE(MAX(id), 0) + 1 FROM operators", &[])?;
    row.ok_or_else(|| corrupt("MAX gave no row"))?.int(0)
}

pub fn insert(tx: &mut Tx<'_>, operator: &StoredOperator) -> Result<(), StoreError> {
    let roles: Vec<&str> = operator.roles.iter().map(|role| role.as_str()).collect();
    tx.execute(
        "INSERT INTO operators (id, name, roles, password, totp, totp_step, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            operator.id.into(),
            operator.name.as_str().into(),
            roles.join(" ").as_str().into(),
            operator.password.as_slice().into(),
            operator.totp.as_slice().into(),
            operator.totp_step.0.into(),
            operator.created_at.0.into(),
        ],
    )?;
    Ok(())
}

pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<StoredOperator>, StoreError> {
    let row = tx.first(select!("WHERE o.name = ?1"), &[name.into()])?;
    row.as_ref().map(read).transpose()
}

/// All of them, the disabled too, by number.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<StoredOperator>, StoreError> {
    tx.query(select!("ORDER BY o.id"), &[])?.iter().map(read).collect()
}

/// Disables an operator; false when it was disabled before.
pub fn disable(tx: &mut Tx<'_>, id: i64, at: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE operators SET disabled_at = ?2 WHERE id = ?1 AND disabled_at IS NULL";
    Ok(tx.execute(sql, &[id.into(), at.0.into()])? > 0)
}

pub fn set_password(tx: &mut Tx<'_>, id: i64, password: &[u8]) -> Result<(), StoreError> {
    let sql = "UPDATE operators SET password = ?2 WHERE id = ?1";
    tx.execute(sql, &[id.into(), password.into()])?;
    Ok(())
}

/// Replaces the secret of the one-time codes; none of its codes was taken yet.
pub fn set_totp(tx: &mut Tx<'_>, id: i64, totp: &[u8]) -> Result<(), StoreError> {
    let sql = "UPDATE operators SET totp = ?2, totp_step = 0 WHERE id = ?1";
    tx.execute(sql, &[id.into(), totp.into()])?;
    Ok(())
}

/// Takes a step for good; false when it, or one after it, was taken before.
pub fn take_step(tx: &mut Tx<'_>, id: i64, step: TotpStep) -> Result<bool, StoreError> {
    let sql = "UPDATE operators SET totp_step = ?2 WHERE id = ?1 AND totp_step < ?2";
    Ok(tx.execute(sql, &[id.into(), step.0.into()])? > 0)
}

/// A token that stands for an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorToken {
    pub digest: [u8; 32],
    pub operator: i64,
    pub created_at: Timestamp,
    pub ends_at: Timestamp,
}

pub fn insert_token(tx: &mut Tx<'_>, token: &OperatorToken) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO operator_tokens (digest, operator, created_at, ends_at)
         VALUES (?1, ?2, ?3, ?4)",
        &[
            (&token.digest).into(),
            token.operator.into(),
            token.created_at.0.into(),
            token.ends_at.0.into(),
        ],
    )?;
    Ok(())
}

/// The operator of a token whose time is not over, unless it was disabled.
pub fn by_token(
    tx: &mut Tx<'_>,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<StoredOperator>, StoreError> {
    let sql = select!(
        "JOIN operator_tokens t ON t.operator = o.id
         WHERE t.digest = ?1 AND t.ends_at > ?2 AND o.disabled_at IS NULL"
    );
    tx.first(sql, &[digest.into(), now.0.into()])?.as_ref().map(read).transpose()
}

/// Ends one token; false when it was over.
pub fn end_token(tx: &mut Tx<'_>, digest: &[u8; 32], now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE operator_tokens SET ends_at = ?2 WHERE digest = ?1 AND ends_at > ?2";
    Ok(tx.execute(sql, &[digest.into(), now.0.into()])? > 0)
}

/// Ends all tokens of an operator; gives how many there were.
pub fn end_tokens(tx: &mut Tx<'_>, operator: i64, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "UPDATE operator_tokens SET ends_at = ?2 WHERE operator = ?1 AND ends_at > ?2";
    tx.execute(sql, &[operator.into(), now.0.into()])
}

/// Forgets tokens whose time is over, at most `limit`; gives how many went.
pub fn purge_tokens(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM operator_tokens WHERE digest IN
             (SELECT digest FROM operator_tokens WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2)",
        &[now.0.into(), limit.into()],
    )
}

fn read(row: &Row) -> Result<StoredOperator, StoreError> {
    let roles: Option<Vec<Role>> = row.text(2)?.split(' ').map(Role::parse).collect();
    Ok(StoredOperator {
        id: row.int(0)?,
        name: row.text(1)?.to_owned(),
        roles: roles.ok_or_else(|| corrupt("operators.roles"))?,
        password: row.bytes(3)?.to_vec(),
        totp: row.bytes(4)?.to_vec(),
        totp_step: TotpStep(row.int(5)?),
        created_at: Timestamp(row.int(6)?),
        disabled_at: row.maybe_int(7)?.map(Timestamp),
    })
}
