//! A provider (数据服务商): one way to a source. Several may lead to the same kind of data; each
//! person is always sent to the same one, as long as it is healthy.

mod breaker;

use aws_lc_rs::digest::{SHA256, digest};

pub use breaker::Breaker;

use crate::source::SourceKind;
use crate::time::{Span, Timestamp};

/// Providers that the e-bank protocol tells apart (document 001, section 4, `type`): 卡牛, 坚果,
/// 新颜.
pub const NUMBERS: std::ops::RangeInclusive<i64> = 1..=3;

/// Where a provider's answers come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The simulated institutions of this binary.
    Sandbox,
    /// A process of the operator's that speaks the connector protocol.
    Connector { url: String },
}

/// What may be asked of a provider, on all nodes together unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderLimits {
    /// Steps under way at once, on each node.
    pub in_flight_max: u32,
    /// Steps begun in a second.
    pub rate_per_second: u32,
    /// For one step, waiting for its turn included.
    pub step_deadline: Span,
}

impl Default for ProviderLimits {
    fn default() -> Self {
        Self { in_flight_max: 64, rate_per_second: 100, step_deadline: Span::seconds(30) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    pub name: String,
    pub kind: SourceKind,
    pub place: Place,
    /// Which of the document's providers it stands for, one of [`NUMBERS`].
    pub number: i64,
    /// Its share of the persons against the others of its kind; 0 takes no new session.
    pub weight: u32,
    pub is_enabled: bool,
    /// Under which licence the operator fetches this data.
    pub licence: Option<String>,
    /// What the institution has agreed to.
    pub authorisation: Option<String>,
    pub limits: ProviderLimits,
    pub created_at: Timestamp,
}

impl Provider {
    /// What must be recorded before it may be enabled.
    pub fn lacks(&self) -> Option<&'static str> {
        let is_told = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
        match self.place {
            Place::Connector { .. } if !is_told(&self.licence) => Some("licence"),
            Place::Connector { .. } if !is_told(&self.authorisation) => Some("authorisation"),
            Place::Connector { .. } | Place::Sandbox => None,
        }
    }

    /// Where it stands for a person in the order in which providers are tried: the highest first.
    /// Each gets its weight's share of the persons, and when one comes or goes only its own
    /// persons move (weighted rendezvous hashing).
    pub fn rank(&self, identity: &[u8]) -> f64 {
        let hash = digest(&SHA256, &[self.name.as_bytes(), b"\0", identity].concat());
        let head = hash.as_ref().first_chunk().expect("SHA-256 has 32 bytes");
        // In (0, 1): 53 bits, and never 0, whose logarithm has no end.
        let drawn = ((u64::from_be_bytes(*head) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        f64::from(self.weight) / -drawn.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(name: &str, weight: u32) -> Provider {
        Provider {
            name: name.to_owned(),
            kind: SourceKind::Ebank,
            place: Place::Connector { url: "https://connector.example".to_owned() },
            number: 1,
            weight,
            is_enabled: false,
            licence: None,
            authorisation: None,
            limits: ProviderLimits::default(),
            created_at: Timestamp(0),
        }
    }

    fn first(providers: &[Provider], person: u32) -> usize {
        let rank = |at: &usize| providers[*at].rank(&person.to_be_bytes());
        let best = (0..providers.len()).max_by(|a, b| rank(a).total_cmp(&rank(b)));
        best.expect("there are providers")
    }

    #[test]
    fn persons_are_shared_out_by_weight_and_stay_where_they_are() {
        let all = [provider("a", 50), provider("b", 30), provider("c", 20), provider("d", 0)];
        let places: Vec<_> = (0..20_000).map(|person| first(&all, person)).collect();
        for (at, share) in [0.5, 0.3, 0.2, 0.0].into_iter().enumerate() {
            let count = places.iter().filter(|place| **place == at).count();
            assert!((count as f64 / 20_000.0 - share).abs() < 0.015, "{at}: {count}");
        }
        // Without c only c's persons move.
        let fewer = [provider("a", 50), provider("b", 30)];
        for (person, place) in (0..20_000).zip(&places) {
            assert!(*place == 2 || first(&fewer, person) == *place, "{person}");
        }
    }

    #[test]
    fn a_connector_needs_licence_and_authorisation() {
        let mut one = provider("a", 1);
        assert_eq!(one.lacks(), Some("licence"));
        one.licence = Some(" ".to_owned());
        assert_eq!(one.lacks(), Some("licence"));
        one.licence = Some("synthetic licence".to_owned());
        assert_eq!(one.lacks(), Some("authorisation"));
        one.authorisation = Some("synthetic agreement".to_owned());
        assert_eq!(one.lacks(), None);
        assert_eq!(Provider { place: Place::Sandbox, ..provider("b", 1) }.lacks(), None);
    }
}
