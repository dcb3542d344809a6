//! Cards, loans and guarantees of a person of the bureau: the better the hidden quality, the fewer
//! months overdue. The card of the salary's bank is the one that the bank itself shows.

use domain::dataset::credit::{Account, Group, Guarantee, Guaranteed, Kind, State};
use domain::dataset::ebank::{BillType, CardType};
use domain::dataset::{Fen, Month};
use domain::time::{Day, Timestamp};

use super::super::numbers::CardBins;
use super::super::{Persona, Stream, bank};
use super::Mix;
use crate::sandbox::credit_report::{of_account, of_guarantee};

/// Banks of the other cards and loans, under the names that the bureau prints.
pub(super) const BANKS: [&str; 8] = [
    "中国银行北京市分行",
    "交通银行",
    "兴业银行",
    "中信银行",
    "华夏银行",
    "浦发银行信用卡中心",
    "平安银行信用卡中心",
    "中国民生银行",
];
/// Lenders that exist only here.
pub(super) const LENDERS: [&str; 3] =
    ["合成消费金融公司", "合成小额贷款有限公司", "合成汽车金融公司"];

pub(super) fn accounts(
    persona: &Persona,
    bank: &CardBins,
    mix: Mix,
    now: Timestamp,
) -> Vec<Account> {
    if mix.is_empty {
        return Vec::new();
    }
    let history = History { persona, today: now.shanghai_day() };
    let mut accounts = vec![own_card(persona, bank, &history, now)];
    if mix.is(4, 0) {
        accounts.push(in_dollars(&accounts[0]));
    }
    accounts.extend((0..mix.count(3)).map(|at| other_card(&history, at as i32, mix)));
    if mix.is(7, 3) {
        accounts.push(quasi_card(&history));
    }
    if mix.is(3, 1) {
        accounts.push(house_loan(&history));
    }
    accounts.extend((0..mix.count(4)).map(|at| other_loan(&history, at as i32)));
    for account in &mut accounts {
        account.group = group(account);
        account.text = of_account(account);
    }
    accounts.sort_by_key(|account| {
        let place = Group::ALL.iter().position(|group| *group == account.group);
        (place, std::cmp::Reverse(account.opened))
    });
    accounts
}

pub(super) fn guarantees(persona: &Persona, mix: Mix, now: Timestamp) -> Vec<Guarantee> {
    if !mix.is(6, 5) {
        return Vec::new();
    }
    let mut draws = persona.draws("bureau guarantee", 0);
    let today = now.shanghai_day();
    let amount = thousands(20.0 + 200.0 * draws.unit());
    let mut guarantee = Guarantee {
        text: String::new(),
        day: Some(Day(today.0 - 200 - draws.below(900) as i32)),
        name: "合成亲友".to_owned(),
        id_type: "身份证".to_owned(),
        id_number: "1101011980****0000".to_owned(),
        bank: draws.pick(&BANKS).to_owned(),
        product: "贷款".to_owned(),
        guaranteed: Guaranteed::Loan,
        contract: Some(amount),
        amount: Some(amount),
        as_of: Some(Month::of(today).plus(-1).day(5)),
        balance: Some(whole_yuan(amount, draws.unit())),
        unread: Vec::new(),
    };
    guarantee.text = of_guarantee(&guarantee);
    vec![guarantee]
}

/// Lists follow from what happened on the account.
fn group(account: &Account) -> Group {
    let was_overdue = account.overdue_months > 0 || account.is_overdue_now();
    match (account.kind, was_overdue) {
        (Kind::Card, true) => Group::CardsOverdue,
        (Kind::QuasiCard, true) => Group::CardsOverdrawn,
        (Kind::Card | Kind::QuasiCard, false) => Group::CardsOther,
        (Kind::Loan, true) if account.product.contains('房') => Group::HouseOverdue,
        (Kind::Loan, false) if account.product.contains('房') => Group::HouseOther,
        (Kind::Loan, true) => Group::LoansOverdue,
        (Kind::Loan, false) => Group::LoansOther,
    }
}

