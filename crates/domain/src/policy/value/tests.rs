use serde_json::json;

use super::*;

/// What a record keeps reads back as the same value.
#[test]
fn json_both_ways() {
    for (json, of, kept) in [
        (json!(12), Type::Number, "12"),
        (json!(0.1), Type::Number, "0.1"),
        (json!("12345678901234567.25"), Type::Number, "\"12345678901234567.25\""),
        (json!("a"), Type::Text, "\"a\""),
        (json!(null), Type::Text, "null"),
        (json!("2026-11-21"), Type::Date, "\"2026-11-20T16:00:00.000000Z\""),
        (json!("2026-11-21 08:00:00"), Type::Date, "\"2026-11-21T00:00:00.000000Z\""),
        (json!("1d 12h"), Type::Duration, "\"129600s\""),
        (json!([1, null]), Type::List(Box::new(Type::Number)), "[1,null]"),
    ] {
        let value = Value::from_json(&json).cast(&of).unwrap_or_else(|| panic!("{json}"));
        let bytes = serde_json::to_string(&value).unwrap();
        assert_eq!(bytes, kept, "{json}");
        let back: Value = serde_json::from_str(&bytes).unwrap();
        assert_eq!(back.cast(&of), Some(value), "{json}");
    }
}

#[test]
fn what_does_not_fit() {
    for (json, of) in [
        (json!("x"), Type::Number),
        (json!(1), Type::Text),
        (json!(1), Type::Boolean),
        (json!("true"), Type::Boolean),
        (json!("1700000000"), Type::Date),
        (json!("2026-02-30"), Type::Date),
        (json!("5"), Type::Duration),
        (json!("5ms"), Type::Duration),
        (json!(["a"]), Type::List(Box::new(Type::Number))),
    ] {
        assert_eq!(Value::from_json(&json).cast(&of), None, "{json} as {of}");
    }
    assert!(Value::text(&"x".repeat(TEXT_MAX + 1)).is_unknown());
    assert!(Value::from_json(&json!(vec![0; LIST_MAX + 1])).is_unknown());
    assert!(Value::from_json(&json!(1e300)).is_unknown());
}
