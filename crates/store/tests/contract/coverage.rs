//! Every public function of the store is called by this suite: the list is the source itself.

use std::fs;
use std::path::{Path, PathBuf};

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sources(directory: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let entries = fs::read_dir(&directory).expect("the crate has the directory");
    let paths = entries.map(|entry| entry.expect("the directory is readable").path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

/// `module::function(` or, as a callback, `module::function` before a `)` or `,`.
fn is_called(suite: &str, call: &str) -> bool {
    suite.match_indices(call).any(|(at, _)| {
        let next = suite[at + call.len()..].chars().next();
        next.is_some_and(|next| "(),;".contains(next))
    })
}

fn name_of(line: &str) -> &str {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.split(|c| !is_name(c)).next().expect("a split gives a part")
}

#[test]
fn every_public_function_is_called() {
    let mut suite: String = sources("tests/contract").iter().map(|path| read(path)).collect();
    suite.retain(|c| !c.is_whitespace());
    let mut missing = Vec::new();
    let mut seen = 0;
    let mut files = sources("src");
    files.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/driver/sqlite/backup.rs"));
    for path in files {
        let module = path.file_stem().expect("a file").to_string_lossy().into_owned();
        for line in read(&path).lines() {
            let call = if let Some(rest) = line.strip_prefix("pub fn ") {
                format!("{module}::{}", name_of(rest))
            } else if module == "store"
                && let Some(rest) = line.trim_start().strip_prefix("pub async fn ")
            {
                format!(".{}", name_of(rest))
            } else {
                continue;
            };
            if module == "fail_points" {
                // It says when a test's process dies; the crash tests call it.
                continue;
            }
            seen += 1;
            let generic = suite.contains(&format!("{call}("));
            if !generic && !is_called(&suite, &call) {
                missing.push(call);
            }
        }
    }
    assert!(seen > 50, "only {seen} functions were found");
    assert_eq!(missing, Vec::<String>::new(), "not called by any contract test");
}
