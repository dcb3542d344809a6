//! The application for a loan that a persona hands in through a merchant (document 001, section
//! 7.1), told from what its carrier, its banks and its work tell: the emergency contacts are among
//! those it calls, the address book holds most of them, a bad risk has more loans behind it.

mod history;
mod telecom;

use std::fmt::Write as _;

use domain::dataset::local_text;
use domain::identity::{PROVINCES, Person};
use domain::report::numbers::Kind;
use domain::time::{Span, Timestamp};
use serde_json::{Value, json};

use super::credit::{self, BureauPerson};
use super::{Persona, carrier_data, numbers};
use crate::sandbox::stage::SEED_KEY;

/// Applicants are numbered as the bureau's `sandboxNN`.
pub const PERSONS: u32 = 70;

/// These hand in from one telephone.
const SHARED_DEVICE: std::ops::RangeInclusive<u32> = 65..=68;

/// How much there is of what can be much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A few KB.
    Small,
    /// About 100 KB, as real ones are.
    Normal,
    /// As many rows as are taken of contacts, calls and apps: about 30 MB.
    Large,
}

/// Rows of a size, at least.
#[derive(Clone, Copy)]
struct Rows {
    contacts: usize,
    call_contacts: usize,
    apps: usize,
    logins: usize,
    deals: usize,
    /// Of the acquaintances with whom there were calls.
    callers_max: usize,
}

impl Size {
    fn rows(self) -> Rows {
        let rows = |contacts, call_contacts, apps, logins| Rows {
            contacts,
            call_contacts,
            apps,
            logins,
            deals: logins * 2,
            callers_max: usize::MAX,
        };
        match self {
            Self::Small => Rows { callers_max: 12, ..rows(5, 0, 4, 2) },
            Self::Normal => rows(400, 0, 90, 80),
            Self::Large => rows(20_000, 100_000, 5_000, 500),
        }
    }
}

/// The applicant of a number below [`PERSONS`], and its application as of `now` under that order
/// number: the JSON that goes into `data`.
pub fn application(
    number: u32,
    order_id: u64,
    size: Size,
    now: Timestamp,
) -> Option<(Person, Value)> {
    let bureau = credit::person(&format!("sandbox{number:02}"))?;
    let persona = Persona::of(SEED_KEY, &bureau.person, now.shanghai_day());
    let named: Vec<String> =
        persona.acquaintances.iter().take(2).map(|one| one.number.clone()).collect();
    let (rows, data) = (size.rows(), carrier_data(&persona, &named, now));
    let device = if SHARED_DEVICE.contains(&number) { *SHARED_DEVICE.start() } else { number };
    let proofs = [0, 1, 2].map(|kind| {
        json!({ "url": format!("https://example.invalid/{number}/{kind}.jpg"), "type": kind })
    });
    let application = json!({
        "order_detail": order(&persona, order_id, now),
        "basic_info": basic(&persona, &named),
        "user_proof_materia": proofs.to_vec(),
        "user_mobile_contacts": address_book(&persona, rows.contacts),
        "telecom_data": telecom::section(data.line(), rows),
        "zm_data": history::zhima(&persona),
        "user_loan_orders": history::loans(&persona, now),
        "zfb_data": history::alipay(&persona, rows.deals, now),
        "user_login_upload_logs": logins(device, rows.logins, now),
        "card_info": cards(&bureau),
        "app_info": apps(&persona, rows.apps),
    });
    Some((bureau.person, application))
}

/// Who earns asks for a part of what it earns; a bad risk for more, and for shorter.
fn order(persona: &Persona, order_id: u64, now: Timestamp) -> Value {
    let mut draws = persona.draws("application", 0);
    let salary = persona.work.salary.map_or(250_000, |salary| salary.0) as f64;
    let share = draws.between(0.4, 1.2) + 1.5 * persona.risk("amount");
    let terms: [u32; 3] = if persona.quality > 0.4 { [90, 180, 360] } else { [14, 30, 90] };
    json!({
        // In whole 100 元.
        "order_id": order_id, "amount": ((salary * share) as i64 / 10_000).max(5) * 10_000,
        "loan_term": draws.pick(&terms), "order_time": local_text(now),
    })
}

