//! The only HTTP client: to connectors, and to where merchants want to be called back.
//!
//! An address is taken apart and resolved here, each IP address is held against the guard, and
//! the connection goes to an address that was checked: between check and connection no name is
//! looked up again. Nothing is followed, remembered or unpacked, and everything has a limit.

mod connection;
mod guard;
mod target;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::secret::Secret;
use domain::time::Span;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use rustls::ClientConfig;
use sources::step::{Loss, Method};
use thiserror::Error;
use tokio::time::timeout;

use self::connection::Stream;
use self::guard::Guard;
pub use self::guard::Refusal;
pub use self::target::Target;
use crate::Error;

/// Bytes and number of an answer's headers.
const HEADER_BYTES_MAX: usize = 64 << 10;
const HEADERS_MAX: usize = 64;

/// How long an answer that has begun may pause.
const READ_PAUSE_MAX: Duration = Duration::from_secs(5);

/// What the operator says about outgoing connections.
#[derive(Clone, Debug)]
pub struct OutboundSettings {
    /// Networks that may be reached though they are not public, and without TLS.
    pub allow: Vec<IpNet>,
    /// Authorities to be believed besides the public ones (PEM).
    pub ca_pem: Option<Vec<u8>>,
    /// To resolve, connect and agree on TLS.
    pub connect_timeout: Span,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self { allow: Vec::new(), ca_pem: None, connect_timeout: Span::seconds(5) }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    guard: Arc<Guard>,
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
}

/// A request to be sent once.
pub struct Outgoing<'r> {
    pub method: Method,
    pub target: &'r Target,
    pub headers: &'r [(&'static str, String)],
    /// Wiped after sending.
    pub body: Secret<Vec<u8>>,
    /// For all of it.
    pub deadline: Span,
    pub answer_bytes_max: usize,
}

/// A whole answer.
#[derive(Debug)]
pub struct Incame {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why there is no answer. The difference is whether the other side can have acted.
#[derive(Debug, Error)]
pub enum SendFault {
    /// The address may not be reached; nothing was sent.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No connection, or none that TLS vouches for; nothing was sent.
    #[error("no connection: {0}")]
    NotSent(String),
    /// It was sent, or some of it was.
    #[error("the answer was lost: {0:?}")]
    Lost(Loss),
}

/// A body that is wiped when the connection is done with it.
struct Wiped(Secret<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

impl Outbound {
    /// Errors: [`Error::Invalid`] when the authorities cannot be read.
    pub fn new(settings: OutboundSettings) -> Result<Self, Error> {
        let OutboundSettings { allow, ca_pem, connect_timeout } = settings;
        Ok(Self {
            guard: Arc::new(Guard::new(allow)),
            tls: connection::tls(ca_pem.as_deref())?,
            connect_timeout: duration(connect_timeout),
        })
    }

    /// Whether an address may be reached, by what its host leads to now.
    ///
    /// Errors: [`SendFault::Refused`]; [`SendFault::NotSent`] when the host leads nowhere.
    pub async fn check(&self, target: &Target) -> Result<(), SendFault> {
        let late = |_| SendFault::NotSent("the host was not resolved in time".to_owned());
        let resolved = timeout(self.connect_timeout, self.guard.resolve(target)).await;
        resolved.map_err(late)?.map(drop)
    }

    /// Sends a request and reads the whole answer, whatever its status.
    pub async fn send(&self, outgoing: Outgoing<'_>) -> Result<Incame, SendFault> {
        let deadline = duration(outgoing.deadline);
        let mut is_sent = false;
        let exchange = async {
            let stream = self.connect(outgoing.target).await?;
            is_sent = true;
            exchange(stream, outgoing).await.map_err(SendFault::Lost)
        };
        match timeout(deadline, exchange).await {
            Ok(result) => result,
            Err(_) if is_sent => Err(SendFault::Lost(Loss::Late)),
            Err(_) => Err(SendFault::NotSent("no connection before the deadline".to_owned())),
        }
    }

    async fn connect(&self, target: &Target) -> Result<Stream, SendFault> {
        let connect = async {
            let addresses = self.guard.resolve(target).await?;
            connection::open(target, &addresses, &self.tls).await.map_err(SendFault::NotSent)
        };
        let late = |_| SendFault::NotSent("no connection in time".to_owned());
        timeout(self.connect_timeout, connect).await.unwrap_or_else(|late_by| Err(late(late_by)))
    }
}

/// One request and its answer on a connection of its own.
async fn exchange(stream: Stream, outgoing: Outgoing<'_>) -> Result<Incame, Loss> {
    let bytes_max = outgoing.answer_bytes_max;
    let request = request(outgoing).ok_or(Loss::BrokenOff)?;
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEADER_BYTES_MAX).max_headers(HEADERS_MAX);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(|error| loss(&error))?;
    let answer = async {
        let answer = sender.send_request(request).await.map_err(|error| loss(&error))?;
        read(answer, bytes_max).await
    };
    tokio::pin!(answer, connection);
    let mut is_open = true;
    // Both are polled here and dropped together: nothing of the exchange outlives it.
    loop {
        tokio::select! {
            result = &mut answer => return result,
            _ = &mut connection, if is_open => is_open = false,
        }
    }
}

fn request(outgoing: Outgoing<'_>) -> Option<Request<Full<Bytes>>> {
    let Outgoing { method, target, headers, body, .. } = outgoing;
    let body = Bytes::from_owner(Wiped(body));
    let mut request =
        Request::builder().method(method.as_str()).uri(target.path()).body(Full::new(body)).ok()?;
    let fields = request.headers_mut();
    fields.insert(HOST, HeaderValue::from_str(&target.authority()).ok()?);
    fields.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for (name, value) in headers {
        fields.insert(HeaderName::from_static(name), HeaderValue::from_str(value).ok()?);
    }
    Some(request)
}

async fn read(answer: Response<Incoming>, bytes_max: usize) -> Result<Incame, Loss> {
    let (head, mut body) = answer.into_parts();
    let is_packed = head.headers.contains_key(CONTENT_ENCODING);
    if is_packed || body.size_hint().lower() > bytes_max as u64 {
        return Err(Loss::Unreadable);
    }
    let mut bytes = Vec::new();
    while let Some(frame) = timeout(READ_PAUSE_MAX, body.frame()).await.map_err(|_| Loss::Late)? {
        let Ok(data) = frame.map_err(|error| loss(&error))?.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Err(Loss::Unreadable);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Incame { status: head.status.as_u16(), headers: head.headers, body: bytes })
}

fn loss(error: &hyper::Error) -> Loss {
    if error.is_parse() { Loss::Unreadable } else { Loss::BrokenOff }
}

fn duration(span: Span) -> Duration {
    Duration::from_micros(span.0.max(0).unsigned_abs())
}

#[cfg(test)]
mod tests;
