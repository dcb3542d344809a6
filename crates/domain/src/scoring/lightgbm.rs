//! Reads LightGBM's text format, to be evaluated as LightGBM 4 does (`Tree::Predict`,
//! `NumericalDecision`, `CategoricalDecision` in `tree.h`): a header, the trees, and behind them
//! what evaluation does not need (importances, training parameters).

mod tree;

use std::collections::HashSet;
use std::str::FromStr;

use self::tree::grow;
use super::trees::{Arithmetic, Column, Link, Trees};
use super::{FEATURES_MAX, ModelError, TREES_MAX};

const AGAIN: &str = "save the model with LightGBM 4 again";
/// A section has about 20 lines; more would make looking one up slow.
const FIELDS_MAX: usize = 64;
const END: &str = "end of trees";

struct Field<'a> {
    line: usize,
    key: &'a str,
    value: &'a str,
}

/// The header or one tree: lines `key=value` up to the next one.
struct Section<'a> {
    line: usize,
    /// Where its first byte stands, to be held against `tree_sizes`.
    offset: usize,
    /// The number behind `Tree=`; of the header, nothing.
    title: &'a str,
    fields: Vec<Field<'a>>,
}

impl<'a> Section<'a> {
    fn field(&self, key: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.key == key)
    }

    fn has(&self, key: &str) -> bool {
        self.field(key).is_some()
    }

    fn required(&self, key: &str) -> Result<&Field<'a>, ModelError> {
        self.field(key).ok_or_else(|| self.error(key, "is not there", AGAIN))
    }

    /// An error at the field, or where the section begins.
    fn error(&self, key: &str, problem: &str, remedy: &'static str) -> ModelError {
        let line = self.field(key).map_or(self.line, |field| field.line);
        ModelError::new(format!("line {line}, {key}"), problem, remedy)
    }

    fn one<T: FromStr>(&self, key: &str) -> Result<T, ModelError> {
        let value = self.required(key)?.value;
        value.parse().map_err(|_| self.error(key, "is not a number in its range", AGAIN))
    }

    /// The numbers of a line, exactly as many as there must be.
    fn list<T: FromStr>(&self, key: &str, count: usize) -> Result<Vec<T>, ModelError> {
        let parsed: Result<Vec<T>, _> =
            self.required(key)?.value.split_ascii_whitespace().map(str::parse).collect();
        let list = parsed.map_err(|_| self.error(key, "holds what is no number", AGAIN))?;
        if list.len() != count {
            let problem = format!("{} values, where {count} belong", list.len());
            return Err(self.error(key, &problem, AGAIN));
        }
        Ok(list)
    }

    fn finite(&self, key: &str, count: usize) -> Result<Vec<f64>, ModelError> {
        let list = self.list::<f64>(key, count)?;
        if list.iter().all(|number| number.is_finite()) {
            return Ok(list);
        }
        Err(self.error(key, "a number is not finite", AGAIN))
    }

    fn add(&mut self, line: usize, text: &'a str) -> Result<(), ModelError> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        if self.fields.len() == FIELDS_MAX || self.field(key).is_some() {
            let problem = "stands twice, or the section has too many lines";
            return Err(ModelError::new(format!("line {line}, {key}"), problem, AGAIN));
        }
        self.fields.push(Field { line, key, value });
        Ok(())
    }
}

/// Cuts the text into the header and the trees; the second is where the trees end.
fn sections(text: &str) -> Result<(Vec<Section<'_>>, usize), ModelError> {
    let mut sections = Vec::new();
    let mut offset = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let number = index + 1;
        let content = line.trim_end_matches('\n');
        if index == 0 && content != "tree" {
            let problem = "does not begin with the line `tree`";
            return Err(ModelError::new("line 1", problem, "give a model in LightGBM's text form"));
        }
        if content == END {
            return Ok((sections, offset));
        }
        let title = content.strip_prefix("Tree=");
        if index == 0 || title.is_some() {
            if sections.len() > TREES_MAX {
                let problem = format!("more than {TREES_MAX} trees");
                return Err(ModelError::new(format!("line {number}"), problem, "train fewer"));
            }
            let title = title.unwrap_or_default();
            sections.push(Section { line: number, offset, title, fields: Vec::new() });
        } else if let (false, Some(section)) = (content.is_empty(), sections.last_mut()) {
            section.add(number, content)?;
        }
        offset += line.len();
    }
    let problem = format!("the line `{END}` is not there: the file is cut short");
    Err(ModelError::new("end", problem, "take the file from its origin again"))
}

