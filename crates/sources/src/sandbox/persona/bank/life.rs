//! Six months of a persona's money, day by day: salary in, rent and shopping out, the credit card
//! paid from the debit card, and what cannot be paid left unpaid.

use domain::dataset::ebank::{Bill, BillType, Sheet};
use domain::dataset::{Fen, Month};
use domain::time::{Day, Span, Timestamp};

use super::super::{Persona, Stream};
use super::{MONTHS, credit};

/// What the two cards went through.
pub(super) struct Life {
    pub(super) first_day: Day,
    pub(super) debit_number: String,
    pub(super) credit_number: String,
    pub(super) limit: Fen,
    pub(super) debit_bills: Vec<Bill>,
    pub(super) credit_bills: Vec<Bill>,
}

/// A transaction as both statements print it; the sign is that of the card's statement.
pub(super) struct Entry<'a> {
    pub(super) at: Timestamp,
    pub(super) amount: Fen,
    pub(super) category: &'a str,
    pub(super) description: &'a str,
    pub(super) counterpart: &'a str,
    pub(super) counterpart_card: &'a str,
}

/// A card's running balance and its transactions of the month.
pub(super) struct Ledger<'a> {
    pub(super) number: &'a str,
    pub(super) balance: Fen,
    pub(super) sheets: Vec<Sheet>,
}

impl Ledger<'_> {
    pub(super) fn enter(&mut self, entry: &Entry<'_>) {
        self.balance = self.balance + entry.amount;
        let order_index = self.sheets.len() as u32;
        self.sheets.push(Sheet {
            id: format!("{}{order_index:03}", entry.at.shanghai_day()),
            card_num: self.number.to_owned(),
            trans_date: entry.at,
            post_date: Some(entry.at.shanghai_day()),
            category: entry.category.to_owned(),
            description: entry.description.to_owned(),
            amount_money: entry.amount,
            balance: self.balance,
            currency_type: "CNY".to_owned(),
            opposite_card_no: entry.counterpart_card.to_owned(),
            name_on_opposite_card: entry.counterpart.to_owned(),
            opposite_bank: String::new(),
            trans_addr: String::new(),
            trans_channel: "网上银行".to_owned(),
            trans_method: entry.category.to_owned(),
            remark: "合成数据".to_owned(),
            order_index,
        });
    }
}

/// Plays the months up to `now`.
pub(super) fn tell(
    persona: &Persona,
    debit_number: String,
    credit_number: String,
    now: Timestamp,
) -> Life {
    let this_month = Month::of(now.shanghai_day());
    let first_month = this_month.plus(1 - MONTHS);
    let mut debit = Ledger { number: &debit_number, balance: opening(persona), sheets: Vec::new() };
    let mut card = credit::Account::new(persona, &credit_number);
    let (mut debit_bills, mut credit_bills) = (Vec::new(), Vec::new());
    for at in 0..MONTHS {
        let month = first_month.plus(at);
        let bill_type = if month == this_month { BillType::Undone } else { BillType::Done };
        let before = debit.balance;
        let days = (month.first_day().0..month.plus(1).first_day().0).map(Day);
        for day in days.take_while(|day| day.shanghai_start() <= now) {
            live(persona, day, &mut debit, now);
            card.live(persona, day, &mut debit, now);
        }
        debit_bills.push(statement(month, bill_type, before, &mut debit));
        credit_bills.push(card.close(month, bill_type));
    }
    let limit = card.limit;
    let first_day = first_month.first_day();
    Life { first_day, debit_number, credit_number, limit, debit_bills, credit_bills }
}

/// What a month costs a person who earns nothing.
const POOR_MONTH: Fen = Fen(200_000);

fn monthly(persona: &Persona) -> Fen {
    persona.work.salary.unwrap_or(POOR_MONTH)
}

fn opening(persona: &Persona) -> Fen {
    let mut draws = persona.draws("savings", 0);
    let months = 0.1 + 5.0 * persona.quality * persona.quality * draws.between(0.4, 1.6);
    part_of(monthly(persona), months)
}

/// A part of an amount, to the 分.
pub(super) fn part_of(amount: Fen, part: f64) -> Fen {
    Fen((amount.0 as f64 * part) as i64)
}

