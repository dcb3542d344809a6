//! Lists and maps: from PHP's brackets, from JSON, and from both at once.

use proptest::prelude::*;
use serde_json::json;

use super::{FORM, JSON, encode};
use crate::body::{Dialect, Limits, Value, parameter};
use crate::request::{Headers, Request};
use domain::failure::Failure;

fn read(query: &str, content_type: Option<&str>, body: &str) -> Result<Value, Failure> {
    let headers: Vec<_> = content_type
        .map(|value| ("content-type".to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    let headers = Headers::new(&headers);
    let request = Request { method: "POST", path: "/", query, headers, body: body.as_bytes() };
    Value::read(&request, &Limits::NESTED)
}

/// The usual parser's value with the same meaning; it has no digits to lose here.
fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => json!(text),
        Value::Number(text) => serde_json::from_str(text).expect("a number is JSON"),
        Value::Bool(bool) => json!(bool),
        Value::Null => json!(null),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(members) => {
            members.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
        }
    }
}

#[test]
fn brackets_stand_for_lists_and_maps() {
    let table = [
        ("", json!({})),
        ("a=1&b=", json!({"a": "1", "b": ""})),
        ("a[]=1&a[]=1&a%5B%5D=2", json!({"a": ["1", "1", "2"]})),
        (
            "options[contacts][0][contact_tel]=013&options[contacts][0][contact_name]=%E5%BC%A0\
             &options[contacts][1][contact_tel]=2&options[x]=",
            json!({"options": {
                "contacts": [{"contact_tel": "013", "contact_name": "张"}, {"contact_tel": "2"}],
                "x": "",
            }}),
        ),
        ("a[1]=b&a[0]=a", json!({"a": ["a", "b"]})),
        ("a[3]=x&a[]=y&a[]=z", json!({"a": ["x", "y", "z"]})),
        ("a[0]=x&a[k]=y&a[]=z", json!({"a": {"0": "x", "k": "y", "1": "z"}})),
        ("a[00]=x", json!({"a": {"00": "x"}})),
        ("a[][b]=1&a[][b]=2", json!({"a": [{"b": "1"}, {"b": "2"}]})),
        ("kbaList[0].options=1&a.b=2", json!({"kbaList[0].options": "1", "a.b": "2"})),
        (
            "a[=1&b]=2&[c]=3&d[[]]=4&e[f]g=5&h[[i]=6",
            json!({
                "a[": "1", "b]": "2", "[c]": "3", "d[[]]": "4", "e[f]g": "5", "h[[i]": "6",
            }),
        ),
        ("a={\"b\":[1]}&0=x&1=y", json!({"a": "{\"b\":[1]}", "0": "x", "1": "y"})),
        ("a=1&a=1&b[c]=2&b[c]=2", json!({"a": "1", "b": {"c": "2"}})),
    ];
    for (text, expected) in table {
        for value in [read(text, None, ""), read("", FORM, text)] {
            assert_eq!(value.map(|value| plain(&value)), Ok(expected.clone()), "{text}");
        }
    }
}

