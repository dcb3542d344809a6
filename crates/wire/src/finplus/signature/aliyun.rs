//! The signature of the Aliyun API gateway, as its official clients make it: `X-Ca-Signature` =
//! Base64(HMAC(AppSecret, StringToSign)).

use std::collections::BTreeMap;

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256};
use aws_lc_rs::{digest, hmac::Algorithm};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::failure::{CredentialKind, Failure};
use domain::secret::{Private, Secret};
use domain::time::Timestamp;
use md5::{Digest as _, Md5};

use super::holds;
use crate::body::{Piece, decode_leniently, pieces};
use crate::request::Request;
use crate::stamp::{WINDOW, is_in_window};

/// Names in `X-Ca-Signature-Headers`; one name more and the list could make a small request a
/// large StringToSign.
const SIGNED_HEADERS_MAX: usize = 64;

/// Headers that the list never adds: they are in the StringToSign already, or made from it.
const NEVER_LISTED: [&str; 6] =
    ["x-ca-signature", "x-ca-signature-headers", "accept", "content-md5", "content-type", "date"];

/// The type whose parameters are signed one by one; other bodies are signed by `Content-MD5`.
const FORM: &str = "application/x-www-form-urlencoded";

/// A number used once: no request of the same AppKey may use it again before `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce {
    /// The SHA-256 of what was sent, in hexadecimal: its length does not depend on the client.
    pub digest: String,
    /// 15 minutes after the first use or the time of signing, whichever is later; from then on
    /// the time of signing tells a repeat.
    pub until: Timestamp,
}

/// What of a signed request is needed to verify it, once the secret is known.
#[derive(Debug)]
pub(in crate::finplus) struct Signed {
    key: String,
    signature: String,
    algorithm: Option<Algorithm>,
    stamp: Option<String>,
    nonce: Option<String>,
    is_content_md5_right: bool,
    string_to_sign: Private<String>,
}

impl Signed {
    /// The signature of `request`, or nothing when it bears none; `form` is its urlencoded body.
    pub(in crate::finplus) fn of(request: &Request<'_>, form: Option<&[u8]>) -> Option<Self> {
        let header =
            |name| request.headers.get(name).map(str::trim).filter(|text| !text.is_empty());
        let (key, signature) = (header("x-ca-key"), header("x-ca-signature"));
        key.or(signature)?;
        let md5 = header("content-md5");
        Some(Self {
            key: key.unwrap_or_default().to_owned(),
            signature: signature.unwrap_or_default().to_owned(),
            algorithm: algorithm(header("x-ca-signature-method")),
            stamp: header("x-ca-timestamp").map(str::to_owned),
            nonce: header("x-ca-nonce").map(str::to_owned),
            is_content_md5_right: md5.is_none_or(|md5| md5 == content_md5(request.body)),
            string_to_sign: Private::new(string_to_sign(request, form)),
        })
    }

    /// The AppKey.
    ///
    /// Errors: [`Failure::CredentialMissing`] without a signature,
    /// [`Failure::CredentialUnknown`] without a key.
    pub(in crate::finplus) fn key(&self) -> Result<&str, Failure> {
        match (self.signature.as_str(), self.key.as_str()) {
            ("", _) => Err(Failure::CredentialMissing),
            (_, "") => Err(Failure::CredentialUnknown(CredentialKind::AppKey)),
            (_, key) => Ok(key),
        }
    }

    /// The first thing that is wrong, in this order: the signature, the time of signing,
    /// `Content-MD5`. Else the nonce, if one was sent; the caller claims it.
    pub(in crate::finplus) fn verify(
        &self,
        secret: &Secret<String>,
        now: Timestamp,
        is_sandbox: bool,
    ) -> Result<Option<Nonce>, Failure> {
        let tag = STANDARD.decode(&self.signature).ok();
        let text = self.string_to_sign.expose();
        let is_right = self
            .algorithm
            .zip(tag)
            .is_some_and(|(algorithm, tag)| holds(algorithm, secret, text.as_bytes(), &tag));
        if !is_right {
            let shown = is_sandbox.then(|| self.string_to_sign.clone());
            return Err(Failure::SignatureWrong { shown });
        }
        let stamp = self.stamp.as_deref().map(stamp).transpose()?;
        if stamp.is_some_and(|stamp| !is_in_window(stamp, now)) {
            return Err(Failure::TimestampExpired);
        }
        if !self.is_content_md5_right {
            return Err(Failure::ContentMd5Wrong);
        }
        let until = stamp.map_or(now, |stamp| stamp.max(now)) + WINDOW;
        Ok(self.nonce.as_deref().map(|nonce| Nonce {
            digest: hex::encode(digest::digest(&digest::SHA256, nonce.as_bytes())),
            until,
        }))
    }
}

/// Nothing for a method that is not one of the gateway's: no signature is right then.
fn algorithm(method: Option<&str>) -> Option<Algorithm> {
    match method {
        None | Some("HmacSHA256") => Some(HMAC_SHA256),
        Some("HmacSHA1") => Some(HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        Some(_) => None,
    }
}

/// Milliseconds since 1970.
fn stamp(text: &str) -> Result<Timestamp, Failure> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let ms: Option<i64> = is_digits.then(|| text.parse().ok()).flatten();
    let us = ms.and_then(|ms| ms.checked_mul(1000));
    us.map(Timestamp).ok_or(Failure::TimestampInvalid)
}

/// Of the bytes that were sent: a packed body is digested packed (RFC 1864, section 2).
fn content_md5(body: &[u8]) -> String {
    STANDARD.encode(Md5::digest(body))
}

fn string_to_sign(request: &Request<'_>, form: Option<&[u8]>) -> String {
    let header = |name| request.headers.get(name).unwrap_or_default();
    let fixed = ["accept", "content-md5", "content-type", "date"].map(header);
    let mut text = format!("{}\n{}\n", request.method, fixed.join("\n"));
    for name in signed_headers(header("x-ca-signature-headers")) {
        let value = request.headers.get(&name.to_ascii_lowercase()).unwrap_or_default();
        // The name as the list spells it: clients differ in letter case.
        for part in [name, ":", value, "\n"] {
            text.push_str(part);
        }
    }
    text.push_str(request.path);
    let form = form.filter(|_| header("content-type").to_ascii_lowercase().starts_with(FORM));
    let mut separator = '?';
    for (name, value) in parameters(request.query.as_bytes(), form.unwrap_or_default()) {
        text.push(separator);
        text.push_str(&name);
        if !value.is_empty() {
            text.push('=');
            text.push_str(&value);
        }
        separator = '&';
    }
    text
}

fn signed_headers(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .take(SIGNED_HEADERS_MAX)
        .filter(|name| !NEVER_LISTED.iter().any(|never| never.eq_ignore_ascii_case(name)))
}

/// Query and form, decoded and sorted, the first value of each name. What is not well encoded is
/// read as most clients do, so that its sender is told about the parameter, not the signature.
fn parameters(query: &[u8], form: &[u8]) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for Piece { name, value, .. } in pieces(query).chain(pieces(form)) {
        parameters.entry(decode_leniently(name)).or_insert_with(|| decode_leniently(value));
    }
    parameters
}
