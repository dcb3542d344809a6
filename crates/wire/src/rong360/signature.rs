//! The signature of the envelope: Base64(RSASSA-PKCS1-v1_5 over the string to sign), and when it
//! was made (`rong360.md`, Envelope).

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use base64::prelude::{BASE64_STANDARD, Engine};
use domain::keys::{RsaPublicKey, SignType};
use domain::secret::Secret;
use domain::time::Timestamp;

use super::codes::Code;
use super::refusal::Refusal;
use crate::body::Pairs;
use crate::stamp::{WINDOW, by_magnitude, is_in_window};

const SIGN: &str = "sign";

/// A signature that held. The protocol has no nonce and signatures are deterministic: an equal one
/// is the same request again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The SHA-256 of the signature.
    pub digest: [u8; 32],
    /// When it says to have been made.
    pub stamp: Timestamp,
    /// From then on the time of signing tells a repeat.
    pub until: Timestamp,
}

/// Verifies the signature among `pairs` by any of the `keys`.
///
/// Errors: the sign type is none, or none of `allowed`; the signature is wrong; the time of signing
/// is none, or not now.
pub(super) fn verify(
    pairs: &Pairs,
    keys: &[RsaPublicKey],
    allowed: &[SignType],
    now: Timestamp,
) -> Result<Signature, Refusal> {
    let value = |name| first(pairs, name).filter(|value| !value.is_empty());
    let sign_type = value("sign_type").ok_or_else(|| Refusal::envelope("sign_type 缺失"))?;
    let sign_type =
        SignType::parse(sign_type).ok_or_else(|| Refusal::envelope("sign_type 取值无效"))?;
    let signature = value(SIGN).and_then(|sign| BASE64_STANDARD.decode(sign.trim()).ok());
    let signature = signature.filter(|_| allowed.contains(&sign_type)).ok_or(Code::SIGNATURE)?;
    let text = string_to_sign(pairs);
    let is_right =
        |key: &RsaPublicKey| key.verifies(sign_type, text.expose().as_bytes(), &signature);
    if !keys.iter().any(is_right) {
        return Err(Code::SIGNATURE.into());
    }
    let stamp = value("timestamp").and_then(by_magnitude).ok_or(Code::TIMESTAMP)?;
    if !is_in_window(stamp, now) {
        return Err(Code::TIMESTAMP.into());
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(digest::digest(&digest::SHA256, &signature).as_ref());
    Ok(Signature { digest, stamp, until: stamp.max(now) + WINDOW })
}

/// Of what is repeated the first counts; that the repeats differ is refused after this.
fn first<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
    pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// All fields but `sign`, by the bytes of their names, raw, empty ones kept.
pub(super) fn string_to_sign(pairs: &Pairs) -> Secret<String> {
    let mut signed = BTreeMap::new();
    for (name, value) in pairs.iter().filter(|(name, _)| *name != SIGN) {
        signed.entry(name).or_insert(value);
    }
    // At its full length from the start, so that no part of it is left behind in memory.
    let length = signed.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut text = String::with_capacity(length);
    for (name, value) in signed {
        let separator = if text.is_empty() { "" } else { "&" };
        for part in [separator, name, "=", value] {
            text.push_str(part);
        }
    }
    Secret::new(text)
}
