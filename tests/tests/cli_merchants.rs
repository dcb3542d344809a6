//! Merchants by the command line, beside running nodes: each change is in force within a second.

use std::time::Duration;

use tests::database::Database;
use tests::finplus::Finplus;
use tests::process::wait_until;
use tests::server::{Options, Server};

const SOON: Duration = Duration::from_secs(1);
const IMEI: &str = "860529038487085";

/// Waits until every node answers the merchant's calls with that status.
#[track_caller]
fn becomes(nodes: &[&Server], app_code: &str, app: &str, status: u16) {
    for node in nodes {
        let mut finplus = Finplus::new(node.client(), app_code);
        let (mut tries, mut last) = (0, None);
        let became = wait_until(SOON, || {
            tries += 1;
            let key = format!("{app}-{status}-{tries}");
            let answer = finplus.score(app, "imei", IMEI, &key).expect("an answer");
            last = Some((answer.status, answer.code));
            Ok(answer.status == status)
        });
        assert!(became.is_ok(), "{status} within a second, not {last:?}");
    }
}

fn lifecycle(nodes: &[&Server]) {
    let cli = |line: &str| nodes[0].cli(&line.split(' ').collect::<Vec<_>>()).expect_success();
    cli("merchant create acme --rate 1000");
    let first = cli("merchant credential acme add app-code --json").json();
    let code = first["secret"].as_str().expect("shown once");
    cli("merchant entitle acme --app 77 --model german-scorecard --price 0.5 --default");
    becomes(nodes, code, "77", 200);
    cli("merchant suspend acme");
    becomes(nodes, code, "77", 400);
    cli("merchant resume acme");
    becomes(nodes, code, "77", 200);
    // Both hold while one replaces the other; then the old one ends alone.
    let second = cli("merchant credential acme rotate app-code --overlap 1h --json").json();
    let successor = second["secret"].as_str().expect("shown once");
    becomes(nodes, code, "77", 200);
    becomes(nodes, successor, "77", 200);
    cli(&format!("merchant credential acme revoke {}", first["id"]));
    becomes(nodes, code, "77", 400);
    becomes(nodes, successor, "77", 200);
    cli("merchant disentitle acme --app 77");
    becomes(nodes, successor, "", 403);
}

#[test]
fn in_force_within_a_second_on_sqlite() {
    lifecycle(&[&Server::start(Options::on(Database::Sqlite))]);
}

#[test]
fn in_force_within_a_second_on_two_nodes() {
    if Database::both().contains(&Database::Postgres) {
        let first = Server::start(Options::on(Database::Postgres));
        let second = Server::join(&first);
        lifecycle(&[&first, &second]);
    }
}

#[test]
fn secrets_are_shown_once_and_wrong_use_is_explained() {
    let server = Server::prepare(Options::on(Database::Sqlite));
    let cli = |line: &str| server.cli(&line.split(' ').collect::<Vec<_>>());
    cli("key init").expect_success();
    cli("merchant create acme").expect_success();
    let pair = cli("merchant credential acme add app-key --json").expect_success().json();
    let password = cli("merchant credential acme add password --json").expect_success().json();
    let shown = cli("merchant show acme --json").expect_success();
    for secret in [&pair["secret"], &password["secret"]] {
        let secret = secret.as_str().expect("text");
        assert!(secret.len() >= 12 && !shown.stdout.contains(secret), "{shown:#?}");
    }
    let kinds: Vec<_> = shown.json()["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].clone())
        .collect();
    assert_eq!(kinds, ["app-key", "password"]);
    let warned = cli("merchant entitle acme --app 77 --model nobody --price 35").expect_success();
    assert!(warned.stderr.contains("no model of this name"), "{warned:#?}");
    for (line, code, wanted) in [
        ("merchant create acme", 1, "there already"),
        ("merchant create A", 1, "3 to 32 characters"),
        ("merchant show nobody", 1, "no merchant"),
        ("merchant credential acme revoke 99", 1, "no credential 99"),
        ("merchant credential acme add rsa-public-key", 1, "--public-key"),
        ("merchant credential acme add app-code --password-file f", 1, "kind password"),
        ("merchant disentitle acme --app 78", 1, "no right to 78"),
        ("merchant entitle acme --app 7 --model m --price 1,5", 2, "four decimals"),
        ("merchant rate acme 0", 2, "none"),
        ("merchant credential acme add cookie", 2, "rsa-public-key"),
    ] {
        let output = cli(line);
        assert_eq!(output.code, Some(code), "{line}: {output:#?}");
        assert!(output.stderr.contains(wanted), "{line}: {output:#?}");
    }
}
