//! Every endpoint in every way of sending a body, and bodies that are not read.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde_json::{Map, Value};

use super::{
    Endpoint, FORM, Headers, JSON, OPEN_ID, Request, letter, read, reading, whole, with_body,
};

type Pairs = [(String, String)];

/// As PHP's `http_build_query`.
fn form(pairs: &Pairs) -> Vec<u8> {
    let encoded = |text: &str| {
        text.bytes().fold(String::new(), |mut all, byte| {
            let _ = write!(all, "%{byte:02X}");
            all
        })
    };
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}

fn multipart(pairs: &Pairs) -> Vec<u8> {
    let part = |(name, value): &(String, String)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    (pairs.iter().map(part).collect::<String>() + "--b--\r\n").into_bytes()
}

/// As PHP's `json_encode`, what is a whole number as a number.
fn json(pairs: &Pairs) -> Vec<u8> {
    let mut all = Value::Object(Map::new());
    for (name, value) in pairs {
        let mut place = &mut all;
        for step in name.split('[').map(|step| step.trim_end_matches(']')) {
            place = match step.parse::<usize>() {
                Ok(index) => {
                    if place.is_null() {
                        *place = Value::Array(Vec::new());
                    }
                    let items = place.as_array_mut().expect("a list");
                    items.resize(items.len().max(index + 1), Value::Null);
                    &mut items[index]
                }
                Err(_) => &mut place[step],
            };
        }
        let is_number = value.parse::<u64>().is_ok() && !value.starts_with('0');
        *place = if is_number { value.parse().expect("JSON") } else { value.as_str().into() };
    }
    all.to_string().into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[test]
fn every_endpoint_reads_the_same_from_every_kind_of_body() {
    let mut readings = String::new();
    for endpoint in with_body() {
        let pairs = whole(endpoint);
        let first = reading(letter(endpoint, &[("content-type", FORM)], &form(&pairs)));
        let bare = "multipart/form-data;charset=UTF-8";
        let packed = |kind| [("content-type", kind), ("content-encoding", "gzip")];
        let others = [
            letter(
                endpoint,
                &[("content-type", "multipart/form-data; boundary=b")],
                &multipart(&pairs),
            ),
            letter(endpoint, &[("content-type", JSON)], &json(&pairs)),
            letter(endpoint, &[("content-type", bare)], &form(&pairs)),
            letter(endpoint, &[("content-type", bare)], &multipart(&pairs)),
            letter(endpoint, &[], &json(&pairs)),
            letter(endpoint, &packed(FORM), &gzip(&form(&pairs))),
            letter(endpoint, &packed(JSON), &gzip(&json(&pairs))),
        ];
        for (way, other) in others.into_iter().enumerate() {
            assert_eq!(reading(other), first, "{endpoint:?} {way}");
        }
        let _ = writeln!(readings, "{endpoint:?} {}: {first}", endpoint.paths().join(" "));
    }
    assert_eq!(readings, include_str!("../../../fixtures/qiancheng/readings.txt"), "{readings}");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_status() {
    let (json, form) = ([("content-type", JSON)], [("content-type", FORM)]);
    let (gzip, brotli) = ([("content-encoding", "gzip")], [("content-encoding", "br")]);
    let text = [("content-type", "text/plain")];
    let once = r#"{"open_id":"1","open_id":"1"}"#;
    let large = "a".repeat(256 * 1024 + 1);
    let table = [
        (200, json, "{", "请求内容无法读取 (the body is not a JSON object (at byte 1))"),
        (200, json, once, "请求内容无法读取 (open_id is given twice in the object before byte 29)"),
        (
            200,
            form,
            "open_id=1&open_id=2",
            "请求内容无法读取 (open_id is given more than once, with different values)",
        ),
        (200, gzip, "a=1", "请求内容无法读取 (the body is not gzip, or is cut short)"),
        (415, brotli, "a=1", "请求内容的类型或编码不支持 (Content-Encoding must be gzip, once)"),
        (
            415,
            text,
            "open_id=1",
            "请求内容的类型或编码不支持 (Content-Type must be application/x-www-form-urlencoded, \
             multipart/form-data or application/json)",
        ),
        (413, form, &large, "请求内容过大 (the body is larger than 262144 bytes)"),
    ];
    for (status, headers, body, message) in table {
        let expected = format!(r#"{status} {{"code":1001,"msg":"{message}","data":null}}"#);
        let reading = reading(letter(Endpoint::DegreeState, &headers, body.as_bytes()));
        assert_eq!(reading, format!("{expected} | {expected}"));
    }
}

#[test]
fn the_query_is_not_read() {
    let body = form(&whole(Endpoint::DegreeState));
    let query = str::from_utf8(&body).expect("a form is ASCII");
    let headers = Headers::new(&[]);
    let request = Request { method: "POST", path: "", query, headers, body: b"" };
    let missing = r#"200 {"code":1001,"msg":"open_id: 缺失","data":null}"#;
    let letter = read(Endpoint::DegreeState, &request);
    assert_eq!(reading(letter), format!("{missing} | State"));
}

#[test]
fn what_a_letter_holds_is_wiped() {
    let mut value = crate::body::Value::from_json(
        br#"{"password":"hunter2","n":1.5,"l":["a",{"b":"c"}],"t":true,"z":null}"#,
        &super::super::LIMITS,
        crate::body::Dialect::Strict,
    )
    .expect("JSON");
    value.wipe();
    let names = ["password", "n"].map(|name| value.get(name).and_then(|value| value.text()));
    assert_eq!(names, [Some(""), Some("")]);
    let items = value.get("l").and_then(|list| list.items()).expect("a list");
    assert_eq!(items[0].text(), Some(""));
    assert_eq!(items[1].get("b").and_then(|value| value.text()), Some(""));
}

#[test]
fn a_results_id_stands_in_the_query_and_nowhere_else() {
    let letter = |query: &str, body: &str| {
        let headers = Headers::new(&[]);
        let request = Request { method: "GET", path: "", query, headers, body: body.as_bytes() };
        reading(read(Endpoint::AuditResult, &request))
    };
    let id = format!("open_id={OPEN_ID}");
    assert_eq!(letter(&id, ""), format!("{OPEN_ID} None | AuditResult"));
    let named = format!("{id}&username=acme&x=1");
    assert_eq!(letter(&named, "open_id=x"), format!("{OPEN_ID} Some(\"acme\") | AuditResult"));
    for (query, message) in [("", "open_id: 缺失"), ("open_id=x", "open_id: 格式错误")] {
        let said = letter(query, &id);
        assert!(said.contains(message), "{query}: {said}");
    }
}
