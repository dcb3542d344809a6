//! Compact JWE (RFC 7516, section 7.1): RSA-OAEP-256 or RSA-OAEP, with A256GCM.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::keys::{Wrapped, Wrapping};
use domain::secret::Secret;

use super::envelope::Decrypt;
use crate::body::{Dialect, Limits, Value};

/// Its Base64; a header is two or three names.
const HEADER_LENGTH_MAX: usize = 4 * 1024;
const TAG_LENGTH: usize = 16;

/// What the protected header says.
struct Header {
    wrapping: Wrapping,
    /// The version of our key, when the client says it.
    version: Option<u32>,
}

/// The text of `jwe`; nothing when anything is wrong with it.
pub(super) fn open(jwe: &str, keys: &dyn Decrypt) -> Option<Secret<Vec<u8>>> {
    let mut parts = jwe.split('.');
    let mut part = || parts.next();
    let (header, key, nonce) = (part()?, part()?, part()?);
    let (text, tag) = (part()?, part()?);
    if parts.next().is_some() || header.len() > HEADER_LENGTH_MAX {
        return None;
    }
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let Header { wrapping, version } = read(&bytes(header)?)?;
    let (key, nonce, tag) = (bytes(key)?, bytes(nonce)?.try_into().ok()?, bytes(tag)?);
    if tag.len() != TAG_LENGTH {
        return None;
    }
    let mut sealed = bytes(text)?;
    sealed.extend_from_slice(&tag);
    let known = keys.versions();
    // A client that names no key may still have the one before.
    let tried = version.map_or(known.clone(), |version| vec![version]);
    let mut tried = tried.into_iter().filter(|version| known.contains(version)).peekable();
    while let Some(version) = tried.next() {
        let is_last = tried.peek().is_none();
        let sealed = if is_last { std::mem::take(&mut sealed) } else { sealed.clone() };
        let associated = header.as_bytes();
        let wrapped = Wrapped { wrapping, key: &key, nonce, associated, sealed };
        if let Some(text) = keys.wrapped(version, wrapped) {
            return Some(text);
        }
    }
    None
}

/// What is not understood is refused where it changes the meaning: `crit` and `zip` (which would
/// need limits of its own; gzip inside is read). Other names are for others (RFC 7516, section 4).
fn read(header: &[u8]) -> Option<Header> {
    let header = Value::from_json(header, &Limits::FLAT, Dialect::Strict).ok()?;
    let word = |name| match header.get(name) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    if header.get("crit").is_some() || header.get("zip").is_some() || word("enc") != Some("A256GCM")
    {
        return None;
    }
    let wrapping = match word("alg")? {
        "RSA-OAEP-256" => Wrapping::Oaep256,
        "RSA-OAEP" => Wrapping::Oaep,
        _ => return None,
    };
    let version = match header.get("kid") {
        None => None,
        Some(Value::Text(kid)) => Some(kid.parse().ok()?),
        Some(_) => return None,
    };
    Some(Header { wrapping, version })
}
