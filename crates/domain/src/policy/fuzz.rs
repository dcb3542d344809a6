//! Fuzz targets: expressions, cells and whole policies with their flows. What is accepted is
//! evaluated.

use serde_json::{Value as Json, json};

use super::expression::{Expression, Frame, STEPS_MAX};
use super::fault::Faults;
use super::scope::{Range, Scope};
use super::value::{Type, Value};
use super::{DEFAULT, Decision, Inputs, Outcome, Policy, jdm};
use crate::fuzz::Target;
use crate::time::Timestamp;

const EXPRESSIONS: &[&[u8]] = &[
    b"n + 2 * -3 ^ 2 > 1 and not (t == 'a' or b)",
    b"n in [1..10) ? sum([n, 1e2]) : max(filter(l, # > 2)) ?? 0",
    b"date('2026-01-31') + duration('1d 2h') > d() and year(w) != 2020",
    b"some(r, #.days > 30 and contains(#.kind, 'x')) or len(t) not in [1, 2, 3]",
];
const CELLS: &[&[u8]] = &[b"> 5 and < 10, [20..30)", b"not in [1, 2] or null", b"$ % 2 == 0"];
const FLOWS: &[&[u8]] = &[include_bytes!("../../fixtures/fuzz/flow.json")];
const POLICIES: &[&[u8]] = &[include_bytes!("../../fixtures/fuzz/policy.json"), DEFAULT];

/// All targets of this module.
pub const TARGETS: [Target; 4] = [
    Target { name: "policy-expression", run: expression, corpus: EXPRESSIONS },
    Target { name: "policy-cell", run: cell, corpus: CELLS },
    Target { name: "policy-flow", run: flow, corpus: FLOWS },
    Target { name: "policy", run: policy, corpus: POLICIES },
];

const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

/// Names of every type.
pub(super) fn scope() -> Scope {
    let record = Type::Map(std::sync::Arc::new(
        [("days".to_owned(), Type::Number), ("kind".to_owned(), Type::Text)].into(),
    ));
    let mut scope = Scope::default();
    for (name, of) in [
        ("n", Type::Number),
        ("t", Type::Text),
        ("b", Type::Boolean),
        ("w", Type::Date),
        ("s", Type::Duration),
        ("l", Type::List(Box::new(Type::Number))),
        ("r", Type::List(Box::new(record))),
        ("x.y", Type::Number),
    ] {
        scope.add(name, of, Range::default()).expect("each once");
    }
    scope
}

/// Values for them: nothing known, and two sets that are.
pub(super) fn rows() -> [Vec<Value>; 3] {
    let row = |given: &Json| {
        let inputs = Inputs::from_json(given);
        let scope = scope();
        let cast = |slot: usize| {
            let slot = scope.slot(slot);
            inputs.get(&slot.name).cast(&slot.of).expect("fits its type")
        };
        (0..scope.len()).map(cast).collect::<Vec<Value>>()
    };
    [
        row(&json!({})),
        row(&json!({
            "n": 5, "t": "abc", "b": true, "w": "2026-11-21", "s": "1d", "l": [1, 2, 30],
            "r": [{"days": 31, "kind": "xy"}, {"days": 0, "kind": "z"}], "x": {"y": 0.5},
        })),
        row(&json!({
            "n": -0.25, "t": "", "b": false, "w": "1999-12-31", "s": "0s", "l": [1, null],
            "r": [{"kind": "x"}], "x.y": 1e15,
        })),
    ]
}

/// An expression over names of every type, evaluated with values known and unknown.
pub fn expression(bytes: &[u8]) -> bool {
    let Ok(source) = std::str::from_utf8(bytes) else { return false };
    let scope = scope();
    match Expression::read(source, &scope) {
        Ok(read) => evaluated(&read, &scope),
        Err(error) => {
            assert!(!error.message.is_empty() && error.at <= source.len());
            let _ = error.within(source);
            return false;
        }
    }
    true
}

/// A cell of a column of numbers.
pub fn cell(bytes: &[u8]) -> bool {
    let Ok(source) = std::str::from_utf8(bytes) else { return false };
    let scope = scope();
    let column = Expression::read("n", &scope).expect("a name");
    let Ok(read) = Expression::read_cell(source, &scope, Some(&column)) else { return false };
    evaluated(&read, &scope);
    true
}

/// The value is of the type that was promised, the same twice, and within the budget.
fn evaluated(read: &Expression, scope: &Scope) {
    for row in rows() {
        let mut frame = Frame::new(&row, NOW, 0);
        frame.subject = row[0].clone();
        let value = read.evaluate(&mut frame);
        let steps = frame.steps();
        assert!(steps <= STEPS_MAX, "{} takes {steps}", read.source());
        assert!(value.cast(read.type_of()).is_some(), "{} gives {value}", read.source());
        let mut again = Frame::new(&row, NOW, 0);
        again.subject = row[0].clone();
        assert_eq!(read.evaluate(&mut again), value, "{}", read.source());
        let _ = read.evidence(&mut again, scope);
    }
    let _ = read.shape(scope);
    read.cut_points(&mut |_, _| {});
}

/// A flow as the public editor writes it, held against the inputs of the small policy.
pub fn flow(bytes: &[u8]) -> bool {
    let Ok(json) = serde_json::from_slice::<Json>(bytes) else { return false };
    let mut faults = Faults::default();
    let Some(graph) = jdm::read(&json, &mut faults) else { return false };
    let mut scope = scope();
    super::flow::compile(&graph, &mut scope, &std::collections::BTreeMap::new(), &mut faults);
    faults.0.is_empty()
}

/// A whole policy: it decides, the same twice, the same from its record, and never approves what is
/// not known.
pub fn policy(bytes: &[u8]) -> bool {
    let Ok(policy) = Policy::read(bytes) else { return false };
    let again = Policy::read(policy.canonical()).expect("reads itself");
    assert_eq!((again.canonical(), again.sha256()), (policy.canonical(), policy.sha256()));
    let known = json!({
        "n": 7, "t": "a", "b": true, "model": {"score": 700}, "lenders": {"d7": 1, "d30": 20},
    });
    for inputs in [Inputs::default(), Inputs::from_json(&known)] {
        let decision = policy.decide(&inputs, NOW);
        let bytes = decision.to_bytes();
        replayed(&policy, &bytes);
        assert!(!decision.reasons.is_empty());
        assert!(!unknown_and_approved(&decision), "{decision:?}");
        let (values, _) = policy.values(&inputs);
        assert_eq!(policy.outcome(values, NOW), decision.outcome);
    }
    true
}

fn unknown_and_approved(decision: &Decision) -> bool {
    decision.outcome == Outcome::Approve && decision.reasons.iter().any(|reason| !reason.is_known)
}

/// What a record holds decides the same again, to the byte.
pub(super) fn replayed(policy: &Policy, bytes: &[u8]) {
    let (inputs, at) = Inputs::of_record(bytes).expect("a record holds its inputs");
    assert_eq!(
        policy.decide(&inputs, at).to_bytes().escape_ascii().to_string(),
        bytes.escape_ascii().to_string()
    );
}

#[cfg(test)]
mod tests {
    crate::fuzz_tests!(super::TARGETS);
}
