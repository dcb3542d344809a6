//! The signature under checkpoints: Ed25519.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// Signs checkpoints; made from a 32-byte seed that is sealed in the `keys` table.
pub struct SigningKey(Ed25519KeyPair);

/// Verifies checkpoints; may be handed to anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey(pub Vec<u8>);

impl SigningKey {
    pub(super) fn from_seed(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        Self(pair.expect("any 32 bytes are an Ed25519 seed"))
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.public_key().as_ref().to_vec())
    }
}

impl VerifyingKey {
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}
