//! The peer: the same HTTP framework, set up as the server sets it up, and nothing behind it. Runs
//! in a process of its own, as the server does.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use hyper_util::rt::TokioTimer;

use crate::finplus;

/// The argument that makes the bench the echo.
pub const ARGUMENT: &str = "echo";

/// A running echo; ended on drop.
#[derive(Debug)]
pub(super) struct Echo {
    child: Child,
    address: SocketAddr,
}

impl Echo {
    /// Starts one that answers with that many bytes.
    pub(super) fn start(bytes: usize) -> Self {
        let own = env::current_exe().expect("a running program has a path");
        let mut command = Command::new(own);
        command.args([ARGUMENT, &bytes.to_string()]).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the bench can start itself");
        let mut line = String::new();
        let output = child.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("it tells its address");
        let address = line.trim().parse().expect("an address");
        Self { child, address }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn process_id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves for ever: `bytes` of JSON to whatever is asked. Writes its address to standard output.
pub fn serve(bytes: usize) -> io::Result<()> {
    let body = Bytes::from(format!("\"{}\"", "0".repeat(bytes.saturating_sub(2))));
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], body) };
    let router = Router::new().route(finplus::PATH, get(answer));
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut server = axum_server::from_tcp(listener)?;
        let builder = server.http_builder();
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(5))
            .max_buf_size(16 * 1024);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        server.serve(service).await
    })
}
