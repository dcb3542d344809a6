//! Model files, their cards, and which version of each name is in use.

use domain::scoring::card::ModelState;
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

/// One version of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredModel {
    pub name: String,
    /// 1, 2, 3 …, given when it is added.
    pub version: i64,
    /// At most one version of a name is live.
    pub state: ModelState,
    /// The model card, JSON.
    pub card: String,
    pub body: Vec<u8>,
    /// SHA-256 of `body`, hexadecimal, as it was when the model was added.
    pub sha256: String,
    pub created_at: Timestamp,
}

/// Reads rows `m`. Before versions had a life cycle each one was stored as live, and the newest
/// was in use: of several, the others count as retired.
macro_rules! select {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT m.name, m.version,
                    CASE WHEN m.state = 'live' AND EXISTS (
                             SELECT 1 FROM models n
                             WHERE n.name = m.name AND n.state = 'live' AND n.version > m.version)
                         THEN 'retired' ELSE m.state END",
            $columns,
            " FROM models m ",
            $rest
        )
    };
    ($rest:literal) => {
        select!(", m.card, m.body, m.sha256, m.created_at", $rest)
    };
}

/// Adds a model as the next version of its name; gives the version. One that is live takes the
/// place of the version that was.
pub fn insert(tx: &mut Tx<'_>, model: &StoredModel) -> Result<i64, StoreError> {
    let sql = "SELECT COALESCE(MAX(version), 0) + 1 FROM models WHERE name = ?1";
    let row = tx.first(sql, &[model.name.as_str().into()])?;
    let version = row.ok_or_else(|| corrupt("MAX gave no row"))?.int(0)?;
    if model.state == ModelState::Live {
        retire_all(tx, &model.name)?;
    }
    tx.execute(
        "INSERT INTO models (name, version, state, card, body, sha256, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            model.name.as_str().into(),
            version.into(),
            model.state.as_str().into(),
            model.card.as_str().into(),
            model.body.as_slice().into(),
            model.sha256.as_str().into(),
            model.created_at.0.into(),
        ],
    )?;
    Ok(version)
}

/// Puts a version into use, in the place of the one that was; false when there is no such version.
pub fn promote(tx: &mut Tx<'_>, name: &str, version: i64) -> Result<bool, StoreError> {
    retire_all(tx, name)?;
    set_state(tx, (name, version), ModelState::Live)
}

/// Takes a version out of use; false when there is no such version.
pub fn retire(tx: &mut Tx<'_>, name: &str, version: i64) -> Result<bool, StoreError> {
    // Of several that are stored as live, the next would come into use.
    if find(tx, name, version)?.is_some_and(|model| model.state == ModelState::Live) {
        retire_all(tx, name)?;
    }
    set_state(tx, (name, version), ModelState::Retired)
}

fn retire_all(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    let sql = "UPDATE models SET state = 'retired' WHERE name = ?1 AND state = 'live'";
    tx.execute(sql, &[name.into()])?;
    Ok(())
}

fn set_state(
    tx: &mut Tx<'_>,
    (name, version): (&str, i64),
    state: ModelState,
) -> Result<bool, StoreError> {
    let sql = "UPDATE models SET state = ?3 WHERE name = ?1 AND version = ?2";
    Ok(tx.execute(sql, &[name.into(), version.into(), state.as_str().into()])? > 0)
}

/// The version in use of each name that has one.
pub fn live(tx: &mut Tx<'_>) -> Result<Vec<StoredModel>, StoreError> {
    let sql = select!(
        "WHERE m.version = (SELECT MAX(n.version) FROM models n
                            WHERE n.name = m.name AND n.state = 'live')
         ORDER BY m.name"
    );
    tx.query(sql, &[])?.iter().map(read).collect()
}

/// One version of a model.
pub fn find(tx: &mut Tx<'_>, name: &str, version: i64) -> Result<Option<StoredModel>, StoreError> {
    let sql = select!("WHERE m.name = ?1 AND m.version = ?2");
    tx.first(sql, &[name.into(), version.into()])?.as_ref().map(read).transpose()
}

/// Every version of every name, without the bodies: by name, then by version.
pub fn versions(tx: &mut Tx<'_>) -> Result<Vec<(String, i64, ModelState)>, StoreError> {
    let rows = tx.query(select!("", "ORDER BY m.name, m.version"), &[])?;
    let version = |row: &Row| Ok((row.text(0)?.to_owned(), row.int(1)?, state(row.text(2)?)?));
    rows.iter().map(version).collect()
}

fn read(row: &Row) -> Result<StoredModel, StoreError> {
    Ok(StoredModel {
        name: row.text(0)?.to_owned(),
        version: row.int(1)?,
        state: state(row.text(2)?)?,
        card: row.text(3)?.to_owned(),
        body: row.bytes(4)?.to_vec(),
        sha256: row.text(5)?.to_owned(),
        created_at: Timestamp(row.int(6)?),
    })
}

fn state(text: &str) -> Result<ModelState, StoreError> {
    ModelState::parse(text).ok_or_else(|| corrupt(&format!("a model is {text:?}")))
}
