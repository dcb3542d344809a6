//! Models over tables: rows per second of the evaluators alone, beside the libraries that trained
//! the models, and of the whole `probity model predict`, reading and writing the files included.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::peers::{self, Case, Library, Rates};
use super::report::{Fact, Report, Versus};
use super::score::fixture;
use crate::process;

/// Rows of `predict`, and of the evaluators, which have no files to wait for.
const ROWS: usize = 200_000;
const TABLE_ROWS: usize = 32_768;

/// How many times the peer's rate ours is meant to be: (library, one row at a time, many).
const AIMS: [(Library, Option<f64>, Option<f64>); 2] =
    [(Library::LightGbm, Some(2.0), Some(5.0)), (Library::XgBoost, None, Some(1.0))];

/// (name, model, the table whose values the rows are made of)
const CASES: [(&str, &str, &str); 8] = [
    ("LightGBM, 20 features", "german_lightgbm.txt", "german_test_encoded.csv"),
    ("LightGBM, categories", "german_lightgbm_cat.txt", "german_test_encoded.csv"),
    ("LightGBM, missing values", "german_lightgbm_nan.txt", "german_test_encoded_nan.csv"),
    ("LightGBM, 23 features", "taiwan_lightgbm.txt", "taiwan_test.csv"),
    ("XGBoost, 20 features", "german_xgboost.json", "german_test_encoded.csv"),
    ("XGBoost, 23 features", "taiwan_xgboost.json", "taiwan_test.csv"),
    ("scorecard, 20 features", "german_optbinning_card.json", "german_test.csv"),
    ("scorecard, 23 features", "taiwan_optbinning_card.json", "taiwan_test.csv"),
];

pub(super) fn measure(report: &mut Report) -> io::Result<()> {
    for (name, model, table) in CASES {
        let (model, table) = (fixture(&format!("{model}.gz")), fixture(&format!("{table}.gz")));
        evaluate(report, name, &model, &table)?;
    }
    for (name, model, table) in [CASES[0], CASES[6]] {
        let (model, table) = (fixture(&format!("{model}.gz")), fixture(&format!("{table}.gz")));
        match rows_per_second(&model, &table)? {
            Ok(rate) => report.fact(Fact::new(format!("predict: {name}"), rate, "rows/s"))?,
            Err(said) => report.note(&format!("predict, {name}: not measured: {said}"))?,
        }
    }
    Ok(())
}

/// The evaluators alone, in memory.
fn evaluate(report: &mut Report, name: &str, model: &[u8], table: &[u8]) -> io::Result<()> {
    let folder = TempDir::new()?;
    let library = library(model);
    let names = library.map_or_else(Vec::new, |library| feature_names(library, model));
    // XGBoost tells the format by the ending.
    let (model_path, table_path) = (folder.path().join("model.json"), folder.path().join("table"));
    fs::write(&model_path, model)?;
    match library {
        Some(_) => fs::write(&table_path, mixed(table, &names))?,
        None => fs::write(&table_path, repeated(table))?,
    }
    let case = Case { model: &model_path, table: &table_path, columns: names.len(), library };
    let (ours, theirs) = peers::measure(&case)?;
    if let Some(theirs) = &theirs {
        assert_eq!(ours.bits, theirs.bits, "{name}: not the same scores");
    } else if library.is_some() {
        report.note(&format!("{name}: the library is not here to be measured against"))?;
    }
    let aim = |library| AIMS.iter().find(|(one, ..)| *one == library);
    let (_, single, batch) = *library.and_then(aim).unwrap_or(&(Library::LightGbm, None, None));
    for (how, rate, aim) in [
        ("one by one", (|rates: &Rates| rates.single) as fn(&Rates) -> f64, single),
        ("many", |rates: &Rates| rates.batch, batch),
    ] {
        let (ours, peer) = (rate(&ours), theirs.as_ref().map(rate));
        let name = format!("{name}, {how}");
        report.versus(Versus { name, ours, peer, aim, unit: "rows/s" })?;
    }
    Ok(())
}

/// The library of a model; a scorecard has none.
fn library(model: &[u8]) -> Option<Library> {
    if model.starts_with(b"tree\n") {
        return Some(Library::LightGbm);
    }
    json(model).get("learner").map(|_| Library::XgBoost)
}

fn json(model: &[u8]) -> serde_json::Value {
    serde_json::from_slice(model).expect("a model in JSON")
}

fn feature_names(library: Library, model: &[u8]) -> Vec<String> {
    match library {
        Library::LightGbm => {
            let text = str::from_utf8(model).expect("text");
            let line = text.lines().find_map(|line| line.strip_prefix("feature_names="));
            line.expect("names").split(' ').map(str::to_owned).collect()
        }
        Library::XgBoost => {
            let names = json(model)["learner"]["feature_names"].take();
            serde_json::from_value(names).expect("names")
        }
    }
}

/// Rows as doubles, each value from some row of the table: the same few rows again and again would
/// teach the processor which way they go.
fn mixed(table: &[u8], names: &[String]) -> Vec<u8> {
    let mut reader = csv::Reader::from_reader(table);
    let header = reader.headers().expect("a header").clone();
    let place = |name: &String| header.iter().position(|one| one == name).expect("a column");
    let places: Vec<usize> = names.iter().map(place).collect();
    let records: Vec<_> = reader.records().map(|record| record.expect("a row")).collect();
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    let rows: Vec<Vec<f64>> =
        records.iter().map(|row| places.iter().map(|at| number(&row[*at])).collect()).collect();
    let mut state = 0x5eed_u64;
    let mut random = |limit: usize| {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % limit
    };
    let values =
        (0..TABLE_ROWS * places.len()).map(|at| rows[random(rows.len())][at % places.len()]);
    values.flat_map(f64::to_le_bytes).collect()
}

/// The rate of the whole command, or what it said when it could not.
fn rows_per_second(model: &[u8], table: &[u8]) -> io::Result<Result<f64, String>> {
    let folder = TempDir::new()?;
    let path = |name: &str| folder.path().join(name);
    fs::write(path("model"), model)?;
    fs::write(path("in.csv"), repeated(table))?;
    let start = Instant::now();
    let output = predict(&path("model"), &path("in.csv"), &path("out.csv")).output()?;
    let seconds = start.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stderr).lines().next().map(str::to_owned);
    let written = fs::read(path("out.csv")).unwrap_or_default();
    let lines = written.split(|byte| *byte == b'\n').count() - 1;
    if !output.status.success() || lines < ROWS {
        return Ok(Err(said.unwrap_or_else(|| output.status.to_string())));
    }
    Ok(Ok(ROWS as f64 / seconds))
}

fn predict(model: &Path, input: &Path, output: &Path) -> Command {
    let mut command = Command::new(process::binary());
    command.args(["model", "predict", "--model"]).arg(model).arg("--input").arg(input);
    command.arg("--output").arg(output).stdin(Stdio::null());
    command
}

/// The table with its rows again and again.
fn repeated(table: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = table.split_inclusive(|byte| *byte == b'\n').collect();
    let (header, rows) = lines.split_first().expect("a header");
    let mut repeated = header.to_vec();
    rows.iter().cycle().take(ROWS).for_each(|row| repeated.extend_from_slice(row));
    repeated
}
