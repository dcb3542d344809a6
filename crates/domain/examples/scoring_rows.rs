//! Rows per second of a model on one thread: what `./bench scoring` sets beside the libraries that
//! train such models.
//!
//!   scoring_rows MODEL TABLE
//!
//! For trees TABLE holds doubles, row after row, for a scorecard a CSV file without quotes. Prints
//! `single RATE`, `batch RATE` (the best of some rounds) and, for trees, `bits HEX`: all raw scores
//! as doubles, combined so that one other bit shows.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::Instant;

use domain::scoring::{Model, ModelFormat, Trees};

const BATCH_ROUNDS: usize = 15;
const SINGLE_ROUNDS: usize = 5;
/// Texts take more memory than numbers.
const CARD_ROWS_MAX: usize = 8_192;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [model, table] = paths.as_slice() else {
        return Err("usage: scoring_rows MODEL TABLE".into());
    };
    let bytes = std::fs::read(model)?;
    let format = ModelFormat::sniff(&bytes).ok_or("not a model")?;
    let table = std::fs::read(table)?;
    match Model::load(format, &bytes)? {
        Model::LightGbm(trees) | Model::XgBoost(trees) => measure_trees(&trees, &table),
        card @ Model::Scorecard(_) => measure_card(&card, std::str::from_utf8(&table)?),
    }
}

/// Prints the best rate of some rounds.
#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn measure(name: &str, rounds: usize, rows: usize, mut score: impl FnMut()) -> io::Result<()> {
    let rate = |_| {
        let begin = Instant::now();
        score();
        rows as f64 / begin.elapsed().as_secs_f64()
    };
    writeln!(io::stdout(), "{name} {:.0}", (0..rounds).map(rate).fold(0.0, f64::max))
}

fn measure_trees(trees: &Trees, table: &[u8]) -> Result<(), Box<dyn Error>> {
    let (values, _) = table.as_chunks();
    let values: Vec<f64> = values.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let width = trees.width();
    let mut raw = vec![0.0; values.len() / width];
    measure("single", SINGLE_ROUNDS, raw.len(), || {
        for (row, raw) in values.chunks_exact(width).zip(&mut raw) {
            *raw = trees.raw(row).expect("as wide as the model");
        }
    })?;
    let single = raw.clone();
    measure("batch", BATCH_ROUNDS, raw.len(), || {
        trees.raw_batch(&values, &mut raw).expect("as wide as the model");
    })?;
    if single != raw {
        return Err("row by row the scores are others".into());
    }
    let bits = raw.iter().fold(0_u64, |all, raw| all.rotate_left(1) ^ raw.to_bits());
    writeln!(io::stdout(), "bits {bits:016x}")?;
    Ok(())
}

fn measure_card(card: &Model, table: &str) -> Result<(), Box<dyn Error>> {
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().ok_or("no header")?.split(',').collect();
    let place = |name: &str| header.iter().position(|one| *one == name).ok_or("no such column");
    let places = card.feature_names().into_iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let mut cells = Vec::new();
    let rows: Vec<Vec<&str>> =
        lines.take(CARD_ROWS_MAX).map(|line| line.split(',').collect()).collect();
    for row in &rows {
        cells.extend(places.iter().map(|place| row.get(*place).copied()));
    }
    measure("single", SINGLE_ROUNDS, rows.len(), || {
        for cells in cells.chunks_exact(places.len()) {
            black_box(card.score_cells(cells).is_ok());
        }
    })?;
    measure("batch", BATCH_ROUNDS, rows.len(), || drop(black_box(card.score_rows(&cells))))?;
    Ok(())
}
