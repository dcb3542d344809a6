//! Finplus' own signature (document 000, section 5.1: codes 10 and 18): `sign` among the
//! parameters = lower-case hexadecimal HMAC-SHA256 of the others, whose keys are in order.

use std::fmt::Write as _;

use aws_lc_rs::hmac::HMAC_SHA256;
use domain::failure::Failure;
use domain::secret::{Private, Secret};
use domain::time::Timestamp;

use super::holds;
use crate::body::{Body, Kind, Pairs, decode_leniently, parameter, pieces};
use crate::stamp::{by_magnitude, is_in_window};

pub(in crate::finplus) const APP_KEY: &str = "appKey";
pub(in crate::finplus) const TIMESTAMP: &str = "timestamp";
pub(in crate::finplus) const SIGN: &str = "sign";

/// What of a signed call is needed to verify it, once the secret is known.
#[derive(Debug)]
pub(in crate::finplus) struct OwnSignature {
    app_key: String,
    stamp: String,
    sign: String,
    signed: Private<Vec<u8>>,
}

impl OwnSignature {
    /// The signature among `pairs`, which were read from `query` and `body`; nothing when none of
    /// its parameters is there.
    ///
    /// Errors: [`Failure::Parameter`] when one of them is missing, the parameters come from two
    /// places (one of them would not be signed), are not well encoded, or are not in order.
    pub(in crate::finplus) fn of(
        pairs: &Pairs,
        query: &str,
        body: &Body<'_>,
    ) -> Result<Option<Self>, Failure> {
        let names = [APP_KEY, TIMESTAMP, SIGN];
        let is_borne = |(name, value): (&str, &str)| names.contains(&name) && !value.is_empty();
        if !pairs.iter().any(is_borne) {
            return Ok(None);
        }
        pairs.sound()?;
        let [app_key, stamp, sign] = names.map(|name| {
            let value = pairs.agreed(&[name])?.filter(|value| !value.is_empty());
            value.map(str::to_owned).ok_or_else(|| parameter(format!("{name} is missing")))
        });
        let (app_key, stamp, sign) = (app_key?, stamp?, sign?);
        let signed = match (query, &body.kind) {
            ("", Kind::Form) => as_sent(&body.bytes)?,
            ("", _) => encoded(pairs),
            (query, Kind::Empty) => as_sent(query.as_bytes())?,
            _ => {
                return Err(parameter(
                    "with sign, all parameters must be in one place: query, form or JSON",
                ));
            }
        };
        Ok(Some(Self { app_key, stamp, sign, signed: Private::new(signed) }))
    }

    pub(in crate::finplus) fn app_key(&self) -> &str {
        &self.app_key
    }

    /// Errors: [`Failure::VerificationFailed`] when the signature is wrong or its time is not now.
    pub(in crate::finplus) fn verify(
        &self,
        secret: &Secret<String>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let is_lower = !self.sign.bytes().any(|byte| byte.is_ascii_uppercase());
        let tag = hex::decode(&self.sign).ok().filter(|_| is_lower);
        let is_right =
            tag.is_some_and(|tag| holds(HMAC_SHA256, secret, self.signed.expose(), &tag));
        let is_now = by_magnitude(&self.stamp).is_some_and(|stamp| is_in_window(stamp, now));
        if is_right && is_now { Ok(()) } else { Err(Failure::VerificationFailed) }
    }
}

/// `text` byte for byte, less `sign`. The document prints the order descending and its codes ask
/// for dictionary order, so both ways are an order.
fn as_sent(text: &[u8]) -> Result<Vec<u8>, Failure> {
    let others: Vec<_> = text
        .split(|byte| *byte == b'&')
        .filter(|piece| !pieces(piece).any(|piece| decode_leniently(piece.name) == SIGN))
        .collect();
    let others = others.join(&b'&');
    let names: Vec<_> = pieces(&others).map(|piece| decode_leniently(piece.name)).collect();
    let is_descending = names.is_sorted_by(|a, b| a >= b);
    if !names.is_sorted() && !is_descending {
        return Err(parameter(
            "with sign, the parameters must be in dictionary order of their names",
        ));
    }
    Ok(others)
}

/// The members of a JSON body, or the fields of a multipart one: names ascending, names and values
/// encoded as RFC 3986, section 2.3 says.
fn encoded(pairs: &Pairs) -> Vec<u8> {
    let mut others: Vec<_> = pairs.iter().filter(|(name, _)| *name != SIGN).collect();
    others.sort_unstable();
    let pieces: Vec<_> =
        others.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pieces.join("&").into_bytes()
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
