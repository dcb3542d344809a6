//! Three hundred and more broken applications, distinct in path and fault: each is refused by its
//! path, and says nothing of what was sent (`qiancheng.md`, last section).

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use tests::database::Database;
use tests::journal::Journal;
use tests::qiancheng::Qiancheng;
use tests::qiancheng::audit::{Applicant, Sealer};
use tests::server::{Options, Server};

/// What the document marks as needed (section 7.1), but for what the fixture spells otherwise.
const REQUIRED: &str = "order_detail order_detail.order_id order_detail.amount \
    order_detail.loan_term order_detail.order_time basic_info basic_info.user_contact \
    basic_info.user_contact[0].name user_proof_materia user_proof_materia[0].url \
    user_proof_materia[0].type user_mobile_contacts user_mobile_contacts[0].mobile \
    user_mobile_contacts[0].name telecom_data telecom_data.real_name_status \
    telecom_data.bill_list telecom_data.bill_list[0].month telecom_data.bill_list[0].amount \
    telecom_data.contact_list telecom_data.contact_list[0].phone \
    telecom_data.contact_list[0].last_contact_date telecom_data.contact_list[0].talk_seconds \
    telecom_data.contact_list[0].talk_cnt user_loan_orders[0].overdue_day \
    user_loan_orders[0].repayment_time";

/// Which the document gives no shape, or two: anything is read.
const SHAPELESS: [&str; 2] = ["zm_data.watch_info", "zfb_data.bank_cards[0]"];

/// A place in the application, as a message names it and as JSON pointers do.
#[derive(Clone)]
struct Place {
    path: String,
    pointer: String,
}

/// Every member of every object, and the first item of every list.
fn places(value: &Value, at: &Place, found: &mut Vec<Place>) {
    if SHAPELESS.contains(&at.path.as_str()) {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let between = if at.path.is_empty() { "" } else { "." };
                let place = Place {
                    path: format!("{}{between}{name}", at.path),
                    pointer: format!("{}/{name}", at.pointer),
                };
                found.push(place.clone());
                places(value, &place, found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let place =
                Place { path: format!("{}[0]", at.path), pointer: format!("{}/0", at.pointer) };
            places(&items[0], &place, found);
        }
        _ => {}
    }
}

/// What the fields of this place cannot be.
fn wrong(now: &Value) -> Vec<Value> {
    if now.is_object() || now.is_array() {
        return vec![json!(1), json!("{\"a\":"), json!(true)];
    }
    vec![
        json!([1]),
        json!(true),
        json!("\u{1}"),
        json!("字".repeat(3_000)),
        json!("-99999999999999"),
    ]
}

struct World {
    merchant: Qiancheng,
    sealer: Sealer,
    sound: Value,
}

impl World {
    /// The message that the application gets with `change` done to it; nothing when it is taken.
    fn refused(&mut self, order_id: usize, change: impl FnOnce(&mut Value)) -> Option<String> {
        let mut application = self.sound.clone();
        application["order_detail"]["order_id"] = json!(order_id);
        change(&mut application);
        self.sent(&application.to_string())
    }

    fn sent(&mut self, text: &str) -> Option<String> {
        let applicant = Applicant::with(Value::Null);
        let answer = self.merchant.apply(&applicant, &self.sealer.jwe(text.as_bytes()));
        assert!([0, 1001].contains(&answer.code), "{answer:?}");
        (answer.code == 1001).then_some(answer.msg)
    }

    /// The message for a member that stands there twice.
    fn repeated(&mut self, pointer: &str) -> Option<String> {
        let (outer, name) = pointer.rsplit_once('/').expect("a member");
        let mut application = self.sound.clone();
        let record = application.pointer_mut(outer).expect("it is there");
        record["the second"] = record[name].clone();
        self.sent(&application.to_string().replace("\"the second\"", &format!("{name:?}")))
    }
}

#[test]
fn three_hundred_broken_applications_are_refused_by_their_path() {
    let fixture = "../crates/wire/fixtures/qiancheng/audit/application.json";
    let text = fs::read(format!("{}/{fixture}", env!("CARGO_MANIFEST_DIR"))).expect("the fixture");
    let sound: Value = serde_json::from_slice(&text).expect("JSON");
    let server = Server::start(Options::on(Database::Sqlite));
    let (merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
    let mut world = World { merchant, sealer, sound };
    let mut found = Vec::new();
    let whole = Place { path: String::new(), pointer: String::new() };
    places(&world.sound, &whole, &mut found);
    let (mut distinct, mut required, mut taken) = (BTreeSet::new(), BTreeSet::new(), 0);
    for (order_id, Place { path, pointer }) in (1_000..).step_by(10).zip(&found) {
        let (outer, name) = pointer.rsplit_once('/').expect("a member");
        let missing = world.refused(order_id, |application| {
            let record = application.pointer_mut(outer).expect("it is there");
            record.as_object_mut().expect("an object").remove(name);
        });
        taken += usize::from(missing.is_none());
        if let Some(missing) = missing {
            // Of two spellings the right one is asked for.
            let asked = missing.replace("mobile: ", "moblie: ");
            let told = [format!("data.{path}: 缺失"), missing.clone()];
            assert!(told[0] == missing || told[0] == asked, "{path}: {missing}");
            distinct.insert(missing);
            required.insert(path.as_str());
        }
        let repeated = world.repeated(pointer);
        assert_eq!(repeated, Some(format!("data.{path}: 重复")));
        distinct.extend(repeated);
        if SHAPELESS.contains(&path.as_str()) {
            continue;
        }
        let now = world.sound.pointer(pointer).expect("it is there").clone();
        for (at, value) in wrong(&now).into_iter().enumerate() {
            let message = world.refused(order_id + 1 + at, |application| {
                *application.pointer_mut(pointer).expect("it is there") = value.clone();
            });
            // Some texts may be any.
            let Some(message) = message else {
                assert!(value == json!("-99999999999999"), "{path}: {value} is taken");
                taken += 1;
                continue;
            };
            let fault = message.strip_prefix(&format!("data.{path}"));
            let fault = fault.unwrap_or_else(|| panic!("{path}: {value}: {message}"));
            let inside = fault.split_once(": ").expect("path and fault").0;
            // What a list or record lacks inside is told by its place there.
            assert!(inside.is_empty() || now.is_array(), "{path}: {message}");
            assert!(!message.contains('字') && !message.contains("999"), "{message}");
            distinct.insert(message);
        }
    }
    let expected: BTreeSet<&str> = REQUIRED.split_whitespace().collect();
    let spelt = ["basic_info.user_contact[0].moblie"];
    assert_eq!(required, expected.into_iter().chain(spelt).collect());
    assert!(distinct.len() >= 300, "only {} distinct", distinct.len());
    assert_eq!(Journal::export(&server).rows.len(), taken, "only what was taken is billed");
}
