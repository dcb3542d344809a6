//! What merchants may ask.

use domain::ids::{AppId, MerchantId};
use domain::merchant::{Entitlement, Limits, Product, TagKey};
use domain::money::Amount;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

/// Writes an entitlement, in place of one of the same application. A default takes over from the
/// default there was.
pub fn put(tx: &mut Tx<'_>, entitlement: &Entitlement) -> Result<(), StoreError> {
    let Entitlement { merchant, product, app, limits, .. } = entitlement;
    if entitlement.is_default {
        tx.execute(
            "UPDATE entitlements SET is_default = 0 WHERE merchant = ?1 AND product = ?2",
            &[merchant.0.into(), product.as_str().into()],
        )?;
    }
    tx.execute(
        "INSERT INTO entitlements (merchant, product, app, is_default, model, price, package,
                                   test, daily, tag_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (merchant, product, app) DO UPDATE SET is_default = excluded.is_default,
             model = excluded.model, price = excluded.price, package = excluded.package,
             test = excluded.test, daily = excluded.daily, tag_key = excluded.tag_key",
        &[
            merchant.0.into(),
            product.as_str().into(),
            app.0.as_str().into(),
            entitlement.is_default.into(),
            entitlement.model.as_str().into(),
            entitlement.price.0.into(),
            limits.package.into(),
            limits.test.into(),
            limits.daily.into(),
            entitlement.tag_key.as_str().into(),
        ],
    )?;
    Ok(())
}

/// Takes an entitlement away; gives whether there was one.
pub fn remove(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    product: Product,
    app: &AppId,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "DELETE FROM entitlements WHERE merchant = ?1 AND product = ?2 AND app = ?3",
        &[merchant.0.into(), product.as_str().into(), app.0.as_str().into()],
    )?;
    Ok(rows == 1)
}

pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Entitlement>, StoreError> {
    let sql = "SELECT merchant, product, app, is_default, model, price, package, test, daily,
                      tag_key FROM entitlements ORDER BY merchant, product, app";
    tx.query(sql, &[])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Entitlement, StoreError> {
    Ok(Entitlement {
        merchant: MerchantId(row.int(0)?),
        product: Product::parse(row.text(1)?).ok_or_else(|| corrupt("entitlements.product"))?,
        app: AppId(row.text(2)?.to_owned()),
        is_default: row.int(3)? != 0,
        model: row.text(4)?.to_owned(),
        price: Amount(row.int(5)?),
        limits: Limits {
            package: row.maybe_int(6)?,
            test: row.maybe_int(7)?,
            daily: row.maybe_int(8)?,
        },
        tag_key: TagKey::parse(row.text(9)?).ok_or_else(|| corrupt("entitlements.tag_key"))?,
    })
}
