//! Random forests of every kind of node: all ways to evaluate one agree to the last bit.

use proptest::option::of;
use proptest::prelude::*;

use super::*;

const WIDTH: usize = 4;

/// A source of numbers (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Feature 0 has more cuts than a table has cells; 1 has them around zero, 2 categories, 3 all.
    fn split(&mut self, words: &mut Vec<u32>) -> Split {
        let feature = self.below(WIDTH);
        let test = match feature {
            0 => Test::AtMost,
            1 => self.pick(&[Test::AtMost, Test::AtMostOrZero]),
            2 => Test::Among,
            _ => self.pick(&[Test::AtMost, Test::AtMostOrZero, Test::Among]),
        };
        let operand = match (test, feature) {
            (Test::Among, _) => {
                let (first, length) =
                    (words.len(), if self.below(200) == 0 { 40 } else { self.below(3) });
                words.extend((0..length).map(|_| self.below(1 << 32) as u32));
                ((first as u64) << 32) | length as u64
            }
            (_, 0) => (self.below(700) as f64 / 8.0).to_bits(),
            _ => {
                let any = self.below(100) as f64 / 2.0 - 2.0;
                self.pick(&[0.0, -0.0, f64::INFINITY, f64::NAN, any, any]).to_bits()
            }
        };
        Split { operand, feature: feature as u16, test, nan_goes_left: self.below(2) == 0 }
    }

    fn tree(&mut self, leaves: usize, words: &mut Vec<u32>) -> Vec<Sprout> {
        let leaf = |random: &mut Self| {
            let output = random.below(1000) as f64 / 7.0 - 70.0;
            Sprout::Leaf { output: single(output), weight: random.below(50) as f64 }
        };
        let mut tree = vec![leaf(self)];
        while tree.len() < 2 * leaves - 1 {
            let at = self.below(tree.len());
            if matches!(tree[at], Sprout::Leaf { .. }) {
                tree[at] = Sprout::Split(self.split(words), [tree.len(), tree.len() + 1]);
                tree.extend([leaf(self), leaf(self)]);
            }
        }
        tree
    }

    fn value(&mut self, feature: usize) -> f64 {
        let (tiny, infinity) = (ZERO_MAX, f64::INFINITY);
        match (self.below(4), feature) {
            (0, _) => self.pick(&[0.0, -0.0, tiny, -tiny, f64::NAN, infinity, -infinity, 1e300]),
            (_, 0) => self.below(1_400) as f64 / 16.0,
            (1, _) => self.below(1_400) as f64,
            _ => self.below(100) as f64 / 2.0 - 2.0,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn all_ways_agree(seed in 1..u64::MAX, kinds in 0..3_u8, base in of(-2_f32..2.0)) {
        let arithmetic = base.map_or(Arithmetic::Double, |base| Arithmetic::Single { base });
        let mut model = Trees::new(columns(), arithmetic, Link::Identity);
        let mut random = Random(seed);
        for _ in 0..random.pick(&[0, 1, 7, 60]) {
            let leaves = random.pick(&[1, 2, 9, 31, 64, 65, 150]);
            let mut tree = random.tree(leaves, &mut model.forest.words);
            for sprout in &mut tree {
                simplify(sprout, kinds);
            }
            let length = tree.len();
            prop_assert_eq!(model.forest.grow(&tree), Ok(length));
        }
        let count = ROWS_MIN + random.below(BLOCK);
        let rows: Vec<f64> = (0..count * WIDTH).map(|at| random.value(at % WIDTH)).collect();
        let mut batch = vec![0.0; count];
        // First by rows alone, then by the grid.
        for some in [5, count] {
            model.raw_batch(&rows[..some * WIDTH], &mut batch[..some]).expect("of the right width");
            for (row, found) in rows.chunks(WIDTH).zip(&batch[..some]) {
                let expected = model.raw_plainly(row).to_bits();
                prop_assert_eq!(found.to_bits(), expected, "{:?}", row);
                prop_assert_eq!(model.raw(row).map(f64::to_bits), Ok(expected), "{:?}", row);
            }
        }
    }
}

/// Leaves some kinds of nodes out: 1 has no categories, 2 only comparisons.
fn simplify(sprout: &mut Sprout, kinds: u8) {
    if let Sprout::Split(split, _) = sprout {
        match (kinds, split.test) {
            (1, Test::Among) => split.test = Test::AtMostOrZero,
            (2, _) => split.test = Test::AtMost,
            _ => {}
        }
    }
}

fn columns() -> Vec<Column> {
    let column = |at| Column { name: format!("f{at}"), read: true, refuses_missing: false };
    (0..WIDTH).map(column).collect()
}

/// A tree that is one long way down: row n leaves it at leaf n.
#[test]
fn some_ways_are_longer_than_others() {
    let (leaves, mut model) = (200, Trees::new(columns(), Arithmetic::Double, Link::Identity));
    let mut tree = vec![Sprout::Leaf { output: 0.0, weight: 1.0 }];
    for at in 0..leaves - 1 {
        let (operand, last) = (f64::to_bits(at.into()), tree.len() - 1);
        let split = Split { operand, feature: 1, test: Test::AtMost, nan_goes_left: false };
        tree[last] = Sprout::Split(split, [last + 1, last + 2]);
        tree.extend([at, at + 1].map(|at| Sprout::Leaf { output: at.into(), weight: 1.0 }));
    }
    for _ in 0..3 {
        assert_eq!(model.forest.grow(&tree), Ok(tree.len()));
    }
    let rows: Vec<[f64; WIDTH]> =
        (0..ROWS_MIN).map(|at| [0.0, f64::from(at as u32 * 7 % leaves), 0.0, 0.0]).collect();
    let mut batch = vec![0.0; rows.len()];
    model.raw_batch(rows.as_flattened(), &mut batch).expect("of the right width");
    for (row, found) in rows.iter().zip(batch) {
        assert_eq!((model.raw(row), found), (Ok(3.0 * row[1]), 3.0 * row[1]));
    }
}

#[test]
fn a_table_must_be_as_wide_as_the_model() {
    let model = Trees::new(columns(), Arithmetic::Double, Link::Identity);
    let refused = model.raw_batch(&[0.0; 7], &mut [0.0; 2]);
    assert_eq!(refused, Err(EvaluationError::Width { expected: WIDTH, found: 3 }));
    assert_eq!(model.raw_batch(&[], &mut []), Ok(()));
}

#[test]
fn at_the_ends_a_probability_is_still_one() {
    let least = f64::from(1.0 / (1.0 + 88.7_f32.exp()));
    assert_eq!((sigmoid_single(-1e30), sigmoid_single(1e30)), (least, 1.0));
}
