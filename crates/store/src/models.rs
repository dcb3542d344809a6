//! Model files and their cards.

use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

/// One version of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredModel {
    pub name: String,
    /// 1, 2, 3 …; the highest is the one in use.
    pub version: i64,
    /// The model card, JSON.
    pub card: String,
    pub body: Vec<u8>,
    /// SHA-256 of `body`, hexadecimal, as it was when the model was added.
    pub sha256: String,
    pub created_at: Timestamp,
}

/// Adds a model as the next version of its name; gives the version.
pub fn insert(tx: &mut Tx<'_>, model: &StoredModel) -> Result<i64, StoreError> {
    let sql = "SELECT COALESCE(MAX(version), 0) + 1 FROM models WHERE name = ?1";
    let row = tx.first(sql, &[model.name.as_str().into()])?;
    let version = row.ok_or_else(|| corrupt("MAX gave no row"))?.int(0)?;
    tx.execute(
        "INSERT INTO models (name, version, state, card, body, sha256, created_at)
         VALUES (?1, ?2, 'live', ?3, ?4, ?5, ?6)",
        &[
            model.name.as_str().into(),
            version.into(),
            model.card.as_str().into(),
            model.body.as_slice().into(),
            model.sha256.as_str().into(),
            model.created_at.0.into(),
        ],
    )?;
    Ok(version)
}

/// The newest version of each name.
pub fn newest(tx: &mut Tx<'_>) -> Result<Vec<StoredModel>, StoreError> {
    let sql = "SELECT name, version, card, body, sha256, created_at FROM models m
               WHERE version = (SELECT MAX(version) FROM models n WHERE n.name = m.name)
               ORDER BY name";
    tx.query(sql, &[])?.iter().map(read).collect()
}

/// The highest version of each name, without the bodies.
pub fn versions(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "SELECT name, MAX(version) FROM models GROUP BY name ORDER BY name";
    tx.query(sql, &[])?.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).collect()
}

fn read(row: &Row) -> Result<StoredModel, StoreError> {
    Ok(StoredModel {
        name: row.text(0)?.to_owned(),
        version: row.int(1)?,
        card: row.text(2)?.to_owned(),
        body: row.bytes(3)?.to_vec(),
        sha256: row.text(4)?.to_owned(),
        created_at: Timestamp(row.int(5)?),
    })
}
