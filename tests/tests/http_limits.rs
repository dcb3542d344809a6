//! What the HTTP layer itself refuses, and how the server ends: sizes, deadlines, overload,
//! networks, TLS, a graceful stop.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::database::Database;
use tests::finplus::PATH;
use tests::http::Response;
use tests::journal::Journal;
use tests::people::{SAMPLE, SLOW};
use tests::server::{Options, Server};

fn configured(text: &str) -> Server {
    Server::start(Options::on(Database::Sqlite).configuration(text))
}

/// The gateway's own answer: a status, a message, no business body.
#[track_caller]
fn assert_gateway(answer: &Response, status: u16, message: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("x-ca-error-message"), Some(message));
    assert!(answer.header("x-ca-request-id").is_some() && answer.body.is_empty(), "{answer:?}");
}

#[test]
fn a_body_that_is_too_large() {
    let server = configured("[server]\nbody_bytes_max = 4096");
    let mut finplus = server.finplus();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = |size: usize| format!("{:a<size$}", "idType=imei&reqId=x&idValue=");
    let fits = finplus.request("POST", "", &form, body(4_096).as_bytes()).unwrap();
    assert_eq!(fits.code, Some(10), "read, and judged: {}", fits.text());
    let announced = format!("POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 4097\r\n\r\n");
    assert_gateway(&raw(&server, announced.as_bytes()), 413, "Request Body Too Large");
    // Nothing announced: counted while it comes.
    let head = format!("POST {PATH} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunked = head + &format!("400\r\n{}\r\n", "a".repeat(0x400)).repeat(5);
    assert_gateway(&raw(&server, chunked.as_bytes()), 413, "Request Body Too Large");
    assert_eq!(finplus.ask("", SAMPLE, "after").code, Some(0));
}

fn raw(server: &Server, bytes: &[u8]) -> Response {
    server.client().send_raw(bytes).expect("an answer")
}

#[test]
fn headers_that_are_too_large() {
    let server = configured("[server]\nheader_bytes_max = 8192");
    let long = "a".repeat(9_000);
    let answer = server.client().get("/healthz", &[("X-Long", &long)]).unwrap();
    assert_eq!(answer.status, 431, "{answer:?}");
    let answer = server.client().get(&format!("/healthz?{long}"), &[]).unwrap();
    assert!(matches!(answer.status, 414 | 431), "{answer:?}");
    assert_eq!(server.client().get("/healthz", &[("X-Long", &long[..4_000])]).unwrap().status, 200);
}

#[test]
fn slow_clients() {
    let server = configured("[server]\nheader_timeout = \"500ms\"\nbody_timeout = \"700ms\"");
    let start = Instant::now();
    let body = format!("POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nidType=imei");
    assert_gateway(&raw(&server, body.as_bytes()), 408, "Request Timeout");
    assert!((0.6..3.0).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());

    // A byte now and then does not keep the head open.
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let start = Instant::now();
    let head = format!("GET /healthz HTTP/1.1\r\nX-Slow: {}", "a".repeat(100));
    let mut closed = false;
    for byte in head.bytes() {
        let alive = stream.write_all(&[byte]).is_ok();
        closed = !alive || stream.read(&mut [0; 512]).is_ok();
        if closed {
            break;
        }
    }
    assert!(closed, "after {:?} still open", start.elapsed());
    assert!((0.4..3.0).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());
}

#[test]
fn overload_is_refused_at_once() {
    let server = configured("[server]\nin_flight_max = 2");
    thread::scope(|scope| {
        let slow: Vec<_> = ["a", "b"]
            .map(|key| {
                let mut finplus = server.finplus();
                scope.spawn(move || finplus.ask("", SLOW, key))
            })
            .into();
        thread::sleep(Duration::from_secs(1));
        let start = Instant::now();
        for number in 0..20 {
            let answer = server.finplus().ask("", SAMPLE, &number.to_string());
            assert_eq!((answer.status, answer.code), (503, None), "{answer:?}");
            assert_eq!(answer.header("x-ca-error-message"), Some("Service Unavailable"));
            let after: u32 = answer.header("retry-after").expect("when").parse().expect("seconds");
            assert!((1..=60).contains(&after) && answer.bytes.is_empty());
        }
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        // The operator gets through, and can see it.
        for path in ["/healthz", "/readyz"] {
            assert_eq!(server.client().get(path, &[]).unwrap().status, 200, "{path}");
        }
        let metrics = server.client().get("/metrics", &[]).unwrap().text();
        assert!(metrics.contains("probity_calls_in_flight 2"), "{metrics}");
        for slow in slow {
            assert_eq!(slow.join().unwrap().code, Some(0), "what runs is not touched");
        }
    });
    assert_eq!(server.finplus().ask("", SAMPLE, "0").code, Some(0), "a refusal took no key");
    assert_eq!(Journal::export(&server).rows.len(), 3);
}

/// Who sends half a body waits by itself: those who are served keep their places.
#[test]
fn slow_bodies_hold_no_calls_place() {
    let server = configured("[server]\nin_flight_max = 2");
    let half = format!("POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nidType=");
    let senders: Vec<TcpStream> = (0..6)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(half.as_bytes()).unwrap();
            stream
        })
        .collect();
    thread::sleep(Duration::from_millis(300));
    for number in 0..10 {
        assert_eq!(server.finplus().ask("", SAMPLE, &number.to_string()).code, Some(0));
    }
    // More bodies than may be read at once (four for each place) are refused, not kept waiting.
    let more: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(half.as_bytes()).unwrap();
            stream
        })
        .collect();
    thread::sleep(Duration::from_millis(300));
    assert_gateway(&raw(&server, half.as_bytes()), 503, "Service Unavailable");
    drop((senders, more));
}

