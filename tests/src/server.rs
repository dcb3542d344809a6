//! The real server as a child process: started, killed, restarted, joined by a second node.

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::database::{Database, PostgresDatabase};
use crate::finplus::Finplus;
use crate::http::Client;
use crate::process::{self, Signal};

mod options;
mod output;
mod sandbox;
mod steps;

pub use options::Options;
pub use output::Output;
pub use sandbox::{Sandbox, SandboxOperator};
pub use steps::IN_FORCE;

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_mins(1);

/// Why a server did not come up: how it ended (`None`: it did not in time) and what it said.
#[derive(Debug)]
pub struct StartFailure {
    pub status: Option<ExitStatus>,
    pub log: String,
}

/// What the nodes of one installation share.
#[derive(Debug)]
struct Shared {
    postgres: Option<PostgresDatabase>,
    key: PathBuf,
    _folder: TempDir,
}

/// A node. Its process is killed on drop; its database goes with the last node.
#[derive(Debug)]
pub struct Server {
    options: Options,
    child: Option<Child>,
    address: Option<SocketAddr>,
    data: PathBuf,
    folder: TempDir,
    starts: usize,
    /// The node whose `sandbox.json` tells the credentials.
    sandbox_of: PathBuf,
    shared: Arc<Shared>,
}

impl Server {
    /// Starts a server and waits until it serves.
    ///
    /// # Panics
    /// When it does not come up; the message has its log.
    pub fn start(options: Options) -> Self {
        let mut server = Self::prepare(options);
        server.launch().unwrap_or_else(|failure| panic!("the server did not start: {failure:#?}"));
        server
    }

    /// Makes directory, database and (on PostgreSQL) root key, without starting anything.
    pub fn prepare(options: Options) -> Self {
        let postgres = match options.database {
            Database::Sqlite => None,
            Database::Postgres => Some(PostgresDatabase::create()),
        };
        Self::prepare_on(options, postgres)
    }

    /// As `prepare`, on a PostgreSQL database made by the caller, say in a cluster of its own.
    pub fn prepare_on(options: Options, postgres: Option<PostgresDatabase>) -> Self {
        let folder = TempDir::new().expect("a temporary directory");
        let key = folder.path().join("root.key");
        let on_postgres = postgres.is_some();
        let shared = Arc::new(Shared { postgres, key, _folder: folder });
        let server = Self::node(options, shared);
        if on_postgres {
            // On PostgreSQL the server never makes a key by itself.
            server.cli(&["key", "init"]).expect_success();
        }
        server
    }

    /// Starts a second node on the database of the first.
    ///
    /// # Panics
    /// On SQLite: one process owns the file.
    pub fn join(first: &Self) -> Self {
        assert!(first.shared.postgres.is_some(), "SQLite has one node");
        let mut options = first.options.clone();
        options.data = None;
        let mut server = Self::node(options, Arc::clone(&first.shared));
        server.sandbox_of.clone_from(&first.sandbox_of);
        server.launch().unwrap_or_else(|failure| panic!("the node did not start: {failure:#?}"));
        server
    }

    fn node(mut options: Options, shared: Arc<Shared>) -> Self {
        let folder = TempDir::new().expect("a temporary directory");
        let data = options.data.clone().unwrap_or_else(|| folder.path().join("data"));
        fs::create_dir_all(&data).expect("the data directory can be made");
        if let Some(text) = options.configuration.take() {
            let path = folder.path().join("probity.toml");
            fs::write(&path, text).expect("the configuration can be written");
            options = options.arguments(&["--config", &path.display().to_string()]);
        }
        let sandbox_of = data.join("sandbox.json");
        let (child, address, starts) = (None, None, 0);
        Self { options, child, address, data, folder, starts, sandbox_of, shared }
    }

    /// Starts the process and waits for its line `listening`.
    pub fn launch(&mut self) -> Result<(), StartFailure> {
        self.spawn();
        self.wait_for_listening()
    }

    /// Starts the process and kills it that much later, whatever it has come to.
    pub fn launch_and_kill_after(&mut self, time: Duration) {
        self.spawn();
        thread::sleep(time);
        self.kill9();
    }

    fn spawn(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        self.starts += 1;
        let log = OpenOptions::new().create(true).append(true).open(self.log_path());
        let log = log.expect("the log can be written");
        let mut command = Command::new(process::binary());
        command.arg("serve").arg("--data").arg(&self.data);
        if self.options.free_port {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        if let Some(postgres) = &self.shared.postgres {
            command.args(["--database", &postgres.url()]).arg("--key").arg(&self.shared.key);
        }
        if self.options.sandbox {
            command.arg("--sandbox");
        }
        command.args(&self.options.arguments).envs(&self.options.environment);
        command.stdin(Stdio::null()).stderr(log.try_clone().expect("a second handle")).stdout(log);
        self.child = Some(command.spawn().expect("the binary can be started"));
    }

    fn wait_for_listening(&mut self) -> Result<(), StartFailure> {
        let mut status = None;
        let came = process::wait_until(START_LIMIT, || {
            self.address = listening_address(&self.log());
            status = self.child.as_mut().expect("started").try_wait()?;
            Ok(self.address.is_some() || status.is_some())
        });
        if came.is_ok() && status.is_none() {
            return Ok(());
        }
        self.kill9();
        Err(StartFailure { status, log: self.log_text() })
    }

    /// Where it listens.
    ///
    /// # Panics
    /// Before the first start.
    pub fn address(&self) -> SocketAddr {
        self.address.expect("started")
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address())
    }

