//! What the borrower's carrier shows, as the merchant collected it: `telecom_data`.

use serde::{Deserialize, Serialize};

use crate::dataset::{Fen, Month, opaque};
use crate::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telecom {
    /// Whether the carrier knows who the number belongs to.
    pub is_real_name: bool,
    pub real_name: RealName,
    pub bills: Vec<Bill>,
    pub contacts: Vec<CallContact>,
}

/// Whom the carrier knows; some carriers mask name and number.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealName {
    pub since: Option<Timestamp>,
    pub name: Option<String>,
    pub id_card: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bill {
    pub month: Month,
    pub amount: Fen,
}

/// All calls and messages with one number, counted. Lengths are in seconds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallContact {
    /// As the carrier prints it: a mobile, a short number, or a word for a hidden one.
    pub telephone: String,
    pub last_at: Timestamp,
    pub first_at: Option<Timestamp>,
    pub talk_seconds: u32,
    pub talk_count: u32,
    pub out_seconds: Option<u32>,
    pub out_count: Option<u32>,
    pub in_seconds: Option<u32>,
    pub in_count: Option<u32>,
    pub messages: Option<u32>,
    pub messages_sent: Option<u32>,
    pub messages_received: Option<u32>,
    pub messages_unknown: Option<u32>,
    /// Calls and messages of the last week, and of the last month.
    pub last_week: Option<u32>,
    pub last_month: Option<u32>,
}

opaque!(Telecom, RealName, Bill, CallContact);
