//! A person's record at the credit bureau, as the 简版 report of the PBoC's internet platform tells
//! it (`rong360.md`, Rules): typed, and beside it each sentence as it was printed.
//!
//! Amounts are as the sentences print them, mostly whole 元. Nothing that the page says is dropped:
//! a sentence that could not be read stands in [`CreditRecord::unread`], a part of one in
//! [`Account::unread`].

mod guarantee;
mod public;
mod summary;

use serde::{Deserialize, Serialize};

use super::{Fen, Month, field, opaque};
use crate::time::{Day, Timestamp};

pub use guarantee::{Guarantee, Guaranteed};
pub use public::{FIELDS_MAX, PublicField, PublicKind, PublicRecord};
pub use summary::{Column, Counts, Disagreement, Row, Summary};

pub const ACCOUNTS_MAX: usize = 500;
pub const PUBLIC_MAX: usize = 200;
pub const QUERIES_MAX: usize = 2_000;
pub const UNREAD_MAX: usize = 500;
/// Characters of a sentence.
pub const SENTENCE_MAX: usize = 500;
/// Characters of a name, a bank, a cell.
pub const CELL_MAX: usize = 128;
/// Parts of one sentence that were not read.
pub const PARTS_MAX: usize = 16;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditRecord {
    pub head: Head,
    /// 信息概要 as printed, where the page has it.
    pub summary: Option<Summary>,
    /// In the order of the page.
    #[serde(deserialize_with = "field::rows::<_, _, ACCOUNTS_MAX>")]
    pub accounts: Vec<Account>,
    #[serde(deserialize_with = "field::rows::<_, _, ACCOUNTS_MAX>")]
    pub guarantees: Vec<Guarantee>,
    #[serde(deserialize_with = "field::rows::<_, _, PUBLIC_MAX>")]
    pub public_records: Vec<PublicRecord>,
    #[serde(deserialize_with = "field::rows::<_, _, QUERIES_MAX>")]
    pub institution_queries: Vec<Query>,
    #[serde(deserialize_with = "field::rows::<_, _, QUERIES_MAX>")]
    pub personal_queries: Vec<Query>,
    #[serde(deserialize_with = "field::rows::<_, _, UNREAD_MAX>")]
    pub unread: Vec<Unread>,
}

impl CreditRecord {
    /// The accounts of one group, in the order of the page.
    pub fn group(&self, group: Group) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(move |account| account.group == group)
    }

    /// The accounts of a column of the summary.
    pub fn column(&self, column: Column) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(move |account| account.group.column() == column)
    }

    pub fn public(&self, kind: PublicKind) -> impl Iterator<Item = &PublicRecord> {
        self.public_records.iter().filter(move |record| record.kind == kind)
    }
}

/// What stands above the report.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// 报告编号
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub report_number: String,
    #[serde(with = "field::moment")]
    pub query_time: Timestamp,
    #[serde(with = "field::moment")]
    pub report_time: Timestamp,
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub name: String,
    /// `身份证`
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub id_type: String,
    /// As printed; the platform masks it at times.
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub id_number: String,
    /// `已婚`; empty when the page says nothing.
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub marriage: String,
}

/// The lists in which accounts stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// 发生过逾期的贷记卡账户
    CardsOverdue,
    /// 透支超过60天的准贷记卡账户
    CardsOverdrawn,
    /// 从未逾期过的贷记卡及透支未超过60天的准贷记卡账户
    CardsOther,
    HouseOverdue,
    HouseOther,
    LoansOverdue,
    LoansOther,
}

impl Group {
    pub const ALL: [Self; 7] = [
        Self::CardsOverdue,
        Self::CardsOverdrawn,
        Self::CardsOther,
        Self::HouseOverdue,
        Self::HouseOther,
        Self::LoansOverdue,
        Self::LoansOther,
    ];

    pub fn column(self) -> Column {
        match self {
            Self::CardsOverdue | Self::CardsOverdrawn | Self::CardsOther => Column::Cards,
            Self::HouseOverdue | Self::HouseOther => Column::HouseLoans,
            Self::LoansOverdue | Self::LoansOther => Column::OtherLoans,
        }
    }

    /// Whether accounts stand here because they were overdue.
    pub fn is_overdue(self) -> bool {
        !matches!(self, Self::CardsOther | Self::HouseOther | Self::LoansOther)
    }

