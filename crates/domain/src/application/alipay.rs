//! What the borrower's Alipay account shows: `zfb_data`. Amounts may be negative: a payment, a
//! debt.

use serde::{Deserialize, Serialize};

use crate::dataset::{Fen, opaque};
use crate::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alipay {
    pub real_name: Option<String>,
    /// A word of the page that it was read from.
    pub real_name_status: Option<String>,
    pub email: Option<String>,
    pub telephone: Option<String>,
    pub taobao_name: Option<String>,
    pub registered_at: Option<Timestamp>,
    /// When the merchant read the page.
    pub read_at: Option<Timestamp>,
    /// 花呗
    pub credit_line: Option<CreditLine>,
    /// 总资产
    pub wealth: Option<Fen>,
    pub balance: Option<Fen>,
    /// 余额宝
    pub money_market: Option<Fen>,
    /// 招财宝
    pub fixed_term: Option<Fen>,
    /// 存金宝
    pub gold: Option<Fen>,
    /// 淘宝理财
    pub taobao_products: Option<Fen>,
    pub funds: Option<Fen>,
    pub bank_cards: Vec<BoundCard>,
    pub friends: Vec<Account>,
    pub traded_with: Vec<Account>,
    /// Of the last three months.
    pub deals: Vec<Deal>,
}

/// Ant Credit Pay (花呗).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditLine {
    pub total: Option<Fen>,
    pub usable: Option<Fen>,
    pub owed: Option<Fen>,
}

/// Somebody else's account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub name: Option<String>,
    pub account: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deal {
    pub at: Option<Timestamp>,
    pub amount: Option<Fen>,
    pub trade_number: Option<String>,
    pub order_number: Option<String>,
    pub log_number: Option<String>,
    pub name: Option<String>,
    /// The document gives no meaning to its values.
    pub status: Option<i64>,
    pub other_party: Option<String>,
}

/// A card bound to the account, of which the document gives no shape.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundCard {
    pub bank: Option<String>,
    /// As the page shows it, mostly the last digits.
    pub number: Option<String>,
}

opaque!(Alipay, CreditLine, Account, Deal, BoundCard);
