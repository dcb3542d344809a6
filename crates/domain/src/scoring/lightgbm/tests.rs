//! A small synthetic model: each kind of decision at its edges, and what is refused.

use super::*;
use crate::features::{Features, Value};
use crate::scoring::{EvaluationError, Scored, sigmoid};

/// One tree of two leaves: left is 1, right is 2.
fn stump(decision: u8, threshold: &str) -> String {
    let (count, sets) = match decision & 1 {
        1 => (1, "cat_boundaries=0 2\ncat_threshold=10 1\n"),
        _ => (0, ""),
    };
    format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\n\
         objective=binary sigmoid:1\nfeature_names=a b\n\nTree=0\nnum_leaves=2\nnum_cat={count}\n\
         split_feature=0\nthreshold={threshold}\ndecision_type={decision}\nleft_child=-1\n\
         right_child=-2\nleaf_value=1 2\nleaf_count=30 10\n{sets}is_linear=0\nshrinkage=1\n\n\n\
         end of trees\n"
    )
}

fn features(value: Value) -> Features {
    [("a".to_owned(), value)].into_iter().collect()
}

#[test]
fn decisions_at_their_edges() {
    let nan = f64::NAN;
    let table: &[(u8, &str, &[f64], &[f64])] = &[
        // decision type, threshold, what goes left, what goes right
        (0, "1.5", &[1.5, -1e300, nan, f64::NEG_INFINITY], &[1.500_000_1, f64::INFINITY]),
        (2, "-1", &[-1.0], &[nan, 0.0]),
        (4, "1.5", &[1.0, -1.0], &[0.0, -0.0, 1e-36, -1e-36, nan, 2.0]),
        (6, "-1.5", &[0.0, 1e-36, nan, -2.0], &[-1.0, 1e-34]),
        (8, "1.5", &[1.5, 0.0], &[nan, 2.0]),
        (10, "1.5", &[nan, 1.5], &[2.0]),
        // All numbers against missing, and the reverse.
        (8, "inf", &[f64::INFINITY, 0.0], &[nan]),
        (10, "nan", &[nan], &[f64::NEG_INFINITY, 0.0, f64::INFINITY]),
        // Values within 1e-35 of zero are zero before they are compared.
        (0, "0", &[1e-36, -1e-36, 0.0, -1.0], &[1e-34]),
        (0, "-1e-36", &[-1e-34, -1.0], &[-1e-36, -1e-35, 0.0]),
        // The set is {1, 3, 32}: numbers are cut to integers, all else goes right.
        (
            1,
            "0",
            &[1.0, 1.9, 3.0, 32.0],
            &[0.0, -0.5, -1.0, 2.0, 33.0, 64.0, nan, 3.5e38, 4_294_967_297.0],
        ),
    ];
    for (decision, threshold, left, right) in table {
        let model = read(&stump(*decision, threshold)).expect("a good model");
        for (values, leaf) in [(left, 1.0), (right, 2.0)] {
            for value in *values {
                let raw = model.raw(&[*value, 0.0]);
                assert_eq!(raw, Ok(leaf), "type {decision}, {value} <= {threshold}");
            }
        }
    }
}

#[test]
fn a_missing_value_needs_a_model_that_learned_it() {
    let score = |decision, value| {
        let model = read(&stump(decision, "1.5")).expect("a good model");
        model.score(&features(value)).map(|scored| scored.raw)
    };
    let feature = || "a".to_owned();
    assert_eq!(score(10, Value::Missing), Ok(1.0));
    assert_eq!(score(4, Value::Missing), Ok(2.0));
    assert_eq!(score(2, Value::Missing), Err(EvaluationError::Missing { feature: feature() }));
    let infinite = Value::Number(f64::INFINITY);
    assert_eq!(score(10, infinite), Err(EvaluationError::NotFinite { feature: feature() }));
    let category = Value::Text("A99".into());
    assert_eq!(score(10, category), Err(EvaluationError::NotANumber { feature: feature() }));
}

#[test]
fn contributions_come_from_the_weighted_means() {
    let model = read(&stump(0, "1.5")).expect("a good model");
    let found = model.explain(&features(Value::Number(9.0))).expect("explained");
    // The mean of 30 rows with 1 and 10 rows with 2; column b is never read.
    assert_eq!((found.bias, found.reasons.len()), (1.25, 1));
    assert!((found.reasons[0].contribution - 0.75).abs() < 1e-15);
    assert_eq!(found.scored.probability, Some(sigmoid(2.0)));
    // No training row at either leaf: neither weighs more.
    let empty = read(&stump(0, "1.5").replace("leaf_count=30 10", "leaf_count=0 0"));
    let found = empty.expect("a good model").explain(&features(Value::Number(9.0)));
    assert_eq!(found.map(|found| found.bias), Ok(1.5));
}

