use domain::identity::IdentityFault;
use serde_json::{Map, Value, json};

use super::*;

mod broken;
mod envelopes;

const FULL: &str = include_str!("../../../fixtures/qiancheng/audit/application.json");

pub(super) fn full() -> Value {
    serde_json::from_str(FULL).expect("the fixture is JSON")
}

fn field<T>(path: &str, fault: Fault) -> Result<T, Unread> {
    Err(Unread::Field { path: path.to_owned(), fault })
}

/// The fixture with the value at `pointer` replaced.
fn with(pointer: &str, value: Value) -> String {
    let mut whole = full();
    *whole.pointer_mut(pointer).expect("the fixture has it") = value;
    whole.to_string()
}

#[test]
fn every_field_of_the_document_is_kept() {
    let read = read(FULL.as_bytes()).expect("an application");
    let canonical = String::from_utf8(read.canonical()).expect("JSON");
    // Nothing of the fixture is missing from what is kept: no `null` is left in a whole record.
    let nulls = canonical.matches("null").count();
    assert_eq!(nulls, 11 + 1 + 1, "the short call contact, the refused loan, the card as a text");
    for kept in
        ["\"-23.80\"", "\"0.06\"", "20180131000001", "6200000000000000003", "2018-01\"", "😀"]
    {
        assert!(canonical.contains(kept), "{kept}");
    }
    let again = Application::from_canonical(canonical.as_bytes()).expect("reads back");
    assert!(again == read);
}

#[test]
fn the_same_content_has_one_canonical_form() {
    let canonical = |text: &str| read(text.as_bytes()).expect(text).canonical();
    let usual = canonical(FULL);
    let order = full()["order_detail"].clone();
    let contacts = full()["basic_info"]["user_contact"].clone();
    let call = &full()["telecom_data"]["contact_list"][0];
    let as_numbers: Map<String, Value> = call
        .as_object()
        .expect("an object")
        .iter()
        .map(|(name, value)| {
            let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
            (name.clone(), number.map_or(value.clone(), Value::from))
        })
        .collect();
    let equal = [
        full().to_string(),
        format!("\u{feff} {FULL}\n"),
        FULL.replace("moblie", "mobile").replace("user_proof_materia\"", "user_proof_material\""),
        FULL.replace("5000.00", "\"5000\"").replace("3200.5,", "\"3200.50\","),
        FULL.replace("{\"month\"", "{\"ours\": [{}, 1.5e3, \"x\"], \"month\""),
        FULL.replace("\"zm_score\": 655", "\"zm_score\": \"655\", \"score\": null"),
        FULL.replace("2017-12\"", "201712\"").replace("2018-01\"", "2018/01/05\""),
        FULL.replace("2018-01-31 08:30:00", "2018/01/31 08:30"),
        FULL.replace("\"2018-01-31 08:30:00\"", "1517358600"),
        FULL.replace("\"level\": 1, \"code\": \"AA001\"", "\"code\": \"AA001\", \"level\": 1"),
        with("/order_detail", json!([order])),
        with("/order_detail", json!(order.to_string())),
        with("/basic_info/user_contact", json!({"3": contacts[0], "7": contacts[1]})),
        with("/basic_info/user_contact", json!([{}, contacts[0], null, contacts[1], {"name": ""}])),
        with("/basic_info/user_contact", json!(contacts.to_string())),
        with("/card_info", full()["card_info"][0].clone()),
        with("/zm_data/watch_info", json!(full()["zm_data"]["watch_info"].to_string())),
        with("/telecom_data/contact_list/0", Value::Object(as_numbers)),
        with("/user_loan_orders/1/repayment_time", json!("0000-00-00 00:00:00")),
        with("/user_loan_orders/1/repayment_time", json!("")),
    ];
    for (place, text) in equal.iter().enumerate() {
        assert!(canonical(text) == usual, "rewriting {place}");
    }
    let others = [
        ("/order_detail/amount", json!(200_001)),
        ("/order_detail/order_id", json!("020180131000001")),
        ("/telecom_data/bill_list/0/amount", json!("58.61")),
        ("/zm_data/watch_info/0/level", json!(2)),
        ("/app_info", json!([])),
    ];
    for (pointer, value) in others {
        assert!(canonical(&with(pointer, value)) != usual, "{pointer}");
    }
}

