//! The merchant's program of the demo: a plain HTTP client, as small as one can be.

use std::net::SocketAddr;

use anyhow::Context;
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
        let mut stream = TcpStream::connect(self.address).await?;
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nAuthorization: APPCODE {}\r\n\
             Connection: close\r\n\r\n",
            self.address, self.app_code
        );
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        read(&bytes).context("the answer is not HTTP")
    }
}

fn read(bytes: &[u8]) -> Option<Heard> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Heard { status, body: bytes[end + 4..].to_vec() })
}
