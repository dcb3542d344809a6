//! The bills of the telephone, by month: what it costs is a small, steady sign of means. The month
//! that is not over is left out.

use std::collections::BTreeMap;

use super::Held;
use super::feature::{Feature, Section, Share};
use crate::application::Application;
use crate::dataset::{Fen, Month};
use crate::time::Timestamp;

/// Months that are looked at.
const MONTHS: i32 = 12;
const WINDOW_DAYS: u32 = 365;
/// Months on each side of a trend.
const TREND_MONTHS: usize = 3;

const S: Section = Section::Bills;

pub(super) const FEATURES: [Feature; 6] = [
    Feature::count(
        S,
        "bills.months",
        ("近12个月有账单月数", "Months with a bill, of the last 12 whole ones"),
        |view| view.bills.count(),
    )
    .unit("月")
    .within(WINDOW_DAYS),
    Feature::yuan(
        S,
        "bills.mean",
        ("近12个月月均话费", "Mean bill of the last 12 whole months"),
        |view| Some(Fen(view.bills.sum()?.0 / view.bills.count()?)),
    )
    .within(WINDOW_DAYS),
    Feature::yuan(
        S,
        "bills.max",
        ("近12个月最高话费", "Largest bill of the last 12 whole months"),
        |view| view.bills.0.values().max().copied(),
    )
    .within(WINDOW_DAYS),
    Feature::yuan(S, "bills.last", ("最近一个月话费", "The latest bill"), |view| {
        view.bills.0.values().next_back().copied()
    })
    .within(WINDOW_DAYS),
    Feature::share(
        S,
        "bills.trend",
        ("近3期话费与前3期之比", "The last three bills together against the three before them"),
        |view| view.bills.trend(),
    )
    .within(WINDOW_DAYS),
    Feature::count(
        S,
        "bills.zero_months",
        ("近12个月零话费月数", "Months with a bill of nothing, of the last 12 whole ones"),
        |view| {
            view.bills.count()?;
            Some(view.bills.0.values().filter(|amount| amount.0 <= 0).count() as i64)
        },
    )
    .unit("月")
    .within(WINDOW_DAYS),
];

/// The bills by month; several of one month are one.
pub(super) struct Figures(BTreeMap<Month, Fen>);

pub(super) fn figures(application: &Application, held: &Held, now: Timestamp) -> Figures {
    let this_month = Month::of(now.shanghai_day());
    let months = |bills: &[crate::application::Bill]| {
        let mut months: BTreeMap<Month, Fen> = BTreeMap::new();
        let is_inside = |month| this_month.plus(-MONTHS) <= month && month < this_month;
        for bill in bills.iter().filter(|bill| is_inside(bill.month)) {
            let sum = months.entry(bill.month).or_default();
            *sum = *sum + bill.amount;
        }
        months
    };
    let told = months(&application.telecom.bills);
    let carrier = held.telecom.as_ref().filter(|_| told.is_empty());
    Figures(carrier.map_or(told, |carrier| months(&carrier.bills)))
}

impl Figures {
    fn count(&self) -> Option<i64> {
        (!self.0.is_empty()).then_some(self.0.len() as i64)
    }

    fn sum(&self) -> Option<Fen> {
        self.count().map(|_| self.0.values().copied().sum())
    }

    /// Nothing with fewer than six bills.
    fn trend(&self) -> Option<Share> {
        let amounts: Vec<Fen> = self.0.values().rev().copied().collect();
        let part = |from: usize| -> Option<i64> {
            Some(amounts.get(from..from + TREND_MONTHS)?.iter().copied().sum::<Fen>().0)
        };
        Some(Share(part(0)?, part(TREND_MONTHS)?)).filter(|share| share.1 > 0)
    }
}