#[test]
fn what_means_two_things_is_refused() {
    for (query, form, name) in [
        ("a=1&a=2", "", "a"),
        ("a=1", "a=2", "a"),
        ("a=1&a[b]=2", "", "a[b]"),
        ("a[b]=1&a=2", "", "a"),
        ("a[b]=1&a[b]=2", "", "a[b]"),
        ("a[]=1&a[0]=2", "", "a[0]"),
        ("860529038487085=1&860529038487085=2", "", "a parameter"),
    ] {
        let reason = format!("{name} is given more than once, with different values");
        assert_eq!(read(query, FORM, form), Err(parameter(reason)), "{query} {form}");
    }
    let reason = parameter("a is given more than once, with different values");
    assert_eq!(read("a=2", JSON, r#"{"a":1}"#), Err(reason.clone()));
    assert_eq!(read("a=1", JSON, r#"{"a":[1]}"#), Err(reason));
    let both = read("a=1&b[]=2", JSON, r#"{"a":1,"c":{"d":null}}"#);
    let expected = json!({"a": "1", "b": ["2"], "c": {"d": null}});
    assert_eq!(both.map(|value| plain(&value)), Ok(expected));
}

#[test]
fn the_limits_hold_at_and_just_after() {
    let nested = |depth: usize| format!("a{}=1", "[b]".repeat(depth - 1));
    let json =
        |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert!(read("", FORM, &nested(32)).is_ok() && read("", JSON, &json(32)).is_ok());
    assert_eq!(read("", FORM, &nested(33)), Err(parameter("nested deeper than 32 levels")));
    let reason = "the body is nested deeper than 32 levels";
    assert_eq!(read("", JSON, &json(33)), Err(parameter(reason)));
    assert_eq!(read("", JSON, &json(1_000_000)), Err(parameter(reason)));
    let list = |items: usize| format!("a[]=1{}", "&a[]=1".repeat(items - 1));
    assert!(read("", FORM, &list(100_000)).is_ok());
    let reason = "a list has more than 100000 items";
    assert_eq!(read("", FORM, &list(100_001)), Err(parameter(reason)));
    let limits = Limits {
        parameters_max: 4,
        name_max_bytes: 2,
        value_max_bytes: 3,
        items_max: 3,
        ..Limits::FLAT
    };
    let table = [
        (r#"{"ab":"abc","b":[1,2]}"#, None),
        (r#"{"b":[1,2,3,4]}"#, Some("the list or object at byte 5 has more than 3 items")),
        (r#"{"b":[1,[2,3]]}"#, Some("the body has more than 4 values")),
        (r#"{"abc":1}"#, Some("the name before byte 6 is longer than 2 bytes")),
        (r#"{"a":"abcd"}"#, Some("the value before byte 11 is longer than 3 bytes")),
        (r#"{"a":1234}"#, Some("the value before byte 9 is longer than 3 bytes")),
    ];
    for (text, reason) in table {
        let read = Value::from_json(text.as_bytes(), &limits, Dialect::Strict).map(|_| ());
        assert_eq!(read, reason.map_or(Ok(()), |reason| Err(parameter(reason))), "{text}");
    }
}

#[test]
fn the_printed_dialect_reads_what_documents_print_and_the_strict_one_does_not() {
    let table = [
        (r#"{"a":1,}"#, Some(json!({"a": 1}))),
        ("{\"a\":\"1\"\n\"b\":[1 2,],\"c\":{}}", Some(json!({"a": "1", "b": [1, 2], "c": {}}))),
        (r#"{"a":{"b":1},"a":{"b":1}}"#, Some(json!({"a": {"b": 1}}))),
        (r#"{"a":1,"a":1.0}"#, None),
        (r#"{"a":1,,"b":2}"#, None),
        (r#"{,"a":1}"#, None),
        (r#"{"a" 1}"#, None),
        (r#"{"a":1"#, None),
        (r#"{"a":[007]}"#, None),
    ];
    for (text, expected) in table {
        let read = |dialect| Value::from_json(text.as_bytes(), &Limits::NESTED, dialect);
        assert_eq!(read(Dialect::Printed).ok().map(|value| plain(&value)), expected, "{text}");
        assert!(read(Dialect::Strict).is_err(), "{text}");
    }
    let once = Value::from_json(br#"{"a":1,"b":2,"a":1}"#, &Limits::NESTED, Dialect::Printed);
    assert_eq!(once.map(|value| format!("{value:?}")), Ok("map of 2".to_owned()));
}

#[test]
fn a_value_prints_its_shape_alone() {
    let value = read("id=860529038487085&l[]=1", JSON, r#"{"n":860529038487086,"b":true}"#);
    let value = value.expect("it is legible");
    let printed =
        format!("{value:?} {:?} {:?} {:?}", value.get("id"), value.get("n"), value.get("l"));
    assert_eq!(printed, "map of 4 Some(text) Some(number) Some(list of 1)");
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = any::<String>().prop_map(Value::Text);
    leaf.prop_recursive(4, 32, 4, |inner| {
        let name = "[a-z. 张][a-z0-9]{0,4}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::List),
            prop::collection::btree_map(name, inner, 1..4)
                .prop_map(|members| Value::Map(members.into_iter().collect())),
        ]
    })
}

/// What `http_build_query` makes of `value`.
fn form(name: &str, value: &Value, pieces: &mut Vec<String>) {
    match value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                form(&format!("{name}[{index}]"), item, pieces);
            }
        }
        Value::Map(members) => {
            for (member, value) in members {
                form(&format!("{name}[{member}]"), value, pieces);
            }
        }
        leaf => {
            let text = leaf.text().unwrap_or_default();
            pieces.push(format!("{}={}", encode(name, true), encode(text, true)));
        }
    }
}

fn arbitrary_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(|text| json!(text)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|bool| json!(bool)),
        Just(json!(null)),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| json!(items)),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| json!(members)),
        ]
    })
}

proptest! {
    #[test]
    fn nested_forms_round_trip(members in prop::collection::btree_map("[a-z]{1,4}", tree(), 1..4)) {
        let mut pieces = Vec::new();
        for (name, value) in &members {
            form(name, value, &mut pieces);
        }
        let expected = Value::Map(members.into_iter().collect());
        let read = read("", FORM, &pieces.join("&")).map(|value| plain(&value));
        prop_assert_eq!(read, Ok(plain(&expected)));
    }

    #[test]
    fn json_means_what_the_usual_parser_says(value in arbitrary_json(), pretty in any::<bool>()) {
        let value = json!({ "a": value });
        let text = if pretty { format!("{value:#}") } else { format!("{value}") };
        let read = Value::from_json(text.as_bytes(), &Limits::NESTED, Dialect::Strict);
        prop_assert_eq!(read.map(|read| plain(&read)), Ok(value));
    }

    #[test]
    fn near_json_is_refused_when_the_usual_parser_refuses_it(
        text in r#"\{"a":[{}\[\]:, "a0.eE+\\u/-]{0,12}\}"#,
    ) {
        let usual: Result<serde_json::Value, _> = serde_json::from_str(&text);
        let read = Value::from_json(text.as_bytes(), &Limits::NESTED, Dialect::Strict);
        // Two refusals of ours alone: a name given twice, and (here) numbers beyond a double.
        if let Ok(value) = &read {
            prop_assert!(usual.is_ok(), "{}", text);
            prop_assert_eq!(plain(value), usual.expect("just seen"));
        } else if let Ok(usual) = usual {
            let failure = format!("{:?}", read.err());
            prop_assert!(failure.contains("given twice"), "{} {} {}", text, usual, failure);
        }
    }

    #[test]
    fn no_name_makes_the_reader_panic(names in prop::collection::vec(r"[a\[\]0.]{0,8}", 0..8)) {
        let pieces: Vec<_> = names.iter().map(|name| format!("{name}=1")).collect();
        let _ = read(&pieces.join("&"), None, "");
    }
}
