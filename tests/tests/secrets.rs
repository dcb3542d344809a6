//! Two hundred marked secrets of borrowers and merchants through every flow of face 2, right and
//! wrong: none is at rest afterwards, sealed or not (I6), and no person's data lies open
//! (`qiancheng.md`, What the seed only implies; `common.md`, Personal data).

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use tempfile::TempDir;
use tests::canary::Canaries;
use tests::cli;
use tests::connector::{CONFIGURATION, Connector};
use tests::database::Database;
use tests::server::{IN_FORCE, Options, Server};
use tests::stored::{self, Tables, Vault};

#[path = "secrets/stage.rs"]
mod stage;

use stage::Stage;

const SECRETS_LEAST: usize = 200;

#[test]
fn no_secret_is_at_rest_on_sqlite() {
    no_secret_is_at_rest(Database::Sqlite);
}

#[test]
fn no_secret_is_at_rest_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        no_secret_is_at_rest(Database::Postgres);
    }
}

fn no_secret_is_at_rest(database: Database) {
    let configuration = format!("{CONFIGURATION}[log]\nlevel = \"trace\"\n");
    let options = Options::on(database).configuration(&configuration);
    let mut server = Server::start(options);
    let mut stage = Stage::new(&server);
    stage.telecom();
    stage.degree();
    stage.ebank();
    stage.ebank_v2();
    stage.without_session();
    stage.unreadable();
    stage.in_flight();
    // Whatever was with a source when the process was killed is asked for again, not kept.
    report_memory(&server, &stage.canaries().0);
    let mut log = server.log_text();
    server.restart();
    stage.move_to(&server);
    stage.telecom();
    let mut connector = Connector::start();
    route_to(&connector, &server);
    stage.remote();
    for fault in ["garbage", "wrong-session"] {
        connector.restart(fault);
        stage.remote_fails();
    }
    stage.wrong_merchants();
    let (secrets, private) = stage.canaries();
    assert!(secrets.len() >= SECRETS_LEAST, "{} secrets", secrets.len());

    let metrics = server.client().get("/metrics", &[]).expect("an answer").body;
    let folder = TempDir::new().expect("a temporary directory");
    let backup = folder.path().join("backup");
    server.cli(&["backup", "create", "--output", cli::text(&backup)]).expect_success();
    report_memory(&server, &secrets);
    log += &server.log_text();
    assert!(log.len() > 100_000, "the log is chatty: {} bytes", log.len());
    // Running: the write-ahead log is still there.
    for (place, bytes) in [
        ("the metrics", metrics),
        ("the log", log.into_bytes()),
        ("the database, running", stored::raw(&server)),
        ("the backup", read_all(&backup)),
    ] {
        assert!(!bytes.is_empty(), "{place} is empty");
        secrets.expect_none(place, &bytes);
        private.expect_none(place, &bytes);
    }
    let tables = stored::tables(&server);
    let vault = Vault::open(&root_key(&server), &tables);
    let inside = insides(&vault, &tables);
    secrets.expect_none("the sealed values", &inside);
    let found = private.find(&inside).len();
    assert!(found > private.len() / 2, "{found} of {}: they were opened", private.len());
    assert!(server.terminate().success());
    secrets.expect_none("the log of the end", server.log_text().as_bytes());
    secrets.expect_none("the database", &stored::raw(&server));
    private.expect_none("the database", &stored::raw(&server));
    if database == Database::Sqlite {
        a_seeded_leak_is_found(&backup.join("probity.db"), &vault, &secrets);
    }
}

/// Makes a connector the only telecom source.
fn route_to(connector: &Connector, server: &Server) {
    let (secret, config) = (connector.secret_file(), connector.configuration_file());
    let add = ["source", "add", "remote", "--kind", "telecom", "--url", connector.url()];
    let papers = ["--licence", "synthetic", "--authorisation", "synthetic", "--secret-file"];
    for command in [
        &[&add[..], &papers, &[cli::text(&secret)]].concat()[..],
        &["source", "enable", "remote"],
        &["source", "disable", "sandbox-telecom"],
    ] {
        server.cli(&[command, &["--config", cli::text(&config)]].concat()).expect_success();
    }
    std::thread::sleep(IN_FORCE);
}

/// In a copy of the database, open and sealed, by the same look.
fn a_seeded_leak_is_found(file: &std::path::Path, vault: &Vault, secrets: &Canaries) {
    let leak = stage::mark(7);
    let found = |bytes: &[u8]| -> Vec<String> {
        secrets.find(bytes).into_iter().map(|(secret, _)| secret.to_owned()).collect()
    };
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        let connection = rusqlite::Connection::open(file).expect("the copy opens");
        connection.execute(sql, values).expect("the SQL runs");
    };
    let biz = [9_u8; 16];
    let sealed = vault.seal(("answers", &biz), format!("{{\"sent\":\"{leak}\"}}").as_bytes());
    run("INSERT INTO answers (biz, sealed) VALUES (?1, ?2)", &[&biz.as_slice(), &sealed]);
    assert_eq!(found(&fs::read(file).expect("readable")), [""; 0], "it is sealed");
    assert_eq!(found(&insides(vault, &stored::of_sqlite(file))), [leak.as_str()]);
    run("UPDATE jobs SET last_error = ?1", &[&format!("refused: {leak}")]);
    assert_eq!(found(&fs::read(file).expect("readable")), [leak.as_str()]);
}

/// What is in all sealed values, a byte between each.
fn insides(vault: &Vault, tables: &Tables) -> Vec<u8> {
    let opened = vault.opened(tables);
    assert!(opened.len() > 50, "{} sealed values", opened.len());
    opened.into_iter().flat_map(|(_, plain)| [plain, vec![0]].concat()).collect()
}

fn root_key(server: &Server) -> String {
    fs::read_to_string(server.root_key()).expect("the root key is there")
}

fn read_all(folder: &std::path::Path) -> Vec<u8> {
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    files.flat_map(|file| fs::read(file).expect("readable")).collect()
}

/// Says how many secrets are still in the process' memory. Wiping is done where a secret has a type
/// of its own; buffers of the HTTP library and freed memory before that are not ours to wipe, so
/// this is a figure and not a promise.
fn report_memory(server: &Server, secrets: &Canaries) {
    let memory = memory(server.process_id().expect("it runs"));
    let known = Canaries::new([server.data_folder().display().to_string()]);
    assert_eq!(known.find(&memory).len(), 1, "the memory was read");
    let left = secrets.find(&memory);
    eprintln!(
        "{} of {} secrets are still in {} MiB of memory",
        left.len(),
        secrets.len(),
        memory.len() >> 20
    );
    for (secret, around) in left.iter().take(10) {
        eprintln!("  {secret}: {around:?}");
    }
}

/// All that a process may write to of its own.
fn memory(process_id: u32) -> Vec<u8> {
    let maps = fs::read_to_string(format!("/proc/{process_id}/maps")).expect("its maps");
    let memory = File::open(format!("/proc/{process_id}/mem")).expect("its memory");
    let mut all = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().expect("a range"), words.next().expect("rights"));
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').expect("from and to");
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).expect("a number"));
        let mut part = vec![0; usize::try_from(to - from).expect("fits")];
        // A guard page or a device cannot be read.
        if memory.read_exact_at(&mut part, from).is_ok() {
            all.append(&mut part);
        }
    }
    all
}
