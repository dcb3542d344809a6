//! The opened keys of a deployment, by purpose and version.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;

use super::audit::AuditKey;
use super::platform::PlatformKey;
use super::root::RootKey;
use super::seal::{self, Place, SealError};
use super::signing::{SigningKey, VerifyingKey};
use crate::entropy::{self, Entropy};
use crate::secret::{Private, Secret};
use crate::time::{Span, Timestamp};

/// What a sealed key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyPurpose {
    /// Seals C2 data and credentials.
    Data,
    /// Keys the look-up hashes of persons and credentials.
    Index,
    /// Signs checkpoints.
    Signing,
    /// Signs what merchants are sent: RSA, 2048 bits, in PKCS#8.
    Platform,
    /// Opens the applications that merchants encrypt: RSA, 2048 bits, in PKCS#8.
    Audit,
}

impl KeyPurpose {
    pub const ALL: [Self; 5] =
        [Self::Data, Self::Index, Self::Signing, Self::Platform, Self::Audit];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Index => "index",
            Self::Signing => "signing",
            Self::Platform => "platform",
            Self::Audit => "audit",
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
    /// When it was kept; the beginning of time for one that was not kept yet.
    pub created_at: Timestamp,
}

impl SealedKey {
    /// A fresh key, sealed under `root`.
    pub fn generate(
        purpose: KeyPurpose,
        version: u32,
        root: &RootKey,
        entropy: &dyn Entropy,
    ) -> Self {
        let material = match purpose {
            KeyPurpose::Platform => PlatformKey::generate(),
            KeyPurpose::Audit => AuditKey::generate(),
            _ => Secret::new(entropy::bytes::<32>(entropy).to_vec()),
        };
        Self::wrap(purpose, version, &material, root, entropy)
    }

    fn wrap(
        purpose: KeyPurpose,
        version: u32,
        material: &Secret<Vec<u8>>,
        root: &RootKey,
        entropy: &dyn Entropy,
    ) -> Self {
        let row = version.to_be_bytes();
        let place = Place { table: purpose.as_str(), row: &row };
        let sealed = seal::seal(&wrapping_key(root), 0, place, material.expose(), entropy);
        Self { purpose, version, sealed, created_at: Timestamp(0) }
    }

    fn unwrap(&self, root: &RootKey) -> Result<Secret<Vec<u8>>, SealError> {
        let row = self.version.to_be_bytes();
        let place = Place { table: self.purpose.as_str(), row: &row };
        seal::open(&wrapping_key(root), place, &self.sealed).map(Secret::new)
    }

    /// The same key sealed under another root key.
    pub fn rewrap(
        &self,
        old: &RootKey,
        new: &RootKey,
        entropy: &dyn Entropy,
    ) -> Result<Self, SealError> {
        let material = self.unwrap(old)?;
        Ok(Self::wrap(self.purpose, self.version, &material, new, entropy))
    }
}

fn wrapping_key(root: &RootKey) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, root.derive("wrapping").expose())
}

/// Each of them is tried on what cannot be opened, so that there is a limit.
const AUDIT_KEYS_MAX: usize = 3;

/// How long a key goes on opening applications after the next one came (`qiancheng.md`, last
/// section): a legacy client has the key in its program.
pub const AUDIT_KEY_KEPT: Span = Span::days(90);

/// The keys that applications are opened with at one moment, the newest first.
pub struct AuditKeys<'r>(Vec<(u32, &'r AuditKey)>);

impl<'r> AuditKeys<'r> {
    pub fn iter(&self) -> impl Iterator<Item = (u32, &'r AuditKey)> + '_ {
        self.0.iter().copied()
    }

    pub fn get(&self, version: u32) -> Option<&'r AuditKey> {
        self.iter().find(|(known, _)| *known == version).map(|(_, key)| key)
    }
}

/// All keys of a deployment, opened. Lives in memory only.
pub struct KeyRing {
    data: BTreeMap<u32, hmac::Key>,
    index: hmac::Key,
    signing: BTreeMap<u32, SigningKey>,
    /// Empty in a database of an earlier version, until an engine opens it.
    platform: BTreeMap<u32, PlatformKey>,
    /// The same.
    audit: BTreeMap<u32, (AuditKey, Timestamp)>,
}

impl KeyRing {
    /// Opens every key. Fails when a key is broken or a purpose has none.
    pub fn open(root: &RootKey, sealed: &[SealedKey]) -> Result<Self, SealError> {
        let (mut data, mut index) = (BTreeMap::new(), BTreeMap::new());
        let (mut signing, mut platform) = (BTreeMap::new(), BTreeMap::new());
        let mut audit = BTreeMap::new();
        for key in sealed {
            let material = key.unwrap(root)?;
            let seed =
                || <&[u8; 32]>::try_from(&**material.expose()).map_err(|_| SealError::Broken);
            let mac = || Ok(hmac::Key::new(hmac::HMAC_SHA256, seed()?));
            match key.purpose {
                KeyPurpose::Data => drop(data.insert(key.version, mac()?)),
                KeyPurpose::Index => drop(index.insert(key.version, mac()?)),
                KeyPurpose::Signing => {
                    signing.insert(key.version, SigningKey::from_seed(seed()?));
                }
                KeyPurpose::Platform => {
                    let opened = PlatformKey::open(&material).ok_or(SealError::Broken)?;
                    platform.insert(key.version, opened);
                }
                KeyPurpose::Audit => {
                    let opened = AuditKey::open(&material).ok_or(SealError::Broken)?;
                    audit.insert(key.version, (opened, key.created_at));
                }
            }
        }
        let (_, index) = index.pop_last().ok_or(SealError::VersionUnknown(1))?;
        if data.is_empty() || signing.is_empty() {
            return Err(SealError::VersionUnknown(1));
        }
        Ok(Self { data, index, signing, platform, audit })
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

    /// The platform's key of that version; without one, the newest with its version.
    pub fn platform(&self, version: Option<u32>) -> Option<(u32, &PlatformKey)> {
        let found = match version {
            Some(version) => self.platform.get_key_value(&version),
            None => self.platform.last_key_value(),
        };
        found.map(|(version, key)| (*version, key))
    }

    /// The newest of the keys that merchants encrypt applications to, with its version.
    pub fn audit(&self) -> Option<(u32, &AuditKey)> {
        self.audit.last_key_value().map(|(version, (key, _))| (*version, key))
    }

    /// Those that applications are opened with at `now`: the newest, and older ones for a while.
    pub fn audit_keys(&self, now: Timestamp) -> AuditKeys<'_> {
        let mut next_came = None;
        let holds = |(_, (_, created_at)): &(&u32, &(AuditKey, Timestamp))| {
            let came = next_came.replace(*created_at);
            came.is_none_or(|came| now < came + AUDIT_KEY_KEPT)
        };
        let keys = self.audit.iter().rev().take(AUDIT_KEYS_MAX).take_while(holds);
        AuditKeys(keys.map(|(version, (key, _))| (*version, key)).collect())
    }

    /// (purpose, versions) of what is in the ring, for `key check`.
    pub fn data_versions(&self) -> Vec<u32> {
        self.data.keys().copied().collect()
    }
}
