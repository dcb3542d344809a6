//! The files that are checked: all that git tracks or would track.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// One file of the repository that is text.
pub(crate) struct Source {
    /// Path from the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.has_extension("rs")
    }

    pub(crate) fn has_extension(&self, wanted: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| extension == wanted)
    }

    /// The lines with their numbers from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// Reads the files from the working directory's repository. Binary files are left out.
pub(crate) fn load() -> Result<Vec<Source>> {
    enter_root()?;
    let list = output("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    let mut sources = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        // A tracked file may be deleted in the working tree; a data file may be no text.
        let Ok(bytes) = std::fs::read(path) else {
            continue;
        };
        if let Ok(text) = String::from_utf8(bytes) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    ensure!(sources.iter().any(Source::is_rust), "no Rust files found: wrong directory?");
    Ok(sources)
}

/// Makes the repository's root the working directory.
pub(crate) fn enter_root() -> Result<()> {
    let root = output("git", &["rev-parse", "--show-toplevel"])?;
    std::env::set_current_dir(root.trim()).context("the repository's root")
}

/// The standard output of a program that must succeed.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("{program} could not be started"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {} failed: {complaint}", arguments.join(" "));
    String::from_utf8(output.stdout).with_context(|| format!("{program} printed no UTF-8"))
}
