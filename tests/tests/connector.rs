//! The conformance kit against the example connector, whole and with each fault; sources as the
//! operator keeps them.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::cli;
use tests::connector::{CONFIGURATION, Connector};
use tests::database::Database;
use tests::server::{Options, Output, Server};

/// What a step may take in the checks of a faulty connector.
const STEP_DEADLINE: &str = "1s";

fn check(connector: &Connector, url: &str) -> Output {
    let (secret, config) = (connector.secret_file(), connector.configuration_file());
    let (secret, config) = (cli::text(&secret), cli::text(&config));
    let files = ["--secret-file", secret, "--config", config];
    let asked = ["connector", "check", url, "--json", "--step-deadline", STEP_DEADLINE];
    cli::run(&[&asked[..], &files].concat())
}

/// The detail of the first check that failed.
fn first_failure(output: &Output) -> (usize, String) {
    let checks = output.json();
    let checks = checks.as_array().expect("a list of checks");
    let failed = checks.iter().position(|check| check["outcome"] == "failed");
    let at = failed.expect("a check failed");
    (at, checks[at]["detail"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn the_example_passes_the_whole_kit() {
    let connector = Connector::start();
    let output = check(&connector, connector.url()).expect_success();
    let checks = output.json();
    let checks = checks.as_array().expect("a list of checks");
    assert!(checks.iter().all(|check| check["outcome"] == "passed"), "{checks:#?}");
    assert!(checks.len() >= 27, "{} checks", checks.len());
}

#[test]
fn twelve_faults_are_told_apart_within_the_deadline() {
    let table = [
        ("hang", "Late"),
        ("late", "Late"),
        ("drip", "Late"),
        ("half", "BrokenOff"),
        ("exit", "BrokenOff"),
        ("huge", "Unreadable"),
        ("garbage", "is not JSON"),
        ("wrong-session", "session: is not what was sent"),
        ("wrong-clock", "not signed as it must be"),
        ("wrong-signature", "not signed as it must be"),
        ("oversize-number", "after_ms"),
    ];
    for (fault, expected) in table {
        let connector = Connector::with_fault(fault);
        let begun = Instant::now();
        let output = check(&connector, connector.url());
        let took = begun.elapsed();
        let (at, detail) = first_failure(&output);
        assert_eq!(at, 1, "{fault}: its health is right, its first step is not: {detail}");
        assert!(detail.contains(expected), "{fault}: {detail:?} should say {expected:?}");
        assert!(output.code != Some(0) && took < Duration::from_secs(20), "{fault}: {took:?}");
    }
    // A process that comes up and ends at once, over and over, is one that nobody can connect to.
    let mut connector = Connector::start();
    connector.kill();
    let (at, detail) = first_failure(&check(&connector, connector.url()));
    assert!(at == 0 && detail.contains("no connection"), "{detail}");
}

/// What a borrower would be shown of a bank is checked before anybody is.
#[test]
fn banks_that_nobody_could_log_in_to_are_named() {
    let connector = Connector::with_fault("wrong-banks");
    let (_, detail) = first_failure(&check(&connector, connector.url()));
    let wanted = "SYNTH synth-login: valid of login_name is no regular expression";
    assert_eq!(detail, wanted);
}

#[test]
fn a_connector_is_off_until_its_papers_are_recorded() {
    let connector = Connector::start();
    let options = Options::on(Database::Sqlite).configuration(CONFIGURATION);
    let server = Server::start(options);
    let secret = connector.secret_file();
    let config = connector.configuration_file();
    let cli =
        |arguments: &[&str]| server.cli(&[arguments, &["--config", cli::text(&config)]].concat());
    let add = ["source", "add", "acme-telecom", "--kind", "telecom", "--url", connector.url()];
    cli(&[&add[..], &["--secret-file", cli::text(&secret)]].concat()).expect_success();
    let again = cli(&[&add[..], &["--secret-file", cli::text(&secret)]].concat());
    assert!(again.stderr.contains("there already"), "{again:#?}");
    cli(&["source", "check", "acme-telecom"]).expect_success();

    for (papers, lack) in [(&[][..], "licence"), (&["--licence", "synthetic 1"], "authorisation")] {
        let refused = cli(&[&["source", "enable", "acme-telecom"][..], papers].concat());
        assert!(refused.code != Some(0) && refused.stderr.contains(lack), "{refused:#?}");
    }
    let papers = ["--licence", "synthetic 1", "--authorisation", "synthetic 2"];
    cli(&[&["source", "enable", "acme-telecom"][..], &papers].concat()).expect_success();
    cli(&["source", "set", "acme-telecom", "--weight", "7", "--step-deadline", "2s"])
        .expect_success();
    let shown = cli(&["source", "show", "acme-telecom", "--json"]).expect_success();
    let secret = std::fs::read_to_string(&secret).expect("the secret");
    assert!(!shown.stdout.contains(&secret));
    let shown = shown.json();
    for (field, value) in [
        ("state", Value::from("enabled")),
        ("licence", "synthetic 1".into()),
        ("authorisation", "synthetic 2".into()),
        ("weight", 7.into()),
        ("step_deadline_ms", 2_000.into()),
        ("where", connector.url().into()),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    let listed = cli(&["source", "list", "--json"]).expect_success().json();
    let names: Vec<_> = listed.as_array().into_iter().flatten().map(|one| &one["name"]).collect();
    assert_eq!(names.len(), 6, "the sandbox's five and this one: {names:?}");
    assert_eq!(connector.asked(), Vec::<String>::new(), "its health was asked, and no step");
}

#[test]
fn an_address_that_the_guard_refuses_is_not_called() {
    let connector = Connector::start();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let secret = connector.secret_file();
    // Without a configuration loopback is not allowed.
    for host in ["127.0.0.1", "localhost", "[::1]", "0x7f.1"] {
        let url = format!("http://{host}:{port}");
        let arguments = ["connector", "check", &url, "--secret-file", cli::text(&secret)];
        let output = cli::run(&arguments);
        assert!(output.code != Some(0), "{host}: {output:#?}");
    }
    assert!(listener.accept().is_err(), "the listener was called");
}

/// A source's secret is replaced while it is there, and a source is taken out for good.
#[test]
fn a_source_gets_another_secret_and_goes() {
    let mut connector = Connector::start();
    let server = Server::start(Options::on(Database::Sqlite).configuration(CONFIGURATION));
    let config = connector.configuration_file();
    let cli =
        |arguments: &[&str]| server.cli(&[arguments, &["--config", cli::text(&config)]].concat());
    let (secret, url) = (connector.secret_file(), connector.url().to_owned());
    let add = ["source", "add", "remote", "--kind", "degree", "--url", &url, "--secret-file"];
    cli(&[&add[..], &[cli::text(&secret)]].concat()).expect_success();
    cli(&["source", "check", "remote"]).expect_success();
    let other = server.data_folder().join("other-secret");
    std::fs::write(&other, "0".repeat(64)).expect("written");
    let set = |file: &Path| cli(&["source", "set", "remote", "--secret-file", cli::text(file)]);
    set(&other).expect_success();
    assert_eq!(cli(&["source", "check", "remote"]).code, Some(1), "it knows the old one alone");
    set(&secret).expect_success();
    cli(&["source", "check", "remote"]).expect_success();
    std::fs::write(&other, "short").expect("written");
    assert_ne!(set(&other).code, Some(0));
    for (name, code) in [("sandbox-degree", 1), ("remote", 0), ("remote", 1)] {
        assert_eq!(cli(&["source", "remove", name]).code, Some(code), "{name}");
    }
    let listed = cli(&["source", "list", "--json"]).expect_success().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(5), "the sandbox's");
    assert_eq!(
        cli(&["source", "set", "sandbox-degree", "--secret-file", cli::text(&secret)]).code,
        Some(1)
    );
    connector.kill();
}
