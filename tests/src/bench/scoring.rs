//! Models over a table, as `probity model predict` runs them: rows per second of the whole
//! command, reading and writing the files included.

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::report::{Fact, Report};
use super::score::fixture;
use crate::process;

const ROWS: usize = 200_000;

pub(super) fn measure(report: &mut Report) -> io::Result<()> {
    let models = [
        ("LightGBM, 20 features", "german_lightgbm.txt.gz", "german_test_encoded.csv.gz"),
        ("scorecard, 20 features", "german_optbinning_card.json.gz", "german_test.csv.gz"),
    ];
    for (name, model, table) in models {
        match rows_per_second(&fixture(model), &fixture(table))? {
            Ok(rate) => report.fact(Fact::new(format!("predict: {name}"), rate, "rows/s"))?,
            Err(said) => report.note(&format!("predict, {name}: not measured: {said}"))?,
        }
    }
    Ok(())
}

/// The rate, or what the command said when it could not.
fn rows_per_second(model: &[u8], table: &[u8]) -> io::Result<Result<f64, String>> {
    let folder = TempDir::new()?;
    let path = |name: &str| folder.path().join(name);
    fs::write(path("model"), model)?;
    fs::write(path("in.csv"), repeated(table))?;
    let mut command = Command::new(process::binary());
    command.args(["model", "predict", "--model"]).arg(path("model"));
    command.arg("--input").arg(path("in.csv")).arg("--output").arg(path("out.csv"));
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let seconds = start.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stderr).lines().next().map(str::to_owned);
    let written = fs::read(path("out.csv")).unwrap_or_default();
    let lines = written.split(|byte| *byte == b'\n').count() - 1;
    if !output.status.success() || lines < ROWS {
        return Ok(Err(said.unwrap_or_else(|| output.status.to_string())));
    }
    Ok(Ok(ROWS as f64 / seconds))
}

/// The table with its rows again and again.
fn repeated(table: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = table.split_inclusive(|byte| *byte == b'\n').collect();
    let (header, rows) = lines.split_first().expect("a header");
    let mut repeated = header.to_vec();
    rows.iter().cycle().take(ROWS).for_each(|row| repeated.extend_from_slice(row));
    repeated
}
