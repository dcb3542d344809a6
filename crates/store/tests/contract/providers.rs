//! Providers and their sealed secrets.

use std::sync::Arc;

use domain::provider::{Place, Provider, ProviderLimits};
use domain::source::SourceKind;
use store::providers::{self, StoredProvider};

use super::database::{Database, on_both};
use super::samples::START;

on_both!(providers_are_made_and_changed);

fn stored(name: &str, url: Option<&str>) -> StoredProvider {
    let place = url.map_or(Place::Sandbox, |url| Place::Connector { url: url.to_owned() });
    let provider = Provider {
        name: name.to_owned(),
        kind: SourceKind::Ebank,
        place,
        number: 2,
        weight: u32::MAX,
        is_enabled: url.is_none(),
        licence: None,
        authorisation: url.map(|_| "合成".to_owned()),
        limits: ProviderLimits::default(),
        created_at: START,
    };
    StoredProvider { provider, secret: url.map(|_| vec![0, 1, 255]), banks: None }
}

async fn providers_are_made_and_changed(database: Arc<Database>) {
    let store = database.open("a");
    let mut remote = stored("b-remote", Some("https://connector.example/x"));
    let (first, local) = (remote.clone(), stored("a-local", None));
    remote.provider.licence = Some("licence".to_owned());
    remote.provider.is_enabled = true;
    remote.secret = Some(vec![7]);
    remote.banks = Some("[]".to_owned());
    let expected = vec![local.clone(), remote.clone()];
    let found = store
        .unit("providers", move |tx| {
            for one in [&first, &local, &remote] {
                providers::put(tx, one)?;
            }
            providers::all(tx)
        })
        .await
        .expect("providers are kept");
    assert_eq!(found, expected);
    let left = store.unit("remove", |tx| {
        providers::remove(tx, "b-remote")?;
        providers::remove(tx, "none")?;
        providers::all(tx)
    });
    assert_eq!(left.await.expect("providers are read"), expected[..1]);
}
