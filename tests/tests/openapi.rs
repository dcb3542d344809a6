//! The document of all routes: valid, as committed, true of what every route refuses, and
//! readable as a page that loads nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::cli;
use tests::clients::installed;
use tests::database::Database;
use tests::server::{Options, Server};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");

fn committed() -> Value {
    let text = fs::read_to_string(COMMITTED).expect(COMMITTED);
    serde_json::from_str(&text).expect("it is JSON")
}

fn configured(text: &str) -> Server {
    Server::start(Options::on(Database::Sqlite).configuration(text))
}

#[test]
fn the_committed_document_is_the_binarys() {
    let committed = fs::read_to_string(COMMITTED).expect(COMMITTED);
    let printed = cli::run(&["openapi"]).expect_success().stdout;
    assert!(printed == committed, "docs/openapi.json is old: cargo xtask gen");
    let server = Server::start(Options::on(Database::Sqlite));
    let answer = server.client().get("/openapi.json", &[]).unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert!(answer.text() == committed);
}

/// By the standard's own schema; and that check finds faults.
#[test]
fn the_document_is_valid() {
    let Some(packages) = installed("python") else { return };
    let faults = |document: &Value| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/openapi.py");
        let mut python = Command::new("python3")
            .arg(script)
            .env("PYTHONPATH", &packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 can be started");
        write!(python.stdin.take().expect("it is piped"), "{document}").expect("it reads");
        let output = python.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(faults(&committed()), "");
    let connectors = fs::read_to_string(COMMITTED.replace("openapi", "connector-openapi"));
    let connectors = serde_json::from_str(&connectors.expect("the connector protocol's"));
    assert_eq!(faults(&connectors.expect("JSON")), "");
    let schema = "/components/schemas/finplus_score.request/properties/reqId";
    let table = [
        ("/info/title", Value::Null, "/info"),
        ("/paths/~1healthz/get/responses", json!({"ok": {}}), "/paths//healthz/get/responses"),
        ("/paths/~1healthz/get/operationId", json!("get_readyz"), "stands twice"),
        (&format!("{schema}/type"), json!("texts"), "not valid under any"),
        (&format!("{schema}/maxLength"), json!(3), "the example"),
        ("/components/headers", json!({}), "leads nowhere"),
    ];
    for (place, value, expected) in table {
        let mut document = committed();
        *document.pointer_mut(place).expect(place) = value;
        let found = faults(&document);
        assert!(found.contains(expected), "{place}: {found}");
    }
}

/// Each route with the method that is documented first, and the statuses that it may answer with.
fn routes() -> Vec<(String, String, Vec<String>)> {
    let document = committed();
    let paths = document["paths"].as_object().expect("paths").iter();
    let route = |(path, operations): (&String, &Value)| {
        let (method, operation) = operations.as_object().expect(path).iter().next().expect(path);
        let statuses = operation["responses"].as_object().expect(path).keys().cloned().collect();
        (method.to_uppercase(), path.replace(['{', '}'], ""), statuses)
    };
    paths.map(route).collect()
}

/// What the layers around the handlers refuse, on every route: a method, bodies that are too
/// large, too slow, broken.
#[test]
fn every_route_refuses_as_documented() {
    let server = configured("[server]\nbody_bytes_max = 4096\nbody_timeout = \"300ms\"");
    let faults = [
        ("405", "PATCH", "\r\n"),
        // More than any route takes.
        ("413", "", "Content-Length: 99999999\r\n\r\n"),
        ("408", "", "Content-Length: 4096\r\n\r\n{"),
        ("400", "", "Transfer-Encoding: chunked\r\n\r\nno number\r\n"),
    ];
    for (method, path, statuses) in routes() {
        for (status, other_method, rest) in faults {
            let method = if other_method.is_empty() { &method } else { other_method };
            let request = format!("{method} {path} HTTP/1.1\r\nHost: a\r\n{rest}");
            let answer = server.client().send_raw(request.as_bytes()).expect(&request);
            assert_eq!(answer.status.to_string(), status, "{request}{answer:?}");
            assert!(statuses.iter().any(|known| known == status), "{path}: {status}");
        }
    }
    assert_eq!(server.client().get("/nowhere", &[]).unwrap().status, 404);
}

/// No place to read another body is left: 503, documented for every route.
#[test]
fn every_route_refuses_when_it_is_too_much() {
    let server = configured("[server]\nin_flight_max = 1");
    let half = "POST /finplus/score HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nidType=";
    let senders = [(); 4].map(|()| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(half.as_bytes()).unwrap();
        stream
    });
    thread::sleep(Duration::from_millis(500));
    for (method, path, statuses) in routes() {
        let answer = server.client().request(&method, &path, &[], b"{}").unwrap();
        if path == "/gateway" {
            // Face 3 has a code for it, and no other status (`rong360.md`, Envelope).
            assert_eq!((answer.status, answer.json()["code"].as_i64()), (200, Some(508_100)));
            continue;
        }
        assert_eq!(answer.status, 503, "{path}: {answer:?}");
        assert!(statuses.contains(&"503".to_owned()), "{path}");
    }
    drop(senders);
}

#[test]
fn the_page_shows_every_route_and_loads_nothing() {
    let server = Server::start(Options::on(Database::Sqlite));
    let page = server.client().get("/docs", &[]).unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").expect("a policy");
    let policy: BTreeMap<&str, &str> =
        policy.split("; ").filter_map(|rule| rule.split_once(' ')).collect();
    assert_eq!(policy["default-src"], "'none'");
    assert!(policy["style-src"].starts_with("'sha256-"), "{policy:?}");
    let text = page.text();
    for loading in
        ["//", "<script", "<link", "<img", "<iframe", "src=", "url(", "@import", "style="]
    {
        assert!(!text.contains(loading), "{loading}");
    }
    let document = committed();
    for (path, operations) in document["paths"].as_object().unwrap() {
        assert!(text.contains(&format!(" {path}</code></h3>")), "{path}");
        for operation in operations.as_object().unwrap().values() {
            for word in [&operation["summary"], &operation["x-zh"]] {
                assert!(text.contains(word.as_str().unwrap()), "{path}: {word}");
            }
        }
    }
}
