//! The example scorecard: it belongs to its card, stays on its scale, and adds up.

use super::*;
use crate::scoring::Published;

#[test]
fn the_example_reads_features_and_stays_on_its_scale() {
    let (card, model) = scorecard::example();
    assert!(card.reads_applications() && card.training_data.contains("EXAMPLE"));
    let text: serde_json::Value = serde_json::from_slice(scorecard::MODEL).expect("JSON");
    let (mut low, mut high) = (text["base"].as_f64().expect("a base"), 0.0);
    high += low;
    for variable in text["variables"].as_array().expect("a list") {
        let points = variable["points"].as_array().expect("a list").iter();
        let points: Vec<f64> = points.map(|one| one.as_f64().expect("a number")).collect();
        low += points.iter().copied().fold(0.0, f64::min);
        high += points.iter().copied().fold(0.0, f64::max);
    }
    assert!(card.published(low).is_ok() && card.published(high).is_ok(), "{low} to {high}");
    // What is not known moves nothing, and is not enough for an approval.
    let explained = model.explain(&numbers(&Inputs::default())).expect("scored");
    assert!(explained.reasons.iter().all(|one| one.contribution == 0.0 && one.shown == "missing"));
    assert_eq!(card.published(explained.scored.score), Ok(Published::Points(580)));
}

#[test]
fn contributions_add_up_and_each_feature_can_move_the_score() {
    let (_, model) = scorecard::example();
    let mut case = Case::least();
    data::take_all(&mut case.held);
    case.held.inquiries = Some(vec![Inquiry { lender: 0, at: NOW }]);
    let explained = model.explain(&numbers(&case.inputs())).expect("scored");
    let sum: f64 = explained.reasons.iter().map(|one| one.contribution).sum();
    assert!((explained.bias + sum - explained.scored.raw).abs() < 1e-9);
    let moved = explained.reasons.iter().filter(|one| one.contribution != 0.0).count();
    assert!(moved >= 5, "{moved}");
}
