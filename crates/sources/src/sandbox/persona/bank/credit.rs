//! The credit card: charges, a bill at the end of each month, a payment until the 20th of the next.
//! Who pays less than the least payment is charged interest, and the next bill shows it.

use domain::dataset::ebank::{Bill, BillType};
use domain::dataset::{Fen, Month};
use domain::time::{Day, Timestamp};

use super::super::Persona;
use super::life::{Entry, Ledger, at, bill, part_of};

/// Of what is owed, the part that must be paid at least, in per cent.
const LEAST_PERCENT: i64 = 10;
/// A month's interest on what was left unpaid, in 1/1,000 (0.05 % a day).
const INTEREST_PER_MILLE: i64 = 15;
/// The day of the month by which a bill is to be paid.
const DUE_DATE: u32 = 20;

pub(super) struct Account<'a> {
    pub(super) limit: Fen,
    ledger: Ledger<'a>,
    /// The last bill: what was owed and the least to pay.
    last_balance: Fen,
    last_least: Fen,
    paid: Fen,
}

impl<'a> Account<'a> {
    pub(super) fn new(persona: &Persona, number: &'a str) -> Self {
        let mut draws = persona.draws("credit limit", 0);
        let salary = persona.work.salary.map_or(300_000, |salary| salary.0);
        let months = 0.8 + 2.4 * persona.quality * draws.between(0.6, 1.4);
        // In whole 1,000 元.
        let limit = Fen(((salary as f64 * months) as i64 / 100_000).max(3) * 100_000);
        let owed = part_of(limit, 0.08 + 0.7 * persona.risk("debt") * draws.between(0.5, 1.2));
        let ledger = Ledger { number, balance: owed, sheets: Vec::new() };
        Self { limit, ledger, last_balance: owed, last_least: least(owed), paid: Fen(0) }
    }

    /// A day: charges within the limit, and on a day before the due date the payment.
    pub(super) fn live(
        &mut self,
        persona: &Persona,
        day: Day,
        debit: &mut Ledger<'_>,
        now: Timestamp,
    ) {
        let mut draws = persona.draws("credit day", day.0);
        if draws.chance(0.35) {
            let share = draws.between(0.003, 0.02) * (0.7 + 0.8 * persona.risk("charges"));
            let amount = part_of(self.limit, share);
            let shop = draws.pick(&["合成商城", "合成百货", "合成旅行社", "合成餐厅"]);
            let fits = self.ledger.balance + amount <= self.limit;
            if let Some(at) = at(day, 20, &mut draws, now).filter(|_| fits && amount.0 > 0) {
                let (category, description, counterpart) = ("消费", "信用卡消费", shop);
                let entry =
                    Entry { at, amount, category, description, counterpart, counterpart_card: "" };
                self.ledger.enter(&entry);
            }
        }
        let mut habits = persona.draws("payment", Month::of(day).first_day().0);
        let date = DUE_DATE - 1 - habits.below(4) as u32;
        if day.civil().2 == date {
            let amount = self.payment(persona, habits.unit(), debit.balance);
            if let Some(at) = at(day, 14, &mut draws, now).filter(|_| amount.0 > 0) {
                self.pay(persona, amount, at, debit);
            }
        }
    }

    /// The good pay all, the middling the least or more, the bad at times nothing.
    fn payment(&self, persona: &Persona, mood: f64, at_hand: Fen) -> Fen {
        let risk = persona.risk("payment");
        let misses = 0.02 + 0.6 * risk * risk;
        let wished = if mood < misses {
            Fen(0)
        } else if mood < misses + 0.8 * risk {
            self.last_least + part_of(self.last_balance, 0.3 * persona.quality)
        } else {
            self.last_balance
        };
        let able = if wished <= at_hand { wished } else { self.last_least };
        if able <= at_hand { able.min(self.last_balance) } else { Fen(0) }
    }

    fn pay(&mut self, persona: &Persona, amount: Fen, at: Timestamp, debit: &mut Ledger<'_>) {
        let name = persona.person.name.expose();
        let mut entry = Entry {
            at,
            amount: -amount,
            category: "还款",
            description: "信用卡还款",
            counterpart: name,
            counterpart_card: self.ledger.number,
        };
        debit.enter(&entry);
        entry.counterpart_card = debit.number;
        self.ledger.enter(&entry);
        self.paid = self.paid + amount;
    }

    /// Closes the month; the running month's bill is open and due never yet.
    pub(super) fn close(&mut self, month: Month, bill_type: BillType) -> Bill {
        let is_done = bill_type == BillType::Done;
        let unpaid = (self.last_balance - self.paid).max(Fen(0));
        let interest = if is_done { Fen(unpaid.0 * INTEREST_PER_MILLE / 1_000) } else { Fen(0) };
        let sheets = std::mem::take(&mut self.ledger.sheets);
        let charges = sheets.iter().map(|sheet| sheet.amount_money).filter(|amount| amount.0 > 0);
        let new_charges = charges.sum();
        self.ledger.balance = self.ledger.balance + interest;
        let owed = self.ledger.balance;
        let closed = Bill {
            credit_limit: self.limit,
            cash_limit: Fen(self.limit.0 / 2),
            new_charges,
            min_payment: if is_done { least(owed) } else { Fen(0) },
            last_balance: self.last_balance,
            last_payment: self.paid,
            interest,
            payment_due_date: is_done.then(|| month.plus(1).day(DUE_DATE)),
            ..bill(month, bill_type, owed, sheets)
        };
        (self.last_balance, self.last_least, self.paid) = (owed, least(owed), Fen(0));
        closed
    }
}

fn least(owed: Fen) -> Fen {
    Fen(owed.0.max(0) * LEAST_PERCENT / 100)
}
