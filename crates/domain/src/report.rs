//! Reports (报告): what raw data says of a person, derived by pure functions. Each definition
//! (windows, hours, thresholds) stands in `docs/reports.md`.
//!
//! A degree has no report of its own: the records are the answer
//! ([`crate::dataset::degree::DegreeData`]).

mod calendar;
pub mod ebank;
pub mod numbers;
pub mod pboc;
pub mod telecom;

use serde::{Serialize, Serializer};

use crate::claims::Claims;
use crate::identity::Person;

pub use calendar::{Part, is_holiday, is_weekend};
pub(crate) use calendar::{age_days, is_night};

/// Whom a report is about: what the merchant says of the person is held against the data.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub person: &'a Person,
    pub claims: &'a Claims,
    /// What our blacklist says; `None` when the merchant may not ask it.
    pub is_blacklisted: Option<bool>,
}

/// A length of time that is counted in seconds and written in minutes, with two decimals at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minutes(pub u64);

impl Serialize for Minutes {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_f64((self.0 as f64 * 100.0 / 60.0).round() / 100.0)
    }
}

#[cfg(test)]
mod tests;
