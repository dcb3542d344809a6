//! Fuzz targets: model files and model cards. What is accepted is evaluated every way there is.

use super::card::{ModelCard, sha256_hex};
use super::{EvaluationError, Explanation, Model, ModelFormat, Scored};
use crate::features::{Aggregate, Behaviour, Features, Value, compute};
use crate::fuzz::Target;
use crate::time::Timestamp;

macro_rules! files {
    ($($name:literal),*) => {
        &[$(include_bytes!(concat!("../../fixtures/fuzz/", $name)) as &[u8]),*]
    };
}

/// All targets of this module.
pub const TARGETS: [Target; 4] = [
    Target { name: "lightgbm", run: lightgbm, corpus: files!["numbers.txt", "categories.txt"] },
    Target { name: "xgboost", run: xgboost, corpus: files!["xgboost.json"] },
    Target {
        name: "scorecard",
        run: scorecard,
        corpus: files!["card-odds.json", "card-logistic.json", "card-base.json"],
    },
    Target {
        name: "model-card",
        run: model_card,
        corpus: files!["model-card.json", "model-card-codes.json"],
    },
];

/// What each column holds in one row after another.
const CELLS: [&str; 12] =
    ["", "0", "-1", "2.5", "1e-36", "33", "1e39", "1e300", "inf", "nan", "A11", "-0"];

/// LightGBM's text.
pub fn lightgbm(bytes: &[u8]) -> bool {
    evaluated(Model::load(ModelFormat::LightGbm, bytes).ok())
}

/// XGBoost's JSON, with the card's word on missing values and without.
pub fn xgboost(bytes: &[u8]) -> bool {
    let model = || Model::load(ModelFormat::XgBoost, bytes).ok();
    let accepting = model().map(|mut model| {
        assert!(model.accept_missing(), "XGBoost's file leaves it open");
        model
    });
    evaluated(model()) & evaluated(accepting)
}

/// The scorecard, in the forms of all three trainers.
pub fn scorecard(bytes: &[u8]) -> bool {
    evaluated(Model::load(ModelFormat::Scorecard, bytes).ok())
}

/// A model card, held against the small model of its format as if it had been made for it.
pub fn model_card(bytes: &[u8]) -> bool {
    let Ok(mut card) = serde_json::from_slice::<ModelCard>(bytes) else { return false };
    let files: &[&[u8]] = files!["card-base.json", "numbers.txt", "xgboost.json"];
    let file = match card.format {
        ModelFormat::Scorecard => files[0],
        ModelFormat::LightGbm => files[1],
        ModelFormat::XgBoost => files[2],
    };
    card.sha256 = sha256_hex(file);
    let Ok(model) = card.check(file) else { return false };
    let again = serde_json::to_vec(&card).expect("plain data");
    assert_eq!(serde_json::from_slice::<ModelCard>(&again).ok().as_ref(), Some(&card));
    let now = Timestamp(1_800_000_000_000_000);
    let behaviours: Vec<Behaviour> = card
        .features
        .iter()
        .flat_map(|spec| {
            CELLS.map(|value| Behaviour {
                at: now,
                kind: spec.kind.clone(),
                name: spec.behaviour.clone(),
                value: value.to_owned(),
            })
        })
        .collect();
    let features = compute(&card.features, &behaviours, now);
    let counted = card.features.iter().filter(|spec| spec.aggregate == Aggregate::Count);
    assert!(counted.clone().all(|spec| matches!(features.get(&spec.name), Value::Number(_))));
    let _ = (card.behaviours_seen(&behaviours, now), card.details(&features).count());
    if let Ok(scored) = model.score(&features) {
        let exact = card.exact(&scored).expect("the card was checked");
        let _ = card.published(exact);
    }
    evaluated(Some(model))
}

/// Whether there is a model; it is evaluated, and its ways agree.
fn evaluated(model: Option<Model>) -> bool {
    let Some(model) = model else { return false };
    let names = model.feature_names();
    // Each column begins at another cell.
    let row = |first: usize| (0..names.len()).map(move |at| CELLS[(first + at) % CELLS.len()]);
    let cells: Vec<_> = (0..CELLS.len()).flat_map(|first| row(first).map(Some)).collect();
    let rows = model.score_rows(&cells);
    assert_eq!(rows.len(), CELLS.len());
    for (first, (cells, scored)) in cells.chunks(names.len()).zip(&rows).enumerate() {
        assert!(same(&model.score_cells(cells), scored), "by row and by table");
        if let Model::LightGbm(trees) | Model::XgBoost(trees) = &model {
            let number = |text: &str| text.parse().unwrap_or(f64::NAN);
            let row = cells.iter().map(|cell| cell.map_or(f64::NAN, number));
            assert!(trees.agrees(&row.collect::<Vec<f64>>()), "node by node and all at once");
        }
        let pair = |(name, cell): (&&str, &str)| ((*name).to_owned(), Value::read(cell));
        let features: Features = names.iter().zip(row(first)).map(pair).collect();
        let explained = model.explain(&features).map(|Explanation { scored, .. }| scored);
        assert!(same(&explained, &model.score(&features)), "explained and not");
    }
    true
}

/// Equal, NaN included: the outputs of a changed model may add up to it.
fn same(one: &Result<Scored, EvaluationError>, other: &Result<Scored, EvaluationError>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            let bits = |scored: &Scored| {
                (scored.raw.to_bits(), scored.score.to_bits(), scored.probability.map(f64::to_bits))
            };
            bits(one) == bits(other)
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    crate::fuzz_tests!(super::TARGETS);
}