/// How somebody pays over the years.
struct History<'p> {
    persona: &'p Persona,
    today: Day,
}

impl History<'_> {
    fn draws(&self, topic: &str, index: i32) -> Stream {
        self.persona.draws(topic, index)
    }

    /// A day in the grown-up life, up to twelve years ago.
    fn opened(&self, draws: &mut Stream) -> Day {
        let years = (self.persona.age - 20).clamp(1, 12) as u64;
        Day(self.today.0 - 60 - draws.below(years * 365) as i32)
    }

    fn last_month(&self) -> Month {
        Month::of(self.today).plus(-1)
    }

    /// Months overdue and what is overdue now: mostly none for the good, many for the bad, and
    /// no more than the account has lived.
    fn pay(&self, account: &mut Account, draws: &mut Stream, owed: Fen) {
        let risk = self.persona.risk("repayment");
        if !draws.chance(0.05 + 0.95 * risk * risk) {
            return;
        }
        let lived = account.opened.map_or(0, |day| (self.today.0 - day.0) / 31).min(60) as u32;
        let months = draws.count(1.0 + 14.0 * risk * risk).clamp(1, lived.max(1));
        account.overdue_months = months;
        account.overdue_90_months = months.saturating_sub(5 + draws.below(6) as u32);
        let is_open = account.state == State::Open;
        if is_open && draws.chance(risk * risk * 0.6) {
            account.overdue_amount = Some(whole_yuan(owed, 0.1)).filter(|amount| amount.0 > 0);
        }
        if is_open && risk > 0.75 && draws.chance(0.25) {
            account.state = State::BadDebt;
            account.overdue_amount = None;
            account.overdue_90_months = account.overdue_90_months.max(1);
            account.balance = Some(owed.max(Fen(100)));
            account.used = None;
            if account.kind == Kind::Loan {
                account.as_of = None;
                account.last_paid = Some(Day(self.today.0 - 150 - draws.below(500) as i32));
            }
        }
    }
}

/// The credit card that the bank of the salary shows: its limit, its last bill.
fn own_card(persona: &Persona, at: &CardBins, history: &History<'_>, now: Timestamp) -> Account {
    let data = bank::bank_data(persona, at.bank_code, now);
    let card = data.card_list.iter().find(|card| card.card_type == CardType::Credit);
    let card = card.expect("a bank of the sandbox shows a credit card");
    let done = card.bills.iter().rev().find(|bill| bill.bill_type == BillType::Done);
    let owed = done.map_or(Fen(0), |bill| whole_yuan(bill.new_balance, 1.0));
    let opened = card.open_time.unwrap_or(history.today);
    let full_name = match at.bank_code {
        "CMB" => at.bank_name.to_owned(),
        _ => format!("中国{}", at.bank_name),
    };
    let mut account = Account::new(Kind::Card, &full_name, "贷记卡", opened);
    account.limit = Some(card.credit_limit);
    account.used = Some(owed);
    account.as_of = Some(history.last_month());
    history.pay(&mut account, &mut history.draws("bureau own card", 0), owed);
    account
}

/// The same card's account in US dollars, which nobody uses.
fn in_dollars(own: &Account) -> Account {
    let mut account = own.clone();
    "美元".clone_into(&mut account.currency);
    account.is_converted = true;
    account.used = Some(Fen(0));
    account.balance = None;
    account.overdue_amount = None;
    (account.overdue_months, account.overdue_90_months) = (0, 0);
    account.state = State::Open;
    account
}

