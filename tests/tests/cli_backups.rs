//! `probity backup` beside a server under load; damage is told; restored, the journal holds.

use std::fs;
use std::path::Path;
use std::thread;

use tempfile::TempDir;
use tests::cli::{run, text};
use tests::database::{Database, PostgresDatabase};
use tests::history::{History, Question};
use tests::load::{self, Plan};
use tests::server::{Options, Output, Server};

const CLIENTS: usize = 8;
const CALLS: usize = 2_000;

fn question(client: usize, call: usize) -> Question {
    let key = format!("backup-{client}-{call}");
    let [app_id, id_type, id_value] = ["1000001", "imei", "860529038487085"].map(str::to_owned);
    Question { key, app_id, id_type, id_value }
}

/// Backs up while clients call; gives how many calls were acknowledged before it began.
fn back_up_under_load(server: &Server, directory: &Path) -> i64 {
    let (history, app_code) = (History::default(), server.sandbox().app_code);
    let plan = Plan { clients: CLIENTS, calls: CALLS, app_code: &app_code, question: &question };
    thread::scope(|scope| {
        let calling = scope.spawn(|| load::run(&[server.address()], &plan, &history));
        while history.acknowledged() < 100 {
            thread::yield_now();
        }
        let before = history.acknowledged();
        let made = server.cli(&["backup", "create", "--output", text(directory), "--json"]);
        made.expect_success();
        assert!(!calling.is_finished(), "the backup was made under load");
        calling.join().expect("the clients end");
        before.try_into().expect("few")
    })
}

fn holds(verified: Output, rows_least: i64) {
    let rows = verified.expect_success().json()["rows"].as_i64();
    assert!(rows.is_some_and(|rows| rows >= rows_least), "{rows:?} of {rows_least}");
}

/// Does something to the files of a backup.
type Damage = fn(&Path);

#[test]
fn sqlite_under_load_and_back() {
    let server = Server::start(Options::on(Database::Sqlite));
    let folder = TempDir::new().unwrap();
    let (backup, data) = (folder.path().join("backup"), folder.path().join("restored"));
    let before = back_up_under_load(&server, &backup);
    let key = server.data_folder().join("root.key");
    let verified = server.cli(&["backup", "verify", text(&backup), "--json"]).expect_success();
    assert!(verified.json()["journal_rows"].as_i64().unwrap() >= before, "{verified:#?}");
    let restore = || run(&["backup", "restore", text(&backup), "--data", text(&data)]);
    restore().expect_success();
    let with_key = ["--data", text(&data), "--key", text(&key)];
    holds(run(&[&["journal", "verify", "--json"], &with_key[..]].concat()), before);
    let again = restore();
    assert!(again.code == Some(1) && again.stderr.contains("not empty"), "{again:#?}");
    let twice = server.cli(&["backup", "create", "--output", text(&backup)]);
    assert!(twice.code == Some(1) && twice.stderr.contains("there already"), "{twice:#?}");
}

#[test]
fn postgres_under_load_and_back() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let server = Server::start(Options::on(Database::Postgres));
    let folder = TempDir::new().unwrap();
    let (backup, key) = (folder.path().join("backup"), folder.path().join("new.key"));
    // The server that runs goes on with the keys that it has opened.
    server.cli(&["key", "rotate", "--root", text(&key)]).expect_success();
    let before = back_up_under_load(&server, &backup);
    run(&["backup", "verify", text(&backup)]).expect_success();
    let target = PostgresDatabase::create();
    let (url, there) = (target.url(), server.postgres().expect("it is").url());
    let restore = |url: &str| run(&["backup", "restore", text(&backup), "--database", url]);
    restore(&url).expect_success();
    let at = ["--database", &*url, "--key", text(&key)];
    holds(run(&[&["journal", "verify", "--json"], &at[..]].concat()), before);
    let over = restore(&there);
    assert!(over.code == Some(1) && over.stderr.contains("be empty"), "{over:#?}");
}

#[test]
fn damage_is_told_and_nothing_restored() {
    let server = Server::start(Options::on(Database::Sqlite));
    let folder = TempDir::new().unwrap();
    let damages: [(Damage, &str); 4] = [
        (|at| cut(&at.join("probity.db")), "cut short"),
        (|at| change(&at.join("probity.db")), "was changed"),
        (|at| cut(&at.join("manifest.json")), "damaged"),
        (|at| fs::remove_file(at.join("manifest.json")).unwrap(), "cut short"),
    ];
    for (number, (damage, wanted)) in damages.into_iter().enumerate() {
        let backup = folder.path().join(number.to_string());
        server.cli(&["backup", "create", "--output", text(&backup)]).expect_success();
        damage(&backup);
        let data = folder.path().join("never");
        for output in [
            run(&["backup", "verify", text(&backup)]),
            run(&["backup", "restore", text(&backup), "--data", text(&data)]),
        ] {
            assert!(output.code == Some(1) && output.stderr.contains(wanted), "{output:#?}");
            assert!(!data.exists());
        }
    }
}

fn cut(file: &Path) {
    let bytes = fs::read(file).expect("a file");
    fs::write(file, &bytes[..bytes.len() / 2]).expect("it can be written");
}

fn change(file: &Path) {
    let mut bytes = fs::read(file).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).expect("it can be written");
}
