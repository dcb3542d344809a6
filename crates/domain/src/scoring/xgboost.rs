//! XGBoost models, evaluated as XGBoost does (`RegTree`, `cpu_predictor.cc`): values, sums and the
//! sigmoid are single precision, and the margin is the same to the last bit.

mod read;
mod tree;

pub(super) use self::read::{is_binary, is_learner, read};
use super::{EvaluationError, Explanation, Reason, Scored, cell_value};
use crate::features::{Features, Value};

/// Where XGBoost's sigmoid cuts its exponent off (`common::Sigmoid` in `math.h`).
const EXPONENT_MAX: f32 = 88.7;

/// A node in the flat array of all trees: 16 bytes, so that a model stays in the cache.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// A value below it goes left.
    threshold: f32,
    /// Left and right: index of a node, or the bitwise complement of an index of a leaf.
    children: [i32; 2],
    feature: u16,
    nan_goes_left: bool,
}

const _: () = assert!(size_of::<Node>() == 16);

impl Node {
    /// Without a branch that depends on the value: which way a row goes cannot be predicted.
    fn child(&self, value: f32) -> i32 {
        let left = (value < self.threshold) | (value.is_nan() & self.nan_goes_left);
        self.children[usize::from(!left)]
    }
}

/// What the sum of the trees means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Objective {
    /// Its sigmoid is the probability of class 1.
    Logistic,
    /// The margin is the answer.
    SquaredError,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    /// Whether some tree splits on it.
    read: bool,
}

/// An XGBoost model, read and checked: every index that evaluation follows is in range, and the
/// nodes of a tree hang together without a cycle.
#[derive(Clone, Debug)]
pub struct XgBoost {
    columns: Vec<Column>,
    objective: Objective,
    /// The margin before the first tree.
    base: f32,
    /// The root of each tree, in order: a node or (complemented) a leaf.
    roots: Vec<i32>,
    nodes: Vec<Node>,
    /// The mean output below each node, weighted by the hessians of training.
    expected: Vec<f64>,
    leaves: Vec<f32>,
    /// See [`XgBoost::accept_missing`].
    accepts_missing: bool,
}

