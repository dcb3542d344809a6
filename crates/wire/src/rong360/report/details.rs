//! The typed accounts, under the keys that readers of `viewReport` take. Amounts are numbers of 元,
//! dates `2015-05-01` or `2015-05`, whether something is so 1 or 0; what a sentence does not tell
//! is null.

use domain::dataset::Fen;
use domain::dataset::credit::{Account, Column, CreditRecord, Guarantee, Kind, State};
use serde_json::{Value, json};

use super::public;

pub(super) fn lists(record: &CreditRecord) -> [(&'static str, Value); 5] {
    let of = |column, detail: fn(&Account) -> Value| record.column(column).map(detail).collect();
    [
        ("credit_card_detail", of(Column::Cards, card)),
        ("house_loan_detail", of(Column::HouseLoans, house_loan)),
        ("other_loan_detail", of(Column::OtherLoans, other_loan)),
        ("guarantee_for_others", record.guarantees.iter().map(guarantee).collect()),
        ("publiCrecords", public::records(record)),
    ]
}

fn card(account: &Account) -> Value {
    json!({
        "bank": account.bank,
        "release_date": shown(account.opened),
        "card_type": account.product,
        "account_type": format!("{}账户", account.currency),
        "due_date": shown(account.as_of.or(account.ended)),
        "credit_amt": yuan(account.limit),
        "used_amt": yuan(account.used),
        "over_due_amount": yuan(account.overdue_amount),
        "is_delq": u8::from(account.was_overdue()),
        "is_active": u8::from(account.is_open() && account.state != State::Inactive),
        "balance": yuan(account.balance.or(account.used)),
        "is_overdraft": u8::from(account.kind == Kind::QuasiCard && account.was_overdue()),
        "delq_l5y_amt": account.overdue_months,
        "delq_l5y_90day_amt": account.overdue_90_months,
        "status": status(account),
    })
}

fn house_loan(account: &Account) -> Value {
    json!({
        "bank": account.bank,
        "release_date": shown(account.opened),
        "release_count": yuan(account.limit),
        "account_type": account.currency,
        "loan_type": account.product,
        "deadline": shown(account.due),
        "due_date": shown(account.as_of),
        "is_delq": u8::from(account.was_overdue()),
        "balance": yuan(account.balance),
        "overdue_amount": yuan(account.overdue_amount),
        "delq_l5y_amt": account.overdue_months,
        "delq_l5y_90day_amt": account.overdue_90_months,
        "status": status(account),
    })
}

/// As a house loan; who gave it is `releaser`.
fn other_loan(account: &Account) -> Value {
    let mut detail = house_loan(account);
    detail["releaser"] = detail["bank"].take();
    let settled = account.ended.filter(|_| account.state == State::Settled);
    detail["settle_date"] = shown(settled);
    detail["sts_happen_date"] = shown(account.ended.or(account.as_of));
    if let Some(keys) = detail.as_object_mut() {
        keys.remove("bank");
    }
    detail
}

fn guarantee(guarantee: &Guarantee) -> Value {
    json!({
        "guarantee_date": shown(guarantee.day),
        "name": guarantee.name,
        "id_type": guarantee.id_type,
        "id_card": guarantee.id_number,
        "bank": guarantee.bank,
        "loan_type": guarantee.product,
        "release_count": yuan(guarantee.contract),
        "guarantee_amt": yuan(guarantee.amount),
        "due_date": shown(guarantee.as_of),
        "balance": yuan(guarantee.balance),
    })
}

fn status(account: &Account) -> &'static str {
    match account.state {
        State::Open if account.is_overdue_now() => "逾期",
        State::Open => "正常",
        State::Inactive => "未激活",
        State::Closed => "销户",
        State::Settled => "结清",
        State::Transferred => "转出",
        State::BadDebt => "呆账",
    }
}

fn shown(date: Option<impl ToString>) -> Value {
    date.map(|date| date.to_string()).into()
}

/// 元: whole when they are.
fn yuan(amount: Option<Fen>) -> Value {
    match amount {
        Some(Fen(fen)) if fen % 100 == 0 => json!(fen / 100),
        Some(Fen(fen)) => json!(fen as f64 / 100.0),
        None => Value::Null,
    }
}
