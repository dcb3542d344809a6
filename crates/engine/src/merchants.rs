//! Merchants and their credentials, as the operator keeps them.

use argon2::{Algorithm, Argon2, Params, Version};
use domain::failure::CredentialKind;
use domain::ids::MerchantId;
use domain::keys::{KeyRing, Place, RsaPublicKey};
use domain::merchant::{Credential, Entitlement, Material, Merchant, MerchantState};
use domain::secret::Secret;
use domain::time::Span;
use serde::{Deserialize, Serialize};
use store::credentials::SealedCredential;
use store::{StoreError, settings};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::{Engine, Error};

/// OWASP's cost for argon2id: 19 MiB, two passes.
const PASSWORD_MEMORY_KIB: u32 = 19_456;
const PASSWORD_PASSES: u32 = 2;

/// How long an old credential holds beside its successor, unless the operator says otherwise.
pub(crate) const ROTATION_OVERLAP: Span = Span::days(7);

/// A merchant to be made.
#[derive(Clone, Debug)]
pub struct NewMerchant {
    pub name: String,
    pub rate_per_second: Option<u32>,
    pub sandbox: bool,
    /// See [`Merchant::declares_consent`].
    pub declares_consent: bool,
    /// See [`Merchant::takes_blocks`].
    pub takes_blocks: bool,
}

/// A credential to be made; what is not given is made at random.
#[derive(Debug)]
pub enum NewCredential {
    Password { password: Option<Secret<String>> },
    AppCode,
    AppKey,
    RsaPublicKey { pem: String },
}

/// A new credential. The secret is shown this once and cannot be read again.
#[derive(Debug)]
pub struct Issued {
    pub id: i64,
    pub kind: CredentialKind,
    /// The public half: the AppKey, or the name that goes with a password.
    pub public: Option<String>,
    pub secret: Option<Secret<String>>,
}

/// The sealed form of [`Material`].
#[derive(Serialize, Deserialize)]
struct SealedMaterial {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl Drop for SealedMaterial {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Engine {
    pub async fn create_merchant(&self, new: NewMerchant) -> Result<Merchant, Error> {
        check_name(&new.name)?;
        let now = self.now();
        let merchant = self
            .store()
            .unit("create_merchant", move |tx| {
                if store::merchants::by_name(tx, &new.name)?.is_some() {
                    return Ok(None);
                }
                let merchant = Merchant {
                    id: store::merchants::next_id(tx)?,
                    name: new.name.clone(),
                    state: MerchantState::Active,
                    rate_per_second: new.rate_per_second,
                    sandbox: new.sandbox,
                    declares_consent: new.declares_consent,
                    takes_blocks: new.takes_blocks,
                    created_at: now,
                };
                store::merchants::insert(tx, &merchant)?;
                settings::touch_configuration(tx)?;
                Ok(Some(merchant))
            })
            .await?;
        merchant.ok_or_else(|| Error::invalid("name: a merchant of this name is there already"))
    }

    /// Changes state and rate.
    pub async fn update_merchant(&self, merchant: Merchant) -> Result<(), Error> {
        self.configure("update_merchant", move |tx| store::merchants::update(tx, &merchant)).await
    }

    pub async fn merchant(&self, name: &str) -> Result<Merchant, Error> {
        let wanted = name.to_owned();
        let found =
            self.store().read("merchant", move |tx| store::merchants::by_name(tx, &wanted)).await?;
        found.ok_or_else(|| {
            Error::absent(format!("there is no merchant {name:?}; see `probity merchant list`"))
        })
    }

    pub async fn issue_credential(
        &self,
        merchant: &Merchant,
        new: NewCredential,
    ) -> Result<Issued, Error> {
        let (kind, material, issued) = self.material(merchant, new).await?;
        let plain = Secret::new(serde_json::to_vec(&material).expect("plain text fields"));
        let (engine, merchant, now) = (self.clone(), merchant.id, self.now());
        let id = self
            .store()
            .unit("issue_credential", move |tx| {
                let id = store::credentials::next_id(tx)?;
                let sealed =
                    engine.keys().seal(place(&id.to_be_bytes()), plain.expose(), engine.entropy());
                let credential =
                    SealedCredential { id, merchant, kind, sealed, created_at: now, ends_at: None };
                store::credentials::insert(tx, &credential)?;
                settings::touch_configuration(tx)?;
                Ok(id)
            })
            .await?;
        Ok(Issued { id, kind, public: issued.0, secret: issued.1 })
    }

