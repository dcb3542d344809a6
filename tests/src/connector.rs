//! The example connector as a process of its own: it counts what it is asked, outlives the
//! servers, and can be given a fault.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::process;
use crate::server::{IN_FORCE, Options, Server};

/// What both sides sign with, in these tests.
const SECRET: &str = "synthetic-secret-of-the-tests-0123456789";

/// Lets a server, or the kit, reach loopback.
pub const CONFIGURATION: &str = "[outbound]\nallow = [\"127.0.0.0/8\"]\n";

/// A step that a connector was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub session: String,
    pub step_id: String,
    /// login, answer, resend or wake.
    pub move_: String,
    /// The password or the code; `-` where there is none.
    pub value: String,
}

/// A connector; killed on drop. Its results and its count outlive the process.
#[derive(Debug)]
pub struct Connector {
    child: Child,
    url: String,
    folder: TempDir,
}

impl Connector {
    /// The example as it is.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// With one of the faults of `tests/connector/faulty.py` in every answer to a step.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn with_fault(fault: &str) -> Self {
        Self::with(&["--fault", fault])
    }

    /// With arguments of `tests/connector/faulty.py`.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn with(arguments: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary directory");
        fs::write(folder.path().join("secret"), SECRET).expect("the folder can be written");
        fs::write(folder.path().join("probity.toml"), CONFIGURATION).expect("a configuration");
        let (child, url) = launch(folder.path(), "127.0.0.1:0", arguments);
        Self { child, url, folder }
    }

    /// Ends the process and starts it again at the same address, with another fault or none.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn restart(&mut self, fault: &str) {
        self.kill();
        let address = self.url.trim_start_matches("http://").to_owned();
        (self.child, self.url) = launch(self.folder.path(), &address, &["--fault", fault]);
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait(&mut self) {
        process::wait(&mut self.child, Duration::from_secs(10)).expect("it ends");
    }

    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn secret_file(&self) -> PathBuf {
        self.folder.path().join("secret")
    }

    /// A configuration file with [`CONFIGURATION`].
    pub fn configuration_file(&self) -> PathBuf {
        self.folder.path().join("probity.toml")
    }

    /// The steps that it really began, one a line: step_id, kind, move.
    pub fn asked(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Every step that arrived, also one that came before.
    ///
    /// # Panics
    /// When a line is not what `faulty.py` writes.
    pub fn arrivals(&self) -> Vec<Arrival> {
        let text = fs::read_to_string(self.folder.path().join("notes")).unwrap_or_default();
        let arrival = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            let [session, step_id, move_, value] = words[..] else { panic!("{line:?}") };
            let [session, step_id, move_, value] =
                [session, step_id, move_, value].map(str::to_owned);
            Arrival { session, step_id, move_, value }
        };
        text.lines().map(arrival).collect()
    }

    /// Starts a server whose only source of these kinds is this connector, with so long for a
    /// step.
    ///
    /// # Panics
    /// When a command fails.
    pub fn serve(&self, kinds: &[&str], step_deadline: &str, options: Options) -> Server {
        let server = Server::start(options.configuration(CONFIGURATION));
        let (secret, config) = (self.secret_file(), self.configuration_file());
        let run = |line: &str| {
            let line = format!("{line} --config {}", config.display());
            server.cli(&line.split(' ').collect::<Vec<_>>()).expect_success()
        };
        for source in run("source list --json").json().as_array().into_iter().flatten() {
            if kinds.iter().any(|kind| source["kind"] == *kind) {
                run(&format!("source disable {}", source["name"].as_str().expect("a name")));
            }
        }
        let at = format!("--url {} --secret-file {}", self.url(), secret.display());
        let papers = "--licence synthetic --authorisation synthetic";
        let limits = format!("--step-deadline {step_deadline} --rate 10000");
        for kind in kinds {
            run(&format!("source add remote-{kind} --kind {kind} {at} {papers} {limits}"));
            run(&format!("source enable remote-{kind}"));
        }
        thread::sleep(IN_FORCE);
        server
    }
}

impl Drop for Connector {
    fn drop(&mut self) {
        self.kill();
    }
}

fn launch(folder: &Path, address: &str, arguments: &[&str]) -> (Child, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/connector/faulty.py");
    let mut child = Command::new("python3")
        .args([script, "--listen", address])
        .args(arguments)
        .arg("--secret-file")
        .arg(folder.join("secret"))
        .arg("--steps")
        .arg(folder.join("steps.db"))
        .arg("--log")
        .arg(folder.join("log"))
        .arg("--notes")
        .arg(folder.join("notes"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("python3 can be started");
    let mut line = String::new();
    let out = child.stdout.take().expect("its output is piped");
    BufReader::new(out).read_line(&mut line).expect("a line of text");
    let url = line.trim().strip_prefix("listening on ").expect("the connector listens");
    (child, url.to_owned())
}
