//! `probity config`: what is wrong is said with its key, before a start; `serve` says the same.

use std::fs;

use tempfile::TempDir;
use tests::cli::{run, text};

#[test]
fn each_mistake_is_named() {
    let folder = TempDir::new().unwrap();
    let (file, data) = (folder.path().join("probity.toml"), folder.path().join("data"));
    for (content, wanted) in [
        ("[server]\nlisten = \"nowhere\"", "listen"),
        ("[server]\nlisten_adress = \"127.0.0.1:1\"", "listen_adress"),
        ("[server]\nin_flight_max = 0", "server.in_flight_max is 0"),
        ("[server]\nbody_timeout = \"1 hour\"", "10m"),
        ("[server]\nheader_timeout = \"1h\"", "server.header_timeout"),
        ("[server]\ntrusted_proxies = [\"10.0.0.0/33\"]", "trusted_proxies"),
        ("[server.tls]\ncertificate = \"/no\"\nkey = \"/no\"", "server.tls.certificate"),
        ("[database]\nurl = \"mysql://a\"", "database.url"),
        ("[log]\nlevel = \"==\"", "log.level"),
        ("[log", "line 1"),
    ] {
        fs::write(&file, content).unwrap();
        for command in [&["config", "check"][..], &["serve", "--data", text(&data)]] {
            let output = run(&[command, &["--config", text(&file)]].concat());
            assert_eq!(output.code, Some(1), "{content}: {output:#?}");
            assert!(output.stderr.contains(wanted), "{content}: {output:#?}");
        }
    }
}

#[test]
fn the_files_it_names_are_read() {
    let folder = TempDir::new().unwrap();
    let (file, other) = (folder.path().join("probity.toml"), folder.path().join("other"));
    fs::write(&other, "no certificate").unwrap();
    let tls = format!("[server.tls]\ncertificate = {other:?}\nkey = {other:?}");
    fs::write(&file, tls).unwrap();
    for arguments in [&["--config", text(&file)][..], &["--key", text(&other)]] {
        let output = run(&[&["config", "check"], arguments].concat());
        assert_eq!(output.code, Some(1), "{output:#?}");
        assert!(output.stderr.contains("other"), "{output:#?}");
    }
}

#[test]
fn the_example_is_right_and_shows_the_defaults() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/example.toml");
    run(&["config", "check", "--config", example]).expect_success();
    let shown = |arguments: &[&str]| {
        run(&[&["config", "show", "--json"], arguments].concat()).expect_success().json()
    };
    assert_eq!(shown(&["--config", example]), shown(&[]));
    let secret = ["--database", "postgres://u:hunter2@db/p"];
    assert_eq!(shown(&secret)["database.url"], "postgres://u:…@db/p");
}
