//! One-time codes by time (RFC 6238, over RFC 4226): HMAC-SHA-1, 30 seconds, 6 digits, as every
//! authenticator has them.

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq as _;

use crate::entropy::{self, Entropy};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};

/// RFC 4226, section 4, R6: at least 128 bits; 160 are recommended.
const SECRET_LENGTH: usize = 20;
const STEP: Span = Span::seconds(30);
const DIGITS: u32 = 6;

/// What is shared with somebody's authenticator.
pub struct Totp(Secret<Vec<u8>>);

/// The number of a 30-second step since 1970. One whose code was taken is never taken again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(pub i64);

impl TotpStep {
    pub fn of(at: Timestamp) -> Self {
        Self(at.0.div_euclid(STEP.0))
    }
}

impl Totp {
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Secret::new(entropy::bytes::<SECRET_LENGTH>(entropy).to_vec()))
    }

    /// What [`Self::bytes`] gave.
    pub fn open(bytes: Vec<u8>) -> Self {
        Self(Secret::new(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        self.0.expose()
    }

    /// The step whose code this is: the current one, the one before or after it for clocks that are
    /// a little off, and none up to `used`. All three are compared, whichever fits.
    pub fn step_of(&self, code: &str, now: Timestamp, used: TotpStep) -> Option<TotpStep> {
        let current = TotpStep::of(now).0;
        let steps = [current - 1, current, current + 1].map(|step| {
            let step = TotpStep(step);
            let fits = bool::from(self.code(step).as_bytes().ct_eq(code.as_bytes()));
            (fits && step > used).then_some(step)
        });
        steps.into_iter().flatten().next_back()
    }

    /// RFC 4226, section 5.3, of the step's number.
    pub fn code(&self, step: TotpStep) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.expose());
        let tag = hmac::sign(&key, &step.0.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[tag.len() - 1] & 0xf);
        let cut = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]);
        let number = (cut & 0x7fff_ffff) % 10_u32.pow(DIGITS);
        format!("{number:0width$}", width = DIGITS as usize)
    }

    /// In the letters of RFC 4648, section 6, without padding: what is typed into an authenticator.
    pub fn base32(&self) -> Secret<String> {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut text = String::with_capacity(self.0.expose().len() * 8 / 5 + 1);
        for chunk in self.0.expose().chunks(5) {
            let mut bits = [0; 8];
            bits[3..3 + chunk.len()].copy_from_slice(chunk);
            let bits = u64::from_be_bytes(bits);
            let letters = (chunk.len() * 8).div_ceil(5);
            text.extend(
                (0..letters).map(|at| char::from(LETTERS[((bits >> (35 - 5 * at)) & 31) as usize])),
            );
        }
        Secret::new(text)
    }

    /// What an authenticator takes from a picture:
    /// <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>. `name` is a name of
    /// ours, which needs no escaping.
    pub fn url(&self, name: &str) -> Secret<String> {
        let secret = self.base32();
        let secret = secret.expose();
        Secret::new(format!("otpauth://totp/Probity:{name}?secret={secret}&issuer=Probity"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, of SHA-1; it lists eight digits, the last six are those of six.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn totp() -> Totp {
        Totp::open(b"12345678901234567890".to_vec())
    }

    fn second(second: i64) -> Timestamp {
        Timestamp(second * 1_000_000)
    }

    #[test]
    fn the_vectors_of_the_rfc() {
        for (at, code) in VECTORS {
            assert_eq!(totp().code(TotpStep::of(second(at))), code, "{at}");
        }
        // RFC 4648, section 10, and the secret above as authenticators are given it.
        let base32 = |bytes: &[u8]| Totp::open(bytes.to_vec()).base32().expose().clone();
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(b"f"), "MY");
        assert_eq!(base32(b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_step_either_way_and_each_once() {
        let (now, none) = (second(1_234_567_890), TotpStep(0));
        let step = TotpStep::of(now);
        for off in [-2, -1, 0, 1, 2] {
            let other = TotpStep(step.0 + off);
            let found = totp().step_of(&totp().code(other), now, none);
            assert_eq!(found, (off.abs() <= 1).then_some(other), "{off}");
        }
        let code = totp().code(step);
        assert_eq!(totp().step_of(&code, now, step), None, "a second time");
        assert_eq!(totp().step_of(&code, now, TotpStep(step.0 - 1)), Some(step));
        for wrong in ["", "5924", "0005924", "００５９２４", "005925"] {
            assert_eq!(totp().step_of(wrong, now, none), None, "{wrong:?}");
        }
    }
}
