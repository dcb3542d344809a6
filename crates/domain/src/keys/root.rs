//! The root key of a deployment.

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroize;

use crate::entropy::{self, Entropy};
use crate::secret::Secret;

/// 32 random bytes that never enter the database. Kept as 64 hexadecimal digits in a file of mode
/// 0600 or an environment variable.
#[derive(Debug)]
pub struct RootKey(Secret<[u8; 32]>);

#[derive(Debug, Error, PartialEq, Eq)]
#[error("the root key must be 64 hexadecimal digits (32 bytes); make one with `probity key init`")]
pub struct RootKeyError;

/// Stored beside the data: tells whether a root key is the one the data was sealed under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckValue(pub Vec<u8>);

struct Length32;

impl KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}

impl RootKey {
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Secret::new(entropy::bytes(entropy)))
    }

    /// Reads the hexadecimal text of a key file; white space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, RootKeyError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| RootKeyError)?;
        let key = Self(Secret::new(bytes));
        bytes.zeroize();
        Ok(key)
    }

    /// The text for the key file.
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(format!("{}\n", hex::encode(self.0.expose())))
    }

    pub fn check_value(&self) -> CheckValue {
        CheckValue(self.derive("check").expose().to_vec())
    }

    pub fn matches(&self, stored: &CheckValue) -> bool {
        self.check_value().0.ct_eq(&stored.0).into()
    }

    /// A key of its own for each `purpose`: HKDF-SHA256.
    pub(super) fn derive(&self, purpose: &str) -> Secret<[u8; 32]> {
        let extracted = Salt::new(HKDF_SHA256, b"probity root 1").extract(self.0.expose());
        let mut key = [0; 32];
        extracted
            .expand(&[purpose.as_bytes()], Length32)
            .and_then(|okm| okm.fill(&mut key))
            .expect("32 bytes are within what HKDF can give");
        let derived = Secret::new(key);
        key.zeroize();
        derived
    }
}
