use super::*;
use proptest::prelude::*;

#[test]
fn a_billing_day_turns_at_midnight_in_shanghai() {
    let midnight = Day::parse("2026-11-21").expect("a day").shanghai_start();
    assert_eq!(midnight.to_string(), "2026-11-20T16:00:00.000000Z");
    assert_eq!(midnight.shanghai_day().to_string(), "2026-11-21");
    assert_eq!((midnight - Span::micros(1)).shanghai_day().to_string(), "2026-11-20");
}

#[test]
fn dates_that_do_not_exist_are_refused() {
    for text in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1", "x", "2026-04-31", ""] {
        assert_eq!(Day::parse(text), None, "{text}");
    }
    assert!(Day::parse("2024-02-29").is_some());
}

#[test]
fn a_period_is_a_day_or_a_month() {
    let month = Period::parse("2026-12").expect("a month");
    assert_eq!(
        (month.from.to_string(), month.until.to_string()),
        ("2026-12-01".into(), "2027-01-01".into())
    );
    let day = Period::parse("2024-02-29").expect("a day");
    assert_eq!(day.until.to_string(), "2024-03-01");
}

#[test]
fn instants_are_read_in_each_usual_form() {
    let eight = Day::parse("2026-11-21").expect("a day").shanghai_start() + Span::hours(16);
    for text in [
        "2026-11-21T08:00:00Z",
        "2026-11-21 16:00:00+08:00",
        "2026-11-21T08:00:00.000000Z",
        "2026-11-21t03:00:00-05:00",
        "1795248000",
        "1795248000000",
        "1795248000000000",
    ] {
        assert_eq!(Timestamp::parse(text), Some(eight), "{text}");
    }
    for text in [
        "",
        "2026-11-21",
        "2026-11-21T08:00Z",
        "2026-11-21T24:00:00Z",
        "-5",
        "2026-11-21T08:00:00",
        "2026-11-21T08:00:00.Z",
    ] {
        assert_eq!(Timestamp::parse(text), None, "{text}");
    }
}

#[test]
fn spans_are_read_with_their_unit() {
    let table = [("10m", 600), ("90s", 90), ("2h", 7200), ("3d", 259_200), ("5", 5)];
    for (text, seconds) in table {
        assert_eq!(Span::parse(text), Some(Span::seconds(seconds)), "{text}");
    }
    for text in ["", "m", "-5m", "10 m", "1w", "99999999999999999d"] {
        assert_eq!(Span::parse(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn an_instant_survives_its_text(us in 0..4_000_000_000_000_000_i64) {
        prop_assert_eq!(Timestamp::parse(&Timestamp(us).to_string()), Some(Timestamp(us)));
    }

    #[test]
    fn a_day_survives_its_civil_date(day in -700_000..2_900_000_i32) {
        let (y, m, d) = Day(day).civil();
        prop_assume!((1..=9999).contains(&y));
        prop_assert_eq!(Day::from_civil(y, m, d), Some(Day(day)));
    }
}
