//! The trees of a model in one flat array: how they are laid there, how a row goes down, and what
//! each of its steps does to the expected output.

use std::ops::Range;

/// LightGBM's `kZeroThreshold`, a float: values this close to zero are taken as zero.
pub(in crate::scoring) const ZERO_MAX: f64 = 1e-35_f32 as f64;
/// How many ways down are followed at a time: the steps of one do not wait for those of another.
pub(super) const ABREAST: usize = 8;
/// After so many steps it is worth to look whether all have arrived.
const STRIDE: u32 = 16;

/// What a node asks of a value that is not NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scoring) enum Test {
    /// Is it at most the threshold?
    AtMost,
    /// The same, but zero counts as missing and goes where NaN goes.
    AtMostOrZero,
    /// Is it a category of the set?
    Among,
}

/// How a node decides.
#[derive(Clone, Copy, Debug)]
pub(in crate::scoring) struct Split {
    /// The threshold's bits; for [`Test::Among`]: first word (high half) and number of words (low
    /// half) of the set.
    pub(in crate::scoring) operand: u64,
    pub(in crate::scoring) feature: u16,
    pub(in crate::scoring) test: Test,
    pub(in crate::scoring) nan_goes_left: bool,
}

impl Split {
    /// All that a leaf's place in the array is asked: everything stays there.
    pub(in crate::scoring) const LEAF: Self = Self {
        operand: f64::INFINITY.to_bits(),
        feature: 0,
        test: Test::AtMost,
        nan_goes_left: true,
    };

    pub(super) fn goes_left(self, value: f64, words: &[u32]) -> bool {
        let threshold = f64::from_bits(self.operand);
        let left = match self.test {
            Test::AtMostOrZero if value.abs() <= ZERO_MAX => self.nan_goes_left,
            Test::AtMost | Test::AtMostOrZero => value <= threshold,
            Test::Among => contains(&words[self.words()], value),
        };
        left | (value.is_nan() & self.nan_goes_left)
    }

    /// Where the set of categories lies.
    pub(super) fn words(self) -> Range<usize> {
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

/// A node or a leaf in 16 bytes, so that a model stays in the cache.
#[derive(Clone, Copy, Debug)]
pub(in crate::scoring) struct Node {
    pub(super) split: Split,
    /// Where the left child stands; the right one is behind it. A leaf is its own left child: a row
    /// that has come to its leaf stays there, and need not be asked whether it has.
    pub(super) left: u32,
}

/// One node of a tree as a file gives it; children are places in the tree's list.
#[derive(Clone, Copy, Debug)]
pub(in crate::scoring) enum Sprout {
    Split(Split, [usize; 2]),
    /// The weight is that of the training rows which came here.
    Leaf {
        output: f64,
        weight: f64,
    },
}

/// The child that is not there, or is somebody else's too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scoring) enum Side {
    Left,
    Right,
}

/// Where a tree begins, and how many steps lead to its furthest leaf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree {
    pub(super) root: u32,
    pub(super) depth: u32,
}

#[derive(Clone, Debug, Default)]
pub(in crate::scoring) struct Forest {
    /// Tree by tree, in each from the top down, the children of a node side by side.
    pub(super) nodes: Vec<Node>,
    /// For each node the mean output below it, weighted by training; of a leaf, its output.
    pub(super) expected: Vec<f64>,
    /// The trees, in order.
    pub(super) trees: Vec<Tree>,
    /// Whether some node asks more than [`Test::AtMost`].
    special: bool,
    /// The sets of categories.
    pub(in crate::scoring) words: Vec<u32>,
}

impl Forest {
    /// Adds a tree whose root is the first of the list. Gives how many of the list hang together
    /// below it: none twice, so that evaluation ends, whatever the row.
    pub(in crate::scoring) fn grow(&mut self, sprouts: &[Sprout]) -> Result<usize, Side> {
        let root = self.nodes.len();
        let mut reached = vec![false; sprouts.len()];
        reached[0] = true;
        let mut order = vec![0];
        let mut next = 0;
        while let Some(&at) = order.get(next) {
            let (split, left) = match sprouts[at] {
                Sprout::Leaf { .. } => (Split::LEAF, next),
                Sprout::Split(split, children) => {
                    let left = order.len();
                    for (child, side) in children.into_iter().zip([Side::Left, Side::Right]) {
                        match reached.get_mut(child) {
                            Some(seen) if !*seen => *seen = true,
                            _ => return Err(side),
                        }
                        order.push(child);
                    }
                    self.special |= split.test != Test::AtMost;
                    (split, left)
                }
            };
            self.nodes.push(Node { split, left: (root + left) as u32 });
            next += 1;
        }
        let expected = expected(&self.nodes[root..], root, order.iter().map(|&at| sprouts[at]));
        self.expected.extend(expected);
        let depth = depth(&self.nodes[root..], root);
        self.trees.push(Tree { root: root as u32, depth });
        Ok(order.len())
    }

    pub(super) fn is_leaf(&self, at: u32) -> bool {
        self.nodes[at as usize].left == at
    }

