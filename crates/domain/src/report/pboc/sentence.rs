//! The sentences of the 简版 report: a beginning (day, bank, what was given), then clauses, each of
//! which one row of a table reads. Wordings are those of document 002 (sample of `viewReport`) and
//! of the reports of 2012 to 2020 as public parsers of them describe.

mod clauses;
mod cursor;

use cursor::Cursor;

use super::{Account, CELL_MAX, Column, Group, Guarantee, Guaranteed, Kind, PARTS_MAX};

/// Reads the sentence of an account; nothing when its beginning cannot be read, or tells of another
/// kind than stands in the list.
pub fn account(group: Group, text: &str) -> Option<Account> {
    let plain = cursor::plain(text);
    let mut rest = Cursor::after_number(&plain)?;
    let mut account = beginning(group, text, &mut rest)?;
    let fits = (group.column() == Column::Cards) == (account.kind != Kind::Loan);
    let names = [&account.bank, &account.product, &account.currency];
    if !fits || names.into_iter().any(|name| !is_name(name)) {
        return None;
    }
    account.unread = clauses::read(&clauses::ACCOUNT, rest.text(), &mut account);
    (account.unread.len() <= PARTS_MAX).then_some(account)
}

/// Reads the sentence of a guarantee; nothing when its beginning cannot be read.
pub fn guarantee(text: &str) -> Option<Guarantee> {
    let plain = cursor::plain(text);
    let mut rest = Cursor::after_number(&plain)?;
    let day = rest.day()?;
    rest.skip("，");
    rest.take("为")?;
    let name = rest.until("（证件类型：")?;
    let id_type = rest.until("，证件号码：")?;
    let id_number = rest.until("）在")?;
    let bank = rest.until("办理的")?;
    let product = rest.until("提供担保")?;
    let is_card = ["信用卡", "贷记卡"].iter().any(|word| product.contains(word));
    if ![name, id_type, id_number, bank, product].into_iter().all(is_name) {
        return None;
    }
    let mut guarantee = Guarantee {
        text: text.to_owned(),
        day: Some(day),
        name: name.to_owned(),
        id_type: id_type.to_owned(),
        id_number: id_number.to_owned(),
        bank: bank.to_owned(),
        product: product.to_owned(),
        guaranteed: if is_card { Guaranteed::Card } else { Guaranteed::Loan },
        contract: None,
        amount: None,
        as_of: None,
        balance: None,
        unread: Vec::new(),
    };
    guarantee.unread = clauses::read(&clauses::GUARANTEE, rest.text(), &mut guarantee);
    (guarantee.unread.len() <= PARTS_MAX).then_some(guarantee)
}

/// Day, bank and what was given: a card (`贷记卡（人民币账户）`), a loan (`20,000元（人民币）…贷款`)
/// or a line of credit (`为…贷款授信`).
fn beginning(group: Group, text: &str, rest: &mut Cursor<'_>) -> Option<Account> {
    let opened = rest.day()?;
    let mut account = Account::new(Kind::Loan, "", "", opened);
    (account.group, account.text) = (group, text.to_owned());
    let Some(bank) = rest.until("发放的") else {
        let given = rest.until("授信")?;
        let (bank, product) = given.rsplit_once('为')?;
        (account.bank, account.product) = (bank.to_owned(), product.to_owned());
        return Some(account);
    };
    bank.clone_into(&mut account.bank);
    let is_quasi = rest.skip("准");
    if rest.skip("贷记卡（") {
        account.kind = if is_quasi { Kind::QuasiCard } else { Kind::Card };
        (if is_quasi { "准贷记卡" } else { "贷记卡" }).clone_into(&mut account.product);
        // A later report also tells the last digits: （人民币账户，卡片尾号：0000）.
        let (currency, after) = rest.until("）")?.split_once("账户")?;
        let is_plain = after.is_empty() || after.starts_with("，卡片尾号：");
        currency.clone_into(&mut account.currency);
        return (is_plain && !currency.is_empty()).then_some(account);
    }
    account.limit = Some(rest.money()?);
    rest.skip("元");
    rest.take("（")?;
    let currency = rest.until("）")?;
    let converted = currency.strip_suffix("折人民币").or(currency.strip_suffix("折合人民币"));
    account.is_converted = converted.is_some();
    converted.unwrap_or(currency).clone_into(&mut account.currency);
    rest.clause().clone_into(&mut account.product);
    Some(account)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= CELL_MAX
}
