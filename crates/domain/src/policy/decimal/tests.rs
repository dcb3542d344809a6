use super::*;

fn number(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

#[test]
fn read_and_written() {
    for (text, written) in [
        ("0", "0"),
        ("-0.0", "0"),
        ("007.500", "7.5"),
        ("1e5", "100000"),
        ("1.23e-3", "0.00123"),
        ("1e-18", "0.000000000000000001"),
        ("-12345678901234567890.12345678", "-12345678901234567890.12345678"),
    ] {
        assert_eq!(number(text).to_string(), written, "{text}");
    }
    for text in [
        "",
        "-",
        "1.",
        ".5",
        "1e",
        "0x1",
        "1e-19",
        "1e28",
        "NaN",
        "inf",
        "1 ",
        "--1",
        "+1",
        "1e-2147483648",
        "1e2147483648",
    ] {
        assert_eq!(text.parse::<Decimal>(), Err(NotDecimal), "{text}");
    }
}

#[test]
fn arithmetic() {
    let sum = |a, b| number(a).plus(number(b));
    assert_eq!(sum("0.1", "0.2"), Some(number("0.3")));
    assert_eq!(sum("9999999999999999999999999999", "1"), None);
    let product = |a, b| number(a).times(number(b)).map(|product| product.to_string());
    assert_eq!(product("0.1", "-0.2").as_deref(), Some("-0.02"));
    // The nineteenth digit is rounded to even.
    assert_eq!(product("0.000000001", "0.0000000005").as_deref(), Some("0"));
    assert_eq!(product("0.000000003", "0.0000000005").as_deref(), Some("0.000000000000000002"));
    let quotient = |a, b| number(a).over(number(b)).map(|quotient| quotient.to_string());
    assert_eq!(quotient("1", "3").as_deref(), Some("0.333333333333333333"));
    assert_eq!(quotient("2", "-3").as_deref(), Some("-0.666666666666666667"));
    assert_eq!(quotient("0.3", "0.1").as_deref(), Some("3"));
    assert_eq!(quotient("1", "0"), None);
    assert_eq!(quotient("9999999999999999999999999999", "0.0000001"), None);
    for (a, b, rest) in [("7", "4", "3"), ("-7", "3", "-1"), ("7.5", "2", "1.5")] {
        assert_eq!(number(a).modulo(number(b)), Some(number(rest)));
    }
    assert_eq!(number("1").modulo(Decimal::ZERO), None);
    for (a, b, power) in [
        ("2", "10", Some("1024")),
        ("2", "-2", Some("0.25")),
        ("2", "0.5", None),
        ("2", "-9223372036854775808", None),
    ] {
        assert_eq!(number(a).power(number(b)), power.map(number));
    }
}

#[test]
fn order_and_rounding() {
    let sorted =
        ["-9999999999999999999999999999", "-1.5", "-1", "0", "0.000000000000000001", "1.5"];
    for pair in sorted.windows(2) {
        assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
    }
    for (text, digits, rounded) in [
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("7.555", 2, "7.56"),
        ("-0.4", 0, "0"),
        ("1.5", 9, "1.5"),
    ] {
        assert_eq!(number(text).rounded(digits), number(rounded), "{text}");
    }
    assert_eq!((number("-0.5").floor(), number("-0.5").ceil()), (number("-1"), number("0")));
    assert_eq!(Decimal::from_f64(0.1), Some(number("0.1")));
    assert_eq!(Decimal::from_f64(f64::NAN), None);
}
