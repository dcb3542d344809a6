//! A card against a small synthetic scorecard: hash, coverage, tags, scale.

use super::*;
use crate::time::Span;

const MODEL: &str = r#"{
 "format": "additive scorecard: score = base + sum(points of the bin of each variable)",
 "bin_rule": "numeric bin i = [splits[i-1], splits[i])", "base": 500, "logit_intercept": -1,
 "variables": [{"name": "age", "kind": "numeric", "splits": [30], "points": [-5, 5],
   "woe": [-1, 1], "coef": -0.5}]}"#;

fn card() -> ModelCard {
    let text = format!(
        r#"{{"name": "synthetic", "version": "1", "format": "scorecard",
         "scale": {{"points": {{"min": 300, "max": 850}}}}, "behaviours_needed": 2,
         "features": [
          {{"name": "age", "kind": "person", "behaviour": "age", "aggregate": "last"}},
          {{"name": "loans", "kind": "loan", "behaviour": "taken", "aggregate": "count",
            "window_days": 30}}],
         "detail_tags": [{{"name": "loans", "id": "t2", "feature": "loans"}}],
         "score_tag": {{"name": "credit_score", "id": "t1"}},
         "training_data": "none: made for a test", "metrics": {{"auc": 0.5}},
         "calibration": "p(bad), not calibrated", "sha256": "{}"}}"#,
        sha256_hex(MODEL.as_bytes())
    );
    serde_json::from_str(&text).expect("a good card")
}

#[test]
fn a_good_card_gives_its_model() {
    let model = card().check(MODEL.as_bytes()).expect("they belong together");
    assert_eq!(model.features_read(), ["age"]);
    let scored = model.score_cells(&[Some("40")]).expect("scored");
    assert_eq!(card().exact(&scored), Some(505.0));
    assert_eq!(card().published(505.0), Ok(Published::Points(505)));
    let again = serde_json::to_string(&card()).expect("plain data");
    assert_eq!(serde_json::from_str::<ModelCard>(&again).expect("its own text"), card());
}

#[test]
fn a_changed_byte_is_found() {
    let changed = MODEL.replace("[30]", "[31]");
    let refused = card().check(changed.as_bytes()).expect_err("changed").to_string();
    assert!(refused.contains("the file was changed"), "{refused}");
}

type Change = fn(&mut ModelCard);

#[test]
fn refusals_say_what_to_do() {
    let refused = |change: Change| {
        let mut card = card();
        change(&mut card);
        card.check(MODEL.as_bytes()).expect_err("refused").to_string()
    };
    let table: &[(Change, &str)] = &[
        (|card| _ = card.features.remove(0), "reads feature age"),
        (|card| card.features[1].name = "age".into(), "features, age: stands twice"),
        (|card| card.features[0].window_days = 0, "features, age: window_days"),
        (|card| card.features[1].codes = Some(BTreeMap::new()), "codes are for"),
        (|card| card.features[0].kind = "application".into(), "age: is no feature"),
        (|card| of_application(&mut card.features[0], "zhima.score"), "do not mix"),
        (
            |card| {
                of_application(&mut card.features[0], "zhima.score");
                card.features[0].aggregate = Aggregate::Count;
            },
            "has the aggregate `last`",
        ),
        (
            |card| {
                card.features.truncate(1);
                of_application(&mut card.features[0], "zhima.score");
                card.behaviours_needed = 0;
            },
            "behaviours_needed: must be 1",
        ),
        (|card| card.detail_tags[0].feature = "x".into(), "detail_tags, loans: answers"),
        (|card| card.detail_tags[0].id = "t1".into(), "stands twice"),
        (|card| card.score_tag.name.clear(), "needs a name"),
        (|card| card.scale = Scale::Points { min: 850, max: 300 }, "min must be less"),
        (|card| card.accepts_missing = true, "accepts_missing: is for XGBoost"),
        (|card| card.format = ModelFormat::XgBoost, "JSON: missing field `learner`"),
        (|card| card.format = ModelFormat::LightGbm, "line 1: does not begin"),
    ];
    for (change, expected) in table {
        let found = refused(*change);
        assert!(found.contains(expected), "{found}");
    }
    let no_link = MODEL.replace(", \"logit_intercept\": -1", "");
    let scale = Scale::Probability;
    let card = ModelCard { sha256: sha256_hex(no_link.as_bytes()), scale, ..card() };
    let found = card.check(no_link.as_bytes()).expect_err("refused").to_string();
    assert!(found.contains("gives no probability"), "{found}");
}

fn of_application(spec: &mut FeatureSpec, name: &str) {
    for text in [&mut spec.name, &mut spec.behaviour] {
        name.clone_into(text);
    }
    features::APPLICATION.clone_into(&mut spec.kind);
}

#[test]
fn behaviours_of_the_last_180_days_count_when_a_feature_reads_them() {
    let now = Timestamp(1_800_000_000_000_000);
    let one = |days: i64, kind: &str, name: &str| Behaviour {
        at: now - Span::days(days),
        kind: kind.into(),
        name: name.into(),
        value: "1".into(),
    };
    let behaviours = [
        one(0, "person", "age"),
        one(179, "loan", "taken"),
        one(180, "loan", "taken"),
        one(1, "loan", "refused"),
    ];
    assert_eq!(card().behaviours_seen(&behaviours, now), 2);
}

#[test]
fn a_detail_of_a_missing_feature_is_none() {
    let card = card();
    let none = Features::default();
    assert_eq!(card.details(&none).next().expect("one tag").1, None);
    let some: Features = [("loans".to_owned(), Value::Number(3.0))].into_iter().collect();
    assert_eq!(card.details(&some).next().expect("one tag").1, Some(&Value::Number(3.0)));
}

#[test]
fn states_read_back_and_are_written_as_in_json() {
    for state in [ModelState::Draft, ModelState::Live, ModelState::Retired] {
        assert_eq!(ModelState::parse(state.as_str()), Some(state));
        let json = serde_json::to_value(state).expect("plain data");
        assert_eq!(json, state.as_str());
    }
    assert_eq!(ModelState::parse("Live"), None);
}
