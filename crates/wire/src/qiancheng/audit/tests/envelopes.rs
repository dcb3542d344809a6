//! Applications as public tools encrypt them, and all the ways in which that goes wrong.

use std::sync::LazyLock;

use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PrivateDecryptingKey};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as URL, Engine as _};
use domain::entropy::Entropy;
use domain::keys::{AuditKey, Wrapped};
use domain::secret::Secret;

use super::super::seal::{SealingKey, pack};
use super::super::*;
use super::FULL;
use crate::qiancheng::refuse;

macro_rules! vector {
    ($name:literal) => {
        include_str!(concat!("../../../../fixtures/qiancheng/audit/", $name))
    };
}

const VECTORS: [&str; 5] = [
    vector!("openssl-blocks.txt"),
    vector!("openssl-blocks-gzip.txt"),
    vector!("jwcrypto.txt"),
    vector!("joserfc.txt"),
    vector!("jose.txt"),
];

/// The fixtures' key as version 1, and two newer ones.
static KEYS: LazyLock<Vec<(u32, AuditKey)>> = LazyLock::new(|| {
    let open = |pkcs8: &Secret<Vec<u8>>| AuditKey::open(pkcs8).expect("a key");
    let newer = [3, 2].map(|version| (version, open(&AuditKey::generate())));
    newer.into_iter().chain([(1, open(&material()))]).collect()
});

fn material() -> Secret<Vec<u8>> {
    let text: String = vector!("synthetic_key.pkcs8.b64").split_whitespace().collect();
    Secret::new(BASE64_STANDARD.decode(text).expect("Base64"))
}

