//! Version 1 of the formula: six parts, each from 0 to 1000, and their weighted mean. Whole numbers
//! only, so that each machine gives the same.

use super::derived::is_within_a_year;
use super::{Account, Column, CreditRecord, Kind, Query, State};

/// What a part is worth of which nothing is known.
const UNKNOWN: u32 = 700;

/// The parts of the score, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Composition {
    /// How long the person has had credit, and how much of it is open.
    pub basic: u32,
    pub credit_cards: u32,
    pub house_loans: u32,
    pub other_loans: u32,
    pub public_records: u32,
    pub query_records: u32,
}

impl Composition {
    /// Each part with its weight in per cent.
    pub fn parts(&self) -> [(u32, u32); 6] {
        [
            (self.basic, 10),
            (self.credit_cards, 30),
            (self.house_loans, 10),
            (self.other_loans, 20),
            (self.public_records, 10),
            (self.query_records, 20),
        ]
    }

    pub(super) fn score(&self) -> u32 {
        self.parts().iter().map(|(part, weight)| part * weight).sum::<u32>() / 100
    }
}

pub(super) fn grade(score: u32) -> char {
    match score {
        900.. => 'A',
        800.. => 'B',
        700.. => 'C',
        600.. => 'D',
        _ => 'E',
    }
}

pub(super) fn composition(record: &CreditRecord) -> Composition {
    let applications = applications(record).count() as u32;
    Composition {
        basic: basic(record),
        credit_cards: column(record, Column::Cards).saturating_sub(card_use(record)),
        house_loans: column(record, Column::HouseLoans),
        other_loans: column(record, Column::OtherLoans),
        public_records: 1_000_u32.saturating_sub(300 * record.public_records.len() as u32),
        query_records: 1_000_u32.saturating_sub(80 * applications.saturating_sub(1)),
    }
}

/// Queries of institutions within a year before the query time that were for an application.
pub(super) fn applications(record: &CreditRecord) -> impl Iterator<Item = &Query> {
    let today = record.head.query_time.shanghai_day();
    record.institution_queries.iter().filter(move |query| {
        let is_application = query.reason.contains("审批");
        is_application && query.day.is_some_and(|day| is_within_a_year(day, today))
    })
}

/// 400, 50 for each full year since the first account up to ten, 100 for two open accounts.
fn basic(record: &CreditRecord) -> u32 {
    let Some(first) = record.accounts.iter().filter_map(|account| account.opened).min() else {
        return 500;
    };
    let days = record.head.query_time.shanghai_day().0.saturating_sub(first.0);
    let years = (days / 365).clamp(0, 10) as u32;
    let open = record.accounts.iter().filter(|account| account.is_open()).count();
    400 + 50 * years + if open > 1 { 100 } else { 0 }
}

/// 1000 less the worst account's deduction and half of all the others'.
fn column(record: &CreditRecord, column: Column) -> u32 {
    let deductions = || record.column(column).map(deduction);
    let Some(worst) = deductions().max() else { return UNKNOWN };
    let others = deductions().sum::<u32>() - worst;
    1_000_u32.saturating_sub(worst + others / 2)
}

/// 20 for each month overdue, at most 400; 40 for each beyond 90 days, at most 300; 150 when it is
/// overdue now; 400 for a bad debt.
fn deduction(account: &Account) -> u32 {
    let months = account.overdue_months.min(20) * 20;
    let beyond = account.overdue_90_months.min(60) * 40;
    let is_bad = account.state == State::BadDebt;
    let now = if account.is_overdue_now() && !is_bad { 150 } else { 0 };
    months + beyond.min(300) + now + if is_bad { 400 } else { 0 }
}

/// What is used of the limits of open cards: above 30 %, three points for each ten of the thousand.
/// An account in another currency shares its limit with the card's first one.
fn card_use(record: &CreditRecord) -> u32 {
    let is_counted = |card: &&Account| card.is_open() && !card.is_converted;
    let cards = || record.column(Column::Cards).filter(is_counted);
    let limits: i64 = cards().filter_map(|card| card.limit).map(|limit| limit.0).sum();
    let owed = |card: &Account| card.used.or(card.balance.filter(|_| card.kind != Kind::Loan));
    let used: i64 = cards().filter_map(owed).map(|used| used.0).sum();
    if limits <= 0 {
        return 0;
    }
    let share = (i128::from(used.max(0)) * 1_000 / i128::from(limits)).min(1_000) as u32;
    share.saturating_sub(300) * 3 / 10
}
