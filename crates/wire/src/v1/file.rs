//! A file that a person hands in: multipart as a form sends it, or JSON with the bytes in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::call::Answer;
use domain::dataset::credit::CreditRecord;
use domain::failure::Failure;
use domain::file::{BYTES_MAX, FileKind, FileSummary};
use domain::identity::{IdCard, PersonName};
use domain::report::pboc::CreditReport;
use domain::time::Day;
use serde_json::json;

use super::Refusal;
use super::message::{answer, ok};
use crate::body::{Body, Dialect, Kind, Limits, Value, multipart};
use crate::request::Request;

/// A file and three short texts.
const LIMITS: Limits = Limits {
    parameters_max: 16,
    name_max_bytes: 128,
    value_max_bytes: BYTES_MAX / 3 * 4 + 8,
    depth_max: 2,
    items_max: 16,
    body_max_bytes: 16 * 1024 * 1024,
};

/// What was sent: the person, and the file.
#[derive(Debug)]
pub struct SentFile {
    pub name: PersonName,
    pub id_card: IdCard,
    pub kind: FileKind,
    pub bytes: Vec<u8>,
}

/// A page of the credit bureau that was sent: the person, and the page.
#[derive(Debug)]
pub struct SentPage {
    pub name: PersonName,
    pub id_card: IdCard,
    pub bytes: Vec<u8>,
}

/// The fields before they are believed.
#[derive(Default)]
struct Fields {
    name: Option<String>,
    id_card: Option<String>,
    kind: Option<String>,
    file: Option<Vec<u8>>,
}

/// Reads what was sent. `today` is Shanghai's day.
///
/// Errors: [`Refusal::MediaType`], [`Refusal::TooLarge`], [`Refusal::Field`] for the first field
/// that is missing or malformed, [`Failure::Parameter`] for a body that is broken as a whole.
pub fn file(request: &Request<'_>, today: Day) -> Result<SentFile, Refusal> {
    let mut fields = fields(request)?;
    let kind = fields.kind.take().unwrap_or_default();
    let SentPage { name, id_card, bytes } = fields.open(today)?;
    let kind = FileKind::parse(kind.trim()).ok_or_else(|| {
        let kinds = FileKind::ALL.map(FileKind::as_str).join(", ");
        field("kind", format!("must be one of {kinds}"))
    })?;
    Ok(SentFile { name, id_card, kind, bytes })
}

/// The same without a kind: a report of the credit bureau is one of its own.
pub fn page(request: &Request<'_>, today: Day) -> Result<SentPage, Refusal> {
    fields(request)?.open(today)
}

fn fields(request: &Request<'_>) -> Result<Fields, Refusal> {
    let body = Body::take(request, &LIMITS).map_err(|untaken| match untaken.status {
        413 => Refusal::TooLarge(untaken.reason),
        415 => Refusal::MediaType(untaken.reason),
        _ => broken(&untaken.reason),
    })?;
    match &body.kind {
        Kind::Multipart { boundary } => of_multipart(&body.bytes, boundary),
        Kind::Json => of_json(&body.bytes),
        Kind::Empty | Kind::Form | Kind::Unknown => {
            let reason = "Content-Type must be multipart/form-data or application/json";
            Err(Refusal::MediaType(reason.to_owned()))
        }
    }
}

fn broken(reason: &str) -> Refusal {
    Refusal::Failure(Failure::Parameter { reason: reason.to_owned() })
}

fn field(field: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::Field { field, message: message.into() }
}

impl Fields {
    /// The place of a text; nothing for a name that is not known, which is passed over.
    fn place(&mut self, name: &str) -> Option<(&'static str, &mut Option<String>)> {
        match name {
            "name" => Some(("name", &mut self.name)),
            "id_card" => Some(("id_card", &mut self.id_card)),
            "kind" => Some(("kind", &mut self.kind)),
            _ => None,
        }
    }

    fn put(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let Some((name, place)) = self.place(name) else { return Ok(()) };
        if place.replace(value.to_owned()).is_some() {
            return Err(field(name, "is given twice"));
        }
        Ok(())
    }

