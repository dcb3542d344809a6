//! What was collected feeds what is decided: for the same person and merchant, under a consent in
//! force, and not otherwise (I7, I8).

use std::thread;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tests::database::Database;
use tests::operators::{Acting, of_sandbox};
use tests::qiancheng::audit::{Applicant, Sealer, least};
use tests::qiancheng::{Person, Qiancheng};
use tests::rong360::borrower::{Borrower, Registered};
use tests::server::{IN_FORCE, Options, Server};
use tests::v1::V1;

/// Features that only what is held can tell of an application with empty lists.
const BY_CARRIER: &str = "calls.numbers";
const BY_BANK: &str = "cards.held";
const BY_REGISTER: &str = "degree.records";
const BY_REPORT: &str = "credit.accounts";
const BY_LENDERS: &str = "lenders.d7";
const BY_DEVICE: &str = "device.persons_m3";

/// A bank's way in, and accounts there that need no code.
const ENTRY: &str = "icbc-login";
const ACCOUNT: &str = "synth01";
const OTHER_ACCOUNT: &str = "other01";

struct Stage {
    server: Server,
    sealer: Sealer,
    order: u64,
}

impl Stage {
    fn on(database: Database) -> Self {
        let server = Server::start(Options::on(database));
        let sealer = Sealer::of(&server);
        Self { server, sealer, order: 0 }
    }

    /// The same with a policy that reads all of the features above.
    fn with_policy(database: Database) -> Self {
        let stage = Self::on(database);
        let file = stage.server.data_folder().join("2.json");
        std::fs::write(&file, policy().to_string()).expect("the folder can be written");
        let file = file.to_str().expect("UTF-8");
        let [one, two] = ["risk-1", "risk-2"]
            .map(|name| Acting::new(&stage.server, &of_sandbox(&stage.server, name)));
        one.cli("policy add", &[file]).expect_success();
        for step in ["sign-off", "promote"] {
            two.cli(&format!("policy {step}"), &["consumer-credit", "2"]).expect_success();
        }
        drop((one, two));
        thread::sleep(IN_FORCE);
        stage
    }

    /// The inputs of a new application of the person's, as they were kept.
    fn inputs(&mut self, merchant: &mut Qiancheng, person: &Person) -> Value {
        self.inputs_of(merchant, person, |_| ())
    }

