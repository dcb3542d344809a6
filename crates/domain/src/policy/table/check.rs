//! What is wrong with a table: rows that apply together, rows that are missing, rows that never
//! apply.

use std::collections::{BTreeMap, HashSet};

use super::super::scope::Scope;
use super::grid::{Axis, Bits, Grid, Region, common, meet, product};
use super::{HitPolicy, Table};

/// Sets of rows looked at, for one table, in the search for what no row covers.
const LOOKS_MAX: usize = 20_000;
/// Faults told of one table; the others follow when these are mended.
const FAULTS_MAX: usize = 10;

/// What the policy says is meant.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Allowed {
    /// Rows may apply together: the first one counts.
    pub(in super::super) overlap: bool,
    /// There may be values that no row is for: the results are unknown then.
    pub(in super::super) gaps: bool,
}

/// The faults of a table, in words. A table that collects may overlap and miss.
pub(in super::super) fn check(table: &Table, scope: &Scope, allowed: Allowed) -> Vec<String> {
    if table.hit_policy == HitPolicy::Collect || (allowed.overlap && allowed.gaps) {
        return Vec::new();
    }
    let (grid, rows) = match regions(table, scope) {
        Ok(read) => read,
        Err(fault) => return vec![fault],
    };
    let mut faults = Vec::new();
    if !allowed.overlap {
        faults.extend(overlaps(table, &grid, &rows));
    }
    let mut looks = 0;
    if !allowed.gaps {
        let all: Vec<&Region> = rows.iter().flatten().collect();
        match uncovered(&grid, &all, &vec![None; grid.axes.len()], &mut looks) {
            Ok(None) => {}
            Ok(Some(point)) => faults.push(format!(
                "no row is for {}; add a row, or an empty last row for all that is left",
                example(&grid, &point)
            )),
            Err(TooLarge) => faults.push(
                "too many combinations to look for missing rows: split the table, or declare \
                 `may_miss`"
                    .to_owned(),
            ),
        }
    }
    faults.extend(never(&grid, &rows, &mut looks));
    faults.truncate(FAULTS_MAX);
    faults
}

/// The regions of each row, or why there are none.
fn regions(table: &Table, scope: &Scope) -> Result<(Grid, Vec<Vec<Region>>), String> {
    let mut grid = Grid::default();
    let mut shapes = Vec::new();
    for (number, row) in table.rows.iter().enumerate() {
        let mut cells = Vec::new();
        for (column, cell) in table.columns.iter().zip(&row.cells) {
            let Some(cell) = cell else { continue };
            let shape = cell.shape(scope);
            if !grid.add(&shape) {
                return Err(format!(
                    "row {}, column `{}`: `{}` does not compare with constants, so overlapping \
                     and missing rows cannot be found; compute it in an expression node before, or \
                     declare `may_overlap` and `may_miss`",
                    number + 1,
                    column.name,
                    cell.source()
                ));
            }
            cells.push(shape);
        }
        shapes.push(cells);
    }
    grid.choose();
    let everything = vec![vec![None; grid.axes.len()]];
    let mut rows = Vec::new();
    for (number, cells) in shapes.iter().enumerate() {
        let row = cells
            .iter()
            .try_fold(everything.clone(), |all, shape| product(&all, &grid.regions(shape, true)?));
        rows.push(row.ok_or_else(|| {
            format!("row {}: too many alternatives (`or`): write several rows", number + 1)
        })?);
    }
    Ok((grid, rows))
}

/// Pairs of rows that apply together. An empty last row is for all that is left.
fn overlaps(table: &Table, grid: &Grid, rows: &[Vec<Region>]) -> Vec<String> {
    let mut faults = Vec::new();
    for (second, row) in rows.iter().enumerate() {
        if second + 1 == rows.len() && table.rows[second].is_otherwise() {
            continue;
        }
        for (first, before) in rows[..second].iter().enumerate() {
            let mut pairs = before.iter().flat_map(|one| row.iter().map(move |two| (one, two)));
            if let Some(region) = pairs.find_map(|(one, two)| common(one, two)) {
                let lowest = |bits: &Option<Bits>| bits.as_ref().and_then(Bits::first).unwrap_or(0);
                let point: Vec<usize> = region.iter().map(lowest).collect();
                faults.push(format!(
                    "rows {} and {} both apply, for example with {}; make them exclude each \
                     other, or declare `may_overlap` when the first one is meant to count",
                    first + 1,
                    second + 1,
                    example(grid, &point)
                ));
                if faults.len() == FAULTS_MAX {
                    return faults;
                }
            }
        }
    }
    faults
}

