//! A decision on an application: features, the model's score, the policy. Pure: from what was
//! stored it can be made again, byte for byte (I9).

mod nearest;

use serde::{Deserialize, Serialize};

use crate::application::Application;
use crate::assessment::{self, Held};
use crate::features::Features;
use crate::identity::Person;
use crate::policy::{self, Inputs, Policy, Value};
use crate::scoring::card::ModelCard;
use crate::scoring::{Model, Reason, Scored as ModelScored};
use crate::time::Timestamp;

/// The input of policies that is the model's published score.
const SCORE: &str = "model.score";

/// What a decision is made of.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub person: &'a Person,
    pub application: &'a Application,
    pub held: &'a Held,
    pub at: Timestamp,
}

/// The model that scores.
#[derive(Clone, Copy)]
pub struct Scorer<'a> {
    pub name: &'a str,
    pub version: i64,
    pub sha256: &'a str,
    pub card: &'a ModelCard,
    /// Of the card as it is stored: it says what is published of the model's score.
    pub card_sha256: &'a str,
    pub model: &'a Model,
}

/// Who decides: a version of a policy, with the model that it names where that can be used.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    pub policy: &'a Policy,
    /// Ours; the document's own is its author's note.
    pub version: i64,
    pub scorer: Option<Scorer<'a>>,
}

/// What is decided about: the features, as the policy and as a model reads them.
#[derive(Clone)]
pub struct Facts {
    catalogue: u32,
    inputs: Inputs,
    features: Features,
    /// Whether the score was set, as "what if": then the model's does not count.
    is_score_set: bool,
    at: Timestamp,
}

/// A decision with all that took part in it.
#[derive(Clone, Serialize)]
pub struct Record {
    /// The version of the catalogue that the features are of.
    pub catalogue: u32,
    /// Our version of the policy; its hash stands in the decision.
    pub policy_version: i64,
    /// What the model read, for a time when the catalogue gives something else; what the policy
    /// read stands in the decision.
    pub features: Features,
    /// Nothing where the policy names no model that can be used.
    pub score: Option<Score>,
    pub decision: policy::Decision,
}

/// The model's part.
#[derive(Clone, Serialize)]
pub struct Score {
    pub model: String,
    pub version: i64,
    pub sha256: String,
    pub card_sha256: String,
    #[serde(flatten)]
    pub result: Scored,
}

#[derive(Clone, Serialize)]
#[serde(untagged)]
pub enum Scored {
    Known {
        /// As the policy reads it.
        score: Value,
        raw: f64,
        /// What the model says when it knows nothing; with all contributions it is `raw`.
        bias: f64,
        /// Largest first.
        contributions: Vec<Reason>,
    },
    /// Why there is no score: what is missing, never a value.
    Unknown { why: String },
}

impl Record {
    /// What is stored: JSON, the same bytes for the same decision.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("names and values are plain data")
    }
}

/// What a record is decided again from when its features are of another catalogue.
#[derive(Deserialize)]
struct Recorded {
    catalogue: u32,
    features: Features,
    decision: RecordedInputs,
}

#[derive(Deserialize)]
struct RecordedInputs {
    inputs: serde_json::Value,
}

impl Case<'_> {
    /// The features of this catalogue.
    pub fn facts(&self) -> Facts {
        let inputs = assessment::features(self.person, self.application, self.held, self.at);
        let features = assessment::numbers(&inputs);
        let catalogue = assessment::CATALOGUE_VERSION;
        Facts { catalogue, inputs, features, is_score_set: false, at: self.at }
    }
}

impl Facts {
    /// What a record says that policy and model read, where its features are of another catalogue
    /// than this one: they are not computed any more.
    pub fn of_another_catalogue(record: &[u8], at: Timestamp) -> Option<Self> {
        let record: Recorded = serde_json::from_slice(record).ok()?;
        let Recorded { catalogue, features, decision } = record;
        let mut inputs = Inputs::from_json(&decision.inputs);
        // The model's part is made again.
        inputs.set(SCORE, Value::Unknown);
        let is_another = catalogue != assessment::CATALOGUE_VERSION;
        is_another.then_some(Self { catalogue, inputs, features, is_score_set: false, at })
    }

    pub fn catalogue(&self) -> u32 {
        self.catalogue
    }

    /// With other values in the places of those that are known: for asking "what if".
    #[must_use]
    pub fn with(mut self, change: &[(String, Value)]) -> Self {
        for (name, value) in change {
            self.inputs.set(name, value.clone());
            self.features.set(name, assessment::number(value));
            self.is_score_set |= name == SCORE;
        }
        self
    }

    pub fn decide(&self, judge: Judge<'_>) -> Record {
        let Judge { policy, version, scorer } = judge;
        let (inputs, score) = self.scored(scorer);
        Record {
            catalogue: self.catalogue,
            policy_version: version,
            features: scorer.map(|scorer| scorer.read(&self.features)).unwrap_or_default(),
            score,
            decision: policy.decide(&inputs, self.at),
        }
    }

    /// The policy's inputs, the model's score among them.
    pub fn scored(&self, scorer: Option<Scorer<'_>>) -> (Inputs, Option<Score>) {
        let mut inputs = self.inputs.clone();
        let score = scorer.map(|scorer| scorer.score(&self.features));
        if let Some(Score { result: Scored::Known { score, .. }, .. }) = &score
            && !self.is_score_set
        {
            inputs.set(SCORE, score.clone());
        }
        (inputs, score)
    }
}

impl Scorer<'_> {
    /// Those of the features that the model reads.
    fn read(&self, features: &Features) -> Features {
        let names = self.model.features_read().into_iter();
        names.map(|name| (name.to_owned(), features.get(name).clone())).collect()
    }

    /// What the card publishes of a score, as policies read it; nothing off the card's scale.
    fn published(&self, scored: &ModelScored) -> Option<Value> {
        let published = self.card.published(self.card.exact(scored)?).ok()?;
        // What is published is its text, such as 697 or 0.4727.
        published.to_string().parse().ok().map(Value::Number)
    }

    fn score(&self, features: &Features) -> Score {
        let unknown = |why: String| Scored::Unknown { why };
        let result = match self.model.explain(features) {
            Err(error) => unknown(error.to_string()),
            Ok(explanation) => match self.published(&explanation.scored) {
                None => unknown("the score is off the card's scale".to_owned()),
                Some(score) => Scored::Known {
                    score,
                    raw: explanation.scored.raw,
                    bias: explanation.bias,
                    contributions: explanation.reasons,
                },
            },
        };
        Score {
            model: self.name.to_owned(),
            version: self.version,
            sha256: self.sha256.to_owned(),
            card_sha256: self.card_sha256.to_owned(),
            result,
        }
    }
}
