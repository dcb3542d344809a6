//! The documents say what is true: their commands are run as they stand, and the files and
//! commands that they name are there.
//!
//! The kind of a code block decides, in the order of the document, in one shell per document:
//! - `sh`: is run, and must succeed;
//! - `sh server`: one command that goes on running until the next one of its kind, or the end;
//! - `sh postgres`: is run when `PROBITY_TEST_POSTGRES` is set;
//! - `sh node` (`python3`, `java`, `php`): is run when that program is there;
//! - `js NAME` (`json`, `python`, `java`, `php`): becomes that file;
//! - `sh no-run: <reason>`: is not run, for one of the reasons in `blocks.rs`;
//! - `text output`, `json output`: what the block before it prints, `…` standing for anything.
//!
//! Places of a real machine stand for places of the test: see `Place::prepare` in `place.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use docs::blocks::{Block, Kind, blocks, matches};
use docs::place::Place;
use tests::process;

mod docs {
    pub(crate) mod blocks;
    pub(crate) mod place;
}

#[test]
fn readme() {
    run("README.md");
}

#[test]
fn readme_in_chinese() {
    run("README.zh-CN.md");
}

#[test]
fn operating() {
    run("docs/operating.md");
}

#[test]
fn merchant_guide() {
    run("docs/merchant-finplus.md");
}

#[test]
fn merchant_guide_of_face_2() {
    run("docs/merchant-qiancheng.md");
}

#[test]
fn merchant_guide_of_audits() {
    run("docs/merchant-qiancheng-audit.md");
}

#[test]
fn merchant_guide_of_face_3() {
    run("docs/merchant-rong360.md");
}

#[test]
fn merchant_guide_of_files() {
    run("docs/merchant-files.md");
}

#[test]
fn analysts_guide() {
    run("docs/policy.md");
}

#[test]
fn decisions() {
    run("docs/decisions.md");
}

#[test]
fn operators() {
    run("docs/operators.md");
}

#[test]
fn connector_guide() {
    run("docs/connectors.md");
}

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("the package is a folder of the repository").to_owned()
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Runs a document's commands, and holds what they print against what it says.
fn run(name: &str) {
    let blocks = blocks(&document(name)).unwrap_or_else(|wrong| panic!("{name}, {wrong}"));
    let place = Place::prepare(&root());
    if let Err(how) = place.play(&blocks) {
        let step: usize = place.read("step").trim().parse().unwrap_or_default();
        let (out, err) = (place.read(&format!("{step}.out")), place.read(&format!("{step}.err")));
        let (Block { line, text, .. }, shell) = (&blocks[step], place.read("shell"));
        panic!("{name}:{line}: {how}\n{text}\n--- prints\n{out}{err}--- shell\n{shell}");
    }
    let mut ran = None;
    for (number, block) in blocks.iter().enumerate() {
        if block.kind != Kind::Output {
            ran = place.runs(block).then_some(number);
        } else if let Some(ran) = ran {
            let (printed, line) = (place.read(&format!("{ran}.out")), block.line);
            let wanted = place.translate(&block.text);
            assert!(matches(&wanted, &printed), "{name}:{line}: in truth it prints\n{printed}");
        }
    }
}

const DOCUMENTS: [&str; 15] = [
    "README.md",
    "README.zh-CN.md",
    "ARCHITECTURE.md",
    "docs/operating.md",
    "docs/merchant-finplus.md",
    "docs/merchant-qiancheng.md",
    "docs/merchant-qiancheng-audit.md",
    "docs/merchant-rong360.md",
    "docs/connectors.md",
    "docs/policy.md",
    "docs/default-policy.md",
    "docs/features.md",
    "docs/decisions.md",
    "docs/operators.md",
    "examples/connector-python/README.md",
];

/// What stands between single backquotes.
fn code_spans(document: &str) -> impl Iterator<Item = &str> {
    document.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The code spans that are paths of the repository.
fn named_paths(document: &str) -> impl Iterator<Item = &str> {
    let kinds = [".rs", ".md", ".toml", ".sql", ".json", "/"];
    code_spans(document).filter(move |span| {
        let is_path = span.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
        let top = span.split('/').next().unwrap_or_default();
        is_path
            && ["crates", "tests", "docs", "xtask", "config", "examples"].contains(&top)
            && kinds.iter().any(|kind| span.ends_with(kind))
    })
}

/// The targets of links to files, without what follows the `#`.
fn links(document: &str) -> impl Iterator<Item = &str> {
    let links = document.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = links.filter(|link| !link.starts_with("http") && !link.starts_with('#'));
    files.filter_map(|link| link.split('#').next())
}

#[test]
fn the_files_that_are_named_are_there() {
    let mut missing = Vec::new();
    for name in DOCUMENTS {
        let (text, own) = (document(name), root().join(name));
        let folder = own.parent().expect("a document is in a folder");
        let named = named_paths(&text).map(|path| (path, root().join(path)));
        let linked = links(&text).map(|link| (link, folder.join(link)));
        let absent = named.chain(linked).filter(|(_, path)| !path.exists());
        missing.extend(absent.map(|(shown, _)| format!("{name}: {shown}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn the_commands_that_are_named_are_there() {
    for name in DOCUMENTS {
        let text = document(name);
        for span in code_spans(&text).filter(|span| span.starts_with("probity ")) {
            let is_word = |word: &&str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            let words = span.split(' ').skip(1);
            let words: Vec<&str> =
                words.take_while(|word| is_word(word) && !word.starts_with('-')).collect();
            let output = Command::new(process::binary()).args(&words).arg("--help").output();
            let output = output.expect("the binary can be started");
            assert!(output.status.success(), "{name}: `{span}`: {output:?}");
        }
    }
}
