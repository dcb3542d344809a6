//! The sandbox's applicants come to what `probity sandbox application --help` says of them; what
//! the command writes is taken as it is.

use std::collections::BTreeSet;
use std::fs;

use tempfile::TempDir;
use tests::cli;
use tests::database::Database;
use tests::qiancheng::audit::{Applicant, IN_REVIEW};
use tests::reviews::Stage;

const OVERDUE: [u32; 5] = [7, 26, 35, 60, 69];
const PRESSED: [u32; 3] = [3, 5, 10];
const SOUND: [u32; 6] = [1, 8, 9, 15, 20, 23];

fn apply(stage: &mut Stage, number: u32) -> String {
    stage.apply(&Applicant::of(number, number.into()))
}

#[test]
fn the_applicants_come_to_what_the_help_says() {
    let mut stage = Stage::on(Database::Sqlite);
    for number in OVERDUE.into_iter().chain(PRESSED) {
        let open_id = apply(&mut stage, number);
        assert_eq!(stage.result(&open_id)["state"], 1, "{number}");
    }
    let unknown = apply(&mut stage, SOUND[0] + 1);
    assert_eq!(stage.result(&unknown)["state"], IN_REVIEW, "nobody knows what it earns");
    let mut approved = 0;
    for number in SOUND {
        stage.collect(number);
        let open_id = apply(&mut stage, number);
        let found = stage.result(&open_id)["state"].take();
        // The bank's six months are others each month.
        assert_ne!(found, 1, "{number}");
        approved += usize::from(found == 0);
    }
    assert!(approved >= SOUND.len() - 2, "{approved} approved");
}

#[test]
fn what_the_command_writes_is_taken() {
    let mut stage = Stage::on(Database::Sqlite);
    let folder = TempDir::new().expect("a temporary directory");
    let pem = folder.path().join("audit.pem");
    fs::write(&pem, &stage.sealer.pem).expect("a file");
    let write = |options: &[&str]| {
        let line = [&["sandbox", "application", "--person", "7", "--size", "small"], options];
        stage.server.cli(&line.concat())
    };
    let mut ids = BTreeSet::new();
    let applicant = Applicant::sized(7, 1, "small");
    // The command's time stands in the application: each is another order.
    for (order_id, options) in (1..).zip([
        &["--out", "jwe"][..],
        &["--out", "jwe", "--gzip", "--to", cli::text(&pem)],
        &["--out", "blocks", "--to", cli::text(&pem)],
        &["--out", "blocks", "--gzip"],
    ]) {
        let order_id = order_id.to_string();
        let output = write(&[options, &["--order-id", &order_id]].concat()).expect_success();
        ids.insert(stage.merchant.applied(&applicant, output.stdout.trim()));
    }
    assert_eq!(ids.len(), 4);
    let plain = write(&[]).expect_success().json();
    assert_eq!(plain["order_detail"]["order_id"], 1);
    for (options, code) in [
        (&["--person", "70"][..], 1),
        (&["--out", "jwe", "--to", "nowhere.pem"], 1),
        (&["--out", "jwe", "--to", "/dev/null"], 1),
        (&["--out", "xml"], 2),
    ] {
        let line = [&["sandbox", "application"], options].concat();
        assert_eq!(stage.server.cli(&line).code, Some(code), "{options:?}");
    }
}
