//! What is wrong before a server can serve: it says what, and what to do, and ends with an error.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::cluster::Cluster;
use tests::database::{Database, PostgresDatabase};
use tests::people::SAMPLE;
use tests::server::{Options, Server};

/// Starts it, which must fail soon, with an exit code and words; gives all that it said.
#[track_caller]
fn refused(server: &mut Server, words: &[&str]) {
    let start = Instant::now();
    let failure = server.launch().expect_err("it must not start");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let status = failure.status.expect("it ends by itself");
    assert_eq!(status.code(), Some(1), "{failure:#?}");
    for word in words {
        assert!(failure.log.contains(word), "{word:?} is not in {}", failure.log);
    }
    assert!(!failure.log.contains("panicked"), "{}", failure.log);
}

fn database_file(server: &Server) -> PathBuf {
    server.data_folder().join("probity.db")
}

/// Another root key of the right form.
fn other_key(folder: &Path) -> String {
    let other = Server::start(Options::on(Database::Sqlite).without_sandbox());
    let path = folder.join("other.key");
    fs::copy(other.data_folder().join("root.key"), &path).expect("the file is there");
    path.display().to_string()
}

#[test]
fn a_wrong_key() {
    let folder = TempDir::new().unwrap();
    let other = other_key(folder.path());
    let mut server = Server::start(Options::on(Database::Sqlite));
    assert!(server.terminate().success());
    let right = server.data_folder().join("root.key");
    let kept = fs::read(&right).unwrap();
    fs::copy(&other, &right).unwrap();
    refused(&mut server, &["root key"]);
    let output = server.cli(&["journal", "verify"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("root key"), "{output:?}");
    for bad in ["", "too short\n", &"z".repeat(64)] {
        fs::write(&right, bad).unwrap();
        refused(&mut server, &["root.key"]);
    }
    fs::remove_file(&right).unwrap();
    refused(&mut server, &["no root key", "--key"]);
    assert!(!right.exists(), "a new key for a database that has one would be a wrong one");
    fs::write(&right, kept).unwrap();
    server.launch().expect("the right one still opens it");
    assert_eq!(server.finplus().ask("", SAMPLE, "after").code, Some(0));
}

#[test]
fn a_wrong_key_on_postgres() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let folder = TempDir::new().unwrap();
    let other = other_key(folder.path());
    let server = Server::start(Options::on(Database::Postgres));
    let url = server.postgres().unwrap().url();
    let options = Options::on(Database::Sqlite).arguments(&["--database", &url, "--key", &other]);
    refused(&mut Server::prepare(options), &["root key"]);
    let missing = folder.path().join("none.key").display().to_string();
    let options = Options::on(Database::Sqlite).arguments(&["--database", &url, "--key", &missing]);
    refused(&mut Server::prepare(options), &["no root key", "probity key init"]);
    assert_eq!(server.finplus().ask("", SAMPLE, "after").code, Some(0), "the node still serves");
}

#[test]
fn an_unreadable_database() {
    let garbage: Vec<u8> = (0..50_000_u32).map(|i| (i.wrapping_mul(7_919) >> 3) as u8).collect();
    let mut server = Server::prepare(Options::on(Database::Sqlite));
    fs::write(database_file(&server), &garbage).unwrap();
    refused(&mut server, &["probity.db", "probity backup restore"]);
    assert_eq!(fs::read(database_file(&server)).unwrap(), garbage, "nothing was written over it");
    fs::remove_file(database_file(&server)).unwrap();
    fs::create_dir(database_file(&server)).unwrap();
    refused(&mut server, &["probity.db"]);
}

#[test]
fn a_database_whose_pages_are_broken() {
    let mut server = Server::start(Options::on(Database::Sqlite));
    assert!(server.terminate().success());
    let mut bytes = fs::read(database_file(&server)).unwrap();
    let (start, end) = (4_096, bytes.len().min(400_000));
    bytes[start..end].fill(0xA5);
    fs::write(database_file(&server), &bytes).unwrap();
    refused(&mut server, &["probity backup restore"]);
}

#[test]
fn a_newer_schema() {
    let sql = "INSERT INTO schema_migrations (version, applied_at) VALUES (9999, 0)";
    for database in Database::both() {
        let mut server = Server::start(Options::on(database));
        assert!(server.terminate().success());
        match server.postgres() {
            Some(database) => database.connect().batch_execute(sql).unwrap(),
            None => execute(&server, sql),
        }
        refused(&mut server, &["9999", "newer"]);
        let output = server.cli(&["journal", "verify"]);
        assert_eq!(output.code, Some(1), "{output:?}");
    }
}

