//! The load generator: one thread, many connections, requests that are rendered beforehand. It is
//! lean, because server and generator share the machine; the echo is driven by the same code, so
//! that the ratio is one of servers.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// A server that says nothing for so long has failed.
const SILENCE_MAX: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// Requests that differ in the person asked for and in their key.
#[derive(Debug)]
pub(super) struct Requests {
    /// Up to the key, one per person.
    heads: Vec<Vec<u8>>,
    /// After the key.
    tail: Vec<u8>,
    next: u64,
    connections: usize,
    signer: Option<Signer>,
    /// Whole ones, each sent once, in their order; the rest is not looked at then.
    whole: Vec<Vec<u8>>,
    /// What stands in every answer that is none of a refusal.
    mark: &'static [u8],
}

/// Signs each request as the gateway's clients do, with a stamp and a nonce of its own.
#[derive(Debug)]
pub(super) struct Signer {
    pub(super) app_key: String,
    pub(super) secret: hmac::Key,
    /// Milliseconds since 1970; holds for 15 minutes.
    pub(super) stamp_ms: u128,
}

impl Signer {
    /// The headers for `GET url`; the query stands in the order of its keys and needs no decoding.
    fn headers(&self, url: &str, nonce: &str) -> String {
        let Self { app_key, secret, stamp_ms } = self;
        let signed = format!("X-Ca-Key:{app_key}\nX-Ca-Nonce:{nonce}\nX-Ca-Timestamp:{stamp_ms}\n");
        let text = format!("GET\napplication/json\n\n\n\n{signed}{url}");
        let signature = BASE64_STANDARD.encode(hmac::sign(secret, text.as_bytes()));
        let lines = signed.replace(':', ": ").replace('\n', "\r\n");
        format!(
            "{lines}X-Ca-Signature-Headers: X-Ca-Key,X-Ca-Nonce,X-Ca-Timestamp\r\n\
             X-Ca-Signature: {signature}\r\n\r\n"
        )
    }
}

impl Requests {
    /// `heads` end where the key begins. Keys of different `seed`s differ for the first 2^32.
    pub(super) fn new(heads: Vec<Vec<u8>>, tail: Vec<u8>, seed: u32) -> Self {
        let (next, signer, whole) = (u64::from(seed) << 32, None, Vec::new());
        Self { heads, tail, next, connections: 64, signer, whole, mark: b"" }
    }

    /// Requests that were rendered ahead; answers without `mark` end the run.
    pub(super) fn whole(requests: Vec<Vec<u8>>, mark: &'static [u8]) -> Self {
        Self { whole: requests, mark, ..Self::new(Vec::new(), Vec::new(), 0) }
    }

    /// Signed; the tail has no credential and ends where the headers go on.
    pub(super) fn signed(self, signer: Signer) -> Self {
        Self { signer: Some(signer), ..self }
    }

    pub(super) fn on(self, connections: usize) -> Self {
        Self { connections, ..self }
    }

    /// Goes on with the keys where `before` ended.
    pub(super) fn after(mut self, before: &Self) -> Self {
        self.next = before.next;
        self.on(before.connections)
    }

    /// # Panics
    /// When more whole requests are wanted than there are.
    fn render(&mut self, into: &mut Vec<u8>) {
        if !self.whole.is_empty() {
            into.clone_from(&self.whole[self.next as usize]);
            self.next += 1;
            return;
        }
        let head = &self.heads[self.next as usize % self.heads.len()];
        into.clear();
        into.extend_from_slice(head);
        // An odd factor scatters the keys over the index as a merchant's random ones are (it is
        // one to one); ascending keys would flatter a B-tree.
        let key = self.next.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let digits: [u8; 16] =
            std::array::from_fn(|at| b"0123456789abcdef"[(key >> (60 - 4 * at)) as usize & 15]);
        into.extend_from_slice(&digits);
        into.extend_from_slice(&self.tail);
        if let Some(signer) = &self.signer {
            let nonce = std::str::from_utf8(&digits).expect("digits");
            let path = std::str::from_utf8(head).expect("a URL").trim_start_matches("GET ");
            let headers = signer.headers(&format!("{path}{nonce}"), nonce);
            into.extend_from_slice(headers.as_bytes());
        }
        self.next += 1;
    }
}

/// What a run measured.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) calls: u64,
    pub(super) seconds: f64,
    /// Ascending.
    latencies_us: Vec<u32>,
}

impl Run {
    /// The same, of what took longer than its calls.
    pub(super) fn until_done(self, done: u64, seconds: f64) -> Self {
        Self { calls: done, seconds, ..self }
    }

    pub(super) fn calls_per_second(&self) -> f64 {
        self.calls as f64 / self.seconds
    }

    pub(super) fn latency_us(&self, share: f64) -> u32 {
        let at = (self.latencies_us.len() as f64 * share) as usize;
        let last = self.latencies_us.len().saturating_sub(1);
        self.latencies_us.get(at.min(last)).copied().unwrap_or(0)
    }
}

/// A line of the table.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Load {
    pub(super) name: String,
    pub(super) calls_per_second: f64,
    pub(super) p50_us: u32,
    pub(super) p99_us: u32,
    pub(super) ratio_to_echo: Option<f64>,
    pub(super) commits_per_call: Option<f64>,
    /// Of the server's process. Says what a change brought even on a machine that does more.
    pub(super) processor_us_per_call: f64,
}

