//! What is wrong with a policy, in words for the analyst who wrote it.

use std::fmt;

/// One fault, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFault {
    /// `rules R101`, `flow, table "Debt", row 3, column "Months"`.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// All faults of one reading.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<PolicyFault>);

impl Faults {
    pub(super) fn add(&mut self, place: impl Into<String>, message: impl Into<String>) {
        // More than anybody reads; a hostile document could make millions.
        if self.0.len() < 200 {
            self.0.push(PolicyFault { place: place.into(), message: message.into() });
        }
    }
}
