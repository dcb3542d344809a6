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
    let Some(change) = policy.nearest(&inputs, NOW) else { return "none".to_owned() };
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

/// The search in the default policy ends, and what it finds is approved.
#[test]
fn of_the_default_policy() {
    let policy = Policy::read(DEFAULT).unwrap();
    let mut inputs = crate::policy::tests::good();
    inputs.set("loan.amount", Value::Number(60_000.into()));
    inputs.set("loans.overdue_days_now", Value::Number(12.into()));
    let change = policy.nearest(&inputs, NOW);
    // The share of income has no bound on the amount itself; the instalments are more months.
    if let Some(change) = change {
        assert!(change.tries <= TRIES_MAX);
        for field in change.fields {
            inputs.set(&field.name, field.to);
        }
        assert_eq!(policy.decide(&inputs, NOW).outcome, Outcome::Approve);
    }
}
