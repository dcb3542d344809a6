//! The credit bureau's report: accounts, overdue months, queries.

use serde::{Deserialize, Serialize};

use super::View;
use super::feature::{Feature, Section};
use crate::dataset::credit::{Account, Column, CreditRecord, Kind, State, Summary};
use crate::dataset::{Fen, Month, opaque};
use crate::time::{Day, Timestamp};

/// The part of what a card owes that is paid in a month: the market's least payment.
const CARD_PART: i64 = 10;

const S: Section = Section::Credit;

pub(super) const FEATURES: [Feature; 15] = [
    Feature::count(S, "credit.accounts", ("信用账户数", "Accounts"), |view| {
        Some(of(view)?.accounts.into())
    })
    .unit("个"),
    Feature::count(S, "credit.open", ("未结清/未销户账户数", "Open accounts"), |view| {
        Some(of(view)?.open.into())
    })
    .unit("个"),
    Feature::count(
        S,
        "credit.overdue_accounts",
        ("发生过逾期的账户数", "Accounts that were ever overdue"),
        |view| Some(of(view)?.overdue_accounts.into()),
    )
    .unit("个"),
    Feature::count(
        S,
        "credit.overdue_90_accounts",
        ("发生过90天以上逾期的账户数", "Accounts overdue for more than 90 days, ever"),
        |view| Some(of(view)?.overdue_90_accounts.into()),
    )
    .unit("个"),
    Feature::count(
        S,
        "credit.overdue_months_60",
        ("近5年逾期月数合计", "Overdue months of all accounts together, of five years"),
        |view| Some(of(view)?.overdue_months.into()),
    )
    .unit("月")
    .within(1_826),
    Feature::truth(
        S,
        "credit.is_overdue_now",
        ("当前有逾期账户", "An account is overdue now"),
        |view| Some(of(view)?.is_overdue_now),
    ),
    Feature::count(S, "credit.bad_debts", ("呆账账户数", "Bad debts"), |view| {
        Some(of(view)?.bad_debts.into())
    })
    .unit("个"),
    Feature::yuan(
        S,
        "credit.card_limit",
        ("信用卡总额度", "Limits of the open cards"),
        |view| of(view)?.cards.map(|(_, limit)| limit),
    ),
    Feature::yuan(
        S,
        "credit.loan_balance",
        ("贷款余额", "What is left of the open loans"),
        |view| of(view)?.loan_balance,
    ),
    Feature::count(
        S,
        "credit.queries_d30",
        ("近30天审批查询次数", "Queries for an application, of 30 days"),
        |view| Some(of(view)?.queries[0].into()),
    )
    .unit("次")
    .within(30),
    Feature::count(
        S,
        "credit.queries_d90",
        ("近90天审批查询次数", "Queries for an application, of 90 days"),
        |view| Some(of(view)?.queries[1].into()),
    )
    .unit("次")
    .within(90),
    Feature::count(
        S,
        "credit.queries_d180",
        ("近180天审批查询次数", "Queries for an application, of 180 days"),
        |view| Some(of(view)?.queries[2].into()),
    )
    .unit("次")
    .within(180),
    Feature::count(S, "credit.public_records", ("公共记录数", "Public records"), |view| {
        Some(of(view)?.public_records.into())
    })
    .unit("条"),
    Feature::count(
        S,
        "credit.guarantees",
        ("为他人担保笔数", "Guarantees for others"),
        |view| Some(of(view)?.guarantees.into()),
    )
    .unit("笔"),
    Feature::count(
        S,
        "credit.months",
        ("首个账户距今月数", "Months since the first account was opened"),
        |view| of(view)?.months.map(i64::from),
    )
    .unit("月")
    .c1(),
];

/// Days of the queries' windows.
const QUERY_DAYS: [i32; 3] = [30, 90, 180];

fn of<'a>(view: &View<'a>) -> Option<&'a HeldCredit> {
    view.held.credit.as_ref()
}

