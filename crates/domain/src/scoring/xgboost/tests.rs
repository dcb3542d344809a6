//! A small synthetic model: each kind of decision at its edges, and what is refused.

use super::*;
use crate::features::{Features, Value};
use crate::scoring::{EvaluationError, Model, ModelFormat, Scored};

/// One tree with a deleted pair of nodes: `a < threshold` gives 1, else 2; base margin 0.
fn stump(threshold: &str, default_left: &str) -> String {
    format!(
        r#"{{"learner": {{"attributes": {{"best_iteration": "0"}}, "feature_names": ["a", "b"],
 "gradient_booster": {{"name": "gbtree", "model": {{
  "gbtree_model_param": {{"num_parallel_tree": "1", "num_trees": "1"}}, "tree_info": [0],
  "trees": [{{"id": 0, "tree_param": {{"num_nodes": "5", "num_deleted": "2",
    "size_leaf_vector": "1"}}, "left_children": [1, -1, -1, 4, -1],
   "right_children": [2, -1, -1, -1, -1], "split_indices": [0, 0, 0, 2147483647, 2147483647],
   "split_conditions": [{threshold}, 1, 2, 0, 0], "split_type": [0, 0, 0, 0, 0],
   "default_left": [{default_left}, 0, 0, 0, 0], "sum_hessian": [40, 30, 10, 0, 0]}}]}}}},
 "learner_model_param": {{"base_score": "[5E-1]", "num_class": "0", "num_feature": "2",
  "num_target": "1"}}, "objective": {{"name": "binary:logistic"}}}}, "version": [3, 2, 0]}}"#
    )
}

fn features(value: Value) -> Features {
    [("a".to_owned(), value)].into_iter().collect()
}

#[test]
fn decisions_at_their_edges() {
    let (nan, infinity) = (f64::NAN, f64::INFINITY);
    let table: &[(&str, &str, &[f64], &[f64])] = &[
        // threshold, default left, what goes left, what goes right
        ("1.5", "0", &[1.4, -1e30], &[1.5, 2.0, nan, infinity, -infinity, 1e300, -3.5e38]),
        ("1.5", "1", &[1.4, nan, infinity, -infinity, 1e300], &[1.5]),
        // Older versions write truth values.
        ("1.5", "true", &[nan], &[1.5]),
        ("0", "false", &[-1e-36], &[0.0, -0.0, 1e-36, nan]),
        // In single precision, 16,777,217 is 16,777,216, and 0.1 is above the 0.1 of f64.
        ("16777216", "0", &[16_777_215.0], &[16_777_216.0, 16_777_215.9]),
        ("0.1", "0", &[0.099_999_99], &[0.1]),
    ];
    for (threshold, default_left, left, right) in table {
        let model = read(&stump(threshold, default_left)).expect("a good model");
        for (values, leaf) in [(left, 1.0), (right, 2.0)] {
            for value in *values {
                let margin = model.raw(&[*value, 0.0]);
                assert_eq!(margin, Ok(leaf), "{value} < {threshold}");
            }
        }
    }
}

#[test]
fn a_missing_value_needs_the_word_of_the_card() {
    let mut model = read(&stump("1.5", "1")).expect("a good model");
    let feature = || "a".to_owned();
    let missing = Err(EvaluationError::Missing { feature: feature() });
    let not_finite = Err(EvaluationError::NotFinite { feature: feature() });
    assert_eq!(model.score(&features(Value::Missing)).map(|one| one.raw), missing);
    model.accept_missing();
    let category = Err(EvaluationError::NotANumber { feature: feature() });
    for (value, expected) in [
        (Value::Missing, Ok(1.0)),
        (Value::Number(2.0), Ok(2.0)),
        // Beyond single precision it would be missing: refused all the same.
        (Value::Number(1e300), not_finite.clone()),
        (Value::Text("inf".into()), not_finite),
        (Value::Text("A99".into()), category),
    ] {
        assert_eq!(model.score(&features(value)).map(|one| one.raw), expected);
    }
}

#[test]
fn contributions_come_from_the_weighted_means() {
    let model = read(&stump("1.5", "0")).expect("a good model");
    let found = model.explain(&features(Value::Number(9.0))).expect("explained");
    // The mean of weight 30 with 1 and weight 10 with 2; column b is never read.
    assert_eq!((found.bias, found.reasons.len()), (1.25, 1));
    assert!((found.reasons[0].contribution - 0.75).abs() < 1e-15);
    // No training row at either leaf: neither weighs more.
    let empty = read(&stump("1.5", "0").replace("[40, 30, 10", "[0, 0, 0"));
    let found = empty.expect("a good model").explain(&features(Value::Number(9.0)));
    assert_eq!(found.map(|found| found.bias), Ok(1.5));
}

#[test]
fn base_scores_and_objectives() {
    let text = stump("1.5", "0");
    let scored = |text: &str| {
        let model = read(text).expect("a good model");
        model.score(&features(Value::Number(0.0))).expect("scored")
    };
    // The sigmoid is single precision: its result is one of an f32.
    let probability = f64::from(1.0_f32 / (1.0 + (-1.0_f32).exp()));
    let logistic = Scored { raw: 1.0, score: probability, probability: Some(probability) };
    assert_eq!(scored(&text), logistic);
    assert_eq!(scored(&text.replace("[5E-1]", "5E-1")), logistic);
    let regression = text.replace("binary:logistic", "reg:squarederror");
    assert_eq!(scored(&regression), Scored { raw: 1.5, score: 1.5, probability: None });
    let odd = scored(&text.replace("[5E-1]", "[2.5E-1]"));
    assert!((odd.raw - (1.0 - 3.0_f64.ln())).abs() < 1e-7);
}

