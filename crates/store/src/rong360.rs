//! On which terms merchants are served by face 3.

use domain::ids::MerchantId;
use domain::keys::SignType;
use domain::merchant::{FieldTypes, Rong360, SuccessCode};

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

/// Writes a merchant's terms in place of those there were; false when the app id is another's.
pub fn put(tx: &mut Tx<'_>, merchant: MerchantId, terms: &Rong360) -> Result<bool, StoreError> {
    let sql = "SELECT merchant FROM rong360 WHERE app_id = ?1 AND merchant <> ?2";
    if tx.first(sql, &[terms.app_id.as_str().into(), merchant.0.into()])?.is_some() {
        return Ok(false);
    }
    let sign_types: Vec<_> = terms.sign_types.iter().map(|one| one.as_str()).collect();
    tx.execute(
        "INSERT INTO rong360 (merchant, app_id, aliases, sign_types, success, field_types,
                              plain_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (merchant) DO UPDATE SET app_id = excluded.app_id,
             aliases = excluded.aliases, sign_types = excluded.sign_types,
             success = excluded.success, field_types = excluded.field_types,
             plain_json = excluded.plain_json",
        &[
            merchant.0.into(),
            terms.app_id.as_str().into(),
            terms.aliases.join(" ").as_str().into(),
            sign_types.join(" ").as_str().into(),
            i64::from(terms.success.number()).into(),
            terms.field_types.as_str().into(),
            terms.plain_json.into(),
        ],
    )?;
    Ok(true)
}

pub fn all(tx: &mut Tx<'_>) -> Result<Vec<(MerchantId, Rong360)>, StoreError> {
    let sql = "SELECT merchant, app_id, aliases, sign_types, success, field_types, plain_json
               FROM rong360 ORDER BY merchant";
    tx.query(sql, &[])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<(MerchantId, Rong360), StoreError> {
    let sign_types = row.text(3)?.split_whitespace().map(SignType::parse);
    let sign_types: Option<Vec<_>> = sign_types.collect();
    let terms = Rong360 {
        app_id: row.text(1)?.to_owned(),
        aliases: row.text(2)?.split_whitespace().map(str::to_owned).collect(),
        sign_types: sign_types.ok_or_else(|| corrupt("rong360.sign_types"))?,
        success: SuccessCode::of_number(row.int(4)?).ok_or_else(|| corrupt("rong360.success"))?,
        field_types: FieldTypes::parse(row.text(5)?)
            .ok_or_else(|| corrupt("rong360.field_types"))?,
        plain_json: row.int(6)? != 0,
    };
    Ok((MerchantId(row.int(0)?), terms))
}
