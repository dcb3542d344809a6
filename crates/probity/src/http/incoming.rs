//! A request, taken from the connection with limits before anything in it is believed.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::request::Parts;
use bytes::{Bytes, BytesMut};
use domain::time::Span;
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};

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
    /// All bodies together are as many bytes as there is room for.
    NoRoom,
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

/// How much a body may be, and what it shares with others.
#[derive(Clone, Copy)]
pub(crate) struct Room<'s> {
    pub(crate) bytes_max: usize,
    pub(crate) timeout: Span,
    /// KiB that all bodies of this kind may take together, where that is bounded.
    pub(crate) shared_kib: Option<&'s Semaphore>,
}

/// A body that was taken, and the room that it holds until it is dropped.
pub(crate) struct Taken<'s> {
    pub(crate) bytes: Bytes,
    held: Option<SemaphorePermit<'s>>,
}

impl<'s> Taken<'s> {
    /// Takes room for what the body unpacks to as well. A body of a megabyte may stand for a
    /// hundred: without this the room would bound what comes in, not what it becomes.
    fn unpacking(mut self, room: Room<'s>) -> Result<Self, BodyFault> {
        let Some(shared_kib) = room.shared_kib else { return Ok(self) };
        let unpacked_bytes = wire::body::unpacked_bytes(&self.bytes).min(room.bytes_max);
        hold(shared_kib, &mut self.held, unpacked_bytes)?;
        Ok(self)
    }

    /// Apart, so that the room can be held longer than the bytes.
    pub(crate) fn apart(self) -> (Bytes, Option<SemaphorePermit<'s>>) {
        (self.bytes, self.held)
    }
}

/// Has `held` be room for that many bytes. What is not there now is not waited for: others wait for
/// us, too.
fn hold<'s>(
    shared_kib: &'s Semaphore,
    held: &mut Option<SemaphorePermit<'s>>,
    bytes: usize,
) -> Result<(), BodyFault> {
    let has = held.as_ref().map_or(0, SemaphorePermit::num_permits);
    let more = shared_kib.try_acquire_many(bytes.div_ceil(1024).saturating_sub(has) as u32);
    let more = more.map_err(|_| BodyFault::NoRoom)?;
    match held {
        Some(held) => held.merge(more),
        None => *held = Some(more),
    }
    Ok(())
}

/// Takes a body within `room.timeout` from now, however it trickles in. `is_packed`: room is taken
/// for what it unpacks to.
pub(crate) async fn read_body(
    mut body: Body,
    is_packed: bool,
    room: Room<'_>,
) -> Result<Taken<'_>, BodyFault> {
    let Room { bytes_max, timeout, shared_kib } = room;
    if body.is_end_stream() {
        return Ok(Taken { bytes: Bytes::new(), held: None });
    }
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(BodyFault::TooLarge);
    }
    let mut held: Option<SemaphorePermit<'_>> = None;
    let reading = async {
        let mut read = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| BodyFault::Broken)?;
            if let Ok(data) = frame.into_data() {
                if read.len() + data.len() > bytes_max {
                    return Err(BodyFault::TooLarge);
                }
                if let Some(shared_kib) = shared_kib {
                    hold(shared_kib, &mut held, read.len() + data.len())?;
                }
                read.extend_from_slice(&data);
            }
        }
        Ok(Taken { bytes: read.freeze(), held })
    };
    let timeout = Duration::from_micros(timeout.0.max(0) as u64);
    let taken = tokio::time::timeout(timeout, reading).await.unwrap_or(Err(BodyFault::TooSlow))?;
    if is_packed { taken.unpacking(room) } else { Ok(taken) }
}
