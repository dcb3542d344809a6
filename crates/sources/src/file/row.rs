//! One line of a table: a transaction, a row that moved no money, or one that cannot be read.

use domain::dataset::ebank::BILLS_MAX;
use domain::dataset::{Fen, Month};
use domain::file::{AsideReason, Layout};
use domain::load::Fault;
use domain::time::{Day, Timestamp};

use super::layout::{Column, Header};
use super::value;

/// Words in a status that say that no money moved.
const NOT_PAID: [&str; 10] = [
    "交易关闭",
    "已关闭",
    "已撤销",
    "已取消",
    "失败",
    "等待付款",
    "待支付",
    "冻结成功",
    "解冻成功",
    "已过期",
];
/// Words of movements that are neither income nor spending: into the account, and out of it. The
/// first that is found counts, so the longer ones stand first.
const MOVES: [(&str, bool); 21] = [
    ("转入零钱通", false),
    ("零钱通转出", true),
    ("转出到余额", true),
    ("转入到余额宝", false),
    ("余额宝-转入", false),
    ("余额宝-转出", true),
    ("卖出", true),
    ("赎回", true),
    ("收益", true),
    ("退款", true),
    ("退回", true),
    ("充值", true),
    ("提现", false),
    ("还款", false),
    ("买入", false),
    ("申购", false),
    ("购买", false),
    ("转入", false),
    ("转存", false),
    ("转出", true),
    ("存入", false),
];
const RENMINBI: [&str; 7] = ["人民币", "人民币元", "CNY", "RMB", "156", "01", ""];

/// Which way the money went, as the file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    In,
    Out,
    /// Between the person's own accounts, or given back: neither income nor spending.
    Neutral,
}

/// A transaction.
pub(super) struct Entry {
    pub(super) line: u64,
    pub(super) at: Timestamp,
    pub(super) side: Side,
    /// Positive when it came in.
    pub(super) amount: Fen,
    pub(super) balance: Option<Fen>,
    cells: Vec<String>,
}

/// What a line of the table is.
pub(super) enum Row {
    Taken(Box<Entry>),
    Aside(AsideReason),
}

/// A line with the names of its columns.
struct Cells<'l> {
    header: &'l Header,
    cells: &'l [String],
}

/// How a row counts in the totals that a file states: its side and what it printed.
pub(super) type Counted = Option<(Side, Fen)>;

/// Reads a line.
///
/// Errors: the column that is wrong, and what it must be.
pub(super) fn read(
    header: &Header,
    cells: &[String],
    line: u64,
    today: Day,
) -> Result<(Row, Counted), Fault> {
    let used = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1);
    if used > header.cells {
        return Err(Fault::new("", "has more cells than the header; a comma may stand in a text"));
    }
    if cells.len() < header.cells {
        return Err(Fault::new("", format!("has fewer cells than the header's {}", header.cells)));
    }
    let row = Cells { header, cells };
    let at = row.at(today)?;
    if !RENMINBI.contains(&row.get(Column::Currency).to_uppercase().as_str()) {
        return Err(row.fault(Column::Currency, "is not renminbi, which alone is read"));
    }
    let (side, printed) = row.side_and_amount()?;
    let counted = row.counted(side, printed);
    if row.is_unpaid() {
        return Ok((Row::Aside(AsideReason::NotPaid), counted));
    }
    let amount = match side {
        Side::In => printed,
        Side::Out => -printed,
        Side::Neutral => match row.moves_in() {
            Some(true) => printed,
            Some(false) => -printed,
            None => return Ok((Row::Aside(AsideReason::NoDirection), counted)),
        },
    };
    let balance = row.amount(Column::Balance)?;
    let cells = cells.to_vec();
    let entry = Entry { line, at, side, amount, balance, cells };
    Ok((Row::Taken(Box::new(entry)), counted))
}

impl Entry {
    /// A cell; empty when there is no such column, or a stroke in its place.
    pub(super) fn get<'e>(&'e self, header: &'e Header, column: Column) -> &'e str {
        Cells { header, cells: &self.cells }.get(column)
    }
}

