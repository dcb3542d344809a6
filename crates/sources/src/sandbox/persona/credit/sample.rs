//! The record that document 002 prints as its sample of `viewReport`: sentences, report and query
//! dates as printed (its blanks too), the person synthetic.

use domain::dataset::credit::{CreditRecord, Group, Head, Query, Summary};
use domain::identity::Person;
use domain::report::pboc::sentence;
use domain::time::{Day, Timestamp};

#[rustfmt::skip]
const SENTENCES: [(Group, &str); 7] = [
    (Group::CardsOverdue, "2012 年 11 月 9 日华夏银行发放的贷记卡（人民币账户）。截至 2015 年 6 月，信用额度 20,000，\
        已使用额度 0。最近 5 年内有 8 个月处于逾期状态，没有发生过 90 天以上逾期。"),
    (Group::CardsOverdue, "2007 年 8 月 24 日招商银行发放的贷记卡（人民币账户）。截至 2015 年 5 月，信用额度 23,000，\
        已使用额度 3,152。最近 5 年内有 5 个月处于逾期状态，没有发生过 90 天以上逾期。"),
    (Group::CardsOther, "2007 年 8 月 24 日招商银行发放的贷记卡（美元账户）。截至 2015 年 5 月,信用额度折合人民币 23,000，已使用额度 0。"),
    (Group::CardsOther, "2008 年 11 月 7 日招商银行发放的贷记卡（美元账户），截至 2011 年 12 月已销户。"),
    (Group::CardsOther, "2008 年 11 月 7 日招商银行发放的贷记卡（人民币账户），截至 2011 年 12 月已销户。"),
    (Group::CardsOther, "2012 年 11 月 9 日华夏银行发放的贷记卡（人民币账户）。截至 2015 年 6 月，信用额度 20,000，尚未激活。"),
    (Group::CardsOther, "2010 年 6 月 24 日中国工商银行北京市分行发放的贷记卡（人民币账户）。截至 2010 年 8 月，信用额度 600，尚未激活。"),
];

/// Number, date, operator, reason.
type Row = (&'static str, (i32, u32, u32), &'static str, &'static str);

const PERSONAL: [Row; 2] = [
    ("1", (2015, 3, 31), "本人", "本人查询(互联网个人信用信息服务平台)"),
    ("2", (2013, 9, 18), "中国人民银行营业管理部/PBC100000_user027", "本人查询"),
];
const INSTITUTIONS: [Row; 2] = [
    ("1", (2013, 10, 30), "华夏银行/hxzhlx", "贷后管理"),
    ("2", (2013, 7, 26), "广发银行/zkbbmq092", "信用卡审批"),
];

pub(super) fn record(person: &Person) -> CreditRecord {
    let account = |(group, text)| sentence::account(group, text).expect("a sentence of the sample");
    let time = |text| Timestamp::parse(text).expect("a time of the sample");
    let mut record = CreditRecord {
        head: Head {
            report_number: "2015070103000177707299".to_owned(),
            query_time: time("2015-06-30 23:52:15+08:00"),
            report_time: time("2015-07-01 12:02:59+08:00"),
            name: person.name.expose().to_owned(),
            id_type: "身份证".to_owned(),
            id_number: person.id_card.expose().to_owned(),
            marriage: "已婚".to_owned(),
        },
        summary: None,
        accounts: SENTENCES.into_iter().map(account).collect(),
        guarantees: Vec::new(),
        public_records: Vec::new(),
        institution_queries: INSTITUTIONS.into_iter().map(query).collect(),
        personal_queries: PERSONAL.into_iter().map(query).collect(),
        unread: Vec::new(),
    };
    record.summary = Some(Summary::count(&record));
    record
}

fn query((number, (year, month, day), operator, reason): Row) -> Query {
    Query {
        number: number.to_owned(),
        date: format!("{year} 年 {month} 月 {day} 日"),
        day: Day::from_civil(year, month, day),
        operator: operator.to_owned(),
        reason: reason.to_owned(),
    }
}
