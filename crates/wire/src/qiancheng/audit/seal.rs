//! What a merchant's client does: the text of `data` from an application's JSON. The server needs
//! none of it; the sandbox hands out applications that are ready to be sent.

use std::io::Write as _;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, Pkcs1PublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::entropy::{self, Entropy};
use domain::keys::AuditKey;
use domain::secret::Secret;
use flate2::Compression;
use flate2::write::GzEncoder;

const CONTENT_KEY_LENGTH: usize = 32;

/// `text` as gzip; the server unpacks it.
pub fn pack(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text).and_then(|()| packer.finish()).expect("memory can be written")
}

/// The public half of the platform's key for applications.
#[derive(Debug)]
pub struct SealingKey {
    blocks: Pkcs1PublicEncryptingKey,
    keys: OaepPublicEncryptingKey,
}

impl SealingKey {
    /// Reads what the platform shows, `SubjectPublicKeyInfo` in PEM; nothing when it is not that.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let lines = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
        let der = STANDARD.decode(lines.collect::<String>()).ok()?;
        let key = PublicEncryptingKey::from_der(&der).ok()?;
        (key.key_size_bytes() == AuditKey::BLOCK_LENGTH).then_some(())?;
        Some(Self {
            blocks: Pkcs1PublicEncryptingKey::new(key.clone()).ok()?,
            keys: OaepPublicEncryptingKey::new(key).ok()?,
        })
    }

    /// `text` in blocks of RSA PKCS#1 v1.5, as legacy clients send it, in Base64.
    pub fn blocks(&self, text: &[u8]) -> String {
        let mut cipher = Vec::with_capacity(text.len() / 245 * 256 + 256);
        for part in text.chunks(AuditKey::BLOCK_TEXT_LENGTH) {
            let mut block = [0; AuditKey::BLOCK_LENGTH];
            self.blocks.encrypt(part, &mut block).expect("a part fits into a block");
            cipher.extend_from_slice(&block);
        }
        STANDARD.encode(cipher)
    }

    /// `text` in a compact JWE (RFC 7516): RSA-OAEP-256 and A256GCM. `version` is the key's, where
    /// it is known.
    pub fn jwe(&self, text: &[u8], version: Option<u32>, entropy: &dyn Entropy) -> String {
        let kid = version.map_or(String::new(), |version| format!(r#","kid":"{version}""#));
        let header = format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM"{kid}}}"#);
        let header = URL_SAFE_NO_PAD.encode(header);
        let content_key: Secret<[u8; CONTENT_KEY_LENGTH]> = Secret::new(entropy::bytes(entropy));
        let mut wrapped = [0; AuditKey::BLOCK_LENGTH];
        self.keys
            .encrypt(&OAEP_SHA256_MGF1SHA256, content_key.expose(), &mut wrapped, None)
            .expect("a key fits into a block");
        let unbound = UnboundKey::new(&AES_256_GCM, content_key.expose());
        let gcm = LessSafeKey::new(unbound.expect("32 bytes are an AES-256 key"));
        let nonce: [u8; NONCE_LEN] = entropy::bytes(entropy);
        let mut sealed = text.to_vec();
        let tag = gcm
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(header.as_bytes()),
                &mut sealed,
            )
            .expect("a text of this length can be sealed");
        let parts = [&wrapped[..], &nonce, &sealed, tag.as_ref()];
        parts.iter().fold(header, |jwe, part| jwe + "." + &URL_SAFE_NO_PAD.encode(part))
    }
}
