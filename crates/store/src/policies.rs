//! Versions of policies: the document, its life, who wrote it and who signed it off.

use domain::policy::PolicyState;
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

/// One version of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPolicy {
    pub name: String,
    /// 1, 2, 3 …, given when it is added.
    pub version: i64,
    pub state: PolicyState,
    /// The canonical document.
    pub body: Vec<u8>,
    /// SHA-256 of `body`, hexadecimal, as it was when the version was added.
    pub sha256: String,
    /// The operator who added it.
    pub author: String,
    pub created_at: Timestamp,
    pub sign_off: Option<SignOff>,
    /// Since when it decided, last; nothing when it never did or was rolled back.
    pub live_at: Option<Timestamp>,
}

/// That a second operator signed a version off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOff {
    pub signer: String,
    pub at: Timestamp,
    /// The version of the signing key.
    pub key_version: i64,
    /// Over `SignedText::digest`.
    pub signature: Vec<u8>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT name, version, state, share, body, sha256, author, created_at, signer,
                    signed_at, key_version, signature, live_at FROM policies ",
            $rest
        )
    };
}

/// Adds a draft as the next version of its name; gives the version.
pub fn insert(tx: &mut Tx<'_>, policy: &StoredPolicy) -> Result<i64, StoreError> {
    let sql = "SELECT COALESCE(MAX(version), 0) + 1 FROM policies WHERE name = ?1";
    let row = tx.first(sql, &[policy.name.as_str().into()])?;
    let version = row.ok_or_else(|| corrupt("MAX gave no row"))?.int(0)?;
    tx.execute(
        "INSERT INTO policies (name, version, state, body, sha256, author, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            policy.name.as_str().into(),
            version.into(),
            PolicyState::Draft.as_str().into(),
            policy.body.as_slice().into(),
            policy.sha256.as_str().into(),
            policy.author.as_str().into(),
            policy.created_at.0.into(),
        ],
    )?;
    Ok(version)
}

pub fn find(tx: &mut Tx<'_>, name: &str, version: i64) -> Result<Option<StoredPolicy>, StoreError> {
    let sql = select!("WHERE name = ?1 AND version = ?2");
    tx.first(sql, &[name.into(), version.into()])?.as_ref().map(read).transpose()
}

/// Every version of every name: by name, then by version.
pub fn versions(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = tx.query("SELECT name, version FROM policies ORDER BY name, version", &[])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).collect()
}

/// The versions that applications are evaluated by: live, challengers, shadows.
pub fn in_use(tx: &mut Tx<'_>) -> Result<Vec<StoredPolicy>, StoreError> {
    let sql = select!("WHERE state IN ('live', 'challenger', 'shadow') ORDER BY name, version");
    tx.query(sql, &[])?.iter().map(read).collect()
}

/// The version that decided before the live one, of those that were not rolled back since.
pub fn live_before(tx: &mut Tx<'_>, name: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT version FROM policies
               WHERE name = ?1 AND state = 'retired' AND live_at IS NOT NULL
               ORDER BY live_at DESC, version DESC LIMIT 1";
    tx.first(sql, &[name.into()])?.map(|row| row.int(0)).transpose()
}

pub fn set_state(
    tx: &mut Tx<'_>,
    (name, version): (&str, i64),
    state: PolicyState,
) -> Result<(), StoreError> {
    let share = state.share().map(i64::from);
    let sql = "UPDATE policies SET state = ?3, share = ?4 WHERE name = ?1 AND version = ?2";
    tx.execute(sql, &[name.into(), version.into(), state.as_str().into(), share.into()])?;
    Ok(())
}

/// Since when a version decides; nothing: it was rolled back.
pub fn set_live_at(
    tx: &mut Tx<'_>,
    (name, version): (&str, i64),
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let sql = "UPDATE policies SET live_at = ?3 WHERE name = ?1 AND version = ?2";
    tx.execute(sql, &[name.into(), version.into(), at.map(|at| at.0).into()])?;
    Ok(())
}

/// Keeps a sign-off; the state follows by [`set_state`].
pub fn sign_off(
    tx: &mut Tx<'_>,
    (name, version): (&str, i64),
    sign_off: &SignOff,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE policies SET signer = ?3, signed_at = ?4, key_version = ?5, signature = ?6
         WHERE name = ?1 AND version = ?2",
        &[
            name.into(),
            version.into(),
            sign_off.signer.as_str().into(),
            sign_off.at.0.into(),
            sign_off.key_version.into(),
            sign_off.signature.as_slice().into(),
        ],
    )?;
    Ok(())
}

fn read(row: &Row) -> Result<StoredPolicy, StoreError> {
    let share = row.maybe_int(3)?.map(u8::try_from).transpose();
    let share = share.map_err(|_| corrupt("policies.share"))?;
    let state = PolicyState::parse(row.text(2)?, share);
    let sign_off = match row.maybe_text(8)? {
        None => None,
        Some(signer) => Some(SignOff {
            signer: signer.to_owned(),
            at: Timestamp(row.int(9)?),
            key_version: row.int(10)?,
            signature: row.bytes(11)?.to_vec(),
        }),
    };
    Ok(StoredPolicy {
        name: row.text(0)?.to_owned(),
        version: row.int(1)?,
        state: state.ok_or_else(|| corrupt("policies.state"))?,
        body: row.bytes(4)?.to_vec(),
        sha256: row.text(5)?.to_owned(),
        author: row.text(6)?.to_owned(),
        created_at: Timestamp(row.int(7)?),
        sign_off,
        live_at: row.maybe_int(12)?.map(Timestamp),
    })
}