impl Load {
    pub(super) fn named(name: &str, run: &Run, processor_seconds: f64) -> Self {
        Self {
            name: name.to_owned(),
            calls_per_second: run.calls_per_second(),
            p50_us: run.latency_us(0.50),
            p99_us: run.latency_us(0.99),
            ratio_to_echo: None,
            commits_per_call: None,
            processor_us_per_call: processor_seconds * 1e6 / run.calls as f64,
        }
    }
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
    filled: usize,
    sent: Instant,
}

impl Connection {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let answer = vec![0; ANSWER_BYTES_MAX];
        Ok(Self { stream, request: Vec::new(), answer, filled: 0, sent: Instant::now() })
    }

    fn send(&mut self, requests: &mut Requests) -> io::Result<()> {
        requests.render(&mut self.request);
        self.filled = 0;
        self.sent = Instant::now();
        // Smaller than any socket buffer, which is empty here.
        self.stream.write_all(&self.request)
    }

    /// Reads what is there; whether the answer is whole.
    fn receive(&mut self) -> io::Result<bool> {
        let read = self.stream.read(&mut self.answer[self.filled..])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.filled += read;
        let answer = &self.answer[..self.filled];
        Ok(length(answer).is_some_and(|length| length <= answer.len()))
    }

    /// # Panics
    /// When the answer is not the one that is wanted: a benchmark of refusals would flatter.
    fn check(&self, mark: &[u8]) {
        let answer = &self.answer[..self.filled];
        let is_wanted = answer.starts_with(b"HTTP/1.1 200 ")
            && (mark.is_empty() || answer.windows(mark.len()).any(|part| part == mark));
        assert!(is_wanted, "{}", String::from_utf8_lossy(answer));
    }
}

/// The length of the answer that begins here, once its head is whole.
fn length(answer: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let at = answer[..end]
        .windows(NAME.len())
        .position(|bytes| bytes.eq_ignore_ascii_case(NAME))
        .expect("both servers tell the length");
    let digits = answer[at + NAME.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    Some(end + 4 + length)
}

/// Keeps every connection busy for that long, then waits for what is under way.
///
/// # Panics
/// When a connection breaks, the server falls silent, or an answer is not `200`.
pub(super) fn run(address: SocketAddr, requests: &mut Requests, length: Duration) -> Run {
    drive(address, requests, &Until::Elapsed(length)).expect("the server answers")
}

/// As `run`, for so many calls.
pub(super) fn run_calls(address: SocketAddr, requests: &mut Requests, calls: u64) -> Run {
    drive(address, requests, &Until::Calls(calls)).expect("the server answers")
}

enum Until {
    Elapsed(Duration),
    Calls(u64),
}

impl Until {
    fn is_over(&self, start: Instant, calls: u64) -> bool {
        match self {
            Self::Elapsed(length) => start.elapsed() >= *length,
            Self::Calls(most) => calls >= *most,
        }
    }
}

fn drive(address: SocketAddr, requests: &mut Requests, until: &Until) -> io::Result<Run> {
    let poll = epoll::create(CreateFlags::CLOEXEC)?;
    let mut connections = Vec::with_capacity(requests.connections);
    for place in 0..requests.connections {
        let connection = Connection::open(address)?;
        let data = EventData::new_u64(place as u64);
        epoll::add(&poll, &connection.stream, data, EventFlags::IN)?;
        connections.push(connection);
    }
    let start = Instant::now();
    for connection in &mut connections {
        connection.send(requests)?;
    }
    let mut latencies_us: Vec<u32> = Vec::with_capacity(1 << 20);
    let mut busy = requests.connections;
    let mut events: Vec<Event> = Vec::with_capacity(requests.connections);
    while busy > 0 {
        events.clear();
        epoll::wait(&poll, spare_capacity(&mut events), Some(&SILENCE_MAX))?;
        if events.is_empty() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        for event in &events {
            let connection = &mut connections[event.data.u64() as usize];
            if !connection.receive()? {
                continue;
            }
            connection.check(requests.mark);
            latencies_us.push(connection.sent.elapsed().as_micros() as u32);
            if until.is_over(start, latencies_us.len() as u64) {
                busy -= 1;
            } else {
                connection.send(requests)?;
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    latencies_us.sort_unstable();
    Ok(Run { calls: latencies_us.len() as u64, seconds, latencies_us })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_head_says() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(length(whole), Some(whole.len()));
        assert_eq!(length(&whole[..30]), None);
    }

    #[test]
    fn keys_differ_and_are_scattered() {
        let mut requests = Requests::new(vec![b"a".to_vec(), b"b".to_vec()], b"z".to_vec(), 7);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        requests.render(&mut first);
        requests.render(&mut second);
        assert_eq!((first.len(), first[0], second[0]), (18, b'a', b'b'));
        assert_ne!(first[1..3], second[1..3]);
    }

    #[test]
    fn percentiles() {
        let run = Run { calls: 100, seconds: 2.0, latencies_us: (1..=100).collect() };
        assert_eq!((run.latency_us(0.5), run.latency_us(0.99)), (51, 100));
        assert!((run.calls_per_second() - 50.0).abs() < 1e-9);
    }
}
