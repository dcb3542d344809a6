//! Commands of the binary that stand alone, and the files that they read.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::read::GzDecoder;

use crate::process;
use crate::server::Output;

/// Runs the binary with exactly these arguments.
///
/// # Panics
/// When it cannot be started.
pub fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(process::binary());
    Output::of(command.args(arguments).stdin(Stdio::null())).expect("the binary can be started")
}

/// One of the scoring fixtures: models and the reference predictions of their training libraries.
///
/// # Panics
/// When there is no fixture of that name.
pub fn scoring_text(name: &str) -> String {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/domain/fixtures/scoring");
    let packed = fs::read(Path::new(fixtures).join(format!("{name}.gz"))).expect(name);
    let mut text = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut text).expect(name);
    text
}

/// Unpacks a scoring fixture into `folder`.
///
/// # Panics
/// When there is no fixture of that name.
pub fn scoring_fixture(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, scoring_text(name)).expect("the folder can be written");
    path
}

/// A path as an argument.
///
/// # Panics
/// When it is not UTF-8.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path of UTF-8")
}
