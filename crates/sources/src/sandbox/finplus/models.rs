//! The models of the sandbox with their cards: a scorecard, the same with detail tags, LightGBM.

use std::collections::BTreeMap;

use domain::features::{Aggregate, FeatureSpec, WINDOW_DAYS_DEFAULT};
use domain::scoring::card::{DetailTag, ModelCard, ScoreTag};
use domain::scoring::{ModelFormat, Scale};

use super::german::{self, Encoding};
use super::people::BEHAVIOUR_KIND;

pub(super) const SCORECARD: &str = "german-scorecard";
pub(super) const LIGHTGBM: &str = "german-lightgbm";
pub(super) const DETAILS: &str = "german-details";

/// Half of the 20 columns: a person known by less than that is code 109.
const BEHAVIOURS_NEEDED: u32 = 10;

/// Written down, not computed, so that another file in the same place is found.
const SCORECARD_SHA256: &str = "958f7da55b638027665dc575d972abc586e25ce6a59e80a645441fe8553b9415";
const LIGHTGBM_SHA256: &str = "1c7201305fe4ca8293183429a1f51489a1e2673a1618461f6df6aaa851d0b42b";

const TRAINING_DATA: &str = "Statlog (German Credit Data), H. Hofmann, 1994, UCI Machine Learning \
     Repository, CC BY 4.0: 700 of its 1,000 rows (split 70:30, stratified by the target, seed \
     42). Real credits of another country and time: for trying the gateway, not for lending.";

/// Measured on the 300 rows that were left out.
const SCORECARD_METRICS: [(&str, f64); 4] = [
    ("auc", 0.807_830_687_830_687_8),
    ("ks", 0.507_936_507_936_507_9),
    ("gini", 0.615_661_375_661_375_6),
    ("brier", 0.155_463_011_204_406_03),
];
const LIGHTGBM_METRICS: [(&str, f64); 4] = [
    ("auc", 0.787_619_047_619_047_7),
    ("ks", 0.449_206_349_206_349_2),
    ("gini", 0.575_238_095_238_095_2),
    ("brier", 0.163_027_313_847_715_04),
];

const POINTS: &str = "Points of the optbinning 1.0.0 scorecard (weight of evidence and logistic \
     regression), scaled to 300..850: higher is better. Its probability is that of bad; it was \
     not calibrated after the training.";
const PROBABILITY_OF_BAD: &str = "The probability of bad as LightGBM 4 gives it (200 trees, \
     untuned, categories as ordinal codes): higher is worse. Not calibrated after the training.";

/// A detail tag and the feature that it answers. Nothing in the sandbox feeds the last two,
/// which are therefore null.
const DETAIL_TAGS: [(&str, &str, &str); 5] = [
    ("duration_months", "2101", "duration_months"),
    ("credit_amount", "2102", "credit_amount"),
    ("account_status", "2103", "status"),
    ("loan_platforms_30d", "2104", "loan_platforms_30d"),
    ("overdue_count_90d", "2105", "overdue_count_90d"),
];
/// Feature, kind of its behaviours, their name, window in days.
const UNFED_FEATURES: [(&str, &str, &str, u32); 2] = [
    ("loan_platforms_30d", "multi_lender", "loan_platforms", 30),
    ("overdue_count_90d", "multi_lender", "overdue_count", 90),
];

/// A model of the sandbox, to be loaded as an operator loads one.
#[derive(Clone, Debug)]
pub struct SandboxModel {
    pub card: ModelCard,
    /// The model file that the card belongs to.
    pub body: Vec<u8>,
}

/// The models that [`super::apps`] refer to: the scorecard, LightGBM, the scorecard with details.
pub fn models() -> Vec<SandboxModel> {
    let encoding = german::encoding();
    let scorecard = SandboxModel { card: scorecard(&encoding), body: german::scorecard() };
    let lightgbm = SandboxModel { card: lightgbm(&encoding), body: german::lightgbm() };
    let details =
        SandboxModel { card: with_details(scorecard.card.clone()), body: scorecard.body.clone() };
    vec![scorecard, lightgbm, details]
}

fn scorecard(encoding: &Encoding) -> ModelCard {
    ModelCard {
        name: SCORECARD.to_owned(),
        version: "1".to_owned(),
        format: ModelFormat::Scorecard,
        scale: Scale::FINPLUS,
        behaviours_needed: BEHAVIOURS_NEEDED,
        features: encoding.features.iter().map(|name| column(name, None)).collect(),
        detail_tags: Vec::new(),
        score_tag: ScoreTag { name: "credit_score".to_owned(), id: "2001".to_owned() },
        training_data: TRAINING_DATA.to_owned(),
        metrics: metrics(SCORECARD_METRICS),
        calibration: POINTS.to_owned(),
        accepts_missing: false,
        sha256: SCORECARD_SHA256.to_owned(),
    }
}

/// The answer of an open-platform model: a number from 0 to 1, here of bad.
fn lightgbm(encoding: &Encoding) -> ModelCard {
    let coded = |name: &String| column(name, encoding.codes.get(name).cloned());
    ModelCard {
        name: LIGHTGBM.to_owned(),
        format: ModelFormat::LightGbm,
        scale: Scale::Probability,
        features: encoding.features.iter().map(coded).collect(),
        metrics: metrics(LIGHTGBM_METRICS),
        calibration: PROBABILITY_OF_BAD.to_owned(),
        sha256: LIGHTGBM_SHA256.to_owned(),
        ..scorecard(encoding)
    }
}

fn with_details(mut card: ModelCard) -> ModelCard {
    DETAILS.clone_into(&mut card.name);
    card.detail_tags = DETAIL_TAGS
        .map(|(name, id, feature)| DetailTag {
            name: name.to_owned(),
            id: id.to_owned(),
            feature: feature.to_owned(),
        })
        .into();
    card.features.extend(UNFED_FEATURES.map(|(name, kind, behaviour, window_days)| FeatureSpec {
        name: name.to_owned(),
        kind: kind.to_owned(),
        behaviour: behaviour.to_owned(),
        aggregate: Aggregate::Last,
        window_days,
        codes: None,
    }));
    card
}

/// A column of the data set: one snapshot of `last` values.
fn column(name: &str, codes: Option<BTreeMap<String, f64>>) -> FeatureSpec {
    FeatureSpec {
        name: name.to_owned(),
        kind: BEHAVIOUR_KIND.to_owned(),
        behaviour: name.to_owned(),
        aggregate: Aggregate::Last,
        window_days: WINDOW_DAYS_DEFAULT,
        codes,
    }
}

fn metrics(measured: [(&str, f64); 4]) -> BTreeMap<String, f64> {
    measured.map(|(name, value)| (name.to_owned(), value)).into()
}
