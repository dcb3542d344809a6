//! Rows and datasets of the cases; all made up.

use serde_json::{Value as Json, json};

use super::{Case, Held, NOW, ago, text};
use crate::application::{
    AddressBookEntry, Alipay, Bill, CallContact, Card, CardType, Deal, EmergencyContact, Loan,
    LoanState, Login, Relation,
};
use crate::dataset::{Fen, Month, local_text, read};
use crate::report::pboc::{CreditRecord, page};
use crate::time::{Span, Timestamp};

pub(super) fn entry(telephone: &str, name: &str) -> AddressBookEntry {
    AddressBookEntry { telephone: telephone.into(), name: name.into() }
}

pub(super) fn emergency(telephone: &str, relation: Relation) -> EmergencyContact {
    EmergencyContact {
        telephone: telephone.into(),
        name: "合成乙".into(),
        relation: Some(relation),
    }
}

/// Calls with one number: how many, and when the last one was.
pub(super) fn calls(telephone: &str, talk_count: u32, last_at: Timestamp) -> CallContact {
    CallContact {
        telephone: telephone.into(),
        last_at,
        first_at: None,
        talk_seconds: talk_count * 60,
        talk_count,
        out_seconds: None,
        out_count: None,
        in_seconds: None,
        in_count: None,
        messages: None,
        messages_sent: None,
        messages_received: None,
        messages_unknown: None,
        last_week: None,
        last_month: None,
    }
}

pub(super) fn bill(months_ago: i32, fen: i64) -> Bill {
    Bill { month: Month::of(NOW.shanghai_day()).plus(-months_ago), amount: Fen(fen) }
}

pub(super) fn loan(state: LoanState, overdue_days: u32, days_ago: i64) -> Loan {
    Loan {
        amount: Some(Fen(100_000)),
        state: Some(state),
        ordered_at: Some(ago(days_ago)),
        overdue_days: Some(overdue_days),
        repaid_at: (state == LoanState::Repaid).then(|| ago(days_ago - 30)),
    }
}

pub(super) fn login(device: &str, at: Timestamp) -> Login {
    Login { at: Some(at), device_id: text(device) }
}

pub(super) fn card(card_type: CardType, number: &str) -> Card {
    Card { card_type: Some(card_type), number: text(number) }
}

pub(super) fn alipay() -> Alipay {
    Alipay {
        real_name: text("*甲"),
        real_name_status: None,
        email: None,
        telephone: text("138****8000"),
        taobao_name: None,
        registered_at: Some(ago(600)),
        read_at: Some(ago(3)),
        credit_line: None,
        wealth: Some(Fen(123_456)),
        balance: Some(Fen(100)),
        money_market: Some(Fen(50)),
        fixed_term: None,
        gold: None,
        taobao_products: None,
        funds: None,
        bank_cards: Vec::new(),
        friends: Vec::new(),
        traded_with: Vec::new(),
        deals: Vec::new(),
    }
}

pub(super) fn deal(at: Timestamp, fen: i64) -> Deal {
    Deal {
        at: Some(at),
        amount: Some(Fen(fen)),
        trade_number: None,
        order_number: None,
        log_number: None,
        name: None,
        status: None,
        other_party: None,
    }
}

/// A carrier's data: calls (number, when, whether the person began it), one bill.
pub(super) fn take_telecom(held: &mut Held, calls: &[(&str, Timestamp, bool)]) {
    let now = local_text(NOW);
    let call = |(number, at, is_out): &(&str, Timestamp, bool)| {
        json!({"update_time": now, "start_time": local_text(*at), "use_time": 30, "place": "北京",
            "init_type": if *is_out { "主叫" } else { "被叫" }, "other_cell_phone": number,
            "cell_phone": "13800138000", "subtotal": 0, "call_type": "本地"})
    };
    let data = json!({"transactions": [{
        "basic": {"update_time": now, "cell_phone": "13800138000", "real_name": "合*",
            "idcard": "1****************1", "reg_time": local_text(ago(400))},
        "calls": calls.iter().map(call).collect::<Vec<Json>>(), "smses": [], "nets": [],
        "transactions": [{"update_time": now, "bill_cycle": "2026-10-01 00:00:00",
            "cell_phone": "13800138000", "total_amt": 88.5, "pay_amt": 88.5, "plan_amt": 58}],
    }]});
    held.take_telecom(&read(data.to_string().as_bytes()).expect("a carrier's data"), NOW);
}

