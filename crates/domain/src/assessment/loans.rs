//! The loan that is asked for, and those that the applicant had or asked for at the merchant's.
//!
//! Without a list of loans nothing is known of them: a first-time borrower and a merchant that
//! hands in no list look the same. A loan whose state is not told is not counted.

use std::collections::BTreeSet;

use super::View;
use super::feature::{Feature, Section, Share};
use crate::application::{Loan, LoanState};
use crate::dataset::{Fen, Month};
use crate::features::inside;
use crate::report::age_days;
use crate::time::{Day, Timestamp};

const QUARTER_DAYS: u32 = 90;
const YEARS_MONTHS: i32 = 24;
const YEARS_DAYS: u32 = 730;

const ORDER: Section = Section::Order;
const S: Section = Section::Loans;

pub(super) const FEATURES: [Feature; 15] = [
    Feature::yuan(ORDER, "loan.amount", ("申请金额", "Amount applied for, yuan"), |view| {
        Some(view.application.order.amount)
    }),
    Feature::count(ORDER, "loan.days", ("申请期限", "Days to pay back"), |view| {
        Some(view.application.order.term_days.into())
    })
    .unit("天"),
    Feature::count(
        ORDER,
        "loan.months",
        ("申请期数", "Months to pay back: twelfths of 365 days, rounded, at least one"),
        |view| Some(((i64::from(view.application.order.term_days) * 24 + 365) / 730).max(1)),
    )
    .unit("月"),
    Feature::share(
        S,
        "loan.to_largest_repaid",
        (
            "申请金额与已还清最大借款之比",
            "Amount applied for against the largest loan that was paid back",
        ),
        |view| {
            let largest = view.loans.largest_repaid.filter(|largest| largest.0 > 0)?;
            Some(Share(view.application.order.amount.0, largest.0))
        },
    ),
    Feature::count(S, "loans.count", ("历史借款笔数", "Loans and applications"), |view| {
        view.loans.known(|loans| loans.states.iter().sum())
    })
    .unit("笔"),
    Feature::count(S, "loans.repaid", ("已还清笔数", "Loans paid back"), |view| {
        of_state(view, LoanState::Repaid)
    })
    .unit("笔"),
    Feature::count(S, "loans.running", ("进行中笔数", "Running loans"), |view| {
        of_state(view, LoanState::Running)
    })
    .unit("笔"),
    Feature::count(S, "loans.overdue", ("逾期未还笔数", "Loans overdue now"), |view| {
        of_state(view, LoanState::Overdue)
    })
    .unit("笔"),
    Feature::count(S, "loans.refused", ("审核拒绝笔数", "Applications refused"), |view| {
        of_state(view, LoanState::Refused)
    })
    .unit("笔"),
    Feature::count(
        S,
        "loans.refused_d90",
        ("近90天审核拒绝笔数", "Applications refused that were made within 90 days"),
        |view| view.loans.known(|loans| loans.refused_quarter),
    )
    .unit("笔")
    .within(QUARTER_DAYS),
    Feature::count(
        Section::Overdue,
        "loans.overdue_days_now",
        (
            "当前逾期天数",
            "Days the oldest open instalment is overdue; not known while a credit report shows an \
             overdue account and the merchant none",
        ),
        overdue_days_now,
    )
    .unit("天"),
    Feature::count(
        S,
        "loans.overdue_days_max",
        ("历史最大逾期天数", "Most days that any loan was overdue"),
        |view| view.loans.known(|loans| loans.overdue_days_max),
    )
    .unit("天"),
    Feature::count(
        Section::Overdue,
        "loans.overdue_months_24",
        ("近24个月逾期月数", "Months with an overdue payment within 24 months"),
        overdue_months,
    )
    .unit("月")
    .within(YEARS_DAYS),
    Feature::share(
        S,
        "loans.on_time_share",
        ("按时还清占比", "Share of the loans paid back that were never overdue"),
        |view| Some(Share(view.loans.on_time, of_state(view, LoanState::Repaid)?)),
    ),
    Feature::count(
        S,
        "loans.days_since",
        ("距最近一次借款天数", "Days since the latest loan was asked for"),
        |view| {
            let at = view.loans.last_at?;
            Some(age_days(at, view.today).into())
        },
    )
    .unit("天"),
];

