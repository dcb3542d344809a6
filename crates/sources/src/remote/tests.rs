use std::fmt::Write as _;

use domain::dataset::degree::Record;
use domain::entropy::Entropy;
use domain::identity::{IdCard, Mobile, Person as Human, PersonName};
use domain::session::Why;
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::signature::{Answered, Sent};
use super::*;
use crate::step::Loss;

const NOW: Timestamp = Timestamp(1_795_219_200_000_000);
const REMOTE: Remote = Remote { step_deadline: Span::seconds(30) };

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn human() -> Human {
    Human {
        name: PersonName::parse("合成").expect("a name"),
        id_card: IdCard::parse("110101199003078515", NOW.shanghai_day()).expect("an ID card"),
        mobile: Mobile::parse("13800000001").expect("a mobile"),
    }
}

fn with_context<T>(kind: SourceKind, work: impl FnOnce(&Context<'_>) -> T) -> T {
    let human = human();
    work(&Context {
        session: "00112233445566778899aabbccddeeff",
        kind,
        person: &human,
        subject: SubjectHash([0xab; 32]),
        entry: None,
        account: Some("synthetic01"),
        contacts: &["13900000002".to_owned()],
        step_id: "s-1",
        now: NOW,
        entropy: &Zeros,
    })
}

fn answer(step: &Value) -> Value {
    json!({
        "protocol": 1,
        "session": "00112233445566778899aabbccddeeff",
        "subject": "ab".repeat(32),
        "step_id": "s-1",
        "step": step,
        "memory": {"handle": 7},
    })
}

fn reads(value: &Value) -> Result<Step, Misfit> {
    with_context(SourceKind::Degree, |context| read(context, 200, value.to_string().as_bytes()))
}

/// What a step is, in one word or two.
fn shown(step: &Step) -> String {
    match step {
        Step::Fetch(_) => "fetch".to_owned(),
        Step::Ask { prompt, why, .. } => format!("ask {:?} {why:?}", prompt.kind()),
        Step::Wait { until, meaning, .. } => {
            format!("wait {} {meaning:?}", (*until - NOW).0 / 1_000)
        }
        Step::Done(_) => "done".to_owned(),
        Step::Failed(reason) => format!("failed {reason:?}"),
    }
}

#[test]
fn a_request_says_everything_once_and_in_one_piece_of_memory() {
    let password = Secret::new("pässwörd\n".to_owned());
    let memory = Memory { version: 1, state: json!({"handle": 7}) };
    let inputs = [
        (
            Input::Login(Some(&password)),
            Effect::Submit,
            json!({"login": {"password": "pässwörd\n"}}),
        ),
        (Input::Login(None), Effect::Submit, json!({"login": {}})),
        (
            Input::Answer(PromptKind::Sms, &password),
            Effect::Submit,
            json!({"answer": {"prompt": "sms", "value": "pässwörd\n"}}),
        ),
        (Input::Resend, Effect::Submit, json!({"resend": {}})),
        (Input::Wake, Effect::Read, json!({"wake": {}})),
    ];
    for (input, effect, said) in inputs {
        let step = with_context(SourceKind::Telecom, |c| REMOTE.step(c, Some(&memory), input));
        let Step::Fetch(fetch) = step else { panic!("{}", shown(&step)) };
        assert_eq!((fetch.effect, fetch.method, &*fetch.path), (effect, Method::Post, STEPS_PATH));
        assert_eq!(fetch.body.expose().capacity(), fetch.body.expose().len());
        let sent: Value = serde_json::from_slice(fetch.body.expose()).expect("JSON");
        let effect = if effect == Effect::Read { "read" } else { "submit" };
        assert_eq!(
            sent,
            json!({
                "protocol": 1, "session": "00112233445566778899aabbccddeeff",
                "subject": "ab".repeat(32), "kind": "telecom", "step_id": "s-1", "effect": effect,
                "person": {"name": "合成", "id_card": "110101199003078515", "mobile": "13800000001"},
                "entry": null, "account": "synthetic01", "contacts": ["13900000002"],
                "input": said, "memory": {"handle": 7}, "deadline_ms": 30_000,
                "sent_at": NOW.to_string(),
            })
        );
    }
}

/// docs/connector-openapi.json has the names that the code has.
#[test]
fn the_description_is_of_this_protocol() {
    let text = include_str!("../../../../docs/connector-openapi.json");
    let document: Value = serde_json::from_str(text).expect("JSON");
    let schemas = &document["components"]["schemas"];
    let is_said = |reason: &SourceFailure| {
        !matches!(reason, SourceFailure::SecretLost | SourceFailure::ConsentEnded)
    };
    let reasons: Vec<_> = SourceFailure::ALL.into_iter().filter(is_said).collect();
    for (name, values) in [
        ("Kind", json!(SourceKind::FETCHED)),
        ("Effect", json!([Effect::Read, Effect::Submit])),
        ("Prompt", json!(PromptKind::ALL)),
        ("Why", json!(Why::ALL)),
        ("Reason", json!(reasons)),
    ] {
        assert_eq!(schemas[name]["enum"], values, "{name}");
    }
    let step = with_context(SourceKind::Telecom, |c| REMOTE.step(c, None, Input::Wake));
    let Step::Fetch(fetch) = step else { panic!("{}", shown(&step)) };
    let sent: Value = serde_json::from_slice(fetch.body.expose()).expect("JSON");
    let names = |value: &Value| -> Vec<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    };
    assert_eq!(names(&schemas["Request"]["properties"]), names(&sent));
    assert_eq!(names(&schemas["Person"]["properties"]), names(&sent["person"]));
    let result = answer(&json!({"failed": {"reason": "down"}}));
    assert_eq!(names(&schemas["Result"]["properties"]), names(&result));
}

