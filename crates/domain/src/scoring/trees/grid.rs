//! A forest laid out for tables. The thresholds on a feature cut its values into cells that no node
//! tells apart, so that for each tree and feature a table says which leaves a cell leaves in
//! reach; a row's leaf is the first one that all its cells leave (QuickScorer: Lucchese et al.,
//! SIGIR 2015, with the masks of a feature's nodes merged). No step depends on the one before.

use std::collections::HashSet;

use super::forest::{self, ABREAST, Forest, Node, Split, Test, ZERO_MAX};

/// Rows at a time: their cells stay in the nearest cache, while the tables of one tree come by.
pub(super) const BLOCK: usize = 256;
/// A table has a place for each cell that a byte can number.
const CELLS_MAX: usize = 256;
/// All cells but the one above the last cut and the one of NaN.
const CUTS_MAX: usize = CELLS_MAX - 2;
/// As many as a mask has bits; a tree with more is gone down node by node.
const LEAVES_MAX: usize = 64;
/// A feature with sets of larger categories is gone down node by node.
const CATEGORIES_MAX: usize = 1_024;
/// 32 MiB of tables; the trees behind them are gone down node by node.
const TABLES_MAX: usize = 16_384;

/// For each cell, the leaves in reach.
type Table = [u64; CELLS_MAX];

/// A feature, or a stretch of one that has more cuts than a table has cells.
#[derive(Clone, Debug)]
struct Column {
    feature: usize,
    /// Ascending. Cell i holds `cuts[i - 1] < value <= cuts[i]`; behind them comes that of NaN.
    cuts: Vec<f64>,
    /// Whether these are all the cuts of the feature.
    whole: bool,
}

impl Column {
    fn cell(&self, value: f64) -> u8 {
        let nan = self.cuts.len() + 1;
        let cell = self.cuts.partition_point(|cut| *cut < value);
        (if value.is_nan() { nan } else { cell }) as u8
    }

    /// The cells of a block of rows.
    fn cells(&self, rows: &[f64], width: usize) -> [u8; BLOCK] {
        let mut cells = [0; BLOCK];
        let values = rows.iter().skip(self.feature).step_by(width);
        cells.iter_mut().zip(values).for_each(|(cell, value)| *cell = self.cell(*value));
        cells
    }

    /// One value of each cell.
    fn values(&self) -> impl Iterator<Item = f64> {
        self.cuts.iter().copied().chain([f64::INFINITY, f64::NAN])
    }
}

#[derive(Clone, Debug)]
enum Tree {
    /// The outputs from left to right, and where its links begin and end.
    Masks { outputs: Box<[f64; LEAVES_MAX]>, first: usize, end: usize },
    /// Gone down from this node.
    Nodes(forest::Tree),
}

/// A feature that a tree reads.
#[derive(Clone, Debug)]
struct Link {
    column: usize,
    table: Box<Table>,
}

#[derive(Clone, Debug)]
pub(super) struct Grid {
    columns: Vec<Column>,
    trees: Vec<Tree>,
    links: Vec<Link>,
}

impl Grid {
    pub(super) fn new(forest: &Forest, width: usize) -> Self {
        let mut grid =
            Self { columns: columns(forest, width), trees: Vec::new(), links: Vec::new() };
        let ends = forest.trees.iter().skip(1).map(|tree| tree.root as usize);
        for (tree, end) in forest.trees.iter().zip(ends.chain([forest.nodes.len()])) {
            let root = tree.root as usize;
            let masks = grid.masks(forest, root, &forest.nodes[root..end]);
            grid.trees.push(masks.unwrap_or(Tree::Nodes(*tree)));
        }
        grid
    }

