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
use tests::server::{IN_FORCE, Options, Server};
use tests::v1::V1;

/// Features that only what was collected can tell of an application with empty lists.
const BY_CARRIER: &str = "calls.numbers";
const BY_BANK: &str = "income.monthly";
const BY_OTHERS: &str = "lenders.d7";

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
        inputs["device.persons_m3"].clone()
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

    fn lender(&self, name: &str) -> Qiancheng {
        let password = self.server.new_lender(name, &[]);
        self.server.entitle_lender(name, "risk.audit", &[]);
        thread::sleep(IN_FORCE);
        Qiancheng::log_in_as(&self.server, name, &password)
    }
}

#[test]
fn a_carriers_and_a_banks_data_are_taken_while_their_consents_hold() {
    for database in Database::both() {
        let mut stage = Stage::on(database);
        let mut merchant = Qiancheng::log_in(&stage.server);
        let person = Person::new(5, "0000");
        let before = stage.inputs(&mut merchant, &person);
        assert_eq!((&before[BY_CARRIER], &before[BY_BANK]), (&Value::Null, &Value::Null));
        let open_id = merchant.open_telecom(&person, "synthetic");
        merchant.wait_for("telecom", &open_id, &[43]);
        let with_calls = stage.inputs(&mut merchant, &person);
        assert!(with_calls[BY_CARRIER].as_i64() > Some(0), "{database:?}: {with_calls}");
        assert_eq!(with_calls[BY_BANK], Value::Null);
        let open_id = merchant.open_ebank(&person, "icbc-login", "synth01");
        merchant.wait_for("ebank", &open_id, &[10]);
        let with_bank = stage.inputs(&mut merchant, &person);
        assert!(with_bank[BY_BANK].as_f64() > Some(0.0), "{database:?}: {with_bank}");
        // What the application says counts first.
        let row = json!({ "phone": "12000000009", "last_contact_date": "2026-01-30 10:00:00",
            "talk_seconds": 60, "talk_cnt": 1 });
        let own = stage.inputs_of(&mut merchant, &person, |application| {
            application["telecom_data"]["contact_list"] = json!([row]);
        });
        assert_ne!(own[BY_CARRIER], with_calls[BY_CARRIER], "{database:?}");
        // Another merchant's application of the same person knows nothing of it.
        let mut lender = stage.lender("lender");
        let foreign = stage.inputs(&mut lender, &person);
        assert_eq!((&foreign[BY_CARRIER], &foreign[BY_BANK]), (&Value::Null, &Value::Null));
        stage.withdraw(&person, "telecom");
        let after = stage.inputs(&mut merchant, &person);
        assert_eq!(after[BY_CARRIER], Value::Null, "{database:?}: withdrawn is not used");
        assert_eq!(after[BY_BANK], with_bank[BY_BANK]);
        // A bank's licence holds a day.
        stage.server.cli(&["sandbox", "clock", "advance", "25h"]).expect_success();
        thread::sleep(IN_FORCE);
        let mut merchant = Qiancheng::log_in(&stage.server);
        let later = stage.inputs(&mut merchant, &person);
        assert_eq!(later[BY_BANK], Value::Null, "{database:?}");
    }
}

#[test]
fn other_lenders_inquiries_are_counted_under_a_consent_of_their_own() {
    for database in Database::both() {
        let mut stage = Stage::on(database);
        let mut merchant = Qiancheng::log_in(&stage.server);
        let person = Person::new(6, "0000");
        let alone = stage.inputs(&mut merchant, &person);
        assert_eq!(alone[BY_OTHERS], 1, "{database:?}: this one");
        for name in ["lender-one", "lender-two"] {
            let mut lender = stage.lender(name);
            stage.inputs(&mut lender, &person);
            stage.inputs(&mut lender, &person);
        }
        let three = stage.inputs(&mut merchant, &person);
        assert_eq!(three[BY_OTHERS], 3, "{database:?}: each lender once");
        stage.withdraw(&person, "inquiries");
        let none = stage.inputs(&mut merchant, &person);
        assert_eq!(none[BY_OTHERS], Value::Null, "{database:?}: withdrawn");
    }
}

