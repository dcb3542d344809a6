//! A PostgreSQL cluster of one test's own, for tests that stop or starve the server itself.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The user of the throw-away cluster; it trusts everybody on the loopback.
const USER: &str = "probity_test";

/// A running cluster; stopped and removed on drop.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    binaries: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes and starts a cluster (about a second). `settings` are lines of `postgresql.conf`.
    ///
    /// # Panics
    /// When no PostgreSQL server is installed or it does not start.
    pub fn start(settings: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary directory");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        drop(listener);
        let cluster = Self { folder, binaries: binaries(), port };
        if is_root() {
            run(Command::new("chown").arg("postgres:postgres").arg(cluster.folder.path()));
        }
        let data = format!("--pgdata={}", cluster.data().display());
        let user = format!("--username={USER}");
        let text = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync"];
        run(cluster.program("initdb").args(text).args([data, user]));
        let own = format!(
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\n\
             max_connections = 300\n{}\n",
            cluster.folder.path().display(),
            settings.join("\n")
        );
        let file = cluster.data().join("postgresql.conf");
        let text = fs::read_to_string(&file).expect("initdb writes it") + &own;
        fs::write(&file, text).expect("the file can be written");
        cluster.resume();
        cluster
    }

    /// A superuser's URL, as `PostgresDatabase::create_on` takes it.
    pub fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops the server as a power cut does: no checkpoint, recovery at the next start.
    pub fn stop_immediately(&self) {
        run(self.control("stop").arg("--mode=immediate"));
    }

    /// Starts it again on the same port, through recovery if need be.
    pub fn resume(&self) {
        let log = format!("--log={}", self.folder.path().join("postgres.log").display());
        run(self.control("start").arg(log));
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn control(&self, action: &str) -> Command {
        let mut command = self.program("pg_ctl");
        let data = format!("--pgdata={}", self.data().display());
        command.args(["--wait", "--silent", "--timeout=60", &data, action]);
        command
    }

    /// One of PostgreSQL's programs, as the user `postgres` when we are root: it refuses root.
    fn program(&self, name: &str) -> Command {
        let path = self.binaries.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be stopped already.
        let _ = self.control("stop").arg("--mode=immediate").output();
    }
}

/// The directory of `initdb`: from `./test`, or the newest that Debian installed.
fn binaries() -> PathBuf {
    if let Some(path) = env::var_os("PROBITY_TEST_POSTGRES_BIN") {
        return PathBuf::from(path);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| version(path));
    newest.expect("PostgreSQL is installed: run ./test").join("bin")
}

fn version(path: &Path) -> u32 {
    path.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn run(command: &mut Command) {
    // Not `output()`: the server inherits pipes, and reading them would wait for its end.
    let status = command.stdout(std::process::Stdio::null()).status();
    let status = status.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{Database, PostgresDatabase};

    #[test]
    fn survives_an_immediate_stop() {
        if !Database::both().contains(&Database::Postgres) {
            return;
        }
        let cluster = Cluster::start(&["work_mem = '5MB'"]);
        let database = PostgresDatabase::create_on(&cluster.url());
        database.connect().batch_execute("CREATE TABLE a (b BIGINT)").unwrap();
        cluster.stop_immediately();
        assert!(postgres::Client::connect(&database.url(), postgres::NoTls).is_err());
        cluster.resume();
        assert!(database.connect().query("SELECT b FROM a", &[]).unwrap().is_empty());
    }
}
