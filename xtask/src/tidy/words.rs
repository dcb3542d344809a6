//! Words that must not be committed: reminders in place of issues, and paths of somebody's machine.

use super::source::Source;

// Written in pieces, so that this file passes its own check.
const REMINDERS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const MACHINE_PATHS: [&str; 2] = [concat!("/wo", "rk/"), concat!("../sha", "red")];

pub(crate) fn check(source: &Source) -> Vec<String> {
    let is_code = ["rs", "sql", "toml", "sh"].iter().any(|kind| source.has_extension(kind))
        || source.text.starts_with("#!");
    let mut violations = Vec::new();
    for (number, line) in source.lines() {
        let place = format!("{}:{number}", source.path);
        if is_code && let Some(word) = REMINDERS.iter().find(|word| stands_alone(line, word)) {
            violations.push(format!("{place}: {word}: do it, or open an issue"));
        }
        if let Some(path) = MACHINE_PATHS.iter().find(|path| starts_a_path(line, path)) {
            violations.push(format!("{place}: `{path}` is a path of one machine"));
        }
    }
    violations
}

fn stands_alone(line: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(is_letter) && !line[at + word.len()..].starts_with(is_letter)
    })
}

/// A match inside a longer path or a link is some other path.
fn starts_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.~}/".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Source::new(path, text)).len()
    }

    #[test]
    fn reminders() {
        let word = REMINDERS[0];
        assert_eq!(count("a.rs", &format!("// {word}: later")), 1);
        assert_eq!(count("a.sql", &format!("-- {word}")), 1);
        assert_eq!(count("test", &format!("#!/bin/sh\n# {word}")), 1);
        assert_eq!(count("a.rs", &format!("let {word}_LIST = 1;")), 0);
        assert_eq!(count("a.md", &format!("no {word} in code")), 0);
    }

    #[test]
    fn machine_paths() {
        let path = MACHINE_PATHS[0];
        assert_eq!(count("a.md", &format!("see {path}main")), 1);
        assert_eq!(count("a.rs", &format!("open(\"{path}data\")")), 1);
        assert_eq!(count("a.md", &format!("see `{}/spec`", MACHINE_PATHS[1])), 1);
        assert_eq!(count("a.md", &format!("https://example.com{path}a")), 0);
    }
}
