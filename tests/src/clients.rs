//! Where `./test` installs the public clients, and what else the tests have other languages do.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A program in another language: a question goes in as a line of JSON, its answer comes out as
/// one.
#[derive(Debug)]
pub struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// # Panics
    /// When it does not start.
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, input, output }
    }

    /// # Panics
    /// When it ends, or answers anything but JSON.
    pub fn ask(&mut self, question: &Value) -> Value {
        let input = self.input.as_mut().expect("open until the end");
        writeln!(input, "{question}").expect("the program listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the program answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{question}: {error}: {line:?}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program of `tests/clients`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

/// The folder of that kind (`node`, `python`), when it is installed. When it is not, the test says
/// so and leaves out what needs it.
///
/// # Panics
/// In the continuous integration, where a gap would go unnoticed.
pub fn installed(kind: &str) -> Option<PathBuf> {
    let folder = env::var_os("PROBITY_TEST_CLIENTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/clients"),
        PathBuf::from,
    );
    let folder = folder.join(kind);
    if !folder.is_dir() {
        assert!(env::var_os("CI").is_none(), "CI without the public clients: run ./test");
        eprintln!("public clients are missing in {}: run ./test", folder.display());
        return None;
    }
    Some(folder)
}
