//! The sandbox's applicants come to what `probity sandbox application --help` says of them; what
//! the command writes is taken as it is.

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tests::cli;
use tests::database::Database;
use tests::qiancheng::audit::{Applicant, IN_REVIEW, Sealer};
use tests::qiancheng::{Answer, CODE, Person, QUERY_PASSWORD, Qiancheng};
use tests::server::{Options, Server};

const OVERDUE: [u32; 5] = [7, 26, 35, 60, 69];
const PRESSED: [u32; 3] = [3, 5, 10];
const SOUND: [u32; 6] = [1, 8, 9, 15, 20, 23];

struct World {
    server: Server,
    merchant: Qiancheng,
    sealer: Sealer,
    people: Value,
}

impl World {
    fn new() -> Self {
        let server = Server::start(Options::on(Database::Sqlite));
        let (merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
        let people = cli::run(&["sandbox", "people", "--json"]).expect_success().json();
        Self { server, merchant, sealer, people: people["people"].clone() }
    }

    fn apply(&mut self, number: u32) -> String {
        let applicant = Applicant::of(number, number.into());
        let data = self.sealer.jwe(applicant.text().as_bytes());
        self.merchant.applied(&applicant, &data)
    }

    fn state(&mut self, open_id: &str) -> Value {
        self.merchant.await_decision(&self.server, open_id);
        Answer::read(&self.merchant.look_at(&[("open_id", open_id)])).ok()["state"].take()
    }

    /// What the person's carrier and its bank have of it.
    fn collect(&mut self, number: u32) {
        let (merchant, one) = (&mut self.merchant, &self.people[number as usize]);
        assert_eq!(one["login_name"], format!("sandbox{number:02}"));
        let text = |name: &str| one[name].as_str().expect("a text").to_owned();
        let person =
            Person { name: text("name"), id_card: text("id_card"), mobile: text("mobile") };
        let entry = match text("bank").as_str() {
            "工商银行" => "icbc-login",
            "建设银行" => "ccb-login",
            _ => "ceb-login",
        };
        let bank = merchant.open_ebank(&person, entry, "synth01");
        let carrier = merchant.open_telecom(&person, "synthetic");
        loop {
            let answer = match merchant.state("telecom", &carrier).state() {
                43 => break,
                21 => ("captcha", "captcha", CODE),
                31 => ("query-password", "query_password", QUERY_PASSWORD),
                _ => {
                    thread::sleep(Duration::from_millis(50));
                    continue;
                }
            };
            let path = format!("/telecom/collect/{}", answer.0);
            merchant.of(&carrier, &path, &[(answer.1, answer.2)]);
        }
        merchant.wait_for("ebank", &bank, &[10]);
    }
}

#[test]
fn the_applicants_come_to_what_the_help_says() {
    let mut world = World::new();
    let refused: Vec<(u32, String)> =
        OVERDUE.into_iter().chain(PRESSED).map(|number| (number, world.apply(number))).collect();
    for (number, open_id) in refused {
        assert_eq!(world.state(&open_id), 1, "{number}");
    }
    let unknown = world.apply(SOUND[0] + 1);
    assert_eq!(world.state(&unknown), IN_REVIEW, "nobody knows what it earns");
    let mut approved = 0;
    for number in SOUND {
        world.collect(number);
        let open_id = world.apply(number);
        let state = world.state(&open_id);
        // The bank's six months are others each month.
        assert_ne!(state, 1, "{number}");
        approved += usize::from(state == 0);
    }
    assert!(approved >= SOUND.len() - 2, "{approved} approved");
}

#[test]
fn what_the_command_writes_is_taken() {
    let mut world = World::new();
    let folder = TempDir::new().expect("a temporary directory");
    let pem = folder.path().join("audit.pem");
    fs::write(&pem, &world.sealer.pem).expect("a file");
    let write = |options: &[&str]| {
        let line = [&["sandbox", "application", "--person", "7", "--size", "small"], options];
        world.server.cli(&line.concat())
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
        ids.insert(world.merchant.applied(&applicant, output.stdout.trim()));
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
        assert_eq!(world.server.cli(&line).code, Some(code), "{options:?}");
    }
}