    /// The words above the list.
    pub fn heading(self) -> &'static str {
        match self {
            Self::CardsOverdue => "发生过逾期的贷记卡账户明细如下：",
            Self::CardsOverdrawn => "透支超过60天的准贷记卡账户明细如下：",
            Self::CardsOther => "从未逾期过的贷记卡及透支未超过60天的准贷记卡账户明细如下：",
            Self::HouseOverdue | Self::LoansOverdue => "发生过逾期的账户明细如下：",
            Self::HouseOther | Self::LoansOther => "从未逾期过的账户明细如下：",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 贷记卡
    Card,
    /// 准贷记卡
    QuasiCard,
    Loan,
}

/// What has become of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    #[default]
    Open,
    /// 尚未激活
    Inactive,
    /// 已销户
    Closed,
    /// 已结清
    Settled,
    /// 已转出
    Transferred,
    /// 呆账
    BadDebt,
}

/// One account: a card or a loan.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub group: Group,
    /// As printed, white space joined.
    #[serde(deserialize_with = "field::text::<_, SENTENCE_MAX>")]
    pub text: String,
    pub kind: Kind,
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub bank: String,
    #[serde(with = "field::date")]
    pub opened: Option<Day>,
    /// `贷记卡`, `个人住房贷款`
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub product: String,
    /// `人民币`, `美元`
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub currency: String,
    /// 折合人民币: the limit is given in 人民币 for an account in another currency.
    pub is_converted: bool,
    /// 截至
    pub as_of: Option<Month>,
    /// The limit of a card, the amount of a loan.
    pub limit: Option<Fen>,
    /// 已使用额度; of a quasi-credit card 透支余额.
    pub used: Option<Fen>,
    /// 余额: what is left of a loan or of a bad debt.
    pub balance: Option<Fen>,
    /// 逾期金额: what is overdue now.
    pub overdue_amount: Option<Fen>,
    /// 到期; of a line of credit the end of 额度有效期.
    #[serde(with = "field::date")]
    pub due: Option<Day>,
    /// Of the last five years: months overdue, of a quasi-credit card overdrawn for over 60 days.
    pub overdue_months: u32,
    /// Of these, months beyond 90 days.
    pub overdue_90_months: u32,
    pub state: State,
    /// When it was closed, settled, transferred.
    pub ended: Option<Month>,
    /// 最近一次还款日期, of a bad debt.
    #[serde(with = "field::date")]
    pub last_paid: Option<Day>,
    /// 可循环使用: a line of credit.
    pub is_revolving: bool,
    /// 当前有逾期 or 当前无逾期, where the sentence says so.
    pub is_overdue_now: Option<bool>,
    /// Parts of the sentence that were not read.
    #[serde(deserialize_with = "field::rows::<_, _, PARTS_MAX>")]
    pub unread: Vec<String>,
}

impl Account {
    /// An account of which nothing but its beginning is told, and that in 人民币.
    pub fn new(kind: Kind, bank: &str, product: &str, opened: Day) -> Self {
        Self {
            group: if kind == Kind::Loan { Group::LoansOther } else { Group::CardsOther },
            text: String::new(),
            kind,
            bank: bank.to_owned(),
            opened: Some(opened),
            product: product.to_owned(),
            currency: "人民币".to_owned(),
            is_converted: false,
            as_of: None,
            limit: None,
            used: None,
            balance: None,
            overdue_amount: None,
            due: None,
            overdue_months: 0,
            overdue_90_months: 0,
            state: State::Open,
            ended: None,
            last_paid: None,
            is_revolving: false,
            is_overdue_now: None,
            unread: Vec::new(),
        }
    }

    /// 未结清/未销户. A card that was never activated is one of these; a bad debt too.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open | State::Inactive | State::BadDebt)
    }

    /// 发生过逾期.
    pub fn was_overdue(&self) -> bool {
        self.group.is_overdue() || self.overdue_months > 0 || self.is_overdue_now()
    }

    /// 发生过90天以上逾期. A bad debt is one, whatever the sentence says of months.
    pub fn was_overdue_90(&self) -> bool {
        self.overdue_90_months > 0 || self.state == State::BadDebt
    }

    pub fn is_overdue_now(&self) -> bool {
        let owes = self.overdue_amount.is_some_and(|amount| amount.0 > 0);
        owes || self.is_overdue_now == Some(true) || self.state == State::BadDebt
    }
}

/// A look at the record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// 编号, as printed.
    #[serde(deserialize_with = "field::text::<_, 16>")]
    pub number: String,
    /// 查询日期, as printed.
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub date: String,
    /// The same as a day; `None` when it is none.
    #[serde(with = "field::date")]
    pub day: Option<Day>,
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub operator: String,
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub reason: String,
}

/// Text of the page that could not be read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unread {
    /// The heading under which it stands.
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub place: String,
    #[serde(deserialize_with = "field::text::<_, SENTENCE_MAX>")]
    pub text: String,
}

opaque!(CreditRecord, Head, Account, Query, Unread);