/// Some of them.
struct Keys(&'static [(u32, AuditKey)]);

impl Decrypt for Keys {
    fn versions(&self) -> Vec<u32> {
        self.0.iter().map(|(version, _)| *version).collect()
    }

    fn blocks(&self, version: u32, cipher: &[u8]) -> Secret<Vec<u8>> {
        let key = self.0.iter().find(|(known, _)| *known == version);
        key.expect("a version that it named").1.open_blocks(cipher)
    }

    fn wrapped(&self, version: u32, wrapped: Wrapped<'_>) -> Option<Secret<Vec<u8>>> {
        let key = self.0.iter().find(|(known, _)| *known == version);
        key.expect("a version that it named").1.open_wrapped(wrapped)
    }
}

fn opened(data: &str) -> Result<Application, Unread> {
    open(data, true, &Keys(&KEYS[2..]))
}

/// `text` in blocks under the fixtures' key.
fn blocks(text: &[u8]) -> Vec<u8> {
    let key = PrivateDecryptingKey::from_pkcs8(material().expose()).expect("a key");
    let key = Pkcs1PublicEncryptingKey::new(key.public_key()).expect("an RSA key");
    let block = |text: &[u8]| {
        let mut cipher = [0; AuditKey::BLOCK_LENGTH];
        key.encrypt(text, &mut cipher).expect("it fits");
        cipher
    };
    text.chunks(AuditKey::BLOCK_TEXT_LENGTH).flat_map(block).collect()
}

#[test]
fn what_public_libraries_encrypt_is_read_and_so_it_is_after_rotations() {
    let expected = read(FULL.as_bytes()).expect("an application");
    for (place, vector) in VECTORS.iter().enumerate() {
        assert!(opened(vector).expect("opens") == expected, "{place}");
        let rotated = open(vector, true, &Keys(&KEYS)).expect("an old key still opens it");
        assert!(rotated == expected, "{place} after two rotations");
        assert_eq!(open(vector, true, &Keys(&KEYS[..2])).err(), Some(Unread::Syntax), "{place}");
    }
}

#[test]
fn what_the_sandbox_seals_opens() {
    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }
    let expected = read(FULL.as_bytes()).expect("an application");
    let key = SealingKey::from_pem(KEYS[2].1.public_pem()).expect("a key");
    for text in [FULL.as_bytes(), &pack(FULL.as_bytes())] {
        for data in [key.blocks(text), key.jwe(text, Some(1), &Fixed), key.jwe(text, None, &Fixed)]
        {
            assert!(opened(&data).expect("opens") == expected);
        }
    }
    assert!(SealingKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA").is_none());
}

#[test]
fn base64_is_read_as_old_clients_write_it() {
    let usual = VECTORS[0].trim();
    let ways = [
        usual.replace('+', " "),
        usual.replace('+', "-").replace('/', "_"),
        usual.trim_end_matches('=').to_owned(),
        format!(" {}\r\n{}\n", &usual[..77], &usual[77..]),
    ];
    for (place, way) in ways.iter().enumerate() {
        assert!(opened(way).is_ok(), "{place}");
    }
}

#[test]
fn whatever_is_wrong_inside_is_one_refusal_in_the_same_bytes() {
    let text = FULL.as_bytes();
    let base64 = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
    let cipher = blocks(text);
    let bent = |at: usize| {
        let mut bent = cipher.clone();
        bent[at] ^= 1;
        base64(&bent)
    };
    let mut packed = b"\x1f\x8b\x08".to_vec();
    packed.extend_from_slice(text);
    let mut wrong = vec![
        base64(&cipher[..cipher.len() - 1]),
        base64(&cipher[..cipher.len() - AuditKey::BLOCK_LENGTH]),
        base64(&cipher[AuditKey::BLOCK_LENGTH..]),
        base64(&blocks(&text[..text.len() - 2])),
        base64(&blocks(b" ")),
        base64(&blocks(b"\xff\xfe{}")),
        base64(&blocks(&packed)),
        base64(&[0; AuditKey::BLOCK_LENGTH]),
        base64(&[0xff; AuditKey::BLOCK_LENGTH]),
        "*".to_owned(),
        "====".to_owned(),
    ];
    wrong.extend((0..cipher.len()).step_by(311).map(bent));
    wrong.extend(broken_jwes());
    let bytes = |unread: Unread| refuse(&unread.into()).body;
    let expected = bytes(Unread::Syntax);
    for (place, data) in wrong.iter().enumerate() {
        let unread = opened(data).err();
        assert_eq!(unread.map(bytes).as_ref(), Some(&expected), "{place}");
    }
}

/// The JWE of jose, with something wrong in each of its parts.
fn broken_jwes() -> Vec<String> {
    let parts: Vec<&str> = VECTORS[4].trim().split('.').collect();
    let with = |place: usize, part: &str| {
        let mut parts = parts.clone();
        parts[place] = part;
        parts.join(".")
    };
    let head = |header: &str| with(0, &URL.encode(header));
    let mut wrong = vec![
        head(r#"{"alg":"RSA1_5","enc":"A256GCM"}"#),
        head(r#"{"alg":"RSA-OAEP-256","enc":"A128CBC-HS256"}"#),
        head(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","zip":"DEF"}"#),
        head(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","crit":["exp"],"exp":1}"#),
        head(r#"{"alg":"RSA-OAEP-256","alg":"RSA-OAEP-256","enc":"A256GCM","kid":"1"}"#),
        head(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"7"}"#),
        head(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":1}"#),
        // Right in itself, but not what was protected.
        head(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#),
        head("{}"),
        with(1, ""),
        with(1, &URL.encode(blocks(&[7; 32]))),
        with(2, &URL.encode([0; 8])),
        with(4, &URL.encode([0; 16])),
        with(4, &URL.encode([0; 12])),
        parts[..4].join("."),
        format!("{}.", VECTORS[4].trim()),
        "....".to_owned(),
    ];
    for (place, part) in parts.iter().enumerate().take(5) {
        let mut bytes = URL.decode(part).expect("Base64");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        wrong.push(with(place, &URL.encode(bytes)));
        wrong.push(with(place, &format!("{part}=")));
    }
    wrong
}

#[test]
fn what_shows_from_outside_is_told() {
    let told = |fault| Some(Unread::Field { path: DATA.to_owned(), fault });
    let keys = Keys(&KEYS[2..]);
    assert_eq!(open(VECTORS[0], false, &keys).err(), told(Fault::Envelope));
    assert!(open(VECTORS[2], false, &keys).is_ok(), "a JWE is for everybody");
    assert_eq!(opened(" ").err(), told(Fault::MISSING));
    let long = vec![1; (AuditKey::BLOCKS_MAX + 1) * AuditKey::BLOCK_LENGTH];
    assert_eq!(opened(&BASE64_STANDARD.encode(long)).err(), told(Fault::TooLong));
    let field = FULL.replace("\"loan_term\": 14", "\"loan_term\": 0");
    let unread = opened(&BASE64_STANDARD.encode(blocks(field.as_bytes()))).err();
    let path = "data.order_detail.loan_term".to_owned();
    assert_eq!(unread, Some(Unread::Field { path, fault: Fault::Range }));
}
