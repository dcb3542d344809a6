//! The model card: what a model file means, who trained it on what, and how its score is shown.

use std::collections::{BTreeMap, HashSet};

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{FEATURES_MAX, Model, ModelError, ModelFormat};
use super::{OutOfRange, Published, Scale, Scored, published};
use crate::assessment;
use crate::features::{
    self, Aggregate, Behaviour, FeatureSpec, Features, Value, WINDOW_DAYS_DEFAULT,
};
use crate::time::Timestamp;

/// The longest window that a feature may look back: ten years.
pub const WINDOW_DAYS_MAX: u32 = 3_660;

/// The tag under which the score itself is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreTag {
    /// `credit_score` in the Finplus document.
    pub name: String,
    /// The id for merchants whose answers are keyed by id.
    pub id: String,
}

/// A tag that answers one feature's value; null when the feature is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailTag {
    pub name: String,
    pub id: String,
    pub feature: String,
}

/// Where a version of a model is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelState {
    /// Added, to be looked at; answers nobody.
    Draft,
    /// In use: the one version of its name that answers.
    Live,
    /// No longer in use; kept, since answers that it gave are explained by it.
    Retired,
}

impl ModelState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Live => "live",
            Self::Retired => "retired",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Live, Self::Retired].into_iter().find(|state| state.as_str() == text)
    }
}

/// What stands beside a model file, and is stored with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    pub name: String,
    pub version: String,
    pub format: ModelFormat,
    pub scale: Scale,
    /// Fewer behaviours than this in the last 180 days are code 109.
    pub behaviours_needed: u32,
    /// Each feature that the model reads; others may be there for the detail tags.
    pub features: Vec<FeatureSpec>,
    #[serde(default)]
    pub detail_tags: Vec<DetailTag>,
    pub score_tag: ScoreTag,
    /// What data it was trained on, with the attribution that the data's licence asks for.
    pub training_data: String,
    /// What was measured on data that it was not trained on, such as `auc`.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    /// What the number means: for a probability, of what (a model trained on "bad" gives p(bad),
    /// which is answered as it is), and whether it was calibrated.
    pub calibration: String,
    /// For XGBoost: missing values were there in training, so that the default direction of each
    /// split is a learned one. The file does not say; without this word they are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accepts_missing: bool,
    /// SHA-256 of the model file, lower-case hex.
    pub sha256: String,
}

/// Why a card does not fit its model file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CardError {
    #[error(
        "the model file has SHA-256 {found}, its card says {declared}: the file was changed or \
         belongs to another card; take both from their origin again"
    )]
    Hash { declared: String, found: String },
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("the model reads feature {0}, which the card does not define; add it to `features`")]
    Uncovered(String),
    #[error("model card, {field}: {problem}")]
    Field { field: String, problem: &'static str },
}

/// SHA-256 as a card writes it.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

impl ModelCard {
    /// Verifies that the file is the card's, reads it, and holds card and model against each
    /// other. Only a model that comes out of here is to be served.
    pub fn check(&self, model_bytes: &[u8]) -> Result<Model, CardError> {
        let found = sha256_hex(model_bytes);
        if found != self.sha256 {
            return Err(CardError::Hash { declared: self.sha256.clone(), found });
        }
        let mut model = Model::load(self.format, model_bytes)?;
        if self.accepts_missing && !model.accept_missing() {
            return refuse("accepts_missing", "is for XGBoost; this format says it itself");
        }
        let defined = self.check_features()?;
        if let Some(name) = model.features_read().into_iter().find(|name| !defined.contains(name)) {
            return Err(CardError::Uncovered(name.to_owned()));
        }
        self.check_tags(&defined)?;
        self.check_scale(&model)?;
        Ok(model)
    }

    fn check_features(&self) -> Result<HashSet<&str>, CardError> {
        if self.features.len() > FEATURES_MAX {
            return refuse("features", "are more than a model may read");
        }
        let mut defined = HashSet::new();
        for spec in &self.features {
            let field = || format!("features, {}", spec.name);
            if !defined.insert(spec.name.as_str()) {
                return refuse(field(), "stands twice; remove one");
            }
            if !(1..=WINDOW_DAYS_MAX).contains(&spec.window_days) {
                return refuse(field(), "window_days must be 1 to 3,660");
            }
            if spec.codes.is_some() && spec.aggregate != Aggregate::Last {
                return refuse(field(), "codes are for the aggregate `last` only; remove them");
            }
            if spec.is_of_application() {
                check_of_application(spec)?;
            }
        }
        if self.reads_applications() {
            self.check_applications()?;
        }
        Ok(defined)
    }

