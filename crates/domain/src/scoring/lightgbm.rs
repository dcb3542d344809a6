//! LightGBM models, evaluated as LightGBM 4 does (`Tree::Predict`, `NumericalDecision`,
//! `CategoricalDecision` in `tree.h`): the raw score is the same to the last bit.

mod read;
mod tree;

use std::ops::Range;

pub(super) use self::read::read;
use super::{EvaluationError, Explanation, Reason, Scored, cell_value, sigmoid};
use crate::features::{Features, Value};

/// LightGBM's `kZeroThreshold`, a float: values this close to zero are taken as zero.
const ZERO_MAX: f64 = 1e-35_f32 as f64;

/// What a node asks of a value that is not NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    /// Is it at most the threshold?
    AtMost,
    /// The same, but zero counts as missing and goes where NaN goes.
    AtMostOrZero,
    /// Is it a category of the set?
    Among,
}

/// A node in the flat array of all trees: 24 bytes, so that a model stays in the cache.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// The threshold's bits; for [`Test::Among`]: first word (high half) and number of words (low
    /// half) of the set.
    operand: u64,
    /// Left and right: index of a node, or the bitwise complement of an index of a leaf.
    children: [i32; 2],
    feature: u16,
    test: Test,
    nan_goes_left: bool,
}

const _: () = assert!(size_of::<Node>() == 24);

impl Node {
    /// Written so that the common test has no branch that depends on the value: which way a row
    /// goes cannot be predicted, and a wrong guess costs more than the whole step.
    fn child(&self, value: f64, words: &[u32]) -> i32 {
        let threshold = f64::from_bits(self.operand);
        let left = match self.test {
            Test::AtMostOrZero if value.abs() <= ZERO_MAX => self.nan_goes_left,
            Test::AtMost | Test::AtMostOrZero => value <= threshold,
            Test::Among => contains(&words[self.words()], value),
        };
        let left = if value.is_nan() { self.nan_goes_left } else { left };
        self.children[usize::from(!left)]
    }

    /// Where the set of categories lies.
    fn words(&self) -> Range<usize> {
        let first = (self.operand >> 32) as usize;
        first..first + (self.operand & u64::from(u32::MAX)) as usize
    }
}

/// LightGBM truncates to a 32-bit integer; what does not fit becomes a negative one there.
fn contains(set: &[u32], value: f64) -> bool {
    if !(value > -1.0 && value < f64::from(i32::MAX) + 1.0) {
        return false;
    }
    let category = value as u32;
    let word = set.get((category / 32) as usize);
    word.is_some_and(|word| word >> (category % 32) & 1 == 1)
}

/// What the sum of the trees means.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Objective {
    /// `1 / (1 + exp(-sigmoid * raw))` is the probability of class 1.
    Binary { sigmoid: f64 },
    /// The raw score is the answer.
    Regression,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    /// Whether some tree splits on it.
    read: bool,
    /// Whether some node would silently take a missing value as zero.
    refuses_missing: bool,
}

/// A LightGBM model, read and checked: every index that evaluation follows is in range, and the
/// nodes of a tree hang together without a cycle.
#[derive(Clone, Debug)]
pub struct LightGbm {
    columns: Vec<Column>,
    objective: Objective,
    /// The root of each tree, in order: a node or (complemented) a leaf.
    roots: Vec<i32>,
    nodes: Vec<Node>,
    /// The mean output below each node, weighted by the training rows of the leaves.
    expected: Vec<f64>,
    leaves: Vec<f64>,
    words: Vec<u32>,
}

impl LightGbm {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    pub(super) fn names_read(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.read).map(|column| column.name.as_str())
    }

    pub(super) fn gives_probability(&self) -> bool {
        matches!(self.objective, Objective::Binary { .. })
    }

    /// The raw score of a row in the order of the model's columns, with NaN and infinities as
    /// LightGBM takes them.
    pub fn raw(&self, row: &[f64]) -> Result<f64, EvaluationError> {
        self.check_width(row.len())?;
        Ok(self.raw_of(row))
    }

    fn check_width(&self, found: usize) -> Result<(), EvaluationError> {
        let expected = self.columns.len();
        if found == expected {
            return Ok(());
        }
        Err(EvaluationError::Width { expected, found })
    }

    /// Goes down four trees at a time: the steps of one do not wait for those of another. The
    /// outputs are added in the order of the trees, as LightGBM adds them.
    fn raw_of(&self, row: &[f64]) -> f64 {
        let (fours, rest) = self.roots.as_chunks::<4>();
        let mut sum = 0.0;
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

    fn output(&self, root: i32, row: &[f64]) -> f64 {
        let mut at = root;
        while at >= 0 {
            at = self.next(at, row).1;
        }
        self.leaves[!at as usize]
    }

    /// One step down: the feature that decides, and the child.
    fn next(&self, at: i32, row: &[f64]) -> (usize, i32) {
        let node = &self.nodes[at as usize];
        let feature = usize::from(node.feature);
        (feature, node.child(row[feature], &self.words))
    }

    fn scored(&self, raw: f64) -> Scored {
        match self.objective {
            Objective::Binary { sigmoid: steepness } => {
                let probability = sigmoid(steepness * raw);
                Scored { raw, score: probability, probability: Some(probability) }
            }
            Objective::Regression => Scored { raw, score: raw, probability: None },
        }
    }

    pub(super) fn score(&self, features: &Features) -> Result<Scored, EvaluationError> {
        Ok(self.scored(self.raw_of(&self.row(features)?)))
    }

    pub(super) fn score_cells(&self, cells: &[Option<&str>]) -> Result<Scored, EvaluationError> {
        self.check_width(cells.len())?;
        let row = std::iter::zip(&self.columns, cells)
            .map(|(column, cell)| match cell_value(*cell) {
                Value::Missing => Ok(f64::NAN),
                Value::Number(number) => Ok(number),
                Value::Text(text) => {
                    text.parse::<f64>().map_err(|_| EvaluationError::text(&column.name, &text))
                }
            })
            .collect::<Result<Vec<f64>, _>>()?;
        Ok(self.scored(self.raw_of(&row)))
    }

    fn row(&self, features: &Features) -> Result<Vec<f64>, EvaluationError> {
        let value = |column: &Column| {
            if !column.read {
                return Ok(f64::NAN);
            }
            let feature = || column.name.clone();
            match features.get(&column.name) {
                Value::Number(number) if number.is_finite() => Ok(*number),
                Value::Number(_) => Err(EvaluationError::NotFinite { feature: feature() }),
                Value::Missing if column.refuses_missing => {
                    Err(EvaluationError::Missing { feature: feature() })
                }
                Value::Missing => Ok(f64::NAN),
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
        let mut bias = 0.0;
        for &root in &self.roots {
            let mut at = root;
            bias += self.expected_at(at);
            while at >= 0 {
                let (feature, child) = self.next(at, &row);
                contributions[feature] += self.expected_at(child) - self.expected_at(at);
                at = child;
            }
        }
        let reasons = std::iter::zip(&self.columns, contributions)
            .filter(|(column, _)| column.read)
            .map(|(column, contribution)| Reason {
                feature: column.name.clone(),
                shown: features.get(&column.name).to_string(),
                contribution,
            })
            .collect();
        Ok(Explanation::new(self.scored(self.raw_of(&row)), bias, reasons))
    }

    fn expected_at(&self, at: i32) -> f64 {
        if at >= 0 { self.expected[at as usize] } else { self.leaves[!at as usize] }
    }
}

#[cfg(test)]
mod tests;
