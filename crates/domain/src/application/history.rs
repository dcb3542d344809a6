//! What else the merchant knows of the borrower: `zm_data`, `user_loan_orders`,
//! `user_login_upload_logs`, `card_info`, `app_info`.

use serde::{Deserialize, Serialize};

use crate::dataset::{Fen, opaque};
use crate::time::Timestamp;

/// Zhima (芝麻信用).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zhima {
    pub score: Option<u32>,
    pub watch_list: Option<WatchList>,
}

/// The industries' watch list (行业关注名单), of which the document gives no shape: as it was sent,
/// with its names in order and no space.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchList {
    pub json: String,
    /// Entries of the list, or members of the object; a single value counts as one.
    pub entries: u32,
}

/// A loan that the borrower had, or asked for, at the merchant's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loan {
    pub amount: Option<Fen>,
    pub state: Option<LoanState>,
    pub ordered_at: Option<Timestamp>,
    /// Of a loan that was paid back or is overdue.
    pub overdue_days: Option<u32>,
    /// Of a loan that was paid back.
    pub repaid_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoanState {
    Repaid,
    Running,
    Overdue,
    Refused,
}

impl LoanState {
    pub const ALL: [Self; 4] = [Self::Repaid, Self::Running, Self::Overdue, Self::Refused];
}

/// One opening of the merchant's app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub at: Option<Timestamp>,
    pub device_id: Option<String>,
}

/// A bank card bound at the merchant's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    pub card_type: Option<CardType>,
    /// Digits, and stars where it is masked.
    pub number: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardType {
    Credit,
    Debit,
    Unknown,
}

impl CardType {
    /// The first is number 1.
    pub const ALL: [Self; 3] = [Self::Credit, Self::Debit, Self::Unknown];
}

/// An application installed on the telephone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub name: Option<String>,
    pub market: Option<String>,
    pub client_type: Option<String>,
    pub os_version: Option<String>,
}

opaque!(Zhima, WatchList, Loan, Login, Card, App);
