//! 为他人担保信息: what the person answers for.

use serde::{Deserialize, Serialize};

use super::super::{Fen, field, opaque};
use super::{CELL_MAX, Column, PARTS_MAX, SENTENCE_MAX};
use crate::time::Day;

/// What is guaranteed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guaranteed {
    Loan,
    Card,
}

/// One guarantee. The other person's data is the bureau's, so it is kept as printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guarantee {
    #[serde(deserialize_with = "field::text::<_, SENTENCE_MAX>")]
    pub text: String,
    #[serde(with = "field::date")]
    pub day: Option<Day>,
    /// For whom.
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub name: String,
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub id_type: String,
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub id_number: String,
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub bank: String,
    /// `贷款`, `个人住房贷款`, `信用卡`
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub product: String,
    pub guaranteed: Guaranteed,
    /// 担保贷款合同金额, 担保信用卡授信额度
    pub contract: Option<Fen>,
    /// 担保金额
    pub amount: Option<Fen>,
    /// 截至
    #[serde(with = "field::date")]
    pub as_of: Option<Day>,
    /// 担保贷款本金余额, 担保信用卡已用额度
    pub balance: Option<Fen>,
    #[serde(deserialize_with = "field::rows::<_, _, PARTS_MAX>")]
    pub unread: Vec<String>,
}

impl Guarantee {
    /// The column of the summary that counts it.
    pub fn column(&self) -> Column {
        let is_house = ["房", "公积金"].iter().any(|word| self.product.contains(word));
        match self.guaranteed {
            Guaranteed::Card => Column::Cards,
            Guaranteed::Loan if is_house => Column::HouseLoans,
            Guaranteed::Loan => Column::OtherLoans,
        }
    }
}

opaque!(Guarantee);