    pub fn client(&self) -> Client {
        Client::new(self.address())
    }

    /// A Finplus client of the demo merchant.
    pub fn finplus(&self) -> Finplus {
        Finplus::new(self.client(), &self.sandbox().app_code)
    }

    /// The credentials of the demo merchant; a joined node has those of the first.
    pub fn sandbox(&self) -> Sandbox {
        let mut sandbox = Sandbox::read(&self.sandbox_of);
        if self.address.is_some() {
            sandbox.base_url = self.base_url();
        }
        sandbox
    }

    pub fn data_folder(&self) -> &Path {
        &self.data
    }

    /// The file of the root key.
    pub fn root_key(&self) -> PathBuf {
        match self.shared.postgres {
            Some(_) => self.shared.key.clone(),
            None => self.data.join("root.key"),
        }
    }

    /// The PostgreSQL database below, when it is one.
    pub fn postgres(&self) -> Option<&PostgresDatabase> {
        self.shared.postgres.as_ref()
    }

    /// The process, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Sends any signal; `STOP` and `CONT` make a node that was away.
    pub fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("it runs");
        process::signal(child, signal).expect("the process is there");
    }

    /// The end without warning. Nothing happens when it has ended already.
    pub fn kill9(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks it to end (SIGTERM) and waits for it.
    ///
    /// # Panics
    /// When it has not ended within 60 s.
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Waits for an end that comes by itself (a fail point, a fatal error).
    pub fn wait(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let ended = process::wait(&mut child, STOP_LIMIT);
        ended.unwrap_or_else(|error| {
            let _ = child.kill();
            panic!("it did not end: {error}\n{}", self.log_text())
        })
    }

    /// Starts it again on the same data (at another port), killing it first when it runs.
    pub fn restart(&mut self) {
        self.kill9();
        self.launch().unwrap_or_else(|failure| panic!("no restart: {failure:#?}"));
    }

    /// As `restart`, with other fail points (none when empty).
    pub fn restart_with_fail_points(&mut self, points: &str) {
        self.try_restart_with_fail_points(points)
            .unwrap_or_else(|failure| panic!("no restart: {failure:#?}"));
    }

    /// The same, where it may die before it serves.
    pub fn try_restart_with_fail_points(&mut self, points: &str) -> Result<(), StartFailure> {
        self.options.environment.insert("FAILPOINTS".to_owned(), points.to_owned());
        self.kill9();
        self.launch()
    }

    /// The log of the last start: its lines that are JSON.
    pub fn log(&self) -> Vec<Value> {
        self.log_text().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The log of the last start as written, standard error and standard output together.
    pub fn log_text(&self) -> String {
        fs::read(self.log_path())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join(format!("server-{}.log", self.starts))
    }

    /// Runs another command of the binary on the same data; it may run beside the server.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        Output::of(&mut self.command(arguments)).expect("the binary can be started")
    }

    /// The same, with that standard input.
    ///
    /// # Panics
    /// When it cannot be given.
    pub fn cli_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(input.as_bytes()).expect("it can be written");
        file.rewind().expect("it can be read from its beginning");
        let mut command = self.command(arguments);
        Output::of(command.stdin(file)).expect("the binary can be started")
    }

    /// Such a command, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(process::binary());
        command.args(arguments).stdin(Stdio::null());
        match &self.shared.postgres {
            None => command.arg("--data").arg(&self.data),
            Some(postgres) => {
                command.args(["--database", &postgres.url()]).arg("--key").arg(&self.shared.key)
            }
        };
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill9();
        if thread::panicking() {
            let text = self.log_text();
            let start = text.len().saturating_sub(8_000);
            let tail = text.get(start..).unwrap_or(&text);
            eprintln!("--- the end of the server's log:\n{tail}\n---");
        }
    }
}

/// The address in the line whose message is `listening`.
fn listening_address(log: &[Value]) -> Option<SocketAddr> {
    log.iter().find_map(|line| {
        // Flattened or not, as the subscriber is set up.
        let fields = line.get("fields").unwrap_or(line);
        let listening = fields.get("message")?.as_str()? == "listening";
        listening.then(|| fields.get("address")?.as_str()?.parse().ok())?
    })
}

#[cfg(test)]
mod tests;
