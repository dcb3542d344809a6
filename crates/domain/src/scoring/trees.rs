//! Tree ensembles, whichever library trained them. The readers of the two formats bring every
//! model into one shape; what is left of their difference is how numbers are taken and added.

mod forest;
mod grid;

use std::sync::OnceLock;

pub(super) use self::forest::{Forest, Side, Split, Sprout, Test, ZERO_MAX};
use self::grid::{BLOCK, Grid};
use super::{EvaluationError, Explanation, Reason, Scored, Seen, sigmoid};
use crate::features::{Features, Value};

/// Where XGBoost's sigmoid cuts its exponent off (`common::Sigmoid` in `math.h`).
const EXPONENT_MAX: f32 = 88.7;
/// A table shorter than this is scored row by row: laying out a [`Grid`] costs about as much.
const ROWS_MIN: usize = 1_024;

/// Whose arithmetic a model has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Arithmetic {
    /// LightGBM: double precision, from 0.
    Double,
    /// XGBoost: values and sums in single precision, from the base margin; infinities are missing.
    Single { base: f32 },
}

/// What the sum of the trees means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Link {
    /// The probability of class 1 is `1 / (1 + exp(-steepness * raw))`.
    Logistic { steepness: f64 },
    /// The raw score is the answer.
    Identity,
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// Whether some tree splits on it.
    pub(super) read: bool,
    /// Whether a missing value would silently be taken for one that training saw.
    pub(super) refuses_missing: bool,
}

/// A model of trees, read and checked: every index that evaluation follows is in range, and the
/// nodes of a tree hang together without a cycle.
#[derive(Clone, Debug)]
pub struct Trees {
    pub(super) columns: Vec<Column>,
    pub(super) arithmetic: Arithmetic,
    pub(super) link: Link,
    pub(super) forest: Forest,
    /// Laid out when the first table comes, or the first row that needs it.
    grid: OnceLock<Box<Grid>>,
}

impl Trees {
    pub(super) fn new(columns: Vec<Column>, arithmetic: Arithmetic, link: Link) -> Self {
        Self { columns, arithmetic, link, forest: Forest::default(), grid: OnceLock::new() }
    }

