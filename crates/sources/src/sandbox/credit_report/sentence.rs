//! Typed accounts as the sentences of the 简版 report.

use std::fmt::Write as _;

use domain::dataset::credit::{Account, Guarantee, Guaranteed, Kind, State};
use domain::dataset::{Fen, Month};
use domain::time::Day;

/// The sentence of an account, whose own text is not looked at. What a sentence of its kind and
/// state does not tell is left out.
pub fn of_account(account: &Account) -> String {
    let mut text = format!("{}{}", day(account.opened), account.bank);
    match account.kind {
        Kind::Loan if account.is_revolving => credit_line(account, &mut text),
        Kind::Loan => loan(account, &mut text),
        Kind::Card | Kind::QuasiCard => card(account, &mut text),
    }
    text
}

pub fn of_guarantee(guarantee: &Guarantee) -> String {
    let (contract, balance) = match guarantee.guaranteed {
        Guaranteed::Loan => ("担保贷款合同金额", "担保贷款本金余额"),
        Guaranteed::Card => ("担保信用卡授信额度", "担保信用卡已用额度"),
    };
    format!(
        "{}，为{}（证件类型：{}，证件号码：{}）在{}办理的{}提供担保，{contract}{}，担保金额{}。\
         截至{}，{balance}{}。",
        day(guarantee.day),
        guarantee.name,
        guarantee.id_type,
        guarantee.id_number,
        guarantee.bank,
        guarantee.product,
        yuan(guarantee.contract),
        yuan(guarantee.amount),
        day(guarantee.as_of),
        yuan(guarantee.balance),
    )
}

fn card(account: &Account, text: &mut String) {
    _ = write!(text, "发放的{}（{}账户）", account.product, account.currency);
    if account.state == State::Closed {
        _ = write!(text, "，截至{}已销户。", month(account.ended));
        return overdue(account, text);
    }
    // The platform itself prints an ASCII comma before a converted limit.
    let limit =
        if account.is_converted { ",信用额度折合人民币" } else { "，信用额度" };
    _ = write!(text, "。截至{}{limit}{}", month(account.as_of), yuan(account.limit));
    match account.state {
        State::Inactive => text.push_str("，尚未激活"),
        State::BadDebt => _ = write!(text, "，已变成呆账，余额{}", yuan(account.balance)),
        _ => {
            let used = if account.kind == Kind::Card { "已使用额度" } else { "透支余额" };
            _ = write!(text, "，{used}{}", yuan(account.used));
        }
    }
    overdue_amount(account, text);
    text.push('。');
    overdue(account, text);
}

fn loan(account: &Account, text: &mut String) {
    let converted = if account.is_converted { "折人民币" } else { "" };
    let (currency, product) = (&account.currency, &account.product);
    _ = write!(text, "发放的{}元（{currency}{converted}）{product}，", yuan(account.limit));
    if account.state == State::Settled {
        _ = write!(text, "{}已结清。", month(account.ended));
        return overdue(account, text);
    }
    _ = write!(text, "{}到期。", day(account.due));
    if account.state == State::BadDebt {
        let (paid, balance) = (day(account.last_paid), yuan(account.balance));
        _ = write!(text, "已变成呆账，最近一次还款日期为{paid}，余额为{balance}元");
    } else {
        _ = write!(text, "截至{}，余额{}", month(account.as_of), yuan(account.balance));
        overdue_amount(account, text);
    }
    text.push('。');
    overdue(account, text);
    if account.state == State::Transferred {
        _ = write!(text, "{}已转出。", month(account.ended));
    }
}

/// The form of later reports.
fn credit_line(account: &Account, text: &mut String) {
    let now =
        if account.is_overdue_now == Some(true) { "当前有逾期" } else { "当前无逾期" };
    _ = write!(
        text,
        "为{}授信，额度有效期至{}，可循环使用。截至{}，信用额度{}元（人民币），余额为{}，{now}。",
        account.product,
        day(account.due),
        month(account.as_of),
        yuan(account.limit),
        yuan(account.balance),
    );
    overdue(account, text);
}

fn overdue_amount(account: &Account, text: &mut String) {
    if account.overdue_amount.is_some() {
        _ = write!(text, "，逾期金额{}", yuan(account.overdue_amount));
    }
}

fn overdue(account: &Account, text: &mut String) {
    let (months, beyond) = (account.overdue_months, account.overdue_90_months);
    if months == 0 {
        return;
    }
    let is_quasi = account.kind == Kind::QuasiCard;
    let word = if is_quasi { "透支" } else { "逾期" };
    let was = if is_quasi { "透支超过60天" } else { "处于逾期状态" };
    _ = write!(text, "最近5年内有{months}个月{was}，");
    _ = match beyond {
        0 => write!(text, "没有发生过90天以上{word}。"),
        _ => write!(text, "其中{beyond}个月{word}超过90天。"),
    };
}

fn day(day: Option<Day>) -> String {
    let (year, month, date) = day.unwrap_or(Day(0)).civil();
    format!("{year}年{month}月{date}日")
}

fn month(month: Option<Month>) -> String {
    let (year, month, _) = month.map_or(Day(0), Month::first_day).civil();
    format!("{year}年{month}月")
}

/// `20,000`, `1,250.50`
fn yuan(amount: Option<Fen>) -> String {
    let fen = amount.unwrap_or_default().0.unsigned_abs();
    let whole = (fen / 100).to_string();
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fen.is_multiple_of(100) {
        _ = write!(text, ".{:02}", fen % 100);
    }
    text
}
