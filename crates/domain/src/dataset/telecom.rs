//! What a carrier has on a telephone number, in the shape of 聚信立's raw data
//! (`transactions[0].{basic, calls, smses, nets, transactions}`; `qiancheng.md`, "Data shapes").
//! Amounts are JSON numbers of 元, times are local to Shanghai.

use serde::{Deserialize, Serialize};

use super::{Fen, field, opaque};
use crate::time::Timestamp;

pub const CALLS_MAX: usize = 50_000;
pub const SMSES_MAX: usize = 50_000;
pub const NETS_MAX: usize = 50_000;
pub const BILLS_MAX: usize = 36;

/// The data of one number; the list around it is the market's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelecomData {
    pub transactions: [Line; 1],
}

impl TelecomData {
    pub fn line(&self) -> &Line {
        &self.transactions[0]
    }
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub basic: Basic,
    #[serde(deserialize_with = "field::rows::<_, _, CALLS_MAX>")]
    pub calls: Vec<Call>,
    #[serde(deserialize_with = "field::rows::<_, _, SMSES_MAX>")]
    pub smses: Vec<Sms>,
    #[serde(deserialize_with = "field::rows::<_, _, NETS_MAX>")]
    pub nets: Vec<Net>,
    #[serde(deserialize_with = "field::rows::<_, _, BILLS_MAX>")]
    pub transactions: Vec<Bill>,
}

/// Who the number belongs to, as far as the carrier tells (names come masked from some).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    #[serde(with = "field::moment")]
    pub update_time: Timestamp,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub cell_phone: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub real_name: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub idcard: String,
    /// When the number was first used.
    #[serde(with = "field::moment")]
    pub reg_time: Timestamp,
}

/// Who began a call.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    #[serde(rename = "主叫")]
    Out,
    #[serde(rename = "被叫")]
    In,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    #[serde(with = "field::moment")]
    pub update_time: Timestamp,
    #[serde(with = "field::moment")]
    pub start_time: Timestamp,
    pub init_type: Direction,
    /// Length in seconds.
    pub use_time: u32,
    /// Where the person was.
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub place: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub other_cell_phone: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub cell_phone: String,
    /// What the call cost on top of the tariff.
    #[serde(serialize_with = "Fen::number")]
    pub subtotal: Fen,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub call_type: String,
}

/// Whether a message was sent or received; carriers that print it as calls are read too.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsDirection {
    #[serde(rename = "发送", alias = "主叫")]
    Sent,
    #[serde(rename = "接收", alias = "被叫")]
    Received,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    #[serde(with = "field::moment")]
    pub update_time: Timestamp,
    #[serde(with = "field::moment")]
    pub start_time: Timestamp,
    pub init_type: SmsDirection,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub place: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub other_cell_phone: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub cell_phone: String,
    #[serde(serialize_with = "Fen::number")]
    pub subtotal: Fen,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Net {
    #[serde(with = "field::moment")]
    pub update_time: Timestamp,
    #[serde(with = "field::moment")]
    pub start_time: Timestamp,
    /// Length in seconds.
    pub use_time: u32,
    /// Volume in KB.
    pub subflow: u64,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub net_type: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub place: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub cell_phone: String,
    #[serde(serialize_with = "Fen::number")]
    pub subtotal: Fen,
}

/// The bill of a month: the tariff and what calls, messages and data cost on top.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bill {
    #[serde(with = "field::moment")]
    pub update_time: Timestamp,
    /// The first instant of the month.
    #[serde(with = "field::moment")]
    pub bill_cycle: Timestamp,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub cell_phone: String,
    #[serde(serialize_with = "Fen::number")]
    pub total_amt: Fen,
    /// What was paid of it.
    #[serde(serialize_with = "Fen::number")]
    pub pay_amt: Fen,
    #[serde(serialize_with = "Fen::number")]
    pub plan_amt: Fen,
}

opaque!(TelecomData, Line, Basic, Call, Sms, Net, Bill);