#[test]
fn cells_are_taken_as_the_library_takes_them() {
    let model = read(&stump(10, "1.5")).expect("a good model");
    for (cell, raw) in [(None, 1.0), (Some(""), 1.0), (Some("NaN"), 1.0), (Some("inf"), 2.0)] {
        let scored = model.score_cells(&[cell, None]);
        assert_eq!(scored.map(|scored| scored.raw), Ok(raw), "{cell:?}");
    }
    let feature = "a".to_owned();
    let text = model.score_cells(&[Some("A11"), None]);
    assert_eq!(text, Err(EvaluationError::NotANumber { feature }));
    assert_eq!(model.raw(&[1.0]), Err(EvaluationError::Width { expected: 2, found: 1 }));
}

#[test]
fn a_constant_tree_and_a_regression() {
    let text = stump(0, "1.5").replace("objective=binary sigmoid:1", "objective=regression");
    let constant =
        "Tree=1\nnum_leaves=1\nnum_cat=0\nsplit_feature=\nleaf_value=0.5\n\nend of trees";
    let model = read(&text.replace("end of trees", constant)).expect("a good model");
    let scored = model.score(&features(Value::Number(0.0))).expect("scored");
    assert_eq!(scored, Scored { raw: 1.5, score: 1.5, probability: None });
}

/// (a part of the model, what stands there instead, what the refusal says)
const REFUSALS: &[(&str, &str, &str)] = &[
    ("tree\n", "tee\n", "line 1: does not begin"),
    ("end of trees", "end of tres", "end: the line `end of trees` is not there"),
    ("v4", "v2", "line 2, version: \"v2\", where v3 and v4 are known"),
    ("num_class=1", "num_class=3", "line 3, num_class: is not 1"),
    ("binary sigmoid:1", "binary sigmoid:0", "line 6, objective: \"binary sigmoid:0\""),
    ("binary sigmoid:1", "poisson", "line 6, objective: \"poisson\""),
    ("objective", "average_output\nobjective", "average_output: random forests"),
    ("feature_names=a b", "feature_names=a a", "feature_names: a name stands twice"),
    ("feature_names=a b", "feature_names=a", "feature_names: 1 values, where 2 belong"),
    ("feature_names", "tree_sizes=10\nfeature_names", "tree_sizes: tree 0 has another size"),
    ("max_feature_idx=1", "max_feature_idx=99999", "more than 10000 features"),
    ("Tree=0", "Tree=1", "trees are not numbered"),
    ("num_leaves=2", "num_leaves=9999", "num_leaves: 9999, where 1 to 4096"),
    ("num_leaves=2", "num_leaves=3", "leaf_value: 2 values, where 3 belong"),
    ("split_feature=0", "split_feature=2", "split_feature: names a feature that is not there"),
    ("threshold=1.5", "threshold=nan", "threshold: is NaN"),
    ("decision_type=0", "decision_type=12", "decision_type: has unknown bits"),
    ("decision_type=0", "decision_type=1", "threshold: names no set there is"),
    ("left_child=-1", "left_child=0", "left_child: children do not form a tree"),
    ("left_child=-1", "left_child=-2", "right_child: children do not form a tree"),
    ("left_child=-1", "left_child=-9", "left_child: children do not form a tree"),
    ("leaf_value=1 2", "leaf_value=1 inf", "leaf_value: a number is not finite"),
    ("is_linear=0", "is_linear=1", "is_linear: linear leaves are not evaluated"),
    ("shrinkage=1", "is_linear=0", "is_linear: stands twice"),
];

#[test]
fn refusals_say_where_and_what() {
    for (from, to, expected) in REFUSALS {
        let refused = read(&stump(0, "1.5").replacen(from, to, 1)).expect_err(expected).to_string();
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn a_category_set_must_be_there() {
    for threshold in ["1", "0.5", "-1", "1e300", "1e400", "nan"] {
        let refused = read(&stump(1, threshold)).expect_err(threshold).to_string();
        assert!(refused.contains("threshold: names no set there is"), "{refused}");
    }
}