    fn put_file(&mut self, bytes: Vec<u8>) -> Result<(), Refusal> {
        if self.file.replace(bytes).is_some() {
            Err(field("file", "is given twice"))
        } else {
            Ok(())
        }
    }

    fn open(self, today: Day) -> Result<SentPage, Refusal> {
        let Self { name, id_card, file, .. } = self;
        let name = PersonName::parse(name.as_deref().unwrap_or_default().trim())
            .map_err(|fault| field("name", fault.to_string()))?;
        let id_card = IdCard::parse(id_card.as_deref().unwrap_or_default().trim(), today)
            .map_err(|fault| field("id_card", fault.to_string()))?;
        let bytes = file.filter(|bytes| !bytes.is_empty());
        let bytes = bytes.ok_or_else(|| field("file", "is missing or empty"))?;
        if bytes.len() > BYTES_MAX {
            return Err(Refusal::TooLarge(format!("the file is larger than {BYTES_MAX} bytes")));
        }
        Ok(SentPage { name, id_card, bytes })
    }
}

fn of_multipart(body: &[u8], boundary: &str) -> Result<Fields, Refusal> {
    let (mut fields, mut fault) = (Fields::default(), None);
    let take = |name: String, _: bool, data: &[u8]| {
        let put = match str::from_utf8(data) {
            _ if name == "file" => fields.put_file(data.to_vec()),
            Ok(text) => fields.put(&name, text),
            Err(_) => match fields.place(&name) {
                Some((name, _)) => Err(field(name, "is not UTF-8")),
                None => Ok(()),
            },
        };
        fault = fault.take().or(put.err());
    };
    multipart::each(body, boundary, LIMITS.parameters_max, take).map_err(broken)?;
    fault.map_or(Ok(fields), Err)
}

fn of_json(body: &[u8]) -> Result<Fields, Refusal> {
    let value = Value::from_json(body, &LIMITS, Dialect::Strict).map_err(Refusal::Failure)?;
    let mut fields = Fields::default();
    for name in ["name", "id_card", "kind"] {
        match value.get(name) {
            Some(Value::Text(text)) => fields.put(name, text)?,
            None | Some(Value::Null) => {}
            Some(_) => {
                let named = fields.place(name).map_or("name", |(name, _)| name);
                return Err(field(named, "must be a JSON string"));
            }
        }
    }
    if let Some(file) = value.get("file") {
        let text = file.text().ok_or_else(|| field("file", "must be a JSON string"))?;
        let bytes = STANDARD.decode(text).map_err(|_| field("file", "must be base64"))?;
        fields.put_file(bytes)?;
    }
    Ok(fields)
}

/// What was read of a file. The amounts are decimal texts of 元.
pub fn file_taken(id: &str, at: &str, summary: &FileSummary) -> Answer {
    let FileSummary { rows, taken, bad_count, bad, set_aside, disagreements, .. } = summary;
    let (from, until) = summary.days.unzip();
    ok(&json!({
        "file_id": id,
        "kind": summary.kind,
        "layout": summary.layout,
        "encoding": summary.encoding,
        "read_at": at,
        "rows": rows,
        "taken": taken,
        "bad_count": bad_count,
        "bad": bad,
        "set_aside": set_aside,
        "disagreements": disagreements,
        "first_day": from.map(|day| day.to_string()),
        "last_day": until.map(|day| day.to_string()),
    }))
}

/// What a page of the credit bureau says: the report as `viewReport` has it, and the sentences
/// that could not be read.
pub fn page_taken(id: &str, at: &str, record: &CreditRecord, report: &CreditReport) -> Answer {
    let unread = record.unread.iter().map(|one| json!({ "place": one.place, "text": one.text }));
    ok(&json!({
        "report_id": id,
        "read_at": at,
        "unread": unread.collect::<Vec<_>>(),
        "report": crate::rong360::report::report(report, record, ""),
    }))
}

/// A dataset or a report, which is JSON already.
pub fn json(body: String) -> Answer {
    let mut written = answer(200, "ok", &json!(null));
    written.body = body.into_bytes();
    written
}
