//! Bytes in, rows out; outcomes in, bytes out.

use domain::batch::{BatchLine, BatchRow};
use domain::failure::Failure;
use domain::load::{LoadKind, Rejected};
use domain::merchant::Scope;

use super::*;
use crate::request::Headers;

fn load(content_type: &str, body: &[u8]) -> Result<Vec<Option<(u64, &'static str)>>, Refusal> {
    let headers = [("content-type".to_owned(), content_type.to_owned())];
    let headers = if content_type.is_empty() { &headers[..0] } else { &headers };
    let headers = Headers::new(headers);
    let request = Request { method: "POST", path: "/v1/ids", query: "", headers, body };
    let rows = rows(&request, LoadKind::Ids.columns(), |cells| LoadKind::Ids.read(cells))?;
    Ok(rows
        .map(|row| match row {
            Ok(_) => None,
            Err(Rejected::Row(bad)) => Some((bad.row, bad.fault.field)),
            Err(Rejected::Table(reason)) => panic!("{reason}"),
        })
        .collect())
}

#[test]
fn the_same_rows_in_each_kind_of_body() {
    let csv = "subject,id_type,id_value\r\ns,imei,860529038487085\r\ns,imei,1\r\n";
    let good = r#"{"id_type": "imei", "id_value": 860529038487085, "subject": " s "}"#;
    let bad = r#"{"id_type": "imei", "id_value": "1", "subject": "s", "more": [1]}"#;
    let (json, lines) = (format!("[{good},{bad}]"), format!("{good}\n\r\n{bad}\n"));
    let table = [
        (["text/csv; charset=utf-8", ""], csv, 3),
        (["application/json", ""], &json, 2),
        (["application/x-ndjson", ""], &lines, 3),
    ];
    for (types, body, row) in table {
        for content_type in types {
            let wanted = Ok(vec![None, Some((row, "id_value"))]);
            assert_eq!(load(content_type, body.as_bytes()), wanted, "{content_type} {body}");
        }
    }
}

#[test]
fn a_row_that_is_no_row_and_a_table_that_is_none() {
    let nothing = |row| Some((row, ""));
    for (body, wanted) in [
        (
            r#"[1, {}, {"subject": ["s"], "id_type": true}]"#,
            vec![nothing(1), Some((2, "id_type")), Some((3, "id_type"))],
        ),
        ("{\n{\"id_type\": \"imei\", \"id_type\": \"imei\"}\n", vec![nothing(1), nothing(2)]),
        ("[]", vec![]),
    ] {
        assert_eq!(load("", body.as_bytes()), Ok(wanted), "{body}");
    }
    let table = |body: &str| match load("", body.as_bytes()) {
        Err(Refusal::Table(reason)) => reason,
        other => panic!("{body}: {other:?}"),
    };
    for (body, said) in [("[{}", "JSON array"), ("[{}] x", "JSON array"), ("a,b\n", "no column")] {
        assert!(table(body).contains(said), "{body}: {}", table(body));
    }
    assert!(matches!(load("text/xml", b"<a/>"), Err(Refusal::MediaType(_))));
}

#[test]
fn a_refusal_has_a_status_a_code_and_where_due_more() {
    let field = Refusal::Field { field: "app", message: "unknown".to_owned() };
    for (refusal, status, wanted, header) in [
        (Failure::CredentialMissing.into(), 401, r#""code":"token_missing""#, "www-authenticate"),
        (Failure::TokenUnknown.into(), 401, r#""code":"token_unknown""#, "www-authenticate"),
        (Failure::RateExceeded.into(), 429, r#""code":"rate_exceeded""#, "retry-after"),
        (Failure::Overloaded.into(), 503, r#""code":"overloaded""#, "retry-after"),
        (Failure::KeyReused.into(), 409, r#""code":"name_reused""#, "x-biz-code"),
        (field, 400, r#""field":"app""#, "content-type"),
        (Refusal::Scope(Scope::Ingest), 403, "--scope ingest", "content-type"),
        (Refusal::Scope(Scope::Files), 403, "--scope files", "content-type"),
    ] {
        let answer = refuse(&refusal);
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.status == status && body.contains(wanted), "{refusal:?}: {body}");
        assert!(answer.headers.iter().any(|(name, _)| name == header), "{refusal:?}");
    }
}

#[test]
fn a_batch_comes_back_as_a_table() {
    let line = |row, id_value: &str, code, tags: &[(&str, Option<&str>)]| BatchLine {
        row,
        sent: BatchRow { id_type: String::new(), id_value: id_value.to_owned() },
        code,
        tags: tags.iter().map(|(n, v)| ((*n).to_owned(), v.map(str::to_owned))).collect(),
    };
    let lines = [
        line(1, "a", 0, &[("credit_score", Some("697"))]),
        line(2, "b,\"c", 10, &[]),
        line(3, "d", 0, &[("credit_score", None), ("age", Some("35"))]),
    ];
    let wanted = "row,id_type,id_value,code,score,tags\r\n1,,a,0,697,\r\n2,,\"b,\"\"c\",10,,\r\n\
                  3,,d,0,,\"{\"\"age\"\":\"\"35\"\"}\"\r\n";
    assert_eq!(batch_lines(&lines, true), wanted);
    let token = |text: &str| {
        let headers = [("authorization".to_owned(), text.to_owned())];
        let headers = Headers::new(&headers);
        token(&Request { method: "GET", path: "", query: "", headers, body: b"" })
            .map(|token| token.expose().clone())
    };
    assert_eq!(token("bearer  abc "), Ok("abc".to_owned()));
    for missing in ["", "Bearer", "Bearer ", "Basic abc", "abc"] {
        assert_eq!(token(missing), Err(Failure::CredentialMissing), "{missing}");
    }
}
