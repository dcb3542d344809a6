//! A small synthetic card: bins, missing and unseen values, and what is refused.

use super::*;
use crate::features::Value;

const CARD: &str = r#"{
 "format": "additive scorecard: score = base + sum(points of the bin of each variable)",
 "bin_rule": "numeric bin i = [splits[i-1], splits[i])",
 "base": 0, "logit_intercept": -1,
 "variables": [
  {"name": "age", "kind": "numeric", "splits": [20, 30.5], "points": [5, 10, 20],
   "woe": [-1, 0, 2], "coef": -0.5, "missing_points": 10},
  {"name": "sex", "kind": "categorical", "categories": [["1"], ["2", "A"], ["nan"]],
   "points": [14, 10, 6], "woe": [1, 0, -1], "coef": -0.5,
   "unseen_points": 7, "unseen_woe": -0.75}
 ]}"#;

fn score(card: &str, values: [Value; 2]) -> Result<f64, EvaluationError> {
    let names = ["age", "sex"].map(str::to_owned);
    let features: Features = std::iter::zip(names, values).collect();
    Ok(read(card).expect("a good card").score(&features)?.score)
}

fn number(x: f64) -> Value {
    Value::Number(x)
}

#[test]
fn bins_are_closed_below_and_open_above() {
    for (age, points) in
        [(-1e300, 5.0), (19.999, 5.0), (20.0, 10.0), (30.499, 10.0), (30.5, 20.0), (1e300, 20.0)]
    {
        assert_eq!(score(CARD, [number(age), number(2.0)]), Ok(points + 10.0), "{age}");
    }
}

#[test]
fn categories_come_as_text_or_as_numbers() {
    for (sex, points) in [
        (number(1.0), 14.0),
        (Value::Text("2".into()), 10.0),
        (Value::Text("A".into()), 10.0),
        (Value::Text("nan".into()), 6.0),
        (number(1.5), 7.0),
        (Value::Text("B".into()), 7.0),
    ] {
        assert_eq!(score(CARD, [number(0.0), sex.clone()]), Ok(points + 5.0), "{sex}");
    }
}

#[test]
fn what_the_card_does_not_declare_is_an_error_by_name() {
    let strict = CARD.replace(",\n   \"unseen_points\": 7, \"unseen_woe\": -0.75", "");
    let feature = || "sex".to_owned();
    for (sex, expected) in [
        (Value::Missing, EvaluationError::Missing { feature: feature() }),
        (Value::Text("B".into()), EvaluationError::Unseen { feature: feature() }),
        (number(3.0), EvaluationError::Unseen { feature: feature() }),
        (number(f64::NAN), EvaluationError::NotFinite { feature: feature() }),
        (Value::Text("inf".into()), EvaluationError::NotFinite { feature: feature() }),
    ] {
        assert_eq!(score(&strict, [Value::Missing, sex.clone()]), Err(expected), "{sex}");
    }
    let feature = "age".to_owned();
    let text = score(CARD, [Value::Text("old".into()), number(1.0)]);
    assert_eq!(text, Err(EvaluationError::NotANumber { feature }));
}

#[test]
fn probability_follows_the_woe() {
    let card = read(CARD).expect("a good card");
    let scored = card.score_cells(&[Some("99"), Some("B")]).expect("scored");
    // -1 + (-0.5 * 2) + (-0.5 * -0.75)
    assert_eq!(scored.probability, Some(sigmoid(-1.625)));
    assert_eq!(card.score_cells(&[None]), Err(EvaluationError::Width { expected: 2, found: 1 }));
}

#[test]
fn neutral_points_are_derived_from_each_form() {
    let odds = r#""offset": 0, "factor": 8"#;
    let twice = |from: &str, to: &str| {
        CARD.replace("\"logit_intercept\": -1", from).replace("\"missing_points\": 10", to)
    };
    for (card, age, sex) in [
        (CARD.to_owned(), 10.0, 10.0),
        (twice(odds, "\"missing_points\": 3"), 10.0, 10.0),
        (twice("\"logit_intercept\": -1", "\"neutral_points\": 11"), 11.0, 10.0),
        (
            CARD.replace("\"base\": 0", "\"base\": 400").replace(", \"missing_points\": 10", ""),
            0.0,
            0.0,
        ),
    ] {
        let card = read(&card).expect("a good card");
        let found: Vec<f64> = card.variables.iter().map(|one| one.neutral).collect();
        assert_eq!(found, [age, sex]);
    }
}

#[test]
fn refusals_say_where_and_what() {
    for (from, to, expected) in [
        ("[20, 30.5]", "[30.5, 20]", "variable age: splits are not ascending"),
        ("[20, 30.5]", "[20]", "variable age: needs one bin more"),
        ("[\"1\"]", "[\"2\"]", "variable sex: a category stands twice"),
        ("[\"1\"]", "[\"2.0\"]", "variable sex: a category stands twice"),
        ("\"sex\"", "\"age\"", "variable age: stands twice"),
        ("[1, 0, -1]", "[1, 0]", "variable sex: has not one WOE"),
        ("\"numeric\"", "\"categorical\"", "variable age: a numeric variable has splits"),
        (", \"unseen_woe\": -0.75", "", "variable sex: points for missing"),
        ("\"logit_intercept\"", "\"offset\"", "probability: logit_intercept stands alone"),
        ("\"logit_intercept\"", "\"logit_intercpt\"", "line 4: unknown field"),
        ("[20, 30.5]", "[20, 1e999]", "line 6: number out of range"),
        ("= [splits", "= (splits", "bin_rule:"),
    ] {
        let refused = read(&CARD.replace(from, to)).expect_err(expected).to_string();
        assert!(refused.contains(expected), "{refused}");
    }
}