/// An instant of a day, if it is not still to come.
pub(super) fn at(day: Day, hour: i64, draws: &mut Stream, now: Timestamp) -> Option<Timestamp> {
    let at = day.shanghai_start() + Span::hours(hour) + Span::seconds(draws.below(3_600) as i64);
    (at <= now).then_some(at)
}

/// A day on the debit card.
fn live(persona: &Persona, day: Day, debit: &mut Ledger<'_>, now: Timestamp) {
    let mut draws = persona.draws("day", day.0);
    let date = day.civil().2;
    let income = monthly(persona);
    let mut enter = |hour, draws: &mut Stream, amount: Fen, [category, text, name]: [&str; 3]| {
        let can_pay = amount.0 >= 0 || debit.balance.0 + amount.0 >= 0;
        if let Some(at) = at(day, hour, draws, now).filter(|_| can_pay && amount.0 != 0) {
            let (category, description, counterpart) = (category, text, name);
            let counterpart_card = "";
            debit.enter(&Entry {
                at,
                amount,
                category,
                description,
                counterpart,
                counterpart_card,
            });
        }
    };
    if date == persona.work.pay_day {
        if let Some(salary) = persona.work.salary {
            enter(9, &mut draws, salary, ["工资", "代发工资", &persona.work.employer]);
        } else {
            let help = part_of(POOR_MONTH, draws.between(0.3, 1.2));
            enter(9, &mut draws, help, ["转账", "亲友转账", "合成亲友"]);
        }
    }
    if date == 6 {
        let rent = part_of(income, 0.22 + 0.12 * persona.risk("rent"));
        enter(10, &mut draws, -rent, ["转账", "房租", "合成房东"]);
    }
    let need = persona.risk("need");
    let needs_money = 0.02 * need * need;
    if draws.chance(needs_money) {
        let loan = part_of(income, draws.between(0.2, 0.8));
        enter(15, &mut draws, loan, ["贷款", "借款到账", "合成小额贷款"]);
    }
    if draws.chance(needs_money * 2.0) {
        let instalment = part_of(income, draws.between(0.08, 0.2));
        enter(16, &mut draws, -instalment, ["还款", "贷款还款", "合成小额贷款"]);
    }
    let shops = ["合成超市", "合成餐厅", "合成出行", "合成药房"];
    for hour in [12, 19] {
        if draws.chance(0.45) {
            let share = draws.between(0.002, 0.018) * (0.8 + 0.6 * persona.risk("shopping"));
            let shop = draws.pick(&shops);
            enter(hour, &mut draws, -part_of(income, share), ["消费", "快捷支付", shop]);
        }
    }
    if date == 21 && day.civil().1.is_multiple_of(3) {
        // A quarter's interest on a sight account: about nothing.
        enter(23, &mut draws, Fen(100 + income.0 / 10_000), ["利息", "结息", ""]);
    }
}

/// The month of the debit card.
fn statement(month: Month, bill_type: BillType, before: Fen, debit: &mut Ledger<'_>) -> Bill {
    let sheets = std::mem::take(&mut debit.sheets);
    let spent = sheets.iter().map(|sheet| sheet.amount_money).filter(|amount| amount.0 < 0);
    let new_charges = -spent.sum::<Fen>();
    Bill { new_charges, last_balance: before, ..bill(month, bill_type, debit.balance, sheets) }
}

/// A bill with nothing but its balance and transactions.
pub(super) fn bill(
    month: Month,
    bill_type: BillType,
    new_balance: Fen,
    sheets: Vec<Sheet>,
) -> Bill {
    let zero = Fen(0);
    Bill {
        bill_id: format!("sandbox-{month}"),
        bill_month: month,
        bill_date: (bill_type == BillType::Done).then(|| month.day(31)),
        bill_type,
        credit_limit: zero,
        cash_limit: zero,
        new_balance,
        new_charges: zero,
        min_payment: zero,
        last_balance: zero,
        last_payment: zero,
        interest: zero,
        payment_due_date: None,
        usd_new_balance: zero,
        usd_min_payment: zero,
        shopping_sheets: sheets,
        installments: Vec::new(),
    }
}
