//! Fuzz targets: plain functions from bytes to whether they were accepted, which must not panic
//! whatever the bytes. They run on any toolchain; a harness of another kind may call them too.

use domain::secret::Secret;
use domain::time::Timestamp;

use crate::body::{Dialect, Limits, Pairs, Value, unpack};
use crate::finplus::{self, Apps, Letter, Presented};
use crate::request::{Headers, Request};

mod corpus;
mod mutation;

pub use mutation::Mutation;

/// One thing to fuzz, and bytes that it accepts to begin with.
#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    /// Whether the bytes were accepted.
    pub run: fn(&[u8]) -> bool,
    pub corpus: &'static [&'static [u8]],
}

/// All targets of this crate.
pub const TARGETS: [Target; 6] = [
    Target { name: "reader", run: reader, corpus: corpus::REQUESTS },
    Target { name: "json", run: json, corpus: corpus::JSON },
    Target { name: "multipart", run: multipart, corpus: corpus::MULTIPART },
    Target { name: "gzip", run: gzip, corpus: corpus::GZIP },
    Target { name: "aliyun", run: aliyun, corpus: corpus::SIGNED },
    Target { name: "own-signature", run: own_signature, corpus: corpus::OWN },
];

/// The tolerant reader, flat and nested, of a request as it comes over HTTP.
pub fn reader(bytes: &[u8]) -> bool {
    let read = |request: &Request<'_>| {
        let pairs = Pairs::read(request);
        let value = Value::read(request, &Limits::NESTED);
        let _ = (format!("{pairs:?} {value:?}"), pairs.agreed(&["reqId", "req_id"]));
        pairs.sound().is_ok() && value.is_ok()
    };
    with_request(bytes, read).unwrap_or(false)
}

/// JSON in both dialects; what the strict one reads, the other reads alike.
pub fn json(bytes: &[u8]) -> bool {
    let read = |dialect| Value::from_json(bytes, &Limits::NESTED, dialect);
    let (strict, printed) = (read(Dialect::Strict), read(Dialect::Printed));
    assert!(strict.is_err() || strict == printed, "the dialects differ");
    strict.is_ok()
}

/// A multipart body whose boundary is `b`.
pub fn multipart(bytes: &[u8]) -> bool {
    let headers = [("content-type".to_owned(), "multipart/form-data; boundary=b".to_owned())];
    let headers = Headers::new(&headers);
    Pairs::read(&Request { method: "POST", path: "/", query: "", headers, body: bytes })
        .sound()
        .is_ok()
}

/// A gzip stream; what it stands for stays inside the limit.
pub fn gzip(bytes: &[u8]) -> bool {
    const MAX_BYTES: usize = 64 * 1024;
    let plain = unpack(bytes, MAX_BYTES);
    assert!(plain.as_ref().map_or(0, Vec::len) <= MAX_BYTES, "the limit does not hold");
    plain.is_ok()
}

/// The gateway's signature over a request as it comes over HTTP, at the time it says.
pub fn aliyun(bytes: &[u8]) -> bool {
    let verify = |request: &Request<'_>| {
        let letter = finplus::read(request);
        let stamp = request.headers.get("x-ca-timestamp").unwrap_or_default().parse();
        let now = Timestamp(stamp.unwrap_or(0_i64).saturating_mul(1000));
        let refusal = letter.verify(&Secret::new("another".to_owned()), now, true).err();
        let _ = refusal.map(|failure| finplus::refuse(&failure, None, biz()));
        is_signed(&letter) && letter.verify(&secret(), now, false).is_ok()
    };
    with_request(bytes, verify).unwrap_or(false)
}

/// Finplus' own signature over a query, a form and a JSON body, at a fixed time.
pub fn own_signature(bytes: &[u8]) -> bool {
    let verify = |query: &str, body: &[u8]| {
        let headers = Headers::new(&[]);
        let request = Request { method: "POST", path: "/finplus/score", query, headers, body };
        let letter = finplus::read(&request);
        let _ = (letter.open(&NoApps), letter.echo());
        let now = Timestamp(corpus::OWN_SECONDS * 1_000_000);
        matches!(letter.own_key(), Ok(Some(_))) && letter.verify_own(&secret(), now).is_ok()
    };
    let in_query = str::from_utf8(bytes).is_ok_and(|query| verify(query, b""));
    in_query | verify("", bytes)
}

fn is_signed(letter: &Letter) -> bool {
    matches!(letter.credential(), Ok(Presented::Signed(_)))
}

fn secret() -> Secret<String> {
    Secret::new(corpus::SECRET.to_owned())
}

fn biz() -> domain::ids::BizId {
    domain::ids::BizId::from_slice(&[0x11; 16]).expect("16 bytes are an id")
}

struct NoApps;

impl Apps for NoApps {
    fn registered(&self, _: &str) -> bool {
        false
    }
}

/// Gives `take` the request that `bytes` are, as far as an HTTP server would; nothing when it
/// would not.
fn with_request<T>(bytes: &[u8], take: impl FnOnce(&Request<'_>) -> T) -> Option<T> {
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..at]);
    let (line, lines) = head.split_once("\r\n").unwrap_or((&head, ""));
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<_> = lines
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let headers = Headers::new(&headers);
    Some(take(&Request { method, path, query, headers, body: &bytes[at + 4..] }))
}

#[cfg(test)]
mod tests;
