//! Money is an integer of 1/10,000 分, so that prices below one 分 add up exactly.

use std::fmt;
use std::iter::Sum;

use serde::{Deserialize, Serialize};

/// An amount in 1/10,000 分 (1 元 = 1,000,000).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Amount(pub i64);

const PER_FEN: i64 = 10_000;

impl Amount {
    pub const ZERO: Self = Self(0);

    /// Reads a decimal number of 分 with at most four decimals: `35`, `0.5`, `12.3456`.
    pub fn parse_fen(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let well_formed = !whole.is_empty()
            && digits(whole)
            && digits(fraction)
            && fraction.len() <= 4
            && !(text.contains('.') && fraction.is_empty());
        if !well_formed {
            return None;
        }
        let fraction: i64 = format!("{fraction:0<4}").parse().ok()?;
        whole.parse::<i64>().ok()?.checked_mul(PER_FEN)?.checked_add(fraction).map(Self)
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl Sum for Amount {
    /// Panics on overflow: 9.2 × 10¹² 元 in one statement is a fault, not a sum.
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |sum, amount| {
            sum.checked_add(amount).expect("a statement's sum fits in 63 bits")
        })
    }
}

impl fmt::Display for Amount {
    /// In 分, with the decimals it needs: `35`, `0.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.unsigned_abs() / 10_000, self.0.unsigned_abs() % 10_000);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:04}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_read_exactly() {
        let table = [("35", 350_000), ("0.5", 5_000), ("12.3456", 123_456), ("0.0001", 1)];
        for (text, units) in table {
            assert_eq!(Amount::parse_fen(text), Some(Amount(units)), "{text}");
            assert_eq!(Amount(units).to_string(), text);
        }
        for text in ["", ".5", "1.", "1.23456", "-1", "1e3", "1,000", " 1", "922337203685477581"] {
            assert_eq!(Amount::parse_fen(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(units in 0..i64::MAX / 2) {
            prop_assert_eq!(Amount::parse_fen(&Amount(units).to_string()), Some(Amount(units)));
        }
    }
}
