//! The answer of `viewReport`, whole: golden files of two pages, and document 002's own sample.

use domain::report::pboc::{Asked, Formula, derive, page};
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::report;

const SAMPLE: &[u8] = include_bytes!("../../../../domain/fixtures/pboc/sample.html");
const OTHER: &[u8] = include_bytes!("../../../../domain/fixtures/pboc/other.html");

fn answer(html: &[u8], now: &str) -> Value {
    let record = page::read(html).expect("a report");
    let updated = Timestamp::parse("2015-11-10 12:00:00+08:00").expect("a time");
    let now = Timestamp::parse(now).expect("a time");
    let derived = derive(&record, Asked { updated, now, formula: Formula::V1 });
    report(&derived, &record, "sandbox00")
}

fn text(answer: &Value) -> String {
    serde_json::to_string_pretty(answer).expect("JSON") + "\n"
}

fn answers() -> [(&'static str, String); 2] {
    [
        ("report-sample.json", text(&answer(SAMPLE, "2016-01-01 00:00:00+08:00"))),
        ("report-other.json", text(&answer(OTHER, "2015-11-11 00:00:00+08:00"))),
    ]
}

/// Written anew by `cargo test -p wire write_the_golden_reports -- --ignored`.
#[test]
fn the_answers_are_the_golden_ones() {
    let golden = [
        include_str!("../../../fixtures/rong360/report-sample.json"),
        include_str!("../../../fixtures/rong360/report-other.json"),
    ];
    for ((name, answer), golden) in answers().into_iter().zip(golden) {
        assert!(answer == golden, "the answer differs from fixtures/rong360/{name}");
    }
}

#[test]
#[ignore = "writes the golden files anew"]
fn write_the_golden_reports() {
    for (name, answer) in answers() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/rong360/");
        std::fs::write(format!("{folder}{name}"), answer).expect("the file can be written");
    }
}

/// Everything of the sample that follows from its text: the rest (name, scores) is synthetic or
/// another formula's.
#[test]
fn the_sample_gives_the_keys_and_values_that_document_002_prints() {
    let printed: Value =
        serde_json::from_str(include_str!("../../../fixtures/rong360/document-002.json"))
            .expect("the sample");
    let ours = answer(SAMPLE, "2016-01-01 00:00:00+08:00");
    let differ = ["loginName", "name", "idCard", "score", "rate", "composition"];
    for (key, value) in printed.as_object().expect("an object") {
        if differ.contains(&key.as_str()) {
            let kind = |value: &Value| std::mem::discriminant(value);
            assert_eq!(kind(&ours[key]), kind(value), "{key}");
        } else {
            assert_eq!(&ours[key], value, "{key}");
        }
    }
    let keys = |value: &Value| -> Vec<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    };
    assert_eq!(keys(&ours["composition"]), keys(&printed["composition"]));
    assert!(ours["idCard"] == "*****000X" && ours["expire"] == 1);
}

#[test]
fn amounts_are_numbers_and_public_records_have_the_keys_of_their_readers() {
    let other = answer(OTHER, "2015-11-11 00:00:00+08:00");
    let loan = &other["house_loan_detail"][0];
    assert_eq!((&loan["balance"], &loan["overdue_amount"]), (&json!(50_000), &json!(1_000)));
    assert_eq!((&loan["status"], &loan["is_delq"]), (&json!("逾期"), &json!(1)));
    assert!(other["other_loan_detail"][0]["releaser"] == "合成<银行>");
    assert!(other["other_loan_detail"][0].get("bank").is_none());
    let execution = &other["publiCrecords"]["compulsoryExecutionRecords"][0];
    assert_eq!(execution["executiveCourt"], "合成区人民法院");
    assert_eq!((&execution["executed_amt"], &execution["caseStatus"]), (&json!(""), &json!("")));
    assert_eq!(other["informatonAbstract"]["publicRecord"]["B"], 1);
    assert_eq!(other["expire"], 0);
}
