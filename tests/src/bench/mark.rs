//! A server under measurement, with the calls that it is asked.

use std::fs;
use std::io;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::generator::{self, Load, Requests, Run};
use super::processor_seconds;
use super::report::Fact;
use super::score;
use crate::cluster::Cluster;
use crate::database::{Database, PostgresDatabase};
use crate::process::{self, Signal};
use crate::server::{Options, Server};

pub(super) struct Mark {
    server: Server,
    requests: Requests,
    name: &'static str,
    pub(super) first_start: Duration,
    _cluster: Option<Cluster>,
}

/// A measured run and what the server counted meanwhile.
pub(super) struct Measured {
    run: Run,
    commits_per_call: f64,
    processor_seconds: f64,
}

impl Measured {
    pub(super) fn named_against(&self, name: &str, echo: &Run) -> Load {
        Load {
            ratio_to_echo: Some(self.run.calls_per_second() / echo.calls_per_second()),
            commits_per_call: Some(self.commits_per_call),
            ..Load::named(name, &self.run, self.processor_seconds)
        }
    }
}

/// A server that is not started yet, on a new database, and what that is called; PostgreSQL in a
/// cluster of its own, as it comes.
pub(super) fn prepare(database: Database) -> (&'static str, Option<Cluster>, Server) {
    let (name, cluster) = match database {
        Database::Sqlite => ("sqlite", None),
        Database::Postgres => ("postgresql", Some(Cluster::start(&[]))),
    };
    let on = cluster.as_ref().map(|cluster| PostgresDatabase::create_on(&cluster.url()));
    (name, cluster, Server::prepare_on(Options::on(database), on))
}

impl Mark {
    /// Starts a server on a new database; PostgreSQL in a cluster of its own, as it comes.
    pub(super) fn start(database: Database, connections: usize) -> Self {
        let (name, cluster, mut server) = prepare(database);
        let first_start = start_up(&mut server);
        let requests = score::requests(&server).on(connections);
        Self { server, requests, name, first_start, _cluster: cluster }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Ends it in good order and starts it again: how long until it is ready.
    pub(super) fn restart(&mut self) -> Duration {
        self.server.terminate();
        let took = start_up(&mut self.server);
        self.requests = score::requests(&self.server).after(&self.requests);
        took
    }

    /// From now on each call is signed, under keys that go on.
    pub(super) fn sign(&mut self) {
        self.requests = score::signed_requests(&self.server).after(&self.requests);
    }

    /// From now on each call bears the APPCODE again.
    pub(super) fn sign_no_more(&mut self) {
        self.requests = score::requests(&self.server).after(&self.requests);
    }

    pub(super) fn requests(&mut self) -> &mut Requests {
        &mut self.requests
    }

    /// How long the body of a score is.
    pub(super) fn answer_bytes(&self) -> usize {
        let answer = self.server.finplus().score(
            score::APP_ID,
            "idfa",
            "00000000-0000-8000-8000-000000000002",
            &format!("bytes-{}", std::process::id()),
        );
        answer.expect("the server answers").bytes.len()
    }

    pub(super) fn drive(&mut self, length: Duration) -> Run {
        generator::run(self.server.address(), &mut self.requests, length)
    }

    pub(super) fn measure(&mut self, length: Duration) -> io::Result<Measured> {
        let (before, used) = (self.counts(), processor_seconds(self.process_id())?);
        let run = self.drive(length);
        let processor_seconds = processor_seconds(self.process_id())? - used;
        let after = self.counts();
        let (commits, calls) = (after.0 - before.0, after.1 - before.1);
        Ok(Measured { run, commits_per_call: commits / calls, processor_seconds })
    }

    /// Calls until the journal has that many rows; gives how many it has.
    pub(super) fn fill(&mut self, rows: u64) -> u64 {
        // The server counts from its start; what was before is little.
        let there = self.counts().1 as u64;
        let address = self.server.address();
        generator::run_calls(address, &mut self.requests, rows.saturating_sub(there));
        self.counts().1 as u64
    }

    /// (commits, calls) that the server counted since its start.
    fn counts(&self) -> (f64, f64) {
        let answer = self.server.client().get("/metrics", &[]).expect("the server answers");
        let text = answer.text();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.parse().ok()).unwrap_or(0.0)
        };
        (value("probity_settle_commits_total"), value("probity_settled_calls_total"))
    }

    pub(super) fn start_up(&self, what: &str, took: Duration) -> Fact {
        Fact::new(format!("{} {what}", self.name), took.as_secs_f64() * 1e3, "ms")
    }

    pub(super) fn memory(&self, what: &str) -> io::Result<Fact> {
        Ok(Fact::new(format!("{} {what}", self.name), resident_mib(self.process_id())?, "MiB"))
    }

    /// The `fsync` and `fdatasync` that the kernel saw per commit: SQLite's under `strace`,
    /// PostgreSQL's as it counts them for its log.
    pub(super) fn syncs_per_commit(&mut self, length: Duration) -> io::Result<Option<Fact>> {
        let before = self.counts();
        let syncs = if let Some(mut client) = self.server.postgres().map(PostgresDatabase::connect)
        {
            let mut count = || -> i64 {
                let row = client.query_one("SELECT wal_sync FROM pg_stat_wal", &[]);
                row.expect("PostgreSQL 14 to 17 counts them there").get(0)
            };
            let before = count();
            self.drive(length);
            // The back ends report at most once a second.
            std::thread::sleep(Duration::from_secs(2));
            (count() - before) as f64
        } else {
            let Some(trace) = Trace::start(self.process_id()) else { return Ok(None) };
            self.drive(length);
            trace.end()?
        };
        let commits = self.counts().0 - before.0;
        Ok(Some(Fact::new(format!("{} syncs per commit", self.name), syncs / commits, "")))
    }

    fn process_id(&self) -> u32 {
        self.server.process_id().expect("it runs")
    }
}

