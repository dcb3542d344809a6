use std::sync::LazyLock;

use serde_json::{Value as Json, json};

use super::*;
use crate::time::Timestamp;

mod documents;
mod flows;
mod page;
mod random;

/// 2026-11-21 08:00 in Shanghai.
const NOW: Timestamp = Timestamp(1_795_219_200_000_000);

/// A synthetic applicant whom the default policy approves.
pub(super) fn good() -> Inputs {
    Inputs::from_json(&json!({
        "identity": {
            "id_card_valid": true, "name_matches": true, "mobile_matches": true,
            "bank_card_matches": true, "age_years": 30, "region_mismatches": 0,
        },
        "device.persons_m3": 1,
        "blacklist.is_listed": false,
        "lenders": {"d7": 0, "d30": 1, "d90": 3},
        "calls": {"collection_d90": 0, "night_share": 0.05, "numbers": 80},
        "mobile.months_in_use": 40,
        "loans": {"overdue_days_now": 0, "overdue_months_24": 0},
        "cards.utilisation": 0.3,
        "income.monthly": 12000, "debt.monthly": "1500.00",
        "loan": {"amount": 20000, "months": 12},
        "model.score": 680,
    }))
}

/// Read once: property tests ask for it thousands of times.
fn default_policy() -> &'static Policy {
    static POLICY: LazyLock<Policy> =
        LazyLock::new(|| Policy::read(DEFAULT).unwrap_or_else(|faults| panic!("{faults:#?}")));
    &POLICY
}

fn rules(decision: &Decision) -> Vec<&str> {
    decision.reasons.iter().map(|reason| reason.rule.as_str()).collect()
}

/// What one changed input makes of the good applicant.
#[test]
fn default_policy_rule_by_rule() {
    let policy = default_policy();
    let approved = policy.decide(&good(), NOW);
    assert_eq!((approved.outcome, rules(&approved)), (Outcome::Approve, vec!["approve"]));
    let evidence: Vec<String> = approved.reasons[0]
        .evidence
        .iter()
        .map(|one| format!("{} {} {}", one.field, one.operator, one.bound))
        .collect();
    assert!(evidence.contains(&"model.score >= 600".to_owned()), "{evidence:?}");
    for (name, value, outcome, rule) in [
        ("identity.id_card_valid", json!(false), Outcome::Reject, "I101"),
        ("identity.name_matches", json!(false), Outcome::Reject, "I102"),
        ("identity.mobile_matches", json!(false), Outcome::Review, "I103"),
        ("identity.bank_card_matches", json!(false), Outcome::Reject, "I104"),
        ("identity.age_years", json!(17), Outcome::Reject, "I105"),
        ("identity.age_years", json!(61), Outcome::Reject, "I105"),
        ("identity.region_mismatches", json!(3), Outcome::Review, "I106"),
        ("blacklist.is_listed", json!(true), Outcome::Reject, "F201"),
        ("device.persons_m3", json!(4), Outcome::Reject, "F202"),
        ("device.persons_m3", json!(2), Outcome::Review, "F203"),
        ("lenders.d7", json!(6), Outcome::Reject, "M301"),
        ("lenders.d30", json!(12), Outcome::Reject, "M301"),
        ("lenders.d90", json!(20), Outcome::Review, "M302"),
        ("calls.collection_d90", json!(5), Outcome::Reject, "T401"),
        ("calls.collection_d90", json!(1), Outcome::Review, "T402"),
        ("calls.night_share", json!(0.41), Outcome::Review, "T403"),
        ("calls.numbers", json!(9), Outcome::Review, "T404"),
        ("mobile.months_in_use", json!(5), Outcome::Review, "T404"),
        ("loans.overdue_days_now", json!(31), Outcome::Reject, "D501"),
        ("loans.overdue_days_now", json!(30), Outcome::Review, "D502"),
        ("loans.overdue_months_24", json!(6), Outcome::Reject, "D503"),
        ("loans.overdue_months_24", json!(5), Outcome::Review, "D504"),
        ("cards.utilisation", json!(0.91), Outcome::Review, "D505"),
        ("debt.monthly", json!(7000), Outcome::Reject, "A601"),
        ("debt.monthly", json!(5000), Outcome::Review, "A602"),
        ("model.score", json!(599), Outcome::Review, "S701.review_below"),
        ("model.score", json!(539), Outcome::Reject, "S701.reject_below"),
    ] {
        let decision = policy.decide(&good().with(name, Value::from_json(&value)), NOW);
        assert_eq!(decision.outcome, outcome, "{name} {value} {decision:?}");
        let reason = &decision.reasons[0];
        assert_eq!(reason.rule, rule, "{name} {value}");
        assert!(reason.is_known && !reason.evidence.is_empty());
        assert!(!reason.zh.is_empty() && !reason.en.is_empty());
    }
    for (score, outcome, rule) in [
        (640, Outcome::Approve, "approve"),
        (639, Outcome::Review, "S702.review_below"),
        (570, Outcome::Review, "S702.review_below"),
        (569, Outcome::Reject, "S702.reject_below"),
    ] {
        let medium = good().with("lenders.d7", Value::Number(3.into()));
        let scored = medium.with("model.score", Value::Number(score.into()));
        let decision = policy.decide(&scored, NOW);
        assert_eq!((decision.outcome, rules(&decision)[0]), (outcome, rule), "{score}");
    }
}