/// What a credit report comes to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldCredit {
    /// As the report shows them.
    pub name: String,
    pub id_number: String,
    pub accounts: u32,
    pub open: u32,
    pub overdue_accounts: u32,
    pub overdue_90_accounts: u32,
    pub overdue_months: u32,
    pub is_overdue_now: bool,
    pub bad_debts: u32,
    /// What the open cards owe, and their limits; nothing when one does not say.
    pub cards: Option<(Fen, Fen)>,
    pub loan_balance: Option<Fen>,
    /// See `debt.monthly`.
    pub monthly: Option<Fen>,
    /// Of institutions, for an application, within 30, 90 and 180 days.
    pub queries: [u32; 3],
    pub public_records: u32,
    pub guarantees: u32,
    /// Since the first account; nothing without one.
    pub months: Option<u32>,
}

opaque!(HeldCredit);

impl HeldCredit {
    pub(super) fn of(record: &CreditRecord, now: Timestamp) -> Self {
        let today = now.shanghai_day();
        let counts = Summary::count(record);
        let sum = |part: fn(&crate::dataset::credit::Counts) -> u32| {
            Column::ALL.iter().map(|column| part(counts.of(*column))).sum()
        };
        let accounts = &record.accounts;
        let count = |is: fn(&Account) -> bool| accounts.iter().filter(|one| is(one)).count() as u32;
        let loans = || accounts.iter().filter(|one| one.is_open() && one.kind == Kind::Loan);
        let cards = open_cards(record);
        let loans_monthly: Option<Fen> = loans().map(|loan| loan_monthly(loan, today)).sum();
        let cards_monthly = cards.map(|(used, _)| Fen(used.0.max(0) / CARD_PART));
        Self {
            name: record.head.name.clone(),
            id_number: record.head.id_number.clone(),
            accounts: sum(|counts| counts.accounts),
            open: sum(|counts| counts.open),
            overdue_accounts: sum(|counts| counts.overdue),
            overdue_90_accounts: sum(|counts| counts.overdue_90),
            overdue_months: accounts
                .iter()
                .fold(0, |sum: u32, one| sum.saturating_add(one.overdue_months)),
            is_overdue_now: accounts.iter().any(Account::is_overdue_now),
            bad_debts: count(|one| one.state == State::BadDebt),
            cards,
            loan_balance: loans().map(balance).sum(),
            monthly: loans_monthly.zip(cards_monthly).map(|(loans, cards)| loans + cards),
            queries: QUERY_DAYS.map(|days| queries(record, days, today)),
            public_records: record.public_records.len() as u32,
            guarantees: record.guarantees.len() as u32,
            months: accounts
                .iter()
                .filter_map(|one| one.opened)
                .min()
                .map(|first| (today.0.saturating_sub(first.0).max(0) / 30).cast_unsigned()),
        }
    }
}

fn is_renminbi(account: &Account) -> bool {
    account.is_converted || account.currency == "人民币" || account.currency.is_empty()
}

/// Used and limit together; a card that was never activated has neither.
fn open_cards(record: &CreditRecord) -> Option<(Fen, Fen)> {
    let mut sums = (Fen(0), Fen(0));
    let is_used = |one: &&Account| one.kind != Kind::Loan && one.state == State::Open;
    for card in record.accounts.iter().filter(is_used) {
        let (used, limit) = card.used.zip(card.limit).filter(|_| is_renminbi(card))?;
        sums = (sums.0 + used, sums.1 + limit);
    }
    Some(sums)
}

fn balance(loan: &Account) -> Option<Fen> {
    loan.balance.filter(|_| is_renminbi(loan))
}

/// The balance over the months that remain; all of it when the loan is due.
fn loan_monthly(loan: &Account, today: Day) -> Option<Fen> {
    let owed = balance(loan)?;
    if owed.0 <= 0 {
        return Some(Fen(0));
    }
    let due =
        loan.due.map(Month::of).or((loan.state == State::BadDebt).then(|| Month::of(today)))?;
    Some(Fen(owed.0 / i64::from(Month::of(today).months_until(due).max(1))))
}

fn queries(record: &CreditRecord, days: i32, today: Day) -> u32 {
    let is_inside = |day: Day| (0..days).contains(&today.0.saturating_sub(day.0));
    let found = record
        .institution_queries
        .iter()
        .filter(|query| query.reason.contains("审批") && query.day.is_some_and(is_inside));
    found.count() as u32
}
