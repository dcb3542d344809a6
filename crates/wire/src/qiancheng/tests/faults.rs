//! Each field of each endpoint: missing, empty, and each way in which it can be wrong.

use domain::identity::IdentityFault;
use serde_json::{Value, json};

use super::{
    Check, Endpoint, Field, JSON, Need, Presented, Proof, fields, letter, today, whole, with_body,
};
use crate::qiancheng::{Fault, Refusal, refuse};

/// A request with each field, as JSON; nested fields are left out.
fn flat(endpoint: Endpoint) -> Value {
    let pairs = whole(endpoint).into_iter().filter(|(name, _)| !name.contains('['));
    Value::Object(pairs.map(|(name, value)| (name, value.into())).collect())
}

/// The first refusal of a letter.
fn refusal(endpoint: Endpoint, request: &Value) -> Option<Refusal> {
    let body = request.to_string();
    let letter = letter(endpoint, &[("content-type", JSON)], body.as_bytes());
    letter.credential().err().or_else(|| letter.open(today()).err())
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what may be nothing")]
fn field(path: &str, fault: Fault) -> Option<Refusal> {
    Some(Refusal::Field { path: path.to_owned(), fault })
}

/// Values that `check` refuses, and why.
fn wrong(check: Check) -> Vec<(Value, Fault)> {
    use IdentityFault as Id;
    let identity = |rows: &[(&str, Id)]| -> Vec<(Value, Fault)> {
        rows.iter().map(|(text, fault)| ((*text).into(), Fault::Identity(*fault))).collect()
    };
    let mut rows = match check {
        Check::Text => {
            vec![("张".repeat(201).into(), Fault::TooLong), ("a\0b".into(), Fault::Form)]
        }
        Check::Secret => vec![("a".repeat(201).into(), Fault::TooLong)],
        Check::OpenId => [&OPEN[..31], &OPEN.to_uppercase(), &OPEN.replace('f', "g"), "../../etc"]
            .map(|text| (text.into(), Fault::Form))
            .to_vec(),
        Check::Hours => [json!(0), json!(721), json!(1.5), json!("+24"), json!("x"), json!(99_999)]
            .map(|value| (value, Fault::Range))
            .to_vec(),
        Check::Name => identity(&[("张\u{200b}三", Id::Character), (&"张".repeat(65), Id::Length)]),
        Check::IdCard => identity(&[
            ("1101051949123100", Id::Length),
            ("1101051949123100Y2", Id::Character),
            ("110105194913310021", Id::Date),
            ("11010520261123002X", Id::Date),
            ("110105194912310021", Id::CheckDigit),
        ]),
        Check::Mobile => identity(&[
            ("1380013800", Id::Length),
            ("1380013800x", Id::Character),
            ("12800138000", Id::Prefix),
        ]),
        Check::OneOf(_) => {
            [json!(2), json!("-1"), json!("00"), json!("x")].map(|v| (v, Fault::Choice)).to_vec()
        }
        // What is wrong with it shows when it is opened.
        Check::Application => Vec::new(),
        Check::Claims(_) | Check::Client => {
            return [json!("x"), json!("{\"a\":1"), json!("{}, \"b\":{}")]
                .map(|value| (value, Fault::Form))
                .into_iter()
                .chain(
                    [json!(1), json!(true), json!([1]), json!("[1]")].map(|v| (v, Fault::NotMap)),
                )
                .collect();
        }
    };
    rows.extend([json!(true), json!(["x"]), json!({"x": 1})].map(|v| (v, Fault::NotText)));
    rows
}

const OPEN: &str = super::OPEN_ID;

#[test]
fn each_field_is_refused_by_its_name() {
    for endpoint in with_body() {
        let request = flat(endpoint);
        assert_eq!(refusal(endpoint, &request), None, "{endpoint:?}");
        for Field { name, need, check } in fields(endpoint) {
            let with = |value: Value| {
                let mut request = request.clone();
                request[name] = value;
                refusal(endpoint, &request)
            };
            let missing = field(name, Fault::MISSING);
            let expected = missing.clone().filter(|_| need != Need::Optional);
            assert_eq!(with(Value::Null), expected, "{endpoint:?} {name} null");
            let expected = missing.filter(|_| need == Need::Required);
            assert_eq!(with("".into()), expected, "{endpoint:?} {name} empty");
            for (value, fault) in wrong(check) {
                let refused = with(value.clone());
                assert_eq!(refused, field(name, fault), "{endpoint:?} {value}");
                let body = refused.map(|refusal| refuse(&refusal).body).unwrap_or_default();
                let body = String::from_utf8(body).expect("a body is UTF-8");
                assert!(body.starts_with(&format!(r#"{{"code":1001,"msg":"{name}: "#)), "{body}");
                assert!(value.as_str().is_none_or(|v| v.len() < 4 || !body.contains(v)), "{body}");
            }
        }
    }
}

#[test]
fn what_is_nested_is_refused_by_its_path() {
    let contacts = |contacts: Value| json!({"options": {"contacts": contacts}});
    let info = |info: Value| json!({"user_info": info});
    let many: Vec<_> = (0..21).map(|n| json!({"contact_tel": 13_900_139_000_u64 + n})).collect();
    let tel = "options.contacts[1].contact_tel";
    let type_1 = json!({"contact_tel": "139", "contact_type": 1});
    let table = [
        (contacts(json!([])), None),
        (contacts(json!(many[..20])), None),
        (contacts(json!(many)), field("options.contacts", Fault::TooMany)),
        (contacts(json!({"contact_tel": "139"})), field("options.contacts", Fault::NotList)),
        (contacts(json!("[{\"contact_tel\":\"139\"}]")), None),
        (contacts(json!("{")), field("options.contacts", Fault::Form)),
        (contacts(json!([type_1, 1])), field("options.contacts[1]", Fault::NotMap)),
        (contacts(json!([type_1, {"contact_tel": "", "contact_name": null}, type_1])), None),
        (contacts(json!([type_1, {"contact_name": "a"}])), field(tel, Fault::MISSING)),
        (contacts(json!([type_1, {"contact_tel": "12"}])), field(tel, Fault::Form)),
        (contacts(json!([type_1, {"contact_tel": "138a0138000"}])), field(tel, Fault::Form)),
        (contacts(json!([type_1, {"contact_tel": "1".repeat(33)}])), field(tel, Fault::Form)),
        (json!({"options": []}), None),
        (json!({"options": "[]"}), None),
        (json!({"options": ""}), None),
        (json!({"options": {"work_addr": 1, "unknown": [1]}}), None),
        (json!({"options": {"work_addr": [1]}}), field("options.work_addr", Fault::NotText)),
        (
            json!({"options": {"home_tel": "1".repeat(201)}}),
            field("options.home_tel", Fault::TooLong),
        ),
    ];
    let merged = |endpoint, more: &Value| {
        let mut request = flat(endpoint);
        let members = more.as_object().expect("an object").clone();
        request.as_object_mut().expect("an object").extend(members);
        refusal(endpoint, &request)
    };
    for (more, expected) in table {
        assert_eq!(merged(Endpoint::TelecomOpen, &more), expected, "{more}");
    }
    for (value, is_one) in [("0", true), ("6", true), ("7", false), ("06", false), ("x", false)] {
        let more = contacts(json!([{"contact_tel": "139", "contact_type": value}]));
        let expected = field("options.contacts[0].contact_type", Fault::Choice);
        assert_eq!(merged(Endpoint::TelecomOpen, &more), expected.filter(|_| !is_one), "{value}");
    }
    let client_type = "user_info.client_type";
    let table = [
        (info(json!([])), None),
        (info(json!({"client_type": 0})), None),
        (info(json!({"client_type": "2", "lat": 39.9, "lon": "116.4"})), None),
        (info(json!({"client_type": 3})), field(client_type, Fault::Choice)),
        (info(json!({"ip": "192.0.2.1"})), field(client_type, Fault::MISSING)),
        (info(json!({"client_type": ""})), field(client_type, Fault::MISSING)),
        (
            info(json!({"client_type": 0, "udid": {}, "ip": {"a": 1}})),
            field("user_info.ip", Fault::NotText),
        ),
    ];
    for (more, expected) in table {
        assert_eq!(merged(Endpoint::EbankOpen, &more), expected, "{more}");
    }
}

#[test]
fn either_spelling_of_the_session_is_read_and_both_must_agree() {
    let other = "0".repeat(32);
    let table = [
        (json!({"openId": OPEN}), Ok(OPEN)),
        (json!({"open_id": OPEN}), Ok(OPEN)),
        (json!({"openId": OPEN, "open_id": OPEN}), Ok(OPEN)),
        (json!({"openId": OPEN, "open_id": other}), Err(("open_id", Fault::Contradiction))),
        (json!({"openId": OPEN, "open_id": "x"}), Err(("open_id", Fault::Form))),
        (json!({}), Err(("openId", Fault::MISSING))),
    ];
    for (mut request, expected) in table {
        request["username"] = "synthetic".into();
        let body = request.to_string();
        let presented = letter(Endpoint::EbankData, &[], body.as_bytes()).credential();
        match (presented, expected) {
            (Ok(Presented::Owner { open_id, .. }), Ok(expected)) => assert_eq!(open_id, expected),
            (Err(refusal), Err((path, fault))) => assert_eq!(Some(refusal), field(path, fault)),
            (presented, _) => panic!("{request} {presented:?}"),
        }
    }
}

#[test]
fn a_credential_is_asked_for_before_any_field_is_judged() {
    for endpoint in with_body() {
        let letter = letter(endpoint, &[], b"{}");
        let first = fields(endpoint).first().map_or("", |field| field.name);
        let refused = letter.credential().err();
        assert_eq!(refused.is_none(), endpoint.proof() == Proof::Nobody, "{endpoint:?}");
        assert!(refused.is_none_or(|refusal| Some(refusal) == field(first, Fault::MISSING)));
    }
}