    /// The tables of a tree; nothing when it has too many leaves or cells.
    fn masks(&mut self, forest: &Forest, root: usize, nodes: &[Node]) -> Option<Tree> {
        let left = |at: usize| nodes[at].left as usize - root;
        let mut below = vec![1; nodes.len()];
        for at in (0..nodes.len()).rev().filter(|&at| left(at) != at) {
            below[at] = below[left(at)] + below[left(at) + 1];
        }
        if below[0] > LEAVES_MAX || self.links.len() + nodes.len() > TABLES_MAX {
            return None;
        }
        let begin = self.links.len();
        let mut outputs = Box::new([0.0; LEAVES_MAX]);
        // The leaves are numbered from left to right: those below a node are consecutive.
        let mut firsts = vec![0; nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            let (first, left) = (firsts[at], left(at));
            if left == at {
                outputs[first] = forest.expected[root + at];
                continue;
            }
            (firsts[left], firsts[left + 1]) = (first, first + below[left]);
            // The left side is smaller than the whole, so there are fewer than 64.
            let lost = ((1_u64 << below[left]) - 1) << first;
            if self.clear(begin, forest, node, lost).is_none() {
                self.links.truncate(begin);
                return None;
            }
        }
        Some(Tree::Masks { outputs, first: begin, end: self.links.len() })
    }

    /// Takes the leaves that are out of reach when a node sends a row to the right from its table.
    fn clear(&mut self, begin: usize, forest: &Forest, node: &Node, taken: u64) -> Option<()> {
        let split = node.split;
        let threshold = f64::from_bits(split.operand);
        let feature = usize::from(split.feature);
        let first = self.columns.partition_point(|column| column.feature < feature);
        let ours = self.columns[first..].iter();
        let mut columns = ours.take_while(|column| column.feature == feature);
        let column = first
            + columns.position(|column| {
                let last = column.cuts.last();
                let here = threshold.is_nan() || last.is_none_or(|last| threshold <= *last);
                column.whole || split.test == Test::AtMost && here
            })?;
        let link = self.links[begin..].iter().position(|link| link.column == column);
        let link = link.map_or(self.links.len(), |at| begin + at);
        if link == self.links.len() {
            self.links.push(Link { column, table: Box::new([u64::MAX; CELLS_MAX]) });
        }
        let values = self.columns[column].values();
        for (mask, value) in self.links[link].table.iter_mut().zip(values) {
            if !split.goes_left(value, &forest.words) {
                *mask &= !taken;
            }
        }
        Some(())
    }

    /// Adds the outputs of all trees, in their order, for a row.
    pub(super) fn sum<S>(
        &self,
        forest: &Forest,
        row: &[f64],
        start: S,
        add: impl Fn(S, f64) -> S,
    ) -> S {
        let cell = |column: &Column| column.cell(row[column.feature]);
        let cells: Vec<u8> = self.columns.iter().map(cell).collect();
        self.trees.iter().fold(start, |sum, tree| match tree {
            Tree::Masks { outputs, first, end } => {
                let masks = self.links[*first..*end]
                    .iter()
                    .map(|link| link.table[usize::from(cells[link.column])]);
                add(sum, outputs[leaf(masks.fold(u64::MAX, |alive, mask| alive & mask))])
            }
            Tree::Nodes(tree) => add(sum, forest.output(*tree, row)),
        })
    }

    /// The same for each of at most [`BLOCK`] rows.
    pub(super) fn sum_block<S: Copy + Into<f64>>(
        &self,
        forest: &Forest,
        rows: &[f64],
        (start, add): (S, impl Fn(S, f64) -> S),
        out: &mut [f64],
    ) {
        let width = rows.len() / out.len();
        let cells: Vec<[u8; BLOCK]> =
            self.columns.iter().map(|column| column.cells(rows, width)).collect();
        let mut sums = [start; BLOCK];
        let groups = out.len().div_ceil(ABREAST);
        let row = |at: usize| {
            // The last group is filled up with the last row.
            let begin = at.min(out.len() - 1) * width;
            &rows[begin..begin + width]
        };
        for tree in &self.trees {
            let groups = sums.as_chunks_mut::<ABREAST>().0[..groups].iter_mut().enumerate();
            match tree {
                Tree::Masks { outputs, first, end } => groups.for_each(|(group, sums)| {
                    let leaves = leaves(&self.links[*first..*end], &cells, group);
                    let outputs = leaves.into_iter().map(|leaf| outputs[leaf]);
                    sums.iter_mut().zip(outputs).for_each(|(sum, output)| *sum = add(*sum, output));
                }),
                Tree::Nodes(tree) => groups.for_each(|(group, sums)| {
                    let rows = std::array::from_fn(|at| row(group * ABREAST + at));
                    let outputs = forest.outputs(*tree, rows);
                    sums.iter_mut().zip(outputs).for_each(|(sum, output)| *sum = add(*sum, output));
                }),
            }
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum.into());
    }
}

