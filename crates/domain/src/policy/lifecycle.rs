//! The life of a policy's version: written, signed off by another, tried beside the one that
//! decides, put in its place, and back.

use aws_lc_rs::digest::{SHA256, digest};

use crate::journal::Canonical;
use crate::time::Timestamp;

/// The largest part of the applications, in percent, that a challenger may decide.
pub const SHARE_MAX: u8 = 50;

/// Where a version is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyState {
    /// Added; decides nothing.
    Draft,
    /// A second person read it and signed; may be used.
    SignedOff,
    /// Evaluated beside the one that decides; what it says is kept and decides nothing.
    Shadow,
    /// Decides a share of the applications, in percent: 1 to [`SHARE_MAX`].
    Challenger { share: u8 },
    /// Decides. At most one version of a name.
    Live,
    /// Out of use; kept, since what it decided is recomputed by it.
    Retired,
}

impl PolicyState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::SignedOff => "signed-off",
            Self::Shadow => "shadow",
            Self::Challenger { .. } => "challenger",
            Self::Live => "live",
            Self::Retired => "retired",
        }
    }

    pub fn share(self) -> Option<u8> {
        if let Self::Challenger { share } = self { Some(share) } else { None }
    }

    /// Reads what [`Self::as_str`] and [`Self::share`] gave.
    pub fn parse(text: &str, share: Option<u8>) -> Option<Self> {
        let plain = [Self::Draft, Self::SignedOff, Self::Shadow, Self::Live, Self::Retired];
        match (text, share) {
            ("challenger", Some(share)) => Some(Self::Challenger { share }),
            (_, None) => plain.into_iter().find(|state| state.as_str() == text),
            _ => None,
        }
    }

    /// Whether applications are evaluated by it.
    pub fn is_in_use(self) -> bool {
        matches!(self, Self::Shadow | Self::Challenger { .. } | Self::Live)
    }

    /// What a step makes of a version, `is_signed` telling whether it was ever signed off.
    ///
    /// # Errors
    /// Why it cannot be taken now, and what can.
    pub fn after(self, step: PolicyStep, is_signed: bool) -> Result<Self, &'static str> {
        if step == PolicyStep::SignOff {
            let is_draft = self == Self::Draft;
            return is_draft.then_some(Self::SignedOff).ok_or("only a draft is signed off");
        }
        if step == PolicyStep::Retire {
            let holds = self != Self::Retired;
            return holds.then_some(Self::Retired).ok_or("it is retired already");
        }
        if !is_signed {
            return Err("it has to be signed off first, by another operator than its author");
        }
        if self == Self::Live {
            return Err("it is live; put another version in its place first");
        }
        match step {
            PolicyStep::Shadow => Ok(Self::Shadow),
            PolicyStep::Challenge { share } if (1..=SHARE_MAX).contains(&share) => {
                Ok(Self::Challenger { share })
            }
            PolicyStep::Challenge { .. } => Err("share: must be 1 to 50"),
            PolicyStep::Promote | PolicyStep::SignOff | PolicyStep::Retire => Ok(Self::Live),
        }
    }
}

/// What an operator does with a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyStep {
    SignOff,
    Shadow,
    Challenge { share: u8 },
    Promote,
    Retire,
}

impl PolicyStep {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignOff => "sign-off",
            Self::Shadow => "shadow",
            Self::Challenge { .. } => "challenge",
            Self::Promote => "promote",
            Self::Retire => "retire",
        }
    }
}

/// One version of a policy, for those who look after it.
#[derive(Clone, Debug)]
pub struct PolicyVersion {
    pub name: String,
    /// Ours: 1, 2, 3 …; the document's own is its author's note.
    pub version: i64,
    pub state: PolicyState,
    pub sha256: String,
    /// The operator who added it.
    pub author: String,
    pub created_at: Timestamp,
    /// Who signed it off, and when.
    pub signed: Option<(String, Timestamp)>,
    /// Since when it decides, or decided last; nothing when it was rolled back.
    pub live_at: Option<Timestamp>,
    /// The canonical document.
    pub document: Vec<u8>,
    /// Why it cannot be used, if it cannot.
    pub fault: Option<String>,
}

/// What the platform's signature says: this operator read that document, which another one wrote.
#[derive(Clone, Copy, Debug)]
pub struct SignedText<'a> {
    pub name: &'a str,
    pub version: i64,
    /// Of the canonical bytes, hexadecimal.
    pub sha256: &'a str,
    pub author: &'a str,
    pub signer: &'a str,
}

impl SignedText<'_> {
    /// The bytes under the signature.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Canonical::new(b"probity policy sign-off 1");
        digest.number(self.version);
        for text in [self.name, self.sha256, self.author, self.signer] {
            digest.text(text);
        }
        digest.finish().0
    }
}

/// Whether the challenger `version` of the policy decides the application of that id: by a hash of
/// it, the same every time, and of other applications than another challenger with the same share.
pub fn is_challenged(policy: &str, (version, share): (i64, u8), id: &[u8]) -> bool {
    let text = [policy.as_bytes(), b"\n", &version.to_be_bytes(), id].concat();
    let hash = digest(&SHA256, &text);
    let head = hash.as_ref().first_chunk().expect("SHA-256 gives 32 bytes");
    u64::from_be_bytes(*head) % 100 < u64::from(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use PolicyState::{Challenger, Draft, Live, Retired, Shadow, SignedOff};

    #[test]
    fn nothing_unsigned_decides_and_live_is_left_by_another_taking_its_place() {
        let states = [Draft, SignedOff, Shadow, Challenger { share: 10 }, Live, Retired];
        let challenge = PolicyStep::Challenge { share: 20 };
        let uses = [PolicyStep::Shadow, challenge, PolicyStep::Promote];
        for state in states {
            for step in uses {
                assert!(state.after(step, false).is_err(), "{state:?} {step:?}");
                let after = state.after(step, true);
                assert_eq!(after.is_ok(), state != Live, "{state:?} {step:?}");
                assert!(after.is_err() || after.is_ok_and(PolicyState::is_in_use));
            }
            assert_eq!(state.after(PolicyStep::SignOff, false).is_ok(), state == Draft);
            assert_eq!(state.after(PolicyStep::Retire, true).is_ok(), state != Retired);
            assert_eq!(PolicyState::parse(state.as_str(), state.share()), Some(state));
        }
        for share in [0, 51, 255] {
            assert!(SignedOff.after(PolicyStep::Challenge { share }, true).is_err(), "{share}");
        }
    }

    #[test]
    fn a_share_is_kept_within_bounds_and_the_same_id_goes_the_same_way() {
        for (share, version) in [(1, 2), (10, 2), (10, 3), (50, 7)] {
            let of = |id: u32| is_challenged("p", (version, share), &id.to_be_bytes());
            let count = (0..10_000).filter(|id| of(*id)).count();
            let wanted = usize::from(share) * 100;
            // Four standard deviations of a binomial count.
            let deviation =
                (10_000.0 * f64::from(share) / 100.0 * (1.0 - f64::from(share) / 100.0)).sqrt();
            assert!((count.abs_diff(wanted) as f64) < 4.0 * deviation, "{share}: {count}");
            assert!((0..1_000).all(|id| of(id) == of(id)));
        }
        let both = |id: &u32| {
            let of = |version| is_challenged("p", (version, 10), &id.to_be_bytes());
            of(2) && of(3)
        };
        let both = (0..10_000_u32).filter(both).count();
        assert!((50..150).contains(&both), "independent of each other: {both}");
    }
}
