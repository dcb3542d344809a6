//! Fuzz targets of what reads a merchant's bytes ([`domain::fuzz`] says what a target is).

use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::application::Application;
use domain::batch::{self, BatchRow};
use domain::fuzz::Target;
use domain::keys::{AuditKey, RsaPublicKey, SignType, Wrapped};
use domain::load::{Fault, LoadKind, Rejected};
use domain::merchant::Rong360;
use domain::secret::Secret;
use domain::time::{Day, Timestamp};

use crate::body::{Dialect, Limits, Pairs, Value, unpack};
use crate::finplus::{self, Apps, Letter, Presented};
use crate::qiancheng::audit::{self, Unread};
use crate::qiancheng::{self, Endpoint};
use crate::request::{Headers, Request};
use crate::rong360;
use crate::v1;

mod corpus;

/// All targets of this crate.
pub const TARGETS: [Target; 13] = [
    Target { name: "reader", run: reader, corpus: corpus::REQUESTS },
    Target { name: "json", run: json, corpus: corpus::JSON },
    Target { name: "multipart", run: multipart, corpus: corpus::MULTIPART },
    Target { name: "gzip", run: gzip, corpus: corpus::GZIP },
    Target { name: "aliyun", run: aliyun, corpus: corpus::SIGNED },
    Target { name: "own-signature", run: own_signature, corpus: corpus::OWN },
    Target { name: "qiancheng", run: qiancheng, corpus: corpus::QIANCHENG },
    Target { name: "audit-json", run: audit_json, corpus: corpus::APPLICATIONS },
    Target { name: "audit-blocks", run: audit_blocks, corpus: corpus::APPLICATIONS },
    Target { name: "audit-jwe", run: audit_jwe, corpus: corpus::JWE },
    Target { name: "rong360", run: rong360, corpus: corpus::RONG360 },
    Target { name: "rong360-json", run: rong360_json, corpus: corpus::RONG360_JSON },
    Target { name: "table", run: table, corpus: corpus::TABLES },
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

/// A request of face 2 as it comes over HTTP; each refusal is a JSON object.
pub fn qiancheng(bytes: &[u8]) -> bool {
    let open = |request: &Request<'_>| {
        let letter = qiancheng::read(Endpoint::at(request.path)?, request);
        let credential = letter.credential();
        let today = Day::from_civil(2026, 11, 22)?;
        let asked = letter.open(today);
        let _ = format!("{credential:?} {asked:?}");
        for refusal in [credential.as_ref().err(), asked.as_ref().err()].into_iter().flatten() {
            let body = qiancheng::refuse(refusal).body;
            assert!(Value::from_json(&body, &Limits::FLAT, Dialect::Strict).is_ok(), "{refusal:?}");
        }
        Some(credential.is_ok() && asked.is_ok())
    };
    with_request(bytes, open).flatten().unwrap_or(false)
}

/// An application's JSON; what is read has one canonical form, which reads back.
pub fn audit_json(bytes: &[u8]) -> bool {
    application(audit::read(bytes))
}

/// The same in blocks that encrypt nothing: what is around and behind the encryption.
pub fn audit_blocks(bytes: &[u8]) -> bool {
    let length = bytes.len().next_multiple_of(AuditKey::BLOCK_LENGTH);
    // Space after the text leaves it as it is.
    let padded = [bytes, &vec![b' '; length - bytes.len()]].concat();
    application(audit::open(&BASE64_STANDARD.encode(padded), true, &Transparent))
}

/// A JWE that encrypts nothing, as text.
pub fn audit_jwe(bytes: &[u8]) -> bool {
    let opened = str::from_utf8(bytes).map(|text| audit::open(text, true, &Transparent));
    opened.is_ok_and(application)
}

fn application(read: Result<Application, Unread>) -> bool {
    match read {
        Ok(read) => {
            let again = Application::from_canonical(&read.canonical());
            assert!(again.is_some_and(|again| again == read), "the canonical form reads otherwise");
            true
        }
        Err(unread) => {
            is_object(&qiancheng::refuse(&unread.into()).body);
            false
        }
    }
}

