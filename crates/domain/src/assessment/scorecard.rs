//! The score: an expert scorecard over the catalogue to begin with.
//!
//! It is an EXAMPLE. Its points were set by hand from what lenders commonly look at, not trained on
//! data, and no probability follows from them; replace it by a model trained on your own loans
//! before it decides anything. Nothing known gives its base, which the default policy sends to a
//! person.

use super::feature::{Feature, Section};
use crate::scoring::Model;
use crate::scoring::card::ModelCard;

/// The example and its card, as `model add` takes them.
pub const MODEL: &[u8] = include_bytes!("../../models/consumer-credit-expert.json");
pub const CARD: &[u8] = include_bytes!("../../models/consumer-credit-expert.card.json");

/// The published score of the policy's model; not computed here.
pub(super) const SCORE: Feature = Feature::count(
    Section::Model,
    crate::policy::MODEL_SCORE,
    ("模型分", "Score of the model, 300 (worst) to 850"),
    |_| None,
)
.unit("分");

/// The example, ready to be evaluated.
pub fn example() -> (ModelCard, Model) {
    let card: ModelCard = serde_json::from_slice(CARD).expect("the card ships with this source");
    let model = card.check(MODEL).expect("and so does its model");
    (card, model)
}
