//! What is refused before a route is asked: methods, paths, sizes, deadlines, and what is no HTTP.

use tests::finplus::PATH;

use super::World;
use super::case::{Case, Request, Sent, Wanted};

const NOT_FOUND: (u16, &str) = (404, "API Not Found");
const METHOD: (u16, &str) = (405, "Invalid HttpMethod");

pub(crate) fn cases(world: &World) -> Vec<Case> {
    methods().chain(paths()).chain(bodies(world)).chain(sizes()).chain(no_http()).collect()
}

fn bare(method: &'static str, target: &str) -> Request {
    Request { method, target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
}

fn methods() -> impl Iterator<Item = Case> {
    const METHODS: [&str; 9] =
        ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "POST"];
    let of_merchants = METHODS[..8]
        .iter()
        .map(|method| Case::gateway([PATH, "(method)", method], bare(method, PATH), METHOD));
    let of_operators = ["/healthz", "/readyz", "/metrics"].into_iter().flat_map(|path| {
        METHODS[1..].iter().map(move |method| {
            let wanted = Wanted::Operation { status: METHOD.0, message: METHOD.1.to_owned() };
            Case::new([path, "(method)", method], Sent::Whole(bare(method, path)), wanted)
        })
    });
    of_merchants.chain(of_operators)
}

fn paths() -> impl Iterator<Item = Case> {
    let paths = [
        "/",
        "/finplus",
        "/finplus/",
        "/finplus/score/",
        "/finplus/Score",
        "/FINPLUS/SCORE",
        "//finplus/score",
        "/finplus//score",
        "/finplus/./score",
        "/finplus/score/../score",
        "/finplus/score%2f",
        "/finplus%2fscore",
        "/finplus/score;a=1",
        "/finplus/score.json",
        "/finplus/score%00",
        "/finplus/scor",
        "/finplus/scores",
        "/api/finplus/score",
        "/healthz/",
        "/metrics/all",
        "/etc/passwd",
        "/../etc/passwd",
        "/%2e%2e/etc/passwd",
    ];
    paths.into_iter().flat_map(|path| {
        ["GET", "POST"].map(|method| {
            Case::gateway(
                [&format!("{method} (elsewhere)"), path, "no route"],
                bare(method, path),
                NOT_FOUND,
            )
        })
    })
}

/// Bodies that are too large, too slow, or break off: the server is asked to wait 700 ms at most
/// and to take 64 KiB.
fn bodies(world: &World) -> impl Iterator<Item = Case> {
    let head =
        format!("POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: APPCODE {}\r\n", world.app_code);
    let chunks = "1000\r\n".to_owned() + &"a".repeat(0x1000) + "\r\n";
    let large = (413, "Request Body Too Large");
    let cases = [
        ("announced as too large", "Content-Length: 65537\r\n\r\n".to_owned(), large),
        ("announced as huge", "Content-Length: 9223372036854775807\r\n\r\n".to_owned(), large),
        (
            "too large by chunks",
            format!("Transfer-Encoding: chunked\r\n\r\n{}", chunks.repeat(17)),
            large,
        ),
        ("too slow", "Content-Length: 100\r\n\r\nidType=imei".to_owned(), SLOW),
        ("too slow by chunks", "Transfer-Encoding: chunked\r\n\r\n5\r\nidTyp\r\n".to_owned(), SLOW),
        ("too slow from the start", "Content-Length: 1\r\n\r\n".to_owned(), SLOW),
        ("a chunk without size", "Transfer-Encoding: chunked\r\n\r\nzz\r\n".to_owned(), BROKEN),
        (
            "a chunk with a negative size",
            "Transfer-Encoding: chunked\r\n\r\n-1\r\n".to_owned(),
            BROKEN,
        ),
        (
            "a chunk longer than it says",
            "Transfer-Encoding: chunked\r\n\r\n1\r\nidType\r\n".to_owned(),
            BROKEN,
        ),
    ];
    cases.into_iter().map(move |(fault, rest, (status, message))| {
        let wanted = Wanted::Gateway { status, message: message.to_owned() };
        let sent = Sent::Raw(format!("{head}{rest}").into_bytes());
        Case::new([&format!("POST {PATH}"), "(body as sent)", fault], sent, wanted)
    })
}

const SLOW: (u16, &str) = (408, "Request Timeout");
const BROKEN: (u16, &str) = (400, "Invalid Request Body");

/// RFC 6585, section 5; RFC 9110, section 15.5.15.
fn sizes() -> impl Iterator<Item = Case> {
    let long = "a".repeat(20_000);
    let many = "X-A: 1\r\n".repeat(150);
    let cases = [
        (
            "a header of 20,000 bytes",
            format!("GET {PATH} HTTP/1.1\r\nHost: a\r\nX-A: {long}\r\n\r\n"),
        ),
        (
            "a header's name of 20,000 bytes",
            format!("GET {PATH} HTTP/1.1\r\nHost: a\r\n{long}: 1\r\n\r\n"),
        ),
        ("a query of 20,000 bytes", format!("GET {PATH}?{long} HTTP/1.1\r\nHost: a\r\n\r\n")),
        ("150 headers", format!("GET {PATH} HTTP/1.1\r\nHost: a\r\n{many}\r\n")),
    ];
    cases.into_iter().map(|(fault, text)| {
        let sent = Sent::Raw(text.into_bytes());
        Case::new(["(connection)", "(head)", fault], sent, Wanted::Http(&[414, 431]))
    })
}

/// RFC 9112: what a server must refuse, above all what two readers may take for two requests.
fn no_http() -> impl Iterator<Item = Case> {
    let lines = [
        ("no request", "nonsense"),
        ("no version", "GET /healthz"),
        ("version 9.9", "GET /healthz HTTP/9.9"),
        ("a method with an at sign", "G@T /healthz HTTP/1.1"),
        ("two spaces", "GET  /healthz HTTP/1.1"),
        ("a NUL in the path", "GET /health\0z HTTP/1.1"),
    ];
    let headers = [
        ("a header without colon", "nonsense\r\n\r\n"),
        ("a space before a colon", "X-A : 1\r\n\r\n"),
        ("a NUL in a header", "X-A: \0\r\n\r\n"),
        ("a bare carriage return in a header", "X-A: 1\r2\r\n\r\n"),
        ("a length that is no number", "Content-Length: x\r\n\r\n"),
        ("a negative length", "Content-Length: -1\r\n\r\n"),
        ("a length with a sign", "Content-Length: +1\r\n\r\n1"),
        ("two lengths", "Content-Length: 1\r\nContent-Length: 2\r\n\r\n12"),
        ("an unknown transfer encoding", "Transfer-Encoding: x\r\n\r\n"),
    ];
    let lines = lines.map(|(fault, line)| (fault, format!("{line}\r\nHost: a\r\n\r\n")));
    let headers =
        headers.map(|(fault, rest)| (fault, format!("POST {PATH} HTTP/1.1\r\nHost: a\r\n{rest}")));
    lines.into_iter().chain(headers).map(|(fault, text)| {
        let sent = Sent::Raw(text.into_bytes());
        Case::new(["(connection)", "(HTTP)", fault], sent, Wanted::Http(&[400]))
    })
}
