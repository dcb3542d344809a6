//! What the reader reads, what it refuses, and that nothing makes it panic.

use proptest::prelude::*;

use super::pairs::shown;
use super::*;
use crate::request::Headers;

fn read(query: &str, content_type: Option<&str>, body: &[u8]) -> Pairs {
    let headers: Vec<_> = content_type
        .map(|value| ("content-type".to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    let headers = Headers::new(&headers);
    Pairs::read(&Request { method: "POST", path: "/", query, headers, body })
}

fn entries(pairs: &Pairs) -> Vec<(&str, &str)> {
    pairs.entries.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect()
}

mod kinds;
mod nested;
mod numbers;
mod packed;

const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=UTF-8");
const JSON: Option<&str> = Some("Application/JSON;charset=utf-8");

#[test]
fn every_way_of_sending_is_read() {
    type Row = (&'static str, Option<&'static str>, &'static str, &'static str);
    let table: [Row; 14] = [
        ("", None, "", ""),
        ("a=1&&b=2&", None, "", "a:1 b:2"),
        ("a=x+y%20z&b=%2B%26%3d", None, "", "a:x y z b:+&="),
        ("a&b=&c==1", None, "", "a: b: c:=1"),
        ("a=%E5%BC%A0", FORM, "b=张", "a:张 b:张"),
        ("a=1", FORM, "\u{feff}a=2", "a:1 a:2"),
        ("", None, "a=1", "a:1"),
        ("", None, " \n{\"a\":\"1\"}", "a:1"),
        ("", Some(""), "\u{feff}{\"a\":\"1\"}", "a:1"),
        ("q=0", JSON, r#"{"a":12,"b":-3,"c":null}"#, "q:0 a:12 b:-3 c:"),
        ("", JSON, r#"{"a":"\u5f20+%20"}"#, "a:张+%20"),
        ("", JSON, r#"{"a":1.50,"b":18446744073709551616}"#, "a:1.50 b:18446744073709551616"),
        ("", JSON, r#"{"\ud83d\ude00":"\u00e9\uD800\uDC00\/\"\t"}"#, "😀:é\u{10000}/\"\t"),
        ("a.b=1&a[0].b=2&a[]=3", None, "", "a.b:1 a[0].b:2 a[]:3"),
    ];
    for (query, content_type, body, expected) in table {
        let pairs = read(query, content_type, body.as_bytes());
        assert_eq!(pairs.sound(), Ok(()), "{query} {body}");
        let shown: Vec<_> = entries(&pairs).iter().map(|(k, v)| format!("{k}:{v}")).collect();
        assert_eq!(shown.join(" "), expected, "{query} {body}");
    }
}

#[test]
fn what_is_not_percent_encoded_utf_8_is_refused_with_its_name() {
    let table: [(&[u8], &str); 6] = [
        (b"a=%4", "value of a"),
        (b"a=%zz", "value of a"),
        (b"a=%ff", "value of a"),
        (b"a=\xc3\x28", "value of a"),
        (b"b=1&%ff=1", "name of parameter number 2"),
        (b"860529038487085=%", "value of parameter number 1"),
    ];
    for (text, named) in table {
        let reason = format!("the {named} is not percent-encoded UTF-8");
        assert_eq!(read("", FORM, text).sound(), Err(parameter(reason.as_str())));
        if let Ok(query) = std::str::from_utf8(text) {
            assert_eq!(read(query, None, b"").sound(), Err(parameter(reason)));
        }
    }
}

#[test]
fn json_that_is_not_an_object_of_plain_values_is_refused_without_its_values() {
    let table: [(&[u8], &str); 14] = [
        (b"[]", "the body is not a JSON object (at byte 0)"),
        (b"\"860529038487085\"", "the body is not a JSON object (at byte 0)"),
        (b"{\"a\":\"1\"} x", "the body is not a JSON object (at byte 10)"),
        (b"{\"a\":\"\xff\"}", "the body is not a JSON object (at byte 6)"),
        (br#"{"a":"\ud83d"}"#, "the body is not a JSON object (at byte 12)"),
        (br#"{"a":"\ude00"}"#, "the body is not a JSON object (at byte 12)"),
        (br#"{"a":"\ud83d\u0041"}"#, "the body is not a JSON object (at byte 18)"),
        (b"{\"a\":007}", "the body is not a JSON object (at byte 6)"),
        (br#"{"a":"1","a":"1"}"#, "a is given twice in the body"),
        (br#"{"a":["1",{"b":[]}]}"#, "a must be a JSON string"),
        (br#"{"a":{"b":1}}"#, "a must be a JSON string"),
        (br#"{"a":true}"#, "a must be a JSON string"),
        (br#"{"a":{"b":1,"b":1}}"#, "b is given twice in the object before byte 18"),
        (br#"{"860529038487085":true}"#, "parameter number 1 must be a JSON string"),
    ];
    for (body, reason) in table {
        let shown = body.escape_ascii();
        assert_eq!(read("", JSON, body).sound(), Err(parameter(reason)), "{shown}");
    }
}

#[test]
fn a_body_of_another_type_is_refused_unless_it_is_empty() {
    let reason = "Content-Type must be application/x-www-form-urlencoded, multipart/form-data or \
                  application/json";
    assert_eq!(read("", Some("text/plain"), b"a=1").sound(), Err(parameter(reason)));
    assert_eq!(read("", Some("text/plain"), b"").sound(), Ok(()));
    assert_eq!(read("", JSON, b"").sound(), Ok(()));
}

#[test]
fn the_limits_hold_just_before_at_and_just_after() {
    let many = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    let name = |length: usize| format!("{}=1", "n".repeat(length));
    let value = |length: usize| format!("v={}", "%41".repeat(length));
    let table = [
        (many(Limits::FLAT.parameters_max - 1), None),
        (many(Limits::FLAT.parameters_max), None),
        (many(Limits::FLAT.parameters_max + 1), Some("more than 64 parameters")),
        (name(Limits::FLAT.name_max_bytes), None),
        (
            name(Limits::FLAT.name_max_bytes + 1),
            Some("the name of parameter number 1 is longer than 128 bytes"),
        ),
        (value(Limits::FLAT.value_max_bytes), None),
        (value(Limits::FLAT.value_max_bytes + 1), Some("the value of v is longer than 8192 bytes")),
    ];
    for (text, reason) in table {
        let expected = reason.map_or(Ok(()), |reason| Err(parameter(reason)));
        assert_eq!(read(&text, None, b"").sound(), expected);
        assert_eq!(read("", FORM, text.as_bytes()).sound(), expected);
    }
    let split = read(&many(40), FORM, many(25).as_bytes());
    assert_eq!(split.sound(), Err(parameter("more than 64 parameters")));
    assert_eq!(split.entries.len(), Limits::FLAT.parameters_max);
}

#[test]
fn deep_json_ends_in_a_refusal() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read("", JSON, deep.as_bytes()).sound().is_err());
}

#[test]
fn a_fault_does_not_hide_what_was_legible() {
    let pairs = read("a=%zz&b=2&a=%yy", JSON, br#"{"c":"3","d":[],"e":"5"}"#);
    assert_eq!(pairs.sound(), Err(parameter("the value of a is not percent-encoded UTF-8")));
    assert_eq!(entries(&pairs), [("b", "2"), ("c", "3"), ("e", "5")]);
}

#[test]
fn repeats_must_agree_over_spellings_query_and_body() {
    let table = [
        ("a=1&a=1", "", Ok(Some("1"))),
        ("a=1", "A=1", Ok(Some("1"))),
        ("b=1", "", Ok(None)),
        ("a=1&a=2", "", Err(())),
        ("a=1", "a=", Err(())),
        ("a=1&A=2", "", Err(())),
    ];
    for (query, body, expected) in table {
        let pairs = read(query, FORM, body.as_bytes());
        assert_eq!(pairs.agreed(&["a", "A"]).map_err(|_| ()), expected, "{query} {body}");
    }
}

#[test]
fn a_name_that_may_be_a_value_is_not_shown() {
    let hidden = "parameter number 7";
    let table = [
        ("idTyp", "idTyp"),
        ("options[contacts][0]", "options[contacts][0]"),
        ("", hidden),
        ("860529038487085", hidden),
        ("imei860529038487085", hidden),
        ("ba05e270-9250-4346-8140-7c0942422fa3", hidden),
        ("faf1dcfbfabbfcbbfdbbfabafbfbbfea", hidden),
        ("张三", hidden),
        ("a\r\nx-injected: 1", hidden),
    ];
    for (name, expected) in table {
        assert_eq!(shown(name, 7), expected);
    }
}

fn encode(text: &str, plus: bool) -> String {
    let byte = |byte: u8| match byte {
        b' ' if plus => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

proptest! {
    #[test]
    fn percent_decoding_undoes_encoding(text in any::<String>(), plus in any::<bool>()) {
        let encoded = encode(&text, plus);
        prop_assert_eq!(urlencoded::decode(encoded.as_bytes()), Some(text));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        query in any::<String>(),
        kind in prop::sample::select(vec![None, FORM, JSON, Some("text/xml"), Some(";")]),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let pairs = read(&query, kind, &body);
        prop_assert!(pairs.entries.len() <= Limits::FLAT.parameters_max);
    }

    #[test]
    fn no_near_json_makes_the_reader_panic(body in r#"[{}\[\]:,"a0.e\\-]{0,40}"#) {
        read("", JSON, body.as_bytes());
    }
}