    fn inputs_of(
        &mut self,
        merchant: &mut Qiancheng,
        person: &Person,
        edit: impl FnOnce(&mut Value),
    ) -> Value {
        self.order += 1;
        let Person { name, id_card, mobile } = person.clone();
        let mut application = least(self.order);
        edit(&mut application);
        let applicant = Applicant { name, id_card, phone: mobile, application };
        let data = self.sealer.jwe(applicant.text().as_bytes());
        let open_id = merchant.applied(&applicant, &data);
        let begun = Instant::now();
        loop {
            let account = ["decision", "explain", &open_id, "--json", "--reason", "合成"];
            let account = self.server.cli(&account).expect_success().json();
            let inputs = &account["decisions"][0]["record"]["decision"]["inputs"];
            if inputs.is_object() {
                return inputs.clone();
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{account}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// How many persons one device had, the person of this application among them.
    fn persons(&mut self, merchant: &mut Qiancheng, person: &Person) -> Value {
        let inputs = self.inputs_of(merchant, person, |application| {
            application["user_login_upload_logs"] =
                json!([{ "time": "2026-01-30 10:00:00", "device_id": "synthetic-device" }]);
        });
        inputs[BY_DEVICE].clone()
    }

    /// Records what the person consented to on paper.
    fn record(&self, person: &Person, merchant: &str, source: &str) {
        let given = ["consent", "record", &person.id_card, "--merchant", merchant];
        let what = ["--source", source, "--for", "1d", "--evidence", "synthetic form 17"];
        self.server.cli(&[&given[..], &what].concat()).expect_success();
    }

    /// Ends every consent of the person's to that source.
    fn withdraw(&self, person: &Person, source: &str) {
        let list = ["consent", "list", &person.id_card, "--json"];
        let list = self.server.cli(&list).expect_success().json();
        let mut ended = 0;
        for consent in list.as_array().expect("a list") {
            if consent["source"] == source && consent["withdrawn_at"].is_null() {
                let id = consent["id"].as_str().expect("an id");
                // With one end the others that were declared for the same.
                ended += i32::from(self.server.cli(&["consent", "withdraw", id]).code == Some(0));
            }
        }
        assert!(ended > 0, "{list}");
    }

    /// Another merchant of the risk audit, logged in; `terms` go to `merchant create`.
    fn lender(&self, name: &str, terms: &[&str]) -> Qiancheng {
        self.server.cli(&[&["merchant", "create", name], terms].concat()).expect_success();
        self.server.entitle_lender(name, "risk.audit", &[]);
        let add = ["merchant", "credential", name, "add", "password", "--json"];
        let made = self.server.cli(&add).expect_success().json();
        thread::sleep(IN_FORCE);
        let password = made["secret"].as_str().expect("it is shown this once");
        Qiancheng::log_in_as(&self.server, name, password)
    }
}

/// The policy that ships, with rules on more of what can be held.
fn policy() -> Value {
    let shipped = include_str!("../../crates/domain/policies/consumer-credit.json");
    let mut policy: Value = serde_json::from_str(shipped).expect("JSON");
    policy["version"] = "2".into();
    let mut add = |section: &str, item| policy[section].as_array_mut().expect("a list").push(item);
    for (number, name) in [BY_BANK, BY_REGISTER, BY_REPORT].into_iter().enumerate() {
        let (zh, en) = ("合成", "Synthetic");
        add("inputs", json!({ "name": name, "type": "integer", "min": 0, "zh": zh, "en": en }));
        let (id, when) = (format!("H{number}"), format!("{name} > 999"));
        add("rules", json!({ "id": id, "when": when, "then": "review", "zh": zh, "en": en }));
    }
    policy
}

/// Has something of a person collected, or handed in.
type Collect = fn(&Server, &mut Qiancheng, &Person);

fn telecom(_: &Server, merchant: &mut Qiancheng, person: &Person) {
    let open_id = merchant.open_telecom(person, "synthetic");
    merchant.wait_for("telecom", &open_id, &[43]);
}

fn ebank(_: &Server, merchant: &mut Qiancheng, person: &Person) {
    let open_id = merchant.open_ebank(person, ENTRY, ACCOUNT);
    merchant.wait_for("ebank", &open_id, &[10]);
}

fn ebank_v2(_: &Server, merchant: &mut Qiancheng, person: &Person) {
    let (open_id, _) = merchant.open_ebank_v2(person);
    merchant.log_in_v2(&open_id, ENTRY, ACCOUNT).ok();
    merchant.wait_for("v2/ebank", &open_id, &[10]);
}

fn degree(_: &Server, merchant: &mut Qiancheng, person: &Person) {
    let open_id = merchant.open_degree(person);
    let login = [("account", "a@one"), ("password", "synthetic"), ("sync", "0")];
    merchant.of(&open_id, "/degree/collect/login", &login).ok();
}

/// By face 3, where the merchant names its borrower and the bureau's page the person.
fn report(server: &Server, _: &mut Qiancheng, person: &Person) {
    let mut all = Registered::all().iter();
    let one = all.find(|one| one.id_card == person.id_card).expect("registered");
    Borrower::new(server, "用户 1", &one.login_name).get_report(server);
}

/// The page that `PAGE` saved.
fn page(server: &Server, _: &mut Qiancheng, person: &Person) {
    let page = server.command(&["sandbox", "page", PAGE]).output().expect("it runs");
    hand_in(server, "/v1/credit-reports", person, &page.stdout);
}

fn file(server: &Server, _: &mut Qiancheng, person: &Person) {
    let bill = include_bytes!("../../crates/sources/fixtures/file/wechat.csv");
    hand_in(server, "/v1/files", person, bill);
}

fn hand_in(server: &Server, path: &str, person: &Person, file: &[u8]) {
    let body = json!({ "name": person.name, "id_card": person.id_card, "kind": "wechat",
        "file": BASE64_STANDARD.encode(file) });
    let mut v1 = V1::of(server, "files");
    let handed = v1.post(path, "application/json", body.to_string().as_bytes());
    assert_eq!(handed.status, 200, "{}", handed.text());
}

/// Who is registered at the bureau, besides whoever has a page.
const REGISTERED: &str = "sandbox08";
const PAGE: &str = "sandbox07";

fn registered(login_name: &str) -> Person {
    let Registered { name, id_card, mobile, .. } = Registered::find(login_name);
    Person { name, id_card, mobile }
}

/// What is collected: the source of its consent, what it alone tells, of whom, how.
fn kinds() -> [(&'static str, &'static str, Person, Collect); 7] {
    let person = |number| Person::new(number, "0000");
    [
        ("telecom", BY_CARRIER, person(1), telecom),
        ("ebank", BY_BANK, person(2), ebank),
        ("ebank", BY_BANK, person(3), ebank_v2),
        ("degree", BY_REGISTER, person(4), degree),
        ("credit", BY_REPORT, registered(REGISTERED), report),
        ("credit", BY_REPORT, registered(PAGE), page),
        ("file", BY_BANK, person(5), file),
    ]
}

#[test]
fn what_is_held_is_taken_while_a_consent_holds_on_sqlite() {
    taken_while_a_consent_holds(Database::Sqlite);
}

#[test]
fn what_is_held_is_taken_while_a_consent_holds_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        taken_while_a_consent_holds(Database::Postgres);
    }
}

/// By the merchant that collected it, and by no other.
fn taken_while_a_consent_holds(database: Database) {
    let mut stage = Stage::with_policy(database);
    let mut merchant = Qiancheng::log_in(&stage.server);
    let mut lender = stage.lender("lender", &["--declares-consent"]);
    for (row, (source, feature, person, collect)) in kinds().into_iter().enumerate() {
        let place = format!("{database:?}, row {row}: {source}");
        let told =
            |stage: &mut Stage, who: &mut Qiancheng| stage.inputs(who, &person)[feature].clone();
        assert_eq!(told(&mut stage, &mut merchant), Value::Null, "{place}: not yet there");
        collect(&stage.server, &mut merchant, &person);
        let held = told(&mut stage, &mut merchant);
        assert!(held.is_number(), "{place}: {held}");
        // A consent of its own gives another merchant nothing of this one's.
        stage.record(&person, "lender", source);
        assert_eq!(told(&mut stage, &mut lender), Value::Null, "{place}: foreign");
        stage.withdraw(&person, source);
        assert_eq!(told(&mut stage, &mut merchant), Value::Null, "{place}: withdrawn");
        stage.record(&person, "sandbox", source);
        assert_eq!(told(&mut stage, &mut merchant), held, "{place}: given anew");
    }
}

/// A licence holds a day, for one account at one bank (`qiancheng.md`, license-upload).
#[test]
fn a_licence_covers_its_own_account_for_a_day() {
    let sessions: [(Person, Collect); 2] =
        [(Person::new(6, "0000"), ebank), (Person::new(7, "0000"), ebank_v2)];
    for database in Database::both() {
        let mut stage = Stage::with_policy(database);
        let mut merchant = Qiancheng::log_in(&stage.server);
        for (person, collect) in &sessions {
            collect(&stage.server, &mut merchant, person);
            stage.withdraw(person, "ebank");
            for (entry, account, covers) in [
                (ENTRY, OTHER_ACCOUNT, false),
                ("ccb-login", ACCOUNT, false),
                (ENTRY, ACCOUNT, true),
            ] {
                let form = [("entry_id", entry), ("login_name", account)];
                let form = [&person.fields()[..], &form].concat();
                merchant.with_token("/ebank/collect/license-upload", &form).ok();
                let told = stage.inputs(&mut merchant, person)[BY_BANK].clone();
                assert_eq!(told.is_number(), covers, "{database:?} {entry} {account}: {told}");
            }
        }
        stage.server.advance("25h");
        let mut merchant = Qiancheng::log_in(&stage.server);
        for (person, _) in &sessions {
            let later = stage.inputs(&mut merchant, person);
            assert_eq!(later[BY_BANK], Value::Null, "{database:?}");
        }
    }
}

#[test]
fn what_the_application_says_counts_first() {
    let mut stage = Stage::on(Database::Sqlite);
    let mut merchant = Qiancheng::log_in(&stage.server);
    let person = Person::new(8, "0000");
    telecom(&stage.server, &mut merchant, &person);
    let row = json!({ "phone": "12000000009", "last_contact_date": "2026-01-30 10:00:00",
        "talk_seconds": 60, "talk_cnt": 1 });
    let own = stage.inputs_of(&mut merchant, &person, |application| {
        application["telecom_data"]["contact_list"] = json!([row]);
    });
    let held = stage.inputs(&mut merchant, &person);
    assert!(held[BY_CARRIER].is_number() && own[BY_CARRIER] != held[BY_CARRIER], "{own} {held}");
}

#[test]
fn other_lenders_inquiries_are_counted_under_a_consent_of_their_own() {
    for database in Database::both() {
        let mut stage = Stage::on(database);
        let mut merchant = Qiancheng::log_in(&stage.server);
        let person = Person::new(6, "0000");
        let alone = stage.inputs(&mut merchant, &person);
        assert_eq!(alone[BY_LENDERS], 1, "{database:?}: this one");
        for name in ["lender-one", "lender-two"] {
            let mut lender = stage.lender(name, &["--declares-consent"]);
            stage.inputs(&mut lender, &person);
            stage.inputs(&mut lender, &person);
        }
        let three = stage.inputs(&mut merchant, &person);
        assert_eq!(three[BY_LENDERS], 3, "{database:?}: each lender once");
        stage.withdraw(&person, "inquiries");
        let none = stage.inputs(&mut merchant, &person);
        assert_eq!(none[BY_LENDERS], Value::Null, "{database:?}: withdrawn");
        // Who may not declare it has to have it from the person.
        let mut silent = stage.lender("silent", &[]);
        let unasked = stage.inputs(&mut silent, &Person::new(7, "0000"));
        assert_eq!(unasked[BY_LENDERS], Value::Null, "{database:?}: not declared");
        stage.record(&Person::new(7, "0000"), "silent", "inquiries");
        let given = stage.inputs(&mut silent, &Person::new(7, "0000"));
        assert_eq!(given[BY_LENDERS], 1, "{database:?}: given");
    }
}

/// They are counted over all merchants, and therefore under the same consent.
#[test]
fn persons_at_one_device_are_counted_under_it_too_and_an_erased_one_no_more() {
    for database in Database::both() {
        let mut stage = Stage::on(database);
        let mut merchant = Qiancheng::log_in(&stage.server);
        let mut lender = stage.lender("lender", &["--declares-consent"]);
        let people = [1, 2, 3].map(|number| Person::new(number, "0000"));
        for (person, count) in people.iter().zip(1..) {
            assert_eq!(stage.persons(&mut merchant, person), count, "{database:?}");
            assert_eq!(stage.persons(&mut merchant, person), count, "nobody counts twice");
        }
        let mut silent = stage.lender("silent", &[]);
        let uncounted = Person::new(4, "0000");
        assert_eq!(stage.persons(&mut silent, &uncounted), Value::Null, "nothing is declared");
        assert_eq!(stage.persons(&mut lender, &people[1]), 3, "{database:?}: whoever asks");
        stage.withdraw(&people[2], "inquiries");
        assert_eq!(stage.persons(&mut merchant, &people[2]), Value::Null, "{database:?}");
        let erase = ["subject", "erase", &people[0].id_card];
        let erased = stage.server.cli(&erase).expect_success().stdout;
        assert!(erased.contains(", 2 applications"), "{erased}");
        assert_eq!(stage.persons(&mut merchant, &people[1]), 2, "{database:?}");
        let list = stage.server.cli(&["decision", "list", "--json"]).expect_success().json();
        assert_eq!(list.as_array().map(Vec::len), Some(8), "the erased person's are gone");
        let erased = stage.server.cli(&["subject", "erase", &people[1].id_card, "--json"]);
        assert_eq!(erased.expect_success().json()["applications"], 4, "{database:?}");
    }
}
