//! Reads one tree.

use std::ops::Range;

use super::{AGAIN, Section};
use crate::scoring::trees::{Side, Split, Sprout, Test, Trees, ZERO_MAX};
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
pub(super) fn grow(model: &mut Trees, tree: &Section<'_>) -> Result<(), ModelError> {
    let count = tree.one::<usize>("num_leaves")?;
    if !(1..=LEAVES_MAX).contains(&count) {
        let problem = format!("{count}, where 1 to {LEAVES_MAX} are allowed");
        return Err(tree.error("num_leaves", &problem, "train with fewer leaves"));
    }
    if tree.has("is_linear") && tree.one::<u8>("is_linear")? != 0 {
        let problem = "linear leaves are not evaluated";
        return Err(tree.error("is_linear", problem, "train with linear_tree=false"));
    }
    let outputs = tree.finite("leaf_value", count)?;
    // A tree that is one leaf comes without the other lists.
    let rows = if count == 1 { vec![0] } else { tree.list::<u32>("leaf_count", count)? };
    let mut sprouts = Vec::with_capacity(2 * count - 1);
    if count > 1 {
        let branches = branches(tree, count - 1)?;
        for index in 0..count - 1 {
            sprouts.push(sprout(model, tree, &branches, index)?);
        }
        model.forest.words.extend_from_slice(&branches.sets.words);
    }
    let leaves = std::iter::zip(outputs, rows);
    sprouts.extend(leaves.map(|(output, rows)| Sprout::Leaf { output, weight: rows.into() }));
    let key = match model.forest.grow(&sprouts) {
        Ok(reached) if reached == sprouts.len() => return Ok(()),
        Ok(_) | Err(Side::Left) => "left_child",
        Err(Side::Right) => "right_child",
    };
    Err(tree.error(key, "children do not form a tree", AGAIN))
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

/// One node; notes what it asks of its column. The list has the leaves behind the nodes.
fn sprout(
    model: &mut Trees,
    tree: &Section<'_>,
    branches: &Branches,
    index: usize,
) -> Result<Sprout, ModelError> {
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
        ((model.forest.words.len() + set.start) as u64) << 32 | set.len() as u64
    } else if threshold.is_nan() && bits >> 2 != 2 {
        return Err(tree.error("threshold", "is NaN", AGAIN));
    } else {
        around_zero(threshold).to_bits()
    };
    let split = Split { operand, feature: feature as u16, test, nan_goes_left };
    let children = [branches.left[index], branches.right[index]].map(|child| {
        let leaf = || branches.left.len() + !child as usize;
        usize::try_from(child).unwrap_or_else(|_| leaf())
    });
    Ok(Sprout::Split(split, children))
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
