//! Each code, each refusal, each kind of tag, and the headers.

use domain::call::Answer;
use domain::failure::{CredentialKind, Failure};
use domain::ids::CallKey;
use domain::merchant::TagKey;
use domain::score::{ScoreOutcome, Tag, TagValue};
use domain::secret::Private;
use proptest::prelude::*;
use serde_json::Value;

use super::{biz, refused};
use crate::finplus::codes::{How, of};
use crate::finplus::{answer, refuse};

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The specification's table, section Answer.
const MESSAGES: [(i32, &str); 10] = [
    (0, "OK"),
    (1, "cplus.error"),
    (10, "cplus.invalid_parameters"),
    (18, "cplus.verification_failed"),
    (19, "cplus.insufficient_quota"),
    (22, "cplus.invalid_id_type"),
    (105, "credit.invalid_id_type"),
    (108, "credit.id_unconverted"),
    (109, "credit.empty_content"),
    (128, "credit.test_limit"),
];

fn assert_business(answer: &Answer, code: i32) {
    let (_, message) = MESSAGES.into_iter().find(|row| row.0 == code).expect("a code of the table");
    let body: Value = serde_json::from_slice(&answer.body).expect("a body is JSON");
    assert_eq!(answer.status, if code == 0 { 200 } else { 520 });
    assert_eq!(body["code"], code);
    assert_eq!(body["message"], message);
    assert_eq!(body["success"], code == 0);
    assert_eq!(body["response"]["biz_id"], "11111111-1111-1111-1111-111111111111");
    assert_eq!(body["response"]["req_id"], "r");
    assert_eq!(body["response"]["tags"].is_null(), code != 0);
    assert_eq!(header(answer, "content-type"), Some("application/json"));
    assert_eq!(header(answer, "x-biz-code"), Some(code.to_string().as_str()));
    assert_eq!(header(answer, "x-ca-error-message"), Some(message).filter(|_| code != 0));
    assert_eq!(header(answer, "x-error-detail").is_some(), code == 10);
}

#[test]
fn each_code_has_its_message_status_and_success() {
    let key = CallKey::parse("r").expect("a key");
    let outcomes = [
        (ScoreOutcome::Scored { tags: vec![] }, 0),
        (ScoreOutcome::Unconverted, 108),
        (ScoreOutcome::EmptyContent, 109),
    ];
    for (outcome, code) in outcomes {
        assert_eq!(outcome.code(), code);
        assert_business(&answer(&outcome, biz(), &key, TagKey::Name), code);
    }
    let refusals = [
        (refused("reqId is missing"), 10),
        (Failure::KeyReused, 10),
        (Failure::AnswerGone, 10),
        (Failure::VerificationFailed, 18),
        (Failure::DailyQuotaReached, 19),
        (Failure::IdTypeUnknown, 22),
        (Failure::IdTypeMissing, 105),
        (Failure::TestLimitReached, 128),
        (Failure::Internal, 1),
    ];
    for (failure, code) in refusals {
        assert_business(&refuse(&failure, Some("r"), biz()), code);
    }
}

#[test]
fn the_gateway_refuses_without_a_body() {
    let table = [
        (Failure::CredentialMissing, 404, "Empty Signature"),
        (Failure::CredentialUnknown(CredentialKind::AppCode), 400, "Invalid AppCode `not exists`"),
        (Failure::CredentialUnknown(CredentialKind::AppKey), 400, "Invalid AppKey"),
        (Failure::SignatureWrong { shown: None }, 400, "Invalid Signature"),
        (Failure::TimestampExpired, 400, "Timestamp Expired"),
        (Failure::TimestampInvalid, 400, "Invalid Timestamp"),
        (Failure::NonceUsed, 400, "Nonce Used"),
        (Failure::ContentMd5Wrong, 400, "Invalid Content-MD5"),
        (Failure::CredentialUnknown(CredentialKind::Password), 403, "Unauthorized"),
        (Failure::CredentialUnknown(CredentialKind::RsaPublicKey), 403, "Unauthorized"),
        (Failure::NotEntitled, 403, "Unauthorized"),
        (Failure::RateExceeded, 403, "Throttled by APP Flow Control"),
        (Failure::PackageExhausted, 403, "Quota Exhausted"),
        (Failure::Overloaded, 503, "Service Unavailable"),
    ];
    for (failure, status, message) in table {
        assert_eq!(of(&failure), How::Gateway { status, message });
        let answer = refuse(&failure, Some("r"), biz());
        assert_eq!((answer.status, answer.body.as_slice()), (status, &b""[..]));
        assert_eq!(header(&answer, "x-ca-error-message"), Some(message));
        assert_eq!(header(&answer, "x-biz-code"), None);
        assert_eq!(header(&answer, "retry-after"), Some("1").filter(|_| status == 503));
    }
}

