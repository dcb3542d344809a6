use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use super::*;

fn read(bytes: &[u8]) -> io::Result<Response> {
    read_response(&mut io::Cursor::new(bytes))
}

/// A server that answers each connection with its list of answers, one per request, then closes.
fn serve(connections: Vec<Vec<&'static str>>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let mut seen = Vec::new();
        for answers in connections {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            for answer in answers {
                let read = stream.read(&mut buffer).unwrap();
                seen.push(String::from_utf8_lossy(&buffer[..read]).into_owned());
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
        seen
    });
    (address, thread)
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn bodies() {
    let body = |bytes: &[u8]| read(bytes).map(|response| response.text()).ok();
    assert_eq!(body(OK.as_bytes()).as_deref(), Some("ok"));
    let chunked =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    assert_eq!(body(chunked).as_deref(), Some("abc"));
    assert_eq!(body(b"HTTP/1.1 200 OK\r\n\r\nall").as_deref(), Some("all"));
    assert_eq!(body(b"HTTP/1.1 204 No Content\r\n\r\n").as_deref(), Some(""));
    assert_eq!(body(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab"), None, "cut short");
    assert_eq!(body(b"HTTP/1.1 200 OK\r\ncontent-le"), None, "cut short");
    assert_eq!(body(b"garbage\r\n\r\n"), None);
}

#[test]
fn keeps_the_connection_and_notices_that_it_was_closed() {
    let (address, thread) = serve(vec![vec![OK, OK], vec![OK]]);
    let mut client = Client::new(address);
    for _ in 0..2 {
        assert_eq!(client.get("/", &[]).unwrap().status, 200);
    }
    thread::sleep(Duration::from_millis(50));
    let answer = client.post_form("/a", &[("X-A", "1")], &[("名", "a b&c+")]).unwrap();
    assert_eq!(answer.header("CONTENT-LENGTH"), Some("2"));
    let seen = thread.join().unwrap();
    assert!(seen[2].starts_with("POST /a HTTP/1.1\r\n") && seen[2].contains("X-A: 1\r\n"));
    assert!(seen[2].ends_with("\r\n\r\n%E5%90%8D=a%20b%26c%2B"), "{}", seen[2]);
}

#[test]
fn tells_not_sent_from_unknown() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(matches!(Client::new(closed).get("/", &[]), Err(Failure::NotSent(_))));
    for half in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let (address, thread) = serve(vec![vec![half]]);
        let answer = Client::new(address).get("/", &[]);
        assert!(matches!(answer, Err(Failure::Unknown(_))), "{half}");
        thread.join().unwrap();
    }
}

#[test]
fn skips_the_interim_answer() {
    let (address, thread) =
        serve(vec![vec!["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 N\r\n\r\n"]]);
    assert_eq!(Client::new(address).get("/", &[]).unwrap().status, 204);
    thread.join().unwrap();
}
