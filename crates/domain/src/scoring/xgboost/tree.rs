//! Reads one tree.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::AGAIN;
use crate::scoring::trees::{Side, Split, Sprout, Test, Trees};
use crate::scoring::{LEAVES_MAX, ModelError};

/// A full binary tree has one node fewer than leaves.
const NODES_MAX: usize = 2 * LEAVES_MAX - 1;
/// What stands for a child where there is none.
const NOBODY: i64 = -1;
/// The feature of a node that pruning took out (`RegTree::Node::MarkDelete`).
const DELETED: i64 = 0x7fff_ffff;

/// One tree as the file gives it: lists with one entry for each node.
#[derive(Deserialize)]
pub(super) struct TreeText {
    id: Option<usize>,
    left_children: Vec<i64>,
    right_children: Vec<i64>,
    split_indices: Vec<i64>,
    /// The threshold; of a leaf, its output.
    split_conditions: Vec<f32>,
    default_left: Vec<Flag>,
    /// The weight of the training rows that came here.
    sum_hessian: Vec<f32>,
    /// 1 for a split on categories; older versions have only numeric ones.
    #[serde(default)]
    split_type: Vec<u8>,
    tree_param: TreeParameters,
}

#[derive(Deserialize)]
struct TreeParameters {
    num_nodes: String,
    /// Nodes that pruning took out; they stay in the lists.
    num_deleted: Option<String>,
    size_leaf_vector: Option<String>,
}

/// A truth value, which older versions write as `true` and newer ones as 1.
#[derive(Clone, Copy)]
struct Flag(bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, 1 or 0")
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Flag, E> {
                Ok(Flag(value != 0))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Where a problem is: the tree by its place in the file.
struct Place(usize);

impl Place {
    fn error(&self, key: &str, problem: impl Into<String>) -> ModelError {
        ModelError::new(format!("tree {}, {key}", self.0), problem, AGAIN)
    }
}

/// Adds a tree to the model.
pub(super) fn grow(model: &mut Trees, tree: &TreeText, index: usize) -> Result<(), ModelError> {
    let place = Place(index);
    let deleted = check_lists(tree, &place)?;
    let count = tree.left_children.len();
    let sprouts = (0..count).map(|at| sprout(model, tree, at, &place));
    let sprouts = sprouts.collect::<Result<Vec<_>, _>>()?;
    let key = match model.forest.grow(&sprouts) {
        Ok(reached) if reached + deleted == count => return Ok(()),
        Ok(_) | Err(Side::Left) => "left_children",
        Err(Side::Right) => "right_children",
    };
    Err(place.error(key, "children do not form a tree"))
}

/// The lists are as long as they must be; gives the number of deleted nodes.
fn check_lists(tree: &TreeText, place: &Place) -> Result<usize, ModelError> {
    let parameters = &tree.tree_param;
    let count = parameters.num_nodes.parse::<usize>().unwrap_or(0);
    if !(1..=NODES_MAX).contains(&count) {
        let problem = format!("{:?}, where 1 to {NODES_MAX} are allowed", parameters.num_nodes);
        return Err(place.error("num_nodes", problem));
    }
    let lengths = [
        ("left_children", tree.left_children.len()),
        ("right_children", tree.right_children.len()),
        ("split_indices", tree.split_indices.len()),
        ("split_conditions", tree.split_conditions.len()),
        ("default_left", tree.default_left.len()),
        ("sum_hessian", tree.sum_hessian.len()),
        ("split_type", if tree.split_type.is_empty() { count } else { tree.split_type.len() }),
    ];
    if let Some((key, found)) = lengths.into_iter().find(|(_, length)| *length != count) {
        return Err(place.error(key, format!("{found} values, where {count} belong")));
    }
    if !["0", "1"].contains(&parameters.size_leaf_vector.as_deref().unwrap_or("0")) {
        return Err(place.error("size_leaf_vector", "leaves of more than one value"));
    }
    if tree.id.is_some_and(|id| id != place.0) {
        return Err(place.error("id", "trees are not numbered 0, 1, 2, …"));
    }
    if !tree.sum_hessian.iter().all(|weight| weight.is_finite() && *weight >= 0.0) {
        return Err(place.error("sum_hessian", "a weight is negative or not finite"));
    }
    let deleted = parameters.num_deleted.as_deref().unwrap_or("0").parse();
    deleted
        .ok()
        .filter(|deleted| *deleted < count)
        .ok_or_else(|| place.error("num_deleted", "is not a number, or no node is left"))
}

/// One node; notes that its column is read.
fn sprout(
    model: &mut Trees,
    tree: &TreeText,
    at: usize,
    place: &Place,
) -> Result<Sprout, ModelError> {
    let value = tree.split_conditions[at];
    if !value.is_finite() {
        return Err(place.error("split_conditions", "a number is not finite"));
    }
    let children = [tree.left_children[at], tree.right_children[at]];
    if children == [NOBODY; 2] {
        let weight = tree.sum_hessian[at].into();
        return Ok(Sprout::Leaf { output: value.into(), weight });
    }
    let feature = tree.split_indices[at];
    if feature == DELETED {
        // Fits in no tree; that it is in the list does no harm.
        return Ok(Sprout::Split(Split::LEAF, [usize::MAX; 2]));
    }
    if tree.split_type.get(at).is_some_and(|kind| *kind != 0) {
        let place = format!("tree {}, split_type", place.0);
        let problem = "splits on categories are not evaluated";
        return Err(ModelError::new(place, problem, "train on numbers (one-hot or codes)"));
    }
    let column = usize::try_from(feature).ok().and_then(|at| model.columns.get_mut(at));
    let Some(column) = column else {
        return Err(place.error("split_indices", "names a feature that is not there"));
    };
    column.read = true;
    let split = Split {
        // XGBoost asks whether a value is below: at most the next smaller one.
        operand: f64::from(value.next_down()).to_bits(),
        feature: feature as u16,
        test: Test::AtMost,
        nan_goes_left: tree.default_left[at].0,
    };
    let children = children.map(|child| usize::try_from(child).unwrap_or(usize::MAX));
    Ok(Sprout::Split(split, children))
}