fn other_card(history: &History<'_>, index: i32, mix: Mix) -> Account {
    let mut draws = history.draws("bureau card", index);
    let opened = history.opened(&mut draws);
    let mut account = Account::new(Kind::Card, draws.pick(&BANKS), "贷记卡", opened);
    let limit = thousands(5.0 + 60.0 * history.persona.quality * draws.between(0.5, 1.5));
    let use_of_limit = (history.persona.risk("debt") * draws.between(0.4, 1.3)).min(1.0);
    let owed = whole_yuan(limit, use_of_limit);
    account.limit = Some(limit);
    account.as_of = Some(history.last_month());
    match (mix.number / 3 + index as u64) % 4 {
        0 => {
            account.state = State::Closed;
            account.ended = Some(Month::of(history.today).plus(-1 - draws.below(2) as i32));
            (account.limit, account.as_of) = (None, None);
        }
        1 => account.state = State::Inactive,
        _ => account.used = Some(owed),
    }
    if account.state != State::Inactive {
        history.pay(&mut account, &mut draws, owed);
    }
    account
}

fn quasi_card(history: &History<'_>) -> Account {
    let mut draws = history.draws("bureau quasi card", 0);
    let opened = history.opened(&mut draws);
    let mut account = Account::new(Kind::QuasiCard, draws.pick(&BANKS), "准贷记卡", opened);
    let limit = thousands(3.0 + 20.0 * draws.unit());
    let owed = whole_yuan(limit, history.persona.risk("debt") * 0.8);
    account.limit = Some(limit);
    account.used = Some(owed);
    account.as_of = Some(history.last_month());
    history.pay(&mut account, &mut draws, owed);
    account
}

fn house_loan(history: &History<'_>) -> Account {
    let mut draws = history.draws("bureau house", 0);
    let opened = history.opened(&mut draws);
    let products = ["个人住房贷款", "个人住房贷款", "个人住房公积金贷款", "个人商用房贷款"];
    let mut account =
        Account::new(Kind::Loan, draws.pick(&BANKS[..5]), draws.pick(&products), opened);
    let income = history.persona.work.salary.map_or(300_000, |salary| salary.0) as f64;
    let limit = thousands(income * draws.between(60.0, 110.0) / 100_000.0);
    let (year, month, day) = opened.civil();
    let years = [10, 20, 30][draws.below(3) as usize];
    let due = Day::from_civil(year + years, month, day.min(28)).unwrap_or(opened);
    account.limit = Some(limit);
    let lived = f64::from(history.today.0 - opened.0) / 365.25 / f64::from(years);
    let owed = whole_yuan(limit, (1.0 - lived).clamp(0.0, 1.0));
    run_until(due, owed, history, &mut account);
    history.pay(&mut account, &mut draws, whole_yuan(owed, 0.05));
    account
}

/// What is left of a loan until it is due; settled then.
fn run_until(due: Day, owed: Fen, history: &History<'_>, account: &mut Account) {
    if due > history.today {
        account.due = Some(due);
        account.as_of = Some(history.last_month());
        account.balance = Some(owed);
    } else {
        account.state = State::Settled;
        account.ended = Some(Month::of(due));
    }
}

fn other_loan(history: &History<'_>, index: i32) -> Account {
    let mut draws = history.draws("bureau loan", index);
    let opened = history.opened(&mut draws);
    let products = ["个人消费贷款", "个人汽车贷款", "个人经营性贷款", "个人助学贷款"];
    let is_small = draws.chance(0.2 + 0.7 * history.persona.risk("lenders"));
    let bank = if is_small { draws.pick(&LENDERS) } else { draws.pick(&BANKS[..5]) };
    let mut account = Account::new(Kind::Loan, bank, draws.pick(&products), opened);
    let limit = thousands(3.0 + 80.0 * draws.unit());
    account.limit = Some(limit);
    let years = 1 + draws.below(4) as i32;
    let due = Day(opened.0 + years * 365);
    let owed = whole_yuan(limit, draws.between(0.1, 0.9));
    run_until(due, owed, history, &mut account);
    history.pay(&mut account, &mut draws, owed);
    account
}

/// In whole 1,000 元.
fn thousands(thousands: f64) -> Fen {
    Fen((thousands as i64).max(1) * 100_000)
}

/// A part of an amount, in whole 元, never negative.
fn whole_yuan(amount: Fen, part: f64) -> Fen {
    Fen(((amount.0 as f64 * part) as i64 / 100).max(0) * 100)
}
