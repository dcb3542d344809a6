//! The platform's own RSA key: what merchants are sent is signed with it (RSASSA-PKCS1-v1_5,
//! RFC 8017, section 8.2).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use zeroize::Zeroize;

use crate::secret::Secret;

/// Bytes of modulus and signature.
const LENGTH: usize = 256;

/// The hash under a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaDigest {
    /// `SHA1withRSA`: what the public clients of the protocol verify.
    Sha1,
    Sha256,
}

pub struct PlatformKey {
    pair: KeyPair,
    /// As [`Self::generate`] gave it.
    pkcs8: Secret<Vec<u8>>,
}

impl PlatformKey {
    /// A fresh key of 2048 bits in PKCS#8. Its randomness is the library's own: it takes none.
    pub fn generate() -> Secret<Vec<u8>> {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("2048 bits can be had");
        let der: Pkcs8V1Der<'static> = pair.as_der().expect("a key can be written");
        Secret::new(der.as_ref().to_vec())
    }

    /// Opens what [`Self::generate`] gave; nothing when it is not that.
    pub fn open(pkcs8: &Secret<Vec<u8>>) -> Option<Self> {
        let pair = KeyPair::from_pkcs8(pkcs8.expose()).ok()?;
        let fits = pair.public_modulus_len() == LENGTH && private_numbers(pkcs8.expose()).is_some();
        fits.then(|| Self { pair, pkcs8: Secret::new(pkcs8.expose().clone()) })
    }

    pub fn sign(&self, hash: RsaDigest, message: &[u8]) -> Vec<u8> {
        match hash {
            RsaDigest::Sha1 => self.sign_sha1(message),
            RsaDigest::Sha256 => {
                let mut signature = vec![0; LENGTH];
                let random = SystemRandom::new();
                let signed = self.pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
                signed.expect("a key that opened signs");
                signature
            }
        }
    }

    /// SHA-1 as no maintained library signs it any more, and the protocol's clients still want it.
    /// The exponentiation takes the same time whatever the key is, and a signature that does not
    /// verify (a fault in it could give the key away) never leaves.
    fn sign_sha1(&self, message: &[u8]) -> Vec<u8> {
        let (modulus, mut exponent) =
            private_numbers(self.pkcs8.expose()).expect("looked at when it was opened");
        let parameters = FixedMontyParams::new(modulus);
        let padded = U2048::from_be_slice(&padded_sha1(message));
        let power = FixedMontyForm::new(&padded, &parameters).pow(&exponent).retrieve();
        exponent.as_mut_words().zeroize();
        let signature: Vec<u8> =
            power.as_words().iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        UnparsedPublicKey::new(
            &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            self.pair.public_key(),
        )
        .verify(message, &signature)
        .expect("what was signed verifies");
        signature
    }

    /// `SubjectPublicKeyInfo` in PEM, for the merchants.
    pub fn public_pem(&self) -> String {
        let der: PublicKeyX509Der<'_> =
            self.pair.public_key().as_der().expect("a key can be written");
        pem(der.as_ref())
    }
}

/// A `SubjectPublicKeyInfo` in PEM (RFC 7468, section 13).
pub(super) fn pem(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).filter_map(|line| str::from_utf8(line).ok()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

/// EMSA-PKCS1-v1_5 with SHA-1 (RFC 8017, section 9.2).
fn padded_sha1(message: &[u8]) -> [u8; LENGTH] {
    const INFO: [u8; 15] = *b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14";
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, message);
    let mut padded = [0xff; LENGTH];
    let tail = [&[0][..], &INFO, hash.as_ref()].concat();
    padded[..2].copy_from_slice(&[0, 1]);
    padded[LENGTH - tail.len()..].copy_from_slice(&tail);
    padded
}

/// Modulus and private exponent of a PKCS#8 key (RFC 5208, section 5; RFC 8017, appendix A.1.2).
fn private_numbers(pkcs8: &[u8]) -> Option<(Odd<U2048>, U2048)> {
    const INTEGER: u8 = 2;
    const OCTETS: u8 = 4;
    const SEQUENCE: u8 = 0x30;
    let mut outer = element(&mut { pkcs8 }, SEQUENCE)?;
    element(&mut outer, INTEGER)?;
    element(&mut outer, SEQUENCE)?;
    let mut inner = element(&mut element(&mut outer, OCTETS)?, SEQUENCE)?;
    element(&mut inner, INTEGER)?;
    let modulus = number(element(&mut inner, INTEGER)?)?;
    element(&mut inner, INTEGER)?;
    let exponent = number(element(&mut inner, INTEGER)?)?;
    Some((Odd::new(modulus).into_option()?, exponent))
}

/// The content of the next element of a DER text, if it has that tag.
fn element<'d>(der: &mut &'d [u8], tag: u8) -> Option<&'d [u8]> {
    let (head, rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match head[1] {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), &rest[2..]),
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *der = rest;
    (head[0] == tag).then_some(content)
}

fn number(integer: &[u8]) -> Option<U2048> {
    let digits = integer.strip_prefix(&[0]).unwrap_or(integer);
    let mut padded = [0; LENGTH];
    padded.get_mut(LENGTH.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    let number = U2048::from_be_slice(&padded);
    padded.zeroize();
    Some(number)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;

    use super::*;

    #[test]
    fn both_signatures_verify_and_no_other_message() {
        let pkcs8 = PlatformKey::generate();
        let key = PlatformKey::open(&pkcs8).expect("a fresh key opens");
        let message = "消息".repeat(99);
        for (hash, algorithm) in [
            (RsaDigest::Sha1, &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            (RsaDigest::Sha256, &RSA_PKCS1_2048_8192_SHA256),
        ] {
            let signature = key.sign(hash, message.as_bytes());
            let public = UnparsedPublicKey::new(algorithm, key.pair.public_key());
            assert!(public.verify(message.as_bytes(), &signature).is_ok(), "{hash:?}");
            assert!(public.verify(b"another", &signature).is_err(), "{hash:?}");
        }
        let pem = key.public_pem();
        assert!(pem.lines().all(|line| line.len() <= 64) && pem.lines().count() == 9, "{pem}");
    }

    #[test]
    fn what_is_no_key_does_not_open() {
        let pkcs8 = PlatformKey::generate();
        for length in [0, 1, 4, 26, 30, 300, pkcs8.expose().len() - 1] {
            let part = Secret::new(pkcs8.expose()[..length].to_vec());
            assert!(PlatformKey::open(&part).is_none(), "{length}");
            assert!(length > 600 || private_numbers(part.expose()).is_none(), "{length}");
        }
    }
}
