//! Scoring: models are data. A model file is read once, with every index checked, and then
//! evaluated exactly as the library that trained it does; it cannot panic or loop on any input.

pub mod card;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod lightgbm;
mod published;
mod scorecard;
mod trees;
mod xgboost;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::published::{OutOfRange, Published, Scale, published};
pub use self::scorecard::Scorecard;
pub use self::trees::Trees;
use crate::features::{Features, Value};

/// Limits of a model file; real ones stay far below.
pub const BYTES_MAX: usize = 64 << 20;
pub const FEATURES_MAX: usize = 10_000;
pub const TREES_MAX: usize = 10_000;
pub const LEAVES_MAX: usize = 4_096;
pub const BINS_MAX: usize = 10_000;

/// How a model file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelFormat {
    /// The additive scorecard as JSON (base, variables, points).
    Scorecard,
    /// LightGBM's own text format, v3 and v4.
    LightGbm,
    /// XGBoost's JSON format.
    XgBoost,
}

impl ModelFormat {
    /// Tells the format by the file's first bytes.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        let text = bytes.trim_ascii_start();
        match text.first()? {
            b'{' if xgboost::is_binary(text) || xgboost::is_learner(text) => Some(Self::XgBoost),
            b'{' => Some(Self::Scorecard),
            _ if text.starts_with(b"tree\n") => Some(Self::LightGbm),
            _ => None,
        }
    }
}

/// Why a model file is refused: where, what is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("model file, {place}: {problem}; {remedy}")]
pub struct ModelError {
    place: String,
    problem: String,
    remedy: &'static str,
}

impl ModelError {
    fn new(place: impl Into<String>, problem: impl Into<String>, remedy: &'static str) -> Self {
        Self { place: place.into(), problem: problem.into(), remedy }
    }
}

/// Why a person cannot be scored. The value itself is a person's data and is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EvaluationError {
    #[error("feature {feature} is missing, and the model declares no score for that")]
    Missing { feature: String },
    #[error("feature {feature} has a category that the model has not seen")]
    Unseen { feature: String },
    #[error("feature {feature} is not a number")]
    NotANumber { feature: String },
    #[error("feature {feature} is infinite or NaN")]
    NotFinite { feature: String },
    #[error("the row has {found} values, the model reads {expected}")]
    Width { expected: usize, found: usize },
}

impl EvaluationError {
    /// Names what is wrong with a text where a number is needed.
    fn text(feature: &str, text: &str) -> Self {
        let feature = feature.to_owned();
        match text.parse::<f64>() {
            Ok(_) => Self::NotFinite { feature },
            Err(_) => Self::NotANumber { feature },
        }
    }
}

/// What a model says of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// LightGBM's raw score, XGBoost's margin, or the scorecard's points.
    pub raw: f64,
    /// The scorecard's points; for the others their output (probability, or the regressed value).
    pub score: f64,
    /// The probability of the class that the model was trained to find: "bad", in credit.
    pub probability: Option<f64>,
}

/// The part of the score that is due to one feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub feature: String,
    /// The value as text, for the operator.
    pub shown: String,
    /// In the unit of [`Scored::raw`]. Points are good when positive; the raw score of a model
    /// that predicts "bad" is the log odds of bad, where positive is bad.
    pub contribution: f64,
}

/// A score taken apart: `bias` plus all contributions is `scored.raw`, within rounding (1e-9).
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    pub scored: Scored,
    /// What the model says when it knows nothing: the base and the neutral points of a scorecard,
    /// the expected value of all trees of LightGBM; of XGBoost the same, with the rounding of its
    /// single-precision sums (about 1e-6).
    pub bias: f64,
    /// One for each feature that the model reads, the largest in size first.
    pub reasons: Vec<Reason>,
}

impl Explanation {
    fn new(scored: Scored, bias: f64, mut reasons: Vec<Reason>) -> Self {
        reasons.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        Self { scored, bias, reasons }
    }
}

/// A model, ready to be evaluated.
#[derive(Clone, Debug)]
pub enum Model {
    Scorecard(Scorecard),
    LightGbm(Trees),
    XgBoost(Trees),
}

impl Model {
    /// Reads and checks a model file.
    pub fn load(format: ModelFormat, bytes: &[u8]) -> Result<Self, ModelError> {
        if bytes.len() > BYTES_MAX {
            let problem = format!("{} bytes, where {BYTES_MAX} are allowed", bytes.len());
            return Err(ModelError::new("size", problem, "train a smaller model"));
        }
        if format == ModelFormat::XgBoost && xgboost::is_binary(bytes) {
            let remedy = "save the model with a name that ends in .json";
            return Err(ModelError::new("start", "UBJSON, where only JSON is read", remedy));
        }
        let text = std::str::from_utf8(bytes).map_err(|wrong| {
            let place = format!("byte {}", wrong.valid_up_to());
            ModelError::new(place, "not UTF-8 text", "take the file from its origin again")
        })?;
        match format {
            ModelFormat::Scorecard => scorecard::read(text).map(Self::Scorecard),
            ModelFormat::LightGbm => lightgbm::read(text).map(Self::LightGbm),
            ModelFormat::XgBoost => xgboost::read(text).map(Self::XgBoost),
        }
    }

