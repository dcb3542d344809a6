//! A person's own key: what it sealed is deleted by deleting the key.

use aws_lc_rs::hmac;

use super::ring::KeyRing;
use super::seal::{self, Place, SealError};
use crate::entropy::{self, Entropy};
use crate::secret::Secret;
use crate::subject::SubjectHash;

/// The version that a sealed value names: a person has one key for good.
const VERSION: u32 = 0;

/// Seals and opens what belongs to one person. Lives in memory only.
pub struct SubjectKey(hmac::Key);

impl SubjectKey {
    /// A fresh key in the form in which it is kept: sealed under the deployment's data key.
    pub fn generate(ring: &KeyRing, subject: &SubjectHash, entropy: &dyn Entropy) -> Vec<u8> {
        let seed = Secret::new(entropy::bytes::<32>(entropy));
        ring.seal(place(subject), seed.expose(), entropy)
    }

    pub fn open(ring: &KeyRing, subject: &SubjectHash, sealed: &[u8]) -> Result<Self, SealError> {
        let seed = Secret::new(ring.unseal(place(subject), sealed)?);
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, seed.expose())))
    }

    pub fn seal(&self, place: Place<'_>, plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        seal::seal(&self.0, VERSION, place, plain, entropy)
    }

    pub fn unseal(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        seal::open(&self.0, place, sealed)
    }
}

fn place(subject: &SubjectHash) -> Place<'_> {
    Place { table: "subject_keys", row: &subject.0 }
}
