//! Names of modules, and the `//!` that opens each of them.

use super::source::Source;

/// Names that say nothing about what is inside.
const EMPTY_WORDS: [&str; 8] =
    ["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"];

pub(crate) fn check(source: &Source) -> Vec<String> {
    let path = &source.path;
    let mut violations = Vec::new();
    if path.ends_with("/mod.rs") {
        violations.push(format!("{path}: write `x.rs` beside `x/`, not `x/mod.rs`"));
    }
    for part in path.trim_end_matches(".rs").split('/') {
        if let Some(word) = empty_word(part) {
            violations.push(format!("{path}: `{word}` says nothing: name what is inside"));
        }
    }
    for (number, line) in source.lines() {
        if let Some(word) = inline_module(line).and_then(empty_word) {
            violations.push(format!("{path}:{number}: `{word}` says nothing: name what is inside"));
        }
    }
    // A sibling `x/tests.rs` says its role by its name.
    if !path.ends_with("/tests.rs") && !source.text.trim_start().starts_with("//!") {
        violations.push(format!("{path}: opens without `//!` saying its role"));
    }
    violations
}

fn empty_word(name: &str) -> Option<&str> {
    name.split('_').find(|word| EMPTY_WORDS.contains(word))
}

/// The name in `mod name {` or `mod name;`.
fn inline_module(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = match line.split_once("mod ") {
        Some((before, rest)) if before.is_empty() || before.starts_with("pub") => rest,
        _ => return None,
    };
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Source::new(path, text)).len()
    }

    #[test]
    fn good_and_bad() {
        assert_eq!(count("crates/a/src/money.rs", "//! Money."), 0);
        assert_eq!(count("crates/a/src/money/mod.rs", "//! Money."), 1);
        assert_eq!(count("crates/a/src/common.rs", "//! Things."), 1);
        assert_eq!(count("crates/a/src/http_utils.rs", "//! Things."), 1);
        assert_eq!(count("crates/a/src/helpers/text.rs", "//! Text."), 1);
        assert_eq!(count("crates/a/src/a.rs", "//! A.\npub(crate) mod util;"), 1);
        assert_eq!(count("crates/a/src/a.rs", "//! A.\nmod manager {}"), 1);
        assert_eq!(count("crates/a/src/a.rs", "//! A.\n// a common mod of speech"), 0);
        assert_eq!(count("crates/a/src/a.rs", "use std::fmt;\n//! late"), 1);
        assert_eq!(count("crates/a/src/a.rs", ""), 1);
        assert_eq!(count("crates/a/src/a/tests.rs", "use super::*;"), 0);
    }
}
