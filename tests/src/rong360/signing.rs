//! Signing in this process, for walks of many calls; the programs of `tests/clients` show that
//! others sign alike.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::http::urlencode;

/// A merchant's key.
#[derive(Debug)]
pub struct Key(KeyPair);

impl Key {
    /// # Panics
    /// When it is no private key in PKCS#8.
    pub fn of_pem(pem: &str) -> Self {
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = BASE64_STANDARD.decode(body).expect("PEM");
        Self(KeyPair::from_pkcs8(&der).expect("a key in PKCS#8"))
    }

    /// A new one.
    ///
    /// # Panics
    /// When none can be made.
    pub fn generate() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).expect("a key"))
    }

    pub fn private_pem(&self) -> String {
        let der: Pkcs8V1Der<'_> = self.0.as_der().expect("its bytes");
        pem("PRIVATE KEY", der.as_ref())
    }

    pub fn public_pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().expect("its bytes");
        pem("PUBLIC KEY", der.as_ref())
    }

    /// The form of `fields` with its signature under RSA2 at the end: over all fields in the order
    /// of their names, as they are, empty ones too.
    pub fn sign(&self, fields: &[(String, String)]) -> String {
        let mut ordered: Vec<_> = fields.iter().collect();
        ordered.sort();
        let ordered: Vec<String> = ordered.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut signature = vec![0; self.0.public_modulus_len()];
        let text = ordered.join("&");
        let signed =
            self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.expect("a signature");
        let signature = BASE64_STANDARD.encode(signature);
        let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        urlencode(&pairs.chain([("sign", signature.as_str())]).collect::<Vec<_>>())
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|start| &text[start..text.len().min(start + 64)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