/// Rows that are never the first to apply.
fn never(grid: &Grid, rows: &[Vec<Region>], looks: &mut usize) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let before: Vec<&Region> = rows[..number].iter().flatten().collect();
        let reached = row.iter().any(|region| {
            // When it is too much to tell, it is not told.
            for_missing(grid, region)
                || !matches!(uncovered(grid, &before, region, looks), Ok(None))
        });
        if !reached {
            let why = if row.is_empty() {
                "its conditions exclude each other"
            } else {
                "the rows before it take all of its cases"
            };
            faults.push(format!("row {} never applies: {why}", number + 1));
        }
    }
    faults
}

/// Whether the region is about a missing value.
fn for_missing(grid: &Grid, region: &Region) -> bool {
    grid.axes.values().zip(region).any(|(axis, bits)| {
        bits.as_ref().is_some_and(|bits| (axis.known()..axis.points.len()).any(|at| bits.has(at)))
    })
}

struct TooLarge;

/// A point inside `within` that none of the regions holds, missing values left aside.
fn uncovered(
    grid: &Grid,
    regions: &[&Region],
    within: &Region,
    looks: &mut usize,
) -> Result<Option<Vec<usize>>, TooLarge> {
    let known: Vec<usize> = grid.axes.values().map(Axis::known).collect();
    let mut search = Search { known: &known, regions, within, seen: HashSet::new(), looks };
    let alive: Vec<usize> = (0..regions.len()).filter(|at| meet(regions[*at], within)).collect();
    search.go(0, alive)
}

/// Goes through the axes one after another; points with the same rows left are one.
struct Search<'s> {
    known: &'s [usize],
    regions: &'s [&'s Region],
    within: &'s Region,
    /// Axis and rows left from where nothing was found.
    seen: HashSet<(usize, Vec<usize>)>,
    looks: &'s mut usize,
}

impl Search<'_> {
    fn go(&mut self, axis: usize, alive: Vec<usize>) -> Result<Option<Vec<usize>>, TooLarge> {
        let is_open = |at: &usize| self.regions[*at][axis..].iter().all(Option::is_none);
        if alive.iter().any(is_open) || self.seen.contains(&(axis, alive.clone())) {
            return Ok(None);
        }
        if alive.is_empty() {
            let rest = self.within[axis..].iter().zip(&self.known[axis..]);
            return Ok(rest
                .map(|(bits, known)| {
                    let inside = |at: &usize| bits.as_ref().is_none_or(|bits| bits.has(*at));
                    (0..*known).find(inside)
                })
                .collect());
        }
        if axis == self.known.len() {
            return Ok(None);
        }
        *self.looks += 1;
        if *self.looks > LOOKS_MAX {
            return Err(TooLarge);
        }
        let mut groups: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        for point in 0..self.known[axis] {
            if self.within[axis].as_ref().is_some_and(|bits| !bits.has(point)) {
                continue;
            }
            let holds =
                |at: &usize| self.regions[*at][axis].as_ref().is_none_or(|bits| bits.has(point));
            let left: Vec<usize> = alive.iter().copied().filter(holds).collect();
            groups.entry(left).or_insert(point);
        }
        for (left, point) in groups {
            if let Some(mut rest) = self.go(axis + 1, left)? {
                rest.insert(0, point);
                return Ok(Some(rest));
            }
        }
        self.seen.insert((axis, alive));
        Ok(None)
    }
}

/// The point in words.
fn example(grid: &Grid, point: &[usize]) -> String {
    let parts =
        grid.axes.iter().zip(point).map(|((subject, axis), at)| match axis.points.get(*at) {
            Some(value) if !value.is_unknown() => format!("{subject} = {value}"),
            _ => format!("{subject} missing"),
        });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "any values".to_owned() } else { parts.join(", ") }
}
