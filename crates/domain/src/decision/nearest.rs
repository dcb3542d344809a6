//! What would have changed a decision, its model's score among what changes.

use std::collections::BTreeSet;

use super::{Facts, Judge, Scorer};
use crate::assessment;
use crate::features::{self, Features};
use crate::policy::{Change, Outcome, Value};

impl Facts {
    /// The nearest change that would have been approved, where there is one. The score follows the
    /// features that change; told is only what comes out approved when all is decided again.
    pub fn nearest(&self, judge: Judge<'_>) -> Option<Change> {
        let (inputs, _) = self.scored(judge.scorer);
        let model = judge.scorer.map(|scorer| Columns::of(scorer, &self.features));
        let rescore = |changes: &[(&str, &Value)]| model.as_ref()?.score(changes);
        let change = judge.policy.nearest(&inputs, self.at, &rescore)?;
        let fields: Vec<(String, Value)> =
            change.fields.iter().map(|field| (field.name.clone(), field.to.clone())).collect();
        let again = self.clone().with(&fields).decide(judge);
        (again.decision.outcome == Outcome::Approve).then_some(change)
    }
}

/// A model with what it reads of a case.
struct Columns<'a> {
    scorer: Scorer<'a>,
    /// What can change the score.
    read: BTreeSet<&'a str>,
    features: Features,
}

impl<'a> Columns<'a> {
    fn of(scorer: Scorer<'a>, all: &Features) -> Self {
        let wanted: BTreeSet<&str> = scorer.model.feature_names().into_iter().collect();
        let features = all.iter().filter(|(name, _)| wanted.contains(name));
        Self {
            scorer,
            read: scorer.model.features_read().into_iter().collect(),
            features: features.map(|(name, value)| (name.to_owned(), value.clone())).collect(),
        }
    }

    /// The score with the changes; not known where there is none, nothing where they do not touch
    /// what the model reads.
    fn score(&self, changes: &[(&str, &Value)]) -> Option<Value> {
        let touches = |(name, _): &(&str, &Value)| self.read.contains(name);
        if !changes.iter().any(touches) {
            return None;
        }
        let told = |name: &str| changes.iter().find(|(other, _)| *other == name);
        let feature = |(name, value): (&str, &features::Value)| {
            let new = told(name).map_or_else(|| value.clone(), |(_, new)| assessment::number(new));
            (name.to_owned(), new)
        };
        let features: Features = self.features.iter().map(feature).collect();
        let scored = self.scorer.model.score(&features).ok();
        Some(scored.and_then(|scored| self.scorer.published(&scored)).unwrap_or_default())
    }
}
