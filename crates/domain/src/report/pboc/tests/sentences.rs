//! Sentences that no generator of ours made, against what a person reads in them: those of document
//! 002 (with the blanks that its print has) and the wordings that public parsers of the 简版 report
//! expect, with banks, days and amounts of our own.

use std::fmt::Write as _;

use super::super::*;

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
    let yuan = |amount: Option<crate::dataset::Fen>| amount.map(|amount| amount.to_string());
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

#[rustfmt::skip]
const SAMPLE: [(Group, &str, &str); 7] = [
    (Group::CardsOther, "2007 年 8 月 24 日招商银行发放的贷记卡（美元账户）。截至 2015 年 5 月,信用额度折合人民币 23,000，已使用额度 0。",
     "card 2007-08-24 招商银行 贷记卡 美元 converted=yes as_of=2015-05 limit=23000.00 used=0.00"),
    (Group::CardsOther, "2008 年 11 月 7 日招商银行发放的贷记卡（美元账户），截至 2011 年 12 月已销户。",
     "card 2008-11-07 招商银行 贷记卡 美元 state=Closed ended=2011-12"),
    (Group::CardsOther, "2008 年 11 月 7 日招商银行发放的贷记卡（人民币账户），截至 2011 年 12 月已销户。",
     "card 2008-11-07 招商银行 贷记卡 人民币 state=Closed ended=2011-12"),
    (Group::CardsOther, "2012 年 11 月 9 日华夏银行发放的贷记卡（人民币账户）。截至 2015 年 6 月，信用额度 20,000，尚未激活。",
     "card 2012-11-09 华夏银行 贷记卡 人民币 as_of=2015-06 limit=20000.00 state=Inactive"),
    (Group::CardsOther, "2010 年 6 月 24 日中国工商银行北京市分行发放的贷记卡（人民币账户）。截至 2010 年 8 月，信用额度 600，尚未激活。",
     "card 2010-06-24 中国工商银行北京市分行 贷记卡 人民币 as_of=2010-08 limit=600.00 state=Inactive"),
    (Group::CardsOverdue, "2012 年 11 月 9 日华夏银行发放的贷记卡（人民币账户）。截至 2015 年 6 月，信用额度 20,000，已使用额度 0。最近 5 年内有 8 个月处于逾期状态，没有发生过 90 天以上逾期。",
     "card 2012-11-09 华夏银行 贷记卡 人民币 as_of=2015-06 limit=20000.00 used=0.00 months=8"),
    (Group::CardsOverdue, "2007 年 8 月 24 日招商银行发放的贷记卡（人民币账户）。截至 2015 年 5 月，信用额度 23,000，已使用额度 3,152。最近 5 年内有 5 个月处于逾期状态，没有发生过 90 天以上逾期。",
     "card 2007-08-24 招商银行 贷记卡 人民币 as_of=2015-05 limit=23000.00 used=3152.00 months=5"),
];

