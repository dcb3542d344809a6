//! What this surface answers, as JSON; the table of a batch as CSV.

use domain::batch::{Batch, BatchLine};
use domain::call::Answer;
use domain::coverage::{ANSWERS_NEEDED, Coverage, WATCHED};
use domain::load::BadRow;
use serde_json::{Map, Value, json};

pub(super) fn answer(status: u16, code: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("x-biz-code", code)];
    Answer {
        status,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: body.to_string().into_bytes(),
    }
}

pub(super) fn ok(body: &Value) -> Answer {
    answer(200, "ok", body)
}

/// What came of rows that were loaded: how many, how many of them bad, and the first of these.
pub fn loaded(rows: u64, bad_count: u64, bad: &[BadRow]) -> Answer {
    let bad: Vec<Value> = bad
        .iter()
        .map(|BadRow { row, fault }| {
            json!({ "row": row, "field": fault.field, "message": fault.reason })
        })
        .collect();
    ok(&json!({ "rows": rows, "loaded": rows - bad_count, "bad_count": bad_count, "bad": bad }))
}

/// How a merchant's applications did in the last day.
pub fn coverage(apps: &[Coverage]) -> Answer {
    let app = |coverage: &Coverage| {
        let code = |watched: (i32, i64)| {
            let (code, usual_percent) = watched;
            json!({
                "code": code,
                "calls": coverage.of(code),
                "percent": (coverage.share(code) * 10_000.0).round() / 100.0,
                "usual_percent": usual_percent,
                "alarm": coverage.alarms(watched),
            })
        };
        json!({
            "app_id": coverage.app.0,
            "calls": coverage.answers,
            "codes": WATCHED.map(code),
        })
    };
    ok(&json!({
        "hours": 24,
        "calls_needed": ANSWERS_NEEDED,
        "apps": apps.iter().map(app).collect::<Vec<_>>(),
    }))
}

/// A batch was taken in, or was before.
pub fn accepted(taken: &Batch) -> Answer {
    answer(202, "accepted", &state(taken))
}

pub fn batch(batch: &Batch) -> Answer {
    ok(&state(batch))
}

/// The run as its bill: the amounts are there once it is done, in 1/10,000 分.
fn state(batch: &Batch) -> Value {
    let codes: Map<String, Value> =
        batch.codes.0.iter().map(|(code, rows)| (code.to_string(), json!(rows))).collect();
    let done = batch.ended_at.map(|ended_at| (ended_at.to_string(), batch.billed, batch.amount.0));
    json!({
        "batch_id": batch.id.to_string(),
        "app_id": batch.app.0,
        "state": batch.state.as_str(),
        "rows": batch.rows,
        "rows_done": batch.rows_done,
        "codes": codes,
        "created_at": batch.created_at.to_string(),
        "ended_at": done.as_ref().map(|done| &done.0),
        "billed": done.as_ref().map(|done| done.1),
        "amount": done.as_ref().map(|done| done.2),
    })
}

/// The table of what came of a batch's rows; `header` with the line that names its columns.
pub fn batch_lines(lines: &[BatchLine], header: bool) -> String {
    let mut table = String::new();
    if header {
        table.push_str("row,id_type,id_value,code,score,tags\r\n");
    }
    for BatchLine { row, sent, code, tags } in lines {
        let score = tags.first().and_then(|(_, value)| value.as_deref()).unwrap_or_default();
        let others: Map<String, Value> =
            tags.iter().skip(1).map(|(name, value)| (name.clone(), json!(value))).collect();
        let others =
            if others.is_empty() { String::new() } else { Value::Object(others).to_string() };
        let cells = [
            row.to_string(),
            cell(&sent.id_type),
            cell(&sent.id_value),
            code.to_string(),
            cell(score),
            cell(&others),
        ];
        table.push_str(&cells.join(","));
        table.push_str("\r\n");
    }
    table
}

fn cell(text: &str) -> String {
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
