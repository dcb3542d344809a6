//! Sentences that no generator of ours made, against what a person reads in them: those of document
//! 002 (with the blanks that its print has) and the wordings that public parsers of the 简版 report
//! expect, with banks, days and amounts of our own.

use std::fmt::Write as _;

use super::super::*;
use crate::dataset::Fen;

/// What was read, in the order of the sentence; what is not told is left out.
fn shown(account: &Account) -> String {
    let kind = match account.kind {
        Kind::Card => "card",
        Kind::QuasiCard => "quasi",
        Kind::Loan => "loan",
    };
    let opened = account.opened.map(|day| day.to_string()).unwrap_or_default();
    let mut text =
        format!("{kind} {opened} {} {} {}", account.bank, account.product, account.currency);
    let mut tell = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(text, " {name}={value}").expect("a text");
        }
    };
    let yuan = |amount: Option<Fen>| amount.map(|amount| amount.to_string());
    let months = |count: u32| (count > 0).then(|| count.to_string());
    tell("converted", account.is_converted.then(|| "yes".to_owned()));
    tell("due", account.due.map(|day| day.to_string()));
    tell("as_of", account.as_of.map(|month| month.to_string()));
    tell("limit", yuan(account.limit));
    tell("used", yuan(account.used));
    tell("balance", yuan(account.balance));
    tell("overdue", yuan(account.overdue_amount));
    tell("months", months(account.overdue_months));
    tell("months90", months(account.overdue_90_months));
    tell("state", (account.state != State::Open).then(|| format!("{:?}", account.state)));
    tell("ended", account.ended.map(|month| month.to_string()));
    tell("paid", account.last_paid.map(|day| day.to_string()));
    tell("now", account.is_overdue_now.map(|is| is.to_string()));
    tell("revolving", account.is_revolving.then(|| "yes".to_owned()));
    tell("unread", (!account.unread.is_empty()).then(|| account.unread.join("|")));
    text
}

/// List, sentence, what it says.
const SENTENCES: &str = include_str!("../../../../fixtures/pboc/sentences.tsv");

#[test]
fn each_wording_is_read_as_a_person_reads_it() {
    for row in SENTENCES.lines().filter(|row| !row.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [list, sentence, expected] = columns[..] else { panic!("three columns: {row}") };
        let group = Group::ALL.into_iter().find(|group| format!("{group:?}") == list);
        let group = group.expect(list);
        let account = sentence::account(group, sentence).expect(sentence);
        assert_eq!(shown(&account), expected, "{sentence}");
        assert!(account.text == sentence && account.group == group);
    }
}

/// Their beginnings cannot be read, or tell of another kind than the list: they stay sentences.
#[test]
fn a_sentence_without_a_readable_beginning_is_no_account() {
    let long = "合".repeat(CELL_MAX + 1);
    let cards = [
        String::new(),
        "年".to_owned(),
        "没有发生过逾期。".to_owned(),
        "2015年2月30日合成银行发放的贷记卡（人民币账户）。".to_owned(),
        "昨天2015年2月3日合成银行发放的贷记卡（人民币账户）。".to_owned(),
        "2015年2月3日发放的贷记卡（人民币账户）。".to_owned(),
        "2015年2月3日合成银行发放的贷记卡（账户）。".to_owned(),
        "2015年2月3日合成银行发放的贷记卡（人民币账户别的）。".to_owned(),
        "2015年2月3日合成银行发放的借记卡（人民币账户）。".to_owned(),
        "2015年2月3日合成银行发放的20,000元（人民币）个人住房贷款。".to_owned(),
        format!("2015年2月3日{long}发放的贷记卡（人民币账户）。"),
        format!("2015年2月3日合成银行发放的贷记卡（人民币账户）。{}", "怪，".repeat(PARTS_MAX + 1)),
    ];
    for sentence in cards {
        assert!(sentence::account(Group::CardsOther, &sentence).is_none(), "{sentence}");
    }
    for group in [Group::HouseOther, Group::LoansOverdue] {
        let card = "2012年3月5日合成银行发放的贷记卡（人民币账户）。";
        assert!(sentence::account(group, card).is_none());
    }
}

#[test]
fn guarantees_tell_for_whom_and_how_much() {
    let table = include_str!("../../../../fixtures/pboc/guarantees.tsv");
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [column, text, expected] = columns[..] else { panic!("three columns: {row}") };
        let one = sentence::guarantee(text).expect(text);
        let day = |day: Option<crate::time::Day>| day.map(|d| d.to_string()).unwrap_or_default();
        let yuan = |yuan: Option<Fen>| yuan.map(|y| y.to_string()).unwrap_or_default();
        let shown = [
            &day(one.day),
            &one.name,
            &one.id_type,
            &one.id_number,
            &one.bank,
            &one.product,
            &yuan(one.contract),
            &yuan(one.amount),
            &day(one.as_of),
            &yuan(one.balance),
            &one.unread.join("|"),
        ];
        assert_eq!(shown.map(String::as_str).join(" ").trim_end(), expected);
        assert_eq!((format!("{:?}", one.column()).as_str(), one.text.as_str()), (column, text));
    }
    assert!(sentence::guarantee("2009年3月2日，为合成某在合成银行办理的贷款提供担保。").is_none());
}
