//! Reads a scorecard's JSON and checks everything that the evaluation relies on.

use serde::Deserialize;

use super::{Bin, Binning, Link, Scorecard, Variable};
use crate::scoring::{BINS_MAX, FEATURES_MAX, ModelError};

const FORMAT: &str = "additive scorecard: score = base + sum(points of the bin of each variable)";
const BIN_RULE: &str = "numeric bin i = [splits[i-1], splits[i])";
/// Points that lie this close to neutral are neutral; the trainers print 17 digits.
const NEUTRAL_TOLERANCE: f64 = 1e-6;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardText {
    format: String,
    #[expect(dead_code, reason = "who trained the card; documentation for people")]
    source: Option<String>,
    base: f64,
    bin_rule: String,
    variables: Vec<VariableText>,
    logit_intercept: Option<f64>,
    offset: Option<f64>,
    factor: Option<f64>,
    #[expect(dead_code, reason = "the formula in words; the numbers beside it decide")]
    probability: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariableText {
    name: String,
    kind: Kind,
    splits: Option<Vec<f64>>,
    categories: Option<Vec<Vec<String>>>,
    points: Vec<f64>,
    woe: Vec<f64>,
    coef: f64,
    missing_points: Option<f64>,
    special_points: Option<f64>,
    unseen_points: Option<f64>,
    missing_woe: Option<f64>,
    special_woe: Option<f64>,
    unseen_woe: Option<f64>,
    neutral_points: Option<f64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Numeric,
    Categorical,
}

pub(in crate::scoring) fn read(text: &str) -> Result<Scorecard, ModelError> {
    let card: CardText = serde_json::from_str(text).map_err(|wrong| {
        let place = format!("line {}", wrong.line());
        ModelError::new(place, wrong.to_string(), "write the scorecard as the manual shows it")
    })?;
    expect_text("format", &card.format, FORMAT)?;
    expect_text("bin_rule", &card.bin_rule, BIN_RULE)?;
    finite("base", [card.base])?;
    let count = card.variables.len();
    if !(1..=FEATURES_MAX).contains(&count) {
        let problem = format!("{count} variables, where 1 to {FEATURES_MAX} are allowed");
        return Err(ModelError::new("variables", problem, "choose the variables that matter"));
    }
    let link = link(&card)?;
    let frame = Frame { base: card.base, link };
    let variables = card
        .variables
        .into_iter()
        .map(|variable| frame.variable(variable))
        .collect::<Result<Vec<_>, _>>()?;
    refuse_twins(&variables)?;
    Ok(Scorecard { base: frame.base, variables, link })
}

fn expect_text(field: &str, found: &str, expected: &str) -> Result<(), ModelError> {
    if found == expected {
        return Ok(());
    }
    let problem = format!("{found:?}, where only {expected:?} is known");
    Err(ModelError::new(field, problem, "export the scorecard in that form"))
}

fn finite(place: &str, numbers: impl IntoIterator<Item = f64>) -> Result<(), ModelError> {
    if numbers.into_iter().all(f64::is_finite) {
        return Ok(());
    }
    Err(ModelError::new(place, "a number is not finite", "export the scorecard again"))
}

fn link(card: &CardText) -> Result<Link, ModelError> {
    match (card.logit_intercept, card.offset, card.factor) {
        (Some(intercept), None, None) => {
            finite("logit_intercept", [intercept])?;
            Ok(Link::Logistic { intercept })
        }
        (None, Some(offset), Some(factor)) => {
            finite("offset and factor", [offset, factor])?;
            if factor <= 0.0 {
                let problem = "not positive: a better score would be a worse risk";
                return Err(ModelError::new("factor", problem, "export the scorecard again"));
            }
            Ok(Link::Odds { offset, factor })
        }
        (None, None, None) => Ok(Link::None),
        _ => Err(ModelError::new(
            "probability",
            "logit_intercept stands alone, offset and factor stand together",
            "keep one of the two forms",
        )),
    }
}

fn refuse_twins(variables: &[Variable]) -> Result<(), ModelError> {
    let mut names: Vec<&str> = variables.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => {
            let place = format!("variable {}", pair[0]);
            Err(ModelError::new(place, "stands twice", "merge the two"))
        }
    }
}

/// What the reading of a variable needs to know of its card.
struct Frame {
    base: f64,
    link: Link,
}

