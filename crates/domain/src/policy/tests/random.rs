//! Random expressions and inputs: nothing panics, everything ends, nothing unknown is approved.

use proptest::prelude::*;

use super::*;
use crate::policy::expression::{Expression, Frame};
use crate::policy::fuzz::{replayed, rows, scope};

/// Sources that are mostly well formed.
fn source() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("n".to_owned()),
        Just("x.y".to_owned()),
        Just("l".to_owned()),
        Just("t".to_owned()),
        Just("b".to_owned()),
        Just("w".to_owned()),
        Just("'abc'".to_owned()),
        Just("true".to_owned()),
        Just("#".to_owned()),
        Just("duration('1d')".to_owned()),
        (-1000_i64..1000).prop_map(|number| number.to_string()),
        (0.0_f64..1e9).prop_map(|number| number.to_string()),
    ];
    leaf.prop_recursive(6, 60, 4, |inner| {
        let operators = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "^", "==", "!=", "<", ">=", "and", "or", "??", "in",
        ]);
        let functions = prop::sample::select(vec![
            "len", "abs", "round", "max", "sum", "date", "year", "upper", "floor", "not ", "-",
        ]);
        let closures = prop::sample::select(vec!["some", "all", "count", "filter", "map", "one"]);
        prop_oneof![
            (inner.clone(), operators, inner.clone())
                .prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            (functions, inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            (closures, inner.clone(), inner.clone()).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}]")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a} in [{b}..{c}))")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn expressions_end_and_keep_their_type(source in source()) {
        let scope = scope();
        if let Ok(read) = Expression::read(&source, &scope) {
            for row in rows() {
                let mut frame = Frame::new(&row, NOW, 0);
                let value = read.evaluate(&mut frame);
                prop_assert!(frame.steps() <= STEPS_MAX);
                prop_assert!(value.cast(read.type_of()).is_some(), "{source}: {value}");
            }
        }
    }

    /// Knowing more never turns what was known: three-valued logic is monotone.
    #[test]
    fn what_is_known_stays(source in source()) {
        let scope = scope();
        prop_assume!(!source.contains("??"));
        if let Ok(read) = Expression::read(&source, &scope) {
            let [unknown, one, other] = rows();
            let value = read.evaluate(&mut Frame::new(&unknown, NOW, 0));
            if !value.is_unknown() && !value.to_string().contains("unknown") {
                for row in [one, other] {
                    prop_assert_eq!(read.evaluate(&mut Frame::new(&row, NOW, 0)), value.clone());
                }
            }
        }
    }

    /// Any inputs of the default policy: the record replays, and approval needs everything known.
    #[test]
    fn decisions_replay(changes in prop::collection::vec((0_usize..23, 0_usize..8), 0..6)) {
        let policy = default_policy();
        let names: Vec<String> = policy.inputs().map(|input| input.name.to_owned()).collect();
        let mut inputs = good();
        for (name, value) in changes {
            let value = [
                Value::Unknown,
                Value::Boolean(false),
                Value::Number(0.into()),
                Value::Number(4.into()),
                Value::Number(599.into()),
                Value::Number("0.45".parse().unwrap()),
                Value::text("?"),
                Value::Boolean(true),
            ][value].clone();
            inputs.set(&names[name], value);
        }
        let decision = policy.decide(&inputs, NOW);
        replayed(policy, &decision.to_bytes());
        prop_assert!(!decision.reasons.is_empty());
        let all_known = decision.inputs.values().all(|value| !value.is_unknown());
        let approved = decision.outcome == Outcome::Approve;
        prop_assert!(!approved || (all_known && decision.refused.is_empty()), "{decision:?}");
    }
}