    /// Whether it scores applications, by [`crate::assessment::numbers`], and not behaviours.
    pub fn reads_applications(&self) -> bool {
        self.features.iter().any(FeatureSpec::is_of_application)
    }

    fn check_applications(&self) -> Result<(), CardError> {
        if !self.features.iter().all(FeatureSpec::is_of_application) {
            return refuse("features", "of an application do not mix with those of behaviours");
        }
        // A score without an application would be made of nothing.
        if self.behaviours_needed == 0 {
            return refuse("behaviours_needed", "must be 1 or more for a model of applications");
        }
        Ok(())
    }

    fn check_tags(&self, defined: &HashSet<&str>) -> Result<(), CardError> {
        let details = self.detail_tags.iter().map(|tag| (tag.name.as_str(), tag.id.as_str()));
        let (mut names, mut ids) = (HashSet::new(), HashSet::new());
        for (name, id) in details.chain([(self.score_tag.name.as_str(), &*self.score_tag.id)]) {
            if name.is_empty() || id.is_empty() {
                return refuse("score_tag, detail_tags", "each tag needs a name and an id");
            }
            if !names.insert(name) || !ids.insert(id) {
                return refuse("score_tag, detail_tags", "a name or an id stands twice");
            }
        }
        match self.detail_tags.iter().find(|tag| !defined.contains(tag.feature.as_str())) {
            None => Ok(()),
            Some(tag) => refuse(
                format!("detail_tags, {}", tag.name),
                "answers a feature that the card does not define; add it to `features`",
            ),
        }
    }

    fn check_scale(&self, model: &Model) -> Result<(), CardError> {
        match self.scale {
            Scale::Points { min, max } if min >= max => {
                refuse("scale", "min must be less than max")
            }
            Scale::Points { .. } if !model.gives_points() => {
                refuse("scale", "the model gives a probability, no points; say `probability`")
            }
            Scale::Probability if !model.gives_probability() => {
                refuse("scale", "the model gives no probability; say `points`")
            }
            _ => Ok(()),
        }
    }

    /// The exact score on the card's scale: points, or the probability as the model gives it.
    /// This is what is stored. None for a probability that the model does not give, which
    /// [`ModelCard::check`] refuses.
    pub fn exact(&self, scored: &Scored) -> Option<f64> {
        match self.scale {
            Scale::Points { .. } => Some(scored.score),
            Scale::Probability => scored.probability,
        }
    }

    /// The number to answer; `exact` comes from [`ModelCard::exact`].
    pub fn published(&self, exact: f64) -> Result<Published, OutOfRange> {
        published(self.scale, exact)
    }

    /// How many behaviours of the last 180 days belong to features of this card: to be held
    /// against `behaviours_needed`.
    pub fn behaviours_seen(&self, behaviours: &[Behaviour], now: Timestamp) -> u32 {
        let read: HashSet<(&str, &str)> = self
            .features
            .iter()
            .map(|spec| (spec.kind.as_str(), spec.behaviour.as_str()))
            .collect();
        let seen = behaviours
            .iter()
            .filter(|one| features::inside(one.at, WINDOW_DAYS_DEFAULT, now))
            .filter(|one| read.contains(&(one.kind.as_str(), one.name.as_str())))
            .count();
        u32::try_from(seen).unwrap_or(u32::MAX)
    }

    /// Each detail tag with its value; none where the feature is missing.
    pub fn details<'a>(
        &'a self,
        features: &'a Features,
    ) -> impl Iterator<Item = (&'a DetailTag, Option<&'a Value>)> {
        self.detail_tags.iter().map(|tag| {
            let value = features.get(&tag.feature);
            (tag, (*value != Value::Missing).then_some(value))
        })
    }
}

fn check_of_application(spec: &FeatureSpec) -> Result<(), CardError> {
    let field = || format!("features, {}", spec.name);
    if spec.behaviour != spec.name || assessment::feature(&spec.name).is_none() {
        return refuse(field(), "is no feature of an application: see docs/features.md");
    }
    if spec.aggregate != Aggregate::Last || spec.codes.is_some() {
        return refuse(field(), "of an application has the aggregate `last` and no codes");
    }
    Ok(())
}

fn refuse<T>(field: impl Into<String>, problem: &'static str) -> Result<T, CardError> {
    Err(CardError::Field { field: field.into(), problem })
}

#[cfg(test)]
mod tests;