    pub fn format(&self) -> ModelFormat {
        match self {
            Self::Scorecard(_) => ModelFormat::Scorecard,
            Self::LightGbm(_) => ModelFormat::LightGbm,
            Self::XgBoost(_) => ModelFormat::XgBoost,
        }
    }

    /// The columns of the model, in its order: what [`Model::score_cells`] takes.
    pub fn feature_names(&self) -> Vec<&str> {
        match self {
            Self::Scorecard(card) => card.names().collect(),
            Self::LightGbm(trees) | Self::XgBoost(trees) => trees.names().collect(),
        }
    }

    /// The features that can change the score; a column that no tree splits on is left out.
    pub fn features_read(&self) -> Vec<&str> {
        match self {
            Self::Scorecard(card) => card.names().collect(),
            Self::LightGbm(trees) | Self::XgBoost(trees) => trees.names_read().collect(),
        }
    }

    /// Whether the score comes in points of a scorecard, not as a probability alone.
    pub fn gives_points(&self) -> bool {
        match self {
            Self::Scorecard(_) => true,
            Self::LightGbm(trees) | Self::XgBoost(trees) => !trees.gives_probability(),
        }
    }

    pub fn gives_probability(&self) -> bool {
        match self {
            Self::Scorecard(card) => card.gives_probability(),
            Self::LightGbm(trees) | Self::XgBoost(trees) => trees.gives_probability(),
        }
    }

    /// Takes the card's word that missing values were there in training. Only an XGBoost file
    /// leaves that open; false for the formats that record it themselves.
    fn accept_missing(&mut self) -> bool {
        match self {
            Self::Scorecard(_) => false,
            Self::LightGbm(trees) | Self::XgBoost(trees) => trees.accept_missing(),
        }
    }

    /// Scores a person. What the model was not made for (a missing or unseen value without a
    /// declared score, an infinity) is an error, never silently some bin.
    pub fn score(&self, features: &Features) -> Result<Scored, EvaluationError> {
        match self {
            Self::Scorecard(card) => card.score(features),
            Self::LightGbm(trees) | Self::XgBoost(trees) => trees.score(features),
        }
    }

    /// Scores a person and says what each feature did to the score.
    pub fn explain(&self, features: &Features) -> Result<Explanation, EvaluationError> {
        match self {
            Self::Scorecard(card) => card.explain(features),
            Self::LightGbm(trees) | Self::XgBoost(trees) => trees.explain(features),
        }
    }

    /// Scores a row of text cells in the order of [`Model::feature_names`], as the training
    /// library would: for LightGBM an empty cell and `NaN` are missing and infinities are
    /// numbers; for XGBoost infinities are missing too; for a scorecard an empty cell is missing
    /// and the rules of [`Model::score`] hold.
    pub fn score_cells(&self, cells: &[Option<&str>]) -> Result<Scored, EvaluationError> {
        match self {
            Self::Scorecard(card) => card.score_cells(cells),
            Self::LightGbm(trees) | Self::XgBoost(trees) => trees.score_cells(cells),
        }
    }

    /// [`Model::score_cells`] of many rows, which stand one after another in `cells`; gives the
    /// same bits, faster.
    pub fn score_rows(&self, cells: &[Option<&str>]) -> Vec<Result<Scored, EvaluationError>> {
        match self {
            Self::Scorecard(card) => {
                let width = card.names().count();
                cells.chunks_exact(width).map(|cells| card.score_cells(cells)).collect()
            }
            Self::LightGbm(trees) | Self::XgBoost(trees) => trees.score_rows(cells),
        }
    }
}

/// A [`Value`] that lies elsewhere.
#[derive(Clone, Copy)]
enum Seen<'v> {
    Missing,
    Number(f64),
    Text(&'v str),
}

impl<'v> Seen<'v> {
    /// A cell of a table, by the rules of [`Value::read`]; empty is missing.
    fn cell(cell: Option<&'v str>) -> Self {
        match cell {
            None | Some("") => Self::Missing,
            Some(text) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Self::Number(number),
                _ => Self::Text(text),
            },
        }
    }
}

impl<'v> From<&'v Value> for Seen<'v> {
    fn from(value: &'v Value) -> Self {
        match value {
            Value::Missing => Self::Missing,
            Value::Number(number) => Self::Number(*number),
            Value::Text(text) => Self::Text(text),
        }
    }
}

/// `1 / (1 + exp(-x))`
fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests;
