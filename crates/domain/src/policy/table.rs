//! Decision tables: rows of cells, the first row that applies or all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::expression::{Expression, Frame};
use super::value::{Type, Value};

mod check;
mod grid;

pub(super) use check::{Allowed, check};

/// Rows of a table.
pub(super) const ROWS_MAX: usize = 1_000;
/// Columns of a table, conditions and results together.
pub(super) const COLUMNS_MAX: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HitPolicy {
    First,
    Collect,
}

/// A column of conditions; without an expression its cells are whole conditions.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) subject: Option<Expression>,
}

#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: String,
    /// One for each column; nothing is "any".
    pub(super) cells: Vec<Option<Expression>>,
    /// One for each result; nothing leaves it unknown.
    pub(super) results: Vec<Option<Expression>>,
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) hit_policy: HitPolicy,
    pub(super) columns: Vec<Column>,
    /// The names of the results and their types.
    pub(super) results: Vec<(String, Type)>,
    pub(super) rows: Vec<Row>,
}

/// What came of a table.
pub(super) struct Hit {
    /// The rows that applied, from 0.
    pub(super) rows: Vec<usize>,
    /// The row of which it is not known whether it applies; then there are no results.
    pub(super) unclear: Option<usize>,
    /// For `first` one value for each result, for `collect` one list.
    pub(super) results: Vec<Value>,
}

impl Row {
    /// Whether it applies to anything.
    pub(super) fn is_otherwise(&self) -> bool {
        self.cells.iter().all(Option::is_none)
    }
}

impl Table {
    pub(super) fn apply(&self, frame: &mut Frame) -> Hit {
        let subject = |column: &Column, frame: &mut Frame| {
            column.subject.as_ref().map_or(Value::Unknown, |subject| subject.evaluate(frame))
        };
        let subjects: Vec<Value> =
            self.columns.iter().map(|column| subject(column, frame)).collect();
        let mut rows = Vec::new();
        let mut unclear = None;
        for (number, row) in self.rows.iter().enumerate() {
            match applies(row, &subjects, frame) {
                Some(false) => {}
                Some(true) => rows.push(number),
                None => unclear = Some(number),
            }
            let is_first_found = self.hit_policy == HitPolicy::First && !rows.is_empty();
            if is_first_found || unclear.is_some() {
                break;
            }
        }
        let results = match (self.hit_policy, unclear) {
            (HitPolicy::First, None) => match rows.first() {
                Some(row) => row_results(&self.rows[*row], frame),
                None => vec![Value::Unknown; self.results.len()],
            },
            (HitPolicy::First, Some(_)) => vec![Value::Unknown; self.results.len()],
            (HitPolicy::Collect, None) => {
                let list = rows.iter().map(|row| {
                    let values = row_results(&self.rows[*row], frame);
                    let names = self.results.iter().map(|(name, _)| name.clone());
                    Value::Map(Arc::new(names.zip(values).collect::<BTreeMap<_, _>>()))
                });
                vec![Value::list(list.collect())]
            }
            (HitPolicy::Collect, Some(_)) => vec![Value::Unknown],
        };
        Hit { rows, unclear, results }
    }

    /// All expressions of it.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let subjects = self.columns.iter().filter_map(|column| column.subject.as_ref());
        let cells = self.rows.iter().flat_map(|row| row.cells.iter().chain(&row.results).flatten());
        subjects.chain(cells)
    }
}

fn row_results(row: &Row, frame: &mut Frame) -> Vec<Value> {
    let result = |cell: &Option<Expression>| {
        cell.as_ref().map_or(Value::Unknown, |cell| cell.evaluate(frame))
    };
    row.results.iter().map(result).collect()
}

/// Whether all cells hold: one that does not decides, even beside one that is not known.
fn applies(row: &Row, subjects: &[Value], frame: &mut Frame) -> Option<bool> {
    let mut all = Some(true);
    for (cell, subject) in row.cells.iter().zip(subjects) {
        let Some(cell) = cell else { continue };
        frame.subject = subject.clone();
        match cell.evaluate(frame).truth() {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}

#[cfg(test)]
mod tests;