/// Whatever single input is missing or is not what was declared: never approved.
#[test]
fn unknown_is_reviewed() {
    let policy = default_policy();
    assert_eq!(policy.inputs().count(), 23);
    for input in policy.inputs() {
        for value in [Value::Unknown, Value::text("strange")] {
            let is_refused = !value.is_unknown();
            let decision = policy.decide(&good().with(input.name, value), NOW);
            assert_eq!(decision.outcome, Outcome::Review, "{}", input.name);
            assert!(decision.reasons.iter().all(|reason| !reason.is_known));
            assert!(decision.reasons[0].zh.starts_with("缺少数据"));
            assert_eq!(decision.refused.len(), usize::from(is_refused), "{}", input.name);
            fuzz::replayed(policy, &decision.to_bytes());
        }
    }
    let missing = policy.decide(&good().with("income.monthly", Value::Unknown), NOW);
    assert_eq!(missing.reasons[0].missing, ["afford.share"]);
    // A rejection that is sure stands, whatever else is missing.
    let listed = Inputs::default().with("blacklist.is_listed", Value::Boolean(true));
    let decision = policy.decide(&listed, NOW);
    assert_eq!((decision.outcome, decision.reasons[0].rule.as_str()), (Outcome::Reject, "F201"));
    // Out of the declared range is not known either.
    for (name, value) in [("model.score", 851), ("identity.age_years", -1)] {
        let decision = policy.decide(&good().with(name, Value::Number(value.into())), NOW);
        assert_eq!((decision.outcome, decision.refused), (Outcome::Review, vec![name.to_owned()]));
    }
}

#[test]
fn the_record_explains_and_replays() {
    let policy = default_policy();
    let inputs = good().with("lenders.d7", Value::Number(6.into()));
    let decision = policy.decide(&inputs, NOW);
    let bytes = decision.to_bytes();
    assert_eq!(policy.decide(&inputs, NOW).to_bytes(), bytes);
    fuzz::replayed(policy, &bytes);
    let record: Json = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(record["policy"]["sha256"], policy.sha256());
    assert_eq!(record["at"], "2026-11-21T00:00:00.000000Z");
    assert_eq!(
        record["reasons"][0]["evidence"],
        json!([
            {"field": "lenders.band", "value": "high", "operator": "==", "bound": "'high'"},
        ])
    );
    let table = &record["trace"][1];
    assert_eq!(table["name"], "Multi-lender band");
    assert_eq!(table["reads"], json!({"lenders.d30": 1, "lenders.d7": 6}));
    assert_eq!(table["rows"], json!([{"row": 1, "id": "l1"}]));
    assert_eq!(table["writes"], json!({"lenders.band": "high"}));
    // One changed input changes the bytes.
    let other = inputs.with("model.score", Value::Number(681.into()));
    assert_ne!(policy.decide(&other, NOW).to_bytes(), bytes);
    // What prints shows no values.
    let printed = format!("{decision:?} {inputs:?}", inputs = good());
    assert!(!printed.contains("12000") && !printed.contains("680"), "{printed}");
}

#[test]
fn signed_bytes() {
    let policy = default_policy();
    assert!(Policy::read_signed(DEFAULT, policy.sha256()).is_ok());
    // Spaces and the order of keys do not matter, any value does.
    assert!(Policy::read_signed(policy.canonical(), policy.sha256()).is_ok());
    let text = String::from_utf8(DEFAULT.to_vec()).unwrap();
    let changed = text.replace("\"review_below\": 600", "\"review_below\": 500");
    let changed = changed.replace("\"reject_below\": 540", "\"reject_below\": 500");
    let faults = Policy::read_signed(changed.as_bytes(), policy.sha256()).unwrap_err();
    assert!(faults[0].message.contains("not the document that was signed off"), "{faults:?}");
}

/// The guide's expressions and documents are true (`docs/policy.md`).
#[test]
fn the_guide_is_true() {
    let guide = include_str!("../../../../docs/policy.md");
    let mut policies = 0;
    let mut expressions = 0;
    for block in guide.split("\n```").skip(1).step_by(2) {
        let (kind, body) = block.split_once('\n').expect("a block has lines");
        match kind {
            "json smallest.json" => {
                let read = Policy::read(body.as_bytes());
                read.unwrap_or_else(|faults| panic!("{faults:#?}"));
                policies += 1;
            }
            "text expressions" => {
                let policy = default_policy();
                for line in body.lines().filter(|line| !line.is_empty()) {
                    expressions += 1;
                    let (source, value) = line.split_once("→").expect("expression → value");
                    let read = Expression::read(source.trim(), &policy.scope);
                    let read = read.unwrap_or_else(|error| panic!("{}", error.within(source)));
                    let (values, _) = policy.values(&good());
                    let mut frame = expression::Frame::new(&values, NOW, 0);
                    assert_eq!(read.evaluate(&mut frame).to_string(), value.trim(), "{line}");
                }
            }
            "text refused" => {
                for line in body.lines().filter(|line| !line.is_empty()) {
                    expressions += 1;
                    let (source, words) = line.split_once("→").expect("expression → words");
                    let source = source.trim();
                    let said = Expression::read(source, &default_policy().scope).unwrap_err();
                    assert_eq!(said.within(source), words.trim(), "{line}");
                }
            }
            _ => {}
        }
    }
    assert!(policies > 0 && expressions > 20, "{policies}, {expressions}");
}
