//! The documents say what is true: their commands are run as they stand, and the files and
//! commands that they name are there.
//!
//! The kind of a code block decides, in the order of the document, in one shell per document:
//! - `sh`: is run, and must succeed;
//! - `sh server`: one command that goes on running until the next one of its kind, or the end;
//! - `sh postgres`: is run when `PROBITY_TEST_POSTGRES` is set;
//! - `sh no-run: <reason>`: is not run, for one of [`REASONS`];
//! - `text output`, `json output`: what the block before it prints, `…` standing for anything.
//!
//! Places of a real machine stand for places of the test: see `Place::prepare`.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tests::database::{Database, PostgresDatabase};
use tests::process;

/// Why a block may stay unrun. None of them holds for a command of the binary alone.
const REASONS: [&str; 3] =
    ["builds the project", "changes the machine", "needs a database cluster or servers of its own"];

/// A document's commands take a few seconds; the limit is for one that hangs.
const LIMIT: Duration = Duration::from_secs(90);

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

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("the package is a folder of the repository").to_owned()
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Run,
    Server,
    Postgres,
    Output,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    kind: Kind,
    /// The line of the fence, from 1.
    line: usize,
    text: String,
}

/// The blocks of a document that matter here, or what is wrong with one.
fn blocks(document: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let Some(info) = line.trim_start().strip_prefix("```") else { continue };
        let inside = lines.by_ref().map(|(_, line)| line);
        let inside = inside.take_while(|line| line.trim() != "```");
        let text: Vec<&str> = inside.map(|line| line.get(indent..).unwrap_or("")).collect();
        let block = |kind| Block { kind, line: at + 1, text: text.join("\n") };
        match info.trim() {
            "sh" => blocks.push(block(Kind::Run)),
            "sh server" => blocks.push(block(Kind::Server)),
            "sh postgres" => blocks.push(block(Kind::Postgres)),
            "text output" | "json output" => blocks.push(block(Kind::Output)),
            "text" | "json" | "toml" | "csv" | "ini" => {}
            other => unrun(other, &text).map_err(|why| format!("line {}: {why}", at + 1))?,
        }
    }
    Ok(blocks)
}

/// Whether a block is rightly not run.
fn unrun(info: &str, text: &[&str]) -> Result<(), String> {
    let Some(reason) = info.strip_prefix("sh no-run: ") else {
        return Err(format!("a block of kind {info:?}; see the head of tests/tests/docs.rs"));
    };
    if !REASONS.contains(&reason) {
        return Err(format!("{reason:?} is no reason; there are {REASONS:?}"));
    }
    match text.iter().all(|line| line.starts_with("probity ") || line.starts_with('#')) {
        true => Err("only commands of the binary: run them".to_owned()),
        false => Ok(()),
    }
}

/// Where a document's commands run.
struct Place {
    folder: TempDir,
    /// What is written in a document, and what stands for it.
    names: Vec<(&'static str, String)>,
    databases: Vec<PostgresDatabase>,
}

impl Place {
    fn prepare() -> Self {
        let folder = TempDir::new().expect("a temporary directory");
        let path = |name: &str| folder.path().join(name);
        for name in ["bin", "out", "here", "var/lib", "var/backups", "etc/probity"] {
            fs::create_dir_all(path(name)).expect("a folder");
        }
        symlink(process::binary(), path("bin/probity")).expect("a link to the binary");
        symlink(root().join("config"), path("here/config")).expect("a link to the example");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = port.expect("a free port").to_string();
        fs::write(path("listen.toml"), format!("[server]\nlisten = \"{address}\"\n"))
            .expect("a configuration");
        let inside = |name: &str| path(name).display().to_string();
        let mut names = vec![
            ("127.0.0.1:8080", address),
            ("/var/lib/probity", inside("var/lib/probity")),
            ("/var/backups/probity", inside("var/backups/probity")),
            ("/etc/probity", inside("etc/probity")),
            // The same program, built already.
            ("cargo run --release -- ", "probity ".to_owned()),
        ];
        let mut databases = Vec::new();
        if Database::both().contains(&Database::Postgres) {
            for url in ["postgres://probity@db/probity", "postgres://probity@db/restored"] {
                let database = PostgresDatabase::create();
                names.push((url, database.url()));
                databases.push(database);
            }
        }
        Self { folder, names, databases }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn runs(&self, block: &Block) -> bool {
        block.kind != Kind::Output && (block.kind != Kind::Postgres || !self.databases.is_empty())
    }

    fn translate(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, real)| text.replace(name, real))
    }