#[test]
fn persons_at_one_device_are_counted_and_an_erased_one_no_more() {
    let mut stage = Stage::on(Database::Sqlite);
    let mut merchant = Qiancheng::log_in(&stage.server);
    let people = [1, 2, 3].map(|number| Person::new(number, "0000"));
    for (person, count) in people.iter().zip(1..) {
        assert_eq!(stage.persons(&mut merchant, person), count);
        assert_eq!(stage.persons(&mut merchant, person), count, "nobody counts twice");
    }
    stage.server.cli(&["subject", "erase", &people[0].id_card]).expect_success();
    assert_eq!(stage.persons(&mut merchant, &people[1]), 2);
    let list = stage.server.cli(&["decision", "list", "--json"]).expect_success().json();
    assert_eq!(list.as_array().map(Vec::len), Some(5), "the erased person's are gone");
}

/// The policy that ships, with a rule on degrees.
fn with_degrees() -> Value {
    let shipped = include_str!("../../crates/domain/policies/consumer-credit.json");
    let mut policy: Value = serde_json::from_str(shipped).expect("JSON");
    policy["version"] = "2".into();
    let input = json!({ "name": "degree.records", "type": "integer", "min": 0,
        "zh": "学历条数", "en": "Courses of study" });
    let rule = json!({ "id": "G1", "when": "degree.records > 50", "then": "review",
        "zh": "学历条数异常", "en": "Too many courses of study" });
    policy["inputs"].as_array_mut().expect("a list").push(input);
    policy["rules"].as_array_mut().expect("a list").push(rule);
    policy
}

#[test]
fn a_degree_and_a_credit_report_are_taken_too() {
    let mut stage = Stage::on(Database::Sqlite);
    let file = stage.server.data_folder().join("2.json");
    std::fs::write(&file, with_degrees().to_string()).expect("the folder can be written");
    let acting = ["risk-1", "risk-2"]
        .map(|name| Acting::new(&stage.server, &of_sandbox(&stage.server, name)));
    let file = file.to_str().expect("UTF-8");
    for (who, arguments) in [
        (&acting[0], vec!["policy", "add", file]),
        (&acting[1], vec!["policy", "sign-off", "consumer-credit", "2"]),
        (&acting[1], vec!["policy", "promote", "consumer-credit", "2"]),
    ] {
        who.cli(&arguments.join(" "), &[]).expect_success();
    }
    drop(acting);
    thread::sleep(IN_FORCE);
    let mut merchant = Qiancheng::log_in(&stage.server);
    let people = stage.server.cli(&["sandbox", "people", "--json"]).expect_success().json();
    let people = people["people"].as_array().expect("people");
    let listed = people.iter().find(|one| one["login_name"] == "sandbox07").expect("registered");
    let text = |key: &str| listed[key].as_str().expect("a text").to_owned();
    let person = Person { name: text("name"), id_card: text("id_card"), mobile: text("mobile") };
    let before = stage.inputs(&mut merchant, &person);
    let names = ["degree.records", "cards.utilisation", "debt.monthly"];
    assert_eq!(names.map(|name| &before[name]), [&Value::Null; 3], "{before}");
    let open_id = merchant.open_degree(&person);
    let login = [("account", "a@one"), ("password", "synthetic"), ("sync", "0")];
    merchant.of(&open_id, "/degree/collect/login", &login).ok();
    let page = stage.server.command(&["sandbox", "page", "sandbox07"]).output().expect("it runs");
    let mut v1 = V1::of(&stage.server, "files");
    let page = BASE64_STANDARD.encode(page.stdout);
    let body = json!({ "name": person.name, "id_card": person.id_card, "file": page });
    let handed = v1.post("/v1/credit-reports", "application/json", body.to_string().as_bytes());
    assert_eq!(handed.status, 200, "{}", handed.text());
    let after = stage.inputs(&mut merchant, &person);
    for name in names {
        assert!(after[name].is_number(), "{name}: {after}");
    }
    stage.withdraw(&person, "credit");
    let withdrawn = stage.inputs(&mut merchant, &person);
    assert_eq!(withdrawn["cards.utilisation"], Value::Null, "{withdrawn}");
    assert_eq!(withdrawn["degree.records"], after["degree.records"]);
}
