//! Finplus' own signature: codes 10 and 18 of document 000, section 5.1.

use aws_lc_rs::hmac;
use domain::failure::Failure;
use domain::secret::Secret;
use domain::time::{Span, Timestamp};
use proptest::prelude::*;

use super::{FORM, IMEI, JSON, Mine, letter, refused};

const NOW: Timestamp = Timestamp(1_795_301_000_000_000);
const SECRET: &str = "synthetic-secret-of-no-one";

fn mac(text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    hex::encode(hmac::sign(&key, text.as_bytes()))
}

/// What the checks before the question say to `query` or, with a type, to `body`.
fn outcome(query: &str, content_type: &str, body: &str) -> Result<Option<String>, Failure> {
    let headers = [("content-type", content_type)];
    let letter = letter(query, &headers, body.as_bytes());
    let key = letter.own_key()?.map(str::to_owned);
    letter.verify_own(&Secret::new(SECRET.to_owned()), NOW)?;
    Ok(key)
}

fn signed(text: &str) -> String {
    format!("{text}&sign={}", mac(text))
}

const ASCENDING: &str =
    "appKey=k&idType=imei&idValue=860529038487085&reqId=a+b&timestamp=1795301000";
const DESCENDING: &str =
    "timestamp=1795301000&reqId=a%20b&idValue=860529038487085&idType=imei&appKey=k";

#[test]
fn a_text_is_signed_exactly_as_it_was_sent() {
    let passed = Ok(Some("k".to_owned()));
    for text in [
        ASCENDING,
        DESCENDING,
        &ASCENDING.replace('+', "%20"),
        &ASCENDING.replace("reqId", "req%49d"),
    ] {
        let all = signed(text);
        assert_eq!(outcome(&all, "", ""), passed, "{text}");
        assert_eq!(outcome("", FORM, &all), passed, "{text}");
        assert_eq!(outcome("", "multipart/form-data", &all), passed, "{text}");
        let first = format!("sign={}&{text}", mac(text));
        assert_eq!(outcome(&first, "", ""), passed, "{text}");
        let middle = all.replacen("&idType", &format!("&sign={}&idType", mac(text)), 1);
        let (middle, _) = middle.rsplit_once('&').expect("the last is the sign");
        assert_eq!(outcome(middle, "", ""), passed, "{middle}");
    }
    let question = letter(&signed(ASCENDING), &[], b"").open(&Mine).question.expect("a question");
    assert_eq!(
        question.content().expose(),
        &format!(r#"["finplus.score",null,"imei:{IMEI}","a b"]"#)
    );
}

#[test]
fn json_and_multipart_are_signed_encoded_and_ascending() {
    let passed = Ok(Some("k".to_owned()));
    let text = "appId=&appKey=k&idValue=%E5%BC%A0%20%2B~&reqId=a%2Fb&timestamp=1795301000000";
    let sign = mac(text);
    let body = format!(
        r#"{{"timestamp":1795301000000,"sign":"{sign}","reqId":"a/b","idValue":"张 +~",
            "appKey":"k","appId":null}}"#
    );
    assert_eq!(outcome("", JSON, &body), passed);
    let fields = [
        ("timestamp", "1795301000000"),
        ("reqId", "a/b"),
        ("idValue", "张 +~"),
        ("appKey", "k"),
        ("appId", ""),
        ("sign", &sign),
    ];
    let part = |(name, value): &(&str, &str)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = fields.iter().map(part).collect::<String>() + "--b--\r\n";
    assert_eq!(outcome("", "multipart/form-data; boundary=b", &body), passed);
}

