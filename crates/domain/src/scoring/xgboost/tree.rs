//! Checks one tree and lays it into the model's flat arrays.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::read::AGAIN;
use super::{Node, XgBoost};
use crate::scoring::{LEAVES_MAX, ModelError};

/// A full binary tree has one node fewer than leaves.
const NODES_MAX: usize = 2 * LEAVES_MAX - 1;
/// What stands for a child where there is none.
const NOBODY: i64 = -1;

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

impl TreeText {
    fn is_leaf(&self, node: usize) -> bool {
        self.left_children[node] == NOBODY && self.right_children[node] == NOBODY
    }
}

/// Adds a tree to the model: its nodes top down, so that a row walks forward in memory.
pub(super) fn grow(model: &mut XgBoost, tree: &TreeText, index: usize) -> Result<(), ModelError> {
    let place = Place(index);
    let deleted = check_lists(tree, &place)?;
    let order = top_down(tree, &place)?;
    if order.len() + deleted != tree.left_children.len() {
        return Err(place.error("left_children", "children do not form a tree"));
    }
    let targets = targets(model, tree, &order);
    for &at in &order {
        let value = tree.split_conditions[at];
        if !value.is_finite() {
            return Err(place.error("split_conditions", "a number is not finite"));
        }
        if tree.is_leaf(at) {
            model.leaves.push(value);
        } else {
            let node = node(model, tree, at, &place)?;
            let side = |children: &[i64]| targets[children[at] as usize];
            let children = [side(&tree.left_children), side(&tree.right_children)];
            model.nodes.push(Node { children, ..node });
        }
    }
    model.expected.extend(expected(tree, &order));
    model.roots.push(targets[0]);
    Ok(())
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

/// The nodes in an order where each comes before its children; none is reached twice, so that
/// evaluation ends, whatever the row.
fn top_down(tree: &TreeText, place: &Place) -> Result<Vec<usize>, ModelError> {
    let mut reached = vec![false; tree.left_children.len()];
    let mut order = vec![0];
    let mut next = 0;
    reached[0] = true;
    while let Some(&at) = order.get(next) {
        next += 1;
        if tree.is_leaf(at) {
            continue;
        }
        let sides =
            [("left_children", &tree.left_children), ("right_children", &tree.right_children)];
        for (key, children) in sides {
            let child = usize::try_from(children[at]).unwrap_or(usize::MAX);
            match reached.get_mut(child) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(place.error(key, "children do not form a tree")),
            }
            order.push(child);
        }
    }
    Ok(order)
}

/// Where each node of the file comes to stand among the model's: nodes and (complemented) leaves.
fn targets(model: &XgBoost, tree: &TreeText, order: &[usize]) -> Vec<i32> {
    let mut targets = vec![0; tree.left_children.len()];
    let (mut node, mut leaf) = (model.nodes.len() as i32, model.leaves.len() as i32);
    for &at in order {
        let counter = if tree.is_leaf(at) { &mut leaf } else { &mut node };
        targets[at] = if tree.is_leaf(at) { !*counter } else { *counter };
        *counter += 1;
    }
    targets
}

/// One node, still without its children; notes that its column is read.
fn node(
    model: &mut XgBoost,
    tree: &TreeText,
    at: usize,
    place: &Place,
) -> Result<Node, ModelError> {
    if tree.split_type.get(at).is_some_and(|kind| *kind != 0) {
        let place = format!("tree {}, split_type", place.0);
        let problem = "splits on categories are not evaluated";
        return Err(ModelError::new(place, problem, "train on numbers (one-hot or codes)"));
    }
    let feature = tree.split_indices[at];
    let column = usize::try_from(feature).ok().and_then(|at| model.columns.get_mut(at));
    let Some(column) = column else {
        return Err(place.error("split_indices", "names a feature that is not there"));
    };
    column.read = true;
    Ok(Node {
        threshold: tree.split_conditions[at],
        children: [0; 2],
        feature: feature as u16,
        nan_goes_left: tree.default_left[at].0,
    })
}

/// The mean output below each inner node, in the order given, weighted by the hessians of training.
fn expected(tree: &TreeText, order: &[usize]) -> Vec<f64> {
    let count = tree.left_children.len();
    let mut means = vec![0.0; count];
    let mut weights = vec![0.0; count];
    for &at in order.iter().rev() {
        if tree.is_leaf(at) {
            means[at] = f64::from(tree.split_conditions[at]);
            weights[at] = f64::from(tree.sum_hessian[at]);
            continue;
        }
        let (left, right) = (tree.left_children[at] as usize, tree.right_children[at] as usize);
        let total = weights[left] + weights[right];
        // Nobody came here in training: neither side is likelier than the other.
        let share = if total == 0.0 { 0.5 } else { weights[left] / total };
        means[at] = means[left] * share + means[right] * (1.0 - share);
        weights[at] = total;
    }
    order.iter().filter(|&&at| !tree.is_leaf(at)).map(|&at| means[at]).collect()
}