#[test]
fn every_step_of_the_protocol_is_read() {
    let png = BASE64_STANDARD.encode([PNG_BEGINNING, b"..."].concat());
    let table = [
        (json!({"ask": {"prompt": "sms", "why": "first"}}), "ask Sms First"),
        (json!({"ask": {"prompt": "query_password", "why": "wrong"}}), "ask QueryPassword Wrong"),
        (
            json!({"ask": {"prompt": "picture", "why": "first", "picture": png}}),
            "ask Picture First",
        ),
        (
            json!({"ask": {"prompt": "dynamic_password", "why": "resent"}}),
            "ask DynamicPassword Resent",
        ),
        (json!({"wait": {"after_ms": 1500, "meaning": "working"}}), "wait 1500 Working"),
        (json!({"wait": {"after_ms": 0, "meaning": "restarted"}}), "wait 0 Restarted"),
        (json!({"wait": {"after_ms": 600_000, "meaning": "collected"}}), "wait 600000 Collected"),
        (
            json!({"wait": {"after_ms": 1, "meaning": "wrong", "prompt": "sms"}}),
            "wait 1 Wrong(Sms)",
        ),
        (json!({"done": {"dataset": {"education": []}}}), "done"),
        (json!({"failed": {"reason": "needs_action"}}), "failed NeedsAction"),
    ];
    for (step, expected) in table {
        let read = reads(&answer(&step)).unwrap_or_else(|misfit| panic!("{expected}: {misfit}"));
        assert_eq!(shown(&read), expected);
        if let Step::Ask { memory, .. } | Step::Wait { memory, .. } = &read {
            assert_eq!(memory.state, json!({"handle": 7}));
        }
    }
}

