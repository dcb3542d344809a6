//! Features by hand-written cases, by properties, and on random applications.

use super::*;
use crate::application::{Application, Basic, Order, RealName, Telecom};
use crate::dataset::Fen;
use crate::identity::{IdCard, Mobile, PersonName};
use crate::policy::{DEFAULT, Policy};
use crate::time::Span;

mod cases;
mod data;
mod decisions;
mod page;
mod properties;
mod random;
mod scores;
mod version;

/// 2026-11-21 08:00 in Shanghai.
const NOW: Timestamp = Timestamp(1_795_219_200_000_000);

fn ago(days: i64) -> Timestamp {
    NOW - Span::days(days)
}

#[expect(clippy::unnecessary_wraps, reason = "most fields are optional")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Everything that features are read from.
#[derive(Clone)]
struct Case {
    person: Person,
    application: Application,
    held: Held,
}

impl Case {
    /// A synthetic person of Beijing, and an application that says no more than it must.
    fn least() -> Self {
        let telecom = Telecom {
            is_real_name: true,
            real_name: RealName::default(),
            bills: Vec::new(),
            contacts: Vec::new(),
        };
        let basic = Basic {
            current_address: None,
            permanent_address: None,
            company_name: None,
            company_telephone: None,
            company_address: None,
            emergency_contacts: Vec::new(),
        };
        let application = Application {
            order: Order { id: "1".into(), amount: Fen(2_000_000), term_days: 365, at: ago(0) },
            basic,
            proofs: Vec::new(),
            contacts: Vec::new(),
            telecom,
            zhima: None,
            loans: Vec::new(),
            alipay: None,
            logins: Vec::new(),
            cards: Vec::new(),
            apps: Vec::new(),
        };
        Self { person: person("合成甲", "13800138000"), application, held: Held::default() }
    }

    fn inputs(&self) -> Inputs {
        features(&self.person, &self.application, &self.held, NOW)
    }

    fn shown(&self, name: &str) -> String {
        self.inputs().get(name).to_string()
    }
}

fn person(name: &str, mobile: &str) -> Person {
    let id_card = IdCard::parse("110101199003070011", NOW.shanghai_day());
    Person {
        name: PersonName::parse(name).expect("a name"),
        id_card: id_card.expect("a number"),
        mobile: Mobile::parse(mobile).expect("a mobile"),
    }
}

/// What the least application says is known; all else is unknown: nothing is 0 for want of data.
#[test]
fn what_is_missing_is_unknown() {
    let known: Vec<String> = CATALOGUE
        .iter()
        .map(|feature| (feature.name, Case::least().shown(feature.name)))
        .filter(|(_, value)| value != "unknown")
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    assert_eq!(
        known,
        [
            "identity.id_card_valid true",
            "identity.id_region_known true",
            "identity.age_years 36",
            "identity.mobile_is_virtual false",
            "mobile.is_real_name true",
            "identity.mobile_region_matches true",
            "identity.region_mismatches 0",
            "loan.amount 20000",
            "loan.days 365",
            "loan.months 12",
        ]
    );
}

/// The default policy's inputs are features, of the same type, and say the same in Chinese.
#[test]
fn the_default_policy_reads_features() {
    let document: serde_json::Value = serde_json::from_slice(DEFAULT).expect("JSON");
    let inputs = document["inputs"].as_array().expect("a list");
    assert_eq!(inputs.len(), 23);
    for input in inputs {
        let name = input["name"].as_str().expect("a name");
        let feature = feature(name).unwrap_or_else(|| panic!("{name} is no feature"));
        assert_eq!(input["type"], feature.kind().as_str(), "{name}");
        assert_eq!(input["zh"], feature.zh, "{name}");
        assert_eq!(input["unit"].as_str(), feature.unit, "{name}");
    }
    let policy = Policy::read(DEFAULT).expect("whole");
    assert_eq!((policy.model(), check(&policy)), (Some("consumer-credit-expert"), Vec::new()));
}

#[test]
fn inputs_that_are_no_features_are_named() {
    let text = str::from_utf8(DEFAULT).expect("JSON is text");
    for (from, to, fault) in [
        ("zzz", "zzz", None),
        ("loan.amount", "loan.sum", Some("inputs loan.sum: is no feature, so it would never")),
        ("lenders.d90", "lenders.m3", Some("similar: lenders.d30, lenders.d7, lenders.d15")),
        (r#"share", "type": "number""#, r#"share", "type": "integer""#, Some("is `number`")),
        (r#"numbers", "type": "integer""#, r#"numbers", "type": "number""#, None),
    ] {
        let policy = Policy::read(text.replace(from, to).as_bytes()).expect("whole by itself");
        let faults: Vec<String> = check(&policy).iter().map(ToString::to_string).collect();
        let is_said = faults.iter().any(|said| fault.is_some_and(|fault| said.contains(fault)));
        assert_eq!(faults.len(), usize::from(fault.is_some()), "{from}: {faults:?}");
        assert_eq!(is_said, fault.is_some(), "{from}: {faults:?}");
    }
}

#[test]
fn names_are_unique_and_texts_are_there() {
    let mut names: Vec<&str> = CATALOGUE.iter().map(|feature| feature.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
    assert!(CATALOGUE.iter().all(|one| !one.zh.is_empty() && one.name.contains('.')));
    // Nothing is left of the filler that the list began as.
    assert_eq!(CATALOGUE.iter().filter(|one| one.section == Section::Model).count(), 1);
}

#[test]
fn what_is_held_reads_back() {
    let mut held = Held::default();
    assert!(serde_json::from_str::<Held>("{}").expect("nothing is held") == held);
    data::take_all(&mut held);
    let json = serde_json::to_string(&held).expect("plain data");
    assert!(json.len() < 4_096, "{} bytes", json.len());
    assert!(serde_json::from_str::<Held>(&json).expect("its own text") == held);
    assert!(serde_json::from_str::<Held>(r#"{"other": 1}"#).is_err());
    assert_eq!(format!("{held:?}"), "Held(…)");
}

#[test]
fn models_read_numbers() {
    let mut case = Case::least();
    case.application.telecom.is_real_name = false;
    let numbers = numbers(&case.inputs());
    let shown = |name: &str| numbers.get(name).to_string();
    assert_eq!(numbers.iter().count(), CATALOGUE.len());
    assert_eq!(shown("mobile.is_real_name"), "0");
    assert_eq!(shown("identity.id_card_valid"), "1");
    assert_eq!(shown("loan.amount"), "20000");
    assert_eq!(shown("bills.mean"), "missing");
}