    /// How many values a row has.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    pub(super) fn names_read(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.read).map(|column| column.name.as_str())
    }

    pub(super) fn gives_probability(&self) -> bool {
        matches!(self.link, Link::Logistic { .. })
    }

    /// For XGBoost: lets a missing value follow the default direction of each split. Every split
    /// has one, whether or not training ever saw a missing value, and the file does not tell the
    /// two apart; so it takes the word of the model's card. False for LightGBM, whose file does.
    pub(super) fn accept_missing(&mut self) -> bool {
        let open = matches!(self.arithmetic, Arithmetic::Single { .. });
        if open {
            self.columns.iter_mut().for_each(|column| column.refuses_missing = false);
        }
        open
    }

    /// The raw score (LightGBM) or margin (XGBoost) of a row in the order of the model's columns,
    /// the same to the last bit. NaN is missing; for XGBoost, which casts to single precision,
    /// infinities are missing too.
    ///
    /// # Errors
    /// When the row is not as wide as the model.
    pub fn raw(&self, row: &[f64]) -> Result<f64, EvaluationError> {
        self.check_width(row.len())?;
        Ok(match self.arithmetic {
            Arithmetic::Double => self.raw_of(row),
            Arithmetic::Single { .. } => {
                self.raw_of(&row.iter().map(|&value| self.take(value)).collect::<Vec<f64>>())
            }
        })
    }

    /// [`Trees::raw`] of many rows, which stand one after another in `rows`; gives the same bits.
    ///
    /// # Errors
    /// When there are not as many rows of the model's width as places in `out`.
    pub fn raw_batch(&self, rows: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        let width = self.width();
        if rows.len() != width * out.len() {
            let found = rows.len() / out.len().max(1);
            return Err(EvaluationError::Width { expected: width, found });
        }
        if out.len() < ROWS_MIN && self.grid.get().is_none() {
            let rows = rows.chunks_exact(width);
            return std::iter::zip(rows, out).try_for_each(|(row, out)| {
                *out = self.raw(row)?;
                Ok(())
            });
        }
        let (grid, forest) = (self.grid(), &self.forest);
        let mut taken = Vec::new();
        for (rows, out) in rows.chunks(width * BLOCK).zip(out.chunks_mut(BLOCK)) {
            match self.arithmetic {
                Arithmetic::Double => grid.sum_block(forest, rows, (0.0, add_double), out),
                Arithmetic::Single { base } => {
                    taken.clear();
                    taken.extend(rows.iter().map(|&value| self.take(value)));
                    grid.sum_block(forest, &taken, (base, add_single), out);
                }
            }
        }
        Ok(())
    }

    fn grid(&self) -> &Grid {
        self.grid.get_or_init(|| Box::new(Grid::new(&self.forest, self.width())))
    }

    fn check_width(&self, found: usize) -> Result<(), EvaluationError> {
        let expected = self.width();
        if found == expected {
            return Ok(());
        }
        Err(EvaluationError::Width { expected, found })
    }

    /// A value as the library takes it in.
    fn take(&self, value: f64) -> f64 {
        match self.arithmetic {
            Arithmetic::Double => value,
            Arithmetic::Single { .. } => single(value),
        }
    }

    /// Of a row whose values were taken in.
    fn raw_of(&self, row: &[f64]) -> f64 {
        match self.arithmetic {
            Arithmetic::Double => self.sum(row, 0.0, add_double),
            Arithmetic::Single { base } => f64::from(self.sum(row, base, add_single)),
        }
    }

    /// Going down is fastest where each node is one comparison; the rest is the grid's, which does
    /// not know the difference.
    fn sum<S>(&self, row: &[f64], start: S, add: impl Fn(S, f64) -> S) -> S {
        if self.forest.is_plain(row) {
            self.forest.sum(row, start, add)
        } else {
            self.grid().sum(&self.forest, row, start, add)
        }
    }

    pub(super) fn scored(&self, raw: f64) -> Scored {
        let probability = match (self.link, self.arithmetic) {
            (Link::Identity, _) => return Scored { raw, score: raw, probability: None },
            (Link::Logistic { steepness }, Arithmetic::Double) => sigmoid(steepness * raw),
            (Link::Logistic { .. }, Arithmetic::Single { .. }) => sigmoid_single(raw),
        };
        Scored { raw, score: probability, probability: Some(probability) }
    }

    pub(super) fn score(&self, features: &Features) -> Result<Scored, EvaluationError> {
        Ok(self.scored(self.raw_of(&self.row(features)?)))
    }

    pub(super) fn score_cells(&self, cells: &[Option<&str>]) -> Result<Scored, EvaluationError> {
        self.check_width(cells.len())?;
        let mut row = Vec::with_capacity(cells.len());
        self.take_cells(cells, &mut row)?;
        Ok(self.scored(self.raw_of(&row)))
    }

    /// [`Trees::score_cells`] of many rows, one after another in `cells`.
    pub(super) fn score_rows(
        &self,
        cells: &[Option<&str>],
    ) -> Vec<Result<Scored, EvaluationError>> {
        let width = self.width();
        let mut rows = Vec::with_capacity(cells.len());
        let cells = cells.chunks_exact(width);
        let taken: Vec<_> = cells
            .enumerate()
            .map(|(index, cells)| {
                let taken = self.take_cells(cells, &mut rows);
                // A row that was refused half way is scored all the same, and not looked at.
                rows.resize((index + 1) * width, f64::NAN);
                taken
            })
            .collect();
        let mut raw = vec![0.0; taken.len()];
        self.raw_batch(&rows, &mut raw).expect("each row was made as wide as the model");
        std::iter::zip(taken, raw).map(|(taken, raw)| taken.map(|()| self.scored(raw))).collect()
    }

    /// Appends a row of text cells to `row`.
    fn take_cells(
        &self,
        cells: &[Option<&str>],
        row: &mut Vec<f64>,
    ) -> Result<(), EvaluationError> {
        for (column, cell) in std::iter::zip(&self.columns, cells) {
            row.push(match Seen::cell(*cell) {
                Seen::Missing => f64::NAN,
                Seen::Number(number) => self.take(number),
                // What is a number and stayed text is an infinity or NaN.
                Seen::Text(text) => match text.parse() {
                    Ok(number) => self.take(number),
                    Err(_) => return Err(EvaluationError::text(&column.name, text)),
                },
            });
        }
        Ok(())
    }

    fn row(&self, features: &Features) -> Result<Vec<f64>, EvaluationError> {
        let value = |column: &Column| {
            if !column.read {
                return Ok(f64::NAN);
            }
            let feature = || column.name.clone();
            match features.get(&column.name) {
                // A number beyond single precision would silently be taken as missing.
                Value::Number(number) if self.take(*number).is_finite() => Ok(self.take(*number)),
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

    pub(super) fn explain(&self, features: &Features) -> Result<Explanation, EvaluationError> {
        let row = self.row(features)?;
        let mut contributions = vec![0.0; self.columns.len()];
        let expected = self.forest.contribute(&row, &mut contributions);
        let scored = self.scored(self.raw_of(&row));
        let bias = match self.arithmetic {
            Arithmetic::Double => expected,
            // XGBoost's sum is rounded to single precision at each tree. That rounding belongs to
            // no feature, so the bias carries it.
            Arithmetic::Single { .. } => scored.raw - contributions.iter().sum::<f64>(),
        };
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

    /// Node by node, tree by tree: what the faster ways must agree with.
    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn raw_plainly(&self, row: &[f64]) -> f64 {
        let row: Vec<f64> = row.iter().map(|value| self.take(*value)).collect();
        let outputs = self.forest.trees.iter().map(|tree| self.forest.output(*tree, &row));
        match self.arithmetic {
            Arithmetic::Double => outputs.fold(0.0, add_double),
            Arithmetic::Single { base } => f64::from(outputs.fold(base, add_single)),
        }
    }

    /// Whether each way to evaluate a row gives the same bits.
    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn agrees(&self, row: &[f64]) -> bool {
        let plainly = self.raw_plainly(row).to_bits();
        let mut by_grid = [0.0];
        self.grid();
        self.raw_batch(row, &mut by_grid).is_ok_and(|()| by_grid[0].to_bits() == plainly)
            && self.raw(row).is_ok_and(|raw| raw.to_bits() == plainly)
    }
}

fn add_double(sum: f64, output: f64) -> f64 {
    sum + output
}

/// The output is one of single precision.
fn add_single(sum: f32, output: f64) -> f32 {
    sum + output as f32
}

/// A value as XGBoost's interfaces take it in: single precision, infinities are missing.
fn single(value: f64) -> f64 {
    let value = value as f32;
    if value.is_finite() { f64::from(value) } else { f64::NAN }
}

/// `1 / (1 + exp(-x))`, with the exponential of the C library as XGBoost takes it: with glibc and
/// musl the probability is the same to the last bit, and rounding one from double precision is not.
fn sigmoid_single(margin: f64) -> f64 {
    let margin = margin as f32;
    f64::from(1.0 / ((-margin).min(EXPONENT_MAX).exp() + 1.0))
}

#[cfg(test)]
mod tests;
