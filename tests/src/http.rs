//! A small blocking HTTP/1.1 client with keep-alive.
//!
//! It tells apart what a crash test must tell apart: a request that cannot have reached the
//! server, and one whose fate is unknown.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::seen;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// No connection: the server cannot have seen the request.
    NotSent(io::Error),
    /// Sent, at least in part, and no whole answer came: the server may have acted on it.
    Unknown(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) => write!(formatter, "not sent: {error}"),
            Self::Unknown(error) => write!(formatter, "no answer: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names in lower case, in the order of the wire.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text, for assertions and messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `Null` when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// One connection at a time to one server.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
    answer_limit: Duration,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, connection: None, answer_limit: ANSWER_LIMIT }
    }

    /// A connection more to the same server.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { address: self.address, connection: None, answer_limit: self.answer_limit }
    }

    /// Gives up on an answer after that time (30 s unless told).
    #[must_use]
    pub fn answer_limit(mut self, limit: Duration) -> Self {
        self.answer_limit = limit;
        // One that stands already has the old limit.
        self.connection = None;
        self
    }

    pub fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Response, Failure> {
        self.request("GET", path, headers, &[])
    }

    pub fn post_form(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Result<Response, Failure> {
        let body = urlencode(form);
        let content = [("Content-Type", "application/x-www-form-urlencoded")];
        self.request("POST", path, &[&content, headers].concat(), body.as_bytes())
    }

    /// Sends one request as given; adds `Host` and, when there is a body, `Content-Length`.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response, Failure> {
        let mut head = vec![format!("{method} {path} HTTP/1.1"), format!("Host: {}", self.address)];
        head.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
        if !body.is_empty() || method == "POST" {
            head.push(format!("Content-Length: {}", body.len()));
        }
        let head = head.join("\r\n") + "\r\n\r\n";
        self.send_raw(&[head.as_bytes(), body].concat())
    }

    /// Sends bytes as they are, for requests that no proper client would write.
    pub fn send_raw(&mut self, bytes: &[u8]) -> Result<Response, Failure> {
        let mut connection = match self.connection.take().filter(is_open) {
            Some(connection) => connection,
            None => self.connect().map_err(Failure::NotSent)?,
        };
        let response = exchange(&mut connection, bytes).map_err(Failure::Unknown)?;
        let closing = response.header("connection").is_some_and(|value| value == "close");
        self.connection = (!closing).then_some(connection);
        let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let target = line.split(' ').nth(1).unwrap_or_default();
        seen::note(target, response.status, |name| response.header(name));
        Ok(response)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.address, CONNECT_LIMIT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(self.answer_limit))?;
        stream.set_write_timeout(Some(self.answer_limit))?;
        Ok(BufReader::new(stream))
    }
}

/// Whether an idle connection may be used again: the server may have closed it meanwhile, and a
/// request written into it would count as unknown though nobody read it.
fn is_open(connection: &BufReader<TcpStream>) -> bool {
    let stream = connection.get_ref();
    if stream.set_nonblocking(true).is_err() {
        return false;
    }
    let peeked = stream.peek(&mut [0; 1]);
    let waiting = peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
    waiting && stream.set_nonblocking(false).is_ok()
}

fn exchange(connection: &mut BufReader<TcpStream>, bytes: &[u8]) -> io::Result<Response> {
    // A server may refuse and close before it has read all; its answer is still to be read.
    let written = connection.get_mut().write_all(bytes);
    loop {
        match (read_response(connection), written.is_ok()) {
            (Ok(interim), _) if interim.status == 100 => {}
            (Err(_), false) => return written.map(|()| unreachable!("writing failed")),
            (answer, _) => return answer,
        }
    }
}

/// Reads one answer: status line, headers, body by length, by chunks, or up to the end.
fn read_response(reader: &mut impl io::BufRead) -> io::Result<Response> {
    let line = read_line(reader)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| broken("no status line"))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken("a header without colon"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut response = Response { status, headers, body: Vec::new() };
    let length = response.header("content-length").map(str::parse::<u64>);
    let chunked = response.header("transfer-encoding").is_some_and(|value| value == "chunked");
    response.body = match length {
        Some(Ok(length)) => read_exactly(reader, length)?,
        Some(Err(_)) => return Err(broken("content-length is no number")),
        None if chunked => read_chunks(reader)?,
        None if matches!(status, 100..200 | 204 | 304) => Vec::new(),
        None => {
            let mut body = Vec::new();
            reader.take(BODY_BYTES_MAX).read_to_end(&mut body)?;
            body
        }
    };
    Ok(response)
}

fn read_chunks(reader: &mut impl io::BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| broken("a chunk without size"))?;
        if size == 0 {
            while !read_line(reader)?.is_empty() {}
            return Ok(body);
        }
        body.extend(read_exactly(reader, size)?);
        read_line(reader)?;
    }
}

fn read_exactly(reader: &mut impl io::BufRead, length: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let read = reader.take(length.min(BODY_BYTES_MAX)).read_to_end(&mut body)?;
    if read as u64 == length { Ok(body) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn read_line(reader: &mut impl io::BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    reader.take(64 * 1024).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).map_err(|_| broken("a header that is no text"))
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// `application/x-www-form-urlencoded`: RFC 3986 unreserved characters stay, a space is `%20`
/// (readers that know `+` know `%20`; not the other way round).
pub fn urlencode(pairs: &[(&str, &str)]) -> String {
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}={}", percent_encode(key), percent_encode(value)))
        .collect();
    encoded.join("&")
}

/// RFC 3986: everything but unreserved characters becomes `%XX`, byte by byte.
pub fn percent_encode(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests;
