//! The opened keys of a deployment, by purpose and version.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use zeroize::Zeroize;

use super::root::RootKey;
use super::seal::{self, Place, SealError};
use super::signing::{SigningKey, VerifyingKey};
use crate::entropy::{self, Entropy};
use crate::secret::{Private, Secret};

/// What a sealed key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyPurpose {
    /// Seals C2 data and credentials.
    Data,
    /// Keys the look-up hashes of persons and credentials.
    Index,
    /// Signs checkpoints.
    Signing,
}

impl KeyPurpose {
    pub const ALL: [Self; 3] = [Self::Data, Self::Index, Self::Signing];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Index => "index",
            Self::Signing => "signing",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// A key as the database keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKey {
    pub purpose: KeyPurpose,
    /// 1, 2, 3 …; the highest is the one in use.
    pub version: u32,
    pub sealed: Vec<u8>,
}

impl SealedKey {
    /// A fresh key, sealed under `root`.
    pub fn generate(
        purpose: KeyPurpose,
        version: u32,
        root: &RootKey,
        entropy: &dyn Entropy,
    ) -> Self {
        let seed = Secret::new(entropy::bytes::<32>(entropy));
        Self::wrap(purpose, version, &seed, root, entropy)
    }

    fn wrap(
        purpose: KeyPurpose,
        version: u32,
        seed: &Secret<[u8; 32]>,
        root: &RootKey,
        entropy: &dyn Entropy,
    ) -> Self {
        let row = version.to_be_bytes();
        let place = Place { table: purpose.as_str(), row: &row };
        let sealed = seal::seal(&wrapping_key(root), 0, place, seed.expose(), entropy);
        Self { purpose, version, sealed }
    }

    fn unwrap(&self, root: &RootKey) -> Result<Secret<[u8; 32]>, SealError> {
        let row = self.version.to_be_bytes();
        let place = Place { table: self.purpose.as_str(), row: &row };
        let mut seed = seal::open(&wrapping_key(root), place, &self.sealed)?;
        let key = <[u8; 32]>::try_from(seed.as_slice()).map_err(|_| SealError::Broken);
        seed.zeroize();
        key.map(Secret::new)
    }

    /// The same key sealed under another root key.
    pub fn rewrap(
        &self,
        old: &RootKey,
        new: &RootKey,
        entropy: &dyn Entropy,
    ) -> Result<Self, SealError> {
        let seed = self.unwrap(old)?;
        Ok(Self::wrap(self.purpose, self.version, &seed, new, entropy))
    }
}

fn wrapping_key(root: &RootKey) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, root.derive("wrapping").expose())
}

/// All keys of a deployment, opened. Lives in memory only.
pub struct KeyRing {
    data: BTreeMap<u32, hmac::Key>,
    index: hmac::Key,
    signing: BTreeMap<u32, SigningKey>,
}

impl KeyRing {
    /// Opens every key. Fails when a key is broken or a purpose has none.
    pub fn open(root: &RootKey, sealed: &[SealedKey]) -> Result<Self, SealError> {
        let mut ring = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for key in sealed {
            let seed = key.unwrap(root)?;
            let mac = || hmac::Key::new(hmac::HMAC_SHA256, seed.expose());
            match key.purpose {
                KeyPurpose::Data => {
                    ring.0.insert(key.version, mac());
                }
                KeyPurpose::Index => {
                    ring.1.insert(key.version, mac());
                }
                KeyPurpose::Signing => {
                    ring.2.insert(key.version, SigningKey::from_seed(seed.expose()));
                }
            }
        }
        let (data, mut index, signing) = ring;
        let (_, index) = index.pop_last().ok_or(SealError::VersionUnknown(1))?;
        if data.is_empty() || signing.is_empty() {
            return Err(SealError::VersionUnknown(1));
        }
        Ok(Self { data, index, signing })
    }

    /// Seals `plain` for its place, under the newest data key.
    pub fn seal(&self, place: Place<'_>, plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let (version, key) = self.data.last_key_value().expect("open() saw a data key");
        seal::seal(key, *version, place, plain, entropy)
    }

    pub fn unseal(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let version = seal::version_of(sealed)?;
        let key = self.data.get(&version).ok_or(SealError::VersionUnknown(version))?;
        seal::open(key, place, sealed)
    }

    /// The look-up hash of `text` in the name space `space`: HMAC-SHA256. Plain hashes of phone
    /// numbers could be reversed by trying them all.
    pub fn index(&self, space: &str, text: &Private<String>) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(&(space.len() as u64).to_be_bytes());
        context.update(space.as_bytes());
        context.update(text.expose().as_bytes());
        context.sign().as_ref().try_into().expect("HMAC-SHA256 gives 32 bytes")
    }

    /// The newest signing key and its version.
    pub fn signing(&self) -> (u32, &SigningKey) {
        let (version, key) = self.signing.last_key_value().expect("open() saw a signing key");
        (*version, key)
    }

    pub fn verifying(&self, version: u32) -> Option<VerifyingKey> {
        self.signing.get(&version).map(SigningKey::verifying_key)
    }

    /// (purpose, versions) of what is in the ring, for `key check`.
    pub fn data_versions(&self) -> Vec<u32> {
        self.data.keys().copied().collect()
    }
}