impl XgBoost {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    pub(super) fn names_read(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.read).map(|column| column.name.as_str())
    }

    pub(super) fn gives_probability(&self) -> bool {
        self.objective == Objective::Logistic
    }

    /// Lets a missing value follow the default direction of each split. Every split has one,
    /// whether or not training ever saw a missing value, and the file does not tell the two apart;
    /// so it takes the word of the model's card, and without it missing values are refused.
    pub(super) fn accept_missing(&mut self) {
        self.accepts_missing = true;
    }

    /// The margin of a row in the order of the model's columns. As `XGBoost`'s own interfaces do,
    /// values are cast to single precision, and NaN and infinities are missing.
    pub fn margin(&self, row: &[f64]) -> Result<f32, EvaluationError> {
        self.check_width(row.len())?;
        Ok(self.margin_of(&row.iter().map(|&value| single(value)).collect::<Vec<f32>>()))
    }

    fn check_width(&self, found: usize) -> Result<(), EvaluationError> {
        let expected = self.columns.len();
        if found == expected {
            return Ok(());
        }
        Err(EvaluationError::Width { expected, found })
    }

    /// Goes down four trees at a time: the steps of one do not wait for those of another. The
    /// outputs are added in the order of the trees, as XGBoost adds them.
    fn margin_of(&self, row: &[f32]) -> f32 {
        let (fours, rest) = self.roots.as_chunks::<4>();
        let mut sum = self.base;
        for four in fours {
            let mut at = *four;
            while at.iter().any(|&at| at >= 0) {
                for at in &mut at {
                    if *at >= 0 {
                        *at = self.next(*at, row).1;
                    }
                }
            }
            for at in at {
                sum += self.leaves[!at as usize];
            }
        }
        rest.iter().fold(sum, |sum, &root| sum + self.output(root, row))
    }

    fn output(&self, root: i32, row: &[f32]) -> f32 {
        let mut at = root;
        while at >= 0 {
            at = self.next(at, row).1;
        }
        self.leaves[!at as usize]
    }

    /// One step down: the feature that decides, and the child.
    fn next(&self, at: i32, row: &[f32]) -> (usize, i32) {
        let node = &self.nodes[at as usize];
        let feature = usize::from(node.feature);
        (feature, node.child(row[feature]))
    }

    fn scored(&self, margin: f32) -> Scored {
        let raw = f64::from(margin);
        match self.objective {
            Objective::Logistic => {
                let probability = f64::from(sigmoid(margin));
                Scored { raw, score: probability, probability: Some(probability) }
            }
            Objective::SquaredError => Scored { raw, score: raw, probability: None },
        }
    }

    pub(super) fn score(&self, features: &Features) -> Result<Scored, EvaluationError> {
        Ok(self.scored(self.margin_of(&self.row(features)?)))
    }

    pub(super) fn score_cells(&self, cells: &[Option<&str>]) -> Result<Scored, EvaluationError> {
        self.check_width(cells.len())?;
        let row = std::iter::zip(&self.columns, cells)
            .map(|(column, cell)| match cell_value(*cell) {
                Value::Missing => Ok(f32::NAN),
                Value::Number(number) => Ok(single(number)),
                Value::Text(text) => {
                    // What is a number and stayed text is an infinity or NaN.
                    let number = text.parse::<f64>();
                    number.map(single).map_err(|_| EvaluationError::text(&column.name, &text))
                }
            })
            .collect::<Result<Vec<f32>, _>>()?;
        Ok(self.scored(self.margin_of(&row)))
    }

    fn row(&self, features: &Features) -> Result<Vec<f32>, EvaluationError> {
        let value = |column: &Column| {
            if !column.read {
                return Ok(f32::NAN);
            }
            let feature = || column.name.clone();
            match features.get(&column.name) {
                Value::Number(number) if single(*number).is_finite() => Ok(single(*number)),
                // A number beyond single precision would silently be taken as missing.
                Value::Number(_) => Err(EvaluationError::NotFinite { feature: feature() }),
                Value::Missing if self.accepts_missing => Ok(f32::NAN),
                Value::Missing => Err(EvaluationError::Missing { feature: feature() }),
                Value::Text(text) => Err(EvaluationError::text(&column.name, text)),
            }
        };
        self.columns.iter().map(value).collect()
    }

    /// Contributions along the paths (Saabas): each step from a node to its child changes the
    /// expected output, and that change is due to the feature that the node decides by.
    pub(super) fn explain(&self, features: &Features) -> Result<Explanation, EvaluationError> {
        let row = self.row(features)?;
        let mut contributions = vec![0.0; self.columns.len()];
        for &root in &self.roots {
            let mut at = root;
            while at >= 0 {
                let (feature, child) = self.next(at, &row);
                contributions[feature] += self.expected_at(child) - self.expected_at(at);
                at = child;
            }
        }
        let scored = self.scored(self.margin_of(&row));
        // Not the sum of the expected outputs itself: XGBoost's sum is rounded to single precision
        // at each tree. That rounding belongs to no feature, so the bias carries it.
        let bias = scored.raw - contributions.iter().sum::<f64>();
        let reasons = std::iter::zip(&self.columns, contributions)
            .filter(|(column, _)| column.read)
            .map(|(column, contribution)| Reason {
                feature: column.name.clone(),
                shown: features.get(&column.name).to_string(),
                contribution,
            })
            .collect();
        Ok(Explanation::new(scored, bias, reasons))
    }

    fn expected_at(&self, at: i32) -> f64 {
        if at >= 0 { self.expected[at as usize] } else { f64::from(self.leaves[!at as usize]) }
    }
}

/// A value as XGBoost's interfaces take it in: single precision, infinities are missing.
fn single(value: f64) -> f32 {
    let value = value as f32;
    if value.is_finite() { value } else { f32::NAN }
}

/// `1 / (1 + exp(-x))`, with the exponential of the C library as XGBoost takes it: with glibc and
/// musl the probability is the same to the last bit, and rounding one from double precision is not.
fn sigmoid(x: f32) -> f32 {
    1.0 / ((-x).min(EXPONENT_MAX).exp() + 1.0)
}

#[cfg(test)]
mod tests;
