//! Golden bytes: `fixtures/finplus/readings` are requests with what they are read as,
//! `fixtures/finplus/answers` are whole answers, header order and all.

use std::fmt::Write as _;

use domain::call::Answer;
use domain::failure::{CredentialKind, Failure};
use domain::ids::CallKey;
use domain::merchant::TagKey;
use domain::score::{ScoreOutcome, Tag, TagValue};
use domain::secret::Private;

use super::{Mine, biz, refused};
use crate::finplus::codes::{How, of};
use crate::finplus::{Presented, answer, read, refuse};
use crate::request::{Headers, Request};

macro_rules! fixtures {
    ($folder:literal: $($name:literal),* $(,)?) => {
        [$((
            $name,
            include_str!(concat!("../../../fixtures/finplus/", $folder, "/", $name, ".http")),
        )),*]
    };
}

#[test]
fn requests_are_read_as_their_fixtures_say() {
    let all = fixtures!["readings":
        "get-camel", "get-app-in-id-type", "get-contradiction", "get-unknown-parameter",
        "post-form-snake", "post-form-and-query", "post-json", "post-untyped",
        "stranger",
    ];
    for (name, text) in all {
        let (request, reading) = text.split_once("\n=== reads as\n").expect("two parts");
        assert_eq!(reading_of(request), reading, "{name}");
    }
}

fn reading_of(request: &str) -> String {
    let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
    let mut lines = head.lines();
    let mut start = lines.next().expect("a request line").split(' ');
    let (method, target) = (start.next().expect("a method"), start.next().expect("a target"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").expect("a header"))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let headers = Headers::new(&headers);
    let letter = read(&Request { method, path, query, headers, body: body.as_bytes() });
    let credential = match letter.credential() {
        Ok(Presented::AppCode(code)) => format!("AppCode {}", code.expose()),
        Ok(Presented::Signed(signed)) => format!("AppKey {}", signed.key),
        Err(failure) => format!("{failure:?}"),
    };
    let opened = letter.open(&Mine);
    let question = match opened.question {
        Ok(question) => question.content().expose().clone(),
        Err(failure) => refusal(&failure),
    };
    format!("credential: {credential}\necho: {:?}\nquestion: {question}\n", opened.echo)
}

fn refusal(failure: &Failure) -> String {
    match (of(failure), failure) {
        (How::Business(code), Failure::Parameter { reason }) => {
            format!("{}, {reason}", code.number)
        }
        (How::Business(code), _) => code.number.to_string(),
        (How::Gateway { status, message }, _) => format!("{status} {message}"),
    }
}

#[test]
fn answers_are_written_as_their_fixtures_say() {
    let key = CallKey::parse("your unique request id").expect("a key");
    let echo = Some(key.as_str());
    let score = |value| Tag { name: "credit_score".into(), id: "1".into(), value };
    let detail = Tag { name: "night_calls".into(), id: "204".into(), value: TagValue::Null };
    let scored = |tags, tag_key| answer(&ScoreOutcome::Scored { tags }, biz(), &key, tag_key);
    let unknown = Failure::CredentialUnknown(CredentialKind::AppCode);
    let signed = "GET\n*/*\n\n\n\nX-Ca-Key:200000001\n/finplus/score?idType=imei&reqId=a b";
    let shown = Some(Private::new(signed.to_owned()));
    let answers = [
        scored(vec![score(TagValue::Points(697))], TagKey::Name),
        scored(vec![score(TagValue::TenThousandths(5000)), detail], TagKey::Id),
        answer(&ScoreOutcome::Unconverted, biz(), &key, TagKey::Name),
        answer(&ScoreOutcome::EmptyContent, biz(), &key, TagKey::Name),
        refuse(&refused("colour is not a parameter of this call"), echo, biz()),
        refuse(&Failure::IdTypeUnknown, echo, biz()),
        refuse(&Failure::KeyReused, Some("a\"b\\c"), biz()),
        refuse(&Failure::Internal, None, biz()),
        refuse(&Failure::VerificationFailed, echo, biz()),
        refuse(&Failure::SignatureWrong { shown: None }, echo, biz()),
        refuse(&Failure::SignatureWrong { shown }, echo, biz()),
        refuse(&unknown, echo, biz()),
        refuse(&Failure::Overloaded, echo, biz()),
    ];
    let all = fixtures!["answers":
        "0-points", "0-open-platform-by-id", "108", "109", "10", "22", "10-key-reused",
        "1-without-key", "18", "gateway-signature", "gateway-signature-sandbox",
        "gateway-400", "gateway-503",
    ];
    for ((name, expected), answer) in all.into_iter().zip(answers) {
        assert_eq!(text_of(&answer), expected, "{name}");
    }
}

fn text_of(answer: &Answer) -> String {
    let mut text = format!("HTTP/1.1 {}\n", answer.status);
    for (name, value) in &answer.headers {
        let _ = writeln!(text, "{name}: {value}");
    }
    let body = std::str::from_utf8(&answer.body).expect("a body is UTF-8");
    text + "\n" + body + "\n"
}
