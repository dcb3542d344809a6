//! The demo merchant's RSA key pair. A real merchant makes its own and hands us the public half.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::secret::Secret;

use crate::Error;

/// Both halves as PEM: PKCS#8, which the protocol's clients read, and the key that verifies.
pub(super) struct PemPair {
    pub(super) private: Secret<String>,
    pub(super) public: String,
}

/// Makes a pair of 2048 bits. Takes a tenth of a second, so not on a thread that serves.
pub(super) async fn make() -> Result<PemPair, Error> {
    let made = tokio::task::spawn_blocking(|| {
        let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let private: Pkcs8V1Der<'_> = pair.as_der().ok()?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
        let private = Secret::new(pem("PRIVATE KEY", private.as_ref()));
        Some(PemPair { private, public: pem("PUBLIC KEY", public.as_ref()) })
    });
    let made = made.await.ok().flatten();
    made.ok_or_else(|| Error::invalid("the demo merchant's key pair could not be made"))
}

/// RFC 7468: lines of 64 characters in a frame.
fn pem(label: &str, der: &[u8]) -> String {
    const LINE_LENGTH: usize = 64;
    let body = Secret::new(BASE64_STANDARD.encode(der));
    let lines = body.expose().len().div_ceil(LINE_LENGTH);
    let mut text = String::with_capacity(body.expose().len() + lines + 2 * label.len() + 40);
    text.extend(["-----BEGIN ", label, "-----\n"]);
    let mut rest = body.expose().as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE_LENGTH));
        text.extend([line, "\n"]);
        rest = after;
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}