    /// Issues a credential of the same kind; the old ones of that kind hold for `overlap` more.
    pub async fn rotate_credential(
        &self,
        merchant: &Merchant,
        new: NewCredential,
        overlap: Option<Span>,
    ) -> Result<Issued, Error> {
        let issued = self.issue_credential(merchant, new).await?;
        let (merchant, end) = (merchant.id, self.now() + overlap.unwrap_or(ROTATION_OVERLAP));
        let (kind, newest) = (issued.kind, issued.id);
        self.configure("rotate_credential", move |tx| {
            for old in store::credentials::all(tx)? {
                if old.merchant == merchant && old.kind == kind && old.id != newest {
                    store::credentials::end(tx, merchant, old.id, end)?;
                }
            }
            Ok(())
        })
        .await?;
        Ok(issued)
    }

    /// Ends a credential now: in force within a second on every node.
    pub async fn revoke_credential(&self, merchant: &Merchant, id: i64) -> Result<(), Error> {
        let (merchant, now) = (merchant.id, self.now());
        let found = self
            .store()
            .unit("revoke_credential", move |tx| {
                let found = store::credentials::end(tx, merchant, id, now)?;
                settings::touch_configuration(tx)?;
                Ok(found)
            })
            .await?;
        if found {
            return Ok(());
        }
        Err(Error::absent(format!(
            "the merchant has no credential {id}; see `probity merchant show`"
        )))
    }

    pub async fn credentials(&self, merchant: MerchantId) -> Result<Vec<SealedCredential>, Error> {
        let mut all = self.store().read("credentials", store::credentials::all).await?;
        all.retain(|credential| credential.merchant == merchant);
        Ok(all)
    }

    pub async fn entitle(&self, entitlement: Entitlement) -> Result<(), Error> {
        if entitlement.price.0 < 0 {
            return Err(Error::invalid("price: must not be negative"));
        }
        self.configure("entitle", move |tx| store::entitlements::put(tx, &entitlement)).await
    }

    /// Takes the right to an application away.
    pub async fn disentitle(&self, entitlement: &Entitlement) -> Result<bool, Error> {
        let Entitlement { merchant, product, app, .. } = entitlement.clone();
        let removed = self.store().unit("disentitle", move |tx| {
            let removed = store::entitlements::remove(tx, merchant, product, &app)?;
            settings::touch_configuration(tx)?;
            Ok(removed)
        });
        Ok(removed.await?)
    }

