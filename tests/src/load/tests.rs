use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::history::attempts;

/// A node that answers that many calls, then drops every connection and stops listening.
fn node(answers: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let left = AtomicUsize::new(answers);
        thread::scope(|scope| {
            while left.load(Ordering::SeqCst) > 0 {
                let (stream, _) = listener.accept().unwrap();
                let left = &left;
                scope.spawn(move || answer(stream, left, address));
            }
            drop(listener);
        });
    });
    address
}

fn answer(stream: TcpStream, left: &AtomicUsize, own: SocketAddr) {
    let body = r#"{"code":0,"success":true,"response":{"biz_id":"b"}}"#;
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            if stream.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
        }
        let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if before.is_err() {
            // The last one wakes the listener, so that it closes.
            let _ = TcpStream::connect(own);
            return;
        }
        stream.get_mut().write_all(answer.as_bytes()).unwrap();
    }
}

fn question(client: usize, call: usize) -> Question {
    let [app_id, id_type, id_value] = ["1000001", "imei", "1"].map(str::to_owned);
    Question { key: format!("{client}-{call}"), app_id, id_type, id_value }
}

fn count(history: &History, kind: fn(&Event) -> bool) -> usize {
    attempts(&history.entries()).iter().filter(|attempt| kind(&attempt.end)).count()
}

#[test]
fn every_call_of_every_client_is_recorded() {
    let history = History::default();
    let plan = Plan { clients: 4, calls: 25, app_code: "c", question: &question };
    run(&[node(1000), node(1000)], &plan, &history);
    assert_eq!(history.acknowledged(), 100);
    assert!(history.unanswered().is_empty());
}

#[test]
fn a_death_leaves_unknowns_that_are_asked_again() {
    let history = History::default();
    let plan = Plan { clients: 4, calls: 25, app_code: "c", question: &question };
    run(&[node(30)], &plan, &history);
    assert_eq!(history.acknowledged(), 30);
    let unknown = history.unanswered().len();
    assert!((1..=8).contains(&unknown), "{unknown}");
    let failed = count(&history, |end| matches!(end, Event::Fail(_)));
    assert!(failed <= 4, "a client stops at the first refusal: {failed}");
    assert_eq!(retry_unanswered(node(1000), "c", &history), unknown);
    assert!(history.unanswered().is_empty());
    assert_eq!(history.acknowledged(), 30 + unknown as u64);
}
