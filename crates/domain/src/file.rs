//! A file that the person hands in (本人提交的账单): what kinds there are, and what was read of one.
//! What cannot be read is counted and named by its line; a line's content is never repeated.

use serde::{Deserialize, Serialize};

use crate::dataset::opaque;
use crate::time::Day;

/// Bytes of one file. A year of a busy account has a tenth of it.
pub const BYTES_MAX: usize = 8 << 20;
/// Lines of one file.
pub const LINES_MAX: usize = 60_000;
/// Lines of one sort that are listed; the rest are counted.
pub const LISTED_MAX: usize = 100;

/// What a file is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A bank's list of an account's movements (银行流水).
    BankStatement,
    /// Alipay's bill (支付宝账单).
    Alipay,
    /// WeChat Pay's bill (微信支付账单).
    Wechat,
}

impl FileKind {
    pub const ALL: [Self; 3] = [Self::BankStatement, Self::Alipay, Self::Wechat];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::BankStatement => "bank-statement",
            Self::Alipay => "alipay",
            Self::Wechat => "wechat",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The published layout that a file turned out to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// 支付宝交易记录明细查询, from the site.
    AlipayWeb,
    /// 支付宝…电子客户回单, from the app.
    AlipayReceipt,
    /// 微信支付账单明细.
    Wechat,
    /// A table whose columns are known by their names.
    Bank,
}

impl Layout {
    /// The kind of file that has it.
    pub fn kind(self) -> FileKind {
        match self {
            Self::AlipayWeb | Self::AlipayReceipt => FileKind::Alipay,
            Self::Wechat => FileKind::Wechat,
            Self::Bank => FileKind::BankStatement,
        }
    }
}

/// How a file's text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    #[serde(rename = "utf-8")]
    Utf8,
    /// GBK and what it grew to, GB 18030.
    Gbk,
}

/// What was read of a file. C2: the totals are the person's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSummary {
    pub kind: FileKind,
    pub layout: Layout,
    pub encoding: Encoding,
    /// Lines of the table: `taken`, `bad_count` and all that was set aside together.
    pub rows: u64,
    /// Rows that are transactions of the dataset.
    pub taken: u64,
    pub bad_count: u64,
    /// The first [`LISTED_MAX`] lines that could not be read.
    pub bad: Vec<BadLine>,
    pub set_aside: Vec<Aside>,
    /// Where the file contradicts itself or what was said of it.
    pub disagreements: Vec<Disagreement>,
    /// The first and the last day with a transaction.
    pub days: Option<(Day, Day)>,
}

/// A line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// Of the file, from 1.
    pub line: u64,
    /// The column as the file calls it; empty: the line as a whole.
    pub field: String,
    pub message: String,
}

/// Rows that were understood and are no transaction of the dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    pub reason: AsideReason,
    pub count: u64,
    /// The first [`LISTED_MAX`] of them.
    pub lines: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsideReason {
    /// No money moved: closed, failed, frozen, not paid yet.
    NotPaid,
    /// Neither income nor spending, and the file does not say which way the money went.
    NoDirection,
}

/// The file says one thing and its rows, or the merchant, another.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    pub what: Disputed,
    /// Where, when it is one line.
    pub line: Option<u64>,
    pub stated: String,
    pub found: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disputed {
    /// How many rows there are.
    Rows,
    IncomeCount,
    IncomeSum,
    SpendingCount,
    SpendingSum,
    NeutralCount,
    NeutralSum,
    /// The balance of a line is not the one before it and the line's amount.
    Balance,
    /// Whose file it is.
    Holder,
}

opaque!(FileSummary, Disagreement);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_it_is_written() {
        for kind in FileKind::ALL {
            assert_eq!(FileKind::parse(kind.as_str()), Some(kind));
            let json = serde_json::to_string(&kind).expect("plain data");
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
        assert_eq!(FileKind::parse("paypal"), None);
    }
}
