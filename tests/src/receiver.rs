//! A merchant's receiver of callbacks: a server of its own that notes what it is sent and answers
//! as the test says.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::cli;
use crate::connector::CONFIGURATION;
use crate::process::wait_until;
use crate::server::Server;

/// The answer that acknowledges.
pub const SUCCESS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsuccess";

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    /// As they were sent, names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub at: Instant,
}

impl Received {
    /// # Panics
    /// When there is no such header.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        &found.unwrap_or_else(|| panic!("no {name} in {self:?}")).1
    }

    /// The callback's id.
    pub fn id(&self) -> &str {
        self.header("x-callback-id")
    }
}

/// What a receiver does with a request: how long it takes, and the bytes of its answer.
pub type Reply = (Duration, String);

/// At once.
pub fn reply(text: &str) -> Reply {
    (Duration::ZERO, text.to_owned())
}

/// A running receiver; its threads go with the process.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    folder: TempDir,
}

impl Receiver {
    /// Answers each request with what `answer` makes of it and of its number, from 0. The request
    /// counts as received when the answer begins.
    ///
    /// # Panics
    /// When there is no port.
    pub fn start(answer: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("bound");
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (noted, answer) = (Arc::clone(&received), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                thread::spawn(move || {
                    let Ok(request) = read(&stream) else { return };
                    let mut all = noted.lock().expect("nobody panics with it");
                    let (pause, text) = answer(&request, all.len());
                    all.push(request);
                    drop(all);
                    thread::sleep(pause);
                    // The other side may be gone.
                    let _ = (&stream).write_all(text.as_bytes());
                });
            }
        });
        let folder = TempDir::new().expect("a temporary directory");
        fs::write(folder.path().join("probity.toml"), CONFIGURATION).expect("a configuration");
        Self { address, received, folder }
    }

    /// Answers everything with `text`.
    pub fn always(text: &str) -> Self {
        let text = text.to_owned();
        Self::start(move |_, _| reply(&text))
    }

    pub fn url(&self) -> String {
        format!("http://{}/notify", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("nobody panics with it").clone()
    }

    pub fn count(&self) -> usize {
        self.received.lock().expect("nobody panics with it").len()
    }

    /// Waits until that many requests are there.
    ///
    /// # Panics
    /// When they are not within 30 s.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        let came = wait_until(Duration::from_secs(30), || Ok(self.count() >= count));
        assert!(came.is_ok(), "{} of {count}: {:?}", self.received().len(), self.received());
        self.received()
    }

    /// Registers it as an address of a merchant, from where loopback is allowed.
    ///
    /// # Panics
    /// When the command fails.
    pub fn register(&self, server: &Server, merchant: &str) {
        let (url, config) = (self.url(), self.folder.path().join("probity.toml"));
        let add = ["merchant", "callback", merchant, "add", &url, "--config", cli::text(&config)];
        server.cli(&add).expect_success();
    }
}

fn read(stream: &TcpStream) -> io::Result<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    if path.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Received { path, headers, body, at: Instant::now() })
}