impl Frame {
    fn variable(&self, text: VariableText) -> Result<Variable, ModelError> {
        let refuse = |problem: &str| {
            let place = format!("variable {}", text.name);
            Err(ModelError::new(place, problem, "export the scorecard again"))
        };
        if text.name.is_empty() {
            return refuse("has no name");
        }
        let declared = [text.missing_points, text.special_points, text.unseen_points];
        let declared_woe = [text.missing_woe, text.special_woe, text.unseen_woe];
        let single = [Some(text.coef), text.neutral_points].into_iter();
        let single = single.chain(declared).chain(declared_woe).flatten();
        let all = text.points.iter().chain(&text.woe).copied().chain(single);
        finite(&format!("variable {}", text.name), all)?;
        let count = text.points.len();
        if count != text.woe.len() || !(1..=BINS_MAX).contains(&count) {
            return refuse("has not one WOE for each of its points, or too many bins");
        }
        let binning = binning(&text)?;
        let neutral = self.neutral(&text);
        let bins = std::iter::zip(&text.points, &text.woe);
        let bins = bins.map(|(&points, &woe)| Bin { points, log_odds: text.coef * woe }).collect();
        let missing = self.side_bin(&text, text.missing_points, text.missing_woe, neutral)?;
        let special = self.side_bin(&text, text.special_points, text.special_woe, neutral)?;
        let unseen = self.side_bin(&text, text.unseen_points, text.unseen_woe, neutral)?;
        let unseen = unseen.or(special);
        Ok(Variable { name: text.name, binning, bins, missing, unseen, neutral })
    }

    /// A bin for missing, special or unseen values. Without a WOE it must be neutral: otherwise
    /// points and probability would contradict each other.
    fn side_bin(
        &self,
        text: &VariableText,
        points: Option<f64>,
        woe: Option<f64>,
        neutral: f64,
    ) -> Result<Option<Bin>, ModelError> {
        let Some(points) = points else {
            return Ok(None);
        };
        let needs_woe = matches!(self.link, Link::Logistic { .. });
        if needs_woe && woe.is_none() && (points - neutral).abs() > NEUTRAL_TOLERANCE {
            let place = format!("variable {}", text.name);
            let problem = "points for missing, special or unseen values without their WOE";
            let remedy = "add missing_woe, special_woe or unseen_woe";
            return Err(ModelError::new(place, problem, remedy));
        }
        Ok(Some(Bin { points, log_odds: text.coef * woe.unwrap_or(0.0) }))
    }

    /// The rules are those of [`Variable::neutral`], in that order.
    fn neutral(&self, text: &VariableText) -> f64 {
        if let Some(points) = text.neutral_points {
            return points;
        }
        let bins = || std::iter::zip(&text.points, &text.woe).map(|(&points, &woe)| (points, woe));
        let by_woe = |a: &(f64, f64), b: &(f64, f64)| a.1.total_cmp(&b.1);
        if let Link::Odds { factor, .. } = self.link {
            let mildest = bins().min_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
            return mildest.map_or(0.0, |(points, woe)| points + factor * text.coef * woe);
        }
        if self.base != 0.0 {
            return 0.0;
        }
        if let (Some(points), None | Some(0.0)) = (text.missing_points, text.missing_woe) {
            return points;
        }
        match (bins().min_by(by_woe), bins().max_by(by_woe)) {
            (Some((low, low_woe)), Some((high, high_woe))) if low_woe < high_woe => {
                low - (high - low) / (high_woe - low_woe) * low_woe
            }
            (only, _) => only.map_or(0.0, |(points, _)| points),
        }
    }
}

fn binning(text: &VariableText) -> Result<Binning, ModelError> {
    let refuse = |problem: &str| {
        let place = format!("variable {}", text.name);
        Err(ModelError::new(place, problem, "export the scorecard again"))
    };
    match (text.kind, &text.splits, &text.categories) {
        (Kind::Numeric, Some(splits), None) => {
            if splits.len() + 1 != text.points.len() {
                return refuse("needs one bin more than it has splits");
            }
            // A NaN is not below anything, so this refuses it too.
            let ascending = splits.windows(2).all(|pair| pair[0] < pair[1]);
            if !ascending || !splits.iter().all(|split| split.is_finite()) {
                return refuse("splits are not ascending finite numbers");
            }
            Ok(Binning::Numeric { splits: splits.clone() })
        }
        (Kind::Categorical, None, Some(categories)) => {
            if categories.len() != text.points.len() {
                return refuse("needs one group of categories for each of its points");
            }
            categorical(categories).map_or_else(|| refuse("a category stands twice"), Ok)
        }
        _ => refuse("a numeric variable has splits, a categorical one categories"),
    }
}

/// None when a category stands twice, be it as text or as a number (`2` and `2.0`).
fn categorical(groups: &[Vec<String>]) -> Option<Binning> {
    let mut by_text = Vec::new();
    let mut by_number = Vec::new();
    for (bin, group) in groups.iter().enumerate() {
        for category in group {
            by_text.push((category.clone(), bin));
            if let Some(number) = category.parse::<f64>().ok().filter(|one| one.is_finite()) {
                by_number.push((number + 0.0, bin));
            }
        }
    }
    by_text.sort_unstable();
    by_number.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let unique = by_text.windows(2).all(|pair| pair[0].0 != pair[1].0)
        && by_number.windows(2).all(|pair| pair[0].0 < pair[1].0);
    unique.then_some(Binning::Categorical { by_text, by_number })
}