#[test]
fn the_string_to_sign_is_shown_between_backquotes_and_safe_in_a_header() {
    let expected = |shown: &str| format!("Invalid Signature, Server StringToSign:`{shown}`");
    let table = [
        ("GET\n\n\n/p?a=1".to_owned(), expected("GET###/p?a=1")),
        ("a=张\r`".to_owned(), expected(r"a=\u{5f20}\u{d}`")),
        ("a".repeat(4097), expected(&"a".repeat(4096))),
    ];
    for (shown, expected) in table {
        let failure = Failure::SignatureWrong { shown: Some(Private::new(shown)) };
        let answer = refuse(&failure, None, biz());
        assert_eq!((answer.status, answer.body.len()), (400, 0));
        assert_eq!(header(&answer, "x-ca-error-message"), Some(expected.as_str()));
    }
}

#[test]
fn tags_are_printed_by_their_kind() {
    let table = [
        (TagValue::Points(697), "697"),
        (TagValue::TenThousandths(0), "0.0000"),
        (TagValue::TenThousandths(7), "0.0007"),
        (TagValue::TenThousandths(4727), "0.4727"),
        (TagValue::TenThousandths(5000), "0.5000"),
        (TagValue::TenThousandths(10_000), "1.0000"),
        (TagValue::Number(3.0), "3"),
        (TagValue::Number(-0.0), "0"),
        (TagValue::Number(-2.5), "-2.5"),
        (TagValue::Number(0.1 + 0.2), "0.30000000000000004"),
        (TagValue::Number(1e300), "1e+300"),
        (TagValue::Number(f64::NAN), "null"),
        (TagValue::Number(f64::INFINITY), "null"),
        (TagValue::Text("a\"\n张".into()), "\"a\\\"\\n张\""),
        (TagValue::Null, "null"),
    ];
    let key = CallKey::parse("r").expect("a key");
    for (value, expected) in table {
        let tag = Tag { name: "t".into(), id: "17".into(), value };
        let outcome = ScoreOutcome::Scored { tags: vec![tag] };
        for (tag_key, name) in [(TagKey::Name, "t"), (TagKey::Id, "17")] {
            let body = answer(&outcome, biz(), &key, tag_key).body;
            let body = String::from_utf8(body).expect("a body is UTF-8");
            assert!(body.contains(&format!(r#""tags":{{"{name}":{expected}}}"#)), "{body}");
            assert!(serde_json::from_str::<Value>(&body).is_ok(), "{body}");
        }
    }
}

#[test]
fn the_detail_is_safe_in_a_header_and_bounded() {
    let cases = [
        ("reqId is missing".to_owned(), "reqId is missing".to_owned()),
        ("张\r\nx: y".to_owned(), r"\u{5f20}\u{d}\u{a}x: y".to_owned()),
        ("a".repeat(256), "a".repeat(256)),
        ("a".repeat(257), "a".repeat(256)),
        ("张".repeat(99), r"\u{5f20}".repeat(32)),
        (format!("{}张", "a".repeat(250)), "a".repeat(250)),
    ];
    for (reason, expected) in cases {
        let answer = refuse(&refused(&reason), None, biz());
        assert_eq!(header(&answer, "x-error-detail"), Some(expected.as_str()));
    }
}

proptest! {
    #[test]
    fn any_key_and_reason_make_a_well_formed_answer(
        echo in any::<Option<String>>(),
        reason in any::<String>(),
    ) {
        let answer = refuse(&refused(&reason), echo.as_deref(), biz());
        let body: Value = serde_json::from_slice(&answer.body).expect("a body is JSON");
        prop_assert_eq!(body["response"]["req_id"].as_str(), echo.as_deref());
        for (name, value) in &answer.headers {
            prop_assert!(value.bytes().all(|byte| (0x20..=0x7e).contains(&byte)), "{}", name);
            prop_assert!(value.len() <= 256);
        }
    }
}