#[test]
fn columns_without_names_are_numbered() {
    let model = read(&stump("1.5", "0").replace(r#"["a", "b"]"#, "[]")).expect("a good model");
    assert_eq!(model.names().collect::<Vec<_>>(), ["f0", "f1"]);
    assert_eq!(model.names_read().collect::<Vec<_>>(), ["f0"]);
}

/// (a part of the model, what stands there instead, what the refusal says)
const REFUSALS: &[(&str, &str, &str)] = &[
    ("\"version\": [3", "version: [3", "JSON: key must be a string at line"),
    ("\"learner\"", "\"lerner\"", "JSON: missing field `learner`"),
    ("gbtree\"", "dart\"", "gradient_booster: \"dart\", where only"),
    ("gbtree\"", "gblinear\"", "gradient_booster: \"gblinear\", where only"),
    ("binary:logistic", "multi:softprob", "objective: \"multi:softprob\""),
    ("num_class\": \"0", "num_class\": \"3", "num_class: \"3\", where one class"),
    ("num_target\": \"1", "num_target\": \"2", "num_target: \"2\", where one class"),
    ("[5E-1]", "[5E-1,5E-1]", "base_score: \"[5E-1,5E-1]\", which is not one number"),
    ("[5E-1]", "[1E0]", "base_score: \"[1E0]\", which is not inside (0, 1)"),
    ("num_feature\": \"2", "num_feature\": \"99999", "num_feature: \"99999\", where 1 to 10000"),
    ("num_feature\": \"2", "num_feature\": \"3", "feature_names: 2 names for 3 features"),
    ("[\"a\", \"b\"]", "[\"a\", \"a\"]", "feature_names: a name stands twice"),
    ("num_trees\": \"1", "num_trees\": \"2", "num_trees: \"2\", but the file holds 1 trees"),
    ("tree_info\": [0]", "tree_info\": [1]", "tree_info: names more than one class"),
    ("best_iteration\": \"0", "best_iteration\": \"x", "best_iteration: \"x\", but the file"),
    ("\"id\": 0", "\"id\": 1", "tree 0, id: trees are not numbered"),
    ("num_nodes\": \"5", "num_nodes\": \"9999", "num_nodes: \"9999\", where 1 to 8191"),
    ("num_nodes\": \"5", "num_nodes\": \"4", "left_children: 5 values, where 4 belong"),
    ("num_deleted\": \"2", "num_deleted\": \"0", "left_children: children do not form a tree"),
    ("num_deleted\": \"2", "num_deleted\": \"5", "num_deleted: is not a number, or no node"),
    ("leaf_vector\": \"1", "leaf_vector\": \"2", "size_leaf_vector: leaves of more than one"),
    ("[1, -1, -1, 4, -1]", "[0, -1, -1, 4, -1]", "left_children: children do not form a tree"),
    ("[2, -1, -1, -1, -1]", "[1, -1, -1, -1, -1]", "right_children: children do not form a tree"),
    ("[2, -1, -1, -1, -1]", "[9, -1, -1, -1, -1]", "right_children: children do not form a tree"),
    ("[2, -1, -1, -1, -1]", "[-1, -1, -1, -1, -1]", "right_children: children do not form"),
    ("split_indices\": [0", "split_indices\": [2", "split_indices: names a feature that is not"),
    ("split_indices\": [0", "split_indices\": [-1", "split_indices: names a feature that is not"),
    ("split_type\": [0", "split_type\": [1", "split_type: splits on categories are not evaluated"),
    ("[1.5, 1, 2", "[1e39, 1, 2", "JSON: number out of range"),
    ("[1.5, 1, 2", "[1.5, 1e400, 2", "JSON: number out of range"),
    ("[1.5, 1, 2", "[1.5, NaN, 2", "JSON: expected value"),
    ("sum_hessian\": [40", "sum_hessian\": [-40", "sum_hessian: a weight is negative"),
    ("default_left\": [0", "default_left\": [\"x\"", "JSON: invalid type: string \"x\", expected"),
];

#[test]
fn refusals_say_where_and_what() {
    for (from, to, expected) in REFUSALS {
        let text = stump("1.5", "0");
        assert!(text.contains(from), "{from}");
        let refused = read(&text.replacen(from, to, 1)).expect_err(expected).to_string();
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn rounds_behind_the_best_one_are_refused() {
    let two = stump("1.5", "0")
        .replace(r#""num_trees": "1""#, r#""num_trees": "2""#)
        .replace("\"tree_info\": [0]", "\"tree_info\": [0, 0]");
    let (start, end) = (two.find("{\"id\"").expect("a tree"), two.find("]}}").expect("its end"));
    let tree = two[start..end].replace("\"id\": 0", "\"id\": 1");
    let two = format!("{}, {tree}{}", &two[..end], &two[end..]);
    let refused = read(&two).expect_err("one round too many").to_string();
    assert!(refused.contains("but the file holds 2 rounds; save booster["), "{refused}");
    // In a boosted random forest both trees are of one round.
    read(&two.replace("parallel_tree\": \"1", "parallel_tree\": \"2")).expect("a good model");
}

#[test]
fn the_binary_form_is_refused_by_name() {
    let bytes = b"{L\0\0\0\0\0\0\0\x07learner{";
    assert_eq!(ModelFormat::sniff(bytes), Some(ModelFormat::XgBoost));
    let refused = Model::load(ModelFormat::XgBoost, bytes).expect_err("refused").to_string();
    assert!(refused.contains("start: UBJSON, where only JSON is read"), "{refused}");
}