fn basic(persona: &Persona, named: &[String]) -> Value {
    let contacts = named.iter().zip([("合成父", 0), ("合成友", 3)]);
    json!({
        "cur_address": format!("{}{}合成路1号", persona.province, persona.city),
        "perm_address": format!("{}合成路2号", persona.province),
        "company_name": persona.work.employer,
        "company_phone": "0571-00000000",
        "company_address": format!("{}合成路3号", persona.city),
        // The name is printed so in the document.
        "user_contact": contacts.map(|(number, (name, relation))| {
            json!({ "moblie": number, "name": name, "relation": relation })
        }).collect::<Vec<_>>(),
    })
}

/// Most of those whom it calls, and others up to `least`.
fn address_book(persona: &Persona, least: usize) -> Value {
    let known = persona.acquaintances.iter().enumerate().filter(|(at, _)| at % 5 != 4);
    let mut book: Vec<String> = known.map(|(_, one)| one.number.clone()).collect();
    book.extend((book.len()..least).map(|at| stranger(persona, at as u64)));
    let entry = |(at, number)| {
        let mut name = String::from("合成");
        write!(name, "{at}").expect("a text grows");
        json!({ "mobile": number, "name": name })
    };
    book.into_iter().enumerate().map(entry).collect()
}

/// A number that nobody has and that is never called.
fn stranger(persona: &Persona, serial: u64) -> String {
    let place = PROVINCES[serial as usize % PROVINCES.len()];
    let serial = (persona.seed % 1_000_000 + serial / PROVINCES.len() as u64) % 1_000_000;
    numbers::synthetic(place, Kind::Unknown, serial)
}

fn logins(device: u32, count: usize, now: Timestamp) -> Value {
    let login = |back| {
        json!({
            "time": local_text(now - Span::hours(17 * back)),
            "device_id": format!("synthetic-device-{device:02}"),
        })
    };
    (0..count as i64).map(login).collect()
}

fn apps(persona: &Persona, count: usize) -> Value {
    let mut draws = persona.draws("apps", 0);
    let app = |at| {
        let kind = draws.pick(&["记账", "地图", "视频", "购物", "游戏", "借款", "理财"]);
        json!({
            "app_name": format!("合成{kind}{at}"), "app_market": "合成商城",
            "client_type": "android", "os_version": "7.1.1",
        })
    };
    (0..count).map(app).collect()
}

fn cards(bureau: &BureauPerson) -> Value {
    json!([
        { "type": 2, "card_no": bureau.debit_card.expose() },
        { "type": 1, "card_no": bureau.credit_card.expose() },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-06-24 15:00:00+08:00").expect("a time")
    }

    fn of(number: u32, size: Size) -> Value {
        application(number, 1, size, now()).expect("an applicant").1
    }

    #[test]
    fn each_size_is_about_as_large_as_it_says() {
        for number in (0..PERSONS).step_by(7) {
            let bytes = |size| of(number, size).to_string().len();
            let (small, normal) = (bytes(Size::Small), bytes(Size::Normal));
            assert!((2_000..15_000).contains(&small), "{number}: {small}");
            assert!((80_000..130_000).contains(&normal), "{number}: {normal}");
        }
        assert!(application(PERSONS, 1, Size::Small, now()).is_none());
    }

    #[test]
    fn the_same_person_tells_the_same_story() {
        let application = of(3, Size::Normal);
        assert!(application == of(3, Size::Normal));
        let calls = application["telecom_data"]["contact_list"].as_array().expect("a list");
        let count = |name: &str, of: &Value| -> u64 {
            of[name].as_str().and_then(|text| text.parse().ok()).expect("a number")
        };
        for call in calls {
            assert_eq!(
                count("talk_cnt", call),
                count("call_cnt", call) + count("called_cnt", call)
            );
            assert!(call["contact_1w"].as_u64() <= call["contact_1m"].as_u64(), "{call}");
        }
        let listed = |number: &Value| calls.iter().any(|call| call["phone"] == *number);
        let contacts = application["basic_info"]["user_contact"].as_array().expect("a list");
        assert!(contacts.iter().any(|contact| listed(&contact["moblie"])));
        let device = |number| of(number, Size::Small)["user_login_upload_logs"][0].clone();
        assert_eq!(device(65)["device_id"], device(68)["device_id"]);
        assert_ne!(device(64)["device_id"], device(65)["device_id"]);
    }
}
