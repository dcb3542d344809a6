//! A person's bank accounts and cards: `{baseInfo, cardList[…]}` (`qiancheng.md`, "Data shapes").
//! Document 001 leaves the fields to an annex that is lost; they are those of the market's bank
//! template. Amounts are decimal texts of 元.
//!
//! The sign of a transaction is that of the account's statement: on a debit card money that comes
//! in is positive; on a credit card a charge is positive and a payment negative.

use serde::{Deserialize, Serialize};

use super::{Fen, Month, field, opaque};
use crate::time::{Day, Timestamp};

pub const CARDS_MAX: usize = 50;
pub const BILLS_MAX: usize = 120;
pub const SHEETS_MAX: usize = 20_000;
const INSTALLMENTS_MAX: usize = 500;
const DEPOSITS_MAX: usize = 500;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EbankData {
    pub base_info: BaseInfo,
    #[serde(deserialize_with = "field::rows::<_, _, CARDS_MAX>")]
    pub card_list: Vec<Card>,
}

impl EbankData {
    /// Drops the cards of the other kind: an entry may lead to one kind alone.
    pub fn keep(&mut self, card_type: CardType) {
        self.card_list.retain(|card| card.card_type == card_type);
        self.base_info.cards.retain(|card| card.card_type == card_type);
    }
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseInfo {
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub task_id: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub user_id: String,
    /// Whom the accounts belong to.
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub username: String,
    #[serde(with = "field::moment")]
    pub timestamp: Timestamp,
    #[serde(deserialize_with = "field::rows::<_, _, CARDS_MAX>")]
    pub cards: Vec<CardIndex>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardIndex {
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub card_id: String,
    pub card_type: CardType,
    #[serde(deserialize_with = "field::rows::<_, _, BILLS_MAX>")]
    pub bills: Vec<BillIndex>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillIndex {
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub bill_id: String,
    #[serde(with = "field::date")]
    pub bill_date: Option<Day>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CardType {
    Credit,
    Debit,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub card_id: String,
    /// As the bank shows it, often masked.
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub card_num: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub full_card_num: String,
    pub card_type: CardType,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub name_on_card: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub bank_name: String,
    #[serde(deserialize_with = "field::text::<_, 128>")]
    pub open_bank: String,
    #[serde(with = "field::date")]
    pub open_time: Option<Day>,
    /// What is on a debit card; what is still to spend on a credit card.
    pub balance: Fen,
    pub cash_balance: Fen,
    pub cash_limit: Fen,
    pub credit_limit: Fen,
    #[serde(deserialize_with = "field::rows::<_, _, DEPOSITS_MAX>")]
    pub deposits: Vec<Deposit>,
    #[serde(deserialize_with = "field::rows::<_, _, BILLS_MAX>")]
    pub bills: Vec<Bill>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    pub balance: Fen,
    #[serde(deserialize_with = "field::text::<_, 8>")]
    pub currency_type: String,
    #[serde(with = "field::date")]
    pub deposit_date: Option<Day>,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub deposit_type: String,
    #[serde(with = "field::date")]
    pub due_date: Option<Day>,
    /// Yearly rate in per cent, as printed.
    #[serde(deserialize_with = "field::text::<_, 16>")]
    pub interest: String,
    pub period: u32,
    #[serde(deserialize_with = "field::text::<_, 8>")]
    pub period_unit: String,
}

/// Whether a bill is closed.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum BillType {
    Done,
    Undone,
}

/// The bill of a credit card, or the month of a debit card's statement.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bill {
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub bill_id: String,
    pub bill_month: Month,
    #[serde(with = "field::date")]
    pub bill_date: Option<Day>,
    pub bill_type: BillType,
    pub credit_limit: Fen,
    pub cash_limit: Fen,
    /// What is owed at the end (credit); what is there at the end (debit).
    pub new_balance: Fen,
    pub new_charges: Fen,
    pub min_payment: Fen,
    pub last_balance: Fen,
    pub last_payment: Fen,
    pub interest: Fen,
    #[serde(with = "field::date")]
    pub payment_due_date: Option<Day>,
    #[serde(default)]
    pub usd_new_balance: Fen,
    #[serde(default)]
    pub usd_min_payment: Fen,
    #[serde(deserialize_with = "field::rows::<_, _, SHEETS_MAX>")]
    pub shopping_sheets: Vec<Sheet>,
    #[serde(deserialize_with = "field::rows::<_, _, INSTALLMENTS_MAX>")]
    pub installments: Vec<Installment>,
}

/// One transaction.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub id: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub card_num: String,
    #[serde(with = "field::moment")]
    pub trans_date: Timestamp,
    #[serde(with = "field::date")]
    pub post_date: Option<Day>,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub category: String,
    #[serde(deserialize_with = "field::text::<_, 256>")]
    pub description: String,
    pub amount_money: Fen,
    /// What is on the account afterwards.
    pub balance: Fen,
    #[serde(deserialize_with = "field::text::<_, 8>")]
    pub currency_type: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub opposite_card_no: String,
    #[serde(deserialize_with = "field::text::<_, 128>")]
    pub name_on_opposite_card: String,
    #[serde(deserialize_with = "field::text::<_, 128>")]
    pub opposite_bank: String,
    #[serde(deserialize_with = "field::text::<_, 128>")]
    pub trans_addr: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub trans_channel: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub trans_method: String,
    #[serde(deserialize_with = "field::text::<_, 256>")]
    pub remark: String,
    /// Order within a day; the first is 0.
    pub order_index: u32,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installment {
    pub amount_money: Fen,
    #[serde(deserialize_with = "field::text::<_, 8>")]
    pub currency_type: String,
    pub current_month: u32,
    pub total_month: u32,
    pub handing_fee: Fen,
}

opaque!(EbankData, BaseInfo, CardIndex, BillIndex, Card, Deposit, Bill, Sheet, Installment,);