/// From the start of the process until it says that it is ready.
/// Starts a server; how long until it is ready.
pub(super) fn start_up(server: &mut Server) -> Duration {
    let start = Instant::now();
    server.launch().unwrap_or_else(|failure| panic!("the server did not start: {failure:#?}"));
    let ready = server.client().get("/readyz", &[]).expect("it listens");
    assert_eq!(ready.status, 200);
    start.elapsed()
}

/// The memory that a process has in use.
pub(super) fn resident_mib(process: u32) -> io::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    let kibibytes: f64 = kibibytes.ok_or(io::ErrorKind::InvalidData)?;
    Ok(kibibytes / 1024.0)
}

pub(super) fn binary_size() -> io::Result<Fact> {
    let bytes = fs::metadata(process::binary())?.len();
    Ok(Fact::new("binary", bytes as f64 / f64::from(1 << 20), "MiB"))
}

/// `strace` at a process.
struct Trace {
    child: Child,
    output: tempfile::NamedTempFile,
}

impl Trace {
    /// `None` without `strace`, or without the right to use it.
    fn start(process: u32) -> Option<Self> {
        let output = tempfile::NamedTempFile::new().ok()?;
        let mut command = Command::new("strace");
        command
            .args(["-f", "-c", "-U", "calls,name", "-e", "trace=fsync,fdatasync"])
            .args(["-p", &process.to_string(), "-o"])
            .arg(output.path());
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        std::thread::sleep(Duration::from_millis(300));
        matches!(child.try_wait(), Ok(None)).then_some(Self { child, output })
    }

    fn end(mut self) -> io::Result<f64> {
        process::signal(&self.child, Signal::INT)?;
        self.child.wait()?;
        let text = fs::read_to_string(self.output.path())?;
        let calls = text.lines().filter_map(|line| {
            let (count, name) = line.trim().split_once(char::is_whitespace)?;
            name.trim().contains("sync").then(|| count.parse::<f64>().ok())?
        });
        Ok(calls.sum())
    }
}
