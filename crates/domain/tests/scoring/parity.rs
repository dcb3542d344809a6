//! Equal to the training libraries: raw scores to the last bit, probabilities within 1e-12.

use std::collections::BTreeMap;

use domain::features::{Aggregate, Behaviour, FeatureSpec, compute};
use domain::scoring::{Model, Scored};
use domain::time::Timestamp;

use crate::fixture::{Table, model, text, trees};

/// `exp` may differ in the last bit between machines; sums and comparisons may not.
const PROBABILITY_TOLERANCE: f64 = 1e-12;

fn assert_equal(what: &str, found: &[Scored], raw: &[f64], probability: &[f64]) {
    assert_eq!((found.len(), found.len()), (raw.len(), probability.len()), "{what}");
    for (row, found) in found.iter().enumerate() {
        assert_eq!(found.raw.to_bits(), raw[row].to_bits(), "{what}, row {row}: {}", found.raw);
        let off = (found.probability.expect("a binary model") - probability[row]).abs();
        assert!(off <= PROBABILITY_TOLERANCE, "{what}, row {row}: p off by {off:e}");
    }
}

/// (model, inputs, references, column, rows)
const LIGHTGBM: [(&str, &str, &str, &str, usize); 12] = [
    ("german_lightgbm", "german_test_encoded", "german_reference", "lightgbm", 300),
    ("german_lightgbm_cat", "german_test_encoded", "german_reference", "lightgbm_cat", 300),
    ("german_lightgbm_nan", "german_test_encoded_nan", "german_reference_nan", "lightgbm_nan", 300),
    ("german_lightgbm", "german_edge_encoded", "german_edge_reference", "lightgbm", 200),
    ("german_lightgbm_cat", "german_edge_encoded", "german_edge_reference", "lightgbm_cat", 200),
    ("german_lightgbm_nan", "german_edge_encoded", "german_edge_reference", "lightgbm_nan", 200),
    ("taiwan_lightgbm", "taiwan_test", "taiwan_reference", "lightgbm", 9_000),
    ("taiwan_lightgbm_cat", "taiwan_test", "taiwan_reference", "lightgbm_cat", 9_000),
    (
        "taiwan_lightgbm_nan",
        "taiwan_test_encoded_nan",
        "taiwan_reference_nan",
        "lightgbm_nan",
        9_000,
    ),
    ("taiwan_lightgbm", "taiwan_edge_encoded", "taiwan_edge_reference", "lightgbm", 200),
    ("taiwan_lightgbm_cat", "taiwan_edge_encoded", "taiwan_edge_reference", "lightgbm_cat", 200),
    ("taiwan_lightgbm_nan", "taiwan_edge_encoded", "taiwan_edge_reference", "lightgbm_nan", 200),
];

const XGBOOST: [(&str, &str, &str, &str, usize); 8] = [
    ("german_xgboost", "german_test_encoded", "german_reference", "xgboost", 300),
    ("german_xgboost_nan", "german_test_encoded_nan", "german_reference_nan", "xgboost_nan", 300),
    ("german_xgboost", "german_edge_encoded", "german_edge_reference", "xgboost", 200),
    ("german_xgboost_nan", "german_edge_encoded", "german_edge_reference", "xgboost_nan", 200),
    ("taiwan_xgboost", "taiwan_test", "taiwan_reference", "xgboost", 9_000),
    ("taiwan_xgboost_nan", "taiwan_test_encoded_nan", "taiwan_reference_nan", "xgboost_nan", 9_000),
    ("taiwan_xgboost", "taiwan_edge_encoded", "taiwan_edge_reference", "xgboost", 200),
    ("taiwan_xgboost_nan", "taiwan_edge_encoded", "taiwan_edge_reference", "xgboost_nan", 200),
];

/// Every row of a model's inputs, as the training library would score it.
fn score_all(model: &Model, inputs: &str, rows: usize) -> Vec<Scored> {
    let names = model.feature_names();
    let inputs = Table::read(&format!("{inputs}.csv"));
    assert_eq!(inputs.len(), rows);
    let cells: Vec<Option<&str>> = inputs.cells(&names).flatten().map(Some).collect();
    let all = model.score_rows(&cells);
    let scored = cells.chunks(names.len()).zip(all).map(|(cells, one_of_all)| {
        let scored = model.score_cells(cells);
        assert_eq!(scored, one_of_all, "row by row and all at once");
        scored.expect("trees take every number")
    });
    scored.collect()
}

