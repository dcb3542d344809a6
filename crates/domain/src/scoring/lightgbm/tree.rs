//! Checks one tree and lays it into the model's flat arrays.

use std::ops::Range;

use super::read::{AGAIN, Section};
use super::{LightGbm, Node, Test, ZERO_MAX};
use crate::scoring::{LEAVES_MAX, ModelError};

/// The lists of one tree as the file gives them, with their lengths checked.
struct Branches {
    features: Vec<usize>,
    thresholds: Vec<f64>,
    decisions: Vec<u8>,
    left: Vec<i32>,
    right: Vec<i32>,
    sets: Sets,
}

/// The sets of categories: set i is `words[boundaries[i]..boundaries[i + 1]]`.
struct Sets {
    boundaries: Vec<usize>,
    words: Vec<u32>,
}

impl Sets {
    /// The words of the set that a categorical node's threshold numbers.
    fn range(&self, threshold: f64) -> Option<Range<usize>> {
        let set = threshold as usize;
        let exact = (set as f64).to_bits() == (threshold + 0.0).to_bits();
        let end = *self.boundaries.get(set.checked_add(1)?).filter(|_| exact)?;
        Some(self.boundaries[set]..end)
    }
}

/// Adds a tree to the model.
pub(super) fn grow(model: &mut LightGbm, tree: &Section<'_>) -> Result<(), ModelError> {
    let leaf_count = tree.one::<usize>("num_leaves")?;
    if !(1..=LEAVES_MAX).contains(&leaf_count) {
        let problem = format!("{leaf_count}, where 1 to {LEAVES_MAX} are allowed");
        return Err(tree.error("num_leaves", &problem, "train with fewer leaves"));
    }
    if tree.has("is_linear") && tree.one::<u8>("is_linear")? != 0 {
        let problem = "linear leaves are not evaluated";
        return Err(tree.error("is_linear", problem, "train with linear_tree=false"));
    }
    let leaves = tree.finite("leaf_value", leaf_count)?;
    let first_leaf = model.leaves.len();
    if leaf_count == 1 {
        model.roots.push(!(first_leaf as i32));
        model.leaves.extend(leaves);
        return Ok(());
    }
    let rows = tree.list::<u32>("leaf_count", leaf_count)?;
    let branches = branches(tree, leaf_count - 1)?;
    let order = top_down(tree, &branches, leaf_count)?;
    let first_node = model.nodes.len();
    for index in 0..leaf_count - 1 {
        let mut node = node(model, tree, &branches, index)?;
        node.children = node.children.map(|child| {
            if child >= 0 { child + first_node as i32 } else { child - first_leaf as i32 }
        });
        model.nodes.push(node);
    }
    model.words.extend_from_slice(&branches.sets.words);
    model.expected.extend(expected(&branches, &order, &leaves, &rows));
    model.leaves.extend(leaves);
    model.roots.push(first_node as i32);
    Ok(())
}

fn branches(tree: &Section<'_>, count: usize) -> Result<Branches, ModelError> {
    Ok(Branches {
        features: tree.list("split_feature", count)?,
        thresholds: tree.list("threshold", count)?,
        decisions: tree.list("decision_type", count)?,
        left: tree.list("left_child", count)?,
        right: tree.list("right_child", count)?,
        sets: sets(tree)?,
    })
}

fn sets(tree: &Section<'_>) -> Result<Sets, ModelError> {
    let count = tree.one::<usize>("num_cat")?;
    if count == 0 {
        return Ok(Sets { boundaries: Vec::new(), words: Vec::new() });
    }
    if count >= LEAVES_MAX {
        return Err(tree.error("num_cat", "more sets than nodes", AGAIN));
    }
    let boundaries = tree.list::<usize>("cat_boundaries", count + 1)?;
    let ascending = boundaries.windows(2).all(|pair| pair[0] <= pair[1]);
    if !ascending || boundaries[0] != 0 {
        return Err(tree.error("cat_boundaries", "are not ascending from 0", AGAIN));
    }
    let words = tree.list::<u32>("cat_threshold", boundaries[count])?;
    Ok(Sets { boundaries, words })
}