#[test]
fn what_is_optional_may_be_left_out_and_lists_may_be_empty() {
    let mut least = full();
    let whole = least.as_object_mut().expect("an object");
    for (place, name) in
        ["zm_data", "user_loan_orders", "zfb_data", "card_info", "app_info"].iter().enumerate()
    {
        let absent = [Value::Null, json!(""), json!([]), json!({}), json!([])];
        whole.insert((*name).to_owned(), absent[place].clone());
    }
    whole.remove("user_login_upload_logs");
    whole["user_mobile_contacts"] = json!([]);
    whole["telecom_data"] = json!({"real_name_status": "0", "bill_list": [], "contact_list": {}});
    let read = read(least.to_string().as_bytes()).expect("an application");
    assert!(read.zhima.is_none() && read.loans.is_empty() && read.alipay.is_none());
    assert!(read.contacts.is_empty() && !read.telecom.is_real_name && read.apps.is_empty());
}

#[test]
fn what_is_no_json_is_one_refusal_wherever_it_breaks() {
    let broken_field = FULL.replace("\"loan_term\": 14", "\"loan_term\": -1");
    for text in [FULL, &broken_field] {
        for at in (0..text.trim_end().len()).step_by(7) {
            assert_eq!(read(&text.as_bytes()[..at]).err(), Some(Unread::Syntax), "cut at {at}");
        }
        for at in (0..text.len()).step_by(13) {
            let mut bent = text.as_bytes().to_vec();
            bent[at] = 0xff;
            assert_eq!(read(&bent).err(), Some(Unread::Syntax), "byte {at}");
        }
        assert_eq!(read(format!("{text} x").as_bytes()).err(), Some(Unread::Syntax));
    }
    for text in ["", " ", "1", " -1.5", "true", "null x"] {
        assert_eq!(read(text.as_bytes()).err(), Some(Unread::Syntax), "{text:?}");
    }
    for text in ["null", "[]", "\"\"", "{}"] {
        assert_eq!(
            read(text.as_bytes()).err(),
            field::<()>(DATA, Fault::MISSING).err(),
            "{text:?}"
        );
    }
    for text in ["\"1\"", "[1]"] {
        assert!(matches!(read(text.as_bytes()), Err(Unread::Field { .. })), "{text:?}");
    }
}

#[test]
fn limits_hold_and_are_named() {
    let many = |pointer: &str, count: usize| {
        let mut whole = full();
        let list = whole.pointer_mut(pointer).expect("a list").as_array_mut().expect("a list");
        let row = list[0].clone();
        list.resize(count, row);
        read(whole.to_string().as_bytes())
    };
    let caps = [
        ("/basic_info/user_contact", 50),
        ("/user_mobile_contacts", 20_000),
        ("/telecom_data/contact_list", 100_000),
        ("/app_info", 5_000),
        ("/zfb_data/friends_contact", 20_000),
    ];
    for (pointer, max) in caps {
        let path = format!("data{}", pointer.replace('/', "."));
        assert!(many(pointer, max).is_ok(), "{path}");
        assert_eq!(many(pointer, max + 1).err(), field::<()>(&path, Fault::TooMany).err());
    }
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let found = read(FULL.replacen('{', &format!("{{\"ours\":{deep},"), 1).as_bytes());
    assert_eq!(found.err(), field::<()>("data.ours", Fault::TooDeep).err());
    let two = with("/zm_data", json!([{"zm_score": 1}, {"zm_score": 2}]));
    assert_eq!(read(two.as_bytes()).err(), field::<()>("data.zm_data", Fault::TooMany).err());
}

