//! The platform's key for applications: merchants encrypt what they hand in for the risk audit to
//! its public half (`qiancheng.md`, last section).
//!
//! RSA PKCS#1 v1.5 is what legacy clients send. Its padding must not become an oracle
//! (Bleichenbacher, 1998): a block whose padding is wrong opens to a text that is made up from the
//! key and the block (implicit rejection, draft-irtf-cfrg-rsa-guidance, section 7.2), at the same
//! cost, so that the fault shows only as a text that is no JSON. RSA-OAEP is treated alike (RFC
//! 7516, section 11.5).

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey,
    Pkcs1PrivateDecryptingKey, PrivateDecryptingKey,
};
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroize;

use super::platform::{PlatformKey, pem};
use crate::secret::Secret;

/// Bytes of the modulus, and of a block.
const LENGTH: usize = 256;
/// Bytes of PKCS#1 v1.5 padding: 0, 2, at least eight of random, 0.
const PADDING: usize = 11;
const CONTENT_KEY_LENGTH: usize = 32;

pub struct AuditKey {
    blocks: Pkcs1PrivateDecryptingKey,
    keys: OaepPrivateDecryptingKey,
    public_pem: String,
    /// What stands in for a text is made with it.
    substitutes: hmac::Key,
}

/// How a content key is wrapped (RFC 7518, section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// RSA-OAEP: SHA-1, which its security does not rest on.
    Oaep,
    /// RSA-OAEP-256.
    Oaep256,
}

/// A text under AES-256-GCM, its key wrapped for us: what a JWE holds.
pub struct Wrapped<'j> {
    pub wrapping: Wrapping,
    pub key: &'j [u8],
    pub nonce: [u8; NONCE_LEN],
    pub associated: &'j [u8],
    /// The text with its tag.
    pub sealed: Vec<u8>,
}

impl AuditKey {
    pub const BLOCK_LENGTH: usize = LENGTH;
    /// What a client encrypts at once.
    pub const BLOCK_TEXT_LENGTH: usize = LENGTH - PADDING;
    /// An application of more is to come as a JWE: each block costs half a millisecond.
    pub const BLOCKS_MAX: usize = 4_096;

    /// A fresh key of 2048 bits in PKCS#8.
    pub fn generate() -> Secret<Vec<u8>> {
        PlatformKey::generate()
    }

    /// Opens what [`Self::generate`] gave; nothing when it is not that.
    pub fn open(pkcs8: &Secret<Vec<u8>>) -> Option<Self> {
        let key = PrivateDecryptingKey::from_pkcs8(pkcs8.expose()).ok()?;
        let der: PublicKeyX509Der<'_> = key.public_key().as_der().ok()?;
        let public_pem = pem(der.as_ref());
        let mut seed = digest(&SHA256, pkcs8.expose()).as_ref().to_vec();
        let substitutes = hmac::Key::new(hmac::HMAC_SHA256, &seed);
        seed.zeroize();
        (key.key_size_bytes() == LENGTH).then_some(())?;
        Some(Self {
            blocks: Pkcs1PrivateDecryptingKey::new(key.clone()).ok()?,
            keys: OaepPrivateDecryptingKey::new(key).ok()?,
            public_pem,
            substitutes,
        })
    }

    /// `SubjectPublicKeyInfo` in PEM, for the merchants.
    pub fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// What the blocks of `cipher` stand for, one after the other. It never fails: where a padding
    /// is wrong stands a text that nobody sent. What is no whole block at the end says nothing.
    pub fn open_blocks(&self, cipher: &[u8]) -> Secret<Vec<u8>> {
        let (blocks, _) = cipher.as_chunks::<LENGTH>();
        let mut plain = Vec::with_capacity(blocks.len() * Self::BLOCK_TEXT_LENGTH);
        for block in blocks {
            self.open_block(block, &mut plain);
        }
        Secret::new(plain)
    }

    fn open_block(&self, block: &[u8; LENGTH], plain: &mut Vec<u8>) {
        let mut text = [0; LENGTH];
        let opened = self.blocks.decrypt(block, &mut text).map(|text| text.len());
        let (is_good, length) = (Choice::from(u8::from(opened.is_ok())), opened.unwrap_or(0));
        let mut other = [0; LENGTH];
        let lot = self.substitute("block", block, &mut other);
        let other_length = lot % (Self::BLOCK_TEXT_LENGTH as u64 + 1);
        for (byte, other) in text.iter_mut().zip(&other) {
            *byte = u8::conditional_select(other, byte, is_good);
        }
        let length = u64::conditional_select(&other_length, &(length as u64), is_good);
        plain.extend_from_slice(&text[..length as usize]);
        text.zeroize();
    }

    /// The text of `wrapped`; nothing when key, text, tag or what goes with them do not hold, which
    /// of them is not told.
    pub fn open_wrapped(&self, wrapped: Wrapped<'_>) -> Option<Secret<Vec<u8>>> {
        let Wrapped { wrapping, key, nonce, associated, sealed: mut text } = wrapped;
        let mut content_key = self.content_key(wrapping, key);
        let unbound = UnboundKey::new(&AES_256_GCM, &content_key);
        content_key.zeroize();
        let gcm = LessSafeKey::new(unbound.expect("32 bytes are an AES-256 key"));
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length =
            gcm.open_in_place(nonce, Aad::from(associated), &mut text).map(|text| text.len());
        text.truncate(length.unwrap_or(0));
        let text = Secret::new(text);
        length.is_ok().then_some(text)
    }

    /// The content key, or one that opens nothing.
    fn content_key(&self, wrapping: Wrapping, wrapped: &[u8]) -> [u8; CONTENT_KEY_LENGTH] {
        let algorithm = match wrapping {
            Wrapping::Oaep => &OAEP_SHA1_MGF1SHA1,
            Wrapping::Oaep256 => &OAEP_SHA256_MGF1SHA256,
        };
        let mut text = [0; LENGTH];
        let opened = self.keys.decrypt(algorithm, wrapped, &mut text, None).map(|text| text.len());
        let is_good = Choice::from(u8::from(opened == Ok(CONTENT_KEY_LENGTH)));
        let mut key = [0; CONTENT_KEY_LENGTH];
        self.substitute("content key", wrapped, &mut key);
        for (byte, found) in key.iter_mut().zip(&text) {
            *byte = u8::conditional_select(byte, found, is_good);
        }
        text.zeroize();
        key
    }

    /// Fills `bytes` from the key and `cipher`, always alike for the same; gives a number besides.
    fn substitute(&self, purpose: &str, cipher: &[u8], bytes: &mut [u8]) -> u64 {
        let base = hmac::sign(&self.substitutes, &[purpose.as_bytes(), b"\0", cipher].concat());
        let base = hmac::Key::new(hmac::HMAC_SHA256, base.as_ref());
        for (at, chunk) in bytes.chunks_mut(32).enumerate() {
            chunk.copy_from_slice(&hmac::sign(&base, &[at as u8]).as_ref()[..chunk.len()]);
        }
        let lot = hmac::sign(&base, b"length");
        u64::from_be_bytes(*lot.as_ref().first_chunk().expect("a tag has 32 bytes"))
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

#[cfg(test)]
mod tests;