fn execute(server: &Server, sql: &str) {
    rusqlite::Connection::open(database_file(server))
        .expect("the statement is legal")
        .execute_batch(sql)
        .expect("the statement is legal");
}

#[test]
fn a_wrong_configuration() {
    let table = [
        ("[server]\nlisten_on = \"127.0.0.1:1\"", "listen_on"),
        ("[sever]\n", "sever"),
        ("[server]\nlisten = \"nowhere\"", "listen"),
        ("[server]\nin_flight_max = 0", "server.in_flight_max"),
        ("[server]\nbody_timeout = \"soon\"", "soon"),
        ("[server]\nbody_timeout = \"1ms\"", "server.body_timeout"),
        ("[server]\nmetrics_from = [\"300.0.0.0/8\"]", "metrics_from"),
        ("[server.tls]\ncertificate = \"/none.crt\"\nkey = \"/none.key\"", "/none.crt"),
        ("[database]\nwriters = 1000", "database.writers"),
        ("[database]\nurl = \"mysql://a/b\"", "database.url"),
        ("[log]\nlevel = \"info,=\"", "log.level"),
        ("[log]\nformat = \"xml\"", "format"),
        ("[server", "probity.toml"),
    ];
    for (text, named) in table {
        let options = Options::on(Database::Sqlite).configuration(text);
        let mut server = Server::prepare(options);
        refused(&mut server, &[named]);
        assert!(!database_file(&server).exists(), "{text}: refused before anything is made");
    }
    let missing = Options::on(Database::Sqlite).arguments(&["--config", "/no/such/probity.toml"]);
    refused(&mut Server::prepare(missing), &["/no/such/probity.toml"]);
}

#[test]
fn a_port_in_use() {
    let first = Server::start(Options::on(Database::Sqlite));
    let address = first.address().to_string();
    let text = format!("[server]\nlisten = \"{address}\"");
    let options = Options::on(Database::Sqlite).configuration(&text).listen_as_configured();
    refused(&mut Server::prepare(options), &[&address, "listen"]);
}

/// One byte of a model in the database: that application answers code 1, the others serve.
#[test]
fn a_changed_model() {
    for database in Database::both() {
        let mut server = Server::start(Options::on(database));
        assert!(server.terminate().success());
        change_model(&server);
        server.launch().expect("one bad model does not stop the rest");
        let mut finplus = server.finplus();
        let changed = finplus.ask("1000002", SAMPLE, "a");
        assert_eq!((changed.code, changed.success), (Some(1), false), "{database:?}");
        assert_eq!(finplus.ask("1000001", SAMPLE, "b").code, Some(0));
        assert_eq!(finplus.ask("1000003", SAMPLE, "c").code, Some(0));
        let log = server.log_text();
        assert!(log.contains("german-lightgbm"), "{log}");
        assert_eq!(server.cli(&["journal", "verify"]).code, Some(0));
    }
}

fn change_model(server: &Server) {
    let select = "SELECT body FROM models WHERE name = 'german-lightgbm'";
    let change = |mut body: Vec<u8>| {
        // A digit of a leaf: the text still parses.
        let at = body.iter().rposition(u8::is_ascii_digit).expect("a number");
        body[at] = if body[at] == b'1' { b'2' } else { b'1' };
        body
    };
    if let Some(database) = server.postgres() {
        let mut client = database.connect();
        let body = change(client.query_one(select, &[]).expect("the statement is legal").get(0));
        let update = "UPDATE models SET body = $1 WHERE name = 'german-lightgbm'";
        assert_eq!(client.execute(update, &[&body]).expect("the statement is legal"), 1);
    } else {
        let connection =
            rusqlite::Connection::open(database_file(server)).expect("the database opens");
        let body = change(
            connection.query_row(select, [], |row| row.get(0)).expect("the statement is legal"),
        );
        let update = "UPDATE models SET body = ?1 WHERE name = 'german-lightgbm'";
        assert_eq!(connection.execute(update, [&body]).expect("the statement is legal"), 1);
    }
}

#[test]
fn postgres_out_of_reach() {
    let url = ["--database", "postgres://nobody:secret-word@127.0.0.1:1/probity"];
    let mut server = Server::prepare(Options::on(Database::Sqlite).arguments(&url));
    refused(&mut server, &["PostgreSQL cannot be reached"]);
    assert!(!server.log_text().contains("secret-word"), "{}", server.log_text());
}

/// A server that would acknowledge what it has not written is refused.
#[test]
fn postgres_without_durability() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let cluster = Cluster::start(&[&format!("{setting} = off")]);
        let database = PostgresDatabase::create_on(&cluster.url());
        let options = Options::on(Database::Sqlite).arguments(&["--database", &database.url()]);
        refused(&mut Server::prepare(options), &[setting, "set it to on"]);
    }
}
