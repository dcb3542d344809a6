//! The bytes of a callback: fields of a form, or a signed JSON text.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::keys::RsaDigest;

/// How a merchant takes its callbacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallbackForm {
    /// `application/x-www-form-urlencoded`, the fields as they are.
    #[default]
    Form,
    /// `{"sign", "biz_data"}`: `biz_data` is a JSON text of the fields, `sign` the platform's
    /// signature over that text, in Base64 (`ReceiveClient` of the protocol's public clients).
    Json(RsaDigest),
}

impl CallbackForm {
    const ALL: [Self; 3] = [Self::Form, Self::Json(RsaDigest::Sha1), Self::Json(RsaDigest::Sha256)];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Json(RsaDigest::Sha1) => "json-rsa",
            Self::Json(RsaDigest::Sha256) => "json-rsa2",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == text)
    }
}

/// A callback as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

impl Letter {
    /// Writes `fields` in a merchant's form; `sign` signs where the form wants it.
    pub fn write(
        fields: &[(String, String)],
        form: CallbackForm,
        sign: impl FnOnce(RsaDigest, &[u8]) -> Vec<u8>,
    ) -> Self {
        match form {
            CallbackForm::Form => Self {
                content_type: "application/x-www-form-urlencoded",
                body: urlencoded(fields).into_bytes(),
            },
            CallbackForm::Json(digest) => {
                let object: Map<String, Value> =
                    fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
                let biz_data = Value::Object(object).to_string();
                let sign = STANDARD.encode(sign(digest, biz_data.as_bytes()));
                let body = json!({ "sign": sign, "biz_data": biz_data });
                Self { content_type: "application/json", body: body.to_string().into_bytes() }
            }
        }
    }
}

/// As the WHATWG URL standard writes a form.
fn urlencoded(fields: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        encode(name, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

fn encode(plain: &str, text: &mut String) {
    for byte in plain.bytes() {
        match byte {
            b' ' => text.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) => {
                text.push(char::from(byte));
            }
            _ => write!(text, "%{byte:02X}").expect("a String takes all"),
        }
    }
}
