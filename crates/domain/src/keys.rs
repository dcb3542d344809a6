//! Keys: one root key outside the database; everything sealed inside it hangs on that key.
//!
//! root key → (HKDF) → wrapping key → sealed, versioned keys of the `keys` table:
//! data (seals C2), index (look-up hashes), signing (checkpoints), platform (what merchants are
//! sent), audit (what merchants encrypt to). A check value tells a wrong root key before anything
//! is read with it.

mod audit;
mod platform;
mod ring;
mod root;
mod rsa;
mod seal;
mod signing;
mod subject;

pub use audit::{AuditKey, Wrapped, Wrapping};
pub use platform::{PlatformKey, RsaDigest};
pub use ring::{AUDIT_KEY_KEPT, AuditKeys, KeyPurpose, KeyRing, SealedKey};
pub use root::{CheckValue, RootKey, RootKeyError};
pub use rsa::{RsaPublicKey, SignType};
pub use seal::{Place, SealError};
pub use signing::{SigningKey, VerifyingKey};
pub use subject::SubjectKey;

#[cfg(test)]
mod tests;