    /// Whether a row needs no more than a comparison at each node.
    pub(super) fn is_plain(&self, row: &[f64]) -> bool {
        !self.special && !row.iter().any(|value| value.is_nan())
    }

    /// Adds the outputs of all trees, in their order, for a row that [`Forest::is_plain`].
    pub(super) fn sum<S>(&self, row: &[f64], start: S, add: impl Fn(S, f64) -> S) -> S {
        self.trees.chunks(ABREAST).fold(start, |sum, trees| {
            let roots = std::array::from_fn(|at| trees[at.min(trees.len() - 1)].root);
            let depth = trees.iter().map(|tree| tree.depth).max().unwrap_or(0);
            let leaves = self.descend(roots, depth, [row; ABREAST], |split, value| {
                value <= f64::from_bits(split.operand)
            });
            let outputs = leaves[..trees.len()].iter().map(|leaf| self.expected[*leaf as usize]);
            outputs.fold(sum, &add)
        })
    }

    /// The outputs of one tree for several rows.
    pub(super) fn outputs(&self, tree: Tree, rows: [&[f64]; ABREAST]) -> [f64; ABREAST] {
        let roots = [tree.root; ABREAST];
        let leaves = if self.special {
            let goes_left = |split: Split, value: f64| split.goes_left(value, &self.words);
            self.descend(roots, tree.depth, rows, goes_left)
        } else {
            self.descend(roots, tree.depth, rows, |split, value| {
                (value <= f64::from_bits(split.operand)) | (value.is_nan() & split.nan_goes_left)
            })
        };
        leaves.map(|leaf| self.expected[leaf as usize])
    }

    /// Goes down from several nodes at a time, each with a row of its own. No branch depends on a
    /// value, since which way a row goes cannot be predicted, and a wrong guess costs more than a
    /// step: who comes to a leaf early waits there.
    fn descend(
        &self,
        from: [u32; ABREAST],
        depth: u32,
        rows: [&[f64]; ABREAST],
        goes_left: impl Fn(Split, f64) -> bool,
    ) -> [u32; ABREAST] {
        let mut at = from;
        let mut to_go = depth;
        while to_go > 0 {
            let steps = to_go.min(STRIDE);
            for _ in 0..steps {
                for (at, row) in at.iter_mut().zip(rows) {
                    let Node { split, left } = self.nodes[*at as usize];
                    *at = left + u32::from(!goes_left(split, row[usize::from(split.feature)]));
                }
            }
            to_go -= steps;
            if to_go > 0 && at.iter().all(|&at| self.is_leaf(at)) {
                break;
            }
        }
        at
    }

    /// The output of one tree for one row, node by node.
    pub(super) fn output(&self, tree: Tree, row: &[f64]) -> f64 {
        let mut at = tree.root;
        while !self.is_leaf(at) {
            at = self.step(at, row);
        }
        self.expected[at as usize]
    }

    fn step(&self, at: u32, row: &[f64]) -> u32 {
        let Node { split, left } = self.nodes[at as usize];
        left + u32::from(!split.goes_left(row[usize::from(split.feature)], &self.words))
    }

    /// Contributions along the paths (Saabas): each step from a node to its child changes the
    /// expected output, and that change is due to the feature that the node decides by. Adds them
    /// up by feature, and gives the expected output of all trees before the first step.
    pub(super) fn contribute(&self, row: &[f64], contributions: &mut [f64]) -> f64 {
        let expected = |at: u32| self.expected[at as usize];
        let mut bias = 0.0;
        for tree in &self.trees {
            let mut at = tree.root;
            bias += expected(at);
            while !self.is_leaf(at) {
                let child = self.step(at, row);
                let feature = usize::from(self.nodes[at as usize].split.feature);
                contributions[feature] += expected(child) - expected(at);
                at = child;
            }
        }
        bias
    }
}

/// The mean output below each node of a tree, weighted by training. What the files say of it is
/// rounded too much for contributions that add up.
fn expected(
    nodes: &[Node],
    root: usize,
    sprouts: impl DoubleEndedIterator<Item = Sprout>,
) -> Vec<f64> {
    let mut means = vec![0.0; nodes.len()];
    let mut weights = vec![0.0; nodes.len()];
    for (at, sprout) in (0..nodes.len()).rev().zip(sprouts.rev()) {
        (means[at], weights[at]) = match sprout {
            Sprout::Leaf { output, weight } => (output, weight),
            Sprout::Split(..) => {
                let left = nodes[at].left as usize - root;
                let total = weights[left] + weights[left + 1];
                // Nobody came here in training: neither side is likelier than the other.
                let share = if total == 0.0 { 0.5 } else { weights[left] / total };
                (means[left] * share + means[left + 1] * (1.0 - share), total)
            }
        };
    }
    means
}

/// How many steps lead from the root to the furthest leaf.
fn depth(nodes: &[Node], root: usize) -> u32 {
    let mut depths = vec![0; nodes.len()];
    for (at, node) in nodes.iter().enumerate().rev() {
        let left = node.left as usize - root;
        if left != at {
            depths[at] = 1 + u32::max(depths[left], depths[left + 1]);
        }
    }
    depths[0]
}
