//! Keys: made once, opened at each start, rotated without a stop.

use domain::entropy::Entropy;
use domain::keys::{CheckValue, KeyPurpose, KeyRing, RootKey, SealedKey};
use domain::time::Timestamp;
use store::{Store, StoreError, Tx, settings};

use crate::{Engine, Error};

/// What `key check` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReport {
    /// (purpose, versions), the last one in use.
    pub versions: Vec<(KeyPurpose, Vec<u32>)>,
    /// The public key that checkpoints are signed with now, hexadecimal.
    pub verifying_key: String,
    /// The public keys that callbacks are verified with, PEM by version.
    pub platform_keys: Vec<(u32, String)>,
    /// The public keys that applications may be encrypted to, PEM by version, the newest first.
    pub audit_keys: Vec<(u32, String)>,
}

/// Makes the keys of a new database under `root`, but for the RSA keys, which the first engine
/// that opens it makes. Does nothing when they are there under the same root key.
pub async fn init(
    store: &Store,
    root: &RootKey,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<(), Error> {
    let check = hex::encode(root.check_value().0);
    let keys: Vec<SealedKey> = [KeyPurpose::Data, KeyPurpose::Index, KeyPurpose::Signing]
        .map(|purpose| SealedKey::generate(purpose, 1, root, entropy))
        .into();
    let stored = store
        .unit("init_keys", move |tx| {
            if let Some(stored) = settings::get(tx, settings::KEY_CHECK)? {
                return Ok(stored);
            }
            settings::set(tx, settings::KEY_CHECK, &check)?;
            for key in &keys {
                store::keys::insert(tx, key, now)?;
            }
            Ok(check.clone())
        })
        .await?;
    verify(root, Some(&stored))
}

/// Whether the database has keys, under whichever root key.
pub async fn are_there(store: &Store) -> Result<bool, Error> {
    let check = store.read("key_check", |tx| settings::get(tx, settings::KEY_CHECK)).await?;
    Ok(check.is_some())
}

/// Opens the key ring of a database.
pub(crate) async fn open(store: &Store, root: &RootKey) -> Result<KeyRing, Error> {
    let (check, keys) = store
        .read("keys", |tx| Ok((settings::get(tx, settings::KEY_CHECK)?, store::keys::all(tx)?)))
        .await?;
    verify(root, check.as_deref())?;
    Ok(KeyRing::open(root, &keys)?)
}

/// Makes the first of the RSA keys where there are none: in a new database, or one of an earlier
/// version.
pub(crate) async fn ensure_rsa(
    store: &Store,
    root: &RootKey,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<KeyRing, Error> {
    let keys = [KeyPurpose::Platform, KeyPurpose::Audit]
        .map(|purpose| SealedKey::generate(purpose, 1, root, entropy));
    let ensured = store.unit("rsa_keys", move |tx| {
        let there = store::keys::all(tx)?;
        let missing = |key: &&SealedKey| there.iter().all(|one| one.purpose != key.purpose);
        keys.iter().filter(missing).try_for_each(|key| store::keys::insert(tx, key, now))
    });
    ensured.await?;
    open(store, root).await
}

fn verify(root: &RootKey, stored: Option<&str>) -> Result<(), Error> {
    let stored = stored.ok_or_else(|| {
        Error::absent("the database has no keys yet; make them with `probity key init`")
    })?;
    let bytes = hex::decode(stored).map_err(|_| Error::WrongKey)?;
    if root.matches(&CheckValue(bytes)) { Ok(()) } else { Err(Error::WrongKey) }
}

/// Puts the sealed keys under another root key. Running nodes go on with the keys they have
/// opened; they must be started with the new root key next time.
pub async fn rotate_root(
    store: &Store,
    old: &RootKey,
    new: &RootKey,
    entropy: &dyn Entropy,
) -> Result<(), Error> {
    let sealed = store.read("keys", store::keys::all).await?;
    let check = store.read("key_check", |tx| settings::get(tx, settings::KEY_CHECK)).await?;
    verify(old, check.as_deref())?;
    let rewrapped: Result<Vec<SealedKey>, _> =
        sealed.iter().map(|key| key.rewrap(old, new, entropy)).collect();
    let (rewrapped, count) = (rewrapped?, sealed.len());
    let check = hex::encode(new.check_value().0);
    store
        .unit("rotate_root", move |tx| {
            if store::keys::all(tx)?.len() != count {
                return Err(StoreError::Collision("a key was added meanwhile".to_owned()));
            }
            for key in &rewrapped {
                store::keys::reseal(tx, key)?;
            }
            settings::set(tx, settings::KEY_CHECK, &check)
        })
        .await?;
    Ok(())
}

impl Engine {
    /// Adds a new version of the data and the signing key; what was sealed and signed before stays
    /// readable. The index key keeps its version: look-up hashes cannot be made anew without the
    /// ids themselves, which are not stored.
    pub async fn rotate_keys(&self) -> Result<KeyReport, Error> {
        self.add_versions(&[KeyPurpose::Data, KeyPurpose::Signing]).await
    }

    /// Adds a new version of the platform's key. A merchant's callbacks are signed with it from
    /// when its form is set again: until then it can take the new public key in.
    pub async fn rotate_platform_key(&self) -> Result<KeyReport, Error> {
        self.add_versions(&[KeyPurpose::Platform]).await
    }

    /// Adds a new version of the key that applications are encrypted to. What is encrypted to the
    /// versions before goes on being opened.
    pub async fn rotate_audit_key(&self) -> Result<KeyReport, Error> {
        self.add_versions(&[KeyPurpose::Audit]).await
    }

    async fn add_versions(&self, purposes: &'static [KeyPurpose]) -> Result<KeyReport, Error> {
        let (engine, now) = (self.clone(), self.now());
        self.store()
            .unit("rotate_keys", move |tx| {
                engine.check_root(tx)?;
                let keys = store::keys::all(tx)?;
                for purpose in purposes {
                    engine.add_version(tx, &keys, *purpose, now)?;
                }
                settings::touch_configuration(tx)
            })
            .await?;
        self.refresh().await?;
        self.check_keys().await
    }

    /// A root key that was replaced meanwhile must not seal a new key: no node could open it.
    fn check_root(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let own = hex::encode(self.inner.root.check_value().0);
        if settings::get(tx, settings::KEY_CHECK)?.as_deref() == Some(own.as_str()) {
            return Ok(());
        }
        Err(StoreError::Refused("the root key was replaced meanwhile; use the new one".to_owned()))
    }

    fn add_version(
        &self,
        tx: &mut Tx<'_>,
        keys: &[SealedKey],
        purpose: KeyPurpose,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let versions = keys.iter().filter(|key| key.purpose == purpose).map(|key| key.version);
        let version = versions.max().unwrap_or(0) + 1;
        let key = SealedKey::generate(purpose, version, &self.inner.root, self.entropy());
        store::keys::insert(tx, &key, now)
    }

    /// Opens every key and tells what there is.
    pub async fn check_keys(&self) -> Result<KeyReport, Error> {
        let sealed = self.store().read("keys", store::keys::all).await?;
        let ring = KeyRing::open(&self.inner.root, &sealed)?;
        let versions_of = |purpose| -> Vec<u32> {
            sealed.iter().filter(|key| key.purpose == purpose).map(|key| key.version).collect()
        };
        let versions = KeyPurpose::ALL.map(|purpose| (purpose, versions_of(purpose)));
        let pem = |version: &u32| Some((*version, ring.platform(Some(*version))?.1.public_pem()));
        Ok(KeyReport {
            platform_keys: versions[3].1.iter().filter_map(pem).collect(),
            audit_keys: ring
                .audit_keys(self.now())
                .iter()
                .map(|(version, key)| (version, key.public_pem().to_owned()))
                .collect(),
            versions: versions.into(),
            verifying_key: hex::encode(ring.signing().1.verifying_key().0),
        })
    }

    /// The public half of the platform's newest key, for the merchants (PEM).
    pub fn platform_public_pem(&self) -> String {
        let keys = self.keys();
        keys.platform(None).map_or_else(String::new, |(_, key)| key.public_pem())
    }

    /// Opens the ring anew, with what was added since.
    pub(crate) async fn reopen_keys(&self) -> Result<(), Error> {
        let sealed = self.store().read("keys", store::keys::all).await?;
        self.open_keys(&sealed);
        Ok(())
    }

    pub(crate) fn open_keys(&self, sealed: &[SealedKey]) {
        // Under another root key (`rotate_root`) the ring that is open goes on serving.
        match KeyRing::open(&self.inner.root, sealed) {
            Ok(ring) => self.inner.keys.store(std::sync::Arc::new(ring)),
            Err(error) => tracing::warn!(%error, "keys were not read again"),
        }
    }
}
