use serde_json::{Value, json};

use super::degree::DegreeData;
use super::ebank::EbankData;
use super::telecom::TelecomData;
use super::*;

fn telecom() -> Value {
    let time = "2026-11-01 08:30:00";
    json!({"transactions": [{
        "basic": {"update_time": time, "cell_phone": "13900000000", "real_name": "合*",
            "idcard": "", "reg_time": "2016-02-29 00:00:00"},
        "calls": [{"update_time": time, "start_time": time, "init_type": "主叫", "use_time": 61,
            "place": "合成市", "other_cell_phone": "12000000001", "cell_phone": "13900000000",
            "subtotal": 0.29, "call_type": "本地"}],
        "smses": [{"update_time": time, "start_time": time, "init_type": "接收", "place": "",
            "other_cell_phone": "10086", "cell_phone": "13900000000", "subtotal": 0.0}],
        "nets": [],
        "transactions": [{"update_time": time, "bill_cycle": "2026-10-01 00:00:00",
            "cell_phone": "13900000000", "total_amt": 58.29, "pay_amt": 58.29, "plan_amt": 58.0}],
    }]})
}

fn ebank() -> Value {
    json!({
        "baseInfo": {"task_id": "t", "user_id": "u", "username": "合成",
            "timestamp": "2026-11-01 08:30:00", "cards": []},
        "cardList": [{"card_id": "c", "card_num": "", "full_card_num": "", "card_type": "CREDIT",
            "name_on_card": "", "bank_name": "", "open_bank": "", "open_time": "",
            "balance": "0.00", "cash_balance": "0.00", "cash_limit": "0.00",
            "credit_limit": "12000.50", "deposits": [], "bills": []}],
    })
}

fn reads<T: Dataset>(value: &Value) -> Result<T, DatasetError> {
    read(value.to_string().as_bytes())
}

#[test]
fn what_is_read_is_written_with_the_same_keys_and_values() {
    let data: TelecomData = reads(&telecom()).expect("telecom data");
    assert_eq!(data.line().calls[0].subtotal, Fen(29));
    assert_eq!(serde_json::to_value(&data).expect("JSON"), telecom());
    let data: EbankData = reads(&ebank()).expect("bank data");
    assert_eq!(data.card_list[0].credit_limit, Fen(1_200_050));
    assert_eq!(serde_json::to_value(&data).expect("JSON"), ebank());
    let empty = json!({"education": []});
    assert_eq!(serde_json::to_value(reads::<DegreeData>(&empty).expect("none")).ok(), Some(empty));
}

/// Each fault: where it is put, what is put there, what is answered.
#[test]
fn a_fault_is_named_by_its_place_and_kind_without_the_value() {
    let long = "长".repeat(65);
    let table = [
        ("/basic/real_name", json!(long), "a text is too long"),
        ("/basic/real_name", json!("a\u{0}b"), "a text has a control character"),
        ("/basic/reg_time", json!("2026-02-30 00:00:00"), "is not a date or time"),
        ("/calls/0/start_time", json!("2026-11-01T08:30:00"), "is not a date or time"),
        ("/calls/0/init_type", json!("机密"), "is none of the known words"),
        ("/calls/0/use_time", json!(-1), "has a wrong value"),
        ("/calls/0/use_time", json!("机密"), "has a wrong type"),
        ("/calls/0/subtotal", json!("0.291"), "is not an amount with at most two decimals"),
        ("/calls/0/subtotal", json!(1e300), "is not an amount with at most two decimals"),
        ("/calls/0", json!({"机密": 1}), "a key is not known"),
        ("/nets", json!([{}]), "a key is missing"),
        ("/transactions", json!(vec![json!(null); 1]), "has a wrong type"),
    ];
    for (place, bad, problem) in table {
        let mut value = telecom();
        *value.pointer_mut(&format!("/transactions/0{place}")).expect("a place") = bad;
        let error = reads::<TelecomData>(&value).expect_err(place);
        assert_eq!(error.problem, problem, "{place}");
        let path = place.replace("/0", "[0]").replace('/', ".");
        assert!(error.path.starts_with(&format!("transactions[0]{path}")), "{error}");
        let said = error.to_string();
        let leaks = said.contains("机密") || said.contains(&long);
        assert!(!leaks, "{error}");
    }
}

/// What a connector sends beside the data, keys included, is its own: it is not repeated.
#[test]
fn a_place_has_no_name_of_the_senders() {
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Answer {
        #[expect(dead_code, reason = "read alone")]
        memory: Option<std::collections::BTreeMap<String, u8>>,
        #[expect(dead_code, reason = "read alone")]
        step: Option<Step>,
    }
    #[derive(Debug, serde::Deserialize)]
    enum Step {
        Known,
    }
    let table = [
        (r#"{"hunter2": 1}"#, ".: a key is not known"),
        (r#"{"memory": {"hunter2": "x"}}"#, "memory: has a wrong type"),
        (r#"{"step": {"hunter2": 1}}"#, "step: is none of the known words"),
        (r#"{"step": "hunter2"}"#, "step: is none of the known words"),
    ];
    for (json, wanted) in table {
        let error = read::<Answer>(json.as_bytes()).expect_err("it is none");
        assert_eq!(error.to_string(), wanted, "{json}");
    }
}

#[test]
fn lists_are_counted_while_they_are_read() {
    let bill = telecom()["transactions"][0]["transactions"][0].clone();
    for (count, fits) in [(telecom::BILLS_MAX, true), (telecom::BILLS_MAX + 1, false)] {
        let mut value = telecom();
        value["transactions"][0]["transactions"] = json!(vec![bill.clone(); count]);
        assert_eq!(reads::<TelecomData>(&value).is_ok(), fits, "{count}");
    }
    for lines in [0, 2] {
        let line = telecom()["transactions"][0].clone();
        let value = json!({"transactions": vec![line; lines]});
        assert!(reads::<TelecomData>(&value).is_err(), "{lines} lines");
    }
    let twice = br#"{"education":[]} {}"#;
    assert!(read::<DegreeData>(twice).is_err());
}

#[test]
fn money_is_exact_both_ways() {
    for fen in [0, 1, 29, -29, 100, 5_805, 999_999_999_999, -10_000_000_000_000] {
        let text = Fen(fen).to_string();
        assert_eq!(Fen::parse_yuan(&text), Some(Fen(fen)), "{text}");
        let number = serde_json::from_str::<Fen>(&(fen as f64 / 100.0).to_string());
        assert!(number.is_ok_and(|read| read == Fen(fen)), "{text}");
    }
    for text in ["", ".", "1.", ".5", "1.234", "1e3", "+1", "--1", "10000000000000", "１"] {
        assert!(Fen::parse_yuan(text).is_none(), "{text}");
    }
}

#[test]
fn nothing_of_a_person_is_printed() {
    let data: TelecomData = reads(&telecom()).expect("telecom data");
    let line = data.line();
    let shown = format!("{data:?} {:?} {:?} {:?}", line.basic, line.calls, line.transactions);
    assert!(!shown.contains("139") && !shown.contains('合'), "{shown}");
}
