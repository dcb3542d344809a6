//! The ways in which clients send the same parameters (`common.md`, Reading requests).

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tests::finplus::PATH;
use tests::http::percent_encode;

use super::case::Request;

/// The value of a parameter, or what stands in its place.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Text(String),
    /// Bytes that may be no UTF-8.
    Bytes(&'static [u8]),
    /// Already encoded for a query or a form.
    Encoded(&'static str),
    /// JSON that is no text.
    Json(&'static str),
}

pub(crate) type Parameters = Vec<(String, Content)>;

pub(crate) fn text(value: &str) -> Content {
    Content::Text(value.to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Query,
    Form,
    Json,
    Multipart,
}

impl Shape {
    /// Percent-encoded, `&` between the pieces.
    pub(crate) fn is_urlencoded(self) -> bool {
        matches!(self, Self::Query | Self::Form)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) is_packed: bool,
}

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const JSON: Option<&str> = Some("application/json; charset=utf-8");
const MULTIPART: Option<&str> = Some("multipart/form-data; boundary=B");

pub(crate) const WAYS: [Way; 10] = [
    way("GET", Shape::Query, None),
    way("POST form", Shape::Form, FORM),
    way("POST form without type", Shape::Form, None),
    // PHP: the type is set by hand, the body is not.
    way("POST form as multipart without boundary", Shape::Form, Some("multipart/form-data")),
    way("POST JSON", Shape::Json, JSON),
    way("POST JSON without type", Shape::Json, None),
    way("POST multipart", Shape::Multipart, MULTIPART),
    way("POST multipart without type", Shape::Multipart, None),
    Way { is_packed: true, ..way("POST gzip form", Shape::Form, FORM) },
    Way { is_packed: true, ..way("POST gzip JSON", Shape::Json, JSON) },
];

const fn way(name: &'static str, shape: Shape, content_type: Option<&'static str>) -> Way {
    Way { name, shape, content_type, is_packed: false }
}

impl Way {
    pub(crate) fn endpoint(&self) -> String {
        let (method, way) = self.name.split_once(' ').unwrap_or((self.name, "query"));
        format!("{method} {PATH} {way}")
    }

    pub(crate) fn request(&self, app_code: &str, parameters: &Parameters) -> Request {
        self.carry(app_code, self.encode(parameters))
    }

    /// A request whose query or body is this text, packed when the way is.
    pub(crate) fn carry(&self, app_code: &str, text: Vec<u8>) -> Request {
        let headers = vec![("Authorization".to_owned(), format!("APPCODE {app_code}"))];
        let request = Request { method: "POST", target: PATH.to_owned(), headers, body: text };
        if self.shape == Shape::Query {
            let query = String::from_utf8(request.body).expect("a query is ASCII");
            return Request {
                method: "GET",
                target: format!("{PATH}?{query}"),
                body: Vec::new(),
                ..request
            };
        }
        let request = match self.content_type {
            Some(content_type) => request.header("Content-Type", content_type),
            None => request,
        };
        if self.is_packed {
            let body = gzip(&request.body);
            return Request { body, ..request }.header("Content-Encoding", "gzip");
        }
        request
    }

    pub(crate) fn encode(&self, parameters: &Parameters) -> Vec<u8> {
        let pieces = parameters.iter().map(|(name, content)| match self.shape {
            Shape::Query | Shape::Form => {
                [percent_encode(name).as_bytes(), b"=", &url(content)].concat()
            }
            Shape::Json => [json(name).as_bytes(), b":", &literal(content)].concat(),
            Shape::Multipart => part(name, &plain(content)),
        });
        let pieces: Vec<Vec<u8>> = pieces.collect();
        match self.shape {
            Shape::Query | Shape::Form => pieces.join(&b'&'),
            Shape::Json => [b"{", &*pieces.join(&b','), b"}"].concat(),
            Shape::Multipart => [&*pieces.concat(), b"--B--\r\n"].concat(),
        }
    }
}

pub(crate) fn part(name: &str, value: &[u8]) -> Vec<u8> {
    let head = format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
    [head.as_bytes(), value, b"\r\n"].concat()
}

pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("into memory");
    encoder.finish().expect("into memory")
}

fn url(content: &Content) -> Vec<u8> {
    match content {
        Content::Text(text) => percent_encode(text).into_bytes(),
        Content::Encoded(text) => text.as_bytes().to_vec(),
        other => plain(other),
    }
}

fn literal(content: &Content) -> Vec<u8> {
    match content {
        Content::Text(text) => json(text).into_bytes(),
        Content::Json(text) => text.as_bytes().to_vec(),
        other => [b"\"", &*plain(other), b"\""].concat(),
    }
}

fn plain(content: &Content) -> Vec<u8> {
    match content {
        Content::Text(text) => text.as_bytes().to_vec(),
        Content::Encoded(text) | Content::Json(text) => text.as_bytes().to_vec(),
        Content::Bytes(bytes) => bytes.to_vec(),
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).expect("texts always serialise")
}
