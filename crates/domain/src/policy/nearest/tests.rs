use serde_json::json;

use super::*;
use crate::policy::DEFAULT;

const NOW: Timestamp = Timestamp(1_795_219_200_000_000);

/// The small policy: reject when n > 5 and t == 'a', or score < 500; review without b, or score
/// < 600.5. n may fall, t may change, the score may rise.
fn nearest(given: &serde_json::Value) -> String {
    let policy = Policy::read(include_bytes!("../../../fixtures/fuzz/policy.json")).unwrap();
    let mut inputs = Inputs::from_json(&json!({"b": true, "l": [], "n": 1, "t": "b"}));
    for (name, value) in given.as_object().unwrap() {
        inputs.set(name, Value::from_json(value));
    }
    let Some(change) = policy.nearest(&inputs, NOW, &|_| None) else { return "none".to_owned() };
    let mut changed = inputs.clone();
    for field in &change.fields {
        assert!(!field.zh.is_empty() && !field.en.is_empty());
        changed.set(&field.name, field.to.clone());
    }
    assert_eq!(policy.decide(&changed, NOW).outcome, Outcome::Approve);
    let one = |one: &FieldChange| format!("{} {} -> {}", one.name, one.from, one.to);
    change.fields.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[test]
fn nearest_changes() {
    for (given, change) in [
        (json!({"model.score": 700}), "none"),
        (json!({"model.score": 590}), "model.score 590 -> 600.5"),
        (json!({"model.score": 700, "n": 7, "t": "a"}), "n 7 -> 5"),
        // Changing the text costs one, lowering n from 80 to 5 a little less.
        (json!({"model.score": 700, "n": 80, "t": "a"}), "n 80 -> 5"),
        (json!({"model.score": 590, "n": 7, "t": "a"}), "model.score 590 -> 600.5, n 7 -> 5"),
        // What is not known may be told.
        (json!({}), "model.score unknown -> 600.5"),
        // Nothing that may change helps.
        (json!({"model.score": 700, "b": false}), "none"),
        (json!({"model.score": 700, "b": null}), "none"),
    ] {
        assert_eq!(nearest(&given), change, "{given}");
    }
}

/// What feeds a bound is found too: the share of the income has one, the amount has none.
#[test]
fn of_the_default_policy() {
    let policy = Policy::read(DEFAULT).unwrap();
    for (changed, change) in [
        // 5,000 and 1,666.67 a month of 12,000 are 55.6 %; of 13,332.01 they are a half.
        (json!({"debt.monthly": 5000}), "income.monthly 12000 -> 13332.01"),
        (json!({"loan.amount": 60000}), "income.monthly 12000 -> 12998.71"),
        (json!({"loans.overdue_days_now": 12}), "loans.overdue_days_now 12 -> 0"),
        (json!({"loan.amount": 60000, "cards.utilisation": 0.95}), "two"),
        (json!({"blacklist.is_listed": true}), "none"),
    ] {
        let mut inputs = crate::policy::tests::good();
        for (name, value) in changed.as_object().unwrap() {
            inputs.set(name, Value::from_json(value));
        }
        let Some(found) = policy.nearest(&inputs, NOW, &|_| None) else {
            assert_eq!(change, "none", "{changed}");
            continue;
        };
        let shown: Vec<String> = found
            .fields
            .iter()
            .map(|one| format!("{} {} -> {}", one.name, one.from, one.to))
            .collect();
        assert!(change == "two" && shown.len() == 2 || shown == [change], "{changed}: {shown:?}");
        for field in found.fields {
            inputs.set(&field.name, field.to);
        }
        assert_eq!(policy.decide(&inputs, NOW).outcome, Outcome::Approve, "{changed}: {shown:?}");
    }
}