/// Each fault: where it is put into a good answer, what is put there, what is said of it.
#[test]
fn an_answer_that_does_not_fit_is_refused_with_its_reason() {
    let sms = json!({"ask": {"prompt": "sms", "why": "first"}});
    let mut nested = json!(1);
    for _ in 0..40 {
        nested = json!([nested]);
    }
    let table = [
        ("/protocol", json!(2), "protocol 2 is not spoken"),
        ("/session", json!("ffffffffffffffffffffffffffffffff"), "session: is not what was sent"),
        ("/subject", json!("AB".repeat(32)), "subject: is not"),
        ("/step_id", json!("s-2"), "step_id: is not"),
        (
            "/step",
            json!({"ask": {"prompt": "sms", "why": "first", "picture": "iVBORw0KGgo="}}),
            "only so",
        ),
        ("/step", json!({"ask": {"prompt": "picture", "why": "first"}}), "only so"),
        (
            "/step",
            json!({"ask": {"prompt": "picture", "why": "first", "picture": "R0lGODlh"}}),
            "no PNG",
        ),
        ("/step", json!({"ask": {"prompt": "pin", "why": "first"}}), "step.ask.prompt"),
        ("/step", json!({"wait": {"after_ms": 600_001, "meaning": "working"}}), "longer"),
        ("/step", json!({"wait": {"after_ms": u64::MAX, "meaning": "working"}}), "longer"),
        ("/step", json!({"wait": {"after_ms": -1, "meaning": "working"}}), "step.wait.after_ms"),
        ("/step", json!({"wait": {"after_ms": 1e300, "meaning": "working"}}), "step.wait.after_ms"),
        ("/step", json!({"wait": {"after_ms": 1, "meaning": "wrong"}}), "only so"),
        (
            "/step",
            json!({"done": {"dataset": {"education": [{"real_name": "机密", "sex": 1}]}}}),
            "education[0].sex: has a wrong type",
        ),
        ("/step", json!({"failed": {"reason": "secret_lost"}}), "not a connector's to say"),
        ("/step", json!({"failed": {"reason": "because"}}), "none of the known words"),
        ("/step", json!({"ask": sms["ask"], "wait": {}}), "step"),
        ("/memory", nested, "nested too deep"),
        ("/memory", json!("x".repeat(MEMORY_BYTES_MAX)), "too large"),
    ];
    for (place, bad, said) in table {
        let mut value = answer(&sms);
        *value.pointer_mut(place).expect("a place") = bad;
        let misfit = reads(&value).err().map(|misfit| misfit.to_string()).unwrap_or_default();
        assert!(misfit.contains(said), "{place}: {misfit:?} should say {said:?}");
        assert!(!misfit.contains("机密"), "{misfit}");
    }
    let raw = answer(&sms).to_string();
    let later = r#"{"protocol": 7, "next": "something else"}"#.to_owned();
    let many = "[".repeat(100_000);
    let huge = raw.replace("\"protocol\":1", "\"protocol\":1e400");
    for text in [&raw[..raw.len() - 1], &format!("{raw}x"), &later, &many, &huge, "", "null"] {
        let read = with_context(SourceKind::Degree, |c| read(c, 200, text.as_bytes()));
        assert!(read.is_err(), "{}", text.chars().take(80).collect::<String>());
        assert_eq!(text == later, read.err() == Some(Misfit::Protocol(7)));
    }
}

#[test]
fn what_a_fetch_came_to_is_a_step() {
    let ask = answer(&json!({"ask": {"prompt": "sms", "why": "first"}})).to_string().into_bytes();
    let table = [
        (Fetched::Answered { status: 200, body: ask.clone() }, "ask Sms First", "ask Sms First"),
        (Fetched::Answered { status: 200, body: b"{".to_vec() }, "failed Garbage", "unknown"),
        (Fetched::Answered { status: 401, body: Vec::new() }, "failed Blocked", "unknown"),
        (Fetched::Answered { status: 404, body: Vec::new() }, "failed Garbage", "not done"),
        (Fetched::Answered { status: 409, body: Vec::new() }, "failed Garbage", "unknown"),
        (Fetched::Answered { status: 503, body: Vec::new() }, "failed Down", "unknown"),
        (Fetched::Answered { status: 302, body: ask }, "failed Garbage", "unknown"),
        (Fetched::NotSent, "failed Down", "unknown"),
        (Fetched::Unknown(Loss::Late), "failed TimedOut", "unknown"),
        (Fetched::Unknown(Loss::BrokenOff), "failed Down", "unknown"),
        (Fetched::Unknown(Loss::Unreadable), "failed Garbage", "unknown"),
    ];
    for (fetched, as_step, as_recovered) in table {
        with_context(SourceKind::Telecom, |context| {
            let recovered = match Remote::read_recovered(context, &fetched) {
                Recovered::Step(step) => shown(&step),
                Recovered::NotDone => "not done".to_owned(),
                Recovered::Unknown => "unknown".to_owned(),
            };
            assert_eq!(recovered, as_recovered);
            let step = REMOTE.step(context, None, Input::Fetched(fetched));
            assert_eq!(shown(&step), as_step);
        });
    }
    let fetch = Remote::recover("s-1");
    assert_eq!((fetch.method, &*fetch.path), (Method::Get, "/v1/steps/s-1"));
}