/// One node with its children still counted within the tree; notes what it asks of its column.
fn node(
    model: &mut LightGbm,
    tree: &Section<'_>,
    branches: &Branches,
    index: usize,
) -> Result<Node, ModelError> {
    let feature = branches.features[index];
    let Some(column) = model.columns.get_mut(feature) else {
        return Err(tree.error("split_feature", "names a feature that is not there", AGAIN));
    };
    // Bit 0: categorical; bit 1: missing goes left; bits 2 and 3: missing is nothing, zero or NaN.
    let bits = branches.decisions[index];
    let threshold = branches.thresholds[index];
    let (test, nan_goes_left) = match (bits & 1, bits >> 2) {
        (1, 0..=2) => (Test::Among, false),
        (0, 0) => (Test::AtMost, threshold >= 0.0),
        (0, 1) => (Test::AtMostOrZero, bits & 2 != 0),
        (0, 2) => (Test::AtMost, bits & 2 != 0),
        _ => return Err(tree.error("decision_type", "has unknown bits", AGAIN)),
    };
    column.read = true;
    column.refuses_missing |= bits >> 2 == 0;
    let operand = if test == Test::Among {
        let set = branches.sets.range(threshold);
        let set = set.ok_or_else(|| tree.error("threshold", "names no set there is", AGAIN))?;
        ((model.words.len() + set.start) as u64) << 32 | set.len() as u64
    } else if threshold.is_nan() && bits >> 2 != 2 {
        return Err(tree.error("threshold", "is NaN", AGAIN));
    } else {
        around_zero(threshold).to_bits()
    };
    let children = [branches.left[index], branches.right[index]];
    Ok(Node { operand, children, feature: feature as u16, test, nan_goes_left })
}

/// LightGBM takes values within [`ZERO_MAX`] of zero as zero before it compares. Moving the few
/// thresholds that lie there to the edge has the same effect, and costs nothing at evaluation.
/// `inf` (all numbers against missing) and NaN (missing against all numbers) are real and stay.
fn around_zero(threshold: f64) -> f64 {
    if (0.0..=ZERO_MAX).contains(&threshold) {
        ZERO_MAX
    } else if (-ZERO_MAX..0.0).contains(&threshold) {
        (-ZERO_MAX).next_down()
    } else {
        threshold
    }
}

/// The nodes in an order where each comes before its children. Every node but the root and every
/// leaf must be reached exactly once: then evaluation ends, whatever the row.
fn top_down(
    tree: &Section<'_>,
    branches: &Branches,
    leaf_count: usize,
) -> Result<Vec<usize>, ModelError> {
    let mut reached = vec![false; leaf_count - 1];
    let mut reached_leaves = vec![false; leaf_count];
    let mut order = vec![0];
    let mut next = 0;
    reached[0] = true;
    while let Some(&node) = order.get(next) {
        next += 1;
        for (key, child) in
            [("left_child", branches.left[node]), ("right_child", branches.right[node])]
        {
            let seen = if child >= 0 {
                order.push(child as usize);
                reached.get_mut(child as usize)
            } else {
                reached_leaves.get_mut(!child as usize)
            };
            match seen {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(tree.error(key, "children do not form a tree", AGAIN)),
            }
        }
    }
    // n - 1 nodes have 2(n - 1) children; so when all nodes are reached, all leaves are.
    if order.len() != leaf_count - 1 {
        return Err(tree.error("left_child", "children do not form a tree", AGAIN));
    }
    Ok(order)
}

/// The mean output below each node, weighted by training rows. The file's own `internal_value`
/// is printed with six digits, too few for contributions that add up.
fn expected(branches: &Branches, order: &[usize], leaves: &[f64], rows: &[u32]) -> Vec<f64> {
    let mut means = vec![0.0; order.len()];
    let mut weights = vec![0_u64; order.len()];
    for &node in order.iter().rev() {
        let side = |child: i32| match usize::try_from(child) {
            Ok(child) => (means[child], weights[child]),
            Err(_) => (leaves[!child as usize], u64::from(rows[!child as usize])),
        };
        let (left, left_rows) = side(branches.left[node]);
        let (right, right_rows) = side(branches.right[node]);
        let total = left_rows + right_rows;
        // Nobody came here in training: neither side is likelier than the other.
        let share = if total == 0 { 0.5 } else { left_rows as f64 / total as f64 };
        (means[node], weights[node]) = (left * share + right * (1.0 - share), total);
    }
    means
}
