//! Bodies by their type, by their bytes, and multipart ones.

use super::{entries, read};
use crate::body::{Kind, parameter};

const MULTIPART: Option<&str> = Some("Multipart/Form-Data; charset=utf-8; boundary=\"x y\"");

fn parts(parts: &[(&str, &str)]) -> String {
    let part = |(head, data): &(&str, &str)| format!("--x y\r\n{head}\r\n\r\n{data}\r\n");
    parts.iter().map(part).collect::<String>() + "--x y--\r\n"
}

fn field(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"")
}

#[test]
fn a_body_is_what_its_type_says_or_its_bytes() {
    let multipart = |boundary: &str| Kind::Multipart { boundary: boundary.to_owned() };
    let table = [
        (None, "", Kind::Empty),
        (Some("text/xml"), "", Kind::Empty),
        (Some("text/xml"), "{}", Kind::Unknown),
        (Some("application/json"), "a=1", Kind::Json),
        (Some("application/x-www-form-urlencoded"), "{}", Kind::Form),
        (None, "{}", Kind::Json),
        (Some(" ; charset=utf-8"), "\n {", Kind::Json),
        (None, "a=1", Kind::Form),
        (None, "[a]=1", Kind::Form),
        (None, "--b\r\n", multipart("b")),
        (None, "--b=1", Kind::Form),
        (None, "--\r\n", Kind::Form),
        (None, "--b \r\n", Kind::Form),
        (MULTIPART, "a=1", multipart("x y")),
        (Some("multipart/form-data"), "a=1", Kind::Form),
        (Some("multipart/form-data; boundary="), "a=1", Kind::Form),
        (Some("multipart/form-data"), "--b\r\n", multipart("b")),
        (Some("multipart/form-data; Boundary=b2 ; x=1"), "--b\r\n", multipart("b2")),
        (Some("multipart/mixed; boundary=b"), "--b\r\n", Kind::Unknown),
    ];
    for (content_type, body, expected) in table {
        assert_eq!(Kind::of(content_type, body.as_bytes()), expected, "{content_type:?} {body:?}");
    }
}

#[test]
fn multipart_fields_are_read_byte_for_byte() {
    let body = parts(&[
        (&field("a"), "1"),
        (&field("b[]"), "x+y%20&=\r\n--x z\r\n"),
        (&format!("content-type: text/plain; charset=utf-8\r\n{}", field("张")), "\u{feff}张"),
        ("Content-Disposition:form-data;name=plain", ""),
        (r#"Content-Disposition: form-data; name="q\"\\;""#, "{\"a\":1}"),
    ]);
    let pairs = read("q=0", MULTIPART, body.as_bytes());
    assert_eq!(pairs.sound(), Ok(()));
    let expected = [
        ("q", "0"),
        ("a", "1"),
        ("b[]", "x+y%20&=\r\n--x z\r\n"),
        ("张", "\u{feff}张"),
        ("plain", ""),
        ("q\"\\;", "{\"a\":1}"),
    ];
    assert_eq!(entries(&pairs), expected);
    assert_eq!(read("", MULTIPART, b"--x y--").sound(), Ok(()));
}

#[test]
fn multipart_that_two_readers_may_read_differently_is_refused() {
    let file = format!("{}; filename=\"f.txt\"", field("a"));
    let star = format!("{}; filename*=UTF-8''f.txt", field("a"));
    let twice = format!("{}; name=\"b\"", field("a"));
    let encoded = format!("{}\r\nContent-Transfer-Encoding: base64", field("a"));
    let crowd = format!("{}{}", "X: 1\r\n".repeat(8), field("a"));
    let table = [
        (parts(&[(&file, "1")]), "a must be text, not a file"),
        (parts(&[(&star, "1")]), "a must be text, not a file"),
        (parts(&[(&twice, "1")]), "a part of the multipart body is named twice"),
        (
            parts(&[(&[field("a"), field("b")].join("\r\n"), "1")]),
            "a part of the multipart body is named twice",
        ),
        (
            parts(&[(&encoded, "MQ==")]),
            "a part of the multipart body has a Content-Transfer-Encoding",
        ),
        (parts(&[(&crowd, "1")]), "a part of the multipart body has more than 8 headers"),
        (parts(&[("X: 1", "1")]), "a part of the multipart body has no name"),
        (
            parts(&[("Content-Disposition: form-data", "1")]),
            "a part of the multipart body has no name",
        ),
        (
            parts(&[("Content-Disposition: attachment; name=a", "1")]),
            "a part of the multipart body is not form-data",
        ),
        (parts(&[("no header", "1")]), "the multipart body has a bad header"),
        (parts(&[]) + "a=1", "the multipart body goes on at its end"),
        ("a=1".to_owned(), "the multipart body does not begin with its boundary"),
        (format!("x\r\n{}", parts(&[])), "the multipart body does not begin with its boundary"),
        (
            format!("--x yz\r\n{}\r\n\r\n1\r\n--x y--", field("a")),
            "the multipart body is cut short",
        ),
        (format!("--x y\r\n{}\r\n\r\n1", field("a")), "the multipart body is cut short"),
        ("--x y\r\n1\r\n--x y--".to_owned(), "a part of the multipart body has no header"),
    ];
    for (body, reason) in table {
        assert_eq!(
            read("", MULTIPART, body.as_bytes()).sound(),
            Err(parameter(reason)),
            "{body:?}"
        );
    }
    let body = [b"--x y\r\n", field("a").as_bytes(), b"\r\n\r\n\xff\r\n--x y--"].concat();
    let reason = "the value of a is not UTF-8";
    assert_eq!(read("", MULTIPART, &body).sound(), Err(parameter(reason)));
}

#[test]
fn multipart_is_limited_like_a_form() {
    let names: Vec<_> = (0..65).map(|n| field(&format!("p{n}"))).collect();
    let fields: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(read("", MULTIPART, parts(&fields[..64]).as_bytes()).sound(), Ok(()));
    let reason = parameter("more than 64 parameters");
    assert_eq!(read("", MULTIPART, parts(&fields).as_bytes()).sound(), Err(reason));
    // A delimiter that nearly matches everywhere must not make the search quadratic.
    let near = format!("--x y\r\n{}\r\n\r\n{}", field("a"), "\r\n--x ".repeat(2_000_000));
    let reason = parameter("the multipart body is cut short");
    assert_eq!(read("", MULTIPART, near.as_bytes()).sound(), Err(reason));
}
