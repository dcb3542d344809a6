//! Scalars both ways: numbers as text, texts as numbers, amounts that stay exact.

use proptest::prelude::*;

use crate::body::Value;

fn number(text: &str) -> Value {
    Value::Number(text.to_owned())
}

#[test]
fn an_amount_is_exact_or_nothing() {
    let table = [
        ("0", 2, Some(0)),
        ("12.5", 2, Some(1250)),
        ("12.50", 2, Some(1250)),
        ("12.500", 2, Some(1250)),
        ("12.505", 2, None),
        ("-0.01", 2, Some(-1)),
        ("-0", 0, Some(0)),
        ("0.1", 0, None),
        ("007", 0, Some(7)),
        ("1e3", 0, Some(1000)),
        ("1.5E1", 0, Some(15)),
        ("1.5e+1", 0, Some(15)),
        ("1.5e0", 0, None),
        ("100e-2", 0, Some(1)),
        ("0.000e-9", 0, Some(0)),
        ("1e-3", 2, None),
        ("0e40", 0, Some(0)),
        ("0e41", 0, None),
        ("9223372036854775807", 0, Some(i64::MAX)),
        ("-9223372036854775808", 0, Some(i64::MIN)),
        ("9223372036854775808", 0, None),
        ("92233720368547758.07", 2, Some(i64::MAX)),
        ("92233720368547758.08", 2, None),
        ("0.1000000000000000055511151231257827", 1, None),
    ];
    for (text, places, expected) in table {
        assert_eq!(number(text).decimal(places), expected, "{text}");
        assert_eq!(Value::Text(text.to_owned()).decimal(places), expected, "{text}");
    }
    for text in ["", "-", "--1", "+1", "1.", ".5", "1e", "e1", "1e1.5", "0x1", "1 ", "１", "1_0"] {
        assert_eq!(Value::Text(text.to_owned()).whole(), None, "{text}");
    }
}

#[test]
fn each_shape_gives_what_it_can_mean() {
    let map = Value::Map(vec![("a".to_owned(), number("013"))]);
    let table = [
        (Value::Text("0138".to_owned()), Some("0138"), Some(138), false),
        (number("138"), Some("138"), Some(138), false),
        (Value::Text(String::new()), Some(""), None, true),
        (Value::Null, None, None, true),
        (Value::Bool(true), None, None, false),
        (Value::List(vec![number("1")]), None, None, false),
        (map.clone(), None, None, false),
    ];
    for (value, text, whole, is_absent) in table {
        assert_eq!((value.text(), value.whole(), value.is_absent()), (text, whole, is_absent));
    }
    assert_eq!(map.get("a").and_then(Value::text), Some("013"));
    assert_eq!((map.get("b"), map.items()), (None, None));
    let list = Value::List(vec![Value::Null]);
    assert_eq!((list.get("a"), list.items()), (None, Some(&[Value::Null][..])));
}

proptest! {
    #[test]
    fn fen_are_read_from_yuan(fen in any::<i32>(), is_number in any::<bool>()) {
        let sign = if fen < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
        let value = if is_number { Value::Number(text) } else { Value::Text(text) };
        prop_assert_eq!(value.decimal(2), Some(i64::from(fen)));
    }

    #[test]
    fn no_text_makes_a_number_panic(text in "[-+0-9.eE]{0,60}", places in any::<u8>()) {
        let _ = Value::Text(text).decimal(places);
    }
}
