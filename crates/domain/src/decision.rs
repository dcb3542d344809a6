//! A decision on an application: features, the model's score, the policy. Pure: from what was
//! stored it can be made again, byte for byte (I9).

mod nearest;

use serde::Serialize;

use crate::application::Application;
use crate::assessment::{self, Held};
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
    pub model: &'a Model,
}

/// A decision with all that took part in it.
#[derive(Clone, Serialize)]
pub struct Record {
    /// The version of the catalogue that the features are of.
    pub catalogue: u32,
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

impl Case<'_> {
    /// What the policy is asked about, without the model's score.
    pub fn inputs(&self) -> Inputs {
        assessment::features(self.person, self.application, self.held, self.at)
    }

    /// Decides. `change` stands over what was computed: for asking "what if".
    pub fn decide(
        &self,
        policy: &Policy,
        scorer: Option<Scorer<'_>>,
        change: &[(String, Value)],
    ) -> Record {
        let (inputs, score) = self.scored(scorer, change);
        let decision = policy.decide(&inputs, self.at);
        Record { catalogue: assessment::CATALOGUE_VERSION, score, decision }
    }

    /// The policy's inputs, the model's score among them.
    pub fn scored(
        &self,
        scorer: Option<Scorer<'_>>,
        change: &[(String, Value)],
    ) -> (Inputs, Option<Score>) {
        let mut inputs = self.inputs();
        for (name, value) in change {
            inputs.set(name, value.clone());
        }
        let score = scorer.map(|scorer| scorer.score(&inputs));
        let is_given = change.iter().any(|(name, _)| name == SCORE);
        if let Some(Score { result: Scored::Known { score, .. }, .. }) = &score
            && !is_given
        {
            inputs.set(SCORE, score.clone());
        }
        (inputs, score)
    }
}

impl Scorer<'_> {
    /// What the card publishes of a score, as policies read it; nothing off the card's scale.
    fn published(&self, scored: &ModelScored) -> Option<Value> {
        let published = self.card.published(self.card.exact(scored)?).ok()?;
        // What is published is its text, such as 697 or 0.4727.
        published.to_string().parse().ok().map(Value::Number)
    }

    fn score(&self, inputs: &Inputs) -> Score {
        let unknown = |why: String| Scored::Unknown { why };
        let result = match self.model.explain(&assessment::numbers(inputs)) {
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
            result,
        }
    }
}