    /// A unit that changes the configuration, so that every node reads it again.
    pub(crate) async fn configure<F>(&self, name: &'static str, mut work: F) -> Result<(), Error>
    where
        F: FnMut(&mut store::Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        let unit = self.store().unit(name, move |tx| {
            work(tx)?;
            settings::touch_configuration(tx)
        });
        Ok(unit.await?)
    }

    async fn material(
        &self,
        merchant: &Merchant,
        new: NewCredential,
    ) -> Result<(CredentialKind, SealedMaterial, (Option<String>, Option<Secret<String>>)), Error>
    {
        let shown = |public: Option<&str>, secret: Option<&String>| {
            (public.map(str::to_owned), secret.cloned().map(Secret::new))
        };
        Ok(match new {
            NewCredential::Password { password } => {
                let password = password.unwrap_or_else(|| Secret::new(self.random_hex::<16>()));
                let phc = self.hash_password(&password).await?;
                let shown = shown(Some(&merchant.name), Some(password.expose()));
                (
                    CredentialKind::Password,
                    SealedMaterial { public: None, secret: Some(phc) },
                    shown,
                )
            }
            NewCredential::AppCode => {
                let code = self.random_hex::<16>();
                let shown = shown(None, Some(&code));
                (
                    CredentialKind::AppCode,
                    SealedMaterial { public: None, secret: Some(code) },
                    shown,
                )
            }
            NewCredential::AppKey => {
                let (key, secret) = (self.app_key(), self.random_hex::<16>());
                let shown = shown(Some(&key), Some(&secret));
                let material = SealedMaterial { public: Some(key), secret: Some(secret) };
                (CredentialKind::AppKey, material, shown)
            }
            NewCredential::RsaPublicKey { pem } => {
                let key = RsaPublicKey::parse(&pem);
                key.ok_or_else(|| {
                    Error::invalid("public key: must be a PEM public key of 1024 to 8192 bits")
                })?;
                let material = SealedMaterial { public: Some(pem), secret: None };
                (CredentialKind::RsaPublicKey, material, (None, None))
            }
        })
    }

    /// Nine digits that look like the gateway's own AppKeys.
    fn app_key(&self) -> String {
        let number = u64::from_be_bytes(domain::entropy::bytes(self.entropy()));
        format!("2{:08}", number % 100_000_000)
    }

    pub(crate) async fn hash_password(&self, password: &Secret<String>) -> Result<String, Error> {
        let length = password.expose().chars().count();
        if !(12..=128).contains(&length) {
            return Err(Error::invalid("password: must have 12 to 128 characters"));
        }
        let _permit = self.inner.passwords.acquire().await;
        let salt: [u8; 16] = domain::entropy::bytes(self.entropy());
        let password = Secret::new(password.expose().clone());
        let hash = tokio::task::spawn_blocking(move || argon2id(&password, &salt));
        let hash = hash.await.map_err(|_| Error::invalid("password: could not be hashed"))?;
        Ok(format!("{}${}", hex::encode(salt), hex::encode(hash)))
    }
}

fn argon2id(password: &Secret<String>, salt: &[u8]) -> [u8; 32] {
    let params = Params::new(PASSWORD_MEMORY_KIB, PASSWORD_PASSES, 1, Some(32));
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.expect("fixed, legal"));
    let mut hash = [0; 32];
    argon
        .hash_password_into(password.expose().as_bytes(), salt, &mut hash)
        .expect("length and salt are within argon2's limits");
    hash
}

/// Whether one of the stored hashes (`salt$hash`, hexadecimal) is the password's. Without any, a
/// hash is computed all the same, so that an unknown name takes as long as a wrong password.
pub(crate) fn password_matches(password: &Secret<String>, stored: &[String]) -> bool {
    let decoy = [format!("{}${}", "00".repeat(16), "")];
    let hashes = if stored.is_empty() { &decoy[..] } else { stored };
    hashes.iter().fold(false, |found, text| {
        let (salt, hash) = text.split_once('$').unwrap_or_default();
        let salt = hex::decode(salt).unwrap_or_default();
        if salt.len() < 8 {
            return found;
        }
        let computed = hex::encode(argon2id(password, &salt));
        found | bool::from(computed.as_bytes().ct_eq(hash.as_bytes()))
    })
}

pub(crate) fn unseal(keys: &KeyRing, sealed: &SealedCredential) -> Result<Credential, Error> {
    let mut plain = keys.unseal(place(&sealed.id.to_be_bytes()), &sealed.sealed)?;
    let material: Result<SealedMaterial, _> = serde_json::from_slice(&plain);
    plain.zeroize();
    let mut material =
        material.map_err(|_| StoreError::Corrupt("credentials.sealed".to_owned()))?;
    let public = material.public.take().unwrap_or_default();
    let secret = Secret::new(material.secret.take().unwrap_or_default());
    Ok(Credential {
        id: sealed.id,
        merchant: sealed.merchant,
        kind: sealed.kind,
        material: match sealed.kind {
            CredentialKind::Password => Material::Password { phc: secret },
            CredentialKind::AppCode => Material::AppCode { code: secret },
            CredentialKind::AppKey => Material::AppKey { key: public, secret },
            CredentialKind::RsaPublicKey => Material::RsaPublicKey { pem: public },
        },
        created_at: sealed.created_at,
        ends_at: sealed.ends_at,
    })
}

fn place(id: &[u8; 8]) -> Place<'_> {
    Place { table: "credentials", row: id }
}

pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let fits = (3..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
    if fits {
        return Ok(());
    }
    Err(Error::invalid("name: must have 3 to 32 characters of a-z, 0-9, - and _"))
}
