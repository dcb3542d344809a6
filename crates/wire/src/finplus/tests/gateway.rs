//! The gateway's signature: what it covers, when it holds, and in which order it is checked.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::failure::{CredentialKind, Failure};
use domain::secret::Secret;
use domain::time::{Span, Timestamp};
use proptest::prelude::*;

use super::clients::{Recorded, SECRET, secret, signed};
use super::{FORM, IMEI};
use crate::finplus::signature::aliyun::Nonce;

const NOW: Timestamp = Timestamp(1_795_301_000_000_000);

fn verify(request: &Recorded) -> Result<Option<Nonce>, Failure> {
    request.letter().verify(&secret(), NOW, false)
}

fn wrong() -> Failure {
    Failure::SignatureWrong { shown: None }
}

/// A request of our own, unsigned.
fn request(method: &str, query: &str, headers: &[(&str, &str)], body: &str) -> Recorded {
    let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
    Recorded {
        method: method.to_owned(),
        path: "/finplus/score".to_owned(),
        query: query.to_owned(),
        headers: headers.iter().map(own).chain([own(&("x-ca-key", "200000001"))]).collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// `request` signed over what the server itself says that it signs.
fn sign(mut request: Recorded) -> Recorded {
    request.headers.push(("x-ca-signature".to_owned(), "AAAA".to_owned()));
    let text = string_to_sign(&request);
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    *request.header("x-ca-signature") = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
    request
}

fn string_to_sign(request: &Recorded) -> String {
    match request.letter().verify(&Secret::new("another".to_owned()), NOW, true) {
        Err(Failure::SignatureWrong { shown: Some(text) }) => text.expose().clone(),
        other => panic!("another secret does not fit: {other:?}"),
    }
}

#[test]
fn the_string_to_sign_is_that_of_the_specification() {
    type Row<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str, &'a str);
    let signature = ("x-ca-signature", "AAAA");
    let form = ("content-type", FORM);
    let table: [Row<'_>; 9] = [
        ("", vec![], "", "POST\n\n\n\n\n/finplus/score"),
        ("b=2&a=1&a=0&c", vec![], "", "POST\n\n\n\n\n/finplus/score?a=1&b=2&c"),
        ("A=&a=%E5%BC%A0+%2B%26%3D", vec![], "", "POST\n\n\n\n\n/finplus/score?A&a=张 +&="),
        ("b=2", vec![form], "a=1&b=3", "POST\n\n\nFORM\n\n/finplus/score?a=1&b=2"),
        ("b=2", vec![], "a=1", "POST\n\n\n\n\n/finplus/score?b=2"),
        (
            "",
            vec![("content-type", "application/json")],
            "{\"a\":1}",
            "POST\n\n\napplication/json\n\n/finplus/score",
        ),
        ("a=%zz%4&b=%ff", vec![], "", "POST\n\n\n\n\n/finplus/score?a=%zz%4&b=\u{fffd}"),
        (
            "",
            vec![("accept", "*/*"), ("content-md5", "m"), ("date", "d"), ("x-a", "1")],
            "",
            "POST\n*/*\nm\n\nd\n/finplus/score",
        ),
        (
            "",
            vec![
                ("x-a", "1"),
                ("x-a", "2"),
                ("accept", "*/*"),
                (
                    "x-ca-signature-headers",
                    "X-B, x-A,,Accept,X-Ca-Signature,x-ca-signature-headers,DATE,Content-MD5,\
                     content-type",
                ),
            ],
            "",
            "POST\n*/*\n\n\n\nX-B:\nx-A:1\n/finplus/score",
        ),
    ];
    for (query, mut headers, body, expected) in table {
        headers.push(signature);
        let request = request("POST", query, &headers, body);
        assert_eq!(string_to_sign(&request), expected.replace("FORM", FORM), "{query}");
    }
}

#[test]
fn a_long_list_of_headers_adds_no_more_than_64() {
    let list = "x-a,".repeat(4096);
    let value = "v".repeat(1000);
    let headers =
        [("x-ca-signature", "AAAA"), ("x-a", value.as_str()), ("x-ca-signature-headers", &list)];
    assert!(string_to_sign(&request("GET", "", &headers, "")).len() < 65 * 1024);
}

#[test]
fn the_string_to_sign_is_shown_to_the_sandbox_alone() {
    let (_, request) = signed().swap_remove(0);
    let letter = request.letter();
    let other = Secret::new("another".to_owned());
    assert_eq!(letter.verify(&other, request.stamp(), false), Err(wrong()));
    let shown = letter.verify(&other, request.stamp(), true).expect_err("it is another secret");
    let Failure::SignatureWrong { shown: Some(text) } = &shown else {
        panic!("nothing is shown: {shown:?}");
    };
    assert!(text.expose().contains(IMEI));
    assert!(!format!("{shown:?} {letter:?}").contains(IMEI));
}

#[test]
fn a_credential_needs_both_a_signature_and_a_key() {
    type Row<'a> = (&'a [(&'a str, &'a str)], Result<&'a str, Failure>);
    let missing = Err(Failure::CredentialMissing);
    let unknown = Err(Failure::CredentialUnknown(CredentialKind::AppKey));
    let table: [Row<'_>; 8] = [
        (&[], missing.clone()),
        (&[("x-ca-stage", "TEST"), ("x-ca-nonce", "1")], missing.clone()),
        (&[("x-ca-key", "k")], missing.clone()),
        (&[("x-ca-key", "k"), ("x-ca-signature", " ")], missing),
        (&[("x-ca-signature", "s")], unknown),
        (&[("x-ca-key", "k"), ("x-ca-signature", "s")], Ok("AppKey k")),
        (
            &[("authorization", "Bearer t"), ("x-ca-key", "k"), ("x-ca-signature", "s")],
            Ok("AppKey k"),
        ),
        // Generated clients add a nonce and a stage to a plain APPCODE call.
        (
            &[("authorization", "APPCODE c"), ("x-ca-key", "k"), ("x-ca-nonce", "1")],
            Ok("AppCode c"),
        ),
    ];
    for (headers, expected) in table {
        let presented =
            super::letter("", headers, b"").credential().map(|presented| match presented {
                super::super::Presented::AppCode(code) => format!("AppCode {}", code.expose()),
                super::super::Presented::Signed(signed) => format!("AppKey {}", signed.key),
            });
        assert_eq!(presented, expected.map(str::to_owned), "{headers:?}");
    }
    let unsigned = super::letter("", &[("authorization", "APPCODE c")], b"");
    assert_eq!(unsigned.verify(&secret(), NOW, false), Err(Failure::CredentialMissing));
}

#[test]
fn the_time_of_signing_holds_just_before_at_and_just_after() {
    let (window, us) = (Span::minutes(15), Span::micros(1));
    let (_, request) = signed().swap_remove(0);
    let (letter, stamp) = (request.letter(), request.stamp());
    let late = stamp + window;
    let table = [
        (stamp, Ok(late)),
        (late - us, Ok(late - us + window)),
        (late, Ok(late + window)),
        (late + us, Err(Failure::TimestampExpired)),
        // From a clock that runs ahead: remembered until its own stamp is over.
        (stamp - window, Ok(late)),
        (stamp - window - us, Err(Failure::TimestampExpired)),
    ];
    for (now, expected) in table {
        let until = letter.verify(&secret(), now, false).map(|nonce| nonce.expect("a nonce").until);
        assert_eq!(until, expected, "{now}");
    }
}

#[test]
fn stamps_and_nonces_are_optional_and_ill_formed_ones_refused() {
    let invalid = Err(Failure::TimestampInvalid);
    let table = [
        (vec![], Ok(None)),
        (vec![("x-ca-timestamp", "1795301000000")], Ok(None)),
        (vec![("x-ca-nonce", "n")], Ok(Some(NOW + Span::minutes(15)))),
        (vec![("x-ca-timestamp", "1795301000")], Err(Failure::TimestampExpired)),
        (vec![("x-ca-timestamp", "0")], Err(Failure::TimestampExpired)),
        (vec![("x-ca-timestamp", "now")], invalid.clone()),
        (vec![("x-ca-timestamp", "-1")], invalid.clone()),
        (vec![("x-ca-timestamp", "9223372036854775807")], invalid.clone()),
        (vec![("x-ca-timestamp", "99999999999999999999")], invalid),
    ];
    for (headers, expected) in table {
        let outcome = verify(&sign(request("GET", "", &headers, "")));
        assert_eq!(outcome.map(|nonce| nonce.map(|nonce| nonce.until)), expected, "{headers:?}");
    }
    let digest = |nonce| verify(&sign(request("GET", "", &[("x-ca-nonce", nonce)], "")));
    assert_eq!(digest("a"), digest("a"));
    assert_ne!(digest("a"), digest("b"));
}

#[test]
fn the_method_and_the_encoding_of_a_signature_are_exact() {
    let good = sign(request("GET", "", &[("x-ca-signature-method", "HmacSHA256")], ""));
    assert_eq!(verify(&good), Ok(None));
    for method in ["HmacSHA1", "hmacsha256", "none"] {
        let mut other = good.clone();
        *other.header("x-ca-signature-method") = method.to_owned();
        assert_eq!(verify(&other), Err(wrong()), "{method}");
    }
    let signature = good.clone().header("x-ca-signature").clone();
    let hexadecimal = hex::encode(STANDARD.decode(&signature).expect("Base64"));
    for text in [signature.trim_end_matches('='), &signature[1..], &hexadecimal, "=", "张"] {
        let mut other = good.clone();
        *other.header("x-ca-signature") = text.to_owned();
        assert_eq!(verify(&other), Err(wrong()), "{text}");
    }
}

/// Each row repairs what the row before was refused for.
#[test]
fn the_checks_run_in_order() {
    let (_, recorded) = signed().into_iter().find(|(name, _)| *name == "node-json").expect("it is");
    let mut request = recorded.clone();
    request.body[2] ^= 1;
    let wrong_secret = Secret::new("another".to_owned());
    let late = request.stamp() + Span::hours(1);
    assert_eq!(request.letter().verify(&wrong_secret, late, false), Err(wrong()));
    let expired = request.letter().verify(&secret(), late, false);
    assert_eq!(expired, Err(Failure::TimestampExpired));
    let now = request.stamp();
    assert_eq!(request.letter().verify(&secret(), now, false), Err(Failure::ContentMd5Wrong));
    assert!(recorded.letter().verify(&secret(), now, false).is_ok());
}

#[test]
fn any_change_to_a_recorded_request_is_found() {
    for (name, recorded) in signed() {
        let now = recorded.stamp();
        let refused = |change: &dyn Fn(&mut Recorded)| {
            let mut changed = recorded.clone();
            change(&mut changed);
            let outcome = changed.letter().verify(&secret(), now, false);
            outcome.expect_err(name)
        };
        let is_json = name.contains("json");
        assert_eq!(refused(&|request| request.method = "PUT".to_owned()), wrong());
        assert_eq!(refused(&|request| request.path.push('/')), wrong());
        assert_eq!(refused(&|request| request.query.push_str("&x=1")), wrong());
        let list = recorded.clone().header("x-ca-signature-headers").clone();
        for header in list.split(',').map(str::to_lowercase).chain(["accept".to_owned()]) {
            if recorded.headers.iter().any(|(name, _)| *name == header) {
                let change = |request: &mut Recorded| request.header(&header).push('0');
                assert_eq!(refused(&change), wrong(), "{name} {header}");
            }
        }
        if !recorded.body.is_empty() {
            let expected = if is_json { Failure::ContentMd5Wrong } else { wrong() };
            let at = recorded.body.len() / 2;
            assert_eq!(refused(&|request| request.body[at] = b'#'), expected, "{name}");
        }
    }
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("[a-z张 +&=%]{1,4}", any::<String>()), 1..6)
}

fn encode(pairs: &[(String, String)]) -> String {
    let escape =
        |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    let piece = |(name, value): &(String, String)| format!("{}={}", escape(name), escape(value));
    pairs.iter().map(piece).collect::<Vec<_>>().join("&")
}

proptest! {
    #[test]
    fn what_is_signed_verifies_in_any_order_and_no_change_does(
        query in pairs(),
        form in pairs(),
        place in any::<prop::sample::Index>(),
        addition in "[a-z]",
    ) {
        let headers = [("content-type", FORM), ("x-ca-signature-headers", "X-Ca-Key")];
        let good = sign(request("POST", &encode(&query), &headers, &encode(&form)));
        prop_assert_eq!(verify(&good), Ok(None));

        let mut names: Vec<_> = query.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        if names.windows(2).all(|pair| pair[0] != pair[1]) {
            let mut turned = good.clone();
            let reversed: Vec<_> = query.iter().rev().cloned().collect();
            turned.query = encode(&reversed);
            prop_assert_eq!(verify(&turned), Ok(None));
        }
        // The first value of a name is signed, so a change to a later one is not seen here; it is
        // refused as a contradiction.
        let mut changed = query.clone();
        let place = place.index(query.len());
        changed[place].1.push_str(&addition);
        let is_first = query[..place].iter().all(|(name, _)| *name != query[place].0);
        let mut other = good.clone();
        other.query = encode(&changed);
        prop_assert_eq!(verify(&other), if is_first { Err(wrong()) } else { Ok(None) });
    }
}
