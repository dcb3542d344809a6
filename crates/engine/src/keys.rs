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
}

/// Makes the keys of a new database under `root`. Does nothing when they are there under the same
/// root key.
pub async fn init(
    store: &Store,
    root: &RootKey,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<(), Error> {
    let check = hex::encode(root.check_value().0);
    let keys: Vec<SealedKey> =
        KeyPurpose::ALL.map(|purpose| SealedKey::generate(purpose, 1, root, entropy)).into();
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
        let (engine, now) = (self.clone(), self.now());
        self.store()
            .unit("rotate_keys", move |tx| {
                engine.check_root(tx)?;
                let keys = store::keys::all(tx)?;
                for purpose in [KeyPurpose::Data, KeyPurpose::Signing] {
                    engine.add_version(tx, &keys, purpose, now)?;
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
        let versions_of = |purpose| {
            sealed.iter().filter(|key| key.purpose == purpose).map(|key| key.version).collect()
        };
        Ok(KeyReport {
            versions: KeyPurpose::ALL.map(|purpose| (purpose, versions_of(purpose))).into(),
            verifying_key: hex::encode(ring.signing().1.verifying_key().0),
        })
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
