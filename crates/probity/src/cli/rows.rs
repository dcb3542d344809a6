//! Files of rows that commands read: CSV and Parquet, from constant memory.

mod parquet;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, anyhow};
use domain::load::{Columns, Fault, Rejected};
use wire::table::Csv;

use super::output::Progress;

/// Rows, checked by the reader that was given.
pub(super) type Rows<'r, T> = Box<dyn Iterator<Item = Result<T, Rejected>> + 'r>;

/// Opens a table: Parquet by its name's end, else CSV; `-` is CSV from standard input. The bar
/// shows how far it is read.
pub(super) fn open<'r, T: 'r>(
    path: &Path,
    columns: Columns,
    read: impl FnMut(&[&str]) -> Result<T, Fault> + 'r,
) -> anyhow::Result<(Rows<'r, T>, Progress)> {
    let named = || format!("the file {}", path.display());
    let csv = |input: Box<dyn Read>| {
        Csv::open(input, columns).map_err(|reason| anyhow!(reason)).with_context(named)
    };
    if is_standard_input(path) {
        let rows = csv(Box::new(io::stdin().lock()))?.rows(read);
        return Ok((Box::new(rows), Progress::counting("rows")));
    }
    let file = File::open(path).with_context(named)?;
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet")) {
        let (rows, count) = parquet::open(file, columns, read).with_context(named)?;
        return Ok((Box::new(rows), Progress::of(count, "rows")));
    }
    let progress = Progress::reading(file.metadata().with_context(named)?.len());
    let rows = csv(Box::new(progress.count(file)))?.rows(read);
    Ok((Box::new(rows), progress))
}

pub(super) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}
