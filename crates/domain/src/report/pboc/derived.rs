//! What is derived of a record, whole: a pure function of the record, two instants and the version
//! of the formula.

use super::interpretation::{self, Interpretation};
use super::score::{self, Composition};
use super::{CreditRecord, PublicKind, Summary};
use crate::dataset::Month;
use crate::time::{Day, Timestamp};

/// Days that `query365` looks back on, the day of the query included.
const QUERY_DAYS: i32 = 365;

/// The version of score, grade, rate and composition. An old report keeps the one that it was
/// derived with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    V1,
}

impl Formula {
    pub const CURRENT: Self = Self::V1;

    pub fn number(self) -> u16 {
        match self {
            Self::V1 => 1,
        }
    }
}

/// With what a report is derived.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// When the record was fetched.
    pub updated: Timestamp,
    pub now: Timestamp,
    pub formula: Formula,
}

/// The derived part of a report.
#[derive(Clone, PartialEq, Eq)]
pub struct CreditReport {
    pub formula: Formula,
    /// `informatonAbstract`: counted from the sentences, whatever the printed table says.
    pub counts: Summary,
    /// In the order of [`PublicKind::ALL`].
    pub public_counts: [u32; 5],
    /// Accounts that were ever overdue.
    pub overdue_number: u32,
    pub interpretation: Interpretation,
    /// From 0 to 1000, the more the better.
    pub score: u32,
    /// `A` to `E`.
    pub grade: char,
    /// In per cent.
    pub rate_percent: u32,
    pub composition: Composition,
    /// Queries of the 365 days up to the query time, of institutions and own ones.
    pub query_365: u32,
    pub updated: Day,
    pub next_update: Day,
    /// Past `next_update`.
    pub is_expired: bool,
}

crate::dataset::opaque!(CreditReport);

/// Derives the report of a record.
pub fn derive(record: &CreditRecord, asked: Asked) -> CreditReport {
    let counts = Summary::count(record);
    let columns = [counts.cards, counts.house_loans, counts.other_loans];
    let composition = match asked.formula {
        Formula::V1 => score::composition(record),
    };
    let score = composition.score();
    let updated = asked.updated.shanghai_day();
    let next_update = month_after(updated);
    CreditReport {
        formula: asked.formula,
        counts,
        public_counts: PublicKind::ALL.map(|kind| record.public(kind).count() as u32),
        overdue_number: columns.iter().map(|column| column.overdue).sum(),
        interpretation: interpretation::of(record),
        score,
        grade: score::grade(score),
        rate_percent: (1_000 - score + 5) / 10,
        composition,
        query_365: query_365(record),
        updated,
        next_update,
        is_expired: asked.now.shanghai_day() > next_update,
    }
}

impl CreditReport {
    /// `您有 2 条违约记录`, blanks as in the sample of document 002.
    pub fn overdue_message(&self) -> String {
        format!("您有 {} 条违约记录", self.overdue_number)
    }
}

/// When a report that was fetched at `updated` is no longer valid: the end of the day that
/// `nextUpdateTime` names.
pub fn valid_until(updated: Timestamp) -> Timestamp {
    month_after(updated.shanghai_day()).next().shanghai_start()
}

/// The same date of the next month, or that month's last day where it is shorter.
fn month_after(day: Day) -> Day {
    Month::of(day).plus(1).day(day.civil().2)
}

fn query_365(record: &CreditRecord) -> u32 {
    let today = record.head.query_time.shanghai_day();
    let queries = record.institution_queries.iter().chain(&record.personal_queries);
    let days = queries.filter_map(|query| query.day);
    days.filter(|day| is_within_a_year(*day, today)).count() as u32
}

pub(super) fn is_within_a_year(day: Day, today: Day) -> bool {
    (0..QUERY_DAYS).contains(&(today.0.saturating_sub(day.0)))
}
