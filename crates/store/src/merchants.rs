//! Merchants.

use domain::ids::MerchantId;
use domain::merchant::{Merchant, MerchantState};
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

/// The id that the next merchant gets.
pub fn next_id(tx: &mut Tx<'_>) -> Result<MerchantId, StoreError> {
    let row = tx.first("SELECT COALESCE(MAX(id), 0) + 1 FROM merchants", &[])?;
    row.ok_or_else(|| corrupt("MAX gave no row"))?.int(0).map(MerchantId)
}

pub fn insert(tx: &mut Tx<'_>, merchant: &Merchant) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO merchants (id, name, state, rate_per_second, sandbox, created_at,
             declares_consent, takes_blocks)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            merchant.id.0.into(),
            merchant.name.as_str().into(),
            state_to_db(merchant.state).into(),
            merchant.rate_per_second.map(i64::from).into(),
            merchant.sandbox.into(),
            merchant.created_at.0.into(),
            merchant.declares_consent.into(),
            merchant.takes_blocks.into(),
        ],
    )?;
    Ok(())
}

pub fn update(tx: &mut Tx<'_>, merchant: &Merchant) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE merchants SET state = ?2, rate_per_second = ?3, declares_consent = ?4,
             takes_blocks = ?5
         WHERE id = ?1",
        &[
            merchant.id.0.into(),
            state_to_db(merchant.state).into(),
            merchant.rate_per_second.map(i64::from).into(),
            merchant.declares_consent.into(),
            merchant.takes_blocks.into(),
        ],
    )?;
    Ok(())
}

pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Merchant>, StoreError> {
    let sql = "SELECT id, name, state, rate_per_second, sandbox, created_at, declares_consent,
                      takes_blocks
               FROM merchants
               ORDER BY id";
    tx.query(sql, &[])?.iter().map(read).collect()
}

pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Merchant>, StoreError> {
    let sql = "SELECT id, name, state, rate_per_second, sandbox, created_at, declares_consent,
                      takes_blocks
               FROM merchants
               WHERE name = ?1";
    tx.first(sql, &[name.into()])?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Merchant, StoreError> {
    let rate = row.maybe_int(3)?.map(u32::try_from).transpose();
    Ok(Merchant {
        id: MerchantId(row.int(0)?),
        name: row.text(1)?.to_owned(),
        state: state_from_db(row.int(2)?)?,
        rate_per_second: rate.map_err(|_| corrupt("merchants.rate_per_second"))?,
        sandbox: row.int(4)? != 0,
        created_at: Timestamp(row.int(5)?),
        declares_consent: row.int(6)? != 0,
        takes_blocks: row.int(7)? != 0,
    })
}

fn state_to_db(state: MerchantState) -> i64 {
    match state {
        MerchantState::Active => 0,
        MerchantState::Suspended => 1,
    }
}

fn state_from_db(value: i64) -> Result<MerchantState, StoreError> {
    match value {
        0 => Ok(MerchantState::Active),
        1 => Ok(MerchantState::Suspended),
        _ => Err(corrupt("merchants.state")),
    }
}
