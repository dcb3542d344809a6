//! Numbers with 17 significant digits, as C's `%.17g` writes them.

use std::fmt;

/// A double in as many digits as tell it from every other one.
pub(super) struct Digits17(pub(super) f64);

impl fmt::Display for Digits17 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_finite() {
            return write!(f, "{}", self.0);
        }
        let text = format!("{:.16e}", self.0);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().map_err(|_| fmt::Error)?;
        let (sign, mantissa) =
            mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
        let digits = mantissa.replace('.', "");
        let digits = digits.trim_end_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        match exponent {
            0..=16 => {
                let whole = exponent as usize + 1;
                let padded = format!("{digits:0<whole$}");
                let (whole, fraction) = padded.split_at(whole);
                let point = if fraction.is_empty() { "" } else { "." };
                write!(f, "{sign}{whole}{point}{fraction}")
            }
            -4..=-1 => {
                let zeros = "0".repeat((-exponent - 1) as usize);
                write!(f, "{sign}0.{zeros}{digits}")
            }
            _ => {
                let (first, rest) = digits.split_at(1);
                let point = if rest.is_empty() { "" } else { "." };
                let (letter, size) = (if exponent < 0 { "e-" } else { "e+" }, exponent.abs());
                write!(f, "{sign}{first}{point}{rest}{letter}{size:02}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_c_writes() {
        let table = [
            (0.1, "0.10000000000000001"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-2.5, "-2.5"),
            (500.123, "500.12299999999999"),
            (1e16, "10000000000000000"),
            (1e17, "1e+17"),
            (1.5e300, "1.5000000000000001e+300"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.2500000000000001e-05"),
            (5e-324, "4.9406564584124654e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "NaN"),
        ];
        for (number, text) in table {
            assert_eq!(Digits17(number).to_string(), text);
        }
    }

    #[test]
    fn every_number_reads_back() {
        let mut bits: u64 = 1;
        for _ in 0..100_000 {
            // A linear congruence walks through all exponents and mantissas.
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(bits);
            if number.is_finite() {
                let read: f64 = Digits17(number).to_string().parse().expect("a number");
                assert_eq!(read.to_bits(), number.to_bits());
            }
        }
    }
}
