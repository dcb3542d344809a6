//! Credentials: what proves a merchant, and until when.

use domain::failure::{CredentialKind, Failure};
use domain::merchant::Merchant;
use domain::secret::Secret;
use domain::time::Span;
use engine::{Error, Issued, NewCredential};

use crate::world::World;

const UNKNOWN_PASSWORD: Failure = Failure::CredentialUnknown(CredentialKind::Password);
const UNKNOWN_CODE: Failure = Failure::CredentialUnknown(CredentialKind::AppCode);

async fn issue(world: &World, merchant: &Merchant, new: NewCredential) -> Issued {
    let issued = world.engine.issue_credential(merchant, new).await.expect("is issued");
    world.engine.refresh().await.expect("is read");
    issued
}

fn secret(issued: &Issued) -> &Secret<String> {
    issued.secret.as_ref().expect("this kind has a secret")
}

#[tokio::test]
async fn a_password_proves_its_merchant_and_no_other_does() {
    let world = World::open().await;
    let merchant = world.merchant(None).await;
    let issued = issue(&world, &merchant, NewCredential::Password { password: None }).await;
    let right = world.engine.by_password("acme", secret(&issued)).await;
    assert_eq!(right.expect("the right password").merchant.id, merchant.id);
    let wrong = Secret::new("not the password".to_owned());
    for name in ["acme", "nobody"] {
        let refused = world.engine.by_password(name, &wrong).await.expect_err("a wrong password");
        assert_eq!(refused, UNKNOWN_PASSWORD, "{name}");
    }
    world.engine.revoke_credential(&merchant, issued.id).await.expect("is revoked");
    world.engine.refresh().await.expect("is read");
    let refused = world.engine.by_password("acme", secret(&issued)).await;
    assert_eq!(refused.expect_err("revoked"), UNKNOWN_PASSWORD);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_passwords_at_once_all_come_out() {
    let world = World::open().await;
    let merchant = world.merchant(None).await;
    let issued = issue(&world, &merchant, NewCredential::Password { password: None }).await;
    let text = secret(&issued).expose().clone();
    let tries: Vec<_> = (0..12)
        .map(|number| {
            let (engine, text) = (world.engine.clone(), text.clone());
            tokio::task::spawn_blocking(move || {
                let password = Secret::new(if number % 2 == 0 { text } else { "x".repeat(12) });
                let tried = engine.by_password("acme", &password);
                tokio::runtime::Handle::current().block_on(tried).is_ok()
            })
        })
        .collect();
    for (number, tried) in tries.into_iter().enumerate() {
        assert_eq!(tried.await.expect("no panic"), number % 2 == 0);
    }
}

#[tokio::test]
async fn an_app_code_holds_until_its_overlap_is_over() {
    let world = World::open().await;
    let merchant = world.merchant(None).await;
    let old = issue(&world, &merchant, NewCredential::AppCode).await;
    let rotated =
        world.engine.rotate_credential(&merchant, NewCredential::AppCode, Some(Span::hours(1)));
    let new = rotated.await.expect("is rotated");
    world.engine.refresh().await.expect("is read");
    world.wait(Span::micros(Span::hours(1).0 - 1));
    assert!(world.engine.by_app_code(secret(&old)).is_ok(), "before the end");
    world.wait(Span::micros(1));
    assert_eq!(world.engine.by_app_code(secret(&old)).expect_err("at the end"), UNKNOWN_CODE);
    assert!(world.engine.by_app_code(secret(&new)).is_ok(), "its successor");
}

#[tokio::test]
async fn a_rotation_of_keys_leaves_every_credential_readable() {
    let world = World::open().await;
    let merchant = world.merchant(None).await;
    let before = issue(&world, &merchant, NewCredential::AppCode).await;
    let report = world.engine.rotate_keys().await.expect("is rotated");
    assert!(report.versions.iter().any(|(_, versions)| versions == &[1, 2]));
    let after = issue(&world, &merchant, NewCredential::AppCode).await;
    for issued in [&before, &after] {
        assert!(world.engine.by_app_code(secret(issued)).is_ok());
    }
}

#[tokio::test]
async fn what_cannot_be_a_credential_is_refused_by_name() {
    let world = World::open().await;
    let merchant = world.merchant(None).await;
    let short = NewCredential::Password { password: Some(Secret::new("short".to_owned())) };
    let pem = NewCredential::RsaPublicKey { pem: "no key".to_owned() };
    for (new, named) in [(short, "password"), (pem, "public key")] {
        let error = world.engine.issue_credential(&merchant, new).await.expect_err(named);
        assert!(matches!(&error, Error::Invalid(text) if text.starts_with(named)), "{error}");
    }
}
