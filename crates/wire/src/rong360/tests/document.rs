//! The face beside the document's own text (`fixtures/rong360`).

use std::collections::BTreeSet;

use domain::merchant::FieldTypes;
use serde_json::Value;

use super::*;
use crate::rong360::codes::{self, Code};
use crate::rong360::{Purpose, Reply, answer};
use domain::session::credit::{self, CardKind, Question};

const CODES: &str = include_str!("../../../fixtures/rong360/codes.txt");
const REQUESTS: &str = include_str!("../../../fixtures/rong360/requests.txt");
const FORMS: &str = include_str!("../../../fixtures/rong360/forms.tsv");

/// Without white space: the document's text has been through two programs that move it about.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn each_code_has_the_printed_text() {
    let printed: Vec<(i32, String)> = CODES
        .lines()
        .filter_map(|line| line.strip_prefix('('))
        .map(|line| {
            let (number, text) = line.split_once(',').expect("a number and a text");
            let text = text.trim_start().trim_start_matches('"');
            let text = text.rsplit_once("\")").expect("an end").0;
            (number.parse().expect("a number"), bare(text))
        })
        .collect();
    assert_eq!((printed.len(), printed[0].clone()), (67, (0, "ok".to_owned())));
    let ours: Vec<_> =
        Code::printed_errors().map(|code| (code.number, bare(code.message))).collect();
    assert_eq!(ours, printed[1..]);
    for code in Code::printed_errors() {
        assert_eq!((Code::of_number(code.number), code.message.trim()), (Some(code), code.message));
    }
    for refusal in credit::Refusal::ALL {
        assert_eq!(Code::from(*refusal).number, refusal.code());
    }
    assert_eq!([0, 200, 508_208, 100_001].map(Code::of_number), [None; 4]);
}

#[test]
fn every_code_is_documented_by_some_method() {
    let documented: BTreeSet<i32> =
        Method::ALL.into_iter().flat_map(Method::documented).map(|code| code.number).collect();
    let others = Code::printed_errors().filter(|code| !code.is_of_any());
    let all = others.map(|code| code.number).collect();
    assert_eq!(documented, all);
    let failures = [
        domain::failure::Failure::Overloaded,
        domain::failure::Failure::SessionTimedOut,
        domain::failure::Failure::NotEntitled,
    ];
    assert_eq!(failures.map(|failure| codes::of(&failure).number), [508_100, 508_142, 100_007]);
}

/// What is refused is what the example says: its card has no check digit, and two of them leave
/// out a required field.
#[test]
fn every_request_of_the_document_is_read() {
    let read: Vec<(&str, i32)> = REQUESTS
        .split("\n----\n")
        .map(|request| {
            let opened = believed(request).expect(request).open(&terms(), today());
            (opened.method.expect(request).name(), code(opened.asked))
        })
        .collect();
    assert_eq!(
        read,
        [
            ("getPicCode", 0),
            ("getLoginInfo", 0),
            ("login", 0),
            ("getVerifyMethod", 0),
            ("getQuestion", 0),
            ("submitQuestion", 0),
            ("onlineValidateCard", 508_122),
            ("getOnlineMessageCode", 0),
            ("submitOnlineAuth", 0),
            ("getOnlineAuthedInfo", 0),
            ("submitApplyMessageCode", 0),
            ("getViewReportInfo", 0),
            ("viewReport", 0),
        ]
    );
}

/// The `param` lists of an answer, one after the other.
fn params(data: &Value, found: &mut Vec<Value>) {
    match data {
        Value::Object(members) => members.iter().for_each(|(name, value)| match name.as_str() {
            "param" => found.extend(value.as_array().cloned().unwrap_or_default()),
            _ => params(value, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| params(item, found)),
        _ => {}
    }
}

fn shown(method: Method, reply: &Reply<'_>) -> Vec<Value> {
    let answer = answer(method, reply, &terms(), request_id());
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let mut found = Vec::new();
    params(&body["data"]["next"], &mut found);
    params(&body["data"]["rules"], &mut found);
    found
}

/// Section, and the fields of the form that it prints.
fn forms() -> Vec<(&'static str, Vec<Value>)> {
    let five = [
        "您在2015年08月办理的信用卡额度是多少？",
        "",
        "您于2008年09月在哪家机构办理过信用卡？",
        "您2015年10月的婚姻状况是什么？",
        "您的身份证领取地是哪里？",
    ];
    let questions = five
        .map(|title| Question { title: title.to_owned(), options: [const { String::new() }; 5] });
    let card = |kind| Reply::CardForm { kind, bank_card: "1", purpose: Purpose::Apply };
    vec![
        ("1.1.2", shown(Method::LoginInfo, &Reply::LoginForm)),
        ("1.1.4", shown(Method::VerifyMethod, &Reply::VerifyMethods)),
        ("1.1.5", shown(Method::Question, &Reply::Questions(&questions))),
        ("1.1.7", shown(Method::ValidateCard, &card(CardKind::Debit))),
        ("1.1.7", shown(Method::ValidateCard, &card(CardKind::Credit))),
        ("1.1.9", shown(Method::Authentication, &Reply::UnionpayForm { code: "rgcgeb" })),
        ("1.2.0", shown(Method::SubmitOnlineAuth, &Reply::ApplyForm)),
        ("1.2.1", shown(Method::AuthedInfo, &Reply::ApplyForm)),
        ("1.2.4", shown(Method::ViewInfo, &Reply::ViewForm)),
    ]
}

/// In the printed order; what the print leaves out of one form stands between.
#[test]
fn every_printed_field_of_a_form_is_served_so() {
    let forms = forms();
    let lines: Vec<Vec<&str>> = FORMS.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), 27);
    for section in forms.iter().map(|(section, _)| section).collect::<BTreeSet<_>>() {
        let served = forms.iter().filter(|(known, _)| known == section);
        let mut served = served.flat_map(|(_, params)| params);
        for printed in lines.iter().filter(|line| line[0] == *section) {
            let [_, title, hint, kind, key, value] = printed[..] else { panic!("{printed:?}") };
            let is_it = |param: &Value| {
                let text = |name: &str| bare(param[name].as_str().unwrap_or_default());
                (text("title"), text("hint"), param["type"].to_string(), text("key"), text("value"))
                    == (bare(title), bare(hint), kind.to_owned(), key.to_owned(), value.to_owned())
            };
            assert!(served.any(is_it), "{printed:?}");
        }
    }
    let lengths: Vec<_> = forms.iter().map(|(_, params)| params.len()).collect();
    assert_eq!(lengths, [3, 6, 5, 5, 6, 2, 1, 1, 1]);
}

#[test]
fn the_later_dialect_numbers_the_types_anew() {
    let later = Rong360 { field_types: FieldTypes::Later, ..terms() };
    let types = |reply: &Reply<'_>| {
        let answer = answer(Method::LoginInfo, reply, &later, request_id());
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        let mut found = Vec::new();
        params(&body["data"], &mut found);
        found.iter().map(|param| param["type"].as_u64().expect("a number")).collect::<Vec<_>>()
    };
    assert_eq!(types(&Reply::LoginForm), [1, 7, 8]);
    assert_eq!(types(&Reply::VerifyMethods), [6, 15, 16, 16, 15, 16]);
    let card = |kind| Reply::CardForm { kind, bank_card: "1", purpose: Purpose::Apply };
    assert_eq!(types(&card(CardKind::Credit)), [1, 2, 5, 3, 17, 9]);
}