#[rustfmt::skip]
const WORDINGS: [(Group, &str, &str); 26] = [
    (Group::CardsOverdue, "2012年3月5日合成银行发放的贷记卡（人民币账户）。截至2015年11月，信用额度20,000，已使用额度3,000。最近5年内有2个月处于逾期状态，没有发生过90天以上逾期。",
     "card 2012-03-05 合成银行 贷记卡 人民币 as_of=2015-11 limit=20000.00 used=3000.00 months=2"),
    (Group::CardsOverdue, "1. 2007年11月20日合成银行合成省分行营业部发放的贷记卡（人民币账户）。截至2016年1月，信用额度2，已使用额度0，逾期金额1,234,567。最近5年内有5个月处于逾期状态，其中5个月逾期超过90天。",
     "card 2007-11-20 合成银行合成省分行营业部 贷记卡 人民币 as_of=2016-01 limit=2.00 used=0.00 overdue=1234567.00 months=5 months90=5"),
    (Group::CardsOverdue, "2009年7月8日合成银行发放的贷记卡（人民币账户）。截至2015年11月，信用额度5,000，已变成呆账，余额6,543。",
     "card 2009-07-08 合成银行 贷记卡 人民币 as_of=2015-11 limit=5000.00 balance=6543.00 state=BadDebt"),
    (Group::CardsOverdue, "2009年7月8日合成银行发放的贷记卡（人民币账户）。截至2015年11月已变成呆账，余额6,543。",
     "card 2009-07-08 合成银行 贷记卡 人民币 as_of=2015-11 balance=6543.00 state=BadDebt"),
    (Group::CardsOverdrawn, "2007年6月30日合成银行发放的准贷记卡（人民币账户）。截至2010年10月，信用额度10,000，透支余额5,000。最近5年内有6个月透支超过60天，其中3个月透支超过90天。",
     "quasi 2007-06-30 合成银行 准贷记卡 人民币 as_of=2010-10 limit=10000.00 used=5000.00 months=6 months90=3"),
    (Group::CardsOverdrawn, "2007年6月30日合成银行发放的准贷记卡（美元账户）。截至2010年10月,信用额度折合人民币10,000，透支余额5,000。最近5年内有6个月透支超过60天，没有发生过90天以上透支。",
     "quasi 2007-06-30 合成银行 准贷记卡 美元 converted=yes as_of=2010-10 limit=10000.00 used=5000.00 months=6"),
    (Group::CardsOverdrawn, "2013年10月31日合成银行合成市分行发放的准贷记卡（人民币账户），截至2016年5月已销户。最近5年内有7个月透支超过60天，其中6个月透支超过90天。",
     "quasi 2013-10-31 合成银行合成市分行 准贷记卡 人民币 months=7 months90=6 state=Closed ended=2016-05"),
    (Group::CardsOther, "2002年12月30日合成银行北京市分行发放的准贷记卡（人民币账户），截至2016年5月已销户。",
     "quasi 2002-12-30 合成银行北京市分行 准贷记卡 人民币 state=Closed ended=2016-05"),
    (Group::CardsOther, "2015年7月28日合成（中国）有限公司发放的贷记卡（美元账户）。截至2015年10月,信用额度折合人民币20,000，尚未激活。",
     "card 2015-07-28 合成（中国）有限公司 贷记卡 美元 converted=yes as_of=2015-10 limit=20000.00 state=Inactive"),
    (Group::CardsOther, "2017年10月27日合成银行发放的贷记卡（人民币账户，卡片尾号：0000）。截至2026年05月，信用额度10,000，已使用额度10,127。",
     "card 2017-10-27 合成银行 贷记卡 人民币 as_of=2026-05 limit=10000.00 used=10127.00"),
    (Group::CardsOther, "2018年03月02日合成银行发放的贷记卡（人民币账户），2020年12月销户。",
     "card 2018-03-02 合成银行 贷记卡 人民币 state=Closed ended=2020-12"),
    (Group::HouseOther, "2014年3月1日合成银行四川省分行营业部发放的440,000元（人民币）个人住房贷款,2034年3月1日到期.截至2016年2月，余额418,710.",
     "loan 2014-03-01 合成银行四川省分行营业部 个人住房贷款 人民币 due=2034-03-01 as_of=2016-02 limit=440000.00 balance=418710.00"),
    (Group::HouseOther, "2003年2月18日合成银行住房支行发放的80,000元（人民币）个人住房贷款，2006年9月已结清。",
     "loan 2003-02-18 合成银行住房支行 个人住房贷款 人民币 limit=80000.00 state=Settled ended=2006-09"),
    (Group::HouseOther, "2016年5月26日合成银行丹东市分行发放的520,000元（人民币）个人住房公积金贷款，2036年5月26日到期。截至2017年11月，余额500,000。",
     "loan 2016-05-26 合成银行丹东市分行 个人住房公积金贷款 人民币 due=2036-05-26 as_of=2017-11 limit=520000.00 balance=500000.00"),
    (Group::HouseOther, "2008年1月2日合成银行发放的300,000元（美元折人民币）个人商用房（包括商住两用）贷款，2028年1月2日到期。截至2015年11月，余额1。",
     "loan 2008-01-02 合成银行 个人商用房（包括商住两用）贷款 美元 converted=yes due=2028-01-02 as_of=2015-11 limit=300000.00 balance=1.00"),
    (Group::HouseOverdue, "2015年7月21日合成银行安徽合肥市分行发放的490,000元（人民币）个人住房贷款，2045年7月21日到期。截至2016年9月，余额481,693。最近5年内有1个月处于逾期状态，没有发生过90天以上逾期。2016年8月已转出",
     "loan 2015-07-21 合成银行安徽合肥市分行 个人住房贷款 人民币 due=2045-07-21 as_of=2016-09 limit=490000.00 balance=481693.00 months=1 state=Transferred ended=2016-08"),
    (Group::LoansOverdue, "2013年6月14日合成消费金融公司发放的35,630元（人民币）个人汽车贷款，2016年6月14日到期。截至2015年3月，余额20,000，逾期金额1,250.50。最近5年内有9个月处于逾期状态，其中4个月逾期超过90天。",
     "loan 2013-06-14 合成消费金融公司 个人汽车贷款 人民币 due=2016-06-14 as_of=2015-03 limit=35630.00 balance=20000.00 overdue=1250.50 months=9 months90=4"),
    (Group::LoansOverdue, "2005年10月20日合成银行北京分行发放的500,000元（人民币）个人经营性贷款，2020年10月20日到期。已变成呆账，最近一次还款日期为2010年11月5日，余额为150,000元。",
     "loan 2005-10-20 合成银行北京分行 个人经营性贷款 人民币 due=2020-10-20 limit=500000.00 balance=150000.00 state=BadDebt paid=2010-11-05"),
    (Group::LoansOverdue, "2010年1月1日合成银行发放的10,000元（人民币）农户贷款，2012年1月已结清。最近5年内有3个月处于逾期状态，没有发生过90天以上逾期。",
     "loan 2010-01-01 合成银行 农户贷款 人民币 limit=10000.00 months=3 state=Settled ended=2012-01"),
    (Group::LoansOther, "2007年11月12日合成银行发放的50,000元（人民币）农户贷款，2008年6月10日到期。已于2009年11月结清。",
     "loan 2007-11-12 合成银行 农户贷款 人民币 due=2008-06-10 limit=50000.00 state=Settled ended=2009-11"),
    (Group::LoansOther, "2025年02月19日合成消费金融公司为其他个人消费贷款授信，额度有效期至2026年09月22日，可循环使用。截至2026年05月，信用额度17,500元（人民币），余额为2,196，当前无逾期。",
     "loan 2025-02-19 合成消费金融公司 其他个人消费贷款 人民币 due=2026-09-22 as_of=2026-05 limit=17500.00 balance=2196.00 now=false revolving=yes"),
    (Group::LoansOther, "２０１７年８月２８日合成消费金融公司发放的5098元(人民币)个人消费贷款,2019年8月31日到期。截至2018年1月,余额4203。",
     "loan 2017-08-28 合成消费金融公司 个人消费贷款 人民币 due=2019-08-31 as_of=2018-01 limit=5098.00 balance=4203.00"),
    (Group::CardsOther, "2011年1月1日合成银行发放的贷记卡（人民币账户）。截至2015年11月，信用额度20,000，余下的没有人读过，已使用额度0。",
     "card 2011-01-01 合成银行 贷记卡 人民币 as_of=2015-11 limit=20000.00 used=0.00 unread=余下的没有人读过"),
    (Group::CardsOther, "2011年1月1日合成银行发放的贷记卡（人民币账户）。截至2015年13月，信用额度-5。",
     "card 2011-01-01 合成银行 贷记卡 人民币 unread=截至2015年13月|信用额度-5"),
    (Group::CardsOther, "2011年1月1日合成银行发放的贷记卡（人民币账户）。信用额度20,0000，信用额度99999999999999。",
     "card 2011-01-01 合成银行 贷记卡 人民币 limit=20.00 unread=0000|信用额度99999999999999"),
    (Group::LoansOther, "2011年1月1日合成银行发放的1,000元（人民币）个人助学贷款。",
     "loan 2011-01-01 合成银行 个人助学贷款 人民币 limit=1000.00"),
];

