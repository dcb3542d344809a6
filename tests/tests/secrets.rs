//! Two hundred marked secrets of borrowers and merchants through every flow of face 2 and what
//! persons hand in, right and wrong: none is at rest afterwards, sealed or not (I6), and no
//! person's data lies open (`qiancheng.md`, What the seed only implies; `common.md`, Personal data).

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use tests::canary::Canaries;
use tests::cli;
use tests::connector::{CONFIGURATION, Connector};
use tests::database::Database;
use tests::scan;
use tests::server::{IN_FORCE, Options, Server};
use tests::stored::{self, Vault};

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
    stage.files(&server);
    stage.applications(&server);
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

    report_memory(&server, &secrets);
    log += &server.log_text();
    assert!(log.len() > 100_000, "the log is chatty: {} bytes", log.len());
    let scanned = scan::nothing_is_at_rest(&mut server, &log, &secrets, &private);
    if database == Database::Sqlite {
        let backup = scanned.backup().join("probity.db");
        a_seeded_leak_is_found(&backup, &scanned.vault, &secrets);
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
    assert_eq!(found(&scan::insides(vault, &stored::of_sqlite(file))), [leak.as_str()]);
    run("UPDATE jobs SET last_error = ?1", &[&format!("refused: {leak}")]);
    assert_eq!(found(&fs::read(file).expect("readable")), [leak.as_str()]);
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