impl<'l> Cells<'l> {
    fn get(&self, column: Column) -> &'l str {
        let cell = self.header.place(column).and_then(|at| self.cells.get(at));
        cell.map(String::as_str).filter(|cell| !["/", "-", "--"].contains(cell)).unwrap_or_default()
    }

    fn fault(&self, column: Column, reason: &str) -> Fault {
        Fault::new(self.header.name(column), reason)
    }

    fn at(&self, today: Day) -> Result<Timestamp, Fault> {
        let (moment, day) = (self.get(Column::Moment), self.get(Column::Day));
        let column = if day.is_empty() { Column::Moment } else { Column::Day };
        let fault = |reason: &str| self.fault(column, reason);
        let (day, seconds) = if let Some(whole) = value::day(moment) {
            whole
        } else {
            let (day, seconds) =
                value::day(day).ok_or_else(|| fault("is not a date such as 2024-01-05"))?;
            if !moment.is_empty() && value::clock(moment).is_none() {
                return Err(self.fault(Column::Moment, "is not a time such as 10:20:30"));
            }
            (day, seconds.or_else(|| value::clock(moment)))
        };
        if day > today {
            return Err(fault("lies in the future"));
        }
        if Month::of(day).plus(BILLS_MAX as i32) <= Month::of(today) {
            return Err(fault("is more than ten years ago"));
        }
        Ok(value::moment(day, seconds.unwrap_or_default()))
    }

    fn amount(&self, column: Column) -> Result<Option<Fen>, Fault> {
        let read = value::amount(self.get(column));
        read.map_err(|()| self.fault(column, "is not an amount with at most two decimals"))
    }

    /// Which way the money went, and how much; never negative but for a reversal.
    fn side_and_amount(&self) -> Result<(Side, Fen), Fault> {
        if !self.header.has(Column::Amount) || !self.get(Column::Income).is_empty() {
            return self.two_columns();
        }
        if self.header.has(Column::Spending) && !self.get(Column::Spending).is_empty() {
            return self.two_columns();
        }
        let amount = self.amount(Column::Amount)?;
        let amount = amount.ok_or_else(|| self.fault(Column::Amount, "is empty"))?;
        if !self.header.has(Column::Direction) {
            return Ok(if amount.0 < 0 { (Side::Out, -amount) } else { (Side::In, amount) });
        }
        let side = self.direction()?;
        let is_printed_signed = amount.0 < 0 && side == Side::Out;
        Ok((side, if is_printed_signed { -amount } else { amount }))
    }

    /// Income and spending in columns of their own.
    fn two_columns(&self) -> Result<(Side, Fen), Fault> {
        let some = |amount: Option<Fen>| amount.filter(|amount| amount.0 != 0);
        let income = some(self.amount(Column::Income)?);
        match (income, some(self.amount(Column::Spending)?)) {
            (Some(income), None) => Ok((Side::In, income)),
            // Some banks print what goes out with its sign.
            (None, Some(spending)) => Ok((Side::Out, Fen(spending.0.abs()))),
            (None, None) => Err(self.fault(Column::Income, "is empty, and so is the spending")),
            (Some(_), Some(_)) => Err(self.fault(Column::Income, "stands beside a spending")),
        }
    }

    /// The account is a person's at a bank: credit (贷) is what comes in.
    fn direction(&self) -> Result<Side, Fault> {
        let at = self.header.place(Column::Direction).and_then(|at| self.cells.get(at));
        let text = at.map_or("", String::as_str);
        let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
        // Rows that moved no money may say nothing.
        if text.is_empty() || begins(&["不计收支", "/", "中性", "其他"]) {
            Ok(Side::Neutral)
        } else if begins(&["收", "贷", "入", "存", "转入", "C", "+"]) {
            Ok(Side::In)
        } else if begins(&["支", "借", "出", "取", "转出", "D", "-"]) {
            Ok(Side::Out)
        } else {
            Err(self.fault(Column::Direction, "must say income (收入, 贷) or spending (支出, 借)"))
        }
    }

    fn is_unpaid(&self) -> bool {
        let status = self.get(Column::Status);
        NOT_PAID.iter().any(|word| status.contains(word))
    }

    /// For a neutral row: whether the money came into the account, if the row says so.
    fn moves_in(&self) -> Option<bool> {
        let texts = [Column::Category, Column::Text, Column::Status, Column::Remark];
        let texts = texts.map(|column| self.get(column));
        let found = |(word, _): &&(&str, bool)| texts.iter().any(|text| text.contains(word));
        MOVES.iter().find(found).map(|(_, is_in)| *is_in)
    }

    /// Alipay's site counts what became of the money, the others what they print as direction.
    fn counted(&self, side: Side, printed: Fen) -> Counted {
        if self.header.layout != Layout::AlipayWeb {
            return Some((side, printed));
        }
        match self.get(Column::Fund) {
            "已收入" => Some((Side::In, printed)),
            "已支出" => Some((Side::Out, printed)),
            _ => None,
        }
    }
}