/// The leaf of each row of a group.
fn leaves(links: &[Link], cells: &[[u8; BLOCK]], group: usize) -> [usize; ABREAST] {
    let mut alive = [u64::MAX; ABREAST];
    for link in links {
        let cells = &cells[link.column].as_chunks::<ABREAST>().0[group];
        for (alive, cell) in alive.iter_mut().zip(cells) {
            *alive &= link.table[usize::from(*cell)];
        }
    }
    alive.map(leaf)
}

/// The first of the leaves that are left. Some are always; the last bit only tells the compiler so.
fn leaf(alive: u64) -> usize {
    (alive | 1 << (LEAVES_MAX - 1)).trailing_zeros() as usize
}

/// The cuts of all features that some node reads.
fn columns(forest: &Forest, width: usize) -> Vec<Column> {
    let mut drafts = vec![Draft::default(); width];
    for (at, Node { split, left }) in forest.nodes.iter().enumerate() {
        if *left as usize != at {
            drafts[usize::from(split.feature)].add(*split, &forest.words);
        }
    }
    let drafts = drafts.into_iter().enumerate().filter(|(_, draft)| draft.read);
    drafts.flat_map(|(feature, draft)| draft.columns(feature)).collect()
}

/// The cuts of a feature while they are gathered.
#[derive(Clone, Default)]
struct Draft {
    read: bool,
    /// As bits. A cut stands once, however many nodes make it.
    cuts: HashSet<u64>,
    /// Whether some set names categories beyond [`CATEGORIES_MAX`].
    vast: bool,
}

impl Draft {
    fn add(&mut self, split: Split, words: &[u32]) {
        let threshold = f64::from_bits(split.operand);
        self.read = true;
        match split.test {
            Test::AtMost => self.cut(threshold),
            Test::AtMostOrZero => {
                let around_zero = [(-ZERO_MAX).next_down(), ZERO_MAX];
                around_zero.into_iter().chain([threshold]).for_each(|cut| self.cut(cut));
            }
            Test::Among if split.words().len() * 32 > CATEGORIES_MAX => self.vast = true,
            Test::Among => self.cut_around(&words[split.words()]),
        }
    }

    fn cut(&mut self, at: f64) {
        if !at.is_nan() {
            // Adding 0 makes negative zero the other one.
            self.cuts.insert((at + 0.0).to_bits());
        }
    }

    /// Cuts before the first and behind the last of each run of categories.
    fn cut_around(&mut self, set: &[u32]) {
        let mut inside = false;
        for category in 0..=set.len() * 32 {
            let word = set.get(category / 32).copied().unwrap_or(0);
            let now = word >> (category % 32) & 1 == 1;
            if now != inside {
                // Category 0 is whatever is truncated to it, from above -1.
                self.cut(if category == 0 { -1.0 } else { (category as f64).next_down() });
            }
            inside = now;
        }
    }

    fn columns(self, feature: usize) -> Vec<Column> {
        let mut cuts: Vec<f64> = self.cuts.into_iter().map(f64::from_bits).collect();
        cuts.sort_by(f64::total_cmp);
        let whole = cuts.len() <= CUTS_MAX && !self.vast;
        let column = |cuts: &[f64]| Column { feature, cuts: cuts.to_vec(), whole };
        if cuts.is_empty() {
            return vec![column(&[])];
        }
        cuts.chunks(CUTS_MAX).map(column).collect()
    }
}
