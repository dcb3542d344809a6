//! Sealing: AES-256-GCM under a key of its own for every place.
//!
//! Each (table, row) gets a subkey (HMAC-SHA256 of the place under the data key), so that the
//! limit on random nonces under one key is never near, and a cell copied to another row does not
//! open there.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use thiserror::Error;

use crate::entropy::{self, Entropy};

/// Where a sealed value stands: its table (or purpose) and its row.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'a str,
    pub row: &'a [u8],
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum SealError {
    #[error("a sealed value was changed, or stands in another place than it was sealed for")]
    Broken,
    #[error("a sealed value names key version {0}, which is not in the key ring")]
    VersionUnknown(u32),
}

const VERSION_LENGTH: usize = 4;

/// `version (4 bytes) | nonce (12) | ciphertext and tag`.
pub(super) fn seal(
    key: &hmac::Key,
    version: u32,
    place: Place<'_>,
    plain: &[u8],
    entropy: &dyn Entropy,
) -> Vec<u8> {
    let nonce: [u8; NONCE_LEN] = entropy::bytes(entropy);
    let mut sealed = Vec::with_capacity(VERSION_LENGTH + NONCE_LEN + plain.len() + 16);
    sealed.extend_from_slice(&version.to_be_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let start = VERSION_LENGTH + NONCE_LEN;
    let tag = subkey(key, place)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(version.to_be_bytes()),
            &mut sealed[start..],
        )
        .expect("values are far below the limit of AES-GCM");
    sealed.extend_from_slice(tag.as_ref());
    sealed
}

pub(super) fn version_of(sealed: &[u8]) -> Result<u32, SealError> {
    let bytes = sealed.first_chunk::<VERSION_LENGTH>().ok_or(SealError::Broken)?;
    Ok(u32::from_be_bytes(*bytes))
}

pub(super) fn open(key: &hmac::Key, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let version = version_of(sealed)?;
    let rest = &sealed[VERSION_LENGTH..];
    let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Broken)?;
    let mut text = text.to_vec();
    let plain = subkey(key, place)
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(version.to_be_bytes()),
            &mut text,
        )
        .map_err(|_| SealError::Broken)?;
    let length = plain.len();
    text.truncate(length);
    Ok(text)
}

fn subkey(key: &hmac::Key, place: Place<'_>) -> LessSafeKey {
    let mut context = hmac::Context::with_key(key);
    context.update(&(place.table.len() as u64).to_be_bytes());
    context.update(place.table.as_bytes());
    context.update(place.row);
    let bytes = context.sign();
    let unbound = UnboundKey::new(&AES_256_GCM, bytes.as_ref());
    LessSafeKey::new(unbound.expect("an HMAC-SHA256 tag has the length of an AES-256 key"))
}
