//! The values that matter to a table: between two neighbouring bounds all values are alike, so one
//! of them stands for all.

use std::collections::{BTreeMap, BTreeSet};

use super::super::decimal::Decimal;
use super::super::expression::{Atom, Shape, Test, holds};
use super::super::scope::Range;
use super::super::value::Value;
use crate::time::{Span, Timestamp};

/// How many alternatives (`or` across columns) a row may come to.
const BOXES_MAX: usize = 64;

/// A set of representatives, by their number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bits(Vec<u64>);

impl FromIterator<bool> for Bits {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let mut words = Vec::new();
        for (at, bit) in bits.into_iter().enumerate() {
            if at % 64 == 0 {
                words.push(0);
            }
            words[at / 64] |= u64::from(bit) << (at % 64);
        }
        Self(words)
    }
}

impl Bits {
    pub(super) fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    pub(super) fn first(&self) -> Option<usize> {
        let word = self.0.iter().position(|word| *word != 0)?;
        Some(word * 64 + self.0[word].trailing_zeros() as usize)
    }

    fn intersects(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(left, right)| left & right != 0)
    }

    fn joined(&self, other: &Self, join: fn(u64, u64) -> u64) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(left, right)| join(*left, *right)).collect())
    }
}

/// One subject of the table's conditions.
#[derive(Default)]
pub(super) struct Axis {
    range: Range,
    bounds: Vec<Value>,
    /// Representatives; the last one is "missing" when `tests_missing`.
    pub(super) points: Vec<Value>,
    tests_missing: bool,
}

impl Axis {
    /// How many representatives are values, and not "missing".
    pub(super) fn known(&self) -> usize {
        self.points.len() - usize::from(self.tests_missing)
    }
}

/// The subjects of a table by their text.
#[derive(Default)]
pub(super) struct Grid {
    pub(super) axes: BTreeMap<String, Axis>,
}

/// One alternative of a row: for each axis, in their order, the set; nothing is all.
pub(super) type Region = Vec<Option<Bits>>;

impl Grid {
    /// Takes the subjects and bounds of a condition; false when it is no comparison with constants.
    pub(super) fn add(&mut self, shape: &Shape) -> bool {
        match shape {
            Shape::Always(_) => true,
            Shape::Opaque => false,
            Shape::Not(inside) => self.add(inside),
            Shape::And(parts) | Shape::Or(parts) => parts.iter().all(|part| self.add(part)),
            Shape::Atom(Atom { subject, range, test }) => {
                let axis = self.axes.entry(subject.clone()).or_default();
                axis.range = range.clone();
                match test {
                    Test::Compare(_, bound) => axis.bounds.push(bound.clone()),
                    Test::Missing => axis.tests_missing = true,
                }
                true
            }
        }
    }

    /// Chooses the representatives, once all conditions are in.
    pub(super) fn choose(&mut self) {
        for axis in self.axes.values_mut() {
            axis.points = points(&axis.bounds, &axis.range);
            if axis.tests_missing {
                axis.points.push(Value::Unknown);
            }
        }
    }

    /// Where the condition holds (or surely does not), as alternatives; nothing when too many.
    pub(super) fn regions(&self, shape: &Shape, holds_there: bool) -> Option<Vec<Region>> {
        match (shape, holds_there) {
            (Shape::Always(truth), _) => Some(if *truth == holds_there {
                vec![vec![None; self.axes.len()]]
            } else {
                Vec::new()
            }),
            (Shape::Opaque, _) => None,
            (Shape::Not(inside), _) => self.regions(inside, !holds_there),
            (Shape::And(parts), true) | (Shape::Or(parts), false) => {
                parts.iter().try_fold(vec![vec![None; self.axes.len()]], |all, part| {
                    product(&all, &self.regions(part, holds_there)?)
                })
            }
            (Shape::And(parts), false) | (Shape::Or(parts), true) => {
                let mut all: Vec<Region> = Vec::new();
                for part in parts {
                    for region in self.regions(part, holds_there)? {
                        unite(&mut all, region);
                    }
                }
                (all.len() <= BOXES_MAX).then_some(all)
            }
            (Shape::Atom(atom), _) => {
                let place = self.axes.keys().position(|subject| *subject == atom.subject)?;
                let bits = self.axes[&atom.subject].points.iter().map(|point| match &atom.test {
                    Test::Missing => point.is_unknown() == holds_there,
                    Test::Compare(comparison, bound) => {
                        holds(*comparison, point, bound) == Some(holds_there)
                    }
                });
                let mut region = vec![None; self.axes.len()];
                region[place] = Some(bits.collect());
                Some(vec![region])
            }
        }
    }
}