struct Transparent;

impl audit::Decrypt for Transparent {
    fn versions(&self) -> Vec<u32> {
        vec![2, 1]
    }

    fn blocks(&self, _: u32, cipher: &[u8]) -> Secret<Vec<u8>> {
        Secret::new(cipher.to_vec())
    }

    fn wrapped(&self, version: u32, wrapped: Wrapped<'_>) -> Option<Secret<Vec<u8>>> {
        let Wrapped { mut sealed, .. } = wrapped;
        sealed.truncate(sealed.len() - 16);
        (version == 1).then(|| Secret::new(sealed))
    }
}

/// The envelope of face 3 as it comes over HTTP, at a fixed time and under a fixed key; each
/// refusal is a JSON object. Accepted: it says who sent it.
pub fn rong360(bytes: &[u8]) -> bool {
    let key = RsaPublicKey::parse(corpus::RONG360_KEY);
    let verify = |request: &Request<'_>| {
        let letter = rong360::read(request);
        let sender = letter.presented().map(|presented| format!("{presented:?}"));
        let now = Timestamp(corpus::RONG360_SECONDS * 1_000_000);
        let verified = letter.verify(key.as_slice(), &SignType::ALL, now);
        for refusal in sender.as_ref().err().into_iter().chain(verified.as_ref().err()) {
            is_object(&rong360::refuse(refusal, None, biz()).body);
        }
        sender.is_ok()
    };
    with_request(bytes, verify).unwrap_or(false)
}

/// The document's own JSON of face 3, opened.
pub fn rong360_json(bytes: &[u8]) -> bool {
    let headers = [("authorization".to_owned(), "Bearer t".to_owned())];
    let headers = Headers::new(&headers);
    let request = Request { method: "POST", path: "", query: "", headers, body: bytes };
    let terms = Rong360 { aliases: vec!["123124".to_owned()], ..Rong360::new("1".to_owned()) };
    let Some(today) = Day::from_civil(2026, 11, 22) else { return false };
    let Ok(believed) = rong360::read(&request).vouched() else { return false };
    let opened = believed.open(&terms, today);
    let _ = format!("{opened:?}");
    if let Err(refusal) = &opened.asked {
        is_object(&rong360::refuse(refusal, opened.method, biz()).body);
    }
    opened.asked.is_ok()
}

fn is_object(body: &[u8]) {
    assert!(Value::from_json(body, &Limits::FLAT, Dialect::Strict).is_ok(), "no JSON object");
}

/// The rows of a body, as ids, behaviours and a batch, by its form. Accepted: one of them is good.
pub fn table(bytes: &[u8]) -> bool {
    let request =
        Request { method: "POST", path: "", query: "", headers: Headers::new(&[]), body: bytes };
    let good = |rows: Result<Rows, v1::Refusal>| match rows {
        Ok(rows) => rows.flatten().count() > 0,
        Err(refusal) => v1::refuse(&refusal).status < 400,
    };
    let ids =
        v1::rows(&request, LoadKind::Ids.columns(), |cells| LoadKind::Ids.read(cells).map(drop));
    let behaviours = v1::rows(&request, LoadKind::Behaviours.columns(), |cells| {
        LoadKind::Behaviours.read(cells).map(drop)
    });
    let batch = v1::rows(&request, batch::COLUMNS, |cells| {
        let row = BatchRow::read(cells)?;
        let is_id = !row.id_value.is_empty();
        is_id.then_some(()).ok_or_else(|| Fault::new("id_value", "is empty"))
    });
    good(ids) | good(behaviours) | good(batch)
}

type Rows = Box<dyn Iterator<Item = Result<(), Rejected>> + Send>;

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
pub(crate) fn with_request<T>(bytes: &[u8], take: impl FnOnce(&Request<'_>) -> T) -> Option<T> {
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
