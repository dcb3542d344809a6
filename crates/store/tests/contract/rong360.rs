//! Face 3: merchants' terms, and the answers of signed requests.

use std::sync::Arc;

use domain::ids::{BizId, MerchantId};
use domain::keys::SignType;
use domain::merchant::{FieldTypes, Rong360, SuccessCode};
use domain::time::Span;
use store::{answers, nonces, rong360};

use super::database::{Database, on_both};
use super::samples::START;

on_both!(terms_are_kept_and_an_app_id_has_one_merchant, a_request_is_claimed_answered_and_let_go);

async fn terms_are_kept_and_an_app_id_has_one_merchant(database: Arc<Database>) {
    let store = database.open("a");
    let usual = Rong360::new("1000001".to_owned());
    let special = Rong360 {
        app_id: "1000002".to_owned(),
        aliases: vec!["123124".to_owned(), "x".to_owned()],
        sign_types: vec![SignType::Rsa2],
        success: SuccessCode::Zero,
        field_types: FieldTypes::Later,
        plain_json: true,
    };
    let expected = [(MerchantId(7), special.clone()), (MerchantId(8), usual.clone())];
    let found = store
        .unit("terms", move |tx| {
            assert!(rong360::put(tx, MerchantId(7), &usual)?);
            assert!(!rong360::put(tx, MerchantId(8), &usual)?, "another's app id");
            assert!(rong360::put(tx, MerchantId(7), &special)?);
            assert!(rong360::put(tx, MerchantId(8), &usual)?, "free again");
            rong360::all(tx)
        })
        .await;
    assert_eq!(found.expect("terms are kept"), expected);
}

async fn a_request_is_claimed_answered_and_let_go(database: Arc<Database>) {
    let store = database.open("a");
    let id = BizId::of_parts(1_700_000_000_000, &[7; 10]);
    let until = START + Span::minutes(15);
    let done = store.unit("request", move |tx| {
        assert!(nonces::claim(tx, "rong360:7", "n", until)?);
        nonces::release(tx, "rong360:7", "n")?;
        assert!(nonces::claim(tx, "rong360:7", "n", until)?, "it was let go");
        assert_eq!(answers::find(tx, id)?, None);
        answers::put(tx, id, b"first")?;
        answers::put(tx, id, b"second")?;
        answers::find(tx, id)
    });
    assert_eq!(done.await.expect("it is kept"), Some(b"first".to_vec()));
}