/// Adds an alternative; one that differs on a single axis is joined to it.
fn unite(all: &mut Vec<Region>, region: Region) {
    for other in all.iter_mut() {
        let mut differ = (0..region.len()).filter(|at| other[*at] != region[*at]);
        if let (Some(at), None) = (differ.next(), differ.next())
            && let (Some(one), Some(two)) = (&mut other[at], &region[at])
        {
            *one = one.joined(two, |one, two| one | two);
            return;
        }
    }
    all.push(region);
}

/// Both hold: each alternative with each. Nothing when there are too many.
pub(super) fn product(one: &[Region], other: &[Region]) -> Option<Vec<Region>> {
    let mut all = Vec::new();
    for left in one {
        for right in other {
            all.extend(common(left, right));
            if all.len() > BOXES_MAX {
                return None;
            }
        }
    }
    Some(all)
}

/// Whether anything is in both.
pub(super) fn meet(left: &Region, right: &Region) -> bool {
    left.iter().zip(right).all(|pair| match pair {
        (Some(left), Some(right)) => left.intersects(right),
        (Some(one), None) | (None, Some(one)) => one.first().is_some(),
        (None, None) => true,
    })
}

/// What is in both, if anything is.
pub(super) fn common(left: &Region, right: &Region) -> Option<Region> {
    let both = |(left, right): (&Option<Bits>, &Option<Bits>)| match (left, right) {
        (None, other) | (other, None) => other.clone(),
        (Some(left), Some(right)) => Some(left.joined(right, |left, right| left & right)),
    };
    meet(left, right).then(|| left.iter().zip(right).map(both).collect())
}

fn points(bounds: &[Value], range: &Range) -> Vec<Value> {
    match bounds.first() {
        None => match &range.texts {
            Some(texts) => texts.iter().map(|text| Value::text(text)).collect(),
            None => vec![Value::text("(any)")],
        },
        Some(Value::Boolean(_)) => vec![Value::Boolean(true), Value::Boolean(false)],
        Some(Value::Text(_)) => texts(bounds, range),
        Some(Value::Number(_)) => {
            let bounds: BTreeSet<Decimal> = bounds.iter().filter_map(Value::number).collect();
            numbers(&bounds, range).into_iter().map(Value::Number).collect()
        }
        Some(Value::Date(_)) => {
            let back = |us| Value::Date(Timestamp(us));
            moments(
                bounds,
                |value| if let Value::Date(at) = value { Some(at.0) } else { None },
                back,
            )
        }
        Some(Value::Duration(_)) => {
            let back = |us| Value::Duration(Span(us));
            moments(
                bounds,
                |value| if let Value::Duration(span) = value { Some(span.0) } else { None },
                back,
            )
        }
        Some(_) => vec![Value::text("(any)")],
    }
}

/// The texts that are named, and one that is not unless all are declared.
fn texts(bounds: &[Value], range: &Range) -> Vec<Value> {
    if let Some(texts) = &range.texts {
        return texts.iter().map(|text| Value::text(text)).collect();
    }
    let mut points: Vec<Value> = Vec::new();
    for bound in bounds {
        if !points.contains(bound) {
            points.push(bound.clone());
        }
    }
    points.push(Value::text("(any other text)"));
    points
}

/// Each bound, one number between each two, one below and one above, as far as the range goes.
fn numbers(bounds: &BTreeSet<Decimal>, range: &Range) -> Vec<Decimal> {
    let one = Decimal::ONE;
    let mut points: BTreeSet<Decimal> = BTreeSet::new();
    points.extend(range.min);
    points.extend(range.max);
    if range.is_integer {
        for bound in bounds {
            let (floor, ceil) = (bound.floor(), bound.ceil());
            points.extend(
                [Some(floor), Some(ceil), floor.minus(one), ceil.plus(one)].into_iter().flatten(),
            );
        }
        points.retain(|point| point.is_integer());
    } else {
        let edges: BTreeSet<Decimal> =
            bounds.iter().copied().chain(range.min).chain(range.max).collect();
        let pairs = edges.iter().zip(edges.iter().skip(1));
        points.extend(pairs.filter_map(|(low, high)| low.plus(*high)?.over(Decimal::from(2))));
        points.extend(edges.first().and_then(|low| low.minus(one)));
        points.extend(edges.last().and_then(|high| high.plus(one)));
        points.extend(edges);
    }
    points.retain(|point| {
        range.min.is_none_or(|min| min <= *point) && range.max.is_none_or(|max| *point <= max)
    });
    points.into_iter().collect()
}

fn moments(
    bounds: &[Value],
    read: impl Fn(&Value) -> Option<i64>,
    back: impl Fn(i64) -> Value,
) -> Vec<Value> {
    let bounds: BTreeSet<Decimal> = bounds.iter().filter_map(read).map(Decimal::from).collect();
    let whole = Range { is_integer: true, ..Range::default() };
    numbers(&bounds, &whole).into_iter().filter_map(|point| point.to_i64().map(&back)).collect()
}
