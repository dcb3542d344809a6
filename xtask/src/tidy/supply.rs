//! Banned crates and sources in Cargo.lock: holds the core of deny.toml without cargo-deny.

use super::layers;
use super::source::Source;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Crate and why it is banned.
const BANNED: [(&str, &str); 4] = [
    ("rsa", "timing side channel (RUSTSEC-2023-0071); use aws-lc-rs"),
    ("serde_yaml", "unmaintained; configuration is TOML"),
    ("serde_yml", "unsound (RUSTSEC-2025-0068); configuration is TOML"),
    ("openssl-src", "one TLS provider: aws-lc-rs"),
];

pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    match sources.iter().find(|source| source.path == "Cargo.lock") {
        Some(lock) => check_lock(&lock.text),
        None => vec!["Cargo.lock: missing; it is committed".to_owned()],
    }
}

fn check_lock(text: &str) -> Vec<String> {
    let mut violations = Vec::new();
    for package in text.split("[[package]]").skip(1) {
        let name = field(package, "name").unwrap_or_default();
        if let Some((_, why)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            violations.push(format!("Cargo.lock: `{name}` is banned: {why}"));
        }
        match field(package, "source") {
            Some(REGISTRY) => {}
            Some(other) => violations.push(format!("Cargo.lock: `{name}` comes from {other}")),
            None if layers::is_ours(name) => {}
            None => violations.push(format!("Cargo.lock: `{name}` comes from a path")),
        }
    }
    violations
}

/// The value of `key = "value"` in one package of the lock file.
fn field<'a>(package: &'a str, key: &str) -> Option<&'a str> {
    package
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(name: &str, source: &str) -> String {
        format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n{source}")
    }

    #[test]
    fn good_and_bad() {
        let registry = format!("source = \"{REGISTRY}\"\n");
        let count = |name, source: &str| check_lock(&lock(name, source)).len();
        assert_eq!(count("serde", &registry), 0);
        assert_eq!(count("domain", ""), 0);
        assert_eq!(count("rsa", &registry), 1);
        assert_eq!(count("serde_yaml", &registry), 1);
        assert_eq!(count("serde", "source = \"git+https://example.com/serde\"\n"), 1);
        assert_eq!(count("stranger", ""), 1);
        assert_eq!(check(&[]).len(), 1);
    }
}