fn sheet(days_ago: i64, yuan: &str, payer: &str, category: &str) -> Json {
    let empty = [
        "id",
        "card_num",
        "description",
        "opposite_card_no",
        "opposite_bank",
        "trans_addr",
        "trans_channel",
        "trans_method",
        "remark",
    ];
    let mut sheet = json!({"trans_date": local_text(ago(days_ago)), "post_date": "",
        "category": category, "amount_money": yuan, "balance": "0", "currency_type": "CNY",
        "name_on_opposite_card": payer, "order_index": 0});
    for name in empty {
        sheet[name] = json!("");
    }
    sheet
}

fn bank_bill(month: &str, (owed, least, paid): (&str, &str, &str), sheets: &[Json]) -> Json {
    json!({"bill_id": "", "bill_month": month, "bill_date": format!("{month}-20"),
        "bill_type": "DONE", "credit_limit": "0", "cash_limit": "0", "new_balance": owed,
        "new_charges": "0", "min_payment": least, "last_balance": "0", "last_payment": paid,
        "interest": "0", "payment_due_date": "", "shopping_sheets": sheets, "installments": []})
}

fn bank_card(kind: &str, number: &str, bills: &[Json]) -> Json {
    json!({"card_id": "", "card_num": number, "full_card_num": "", "card_type": kind,
        "name_on_card": "合成甲", "bank_name": "", "open_bank": "广东省分行营业部", "open_time": "",
        "balance": "321.5", "cash_balance": "0", "cash_limit": "0", "credit_limit": "1000",
        "deposits": [], "bills": bills})
}

/// A bank's data: a salary of 8,000 in each of the last four months, of which 5,000 are spent; a
/// credit card that owes 250 of 1,000, one of its bills not paid.
pub(super) fn take_ebank(held: &mut Held) {
    let month =
        |ago: i64| [sheet(ago, "8000", "合成厂", "工资"), sheet(ago, "-5000", "店", "消费")];
    let sheets: Vec<Json> = [15, 45, 75, 105].into_iter().flat_map(month).collect();
    let debit =
        bank_card("DEBIT", "6222****1116", &[bank_bill("2026-10", ("0", "0", "0"), &sheets)]);
    let credit = [
        bank_bill("2026-09", ("300", "30", "0"), &[]),
        bank_bill("2026-10", ("250", "25", "10"), &[]),
    ];
    let credit = bank_card("CREDIT", "6222****2220", &credit);
    let data = json!({"baseInfo": {"task_id": "", "user_id": "", "username": "合成甲",
        "timestamp": local_text(NOW), "cards": []}, "cardList": [debit, credit]});
    held.take_ebank(&read(data.to_string().as_bytes()).expect("a bank's data"), NOW);
}

/// The register's data: a level, the name and ID number beside it.
pub(super) fn take_degree(held: &mut Held, level: &str, name: &str) {
    let id_card = Case::least().person.id_card;
    let texts = [
        "sex",
        "nation",
        "academy_name",
        "major_name",
        "length_school",
        "education_background",
        "learning_form",
        "series",
        "class",
        "student_number",
        "school_status",
        "exam_number",
        "branch_courts",
        "education_type",
    ];
    let mut record = json!({"real_name": name, "id_card": id_card.expose(),
        "date_birth": "1990-03-08", "academic_level": level, "date_enrollment": "2008-09-01",
        "date_graduation": "2012-07-01"});
    for name in texts {
        record[name] = json!("");
    }
    let data = json!({"education": [record]});
    held.take_degree(&read(data.to_string().as_bytes()).expect("degrees"), NOW);
}

/// The bureau's sample page, as of the day after its query.
pub(super) fn sample() -> (CreditRecord, Timestamp) {
    let sample = include_bytes!("../../../fixtures/pboc/sample.html");
    let record = page::read(sample).expect("the sample");
    let at = record.head.query_time + Span::days(1);
    (record, at)
}

pub(super) fn take_credit(held: &mut Held) {
    let (record, at) = sample();
    held.take_credit(&record, at);
}

pub(super) fn take_all(held: &mut Held) {
    take_telecom(held, &[("13900000001", ago(1), true)]);
    take_ebank(held);
    take_degree(held, "本科", "合成甲");
    take_credit(held);
}
