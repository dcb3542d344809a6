//! Exact decimal numbers: what an analyst writes is what is compared.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// Digits after the point that are kept; a quotient or product is rounded to them, half to even.
const SCALE_MAX: u32 = 18;
/// Digits in all. An alignment of two numbers to one scale may need more for a moment, and is then
/// out of range.
const DIGITS_MAX: u32 = 28;

/// `mantissa / 10^scale`, without trailing zeros: equal numbers are equal in all parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

/// Not a decimal number of at most 28 digits, 18 of them after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most 28 digits, 18 of them after the point")]
pub struct NotDecimal;

impl Decimal {
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };
    pub const ONE: Self = Self { mantissa: 1, scale: 0 };

    /// `mantissa / 10^scale`; nothing when it has too many digits.
    pub fn new(mut mantissa: i128, mut scale: u32) -> Option<Self> {
        if scale > SCALE_MAX {
            mantissa = divided(mantissa, 10_i128.checked_pow(scale - SCALE_MAX)?);
            scale = SCALE_MAX;
        }
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        (mantissa.unsigned_abs() < 10_u128.pow(DIGITS_MAX)).then_some(Self { mantissa, scale })
    }

    /// The decimal that the number prints as; nothing for what is not finite or too long.
    pub fn from_f64(number: f64) -> Option<Self> {
        number.is_finite().then(|| number.to_string().parse().ok())?
    }

    /// The nearest double.
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().expect("prints as a number")
    }

    /// The whole number, when it is one that fits.
    pub fn to_i64(self) -> Option<i64> {
        if self.scale == 0 { i64::try_from(self.mantissa).ok() } else { None }
    }

    pub fn is_integer(self) -> bool {
        self.scale == 0
    }

    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Digits after the point.
    pub fn scale(self) -> u32 {
        self.scale
    }

    /// Significant digits.
    pub fn digits(self) -> u32 {
        self.mantissa.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1)
    }

    /// The smallest step of a number with so many digits after the point.
    pub fn unit(scale: u32) -> Self {
        Self { mantissa: 1, scale: scale.min(SCALE_MAX) }
    }

    pub fn negated(self) -> Self {
        Self { mantissa: -self.mantissa, ..self }
    }

    pub fn absolute(self) -> Self {
        Self { mantissa: self.mantissa.abs(), ..self }
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        Self::new(self.at(scale)?.checked_add(other.at(scale)?)?, scale)
    }

    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negated())
    }

    pub fn times(self, other: Self) -> Option<Self> {
        Self::new(self.mantissa.checked_mul(other.mantissa)?, self.scale + other.scale)
    }

    /// Nothing when the divisor is zero.
    pub fn over(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        // As many digits as fit, at most two more than are kept.
        let mut scale = SCALE_MAX + 2;
        loop {
            let shift = i64::from(scale) + i64::from(other.scale) - i64::from(self.scale);
            let top = u32::try_from(shift)
                .ok()
                .and_then(|shift| self.mantissa.checked_mul(10_i128.checked_pow(shift)?));
            match top {
                Some(top) => return Self::new(divided(top, other.mantissa), scale),
                None if scale == 0 => return None,
                None => scale -= 1,
            }
        }
    }

    /// What is left of a division that is cut off towards zero: the sign is the dividend's.
    pub fn modulo(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        Self::new(self.at(scale)?.checked_rem(other.at(scale)?)?, scale)
    }

    /// A whole power; nothing for others, and for what is out of range.
    pub fn power(self, exponent: Self) -> Option<Self> {
        let exponent = exponent.to_i64().filter(|exponent| exponent.unsigned_abs() <= 64)?;
        let mut product = Self::ONE;
        for _ in 0..exponent.unsigned_abs() {
            product = product.times(self)?;
        }
        if exponent < 0 { Self::ONE.over(product) } else { Some(product) }
    }

    pub fn floor(self) -> Self {
        Self { mantissa: self.mantissa.div_euclid(10_i128.pow(self.scale)), scale: 0 }
    }

    pub fn ceil(self) -> Self {
        self.negated().floor().negated()
    }

    /// To so many digits after the point, half away from zero.
    pub fn rounded(self, digits: u32) -> Self {
        if digits >= self.scale {
            return self;
        }
        let unit = 10_i128.pow(self.scale - digits);
        let half = unit / 2 * self.mantissa.signum();
        Self::new((self.mantissa + half) / unit, digits).expect("no more digits than before")
    }

    /// The mantissa at a larger scale.
    fn at(self, scale: u32) -> Option<i128> {
        self.mantissa.checked_mul(10_i128.pow(scale - self.scale))
    }
}

/// The quotient, half to even.
fn divided(top: i128, bottom: i128) -> i128 {
    let (quotient, rest) = (top / bottom, top % bottom);
    let twice = rest.unsigned_abs().saturating_mul(2);
    let away = match twice.cmp(&bottom.unsigned_abs()) {
        Ordering::Greater => true,
        Ordering::Equal => quotient % 2 != 0,
        Ordering::Less => false,
    };
    let sign = if (top < 0) == (bottom < 0) { 1 } else { -1 };
    quotient + if away { sign } else { 0 }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // Whole parts first: aligning large numbers would not fit.
        self.floor().mantissa.cmp(&other.floor().mantissa).then_with(|| {
            let fraction = |one: &Self| one.minus(one.floor()).and_then(|rest| rest.at(SCALE_MAX));
            fraction(self).cmp(&fraction(other))
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self { mantissa: i128::from(number), scale: 0 }
    }
}

impl FromStr for Decimal {
    type Err = NotDecimal;

    /// Reads `12`, `-0.5`, `1e-3`. Digits that would have to be rounded off are refused.
    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().map_err(|_| NotDecimal)?),
            None => (text, 0),
        };
        let (sign, digits) = match number.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || digits.len() > 60 || exponent.unsigned_abs() > 60 {
            return Err(NotDecimal);
        }
        let fraction = fraction.trim_end_matches('0');
        let mantissa: i128 = format!("{whole}{fraction}").parse().map_err(|_| NotDecimal)?;
        let scale = fraction.len() as i32 - exponent;
        let read = match u32::try_from(scale) {
            Ok(scale) => {
                let read = Self::new(mantissa, scale);
                // Beyond the scale only zeros may stand.
                read.filter(|_| scale <= SCALE_MAX || mantissa == 0)
            }
            Err(_) => 10_i128
                .checked_pow(scale.unsigned_abs())
                .and_then(|power| Self::new(mantissa.checked_mul(power)?, 0)),
        };
        let read = read.ok_or(NotDecimal)?;
        Ok(if sign < 0 { read.negated() } else { read })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests;
