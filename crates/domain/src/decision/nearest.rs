//! What would have changed a decision, its model's score among what changes.

use std::collections::BTreeSet;

use super::{Case, Scorer};
use crate::assessment;
use crate::features::{self, Features};
use crate::policy::{Change, Inputs, Outcome, Policy, Value};

impl Case<'_> {
    /// The nearest change that would have been approved, where there is one. The score follows the
    /// features that change; told is only what comes out approved when all is decided again.
    pub fn nearest(&self, policy: &Policy, scorer: Option<Scorer<'_>>) -> Option<Change> {
        let (inputs, _) = self.scored(scorer, &[]);
        let model = scorer.map(|scorer| Columns::of(scorer, &inputs));
        let rescore = |changes: &[(&str, &Value)]| model.as_ref()?.score(changes);
        let change = policy.nearest(&inputs, self.at, &rescore)?;
        let fields: Vec<(String, Value)> =
            change.fields.iter().map(|field| (field.name.clone(), field.to.clone())).collect();
        let again = self.decide(policy, scorer, &fields);
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
    fn of(scorer: Scorer<'a>, inputs: &Inputs) -> Self {
        let wanted: BTreeSet<&str> = scorer.model.feature_names().into_iter().collect();
        let all = assessment::numbers(inputs);
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
        let new_of = |name: &str| changes.iter().find(|(other, _)| *other == name);
        let feature = |(name, value): (&str, &features::Value)| {
            let new =
                new_of(name).map_or_else(|| value.clone(), |(_, new)| assessment::number(new));
            (name.to_owned(), new)
        };
        let features: Features = self.features.iter().map(feature).collect();
        let scored = self.scorer.model.score(&features).ok();
        Some(scored.and_then(|scored| self.scorer.published(&scored)).unwrap_or_default())
    }
}
