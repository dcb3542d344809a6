//! Rates: what a merchant may ask in a second.

use domain::failure::Failure;
use domain::ids::AppId;
use domain::merchant::{Entitlement, Limits, Product, TagKey};
use domain::money::Amount;
use domain::time::Span;

use crate::world::World;

#[tokio::test]
async fn a_rate_lets_a_second_worth_through_and_refills() {
    let world = World::open().await;
    let merchant = world.merchant(Some(5)).await;
    let entitlement = Entitlement {
        merchant: merchant.id,
        product: Product::FinplusScore,
        app: AppId("1".to_owned()),
        is_default: true,
        model: "none".to_owned(),
        price: Amount::ZERO,
        limits: Limits::default(),
        tag_key: TagKey::Name,
    };
    let product = Product::FinplusScore;
    world.engine.refresh().await.expect("is read");
    let entry = world.engine.directory().by_name("acme").cloned().expect("is there");
    assert_eq!(world.engine.admit(&entry, product), Err(Failure::NotEntitled));
    world.engine.entitle(entitlement).await.expect("is entitled");
    world.engine.refresh().await.expect("is read");
    let entry = world.engine.directory().by_name("acme").cloned().expect("is there");
    let admitted = || (0..20).filter(|_| world.engine.admit(&entry, product).is_ok()).count();
    assert_eq!(admitted(), 5);
    assert_eq!(world.engine.admit(&entry, product), Err(Failure::RateExceeded));
    world.wait(Span::seconds(1));
    assert_eq!(admitted(), 5);
}
