//! `gen`: writes the files of the repository that are made from the code.
//!
//! The tests fail while such a file differs from what the code makes of it.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::tidy::source;

/// Each file, and the arguments of the binary that print it.
const FILES: [(&str, &[&str]); 1] = [("docs/openapi.json", &["openapi"])];

/// Each file that an ignored test writes, and where: what only tests see needs no way out.
const WRITTEN_BY_TESTS: [(&str, &str, &str); 4] = [
    ("docs/sessions.md", "domain", "session::tests::diagram::write_the_diagrams"),
    ("docs/features.md", "domain", "assessment::tests::page::write_the_page"),
    ("docs/default-policy.md", "domain", "policy::tests::page::write_the_page"),
    (
        "crates/domain/fixtures/assessment/features.txt",
        "domain",
        "assessment::tests::version::write_what_features_give",
    ),
];

pub(crate) fn write() -> Result<()> {
    source::enter_root()?;
    for (path, arguments) in FILES {
        let text = source::output("cargo", &[&["run", "--quiet", "--"], arguments].concat())?;
        fs::write(path, text).with_context(|| path.to_owned())?;
        eprintln!("gen: {path}");
    }
    for (path, package, test) in WRITTEN_BY_TESTS {
        let only = ["--lib", "--", "--ignored", "--exact", test];
        let printed = source::output("cargo", &[&["test", "-p", package], &only[..]].concat())?;
        ensure!(printed.contains("1 passed"), "{path}: there is no test {test}");
        eprintln!("gen: {path}");
    }
    Ok(())
}
