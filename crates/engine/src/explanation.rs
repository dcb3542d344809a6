//! The account of a score that is kept with its call: what went in, what came out, and why.

use domain::ids::{BizId, MerchantId};
use domain::keys::Place;
use domain::scoring::{Explanation, Reason};
use serde::{Deserialize, Serialize};

use crate::directory::LiveModel;
use crate::{Engine, Error};

/// What is kept, sealed. Reads back to the last bit: numbers are written in the shortest form that
/// gives the same double.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    pub merchant: MerchantId,
    pub app: String,
    pub key: String,
    pub code: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<ScoreExplained>,
}

/// How a score came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreExplained {
    pub model: String,
    pub version: i64,
    pub sha256: String,
    /// The model's raw output.
    pub raw: f64,
    /// The exact score, before it was rounded for the answer.
    pub exact: f64,
    /// What the model says when it knows nothing.
    pub bias: f64,
    /// Largest first: (feature, value, contribution).
    pub reasons: Vec<(String, String, f64)>,
}

impl ScoreExplained {
    pub(crate) fn new(live: &LiveModel, exact: f64, explanation: Explanation) -> Self {
        let reason = |reason: Reason| (reason.feature, reason.shown, reason.contribution);
        Self {
            model: live.name.clone(),
            version: live.version,
            sha256: live.sha256.clone(),
            raw: explanation.scored.raw,
            exact,
            bias: explanation.bias,
            reasons: explanation.reasons.into_iter().map(reason).collect(),
        }
    }
}

impl Engine {
    pub(crate) fn seal_explanation(&self, biz: BizId, explained: &Explained) -> Vec<u8> {
        let plain = serde_json::to_vec(explained).expect("plain data");
        self.keys().seal(place(&biz), &plain, self.entropy())
    }

    /// What is kept of how a call came about.
    pub async fn explanation(&self, biz: BizId) -> Result<Option<Explained>, Error> {
        let sealed =
            self.store().read("explanation", move |tx| store::calls::explanation(tx, biz)).await?;
        sealed.map(|sealed| self.open_explanation(biz, &sealed)).transpose()
    }

    pub(crate) fn open_explanation(&self, biz: BizId, sealed: &[u8]) -> Result<Explained, Error> {
        let plain = self.keys().unseal(place(&biz), sealed)?;
        serde_json::from_slice(&plain)
            .map_err(|error| Error::invalid(format!("the explanation of {biz}: {error}")))
    }
}

fn place(biz: &BizId) -> Place<'_> {
    Place { table: "explanations", row: biz.as_bytes() }
}