#[derive(Default)]
pub(super) struct Figures {
    /// In the order of [`LoanState::ALL`].
    states: [i64; 4],
    refused_quarter: i64,
    overdue_days_now: i64,
    overdue_days_max: i64,
    overdue_months: i64,
    on_time: i64,
    largest_repaid: Option<Fen>,
    last_at: Option<Timestamp>,
}

impl Figures {
    fn known(&self, figure: fn(&Self) -> i64) -> Option<i64> {
        self.states.iter().any(|count| *count > 0).then(|| figure(self))
    }
}

/// Nothing overdue at the merchant's is not nothing overdue: a credit report knows of the others,
/// but not for how many days.
fn overdue_days_now(view: &View<'_>) -> Option<i64> {
    let told = view.loans.known(|loans| loans.overdue_days_now);
    match (told, view.held.credit.as_ref().map(|credit| credit.is_overdue_now)) {
        (None | Some(0), Some(true)) => None,
        (None, Some(false)) => Some(0),
        (told, _) => told,
    }
}

/// A credit report has the months of five years: none in these is none in two.
fn overdue_months(view: &View<'_>) -> Option<i64> {
    view.loans.known(|loans| loans.overdue_months).or_else(|| {
        let credit = view.held.credit.as_ref()?;
        (credit.overdue_months == 0).then_some(0)
    })
}

fn of_state(view: &View<'_>, state: LoanState) -> Option<i64> {
    view.loans.known(|_| 0)?;
    Some(view.loans.states[place(state)])
}

fn place(state: LoanState) -> usize {
    LoanState::ALL.iter().position(|one| *one == state).expect("all states are listed")
}

pub(super) fn figures(loans: &[Loan], now: Timestamp) -> Figures {
    let today = now.shanghai_day();
    let mut figures = Figures::default();
    let mut months = BTreeSet::new();
    for loan in loans {
        let Some(state) = loan.state else { continue };
        let days = loan.overdue_days.unwrap_or(0);
        figures.states[place(state)] += 1;
        figures.overdue_days_max = figures.overdue_days_max.max(days.into());
        let asked = loan.ordered_at.filter(|at| *at <= now);
        figures.last_at = figures.last_at.max(asked);
        match state {
            LoanState::Repaid => {
                figures.on_time += i64::from(days == 0);
                figures.largest_repaid = figures.largest_repaid.max(loan.amount);
                let end = loan.repaid_at.filter(|at| *at <= now).map(Timestamp::shanghai_day);
                months.extend(end.into_iter().flat_map(|end| overdue(days, end, today)));
            }
            LoanState::Overdue => {
                figures.overdue_days_now = figures.overdue_days_now.max(days.into());
                months.extend(overdue(days.max(1), today, today));
            }
            LoanState::Refused => {
                let is_new = asked.is_some_and(|at| inside(at, QUARTER_DAYS, now));
                figures.refused_quarter += i64::from(is_new);
            }
            LoanState::Running => {}
        }
    }
    figures.overdue_months = months.len() as i64;
    figures
}

/// The months, of the last 24 with the current one, that so many overdue days up to `end` lie in.
fn overdue(days: u32, end: Day, today: Day) -> impl Iterator<Item = Month> {
    let current = Month::of(today);
    let first_day = Day(end.0.saturating_sub(i32::try_from(days).unwrap_or(i32::MAX) - 1));
    let oldest = current.plus(1 - YEARS_MONTHS);
    let first = Month::of(first_day.max(oldest.first_day())).max(oldest);
    let last = if days == 0 { first.plus(-1) } else { Month::of(end) };
    (0..YEARS_MONTHS).map(move |place| first.plus(place)).take_while(move |month| *month <= last)
}
