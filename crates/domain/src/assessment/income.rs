//! What the bank data tells of income and debts: held or unknown, since no application says it.
//!
//! Income is a salary that the report finds (`docs/reports.md`) and that still came in one of the
//! last three months. Money that came in otherwise is no income: it is a feature of its own.

use serde::{Deserialize, Serialize};

use super::View;
use super::feature::{Feature, Section, Share};
use crate::dataset::ebank::{BillType, Card, CardType, EbankData};
use crate::dataset::{Fen, Month, opaque};
use crate::report::ebank::{self, MonthSummary};
use crate::time::Timestamp;

/// How long ago, in months, a salary may have come last.
const SALARY_MONTHS_AGO: i32 = 2;
/// Whole months that inflow and spending are looked at, and how many are needed.
const FLOW_MONTHS: i32 = 6;
const FLOW_MONTHS_MIN: usize = 3;
const FLOW_DAYS: u32 = 180;

const S: Section = Section::Ebank;

pub(super) const FEATURES: [Feature; 9] = [
    Feature::yuan(S, "income.monthly", ("月收入", "Monthly income, yuan"), |view| {
        ebank(view)?.salary
    }),
    Feature::count(
        S,
        "income.salary_months",
        ("发薪月数", "Months in which the salary came; 0 when none is seen"),
        |view| Some(ebank(view)?.salary_months.into()),
    )
    .unit("月"),
    Feature::yuan(
        S,
        "income.inflow_monthly",
        ("近6个月月流入中位数", "Median of what came in a month, of the last 6 whole ones"),
        |view| ebank(view)?.inflow,
    )
    .within(FLOW_DAYS),
    Feature::yuan(
        S,
        "income.spending_monthly",
        ("近6个月月支出中位数", "Median of what went out a month, of the last 6 whole ones"),
        |view| ebank(view)?.spending,
    )
    .within(FLOW_DAYS),
    Feature::yuan(
        S,
        "income.balance",
        ("借记卡余额合计", "What is on the debit cards"),
        |view| ebank(view)?.balance,
    ),
    Feature::yuan(
        Section::Debts,
        "debt.monthly",
        (
            "现有月还款",
            "Monthly payments on what is owed already, yuan: of the credit report a tenth of what \
             the cards owe and each loan's balance over its remaining months; without one the \
             least payments of the last card bills",
        ),
        |view| match &view.held.credit {
            Some(credit) => credit.monthly,
            None => ebank(view)?.least_payments,
        },
    ),
    Feature::share(
        Section::Debts,
        "cards.utilisation",
        (
            "信用卡额度使用率",
            "Used part of the credit card limits; 0 when the credit report has no card in use",
        ),
        |view| {
            let (used, limit) = match &view.held.credit {
                Some(credit) => credit.cards?,
                None => ebank(view)?.credit?,
            };
            let has_none = used.0 == 0 && limit.0 == 0;
            let limit = if has_none { 1 } else { limit.0 };
            (limit > 0).then_some(Share(used.0.max(0), limit))
        },
    ),
    Feature::count(
        S,
        "cards.overdue_bills",
        ("信用卡逾期账单数", "Card bills of which less than the least payment was paid"),
        |view| ebank(view)?.overdue_bills.map(i64::from),
    )
    .unit("期"),
    Feature::count(
        S,
        "cards.held",
        ("网银采集银行卡数", "Cards that the bank data has"),
        |view| Some(ebank(view)?.cards.len() as i64),
    )
    .unit("张"),
];

fn ebank<'a>(view: &View<'a>) -> Option<&'a HeldEbank> {
    view.held.ebank.as_ref()
}

/// What a bank's data comes to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldEbank {
    pub cards: Vec<HeldCard>,
    /// Of a month; nothing when none is seen or it has ended.
    pub salary: Option<Fen>,
    pub salary_months: u32,
    pub inflow: Option<Fen>,
    pub spending: Option<Fen>,
    pub balance: Option<Fen>,
    /// What the credit cards' last bills come to, and their limits.
    pub credit: Option<(Fen, Fen)>,
    pub least_payments: Option<Fen>,
    pub overdue_bills: Option<u32>,
}

/// A card as the bank shows it: whose it is, and where it was opened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldCard {
    /// Often masked.
    pub number: String,
    pub holder: String,
    pub branch: String,
}

opaque!(HeldEbank, HeldCard);

impl HeldEbank {
    pub(super) fn of(data: &EbankData, now: Timestamp) -> Self {
        let report = ebank::derive(data, now);
        let this_month = Month::of(now.shanghai_day());
        let of_kind = |kind| data.card_list.iter().filter(move |card| card.card_type == kind);
        let has_credit = report.credit.bills > 0;
        let is_recent = |last| this_month.plus(-SALARY_MONTHS_AGO) <= last;
        let salary = report.salary.as_ref();
        Self {
            cards: data.card_list.iter().map(|card| held(card, data)).collect(),
            salary: salary.filter(|one| is_recent(one.last_month)).map(|one| one.monthly),
            salary_months: salary.map_or(0, |one| one.months as u32),
            inflow: median(&report.months, this_month, |month| month.income),
            spending: median(&report.months, this_month, |month| month.spending),
            balance: of_kind(CardType::Debit)
                .map(|card| card.balance)
                .reduce(|sum, balance| sum + balance),
            credit: has_credit.then_some((report.credit.owed, report.credit.credit_limit)),
            least_payments: has_credit.then(|| of_kind(CardType::Credit).map(least_payment).sum()),
            overdue_bills: has_credit.then_some(report.credit.overdue_bills as u32),
        }
    }
}

fn held(card: &Card, data: &EbankData) -> HeldCard {
    let first = |one: &str, other: &str| if one.is_empty() { other } else { one }.to_owned();
    HeldCard {
        number: first(&card.full_card_num, &card.card_num),
        holder: first(&card.name_on_card, &data.base_info.username),
        branch: card.open_bank.clone(),
    }
}

/// Of the last closed bill.
fn least_payment(card: &Card) -> Fen {
    let closed = card.bills.iter().filter(|bill| bill.bill_type == BillType::Done);
    let last = closed.max_by_key(|bill| (bill.bill_month, bill.bill_date, bill.min_payment));
    last.map_or(Fen(0), |bill| bill.min_payment)
}

fn median(
    months: &[MonthSummary],
    this_month: Month,
    amount: fn(&MonthSummary) -> Fen,
) -> Option<Fen> {
    let is_inside = |month| this_month.plus(-FLOW_MONTHS) <= month && month < this_month;
    let mut amounts: Vec<Fen> =
        months.iter().filter(|one| is_inside(one.month)).map(amount).collect();
    amounts.sort_unstable();
    (amounts.len() >= FLOW_MONTHS_MIN).then(|| amounts[(amounts.len() - 1) / 2])
}