    /// The whole document as one script; block `n` writes to `out/n.out` and `out/n.err`.
    fn script(&self, blocks: &[Block]) -> String {
        let out = self.path("out");
        let mut script = SCRIPT_HEAD.replace("ADDRESS", &self.names[0].1);
        for (number, block) in blocks.iter().enumerate().filter(|(_, block)| self.runs(block)) {
            let text = self.translate(&block.text);
            let to = format!(">{0}/{number}.out 2>{0}/{number}.err", out.display());
            script += &format!("echo {number} >{}/step\n", out.display());
            script += &match block.kind {
                Kind::Server => {
                    let log = format!("{}/{number}.err", out.display());
                    format!("end_server\n{} {to} &\nawait_server $! {log}\n", text.trim())
                }
                _ => format!("{{\n{text}\n}} {to}\n"),
            };
        }
        script + "end_server\n"
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path("out").join(name)).unwrap_or_default()
    }
}

const SCRIPT_HEAD: &str = r#"set -euo pipefail
server=
end_server() {
    [ -n "$server" ] || return 0
    local ending="$server"
    server=
    kill "$ending"
    wait "$ending"
}
await_server() {
    server="$1"
    for _ in $(seq 300); do
        if grep -q listening "$2" && curl -sf -o /dev/null http://ADDRESS/readyz; then return 0; fi
        kill -0 "$server" || { server=; return 1; }
        sleep 0.05
    done
    return 1
}
trap '[ -z "$server" ] || kill -9 "$server"' EXIT
"#;

fn run(name: &str) {
    let blocks = blocks(&document(name)).unwrap_or_else(|wrong| panic!("{name}, {wrong}"));
    let place = Place::prepare();
    fs::write(place.path("script"), place.script(&blocks)).expect("the script");
    let mut path = vec![place.path("bin")];
    path.extend(std::env::var_os("PROBITY_TEST_POSTGRES_BIN").map(PathBuf::from));
    path.extend(std::env::split_paths(&std::env::var_os("PATH").expect("a PATH")));
    let log = fs::File::create(place.path("out/shell")).expect("a log");
    let mut shell = Command::new("bash")
        .arg(place.path("script"))
        .current_dir(place.path("here"))
        .env("PATH", std::env::join_paths(path).expect("no colon in a path"))
        .env("PROBITY_CONFIG", place.path("listen.toml"))
        .env_remove("PROBITY_DATA")
        .env_remove("PROBITY_DATABASE")
        .env_remove("PROBITY_ROOT_KEY")
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log)
        .process_group(0)
        .spawn()
        .expect("bash can be started");
    let ended = process::wait(&mut shell, LIMIT);
    if ended.is_err() {
        let group = Pid::from_raw(i32::try_from(shell.id()).expect("a process id fits"));
        let _ = kill_process_group(group.expect("it is positive"), Signal::KILL);
    }
    let failed = !ended.as_ref().is_ok_and(std::process::ExitStatus::success);
    if failed {
        let step: usize = place.read("step").trim().parse().unwrap_or_default();
        let (out, err) = (place.read(&format!("{step}.out")), place.read(&format!("{step}.err")));
        let Block { line, text, .. } = &blocks[step];
        let shell = place.read("shell");
        panic!("{name}:{line}: {ended:?}\n{text}\n--- prints\n{out}{err}--- shell\n{shell}");
    }
    let mut ran = None;
    for (number, block) in blocks.iter().enumerate() {
        if block.kind != Kind::Output {
            ran = place.runs(block).then_some(number);
        } else if let Some(ran) = ran {
            let printed = place.read(&format!("{ran}.out"));
            let wanted = place.translate(&block.text);
            let Block { line, .. } = block;
            assert!(matches(&wanted, &printed), "{name}:{line}: in truth it prints\n{printed}");
        }
    }
}

