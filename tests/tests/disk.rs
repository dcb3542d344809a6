//! A full disk: calls are refused with 503, nothing acknowledged is lost, and serving goes on by
//! itself when there is space again.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::checker::{self, FINPLUS};
use tests::database::Database;
use tests::finplus::Answer;
use tests::history::{Event, History, Question};
use tests::journal::Journal;
use tests::load;
use tests::people::{EMPTY, SAMPLE, UNMAPPED};
use tests::process::wait_until;
use tests::server::{Options, Server};

const CLIENTS: usize = 8;
/// From the last free block to the first refusal: the log's file grows with every group.
const REFUSED_WITHIN: Duration = Duration::from_secs(2);
const SERVES_WITHIN: Duration = Duration::from_secs(5);

/// A small file system in memory; unmounted on drop.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// None where mounting is not allowed (not root, a container).
    fn mount() -> Option<Self> {
        let folder = TempDir::new().expect("a temporary directory");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"]).arg(folder.path());
        let output = mount.output().ok()?;
        output.status.success().then_some(Self(folder))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// Takes every free block. What the server frees meanwhile is taken too.
    fn fill(&self) {
        let mut file =
            File::options().create(true).append(true).open(self.filler()).expect("a new file");
        for size in [1 << 20, 4096, 1] {
            let block = vec![0; size];
            while file.write_all(&block).is_ok() {}
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that is being killed may still have its files open.
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("a file system cannot be mounted here (root only): not tested");
        return;
    };
    let server = Server::start(Options::on(Database::Sqlite).data(&disk.path()));
    let history = History::default();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (server, history, stop) = (&server, &history, &stop);
            scope.spawn(move || ask_until(server, client, history, stop));
        }
        // Whatever fails in here, the clients must end.
        let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            refuses_while_full(&server, &disk, &history);
        }));
        stop.store(true, Ordering::Relaxed);
        seen.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    let app_code = server.sandbox().app_code;
    load::retry_unanswered(server.address(), &app_code, &history);
    assert_eq!(history.unanswered(), []);
    assert_eq!(checker::check(&history.entries(), &Journal::export(&server), &FINPLUS), []);
}

fn refuses_while_full(server: &Server, disk: &SmallDisk, history: &History) {
    let is_back = || Ok(probe(server, history).code == Some(0));
    wait_until(Duration::from_secs(5), || Ok(history.acknowledged() > 500)).expect("it serves");
    disk.fill();
    let full_at = Instant::now();
    wait_until(REFUSED_WITHIN, || Ok(probe(server, history).status == 503)).expect("refused");
    eprintln!("refused {:?} after the last block", full_at.elapsed());
    let refused = probe(server, history);
    assert_eq!(refused.header("x-ca-error-message"), Some("Service Unavailable"));
    assert!(refused.header("retry-after").is_some() && refused.bytes.is_empty(), "{refused:?}");
    assert_eq!(ready(server), 503);
    let log = server.log_text();
    assert!(log.contains("free space on the disk"), "what to do: {log}");
    assert!(log.lines().count() < 200, "the same fault is not told with every call");
    // It stays so, and the process lives.
    thread::sleep(Duration::from_secs(2));
    assert_eq!((probe(server, history).status, ready(server)), (503, 503));
    assert_eq!(server.client().get("/healthz", &[]).expect("an answer").status, 200);

    fs::remove_file(disk.filler()).expect("the file is there");
    let free_at = Instant::now();
    wait_until(SERVES_WITHIN, is_back).expect("it serves again without a restart");
    wait_until(SERVES_WITHIN, || Ok(ready(server) == 200)).expect("ready again");
    eprintln!("served {:?} after the space came back", free_at.elapsed());
}

fn ready(server: &Server) -> u16 {
    server.client().get("/readyz", &[]).expect("an answer").status
}

/// A call with a key that nobody used, recorded like all others.
fn probe(server: &Server, history: &History) -> Answer {
    static PROBES: AtomicUsize = AtomicUsize::new(0);
    let key = format!("probe-{}", PROBES.fetch_add(1, Ordering::Relaxed));
    let attempt = history.invoke(Question::imei("1000001", SAMPLE, key.clone()));
    let answer = server.finplus().ask("1000001", SAMPLE, &key);
    history.end(attempt, Event::Ok(answer.clone().into()));
    answer
}

/// A client that goes on, whatever it is answered.
fn ask_until(server: &Server, client: usize, history: &History, stop: &AtomicBool) {
    let mut finplus = server.finplus();
    for call in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let imei = [SAMPLE, UNMAPPED, EMPTY][call % 3];
        let question = Question::imei("1000001", imei, format!("disk-{client}-{call}"));
        load::ask(&mut finplus, question, history);
        // Slow enough for 64 MiB, fast enough to write all the time.
        thread::sleep(Duration::from_millis(2));
    }
}

/// A disk that is full from the beginning: the start fails and says so.
#[test]
fn a_start_on_a_full_disk_says_so() {
    let Some(disk) = SmallDisk::mount() else { return };
    fs::create_dir(disk.path()).unwrap();
    disk.fill();
    let mut server = Server::prepare(Options::on(Database::Sqlite).data(Path::new(&disk.path())));
    let failure = server.launch().expect_err("nothing can be written");
    assert!(failure.status.is_some_and(|status| !status.success()), "{failure:?}");
    let log = failure.log;
    let says =
        ["No space left", "disk is full", "free space"].iter().any(|text| log.contains(text));
    assert!(says, "{log}");
    fs::remove_file(disk.filler()).unwrap();
    server.launch().expect("it starts when there is space");
}
