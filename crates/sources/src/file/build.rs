//! Transactions of a file as the dataset that a bank's session gives: one account, by months.

use std::collections::BTreeMap;

use domain::dataset::ebank::{
    BaseInfo, Bill, BillIndex, BillType, Card, CardIndex, CardType, EbankData, SHEETS_MAX, Sheet,
};
use domain::dataset::{Fen, Month};
use domain::file::Layout;

use super::Handed;
use super::layout::{Column, Header};
use super::row::{Entry, Side};
use super::totals::Stated;

/// Banks that a statement's heading may name.
const BANKS: [&str; 16] = [
    "工商银行",
    "建设银行",
    "农业银行",
    "中国银行",
    "交通银行",
    "招商银行",
    "邮政储蓄银行",
    "光大银行",
    "民生银行",
    "中信银行",
    "兴业银行",
    "浦发银行",
    "平安银行",
    "华夏银行",
    "广发银行",
    "北京银行",
];

/// The dataset; `entries` in the order of time.
///
/// Errors: a month has more transactions than a dataset may have.
pub(super) fn dataset(
    header: &Header,
    stated: &Stated,
    entries: &[Entry],
    handed: &Handed<'_>,
) -> Result<EbankData, String> {
    let bank_name = match header.layout {
        Layout::AlipayWeb | Layout::AlipayReceipt => "支付宝",
        Layout::Wechat => "微信支付",
        Layout::Bank => BANKS.into_iter().find(|bank| stated.text.contains(bank)).unwrap_or(""),
    };
    // What moves between own accounts names its own account as the other one, and an account has
    // to have a name for that.
    let number = stated.account.as_deref().map(|account| short(account, 32));
    let number = number.unwrap_or_else(|| handed.id.to_owned());
    let mut months: BTreeMap<Month, Vec<Sheet>> = BTreeMap::new();
    for entry in entries {
        let sheets = months.entry(Month::of(entry.at.shanghai_day())).or_default();
        let same_day = |last: &&Sheet| last.trans_date.shanghai_day() == entry.at.shanghai_day();
        let order = sheets.last().filter(same_day).map_or(0, |last| last.order_index + 1);
        sheets.push(sheet(header, entry, &number, order));
        if sheets.len() > SHEETS_MAX {
            return Err(format!("a month has more than {SHEETS_MAX} transactions"));
        }
    }
    let balance = entries.iter().rev().find_map(|entry| entry.balance).unwrap_or_default();
    let bills: Vec<Bill> =
        months.into_iter().map(|(month, sheets)| bill(handed, month, sheets)).collect();
    let index = |bill: &Bill| BillIndex { bill_id: bill.bill_id.clone(), bill_date: None };
    let card = CardIndex {
        card_id: handed.id.to_owned(),
        card_type: CardType::Debit,
        bills: bills.iter().map(index).collect(),
    };
    let account = Card {
        card_id: handed.id.to_owned(),
        full_card_num: String::new(),
        card_num: number,
        card_type: CardType::Debit,
        name_on_card: short(stated.holder.as_deref().unwrap_or(handed.name), 64),
        bank_name: bank_name.to_owned(),
        open_bank: String::new(),
        open_time: None,
        balance,
        cash_balance: balance,
        cash_limit: Fen(0),
        credit_limit: Fen(0),
        deposits: Vec::new(),
        bills,
    };
    let base_info = BaseInfo {
        task_id: handed.id.to_owned(),
        user_id: String::new(),
        username: short(handed.name, 64),
        timestamp: handed.now,
        cards: vec![card],
    };
    Ok(EbankData { base_info, card_list: vec![account] })
}

fn bill(handed: &Handed<'_>, month: Month, sheets: Vec<Sheet>) -> Bill {
    let last = sheets.last().map(|sheet| sheet.balance).unwrap_or_default();
    let first = sheets.first().map(|sheet| sheet.balance - sheet.amount_money);
    Bill {
        bill_id: format!("{}-{month}", handed.id),
        bill_month: month,
        bill_date: None,
        bill_type: BillType::Done,
        credit_limit: Fen(0),
        cash_limit: Fen(0),
        new_balance: last,
        new_charges: Fen(0),
        min_payment: Fen(0),
        last_balance: if last == Fen(0) { Fen(0) } else { first.unwrap_or_default() },
        last_payment: Fen(0),
        interest: Fen(0),
        payment_due_date: None,
        usd_new_balance: Fen(0),
        usd_min_payment: Fen(0),
        shopping_sheets: sheets,
        installments: Vec::new(),
    }
}

fn sheet(header: &Header, entry: &Entry, number: &str, order_index: u32) -> Sheet {
    let get = |column| entry.get(header, column);
    let line = entry.line.to_string();
    let id = [get(Column::Number), &line].into_iter().find(|id| !id.is_empty());
    let is_own = entry.side == Side::Neutral;
    let other = if is_own { number } else { get(Column::PartyAccount) };
    Sheet {
        id: short(id.unwrap_or_default(), 64),
        card_num: number.to_owned(),
        trans_date: entry.at,
        post_date: None,
        category: short(get(Column::Category), 32),
        description: short(get(Column::Text), 256),
        amount_money: entry.amount,
        balance: entry.balance.unwrap_or_default(),
        currency_type: "CNY".to_owned(),
        opposite_card_no: short(other, 64),
        name_on_opposite_card: short(get(Column::Party), 128),
        opposite_bank: short(get(Column::PartyBank), 128),
        trans_addr: short(get(Column::Place), 128),
        trans_channel: short(get(Column::Method), 64),
        trans_method: short(get(Column::Status), 64),
        remark: short(get(Column::Remark), 256),
        order_index,
    }
}

/// The beginning of a text, without control characters, as a dataset may have it.
fn short(text: &str, characters_max: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(characters_max).collect()
}
