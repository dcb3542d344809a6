//! What bank data says of income, spending and debts: a summary besides the data itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::dataset::ebank::{Bill, BillType, Card, CardType, EbankData, Sheet};
use crate::dataset::{Fen, Month, local_text, opaque};
use crate::time::Timestamp;

/// Months with a payment of the same payer that make it a salary.
const SALARY_MONTHS_MIN: usize = 3;
/// How far a payment may lie from the payer's median, in per cent, when nothing calls it a salary.
const SALARY_SPREAD_PERCENT: i64 = 20;
/// Words in a category or description that call a payment a salary.
const SALARY_WORDS: [&str; 3] = ["工资", "薪", "代发"];

/// The summary. Amounts are decimal texts of 元.
#[derive(Serialize)]
pub struct EbankReport {
    pub update_time: String,
    /// `正常`, or `无数据` when there is no transaction and no bill.
    pub status: &'static str,
    /// By month, the first first.
    pub months: Vec<MonthSummary>,
    pub salary: Option<Salary>,
    pub credit: CreditSummary,
}

/// A month. Money between the person's own cards is neither income nor spending.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct MonthSummary {
    pub month: Month,
    /// What came into debit cards.
    pub income: Fen,
    /// What left debit cards, and what was charged to credit cards.
    pub spending: Fen,
    /// What was on the debit cards together after the month's last transactions.
    pub balance: Fen,
}

/// A payment that the same payer makes month after month.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Salary {
    pub employer: String,
    /// The median of the months.
    pub monthly: Fen,
    pub months: usize,
    pub last_month: Month,
    /// Whether category or description say so, or only the regularity.
    pub is_named: bool,
}

/// The credit cards together.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct CreditSummary {
    pub cards: usize,
    pub credit_limit: Fen,
    /// What the last bills come to.
    pub owed: Fen,
    /// `owed` of `credit_limit` in per cent; 0 without a limit.
    pub used_percent: i64,
    pub bills: usize,
    /// Bills of which less than the least payment was paid before the next one.
    pub overdue_bills: usize,
}

opaque!(EbankReport, MonthSummary, Salary, CreditSummary);

/// Sums the data up; independent of the order of cards, bills and transactions.
pub fn derive(data: &EbankData, now: Timestamp) -> EbankReport {
    let months = months(data);
    let credit = credit(data);
    let is_empty = months.is_empty() && credit.bills == 0;
    EbankReport {
        update_time: format!("{}+0800", local_text(now).replace(' ', "T")),
        status: if is_empty { "无数据" } else { "正常" },
        months,
        salary: salary(data),
        credit,
    }
}

fn cards(data: &EbankData, card_type: CardType) -> impl Iterator<Item = &Card> {
    data.card_list.iter().filter(move |card| card.card_type == card_type)
}

fn sheets(card: &Card) -> impl Iterator<Item = &Sheet> {
    card.bills.iter().flat_map(|bill| &bill.shopping_sheets)
}

fn month_of(sheet: &Sheet) -> Month {
    Month::of(sheet.trans_date.shanghai_day())
}

fn months(data: &EbankData) -> Vec<MonthSummary> {
    let own: BTreeSet<&str> = data
        .card_list
        .iter()
        .flat_map(|card| [card.full_card_num.as_str(), &card.card_num])
        .filter(|number| !number.is_empty())
        .collect();
    let is_foreign = |sheet: &&Sheet| !own.contains(sheet.opposite_card_no.as_str());
    let mut sums: BTreeMap<Month, (Fen, Fen)> = BTreeMap::new();
    for card in &data.card_list {
        for sheet in sheets(card) {
            // A month in which money only moves between own cards is a month all the same.
            let (income, spending) = sums.entry(month_of(sheet)).or_default();
            let amount = sheet.amount_money;
            match (card.card_type, is_foreign(&sheet)) {
                (CardType::Debit, true) if amount.0 > 0 => *income = *income + amount,
                (CardType::Debit, true) => *spending = *spending - amount,
                (CardType::Credit, true) if amount.0 > 0 => *spending = *spending + amount,
                (CardType::Credit, true) | (_, false) => {}
            }
        }
    }
    let summary = |(month, (income, spending))| {
        let balance = cards(data, CardType::Debit).map(|card| balance_after(card, month)).sum();
        MonthSummary { month, income, spending, balance }
    };
    sums.into_iter().map(summary).collect()
}

