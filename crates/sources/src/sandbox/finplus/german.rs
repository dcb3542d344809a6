//! The German Credit files inside the binary. Attribution: `domain/fixtures/scoring/README.md`,
//! and the `training_data` of every model card.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use flate2::read::GzDecoder;
use serde::Deserialize;

macro_rules! gzipped {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../domain/fixtures/scoring/german_",
            $name,
            ".gz"
        ))
    };
}
#[cfg(test)]
pub(super) use gzipped;

/// One row of the data set.
pub(super) struct Row {
    /// Its number in the source file, from 1.
    pub(super) id: u32,
    /// Column name and cell (a number or a category such as `A11`), without `id` and `bad`.
    pub(super) cells: Vec<(String, String)>,
    /// Whether the credit went bad.
    pub(super) bad: bool,
}

/// The order of the features, and the number that stands for each category.
#[derive(Deserialize)]
pub(super) struct Encoding {
    pub(super) features: Vec<String>,
    /// By feature; a number has none.
    pub(super) codes: HashMap<String, BTreeMap<String, f64>>,
}

pub(super) fn scorecard() -> Vec<u8> {
    unzip(gzipped!("optbinning_card.json"))
}

pub(super) fn lightgbm() -> Vec<u8> {
    unzip(gzipped!("lightgbm.txt"))
}

pub(super) fn encoding() -> Encoding {
    let text = unzip(gzipped!("encoding.json"));
    serde_json::from_slice(&text).expect("the encoding inside the binary is what the tests read")
}

/// The rows that no model was trained on, in the order of the data set.
pub(super) fn test_rows() -> Vec<Row> {
    let table = unzip(gzipped!("test.csv"));
    let mut reader = csv::Reader::from_reader(table.as_slice());
    let header = reader.headers().expect("the table inside the binary has a header").clone();
    let row = |record: csv::StringRecord| {
        let mut row = Row { id: 0, cells: Vec::with_capacity(header.len()), bad: false };
        for (name, cell) in header.iter().zip(&record) {
            match name {
                "id" => row.id = cell.parse().expect("the rows are numbered"),
                "bad" => row.bad = cell == "1",
                _ => row.cells.push((name.to_owned(), cell.to_owned())),
            }
        }
        row
    };
    reader.records().map(|record| row(record.expect("the table is rectangular"))).collect()
}

pub(super) fn unzip(gzipped: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(gzipped).read_to_end(&mut bytes).expect("the files inside the binary are whole");
    bytes
}
