//! Rows in a body: CSV, a JSON array of objects, or an object a line.

use std::io::Cursor;

use domain::failure::Failure;
use domain::load::{BadRow, Columns, Fault, Rejected};

use super::Refusal;
use crate::body::{Body, Limits, Value};
use crate::request::Request;
use crate::table::Csv;

/// A row is a handful of short texts; a body may have very many of them.
const LIMITS: Limits = Limits {
    parameters_max: 64,
    name_max_bytes: 128,
    value_max_bytes: 8 * 1024,
    depth_max: 8,
    items_max: 1_000_000,
    body_max_bytes: 16 * 1024 * 1024,
};

/// Rows of a body, checked.
type Rows<T> = Box<dyn Iterator<Item = Result<T, Rejected>> + Send>;

enum Media {
    Csv,
    Json,
    JsonLines,
}

/// The rows of a body, checked by `read`, which is given their cells in the order of `columns`.
/// The kind of body is told by its Content-Type, or by its bytes without one.
///
/// Errors: [`Refusal::MediaType`], [`Refusal::TooLarge`], [`Refusal::Table`].
pub fn rows<T: Send + 'static>(
    request: &Request<'_>,
    columns: Columns,
    read: fn(&[&str]) -> Result<T, Fault>,
) -> Result<Rows<T>, Refusal> {
    let body = Body::take(request, &LIMITS).map_err(|untaken| match untaken.status {
        413 => Refusal::TooLarge(untaken.reason),
        415 => Refusal::MediaType(untaken.reason),
        _ => Refusal::Failure(Failure::Parameter { reason: untaken.reason }),
    })?;
    let bytes = body.bytes.to_vec();
    match media(request.headers.get("content-type").unwrap_or_default(), &bytes)? {
        Media::Csv => {
            let csv = Csv::open(Cursor::new(bytes), columns).map_err(Refusal::Table)?;
            Ok(Box::new(csv.rows(read)))
        }
        Media::Json => {
            let mut rows = Vec::new();
            let each = |value: Value| {
                let number = rows.len() as u64 + 1;
                rows.push(row(Some(&value), number, columns, read));
            };
            let whole = Value::each_of_json(&bytes, &LIMITS, each);
            whole.map_err(Refusal::Table)?;
            Ok(Box::new(rows.into_iter()))
        }
        Media::JsonLines => {
            let mut lines = Lines { bytes, at: 0, number: 0 };
            Ok(Box::new(std::iter::from_fn(move || {
                let (line, number) = lines.next()?;
                let value = Value::from_json(line, &LIMITS, crate::body::Dialect::Strict);
                Some(row(value.ok().as_ref(), number, columns, read))
            })))
        }
    }
}

fn media(content_type: &str, body: &[u8]) -> Result<Media, Refusal> {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    match media.to_ascii_lowercase().as_str() {
        "text/csv" => Ok(Media::Csv),
        "application/json" => Ok(Media::Json),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Ok(Media::JsonLines),
        "" => Ok(match body.trim_ascii_start().first() {
            Some(b'[') => Media::Json,
            Some(b'{') => Media::JsonLines,
            _ => Media::Csv,
        }),
        _ => Err(Refusal::MediaType(
            "Content-Type must be text/csv, application/json or application/x-ndjson".to_owned(),
        )),
    }
}

fn row<T>(
    value: Option<&Value>,
    number: u64,
    columns: Columns,
    read: fn(&[&str]) -> Result<T, Fault>,
) -> Result<T, Rejected> {
    let object = value.filter(|value| matches!(value, Value::Map(_)));
    let object = object.ok_or_else(|| Fault::new("", "is not a JSON object"));
    let cell = |object: &Value, name: &'static str| match object.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(value) => {
            let text = value.text().ok_or_else(|| Fault::new(name, "must be a text or a number"));
            Ok(text?.trim().to_owned())
        }
    };
    let read = object.and_then(|object| {
        let cells: Result<Vec<String>, Fault> =
            columns.names().map(|name| cell(object, name)).collect();
        let cells = cells?;
        read(&cells.iter().map(String::as_str).collect::<Vec<_>>())
    });
    read.map_err(|fault| Rejected::Row(BadRow { row: number, fault }))
}

/// The lines of a body that are not empty, with their numbers.
struct Lines {
    bytes: Vec<u8>,
    at: usize,
    number: u64,
}

impl Lines {
    fn next(&mut self) -> Option<(&[u8], u64)> {
        loop {
            let from = self.at;
            let rest = self.bytes.get(from..).filter(|rest| !rest.is_empty())?;
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            self.at = from + end + 1;
            self.number += 1;
            if !rest[..end].trim_ascii().is_empty() {
                return Some((&self.bytes[from..from + end], self.number));
            }
        }
    }
}