/// What is on a card after its last transaction up to the end of a month.
fn balance_after(card: &Card, month: Month) -> Fen {
    let order = |sheet: &&Sheet| (sheet.trans_date, sheet.order_index, sheet.balance);
    let until = sheets(card).filter(|sheet| month_of(sheet) <= month);
    until.max_by_key(order).map_or(Fen(0), |sheet| sheet.balance)
}

fn salary(data: &EbankData) -> Option<Salary> {
    let mut payers: BTreeMap<&str, Vec<&Sheet>> = BTreeMap::new();
    let paid_in = cards(data, CardType::Debit).flat_map(sheets).filter(|s| s.amount_money.0 > 0);
    for sheet in paid_in.filter(|sheet| !sheet.name_on_opposite_card.is_empty()) {
        payers.entry(&sheet.name_on_opposite_card).or_default().push(sheet);
    }
    let found = payers.into_iter().filter_map(|(payer, sheets)| salary_of(payer, &sheets));
    found.max_by(|a, b| {
        let worth = |one: &Salary| (one.is_named, one.monthly.0.saturating_mul(one.months as i64));
        worth(a).cmp(&worth(b)).then_with(|| b.employer.cmp(&a.employer))
    })
}

/// The salary of a payer: its named payments, or else all of them when they are even.
fn salary_of(payer: &str, sheets: &[&Sheet]) -> Option<Salary> {
    let says_so = |sheet: &&&Sheet| {
        let texts = [&sheet.category, &sheet.description];
        SALARY_WORDS.iter().any(|word| texts.iter().any(|text| text.contains(word)))
    };
    let named: Vec<&Sheet> = sheets.iter().filter(says_so).copied().collect();
    let is_named = !named.is_empty();
    let mut months: BTreeMap<Month, Fen> = BTreeMap::new();
    for sheet in if is_named { &named } else { sheets } {
        let sum = months.entry(month_of(sheet)).or_default();
        *sum = *sum + sheet.amount_money;
    }
    let mut amounts: Vec<Fen> = months.values().copied().collect();
    amounts.sort_unstable();
    let median = amounts[amounts.len() / 2];
    let is_near =
        |amount: &Fen| (amount.0 - median.0).abs() <= median.0 / 100 * SALARY_SPREAD_PERCENT;
    let is_even = is_named || amounts.iter().all(is_near);
    let last_month = *months.last_key_value()?.0;
    (is_even && months.len() >= SALARY_MONTHS_MIN).then(|| Salary {
        employer: payer.to_owned(),
        monthly: median,
        months: months.len(),
        last_month,
        is_named,
    })
}

fn credit(data: &EbankData) -> CreditSummary {
    let mut summary = CreditSummary::default();
    for card in cards(data, CardType::Credit) {
        let mut bills: Vec<&Bill> =
            card.bills.iter().filter(|bill| bill.bill_type == BillType::Done).collect();
        bills.sort_by_key(|bill| (bill.bill_month, bill.bill_date));
        summary.cards += 1;
        summary.credit_limit = summary.credit_limit + card.credit_limit;
        summary.owed = summary.owed + bills.last().map_or(Fen(0), |bill| bill.new_balance);
        summary.bills += bills.len();
        let is_overdue = |pair: &&[&Bill]| pair[1].last_payment < pair[0].min_payment;
        summary.overdue_bills += bills.windows(2).filter(is_overdue).count();
    }
    let limit = summary.credit_limit.0;
    summary.used_percent = if limit > 0 { summary.owed.0.saturating_mul(100) / limit } else { 0 };
    summary
}
