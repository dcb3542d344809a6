//! The one tolerant reader: what a request carries in its query and its body, whichever of the
//! known ways it was sent (`common.md`, Reading requests).
//!
//! [`Pairs`] is the flat view, [`Value`] the nested one. Both first take the body as it was meant:
//! unpacked, without byte order mark, and of a known kind.

use std::borrow::Cow;

use domain::failure::Failure;
use domain::secret::Secret;

use crate::request::Request;

mod gzip;
pub(crate) mod json;
mod kind;
mod limits;
pub(crate) mod multipart;
mod nesting;
mod pairs;
mod urlencoded;
mod value;

pub use gzip::{GzipFault, unpack, unpacked_bytes};
pub use json::Dialect;
pub use limits::Limits;
pub use pairs::Pairs;
pub use value::Value;

pub(crate) use kind::Kind;
pub(crate) use pairs::parameter;
pub(crate) use urlencoded::{Piece, decode_leniently, pieces};
pub(crate) use value::decimal;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A body, unpacked and without byte order mark. What was unpacked is wiped in the end.
pub(crate) struct Body<'r> {
    pub(crate) kind: Kind,
    pub(crate) bytes: Cow<'r, [u8]>,
}

/// Why a body is not taken.
pub(crate) struct Untaken {
    /// What HTTP calls it: 400 (broken), 413 (too large) or 415 (packed in an unknown way).
    pub(crate) status: u16,
    pub(crate) reason: String,
}

impl<'r> Body<'r> {
    pub(crate) const EMPTY: Self = Self { kind: Kind::Empty, bytes: Cow::Borrowed(b"") };

    /// Errors: [`Failure::Parameter`] for what [`Body::take`] refuses.
    pub(crate) fn of(request: &Request<'r>, limits: &Limits) -> Result<Self, Failure> {
        Self::take(request, limits).map_err(|untaken| parameter(untaken.reason))
    }

    /// Errors: the body is packed in an unknown way, or is not what `Content-Encoding: gzip` says,
    /// or is larger than `limits` when unpacked.
    pub(crate) fn take(request: &Request<'r>, limits: &Limits) -> Result<Self, Untaken> {
        let bytes = match unpacked(request, limits)? {
            Cow::Borrowed(bytes) => {
                Cow::Borrowed(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes))
            }
            Cow::Owned(mut bytes) => {
                if bytes.starts_with(BYTE_ORDER_MARK) {
                    bytes.drain(..BYTE_ORDER_MARK.len());
                }
                Cow::Owned(bytes)
            }
        };
        Ok(Self { kind: Kind::of(request.headers.get("content-type"), &bytes), bytes })
    }
}

impl Drop for Body<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(bytes) = &mut self.bytes {
            drop(Secret::new(std::mem::take(bytes)));
        }
    }
}

fn unpacked<'r>(request: &Request<'r>, limits: &Limits) -> Result<Cow<'r, [u8]>, Untaken> {
    let untaken = |status, reason: String| Untaken { status, reason };
    let too_large =
        || untaken(413, format!("the body is larger than {} bytes", limits.body_max_bytes));
    if request.body.len() > limits.body_max_bytes {
        return Err(too_large());
    }
    let mut encodings = request.headers.all("content-encoding").map(str::trim);
    let encoding = encodings.next().unwrap_or_default().to_ascii_lowercase();
    let is_packed = match encoding.as_str() {
        _ if encodings.next().is_some() => None,
        "" | "identity" => Some(false),
        "gzip" | "x-gzip" => Some(true),
        _ => None,
    };
    let is_packed =
        is_packed.ok_or_else(|| untaken(415, "Content-Encoding must be gzip, once".to_owned()))?;
    if !is_packed || request.body.is_empty() {
        return Ok(Cow::Borrowed(request.body));
    }
    unpack(request.body, limits.body_max_bytes).map(Cow::Owned).map_err(|fault| match fault {
        GzipFault::TooLarge => too_large(),
        GzipFault::TooDense => untaken(413, fault.as_str().to_owned()),
        GzipFault::Broken | GzipFault::Trailing => untaken(400, fault.as_str().to_owned()),
    })
}

#[cfg(test)]
mod tests;