#[test]
fn lightgbm_is_equal_to_the_last_bit() {
    for (name, inputs, references, column, rows) in LIGHTGBM {
        let found = score_all(&model(&format!("{name}.txt")), inputs, rows);
        let references = Table::read(&format!("{references}.csv"));
        let raw = references.column(&format!("{column}_raw"));
        let probability = references.column(&format!("{column}_p"));
        assert_equal(name, &found, &raw, &probability);
    }
}

#[test]
fn xgboost_is_equal_to_the_last_bit() {
    for (name, inputs, references, column, rows) in XGBOOST {
        let found = score_all(&model(&format!("{name}.json")), inputs, rows);
        let references = Table::read(&format!("{references}.csv"));
        let margin = references.column(&format!("{column}_margin"));
        let probability = references.column(&format!("{column}_p"));
        assert_equal(name, &found, &margin, &probability);
    }
}

#[test]
fn rows_of_numbers_and_rows_of_text_agree() {
    let model = trees("german_lightgbm.txt");
    let inputs = Table::read("german_test_encoded.csv");
    let encoding: serde_json::Value =
        serde_json::from_str(&text("german_encoding.json")).expect("JSON");
    let names: Vec<&str> = encoding["features"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|name| name.as_str().expect("a name"))
        .collect();
    let raw = Table::read("german_reference.csv").column("lightgbm_raw");
    for (row, raw) in std::iter::zip(inputs.numbers(&names), raw) {
        assert_eq!(model.raw(&row).expect("of the right width").to_bits(), raw.to_bits());
    }
    let model = trees("german_xgboost.json");
    let margin = Table::read("german_reference.csv").column("xgboost_margin");
    for (row, margin) in std::iter::zip(inputs.numbers(&names), margin) {
        assert_eq!(model.raw(&row), Ok(margin));
    }
}

#[test]
fn scorecards_are_equal_to_the_last_bit() {
    for (data, rows) in [("german", 300), ("taiwan", 9_000)] {
        let inputs = Table::read(&format!("{data}_test.csv"));
        assert_eq!(inputs.len(), rows);
        for tool in ["optbinning", "toad", "scorecardpy"] {
            let what = format!("{data} {tool}");
            let model = model(&format!("{data}_{tool}_card.json"));
            let references = Table::read(&format!("{data}_reference_{tool}.csv"));
            let score = references.column(&format!("{tool}_score"));
            let probability = references.column(&format!("{tool}_p"));
            let features = inputs.features(&model.feature_names());
            let scored = |one| model.score(one).expect("every test row can be scored");
            let found: Vec<Scored> = features.iter().map(scored).collect();
            assert_equal(&what, &found, &score, &probability);
            let names = model.feature_names();
            let cells = inputs.cells(&names).map(|row| {
                let row: Vec<Option<&str>> = row.into_iter().map(Some).collect();
                model.score_cells(&row).expect("every test row can be scored")
            });
            assert_eq!(cells.collect::<Vec<_>>(), found, "{what}");
        }
    }
}

/// A row of a data set is one snapshot of `last` values; the categories get their codes from the
/// card. From there to the score it must be the same number as from the encoded table.
#[test]
fn behaviours_lead_to_the_same_score() {
    let model = model("german_lightgbm.txt");
    let encoding: serde_json::Value =
        serde_json::from_str(&text("german_encoding.json")).expect("JSON");
    let codes = |name: &str| -> Option<BTreeMap<String, f64>> {
        serde_json::from_value(encoding["codes"].get(name)?.clone()).ok()
    };
    let names = model.feature_names();
    let spec = |name: &&str| FeatureSpec {
        name: (*name).to_owned(),
        kind: "german".to_owned(),
        behaviour: (*name).to_owned(),
        aggregate: Aggregate::Last,
        window_days: 180,
        codes: codes(name),
    };
    let specs: Vec<FeatureSpec> = names.iter().map(spec).collect();
    let (inputs, at) = (Table::read("german_test.csv"), Timestamp(1_800_000_000_000_000));
    let raw = Table::read("german_reference.csv").column("lightgbm_raw");
    for (row, raw) in std::iter::zip(inputs.cells(&names), raw) {
        let behaviour = |(name, value): (&&str, &str)| {
            let (kind, name) = ("german".to_owned(), (*name).to_owned());
            Behaviour { at, kind, name, value: value.to_owned() }
        };
        let behaviours: Vec<Behaviour> = std::iter::zip(&names, row).map(behaviour).collect();
        let scored = model.score(&compute(&specs, &behaviours, at)).expect("scored");
        assert_eq!(scored.raw.to_bits(), raw.to_bits());
    }
}
