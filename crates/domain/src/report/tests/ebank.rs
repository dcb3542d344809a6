//! The summary of bank data, on small made-up statements.

use proptest::prelude::*;

use super::now;
use crate::dataset::ebank::{BaseInfo, Bill, BillType, Card, CardType, EbankData, Sheet};
use crate::dataset::{Fen, Month};
use crate::report::ebank::{EbankReport, derive};
use crate::time::{Span, Timestamp};

/// Days ago, fen, payer, category.
type Row<'a> = (i64, i64, &'a str, &'a str);

fn card(card_type: CardType, rows: &[Row<'_>]) -> Card {
    let mut balance = Fen(0);
    let sheet = |(at, &(ago, fen, payer, category)): (usize, &Row<'_>)| {
        balance = balance + Fen(fen);
        let trans_date = now() - Span::days(ago);
        Sheet {
            trans_date,
            post_date: Some(trans_date.shanghai_day()),
            category: category.to_owned(),
            amount_money: Fen(fen),
            balance,
            name_on_opposite_card: payer.to_owned(),
            opposite_card_no: if payer == "本人" { "own-1".to_owned() } else { String::new() },
            order_index: at as u32,
            ..empty_sheet()
        }
    };
    let shopping_sheets = rows.iter().enumerate().map(sheet).collect();
    Card {
        card_id: String::new(),
        card_num: "own-1".to_owned(),
        full_card_num: String::new(),
        card_type,
        name_on_card: String::new(),
        bank_name: String::new(),
        open_bank: String::new(),
        open_time: None,
        balance: Fen(0),
        cash_balance: Fen(0),
        cash_limit: Fen(0),
        credit_limit: Fen(1_000_000),
        deposits: Vec::new(),
        bills: vec![Bill { shopping_sheets, ..bill(now(), 0, 0) }],
    }
}

fn empty_sheet() -> Sheet {
    let text = String::new;
    Sheet {
        id: text(),
        card_num: text(),
        trans_date: now(),
        post_date: None,
        category: text(),
        description: text(),
        amount_money: Fen(0),
        balance: Fen(0),
        currency_type: "CNY".to_owned(),
        opposite_card_no: text(),
        name_on_opposite_card: text(),
        opposite_bank: text(),
        trans_addr: text(),
        trans_channel: text(),
        trans_method: text(),
        remark: text(),
        order_index: 0,
    }
}

fn bill(at: Timestamp, min_payment: i64, last_payment: i64) -> Bill {
    let zero = Fen(0);
    Bill {
        bill_id: String::new(),
        bill_month: Month::of(at.shanghai_day()),
        bill_date: Some(at.shanghai_day()),
        bill_type: BillType::Done,
        credit_limit: zero,
        cash_limit: zero,
        new_balance: Fen(250_000),
        new_charges: zero,
        min_payment: Fen(min_payment),
        last_balance: zero,
        last_payment: Fen(last_payment),
        interest: zero,
        payment_due_date: None,
        usd_new_balance: zero,
        usd_min_payment: zero,
        shopping_sheets: Vec::new(),
        installments: Vec::new(),
    }
}

fn report(card_list: Vec<Card>) -> EbankReport {
    let text = String::new;
    let base_info = BaseInfo {
        task_id: text(),
        user_id: text(),
        username: text(),
        timestamp: now(),
        cards: Vec::new(),
    };
    derive(&EbankData { base_info, card_list }, now())
}

#[test]
fn months_add_up_income_and_spending_without_own_transfers() {
    let debit = [
        (50, 900_000, "甲", "工资"),
        (49, -200_000, "超市", "消费"),
        (48, -100_000, "本人", "信用卡还款"),
        (20, 50, "乙", "转账"),
    ];
    let credit = [(50, 30_000, "商店", "消费"), (48, -100_000, "本人", "还款")];
    let report = report(vec![card(CardType::Debit, &debit), card(CardType::Credit, &credit)]);
    let months: Vec<_> =
        report.months.iter().map(|m| (m.income.0, m.spending.0, m.balance.0)).collect();
    assert_eq!(months, [(900_000, 230_000, 600_000), (50, 0, 600_050)]);
}

/// Payments (months ago, yuan, payer, category) and the salary that is seen in them.
#[test]
fn a_salary_is_named_or_regular() {
    let three = |payer, category, yuan: [i64; 3]| {
        std::array::from_fn::<_, 3, _>(|at| (at as i64 * 30 + 1, yuan[at] * 100, payer, category))
    };
    let table = [
        (three("甲", "工资", [8_000, 8_000, 2_000]), Some(("甲", 8_000, true))),
        (three("甲", "转账", [8_000, 8_100, 8_200]), Some(("甲", 8_100, false))),
        (three("甲", "转账", [8_000, 8_000, 2_000]), None),
        (three("", "工资", [8_000; 3]), None),
        (three("甲", "工资", [-8_000; 3]), None),
    ];
    for (rows, expected) in table {
        let salary = report(vec![card(CardType::Debit, &rows)]).salary;
        let seen = salary.as_ref().map(|s| (s.employer.as_str(), s.monthly.0 / 100, s.is_named));
        assert_eq!(seen, expected, "{rows:?}");
    }
    let two = three("甲", "工资", [8_000; 3]);
    assert!(report(vec![card(CardType::Debit, &two[..2])]).salary.is_none());
}

/// A bill is overdue when the next one shows less than the least payment.
#[test]
fn overdue_bills_and_use_of_the_limit_are_counted() {
    let table = [([0, 100, 100, 100], 0), ([0, 99, 100, 99], 2), ([0, 0, 0, 0], 3)];
    for (payments, overdue) in table {
        let mut one = card(CardType::Credit, &[]);
        let at = |index: usize| now() - Span::days(120 - 30 * index as i64);
        one.bills = payments.iter().enumerate().map(|(i, paid)| bill(at(i), 100, *paid)).collect();
        one.bills.push(Bill { bill_type: BillType::Undone, ..bill(now(), 100, 0) });
        let credit = report(vec![one]).credit;
        assert_eq!((credit.overdue_bills, credit.bills, credit.used_percent), (overdue, 4, 25));
    }
    assert_eq!(report(Vec::new()).status, "无数据");
}

proptest! {
    #[test]
    fn the_order_of_the_data_does_not_matter(
        amounts in proptest::collection::vec((0..180_i64, -90_000..90_000_i64, 0..4_usize), 0..60),
    ) {
        let payers = ["甲", "乙", "本人", ""];
        let row = |&(ago, fen, payer): &(i64, i64, usize)| (ago, fen, payers[payer], "转账");
        let rows: Vec<Row<'_>> = amounts.iter().map(row).collect();
        let cards = vec![card(CardType::Debit, &rows), card(CardType::Credit, &rows)];
        let mut turned = cards.clone();
        turned.reverse();
        for card in &mut turned {
            card.bills[0].shopping_sheets.reverse();
        }
        let text = |cards| serde_json::to_string(&report(cards)).expect("JSON");
        prop_assert_eq!(text(cards), text(turned));
    }
}
