//! `probity key` on both databases: made once, checked, rotated; a wrong key does not start.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;
use tests::cli::{run, text};
use tests::database::Database;
use tests::server::{Options, Server};

#[test]
fn made_once_checked_and_rotated() {
    for database in Database::both() {
        let server = Server::prepare(Options::on(database));
        let init = || server.cli(&["key", "init"]).expect_success().stdout;
        init();
        assert!(init().contains("there already"), "{database:?}");
        let check = |command: &[&str]| server.cli(command).expect_success().json();
        let before = check(&["key", "check", "--json"]);
        assert_eq!(before["versions"]["data"], serde_json::json!([1]));
        let after = check(&["key", "rotate", "--json"]);
        assert_eq!(after["versions"]["signing"], serde_json::json!([1, 2]));
        assert_eq!(after["versions"]["index"], serde_json::json!([1]));
        assert_ne!(before["verifying_key"], after["verifying_key"]);
    }
}

#[test]
fn only_the_owner_can_read_a_new_root_key() {
    let folder = TempDir::new().unwrap();
    run(&["key", "init", "--data", text(folder.path())]).expect_success();
    let key = fs::metadata(folder.path().join("root.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[test]
fn another_root_key_is_refused_by_commands_and_server() {
    let folder = TempDir::new().unwrap();
    let (data, key) = (text(folder.path()), folder.path().join("root.key"));
    run(&["key", "init", "--data", data]).expect_success();
    fs::write(&key, "00".repeat(32)).unwrap();
    for command in [&["key", "check"][..], &["key", "init"], &["merchant", "list"], &["serve"]] {
        let output = run(&[command, &["--data", data]].concat());
        assert_eq!(output.code, Some(1), "{output:#?}");
        assert!(output.stderr.contains("is not the one this database"), "{output:#?}");
    }
    fs::write(&key, "short").unwrap();
    let output = run(&["key", "check", "--data", data]);
    assert!(output.code == Some(1) && output.stderr.contains("64 hexadecimal"), "{output:#?}");
    // A database with keys never gets another root key.
    fs::remove_file(&key).unwrap();
    let output = run(&["key", "init", "--data", data]);
    assert!(output.code == Some(1) && output.stderr.contains("no root key"), "{output:#?}");
    assert!(!key.exists());
}

#[test]
fn a_new_root_key_takes_over() {
    let folder = TempDir::new().unwrap();
    let (data, new) = (text(folder.path()), folder.path().join("new.key"));
    run(&["key", "init", "--data", data]).expect_success();
    run(&["key", "rotate", "--root", text(&new), "--data", data]).expect_success();
    assert_eq!(run(&["key", "check", "--data", data]).code, Some(1));
    run(&["key", "check", "--data", data, "--key", text(&new)]).expect_success();
}

#[test]
fn no_database_is_made_where_one_is_looked_for() {
    let folder = TempDir::new().unwrap();
    let output = run(&["merchant", "list", "--data", text(folder.path())]);
    assert!(output.code == Some(1) && output.stderr.contains("no database at"), "{output:#?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
