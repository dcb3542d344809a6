//! Rows of a Parquet file. Its flat columns are read as the text that a CSV would have.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use anyhow::{Context, bail};
use domain::load::{BadRow, Columns, Fault, Rejected};
use domain::time::Timestamp;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;

const DAY_US: i64 = 86_400_000_000;

/// The rows and how many there are.
pub(super) fn open<T>(
    file: File,
    columns: Columns,
    mut read: impl FnMut(&[&str]) -> Result<T, Fault>,
) -> anyhow::Result<(impl Iterator<Item = Result<T, Rejected>>, u64)> {
    let reader = SerializedFileReader::new(file).context("is not a Parquet file")?;
    let metadata = reader.metadata().file_metadata();
    let count = metadata.num_rows().max(0) as u64;
    let (wanted, places) = project(metadata.schema(), columns)?;
    let mut rows = RowIter::from_file_into(Box::new(reader)).project(Some(wanted))?;
    let (mut number, mut is_over) = (0, false);
    let iter = std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        // The library panics on some of what a damaged file can hold.
        let row = catch_unwind(AssertUnwindSafe(|| rows.next()));
        let Ok(row) = row.unwrap_or(Some(Err(damaged())))? else {
            is_over = true;
            let reason = format!("the file is damaged after row {number}");
            return Some(Err(Rejected::Table(reason)));
        };
        number += 1;
        let cells = cells(&row, columns, &places);
        let cells =
            cells.and_then(|cells| read(&cells.iter().map(|cell| cell.trim()).collect::<Vec<_>>()));
        Some(cells.map_err(|fault| Rejected::Row(BadRow { row: number, fault })))
    });
    Ok((iter, count))
}

fn damaged() -> parquet::errors::ParquetError {
    parquet::errors::ParquetError::General("the library gave up".to_owned())
}

/// The schema of the columns wanted, and where each of them stands in it.
fn project(schema: &Type, columns: Columns) -> anyhow::Result<(Type, Vec<Option<usize>>)> {
    let is_wanted = |field: &&Arc<Type>| columns.names().any(|name| name == field.name());
    let fields: Vec<Arc<Type>> = schema.get_fields().iter().filter(is_wanted).cloned().collect();
    let mut places = Vec::new();
    for (at, name) in columns.names().enumerate() {
        let place = fields.iter().position(|field| field.name() == name);
        if place.is_none() && at < columns.required.len() {
            bail!(
                "the table has no column {name}; its columns must be {}",
                columns.required.join(", ")
            );
        }
        if place.is_some_and(|at| !fields[at].is_primitive()) {
            bail!("the column {name} is nested; it must be a text, a number or a time");
        }
        places.push(place);
    }
    let wanted = Type::group_type_builder(schema.name()).with_fields(fields).build()?;
    Ok((wanted, places))
}

fn cells(row: &Row, columns: Columns, places: &[Option<usize>]) -> Result<Vec<String>, Fault> {
    let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
    let cell = |(name, place): (&'static str, &Option<usize>)| match place {
        None => Ok(String::new()),
        Some(at) => text(fields[*at]).ok_or_else(|| Fault::new(name, "is of a type not read")),
    };
    columns.names().zip(places).map(cell).collect()
}

/// A value as a CSV has it. What is missing (null, not a number) is empty.
fn text(field: &Field) -> Option<String> {
    let at = |us: i64| Some(Timestamp(us).to_string());
    match field {
        Field::Null => Some(String::new()),
        Field::Str(text) => Some(text.clone()),
        Field::Bytes(bytes) => bytes.as_utf8().ok().map(str::to_owned),
        Field::Float(number) if number.is_nan() => Some(String::new()),
        Field::Double(number) if number.is_nan() => Some(String::new()),
        Field::Float(number) => Some(number.to_string()),
        Field::Double(number) => Some(number.to_string()),
        Field::Date(days) => at(i64::from(*days) * DAY_US),
        Field::TimestampMillis(ms) => at(ms.checked_mul(1_000)?),
        Field::TimestampMicros(us) => at(*us),
        Field::Bool(_)
        | Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_)
        | Field::Decimal(_) => Some(field.to_string()),
        Field::Float16(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::Group(_)
        | Field::ListInternal(_)
        | Field::MapInternal(_) => None,
    }
}
