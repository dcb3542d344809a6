//! How both sides of the connector protocol sign: HMAC-SHA256 under the connector's secret, over
//! lines that leave nothing of the message out. The answer's holds the request's nonce, so that
//! no answer can stand for another.

use aws_lc_rs::{digest, hmac};
use domain::time::{Span, Timestamp};

pub const TIMESTAMP_HEADER: &str = "x-probity-timestamp";
pub const NONCE_HEADER: &str = "x-probity-nonce";
pub const SIGNATURE_HEADER: &str = "x-probity-signature";

/// How far the two clocks may be apart.
pub const CLOCK_TOLERANCE: Span = Span::minutes(5);

/// Bytes of a secret, at least.
pub const SECRET_BYTES_MIN: usize = 32;

/// What a request's signature covers.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'m> {
    pub method: &'m str,
    /// Path and query as they stand in the request line.
    pub path: &'m str,
    /// Seconds since 1970.
    pub stamp_s: i64,
    /// Fresh for each request.
    pub nonce: &'m str,
    pub body: &'m [u8],
}

/// What an answer's signature covers.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'m> {
    /// The request's.
    pub nonce: &'m str,
    pub status: u16,
    pub stamp_s: i64,
    pub body: &'m [u8],
}

impl Sent<'_> {
    /// In hexadecimal digits.
    pub fn sign(&self, secret: &[u8]) -> String {
        hex::encode(hmac::sign(&key(secret), self.lines().as_bytes()))
    }

    fn lines(&self) -> String {
        let Self { method, path, stamp_s, nonce, body } = self;
        let digest = digest_of(body);
        format!("probity-connector-1 request\n{method}\n{path}\n{stamp_s}\n{nonce}\n{digest}")
    }
}

impl Answered<'_> {
    /// In hexadecimal digits.
    pub fn sign(&self, secret: &[u8]) -> String {
        hex::encode(hmac::sign(&key(secret), self.lines().as_bytes()))
    }

    /// Whether `signature` is that of `secret`, and its time is `now`, give or take
    /// [`CLOCK_TOLERANCE`].
    pub fn holds(&self, secret: &[u8], signature: &str, now: Timestamp) -> bool {
        let apart_s = (now.0 / 1_000_000).abs_diff(self.stamp_s);
        let is_now = apart_s <= CLOCK_TOLERANCE.0.unsigned_abs() / 1_000_000;
        let tag = hex::decode(signature).unwrap_or_default();
        is_now && hmac::verify(&key(secret), self.lines().as_bytes(), &tag).is_ok()
    }

    fn lines(&self) -> String {
        let Self { nonce, status, stamp_s, body } = self;
        let digest = digest_of(body);
        format!("probity-connector-1 answer\n{nonce}\n{status}\n{stamp_s}\n{digest}")
    }
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

fn digest_of(body: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, body))
}
