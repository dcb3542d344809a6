//! Merchants, their credentials and entitlements.

use std::sync::Arc;

use domain::failure::CredentialKind;
use domain::ids::{AppId, MerchantId};
use domain::merchant::{Entitlement, Limits, Merchant, MerchantState, Product, TagKey};
use domain::money::Amount;
use domain::time::Span;
use store::credentials::SealedCredential;
use store::{StoreError, credentials, entitlements, merchants};

use super::database::{Database, on_both};
use super::samples::START;

on_both!(
    merchants_are_changed_but_not_renamed,
    a_merchants_name_is_unique,
    a_credential_ends_once,
    one_entitlement_is_the_default,
);

pub(super) fn merchant(id: i64, name: &str) -> Merchant {
    Merchant {
        id: MerchantId(id),
        name: name.to_owned(),
        state: MerchantState::Active,
        rate_per_second: None,
        sandbox: id % 2 == 0,
        declares_consent: id % 2 == 1,
        takes_blocks: id % 3 == 1,
        created_at: START,
    }
}

async fn merchants_are_changed_but_not_renamed(database: Arc<Database>) {
    let store = database.open("a");
    let changed = Merchant {
        state: MerchantState::Suspended,
        rate_per_second: Some(u32::MAX),
        declares_consent: false,
        takes_blocks: true,
        ..merchant(1, "alpha")
    };
    let expected = [changed.clone(), merchant(2, "beta")];
    let found = store
        .unit("merchants", move |tx| {
            for name in ["alpha", "beta"] {
                let id = merchants::next_id(tx)?;
                merchants::insert(tx, &merchant(id.0, name))?;
            }
            merchants::update(tx, &changed)?;
            assert_eq!(merchants::by_name(tx, "beta")?, Some(merchant(2, "beta")));
            assert_eq!(merchants::by_name(tx, "gamma")?, None);
            merchants::all(tx)
        })
        .await
        .expect("merchants are kept");
    assert_eq!(found, expected);
}

async fn a_merchants_name_is_unique(database: Arc<Database>) {
    let store = database.open("a");
    let insert = |id| store.unit("insert", move |tx| merchants::insert(tx, &merchant(id, "alpha")));
    insert(1).await.expect("the name is free");
    let refused = insert(2).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
}

async fn a_credential_ends_once(database: Arc<Database>) {
    let store = database.open("a");
    let (soon, late) = (START + Span::hours(1), START + Span::hours(2));
    let found = store
        .unit("credentials", move |tx| {
            for kind in [CredentialKind::AppCode, CredentialKind::Password] {
                let credential = SealedCredential {
                    id: credentials::next_id(tx)?,
                    merchant: MerchantId(7),
                    kind,
                    sealed: vec![0, 255, 7],
                    created_at: START,
                    ends_at: None,
                };
                credentials::insert(tx, &credential)?;
            }
            assert!(!credentials::end(tx, MerchantId(8), 1, soon)?, "another merchant's");
            assert!(!credentials::end(tx, MerchantId(7), 3, soon)?, "no such credential");
            assert!(credentials::end(tx, MerchantId(7), 1, soon)?);
            assert!(credentials::end(tx, MerchantId(7), 1, late)?);
            credentials::all(tx)
        })
        .await
        .expect("credentials are kept");
    let ends: Vec<_> = found.iter().map(|c| (c.id, c.kind, c.ends_at)).collect();
    let expected = [(1, CredentialKind::AppCode, Some(soon)), (2, CredentialKind::Password, None)];
    assert_eq!(ends, expected, "an end is never put off");
    assert_eq!(found[0].sealed, [0, 255, 7]);
}

async fn one_entitlement_is_the_default(database: Arc<Database>) {
    let store = database.open("a");
    let entitlement = |app: &str, is_default| Entitlement {
        merchant: MerchantId(7),
        product: Product::FinplusScore,
        app: AppId(app.to_owned()),
        is_default,
        model: "german".to_owned(),
        price: Amount(350_000),
        limits: Limits { package: Some(5), test: None, daily: Some(0) },
        tag_key: TagKey::Id,
    };
    let found = store
        .unit("entitlements", move |tx| {
            entitlements::put(tx, &entitlement("1", true))?;
            entitlements::put(tx, &entitlement("2", true))?;
            entitlements::put(tx, &entitlement("3", false))?;
            let dearer = Entitlement { price: Amount(1), ..entitlement("3", false) };
            entitlements::put(tx, &dearer)?;
            let remove = |tx: &mut store::Tx<'_>, app: &str| {
                let app = AppId(app.to_owned());
                entitlements::remove(tx, MerchantId(7), Product::FinplusScore, &app)
            };
            assert_eq!((remove(tx, "3")?, remove(tx, "3")?), (true, false));
            entitlements::all(tx)
        })
        .await
        .expect("entitlements are kept");
    assert_eq!(found, [entitlement("1", false), entitlement("2", true)]);
}