/// The vectors of docs/connectors.md, for those who write a connector.
#[test]
fn signatures_are_those_of_the_document() {
    let secret = b"synthetic-secret-synthetic-secret";
    let stamp_s = 1_795_219_200;
    let sent =
        Sent { method: "POST", path: "/v1/steps", stamp_s, nonce: "00ff", body: br#"{"a":1}"# };
    let answered = Answered { nonce: "00ff", status: 200, stamp_s, body: br#"{"b":2}"# };
    let mut table = String::new();
    let _ = writeln!(table, "{}\n{}", sent.sign(secret), answered.sign(secret));
    assert_eq!(
        table,
        "9d0bea035fb290263cd92053c5eb5a4f55f50d5a3af4f16c8f0010a37049d516\n\
         b9f14df614e06e090285d8c466356e73bab56d9a9e437b45048b35180ffec017\n"
    );
    let good = answered.sign(secret);
    let now = Timestamp(stamp_s * 1_000_000);
    assert!(answered.holds(secret, &good, now));
    for (other, at, why) in [
        (Answered { nonce: "00fe", ..answered }, now, "nonce"),
        (Answered { status: 201, ..answered }, now, "status"),
        (Answered { stamp_s: stamp_s + 1, ..answered }, now, "stamp"),
        (Answered { body: b"", ..answered }, now, "body"),
        (answered, now + Span::seconds(301), "too late"),
        (answered, now - Span::seconds(301), "too early"),
        (Answered { stamp_s: i64::MIN, ..answered }, now, "a stamp of long ago"),
    ] {
        assert!(!other.holds(secret, &good, at), "{why}");
    }
    assert!(
        answered.holds(secret, &good, now + CLOCK) && answered.holds(secret, &good, now - CLOCK)
    );
    assert!(!answered.holds(b"another", &good, now) && !answered.holds(secret, "", now));
}

const CLOCK: Span = signature::CLOCK_TOLERANCE;

/// A secret that comes back is not kept, in whatever spelling; what is there by chance is.
#[test]
fn a_connector_that_repeats_a_secret_is_told() {
    let memory = |state: Value| Step::Wait {
        until: Timestamp(0),
        meaning: Waiting::Working,
        memory: Memory { version: 1, state },
    };
    let table = [
        (json!({"password": "hunter22"}), "hunter22", true),
        (json!({"hunter22": 1}), "hunter22", true),
        (json!("xx-hunter22-xx"), "hunter22", true),
        (json!("aHVudGVyMjI="), "hunter22", true),
        (json!("68756e7465723232"), "hunter22", true),
        (json!({"code": 123_456}), "123456", true),
        (json!({"quote": "a\"b\\c"}), "a\"b\\c", true),
        (json!({"token": "other"}), "hunter22", false),
        (json!("123"), "123", false),
    ];
    with_context(SourceKind::Degree, |context| {
        for (state, secret, wanted) in table {
            assert_eq!(
                echo::repeats(&memory(state.clone()), Some(secret), context),
                wanted,
                "{state}"
            );
        }
        let own = context.person.mobile.expose().to_owned();
        assert!(!echo::repeats(&memory(json!(own)), Some(&own), context), "no secret of its own");
        let step = |number: &str| {
            let record = Record { student_number: number.to_owned(), ..Record::default() };
            Step::Done(Box::new(Data::Degree(DegreeData { education: vec![record] })))
        };
        let table = [
            ("123456", "123456", true),
            ("99123456", "123456", false),
            ("x-hunter2hunter2", "hunter2hunter2", true),
        ];
        for (number, secret, wanted) in table {
            assert_eq!(echo::repeats(&step(number), Some(secret), context), wanted, "{number}");
        }
        assert!(!echo::repeats(&step("1"), None, context));
    });
}
