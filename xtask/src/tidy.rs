//! `tidy`: the rules of CONTRIBUTING.md that neither rustfmt nor clippy can hold.
//!
//! Each check is a function from text to the list of its violations, in a file of its own, with
//! tests that feed it something bad: a check that cannot fail is no check.

use std::path::Path;

use anyhow::Result;

use source::Source;

mod composition;
mod fail_points;
mod layers;
mod lengths;
mod migrations;
mod names;
mod seen;
pub(crate) mod source;
mod supply;
mod words;

/// Runs every check over the repository and prints what is wrong; true when nothing is.
pub(crate) fn run() -> Result<bool> {
    let sources = source::load()?;
    let metadata = layers::metadata()?;
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        violations.extend(lengths::check(source));
        violations.extend(names::check(source));
        violations.extend(composition::check(source));
    }
    for source in &sources {
        violations.extend(words::check(source));
    }
    violations.extend(layers::check_edges(&metadata));
    violations.extend(layers::check_pure_trees(&metadata));
    violations.extend(migrations::check(&paths(&sources)));
    violations.extend(fail_points::check(&sources));
    violations.extend(supply::check(&sources));
    let rust = sources.iter().filter(|source| source.is_rust()).count();
    Ok(report(&format!("{rust} Rust files"), &violations))
}

/// Compares the answers that the tests noted in `folder` with the documented ones; prints what is
/// missing on either side. True when nothing is.
pub(crate) fn run_seen(folder: &Path) -> Result<bool> {
    let (document, lines) = seen::load(folder)?;
    let violations = seen::check(&document, &lines);
    Ok(report(&format!("{} kinds of answers seen", lines.len()), &violations))
}

fn report(what: &str, violations: &[String]) -> bool {
    for violation in violations {
        eprintln!("{violation}");
    }
    eprintln!("tidy: {what}, {} violations", violations.len());
    violations.is_empty()
}

fn paths(sources: &[Source]) -> Vec<&str> {
    sources.iter().map(|source| source.path.as_str()).collect()
}
