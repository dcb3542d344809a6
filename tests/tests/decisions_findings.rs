//! What the platform itself knows of a person decides: the blacklist, and whose name the carrier
//! has. The finding stands in the answer, and in the record with its evidence.

use std::thread;

use serde_json::{Value, json};
use tests::database::Database;
use tests::qiancheng::audit::{Applicant, Sealer};
use tests::qiancheng::{Person, Qiancheng};
use tests::server::{IN_FORCE, Options, Server};

/// An applicant of the sandbox whom the policy approves once carrier and bank are known.
const SOUND: u32 = 8;

struct Stage {
    server: Server,
    merchant: Qiancheng,
    sealer: Sealer,
    order: u64,
}

impl Stage {
    fn on(database: Database) -> Self {
        let server = Server::start(Options::on(database));
        let (merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
        Self { server, merchant, sealer, order: 0 }
    }

    /// What the merchant is told, and the reasons of the record, the decisive ones first.
    fn decided(&mut self, mut applicant: Applicant) -> (Value, Vec<Value>) {
        self.order += 1;
        applicant.application["order_detail"]["order_id"] = json!(self.order);
        let data = self.sealer.jwe(applicant.text().as_bytes());
        let open_id = self.merchant.applied(&applicant, &data);
        self.merchant.await_decision(&self.server, &open_id);
        let told = self.merchant.look_at(&[("open_id", &open_id)]).json()["data"].take();
        let explain = ["decision", "explain", &open_id, "--json", "--reason", "合成"];
        let account = self.server.cli(&explain);
        let mut account = account.expect_success().json();
        let reasons = account["decisions"][0]["record"]["decision"]["reasons"].take();
        (told, reasons.as_array().expect("reasons").clone())
    }

    /// That `rule` refuses the applicant, by what it saw of one field alone.
    fn refused(&mut self, applicant: Applicant, (rule, field, value): (&str, &str, bool)) {
        let (told, reasons) = self.decided(applicant);
        let found = reasons.iter().find(|reason| reason["rule"] == rule);
        let found = found.unwrap_or_else(|| panic!("{rule}: {reasons:?}"));
        assert_eq!((&told["state"], &found["outcome"]), (&json!(1), &json!("reject")), "{told}");
        let said = (told["reason"].as_str(), found["zh"].as_str());
        assert!(said.0.zip(said.1).is_some_and(|(told, zh)| told.contains(zh)), "{told} {found}");
        let evidence = found["evidence"].as_array().expect("evidence");
        let seen = evidence.iter().map(|seen| (&seen["field"], &seen["value"]));
        assert_eq!(seen.collect::<Vec<_>>(), [(&json!(field), &json!(value))], "{found}");
    }
}

#[test]
fn whoever_is_on_the_blacklist_is_refused_and_told_so() {
    let listed = ("F201", "blacklist.is_listed", true);
    for database in Database::both() {
        let mut stage = Stage::on(database);
        let applicant = |number| Applicant::sized(number, 1, "small");
        let (before, _) = stage.decided(applicant(SOUND));
        assert_ne!(before["state"], 1, "{database:?}: {before}");
        let Applicant { name, id_card, phone, .. } = applicant(SOUND);
        // By each way that a person can be named.
        let ways = [
            vec!["--id-card", &id_card],
            vec!["--mobile", &phone],
            vec!["--name", &name, "--id-card", &id_card],
        ];
        for way in ways {
            let change = |stage: &Stage, action: &str, more: &[&str]| {
                let command = [&["blacklist", action], &way[..], more].concat();
                stage.server.cli(&command).expect_success();
                thread::sleep(IN_FORCE);
            };
            change(&stage, "add", &["--reason", "fraud"]);
            stage.refused(applicant(SOUND), listed);
            let (other, _) = stage.decided(applicant(SOUND + 1));
            assert_ne!(other["state"], 1, "{database:?}: somebody else: {other}");
            change(&stage, "dispute", &[]);
            let (disputed, _) = stage.decided(applicant(SOUND));
            assert_ne!(disputed["state"], 1, "{database:?}: disputed: {disputed}");
            change(&stage, "remove", &[]);
        }
    }
}

/// The carrier has another name for the applicant's ID number.
#[test]
fn a_name_that_a_collected_source_denies_is_refused() {
    for database in Database::both() {
        let mut stage = Stage::on(database);
        let mut applicant = Applicant::sized(SOUND, 1, "small");
        let own = Person {
            name: applicant.name.clone(),
            id_card: applicant.id_card.clone(),
            mobile: "13900000000".to_owned(),
        };
        let somebody = Person { name: "示例丙".to_owned(), ..own.clone() };
        let telecom = &mut applicant.application["telecom_data"];
        for shown in ["real_name_name", "real_name_id_card"] {
            telecom.as_object_mut().expect("a section").remove(shown);
        }
        for (person, is_refused) in [(&own, false), (&somebody, true)] {
            let open_id = stage.merchant.open_telecom(person, "synthetic");
            stage.merchant.wait_for("telecom", &open_id, &[43]);
            if is_refused {
                stage.refused(applicant.clone(), ("I102", "identity.name_matches", false));
            } else {
                let (told, reasons) = stage.decided(applicant.clone());
                assert_ne!(told["state"], 1, "{database:?}: {reasons:?}");
            }
        }
    }
}
