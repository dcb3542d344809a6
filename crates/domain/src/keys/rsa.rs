//! Merchants' RSA public keys, by which face 3 knows who signed a request.

use std::fmt;

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY as SHA1,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY as SHA256,
};
use base64::prelude::{BASE64_STANDARD, Engine};

/// What is hashed under RSASSA-PKCS1-v1_5, by the protocol's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignType {
    /// SHA-1
    Rsa,
    /// SHA-256
    Rsa2,
}

impl SignType {
    pub const ALL: [Self; 2] = [Self::Rsa, Self::Rsa2];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Rsa2 => "RSA2",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// A public key of 1024 to 8192 bits. Those of 1024 are what clients of 2016 have.
#[derive(Clone)]
pub struct RsaPublicKey {
    sha1: ParsedPublicKey,
    sha256: ParsedPublicKey,
}

impl RsaPublicKey {
    /// Reads a PEM `PUBLIC KEY` (RFC 5280) or `RSA PUBLIC KEY` (RFC 8017), or the Base64 of either
    /// without its frame, as the protocol's platforms hand keys around.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let framed = ["PUBLIC KEY", "RSA PUBLIC KEY"].into_iter().find_map(|label| {
            text.strip_prefix(&format!("-----BEGIN {label}-----"))?
                .strip_suffix(&format!("-----END {label}-----"))
        });
        let body: String = framed.unwrap_or(text).split_whitespace().collect();
        let der = BASE64_STANDARD.decode(body).ok().filter(|der| is_long_enough(der))?;
        let sha1 = ParsedPublicKey::new(&SHA1, &der).ok()?;
        Some(Self { sha1, sha256: ParsedPublicKey::new(&SHA256, &der).ok()? })
    }

    pub fn verifies(&self, sign_type: SignType, message: &[u8], signature: &[u8]) -> bool {
        let key = match sign_type {
            SignType::Rsa => &self.sha1,
            SignType::Rsa2 => &self.sha256,
        };
        key.verify_sig(message, signature).is_ok()
    }
}

/// Whether this can be a key of 1024 bits; the exact length is looked at when it verifies.
fn is_long_enough(der: &[u8]) -> bool {
    /// `RSAPublicKey` of 1024 bits with the exponent 3, and what RFC 5280 puts around it.
    const LENGTH_MIN: usize = 138;
    const FRAME_LENGTH: usize = 22;
    /// rsaEncryption, 1.2.840.113549.1.1.1.
    const OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let is_framed = der.windows(OID.len()).take(FRAME_LENGTH).any(|window| window == OID);
    der.len() >= LENGTH_MIN + if is_framed { FRAME_LENGTH } else { 0 }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPublicKey")
    }
}
