//! A bad input: the request, and how it must be refused (`finplus.md`, Authentication and Answer).

use serde_json::{Value, json};
use tests::http::Response;

/// A request as it goes over the wire, but for `Host` and `Content-Length`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }
}

pub(crate) enum Sent {
    Whole(Request),
    /// What no proper client would write; it may wait between its parts.
    Raw(Vec<u8>),
}

/// What stands in `response.req_id` of a refusal.
pub(crate) enum Echo {
    Is(Value),
    /// This text, or null: how far a broken text is legible is not said.
    Perhaps(String),
}

pub(crate) enum Wanted {
    /// The product: 520 with its body. Of a code 10 `named` stands in `X-Error-Detail`.
    Business { code: i64, named: String, echo: Echo },
    /// The gateway: a status, the reason in a header, no body.
    Gateway { status: u16, message: String },
    /// The same without a number: no merchant asks the routes of the operator.
    Operation { status: u16, message: String },
    /// The native surface: a status, a code and the field that is wrong, if one is.
    Native { status: u16, code: String, field: String },
    /// The native surface takes the good one of two rows, and lists the other.
    Rows { row: u64, field: String },
    /// What is no HTTP is refused before there is a request: a status of these, and no more.
    Http(&'static [u16]),
}

pub(crate) struct Case {
    /// The route and the way of sending.
    pub(crate) endpoint: String,
    pub(crate) field: String,
    pub(crate) fault: String,
    pub(crate) sent: Sent,
    pub(crate) wanted: Wanted,
}

impl Case {
    pub(crate) fn gateway(
        [endpoint, field, fault]: [&str; 3],
        request: Request,
        (status, message): (u16, &str),
    ) -> Self {
        let wanted = Wanted::Gateway { status, message: message.to_owned() };
        Self::new([endpoint, field, fault], Sent::Whole(request), wanted)
    }

    pub(crate) fn new([endpoint, field, fault]: [&str; 3], sent: Sent, wanted: Wanted) -> Self {
        let [endpoint, field, fault] = [endpoint, field, fault].map(str::to_owned);
        Self { endpoint, field, fault, sent, wanted }
    }

    pub(crate) fn name(&self) -> [&str; 3] {
        [&self.endpoint, &self.field, &self.fault]
    }

    /// # Panics
    /// When the answer is not the one that is documented.
    pub(crate) fn check(&self, answer: &Response) {
        let place = format!("{:?}: {answer:?} {}", self.name(), answer.text());
        shows_nothing_internal(answer, &place);
        match &self.wanted {
            Wanted::Business { code, named, echo } => {
                business(answer, *code, echo, &place);
                let detail = answer.header("x-error-detail").unwrap_or_default();
                assert!(detail.contains(named.as_str()), "{named}: {place}");
            }
            Wanted::Gateway { status, message } | Wanted::Operation { status, message } => {
                assert_eq!(answer.status, *status, "{place}");
                assert_eq!(answer.header("x-ca-error-message"), Some(&**message), "{place}");
                assert_eq!(answer.header("x-biz-code"), None, "{place}");
                assert!(answer.body.is_empty(), "{place}");
                // RFC 9110, section 15.5.6.
                assert_eq!(answer.header("allow").is_some(), *status == 405, "{place}");
                if matches!(self.wanted, Wanted::Gateway { .. }) {
                    is_numbered(answer, &place);
                }
            }
            Wanted::Native { status, code, field } => {
                native(answer, (*status, code), field, &place);
            }
            Wanted::Rows { row, field } => {
                let mut loaded = answer.json();
                let message = loaded["bad"][0]["message"].take();
                assert!(message.as_str().is_some_and(|text| !text.is_empty()), "{place}");
                let bad = json!([{"row": row, "field": field, "message": null}]);
                let expected = json!({"rows": 2, "loaded": 1, "bad_count": 1, "bad": bad});
                assert_eq!((answer.status, loaded), (200, expected), "{place}");
                assert_eq!(answer.header("x-biz-code"), Some("ok"), "{place}");
            }
            Wanted::Http(statuses) => {
                assert!(statuses.contains(&answer.status), "{place}");
                assert!(answer.body.is_empty(), "{place}");
            }
        }
    }
}

fn message(code: i64) -> &'static str {
    match code {
        10 => "cplus.invalid_parameters",
        18 => "cplus.verification_failed",
        22 => "cplus.invalid_id_type",
        105 => "credit.invalid_id_type",
        _ => panic!("{code} is no refusal of an input"),
    }
}