pub(super) fn read(text: &str) -> Result<Trees, ModelError> {
    let (sections, end) = sections(text)?;
    let Some((header, trees)) = sections.split_first() else {
        return Err(ModelError::new("line 1", "is empty", AGAIN));
    };
    check_kind(header)?;
    check_sizes(header, trees, end)?;
    let mut model = Trees::new(columns(header)?, Arithmetic::Double, link(header)?);
    for (index, tree) in trees.iter().enumerate() {
        if tree.title != index.to_string() {
            return Err(tree.error("Tree", "trees are not numbered 0, 1, 2, …", AGAIN));
        }
        grow(&mut model, tree)?;
    }
    Ok(model)
}

/// Refuses, by name, what would need another way of evaluation.
fn check_kind(header: &Section<'_>) -> Result<(), ModelError> {
    let version = header.required("version")?.value;
    if !["v3", "v4"].contains(&version) {
        let problem = format!("{version:?}, where v3 and v4 are known");
        return Err(header.error("version", &problem, AGAIN));
    }
    for key in ["num_class", "num_tree_per_iteration"] {
        if header.one::<u32>(key)? != 1 {
            return Err(header.error(key, "is not 1", "train one model for each class"));
        }
    }
    if header.has("average_output") {
        let problem = "random forests are not evaluated";
        return Err(header.error("average_output", problem, "train with boosting=gbdt"));
    }
    Ok(())
}

/// `tree_sizes`, when it is there, tells the bytes of each tree: it finds lost or added lines.
fn check_sizes(header: &Section<'_>, trees: &[Section<'_>], end: usize) -> Result<(), ModelError> {
    if !header.has("tree_sizes") {
        return Ok(());
    }
    let sizes = header.list::<usize>("tree_sizes", trees.len())?;
    let starts = trees.iter().map(|tree| tree.offset);
    let ends = starts.clone().skip(1).chain([end]);
    let lengths = std::iter::zip(starts, ends).map(|(start, end)| end - start);
    match std::iter::zip(sizes, lengths).position(|(told, found)| told != found) {
        None => Ok(()),
        Some(tree) => {
            let problem = format!("tree {tree} has another size: the file was changed");
            Err(header.error("tree_sizes", &problem, "take the file from its origin again"))
        }
    }
}

fn columns(header: &Section<'_>) -> Result<Vec<Column>, ModelError> {
    let last = header.one::<usize>("max_feature_idx")?;
    if last >= FEATURES_MAX {
        let problem = format!("more than {FEATURES_MAX} features");
        return Err(header.error("max_feature_idx", &problem, "train with fewer"));
    }
    let names = header.list::<String>("feature_names", last + 1)?;
    let unique = names.iter().collect::<HashSet<_>>().len() == names.len();
    if !unique {
        return Err(header.error("feature_names", "a name stands twice", "rename the column"));
    }
    let column = |name| Column { name, read: false, refuses_missing: false };
    Ok(names.into_iter().map(column).collect())
}

fn link(header: &Section<'_>) -> Result<Link, ModelError> {
    let text = header.required("objective")?.value;
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let sigmoid = match words.as_slice() {
        ["regression"] => return Ok(Link::Identity),
        ["binary", setting] => setting.strip_prefix("sigmoid:"),
        _ => None,
    };
    match sigmoid.and_then(|text| text.parse::<f64>().ok()) {
        Some(steepness) if steepness.is_finite() && steepness > 0.0 => {
            Ok(Link::Logistic { steepness })
        }
        _ => {
            let problem = format!("{text:?}, where `binary sigmoid:X` and `regression` are known");
            Err(header.error("objective", &problem, "train with one of these"))
        }
    }
}

#[cfg(test)]
mod tests;
