//! The merchant's program of the demo: a plain HTTP client, as small as one can be.

use std::net::SocketAddr;

use anyhow::Context;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) app_code: String,
}

/// An answer as it was heard.
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, app_code: &str) -> Self {
        Self { address, app_code: app_code.to_owned() }
    }

    /// A GET on a connection of its own.
    pub(crate) async fn get(&self, target: &str) -> anyhow::Result<Heard> {
        self.get_with(target, &format!("APPCODE {}", self.app_code)).await
    }

    /// A GET with a bearer token; gives the JSON that came back.
    pub(crate) async fn get_as(&self, target: &str, token: &str) -> anyhow::Result<Value> {
        let heard = self.get_with(target, &format!("Bearer {token}")).await?;
        serde_json::from_slice(&heard.body).context("the answer is not JSON")
    }

    async fn get_with(&self, target: &str, authorization: &str) -> anyhow::Result<Heard> {
        let mut stream = TcpStream::connect(self.address).await?;
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nAuthorization: {authorization}\r\n\
             Connection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        read(&bytes).context("the answer is not HTTP")
    }
}

impl Client {
    /// A POST of a form; gives the JSON that came back.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> anyhow::Result<Value> {
        let pairs: Vec<String> =
            form.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
        let body = pairs.join("&");
        let mut stream = TcpStream::connect(self.address).await?;
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        let heard = read(&bytes).context("the answer is not HTTP")?;
        serde_json::from_slice(&heard.body).context("the answer is not JSON")
    }
}

/// RFC 3986: everything but unreserved characters as `%XX`.
fn encode(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn read(bytes: &[u8]) -> Option<Heard> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Heard { status, body: bytes[end + 4..].to_vec() })
}
