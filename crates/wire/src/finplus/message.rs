//! Outcomes and refusals to the face's bytes (document 000, section 4). The bytes are stored and
//! replayed, so they depend on the arguments alone.

use std::fmt::Write as _;

use domain::call::Answer;
use domain::failure::Failure;
use domain::ids::{BizId, CallKey};
use domain::merchant::TagKey;
use domain::score::{ScoreOutcome, Tag, TagValue};

use super::codes::{self, Code, How};

/// Length of `X-Error-Detail`.
const DETAIL_MAX_BYTES: usize = 256;
/// Length of the server's StringToSign in `X-Ca-Error-Message`: a client's limit for all headers
/// together is 8 KiB or more.
const SHOWN_MAX_BYTES: usize = 4096;

/// The answer to a question that reached the score.
pub fn answer(outcome: &ScoreOutcome, biz: BizId, key: &CallKey, tag_key: TagKey) -> Answer {
    let tags = match outcome {
        ScoreOutcome::Scored { tags } => object(tags, tag_key),
        ScoreOutcome::Unconverted | ScoreOutcome::EmptyContent => "null".to_owned(),
    };
    business(Code::of_outcome(outcome), &tags, biz, Some(key.as_str()))
}

/// The answer to a question that was refused, or never understood. `echo` is the merchant's
/// `req_id` as far as it was legible; the gateway's refusals carry neither it nor `biz`.
pub fn refuse(failure: &Failure, echo: Option<&str>, biz: BizId) -> Answer {
    match codes::of(failure) {
        How::Business(code) => {
            let mut answer = business(code, "null", biz, echo);
            if let Some(reason) = detail(failure) {
                answer
                    .headers
                    .push(header("x-error-detail", &header_safe(reason, DETAIL_MAX_BYTES)));
            }
            answer
        }
        How::Gateway { status, message } => {
            let message = gateway_message(failure, message);
            let mut headers = vec![header("x-ca-error-message", &message)];
            if status == 503 {
                headers.push(header("retry-after", "1"));
            }
            Answer { status, headers, body: Vec::new() }
        }
    }
}

/// The gateway's message. The official clients cut the server's StringToSign out of it by the words
/// before it and print it beside their own, newlines as `#`.
fn gateway_message(failure: &Failure, message: &str) -> String {
    let Failure::SignatureWrong { shown: Some(shown) } = failure else {
        return message.to_owned();
    };
    let shown = header_safe(&shown.expose().replace('\n', "#"), SHOWN_MAX_BYTES);
    format!("{message}, Server StringToSign:`{shown}`")
}

/// What is wrong, for the merchant's developer: a code 10 alone does not say it.
fn detail(failure: &Failure) -> Option<&str> {
    match failure {
        Failure::Parameter { reason } => Some(reason),
        Failure::KeyReused => Some("reqId was used with other parameters; use a new reqId"),
        Failure::AnswerGone => {
            Some("reqId was answered and that answer is no longer kept; use a new reqId")
        }
        _ => None,
    }
}

fn business(code: Code, tags: &str, biz: BizId, echo: Option<&str>) -> Answer {
    let Code { number, message } = code;
    let success = code.success();
    let (quoted, req_id) = (json(message), json(&echo));
    let body = format!(
        r#"{{"code":{number},"success":{success},"message":{quoted},"response":{{"tags":{tags},"#
    ) + &format!(r#""biz_id":"{biz}","req_id":{req_id}}}}}"#);
    let mut headers = vec![
        header("content-type", "application/json"),
        // The official Node client never reads the body of a 520.
        header("x-biz-code", &number.to_string()),
    ];
    if code.status() != 200 {
        // Java clients read this header unchecked on any status but 200.
        headers.push(header("x-ca-error-message", message));
    }
    Answer { status: code.status(), headers, body: body.into_bytes() }
}

fn object(tags: &[Tag], tag_key: TagKey) -> String {
    let member = |tag: &Tag| {
        let key = match tag_key {
            TagKey::Name => &tag.name,
            TagKey::Id => &tag.id,
        };
        format!("{}:{}", json(key), value(&tag.value))
    };
    format!("{{{}}}", tags.iter().map(member).collect::<Vec<_>>().join(","))
}

/// A score of the open platform always has its four decimals (0.5000), as the document has it a
/// "four-decimal float"; any other number is the shortest that reads back the same, a whole one
/// without a point.
fn value(value: &TagValue) -> String {
    match value {
        TagValue::Points(points) => points.to_string(),
        TagValue::TenThousandths(score) => format!("{}.{:04}", score / 10_000, score % 10_000),
        TagValue::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            (*number as i64).to_string()
        }
        TagValue::Number(number) => json(number),
        TagValue::Text(text) => json(text),
        TagValue::Null => "null".to_owned(),
    }
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("texts and numbers always serialise")
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// `text` as printable ASCII: anything else becomes `\u{…}`, and what is longer than `max_bytes`
/// is cut between two characters.
fn header_safe(text: &str, max_bytes: usize) -> String {
    let mut safe = String::new();
    for character in text.chars() {
        let length = safe.len();
        if (' '..='~').contains(&character) {
            safe.push(character);
        } else {
            let _ = write!(safe, "{}", character.escape_unicode());
        }
        if safe.len() > max_bytes {
            safe.truncate(length);
            break;
        }
    }
    safe
}
