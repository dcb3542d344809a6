//! Rounding at the ties and at the ends of the scales.

use super::*;

#[test]
fn points_round_half_away_from_zero_inside_the_scale() {
    for (exact, expected) in [
        (697.499_999_999_999_9, Some("697")),
        (697.5, Some("698")),
        (698.5, Some("699")),
        (299.5, Some("300")),
        (299.499_999, None),
        (850.499_999, Some("850")),
        (850.5, None),
        (-400.0, None),
        (f64::NAN, None),
        (f64::INFINITY, None),
    ] {
        let found = published(Scale::FINPLUS, exact).ok().map(|score| score.to_string());
        assert_eq!(found.as_deref(), expected, "{exact}");
    }
}

#[test]
fn probabilities_round_to_four_decimals() {
    for (exact, expected) in [
        (0.0, Some("0.0000")),
        (-0.0, Some("0.0000")),
        (0.472_715_585, Some("0.4727")),
        (0.47, Some("0.4700")),
        // A true tie in binary goes up; 0.00015 is below its tie, although 1.5 is what comes of
        // the rounded product.
        (0.031_25, Some("0.0313")),
        (0.000_15, Some("0.0001")),
        (0.000_05, Some("0.0001")),
        (0.999_949_9, Some("0.9999")),
        (1.0, Some("1.0000")),
        (1.000_000_000_1, None),
        (-1e-9, None),
        (f64::NAN, None),
    ] {
        let found = published(Scale::Probability, exact).ok().map(|score| score.to_string());
        assert_eq!(found.as_deref(), expected, "{exact}");
    }
}

#[test]
fn scales_and_tags() {
    let scale = serde_json::to_string(&Scale::FINPLUS).expect("plain data");
    assert_eq!(scale, r#"{"points":{"min":300,"max":850}}"#);
    assert_eq!(TagValue::from(Published::Points(697)), TagValue::Points(697));
    let probability = Published::Probability { ten_thousandths: 4_727 };
    assert_eq!(TagValue::from(probability), TagValue::TenThousandths(4_727));
}
