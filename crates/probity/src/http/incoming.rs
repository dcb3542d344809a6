//! A request, taken from the connection with limits before anything in it is believed.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::request::Parts;
use bytes::{Bytes, BytesMut};
use domain::time::Span;
use http_body_util::BodyExt;

/// A request with its whole body.
pub(crate) struct Incoming {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    client: IpAddr,
}

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    TooLarge,
    TooSlow,
    Broken,
}

impl Incoming {
    pub(crate) fn new(parts: &Parts, body: Bytes, client: IpAddr) -> Self {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
                .collect(),
            body,
            client,
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Who calls, as far as trusted proxies say.
    pub(crate) fn client(&self) -> IpAddr {
        self.client
    }

    pub(crate) fn request(&self) -> wire::Request<'_> {
        wire::Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: wire::Headers::new(&self.headers),
            body: &self.body,
        }
    }
}

/// Takes a body of at most `bytes_max`, within `timeout` from now, however it trickles in.
pub(crate) async fn read_body(
    mut body: Body,
    bytes_max: usize,
    timeout: Span,
) -> Result<Bytes, BodyFault> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(BodyFault::TooLarge);
    }
    let reading = async {
        let mut read = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| BodyFault::Broken)?;
            if let Ok(data) = frame.into_data() {
                if read.len() + data.len() > bytes_max {
                    return Err(BodyFault::TooLarge);
                }
                read.extend_from_slice(&data);
            }
        }
        Ok(read.freeze())
    };
    let timeout = Duration::from_micros(timeout.0.max(0) as u64);
    tokio::time::timeout(timeout, reading).await.unwrap_or(Err(BodyFault::TooSlow))
}