#[test]
fn each_wording_is_read_as_a_person_reads_it() {
    for (group, sentence, expected) in SAMPLE.into_iter().chain(WORDINGS) {
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
    let table = [
        (
            "2009年3月2日，为合成某（证件类型：身份证，证件号码：1101011980****0000）在合成银行金融街支行办理的贷款提供担保，担保贷款合同金额50,000，担保金额40,000。截至2010年10月5日，担保贷款本金余额20,000。",
            Column::OtherLoans,
            "2009-03-02 合成某 身份证 1101011980****0000 合成银行金融街支行 贷款 50000.00 40000.00 2010-10-05 20000.00 ",
        ),
        (
            "1. 2012 年 3 月 2 日，为合成乙（证件类型：护照，证件号码：E0）在合成银行办理的贷记卡提供担保，担保信用卡授信额度5,000，担保金额5,000。截至2015年10月5日，担保信用卡已用额度0。别的",
            Column::Cards,
            "2012-03-02 合成乙 护照 E0 合成银行 贷记卡 5000.00 5000.00 2015-10-05 0.00 别的",
        ),
        (
            "2012年3月2日为合成丙（证件类型：身份证，证件号码：--）在合成银行办理的个人住房贷款提供担保。",
            Column::HouseLoans,
            "2012-03-02 合成丙 身份证 -- 合成银行 个人住房贷款     ",
        ),
    ];
    for (text, column, expected) in table {
        let one = sentence::guarantee(text).expect(text);
        let day = |day: Option<crate::time::Day>| day.map(|d| d.to_string()).unwrap_or_default();
        let yuan =
            |yuan: Option<crate::dataset::Fen>| yuan.map(|y| y.to_string()).unwrap_or_default();
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
        assert_eq!(shown.map(String::as_str).join(" "), expected);
        assert_eq!((one.column(), one.text.as_str()), (column, text));
    }
    assert!(sentence::guarantee("2009年3月2日，为合成某在合成银行办理的贷款提供担保。").is_none());
}
