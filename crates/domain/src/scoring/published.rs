//! The number that leaves the house: the exact score, rounded onto the scale of the model's card.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::score::TagValue;

const TEN_THOUSAND: f64 = 10_000.0;

/// The scale of the published score (Finplus document, `credit_score`): an integer in
/// [300, 850], or for an open-platform model a float in [0, 1] with four decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scale {
    /// Points of the model; a higher score is a better one.
    Points { min: u16, max: u16 },
    /// The model's own probability, as it gives it: for a model trained on "bad", p(bad), where
    /// a higher one is a worse one. The card's `calibration` says which.
    Probability,
}

impl Scale {
    /// The points of the Finplus document.
    pub const FINPLUS: Self = Self::Points { min: 300, max: 850 };
}

/// A score as it is answered. Its text form is the JSON number: `697`, `0.4727`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Published {
    Points(u16),
    Probability { ten_thousandths: u16 },
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Points(points) => write!(f, "{points}"),
            Self::Probability { ten_thousandths: parts } => {
                write!(f, "{}.{:04}", parts / 10_000, parts % 10_000)
            }
        }
    }
}

impl From<Published> for TagValue {
    fn from(score: Published) -> Self {
        match score {
            Published::Points(points) => Self::Points(i64::from(points)),
            Published::Probability { ten_thousandths } => Self::TenThousandths(ten_thousandths),
        }
    }
}

/// The exact score does not lie on the card's scale: a fault of the model or its card, not billed.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("the score {exact} is not on the scale {scale:?} of the model card")]
pub struct OutOfRange {
    pub exact: f64,
    pub scale: Scale,
}

/// Rounds the exact score half away from zero. Points may round onto the ends of the scale
/// (849.7 is 850); a probability must be one before it is rounded.
pub fn published(scale: Scale, exact: f64) -> Result<Published, OutOfRange> {
    match scale {
        Scale::Points { min, max } => {
            let points = exact.round();
            // NaN is in no range.
            if (f64::from(min)..=f64::from(max)).contains(&points) {
                return Ok(Published::Points(points as u16));
            }
        }
        Scale::Probability => {
            if (0.0..=1.0).contains(&exact) {
                return Ok(Published::Probability { ten_thousandths: ten_thousandths(exact) });
            }
        }
    }
    Err(OutOfRange { exact, scale })
}

/// The product with 10,000 is itself rounded, which can make a tie of what is none (0.00015 lies
/// below the tie); the fused multiply-add gives the part that was lost.
fn ten_thousandths(probability: f64) -> u16 {
    let product = probability * TEN_THOUSAND;
    let lost = probability.mul_add(TEN_THOUSAND, -product);
    let down = product.floor();
    let up = (product - down - 0.5) + lost >= 0.0;
    down as u16 + u16::from(up)
}

#[cfg(test)]
mod tests;
