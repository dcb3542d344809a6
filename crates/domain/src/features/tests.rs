//! Windows, aggregates and codes, as tables.

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

fn spec(aggregate: Aggregate) -> FeatureSpec {
    let (kind, behaviour) = ("loan".to_owned(), "amount".to_owned());
    FeatureSpec { name: "f".into(), kind, behaviour, aggregate, window_days: 180, codes: None }
}

/// A behaviour that happened so many microseconds ago.
fn ago(us: i64, value: &str) -> Behaviour {
    let (kind, name) = ("loan".to_owned(), "amount".to_owned());
    Behaviour { at: NOW - Span(us), kind, name, value: value.to_owned() }
}

fn value(spec: &FeatureSpec, behaviours: &[Behaviour]) -> Value {
    compute(std::slice::from_ref(spec), behaviours, NOW).get("f").clone()
}

#[test]
fn aggregates() {
    let days = |n: i64, value| ago(n * DAY_US, value);
    let some = [days(3, "5"), days(1, "2.5"), days(1, "-4"), days(2, "1e2"), days(200, "9")];
    let missing = Value::Missing;
    for (aggregate, expected, of_none) in [
        (Aggregate::Last, Value::Number(-4.0), missing.clone()),
        (Aggregate::Count, Value::Number(4.0), Value::Number(0.0)),
        (Aggregate::Sum, Value::Number(103.5), missing.clone()),
        (Aggregate::DaysSince, Value::Number(1.0), missing),
    ] {
        assert_eq!(value(&spec(aggregate), &some), expected, "{aggregate:?}");
        assert_eq!(value(&spec(aggregate), &[]), of_none, "{aggregate:?} of none");
    }
}

#[test]
fn the_window_is_open_at_its_start_and_closed_at_now() {
    let window_us = 180 * DAY_US;
    for (us_ago, counted) in
        [(window_us + 1, 0.0), (window_us, 0.0), (window_us - 1, 1.0), (0, 1.0), (-1, 0.0)]
    {
        let found = value(&spec(Aggregate::Count), &[ago(us_ago, "1")]);
        assert_eq!(found, Value::Number(counted), "{us_ago} µs ago");
    }
}

#[test]
fn values_are_read_exactly_and_never_guessed() {
    for (text, expected) in [
        ("0.1", Value::Number(0.1)),
        ("-1e-400", Value::Number(-0.0)),
        ("A11", Value::Text("A11".into())),
        ("", Value::Text(String::new())),
        ("NaN", Value::Text("NaN".into())),
        ("-inf", Value::Text("-inf".into())),
        ("1e999", Value::Text("1e999".into())),
        ("1,000", Value::Text("1,000".into())),
    ] {
        assert_eq!(value(&spec(Aggregate::Last), &[ago(0, text)]), expected, "{text:?}");
    }
}

#[test]
fn a_sum_with_a_text_in_it_is_that_text() {
    let found = value(&spec(Aggregate::Sum), &[ago(2, "1"), ago(1, "unknown")]);
    assert_eq!(found, Value::Text("unknown".into()));
    let overflow = value(&spec(Aggregate::Sum), &[ago(2, "1e308"), ago(1, "1e308")]);
    assert_eq!(overflow, Value::Text("inf".into()));
}

#[test]
fn codes_stand_for_listed_categories_only() {
    let codes = [("A11".to_owned(), 0.0), ("2".to_owned(), 7.0)];
    let categorical = FeatureSpec { codes: Some(codes.into()), ..spec(Aggregate::Last) };
    for (text, expected) in [
        ("A11", Value::Number(0.0)),
        ("2", Value::Number(7.0)),
        ("A99", Value::Text("A99".into())),
        ("3", Value::Text("3".into())),
    ] {
        assert_eq!(value(&categorical, &[ago(0, text)]), expected, "{text}");
    }
}

#[test]
fn specs_and_features_are_json() {
    let text = r#"{"name":"f","kind":"loan","behaviour":"amount","aggregate":"days_since"}"#;
    let read: FeatureSpec = serde_json::from_str(text).expect("a spec");
    assert_eq!(read, spec(Aggregate::DaysSince));
    let unknown = text.replace("\"name\"", "\"nmae\":1,\"name\"");
    assert!(serde_json::from_str::<FeatureSpec>(&unknown).is_err());

    let values =
        [("b", Value::Number(0.1)), ("a", Value::Text("A11".into())), ("c", Value::Missing)];
    let features: Features =
        values.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    let json = serde_json::to_string(&features).expect("plain data");
    assert_eq!(json, r#"{"a":"A11","b":0.1,"c":null}"#);
    assert_eq!(serde_json::from_str::<Features>(&json).expect("its own text"), features);
}

#[test]
fn a_behaviour_does_not_print_its_value() {
    assert!(!format!("{:?}", ago(0, "secret")).contains("secret"));
}

proptest! {
    /// Behaviours of other names or outside the window never change a feature, and the order of
    /// storing does not change a sum.
    #[test]
    fn only_the_window_counts(
        inside in prop::collection::vec((0..180 * DAY_US, -1e6..1e6_f64), 0..20),
        outside in prop::collection::vec((180 * DAY_US..i64::MAX / 2, -1e6..1e6_f64), 0..20),
        window_days in any::<u32>(),
    ) {
        let of = |list: &[(i64, f64)]| -> Vec<Behaviour> {
            list.iter().map(|(us, x)| ago(*us, &x.to_string())).collect()
        };
        let (mut mine, others) = (of(&inside), of(&outside));
        let alone = value(&spec(Aggregate::Sum), &mine);
        mine.extend(others);
        mine.push(Behaviour { name: "other".into(), ..ago(0, "1") });
        mine.reverse();
        prop_assert_eq!(value(&spec(Aggregate::Sum), &mine), alone);
        prop_assert_eq!(value(&spec(Aggregate::Count), &mine), Value::Number(inside.len() as f64));
        // Any window is safe, even one that reaches before the beginning of time.
        value(&FeatureSpec { window_days, ..spec(Aggregate::Count) }, &mine);
    }
}