#[test]
fn a_letter_without_it_passes_and_half_of_one_is_code_10() {
    let table = [
        ("", Ok(None)),
        ("idType=imei&b=1&a=1", Ok(None)),
        ("sign=&appKey=&timestamp=", Ok(None)),
        ("sign=00", Err(refused("appKey is missing"))),
        ("sign=00&appKey=k", Err(refused("timestamp is missing"))),
        ("timestamp=1", Err(refused("appKey is missing"))),
        ("appKey=k&timestamp=1", Err(refused("sign is missing"))),
        ("appKey=k&timestamp=1&sign=", Err(refused("sign is missing"))),
        (
            "appKey=k&appKey=l&sign=00&timestamp=1",
            Err(refused("appKey is given more than once, with different values")),
        ),
        (
            "appKey=k&a=%zz&sign=00&timestamp=1",
            Err(refused("the value of a is not percent-encoded UTF-8")),
        ),
        (
            "appKey=k&timestamp=1&idType=imei&sign=00",
            Err(refused("with sign, the parameters must be in dictionary order of their names")),
        ),
        ("appKey=k&sign=00&timestamp=1", Err(Failure::VerificationFailed)),
    ];
    for (query, expected) in table {
        assert_eq!(outcome(query, "", ""), expected, "{query}");
    }
    let apart = Err(refused("with sign, all parameters must be in one place: query, form or JSON"));
    assert_eq!(outcome("idType=imei", FORM, &signed("appKey=k&timestamp=1795301000")), apart);
    assert_eq!(outcome(&signed(ASCENDING), JSON, r#"{"idType":"imei"}"#), apart);
}

#[test]
fn a_wrong_signature_or_time_is_code_18() {
    let good = signed(ASCENDING);
    let upper = format!("{ASCENDING}&sign={}", mac(ASCENDING).to_uppercase());
    let short = &good[..good.len() - 2];
    let other_text = good.replace("a+b", "a%20b");
    for query in [upper.as_str(), short, &other_text, &good.replace("sign=", "sign=x")] {
        assert_eq!(outcome(query, "", ""), Err(Failure::VerificationFailed), "{query}");
    }
    let passed = Ok(Some("k".to_owned()));
    let table = [
        ("1795301000", true),
        ("1795301000000", true),
        ("1795300100", true),
        ("1795301900000", true),
        ("1795300099", false),
        ("1795301900001", false),
        ("1795301000000000", false),
        ("0", false),
        ("-1795301000", false),
        ("1795301000.0", false),
        ("999999999999999999999", false),
    ];
    for (stamp, holds) in table {
        let text = ASCENDING.replace("1795301000", stamp);
        let expected = if holds { passed.clone() } else { Err(Failure::VerificationFailed) };
        assert_eq!(outcome(&signed(&text), "", ""), expected, "{stamp}");
    }
    let letter = letter(&good, &[], b"");
    let late = NOW + Span::minutes(15) + Span::micros(1);
    let failure = Err(Failure::VerificationFailed);
    assert_eq!(letter.verify_own(&Secret::new(SECRET.to_owned()), late), failure);
    assert_eq!(letter.verify_own(&Secret::new("another".to_owned()), NOW), failure);
}

#[test]
fn the_key_of_the_call_is_echoed_whatever_the_signature_says() {
    let letter = letter("reqId=r-1&sign=00&appKey=k&timestamp=1", &[], b"");
    assert_eq!(letter.echo().as_deref(), Some("r-1"));
    assert!(letter.own_key().is_err());
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_no_change_does(
        values in prop::collection::btree_map("[a-z]{1,6}", "[a-z0-9%41]{0,8}", 0..6),
        place in any::<prop::sample::Index>(),
        descending in any::<bool>(),
    ) {
        let escape = |text: &str| text.replace('%', "%25");
        let mut pieces: Vec<_> =
            values.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        pieces.extend(["appKey=k".to_owned(), "timestamp=1795301000".to_owned()]);
        pieces.sort_by(|a, b| a.split('=').next().cmp(&b.split('=').next()));
        if descending {
            pieces.reverse();
        }
        prop_assume!(!values.contains_key("sign") && !values.contains_key("timestamp"));
        let text = pieces.join("&");
        prop_assert_eq!(outcome(&signed(&text), "", ""), Ok(Some("k".to_owned())));
        let mut changed = text.clone().into_bytes();
        let place = place.index(changed.len());
        changed[place] = if changed[place] == b'z' { b'y' } else { b'z' };
        let changed = String::from_utf8(changed).expect("it is ASCII");
        let query = format!("{changed}&sign={}", mac(&text));
        prop_assert!(outcome(&query, "", "").is_err());
    }
}