#[test]
fn names_given_twice_are_refused_by_their_path() {
    let table = [
        (
            "\"loan_term\": 14",
            "\"loan_term\": 14, \"loan_term\": 14",
            "data.order_detail.loan_term",
            Fault::Repeated,
        ),
        (
            "\"loan_term\": 14",
            "\"loan_term\": 14, \"x\": 1, \"x\": 1",
            "data.order_detail.x",
            Fault::Repeated,
        ),
        (
            "\"loan_term\": 14",
            "\"loan_term\": 14, \"x\": {\"y\": 1, \"y\": 1}",
            "data.order_detail.x.y",
            Fault::Repeated,
        ),
        (
            "\"moblie\": \"12000000001\"",
            "\"moblie\": \"12000000001\", \"mobile\": \"12000000009\"",
            "data.basic_info.user_contact[0].mobile",
            Fault::Contradiction,
        ),
        (
            "\"level\": 1",
            "\"level\": 1, \"level\": 1",
            "data.zm_data.watch_info.level",
            Fault::Repeated,
        ),
        ("\"app_info\"", "\"card_info\": [], \"app_info\"", "data.card_info", Fault::Repeated),
    ];
    for (from, to, path, fault) in table {
        let text = FULL.replacen(from, to, 1);
        assert_eq!(read(text.as_bytes()).err(), field::<()>(path, fault).err(), "{to}");
    }
    let numbered = with("/card_info", json!(null))
        .replace("\"card_info\":null", r#""card_info":{"1":{"type":1},"1":{"type":1}}"#);
    assert_eq!(
        read(numbered.as_bytes()).err(),
        field::<()>("data.card_info[1]", Fault::Repeated).err()
    );
}

#[test]
fn days_overdue_and_the_time_of_repayment_go_with_the_state() {
    let loan = |state: Value, days: Value, at: Value| {
        let loan = json!([{"state": state, "overdue_day": days, "repayment_time": at}]);
        read(with("/user_loan_orders", loan).as_bytes()).map(drop)
    };
    let at = json!("2018-01-01 00:00:00");
    let (days, time) =
        ("data.user_loan_orders[0].overdue_day", "data.user_loan_orders[0].repayment_time");
    assert_eq!(loan(json!(0), json!(0), at.clone()), Ok(()));
    assert_eq!(loan(json!(2), json!(9), json!("0")), Ok(()));
    assert_eq!(loan(json!(1), json!(""), json!(0)), Ok(()));
    assert_eq!(loan(Value::Null, json!(3), at.clone()), Ok(()));
    assert_eq!(loan(json!(0), Value::Null, at.clone()), field(days, Fault::MISSING));
    assert_eq!(loan(json!(2), Value::Null, json!(0)), field(days, Fault::MISSING));
    assert_eq!(loan(json!(0), json!(0), json!(0)), field(time, Fault::MISSING));
    assert_eq!(loan(json!(1), json!(1), json!(0)), field(days, Fault::Contradiction));
    assert_eq!(loan(json!(3), json!(0), at), field(time, Fault::Contradiction));
    assert_eq!(Fault::MISSING, Fault::Identity(IdentityFault::Missing));
}

/// A section in which a number stands.
type Written<'w> = &'w dyn Fn(&str) -> Value;

/// Which number means what, by the document's own words (section 7.1).
#[test]
fn numbers_mean_what_the_document_says() {
    let loan = |state: &str| {
        let repaid_at = if state == "0" { json!("2018-01-01 00:00:00") } else { json!(0) };
        json!([{"state": state, "overdue_day": 0, "repayment_time": repaid_at}])
    };
    let table: [(&str, &str, Written<'_>, &str); 5] = [
        (
            "/basic_info/user_contact",
            "0:父亲 father,1:母亲 mother,2:配偶 spouse,3:朋友 friend,4:其他 other",
            &|number| json!([{"moblie": "12000000001", "name": "甲", "relation": number}]),
            "/basic/emergency_contacts/0/relation",
        ),
        (
            "/user_proof_materia",
            "0:活体照片 live,1:身份证正面 card_front,2:身份证反面 card_back",
            &|number| json!([{"url": "https://example.invalid/1.jpg", "type": number}]),
            "/proofs/0/kind",
        ),
        (
            "/telecom_data/real_name_status",
            "0:未实名 false,1:已实名 true",
            &|number| json!(number),
            "/telecom/is_real_name",
        ),
        (
            "/user_loan_orders",
            "0:已还款 repaid,1:进行中 running,2:逾期未还 overdue,3:审核拒绝 refused",
            &loan,
            "/loans/0/state",
        ),
        (
            "/card_info",
            "1:信用卡 credit,2:储蓄卡 debit,3:未知 unknown",
            &|number| json!([{"type": number, "card_no": "6200000000000000003"}]),
            "/cards/0/card_type",
        ),
    ];
    for (section, meanings, written, kept_at) in table {
        for meaning in meanings.split(',') {
            let (number, words) = meaning.split_once(':').expect("a number and its meaning");
            let (_, expected) = words.split_once(' ').expect("the document's word and ours");
            let read = read(with(section, written(number)).as_bytes()).expect(meaning);
            let kept: Value = serde_json::from_slice(&read.canonical()).expect("JSON");
            let found = kept.pointer(kept_at).expect(kept_at).to_string();
            assert_eq!(found.trim_matches('"'), expected, "{section} {meaning}");
        }
    }
}