/// A connection that says nothing, or speaks HTTP/2, is closed at the deadline for headers.
#[test]
fn silent_and_foreign_connections() {
    let server = configured("[server]\nheader_timeout = \"500ms\"");
    for opening in [&b""[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(opening).unwrap();
        let start = Instant::now();
        let mut rest = Vec::new();
        let end = stream.read_to_end(&mut rest);
        assert!(end.is_ok(), "{opening:?} is still open after {:?}: {end:?}", start.elapsed());
    }
}

/// `/metrics` is for some networks; `X-Forwarded-For` is believed from trusted proxies only.
#[test]
fn networks_and_proxies() {
    let metrics = |server: &Server, forwarded: &str| {
        let headers = [("X-Forwarded-For", forwarded)];
        let headers = if forwarded.is_empty() { &[][..] } else { &headers };
        server.client().get("/metrics", headers).unwrap().status
    };
    let inside = "metrics_from = [\"10.0.0.0/8\"]";
    let proxied = format!("[server]\ntrusted_proxies = [\"127.0.0.1/32\"]\n{inside}");
    let table: [(&str, &[(&str, u16)]); 3] = [
        ("", &[("", 200), ("10.1.1.1", 200), ("8.8.8.8", 200)]),
        (&format!("[server]\n{inside}"), &[("", 404), ("10.1.1.1", 404)]),
        (
            &proxied,
            &[
                ("", 404),
                ("10.1.1.1", 200),
                ("8.8.8.8, 10.1.1.1", 200),
                ("10.1.1.1, 8.8.8.8", 404),
                ("10.1.1.1, 127.0.0.1", 200),
                ("nonsense", 404),
            ],
        ),
    ];
    for (configuration, cases) in table {
        let server = configured(configuration);
        for (forwarded, status) in cases {
            assert_eq!(metrics(&server, forwarded), *status, "{configuration:?} {forwarded:?}");
        }
        assert_eq!(server.client().get("/healthz", &[]).unwrap().status, 200, "for everybody");
    }
    // A proxy that adds a line of its own: the client's line before it is not the last word.
    let server = configured(&proxied);
    let lines = [("X-Forwarded-For", "10.1.1.1"), ("X-Forwarded-For", "8.8.8.8")];
    assert_eq!(server.client().get("/metrics", &lines).unwrap().status, 404);
    let lines = [("X-Forwarded-For", "8.8.8.8"), ("X-Forwarded-For", "10.1.1.1")];
    assert_eq!(server.client().get("/metrics", &lines).unwrap().status, 200);
}

/// A HEAD would be billed and show nothing.
#[test]
fn a_head_is_no_call() {
    let server = configured("");
    let target = format!("{PATH}?idType=imei&idValue={SAMPLE}&reqId=head");
    let credential = format!("APPCODE {}", server.sandbox().app_code);
    let head = format!(
        "HEAD {target} HTTP/1.1\r\nHost: a\r\nAuthorization: {credential}\r\n\
         Connection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.to_lowercase().contains("allow: get, post"), "{answer}");
    assert!(answer.to_lowercase().contains("x-ca-request-id: "), "{answer}");
    assert_eq!(Journal::export(&server).rows.len(), 0, "nothing was billed");
}

#[test]
fn what_is_not_there() {
    let server = configured("");
    let status =
        |method: &str, path: &str| server.client().request(method, path, &[], &[]).unwrap().status;
    assert_eq!(status("GET", "/"), 404);
    assert_eq!(status("GET", "/finplus/score/"), 404);
    assert_eq!(status("DELETE", "/finplus/score"), 405);
    assert_eq!(status("POST", "/metrics"), 405);
    let smuggled = b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\
        Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_ne!(raw(&server, smuggled).status, 200, "two lengths");
    assert_eq!(raw(&server, b"nonsense\r\n\r\n").status, 400);
}

/// TLS by the server itself, with a certificate that is signed by itself.
#[test]
fn tls() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (certificate, key) = (path("tls.crt"), path("tls.key"));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=a"]);
    openssl.args(["-addext", "subjectAltName=IP:127.0.0.1"]);
    openssl.args(["-keyout", &key, "-out", &certificate]).stderr(Stdio::null());
    if !openssl.status().is_ok_and(|status| status.success()) {
        eprintln!("no openssl here: not tested");
        return;
    }
    let text = format!("[server.tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"");
    let mut server = configured(&text);
    let sandbox = server.sandbox();
    let request = format!(
        "GET {PATH}?idType=imei&idValue={SAMPLE}&reqId=tls HTTP/1.1\r\nHost: a\r\n\
         Authorization: APPCODE {}\r\nConnection: close\r\n\r\n",
        sandbox.app_code
    );
    let answer = over_tls(&server, &certificate, &request);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"code\":0"), "{answer}");
    assert!(server.client().get("/healthz", &[]).is_err(), "nothing is served in the clear");
    let stored = std::fs::read_to_string(server.data_folder().join("sandbox.json")).unwrap();
    assert!(stored.contains("https://127.0.0.1:"), "{stored}");
    assert!(server.terminate().success());
}

