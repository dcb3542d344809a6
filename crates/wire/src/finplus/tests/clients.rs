//! What real clients send, byte for byte (`fixtures/finplus/clients`): npm `aliyun-api-gateway`
//! 1.1.6 and PyPI `aliyun-api-gateway-python` 0.1.0, recorded on the loopback with a key and a
//! secret of no one, and curl, whose library PHP's cURL is.

use domain::failure::Failure;
use domain::secret::Secret;
use domain::time::Timestamp;

use super::{Mine, refused};
use crate::finplus::{Letter, Presented, SignedRequest, read};
use crate::request::{Headers, Request};

pub(super) const KEY: &str = "200000001";
pub(super) const SECRET: &str = "synthetic-secret-of-no-one";

macro_rules! recorded {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            &include_bytes!(concat!("../../../fixtures/finplus/clients/", $name, ".http"))[..],
        )),*]
    };
}

/// A recorded request.
#[derive(Clone)]
pub(super) struct Recorded {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Recorded {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let at = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        let head = str::from_utf8(&bytes[..at]).expect("a head is text");
        let (line, head) = head.split_once("\r\n").expect("a request line");
        let [method, target, _] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("three words: {line}");
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = head.split("\r\n").map(|line| line.split_once(": ").expect("a header"));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
            body: bytes[at + 4..].to_vec(),
        }
    }

    pub(super) fn letter(&self) -> Letter {
        let headers = Headers::new(&self.headers);
        let Self { method, path, query, body, .. } = self;
        read(&Request { method, path, query, headers, body })
    }

    pub(super) fn header(&mut self, name: &str) -> &mut String {
        let mut found = self.headers.iter_mut().filter(|(key, _)| key == name);
        &mut found.next().expect("the header was recorded").1
    }

    pub(super) fn stamp(&self) -> Timestamp {
        let mut copy = self.clone();
        Timestamp(copy.header("x-ca-timestamp").parse::<i64>().expect("milliseconds") * 1000)
    }
}

/// All that were signed, in every way that the two clients sign.
pub(super) fn signed() -> Vec<(&'static str, Recorded)> {
    let all = recorded![
        "node-get",
        "node-get-chinese",
        "node-form",
        "node-form-chinese",
        "node-json",
        "node-json-chinese",
        "python-get",
        "python-form",
        "python-json",
        "python-sha1-get",
        "python-sha1-form",
        "python-sha1-json",
        "python-legacy-form",
    ];
    all.into_iter().map(|(name, bytes)| (name, Recorded::parse(bytes))).collect()
}

pub(super) fn secret() -> Secret<String> {
    Secret::new(SECRET.to_owned())
}

/// The question, or why there is none.
fn question(letter: &Letter) -> Result<String, Failure> {
    letter.open(&Mine).question.map(|question| question.content().expose().clone())
}

#[test]
fn every_recorded_signature_holds() {
    for (name, recorded) in signed() {
        let (letter, now) = (recorded.letter(), recorded.stamp());
        let Ok(Presented::Signed(SignedRequest { key })) = letter.credential() else {
            panic!("{name} is signed");
        };
        assert_eq!(key, KEY, "{name}");
        let nonce = letter.verify(&secret(), now, false);
        assert!(matches!(&nonce, Ok(Some(nonce)) if nonce.digest.len() == 64), "{name} {nonce:?}");
        assert_eq!(letter.own_key(), Ok(None), "{name}");
    }
}

#[test]
fn every_recorded_question_is_understood() {
    let plain = |app: &str, key: &str| {
        Ok(format!(r#"["finplus.score",{app},"imei:860529038487085",{key:?}]"#))
    };
    let key_is_ascii = Err(refused("reqId must be 1 to 64 printable ASCII characters"));
    let table = [
        ("node-get", plain("null", "a b+c&d=e/%41~*")),
        ("node-get-chinese", key_is_ascii.clone()),
        ("node-form", plain("null", "a b+c&d=e/%41~*'")),
        ("node-form-chinese", Err(refused("extra is not a parameter of this call"))),
        ("node-json", plain(r#""1000002""#, "json a b+c&d")),
        ("node-json-chinese", key_is_ascii.clone()),
        ("python-get", plain("null", "a b+c&d=e/%41~*'")),
        ("python-form", Err(refused("empty is not a parameter of this call"))),
        ("python-json", key_is_ascii.clone()),
        ("python-legacy-form", plain("null", "legacy form")),
    ];
    let recorded = signed();
    for (name, expected) in table {
        let (_, found) = recorded.iter().find(|(known, _)| *known == name).expect("recorded");
        assert_eq!(question(&found.letter()), expected, "{name}");
    }
    let simple = [
        ("node-simple-get", plain("null", "a b+c&d")),
        ("node-simple-form", plain("null", "a b+c&d form")),
        ("node-simple-json", plain("null", "a b+c&d json")),
        ("curl-multipart", plain("null", "a b+c&d=\"e\"")),
        ("curl-multipart-without-boundary", plain("null", "a b+c&d")),
        ("curl-gzip", plain("null", "packed form")),
        ("curl-untyped-json", plain("null", "untyped json")),
        ("curl-bom", plain("null", "with a byte order mark")),
    ];
    let bytes = recorded![
        "node-simple-get",
        "node-simple-form",
        "node-simple-json",
        "curl-multipart",
        "curl-multipart-without-boundary",
        "curl-gzip",
        "curl-untyped-json",
        "curl-bom",
    ];
    for ((name, expected), (_, bytes)) in simple.into_iter().zip(bytes) {
        let letter = Recorded::parse(bytes).letter();
        assert!(matches!(letter.credential(), Ok(Presented::AppCode(_))), "{name}");
        assert_eq!(question(&letter), expected, "{name}");
    }
}