/// The whole body and every header of the contract.
fn business(answer: &Response, code: i64, echo: &Echo, place: &str) {
    let body: Value = serde_json::from_slice(&answer.body).expect(place);
    let inner = &body["response"];
    let req_id = match echo {
        Echo::Is(value) => value.clone(),
        Echo::Perhaps(_) if inner["req_id"].is_null() => Value::Null,
        Echo::Perhaps(text) => json!(text),
    };
    let biz_id = inner["biz_id"].as_str().expect(place);
    assert_eq!(biz_id.len(), 36, "{place}");
    let response = json!({"tags": null, "biz_id": biz_id, "req_id": req_id});
    let expected =
        json!({"code": code, "success": false, "message": message(code), "response": response});
    assert_eq!(body, expected, "{place}");
    assert_eq!(answer.status, 520, "{place}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{place}");
    assert_eq!(answer.header("x-biz-code"), Some(&*code.to_string()), "{place}");
    assert_eq!(answer.header("x-ca-error-message"), Some(message(code)), "{place}");
    let detail = answer.header("x-error-detail");
    assert_eq!(detail.is_some(), code == 10, "{place}");
    assert_ne!(detail, Some(""), "{place}");
    is_numbered(answer, place);
}

fn native(answer: &Response, (status, code): (u16, &str), field: &str, place: &str) {
    let error = &answer.json()["error"];
    assert_eq!((answer.status, error["code"].as_str()), (status, Some(code)), "{place}");
    assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{place}");
    assert_eq!(error["field"].as_str().unwrap_or_default(), field, "{place}");
    assert_eq!(answer.header("x-biz-code"), Some(code), "{place}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{place}");
    // RFC 9110, sections 11.6.1 and 15.5.6.
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "{place}");
    assert_eq!(answer.header("allow").is_some(), status == 405, "{place}");
}

/// A UUID, as the gateway writes it.
fn is_numbered(answer: &Response, place: &str) {
    let number = answer.header("x-ca-request-id").expect(place);
    let is_upper = number.len() == 36 && !number.bytes().any(|byte| byte.is_ascii_lowercase());
    assert!(is_upper, "{place}");
}

/// Words of databases, programs and files; and no id of a person in a header.
fn shows_nothing_internal(answer: &Response, place: &str) {
    const INTERNAL: [&str; 14] = [
        "sql",
        "postgres",
        "select ",
        "insert",
        "panick",
        "unwrap",
        "backtrace",
        "thread",
        ".rs",
        "crates/",
        "/home",
        "/root",
        "rustc",
        "tokio",
    ];
    let shown = answer.headers.iter().map(|(_, value)| value.as_str());
    let text = format!("{} {}", answer.text(), shown.collect::<Vec<_>>().join(" "));
    // What is signed is shown to the sandbox's developer, and is the client's own words.
    let text = text.split("Server StringToSign").next().unwrap_or_default().to_lowercase();
    for word in INTERNAL {
        assert!(!text.contains(word), "{word}: {place}");
    }
    let detail = answer.header("x-error-detail").unwrap_or_default();
    let digits = detail.split(|character: char| !character.is_ascii_hexdigit());
    assert!(digits.clone().all(|run| run.len() < 12), "an id is repeated: {place}");
}
