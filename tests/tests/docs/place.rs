//! Where a document's commands run: a scratch directory with the binary in the PATH, a free port,
//! and, when PostgreSQL is there, two databases.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tests::clients::installed;
use tests::database::{Database, PostgresDatabase};
use tests::process;

use super::blocks::{Block, Kind};

/// A document's commands take a few seconds; the limit is for one that hangs.
const LIMIT: Duration = Duration::from_secs(90);

/// Where a document's commands run.
pub(crate) struct Place {
    folder: TempDir,
    /// What is written in a document, and what stands for it.
    names: Vec<(&'static str, String)>,
    databases: Vec<PostgresDatabase>,
}

impl Place {
    pub(crate) fn prepare(root: &Path) -> Self {
        let folder = TempDir::new().expect("a temporary directory");
        let path = |name: &str| folder.path().join(name);
        for name in ["bin", "out", "here", "var/lib", "var/backups", "etc/probity"] {
            fs::create_dir_all(path(name)).expect("a folder");
        }
        symlink(process::binary(), path("bin/probity")).expect("a link to the binary");
        for name in ["config", "examples"] {
            symlink(root.join(name), path("here").join(name)).expect("a link to the examples");
        }
        // Both are held until both are known: they must not be the same.
        let free = || TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = |listener: &TcpListener| listener.local_addr().expect("its port").to_string();
        let (server, connector) = (free(), free());
        let (address, connector) = (address(&server), address(&connector));
        fs::write(path("listen.toml"), format!("[server]\nlisten = \"{address}\"\n"))
            .expect("a configuration");
        let inside = |name: &str| path(name).display().to_string();
        let mut names = vec![
            ("127.0.0.1:8080", address),
            ("127.0.0.1:8081", connector),
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn runs(&self, block: &Block) -> bool {
        match block.kind {
            Kind::Output => false,
            Kind::Postgres => !self.databases.is_empty(),
            // Python's snippets import what merchants install with pip.
            Kind::Program if block.name == "python3" => {
                is_there(&block.name) && installed("python").is_some()
            }
            Kind::Program => is_there(&block.name),
            Kind::Run | Kind::Server | Kind::File => true,
        }
    }

    pub(crate) fn translate(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, real)| text.replace(name, real))
    }

    /// The whole document as one script; block `n` writes to `out/n.out` and `out/n.err`.
    pub(crate) fn script(&self, blocks: &[Block]) -> String {
        let blocks = blocks.iter().enumerate().filter(|(_, block)| self.runs(block));
        let parts = blocks.map(|(number, block)| self.part(number, block));
        let head = SCRIPT_HEAD.replace("ADDRESS", &self.names[0].1);
        format!("{head}{}end_server\n", parts.collect::<String>())
    }

    fn part(&self, number: usize, block: &Block) -> String {
        let (text, out) = (self.translate(&block.text), self.path("out").display().to_string());
        let to = format!(">{out}/{number}.out 2>{out}/{number}.err");
        let run = match block.kind {
            Kind::Server => {
                let text = text.trim();
                format!("end_server\n{text} {to} &\nawait_server $! {out}/{number}.err")
            }
            Kind::File => format!("cat >{} <<'END_OF_FILE'\n{text}\nEND_OF_FILE", block.name),
            _ => format!("{{\n{text}\n}} {to}"),
        };
        format!("echo {number} >{out}/step\n{run}\n")
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path("out").join(name)).unwrap_or_default()
    }

    /// Runs the script in a shell of its own; says how it ended when that was not well.
    pub(crate) fn play(&self, blocks: &[Block]) -> Result<(), String> {
        fs::write(self.path("script"), self.script(blocks)).expect("the script");
        let log = fs::File::create(self.path("out/shell")).expect("a log");
        let mut shell = Command::new("bash")
            .arg(self.path("script"))
            .current_dir(self.path("here"))
            .env("PATH", self.search_path())
            .env("PROBITY_CONFIG", self.path("listen.toml"))
            .env("PYTHONPATH", installed("python").unwrap_or_default())
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
        match ended {
            Ok(status) if status.success() => Ok(()),
            ended => Err(format!("{ended:?}")),
        }
    }

    fn search_path(&self) -> OsString {
        let mut path = vec![self.path("bin")];
        path.extend(env::var_os("PROBITY_TEST_POSTGRES_BIN").map(PathBuf::from));
        path.extend(env::split_paths(&env::var_os("PATH").expect("a PATH")));
        env::join_paths(path).expect("no colon in a path")
    }
}

/// Whether snippets of that program can be run here; one that cannot is said.
fn is_there(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        assert!(env::var_os("CI").is_none(), "CI without {program}: run ./test");
        eprintln!("{program} is not installed: the snippets of that language are not run");
    }
    is_there
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
