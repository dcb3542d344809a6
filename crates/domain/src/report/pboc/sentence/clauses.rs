//! The clauses behind a sentence's beginning: each row is a wording and what it says.

use Piece::{Count, Date, Lit, Money, Months};

use super::super::{Account, Guarantee, State};
use super::cursor::{Cursor, SEPARATORS};
use crate::dataset::{Fen, Month};
use crate::time::Day;

/// A part of a wording.
#[derive(Clone, Copy)]
pub(super) enum Piece {
    Lit(&'static str),
    Money,
    /// A number of months.
    Count,
    /// `2015年11月`
    Months,
    /// `2015年11月3日`
    Date,
}

/// What stood in the places of a wording.
#[derive(Default)]
pub(super) struct Read {
    money: Option<Fen>,
    count: u32,
    month: Option<Month>,
    day: Option<Day>,
}

/// A wording and what it says of a `T`.
pub(super) type Clause<T> = (&'static [Piece], fn(&mut T, &Read));

/// Reads clauses into `into`; those that no row reads are given back.
pub(super) fn read<T>(table: &[Clause<T>], clauses: &str, into: &mut T) -> Vec<String> {
    let parts = clauses.split(SEPARATORS).filter(|clause| !clause.is_empty());
    let mut unread = Vec::new();
    for clause in parts {
        let row = table.iter().find_map(|(wording, say)| Some((matched(wording, clause)?, say)));
        match row {
            Some((read, say)) => say(into, &read),
            None => unread.push(clause.to_owned()),
        }
    }
    unread
}

/// The places of a wording that is this clause, all of it.
fn matched(wording: &[Piece], clause: &str) -> Option<Read> {
    let mut rest = Cursor::new(clause);
    let mut read = Read::default();
    for piece in wording {
        match piece {
            Lit(word) => rest.take(word)?,
            Money => read.money = Some(rest.money()?),
            Count => read.count = rest.count()?,
            Months => read.month = Some(rest.month()?),
            Date => read.day = Some(rest.day()?),
        }
    }
    rest.text().is_empty().then_some(read)
}

/// An account is over: closed, settled, transferred.
fn end(account: &mut Account, state: State, read: &Read) {
    account.state = state;
    account.ended = read.month;
}

fn converted(account: &mut Account, read: &Read) {
    account.limit = read.money;
    account.is_converted = true;
}

pub(super) const ACCOUNT: [Clause<Account>; 46] = [
    (&[Lit("截至"), Months], |a, r| a.as_of = r.month),
    (&[Lit("截至"), Date], |a, r| a.as_of = r.day.map(Month::of)),
    (&[Lit("信用额度"), Money], |a, r| a.limit = r.money),
    (&[Lit("信用额度"), Money, Lit("元")], |a, r| a.limit = r.money),
    (&[Lit("信用额度"), Money, Lit("元（人民币）")], |a, r| a.limit = r.money),
    (&[Lit("信用额度折合人民币"), Money], converted),
    (&[Lit("信用额度折合人民币"), Money, Lit("元")], converted),
    (&[Lit("已使用额度"), Money], |a, r| a.used = r.money),
    (&[Lit("已使用额度"), Money, Lit("元")], |a, r| a.used = r.money),
    (&[Lit("已使用额度折合人民币"), Money], |a, r| a.used = r.money),
    (&[Lit("透支余额"), Money], |a, r| a.used = r.money),
    (&[Lit("透支余额"), Money, Lit("元")], |a, r| a.used = r.money),
    (&[Lit("透支余额折合人民币"), Money], |a, r| a.used = r.money),
    (&[Lit("透支额度"), Money], |a, r| a.used = r.money),
    (&[Lit("余额"), Money], |a, r| a.balance = r.money),
    (&[Lit("余额"), Money, Lit("元")], |a, r| a.balance = r.money),
    (&[Lit("余额为"), Money], |a, r| a.balance = r.money),
    (&[Lit("余额为"), Money, Lit("元")], |a, r| a.balance = r.money),
    (&[Lit("余额折合人民币"), Money], |a, r| a.balance = r.money),
    (&[Lit("逾期金额"), Money], |a, r| a.overdue_amount = r.money),
    (&[Lit("逾期金额"), Money, Lit("元")], |a, r| a.overdue_amount = r.money),
    (&[Lit("逾期金额为"), Money], |a, r| a.overdue_amount = r.money),
    (&[Lit("尚未激活")], |a, _| a.state = State::Inactive),
    (&[Lit("截至"), Months, Lit("已销户")], |a, r| end(a, State::Closed, r)),
    (&[Months, Lit("已销户")], |a, r| end(a, State::Closed, r)),
    (&[Months, Lit("销户")], |a, r| end(a, State::Closed, r)),
    (&[Months, Lit("已结清")], |a, r| end(a, State::Settled, r)),
    (&[Lit("已于"), Months, Lit("结清")], |a, r| end(a, State::Settled, r)),
    (&[Months, Lit("结清")], |a, r| end(a, State::Settled, r)),
    (&[Months, Lit("已转出")], |a, r| end(a, State::Transferred, r)),
    (&[Months, Lit("转出")], |a, r| end(a, State::Transferred, r)),
    (&[Lit("截至"), Months, Lit("已变成呆账")], |a, r| {
        (a.state, a.as_of) = (State::BadDebt, r.month);
    }),
    (&[Lit("已变成呆账")], |a, _| a.state = State::BadDebt),
    (&[Lit("最近一次还款日期为"), Date], |a, r| a.last_paid = r.day),
    (&[Date, Lit("到期")], |a, r| a.due = r.day),
    (&[Lit("额度有效期至"), Date], |a, r| a.due = r.day),
    (&[Lit("可循环使用")], |a, _| a.is_revolving = true),
    (&[Lit("最近5年内有"), Count, Lit("个月处于逾期状态")], |a, r| {
        a.overdue_months = r.count;
    }),
    (&[Lit("最近5年内有"), Count, Lit("个月透支超过60天")], |a, r| {
        a.overdue_months = r.count;
    }),
    (&[Lit("最近5年内有"), Count, Lit("个月透支超出60天")], |a, r| {
        a.overdue_months = r.count;
    }),
    (&[Lit("其中"), Count, Lit("个月逾期超过90天")], |a, r| a.overdue_90_months = r.count),
    (&[Lit("其中"), Count, Lit("个月透支超过90天")], |a, r| a.overdue_90_months = r.count),
    (&[Lit("没有发生过90天以上逾期")], |a, _| a.overdue_90_months = 0),
    (&[Lit("没有发生过90天以上透支")], |a, _| a.overdue_90_months = 0),
    (&[Lit("当前无逾期")], |a, _| a.is_overdue_now = Some(false)),
    (&[Lit("当前有逾期")], |a, _| a.is_overdue_now = Some(true)),
];

pub(super) const GUARANTEE: [Clause<Guarantee>; 7] = [
    (&[Lit("担保贷款合同金额"), Money], |g, r| g.contract = r.money),
    (&[Lit("担保信用卡授信额度"), Money], |g, r| g.contract = r.money),
    (&[Lit("担保金额"), Money], |g, r| g.amount = r.money),
    (&[Lit("截至"), Date], |g, r| g.as_of = r.day),
    (&[Lit("担保贷款本金余额"), Money], |g, r| g.balance = r.money),
    (&[Lit("担保贷款余额"), Money], |g, r| g.balance = r.money),
    (&[Lit("担保信用卡已用额度"), Money], |g, r| g.balance = r.money),
];