fn over_tls(server: &Server, certificate: &str, request: &str) -> String {
    let address = server.address().to_string();
    let mut child = Command::new("openssl")
        .args(["s_client", "-quiet", "-verify_return_error", "-verify_ip", "127.0.0.1"])
        .args(["-CAfile", certificate, "-connect", &address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl starts");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut answer).expect("text");
    drop(input);
    child.wait().expect("it ends");
    answer
}

/// SIGTERM: what runs gets its answer, idle connections do not hold the end up, nothing is lost.
#[test]
fn a_graceful_stop() {
    for database in Database::both() {
        let mut server = Server::start(Options::on(database));
        let mut idle = server.finplus();
        assert_eq!(idle.ask("", SAMPLE, "before").code, Some(0));
        let (mut slow, mut late) = (server.finplus(), server.client());
        let start = Instant::now();
        let answer = thread::scope(|scope| {
            let running = scope.spawn(move || slow.ask("", SLOW, "slow"));
            thread::sleep(Duration::from_secs(1));
            scope.spawn(move || {
                thread::sleep(Duration::from_millis(500));
                assert!(late.get("/healthz", &[]).is_err(), "no new connections");
            });
            let status = server.terminate();
            assert!(status.success(), "{status:?}");
            running.join().unwrap()
        });
        let took = start.elapsed().as_secs_f64();
        assert!((4.9..9.0).contains(&took), "{database:?}: {took} s");
        assert_eq!(answer.code, Some(0), "{answer:?}");
        assert!(server.log_text().contains("\"stopped\""), "{}", server.log_text());
        let journal = Journal::export(&server);
        assert_eq!((journal.rows.len(), journal.verify_exit), (2, 0), "{database:?}");
        let verify = server.cli(&["journal", "verify", "--json"]).expect_success().json();
        assert_eq!(verify["unsigned_rows"], 0, "the last rows are signed: {verify}");
    }
}