/// Whether `text` is `pattern` with something in the place of each `…`. Spaces are not compared.
fn matches(pattern: &str, text: &str) -> bool {
    let bare = |text: &str| -> String { text.split_whitespace().collect() };
    let (pattern, text) = (bare(pattern), bare(text));
    let mut parts = pattern.split('…');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

const DOCUMENTS: [&str; 5] = [
    "README.md",
    "README.zh-CN.md",
    "ARCHITECTURE.md",
    "docs/operating.md",
    "docs/merchant-finplus.md",
];

/// What stands between single backquotes.
fn code_spans(document: &str) -> impl Iterator<Item = &str> {
    document.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn the_files_that_are_named_are_there() {
    let kinds = [".rs", ".md", ".toml", ".sql", ".json", "/"];
    let mut missing = Vec::new();
    for name in DOCUMENTS {
        let text = document(name);
        let named = code_spans(&text).filter(|span| {
            let is_path = span.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
            let top = span.split('/').next().unwrap_or_default();
            is_path
                && ["crates", "tests", "docs", "xtask", "config"].contains(&top)
                && kinds.iter().any(|kind| span.ends_with(kind))
        });
        missing.extend(
            named.filter(|path| !root().join(path).exists()).map(|path| format!("{name}: {path}")),
        );
        // Links in parentheses are relative to the document.
        let folder = root().join(name).parent().expect("a document is in a folder").to_owned();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links = links.filter(|link| !link.starts_with("http") && !link.starts_with('#'));
        missing.extend(
            links
                .filter(|link| !folder.join(link.split('#').next().unwrap_or(link)).exists())
                .map(|link| format!("{name}: {link}")),
        );
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

#[test]
fn blocks_are_told_apart() {
    let kinds = |text: &str| -> Result<Vec<(Kind, usize)>, String> {
        Ok(blocks(text)?.into_iter().map(|block| (block.kind, block.line)).collect())
    };
    let text =
        "a\n```sh\nx\n```\n```json output\n{}\n```\n```toml\ny\n```\n  ```sh server\n  z\n  ```";
    assert_eq!(kinds(text), Ok(vec![(Kind::Run, 2), (Kind::Output, 5), (Kind::Server, 11)]));
    assert_eq!(blocks("  ```sh\n  a\n    b\n  ```").unwrap()[0].text, "a\n  b");
    let refused = [
        ("```bash\nx\n```", "a block of kind"),
        ("```\nx\n```", "a block of kind"),
        ("```sh no-run: no time\nx\n```", "is no reason"),
        ("```sh no-run: changes the machine\nprobity demo\n```", "only commands of the binary"),
    ];
    for (text, why) in refused {
        let wrong = kinds(text).unwrap_err();
        assert!(wrong.contains(why), "{text}: {wrong}");
    }
    assert_eq!(kinds("```sh no-run: builds the project\n./test\n```"), Ok(vec![]));
}

#[test]
fn outputs_match_with_gaps() {
    for (pattern, text, wanted) in [
        ("a b", "a  b\n", true),
        ("a", "ab", false),
        ("a…c", "a b c", true),
        ("a…c", "a b d", false),
        ("…b…d…", "abcd", true),
        ("…d…b…", "abcd", false),
        ("x…", "abcd", false),
    ] {
        assert_eq!(matches(pattern, text), wanted, "{pattern:?} {text:?}");
    }
}
