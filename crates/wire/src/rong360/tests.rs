//! Face 3 as a merchant sees it. All persons, cards and secrets are synthetic or the document's.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::prelude::{BASE64_STANDARD, Engine};
use domain::ids::BizId;
use domain::keys::{RsaPublicKey, SignType};
use domain::merchant::Rong360;
use domain::time::{Day, Timestamp};

use super::{Asked, Believed, Letter, Method, Opened, PREFIX, Presented, Refusal, Signature, read};
use crate::request::{Headers, Request};

mod answers;
mod document;
mod envelope;
mod fields;
mod json;
mod walks;

const NOW: Timestamp = Timestamp(1_700_000_000_000_000);
const FORM: &str = "application/x-www-form-urlencoded";

/// What every `biz_data` of these tests begins with.
const COMMON: &str = r#""merchant_id":"1000001","app_name":"a","app_version":"2","platform":"web",
    "notice_url":"http://merchant.example/notice","user_id":"u-1""#;

fn terms() -> Rong360 {
    Rong360 { aliases: vec!["123124".to_owned()], ..Rong360::new("1000001".to_owned()) }
}

fn today() -> Day {
    Day::from_civil(2026, 11, 22).expect("a day")
}

fn request_id() -> BizId {
    BizId::from_slice(&[0x11; 16]).expect("16 bytes are an id")
}

fn letter(headers: &[(&str, &str)], query: &str, body: &[u8]) -> Letter {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let headers = Headers::new(&headers);
    read(&Request { method: "POST", path: "/gateway", query, headers, body })
}

/// The document's JSON, of a merchant whose token holds.
fn believed(json: &str) -> Result<Believed, Refusal> {
    letter(&[("authorization", "Bearer t")], "", json.as_bytes()).vouched()
}

fn open(json: &str) -> Result<Asked, Refusal> {
    believed(json)?.open(&terms(), today()).asked
}

/// A call of `method` with `members` besides the common ones.
fn ask(method: Method, members: &str) -> Result<Asked, Refusal> {
    let comma = if members.is_empty() { "" } else { "," };
    let name = method.name();
    open(&format!(r#"{{"method":"{PREFIX}{name}","biz_data":{{{COMMON}{comma}{members}}}}}"#))
}

fn code(asked: Result<Asked, Refusal>) -> i32 {
    asked.err().map_or(0, |refusal| refusal.code.number)
}

/// A merchant's own key pair.
static KEYS: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).expect("a key pair"));

fn public_key() -> RsaPublicKey {
    let der: PublicKeyX509Der<'_> = KEYS.public_key().as_der().expect("it was made");
    RsaPublicKey::parse(&BASE64_STANDARD.encode(der.as_ref())).expect("a public key")
}

/// The signature of `text` by SHA-256.
fn sign(text: &str) -> String {
    let mut signature = vec![0; KEYS.public_modulus_len()];
    KEYS.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .expect("a key of 2048 bits signs");
    BASE64_STANDARD.encode(signature)
}
