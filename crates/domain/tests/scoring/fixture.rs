//! The gzipped fixtures, as text and as tables.

use std::io::Read;
use std::path::Path;

use domain::features::{Features, Value};
use domain::scoring::{Model, ModelFormat, Trees};
use flate2::read::GzDecoder;

pub(crate) fn text(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scoring");
    let bytes = std::fs::read(folder.join(format!("{name}.gz"))).expect(name);
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect(name);
    text
}

pub(crate) fn model(name: &str) -> Model {
    let text = text(name);
    let format = ModelFormat::sniff(text.as_bytes()).expect(name);
    Model::load(format, text.as_bytes()).expect(name)
}

pub(crate) fn trees(name: &str) -> Trees {
    match model(name) {
        Model::LightGbm(trees) | Model::XgBoost(trees) => trees,
        Model::Scorecard(_) => panic!("{name} is no model of trees"),
    }
}

/// A CSV file with its column names.
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn read(name: &str) -> Self {
        let text = text(name);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let owned = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let header = owned(reader.headers().expect(name));
        let rows = reader.records().map(|row| owned(&row.expect(name))).collect();
        Self { header, rows }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The named cells of each row, in the order of the names.
    pub(crate) fn cells(&self, names: &[&str]) -> impl Iterator<Item = Vec<&str>> {
        let at = |name: &&str| self.header.iter().position(|one| one == name).expect(name);
        let places: Vec<usize> = names.iter().map(at).collect();
        self.rows.iter().map(move |row| places.iter().map(|&at| row[at].as_str()).collect())
    }

    pub(crate) fn column(&self, name: &str) -> Vec<f64> {
        self.cells(&[name]).map(|row| row[0].parse().expect(name)).collect()
    }

    /// The named cells as numbers; an empty one is NaN.
    pub(crate) fn numbers(&self, names: &[&str]) -> Vec<Vec<f64>> {
        let number = |cell: &str| {
            if cell.is_empty() { f64::NAN } else { cell.parse().expect(cell) }
        };
        self.cells(names).map(|row| row.into_iter().map(number).collect()).collect()
    }

    /// The named cells as a service sees them.
    pub(crate) fn features(&self, names: &[&str]) -> Vec<Features> {
        let value = |cell: &str| {
            if cell.is_empty() { Value::Missing } else { Value::read(cell) }
        };
        let pair = |(name, cell): (&&str, &str)| ((*name).to_owned(), value(cell));
        self.cells(names).map(|row| std::iter::zip(names, row).map(pair).collect()).collect()
    }
}
