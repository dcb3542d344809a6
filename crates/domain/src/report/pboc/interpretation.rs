//! What the record means, in sentences: which things weigh on it, and what they are.

use super::score::applications;
use super::{Account, Column, CreditRecord, Group, PublicRecord, State};

/// So many applications within a year are worth a word.
const APPLICATIONS_MANY: usize = 6;

/// The texts of `interpretation`.
#[derive(Clone, PartialEq, Eq)]
pub struct Interpretation {
    /// `您的信用卡有 2 个账户，累计 13 个月逾期`; empty when nothing was overdue.
    pub overdue: String,
    /// By type.
    pub details: Vec<Detail>,
}

/// One thing that weighs on the record.
#[derive(Clone, PartialEq, Eq)]
pub struct Detail {
    /// 5 is document 002's; the others are ours.
    pub number: u8,
    pub title: &'static str,
    /// The sentences that say so.
    pub items: Vec<String>,
}

crate::dataset::opaque!(Interpretation, Detail);

pub(super) fn of(record: &CreditRecord) -> Interpretation {
    let overdue = Column::ALL.into_iter().filter_map(|column| overdue(record, column));
    Interpretation { overdue: overdue.collect::<Vec<_>>().join("；"), details: details(record) }
}

fn overdue(record: &CreditRecord, column: Column) -> Option<String> {
    let was_overdue = || record.column(column).filter(|account| account.was_overdue());
    let (count, heading) = (was_overdue().count(), column.heading());
    let months: u64 = was_overdue().map(|account| u64::from(account.overdue_months)).sum();
    (count > 0).then(|| format!("您的{heading}有 {count} 个账户，累计 {months} 个月逾期"))
}

fn details(record: &CreditRecord) -> Vec<Detail> {
    let accounts = |is: &dyn Fn(&Account) -> bool| -> Vec<String> {
        let these = record.accounts.iter().filter(|account| is(account));
        these.map(|account| account.text.clone()).collect()
    };
    let in_group = |group: Group| accounts(&|account| account.group == group);
    let applications: Vec<String> = applications(record)
        .map(|query| format!("{}，{}，{}", query.date, query.operator, query.reason))
        .collect();
    let many = if applications.len() >= APPLICATIONS_MANY { applications } else { Vec::new() };
    let guarantees = record.guarantees.iter().map(|guarantee| guarantee.text.clone()).collect();
    let rows = [
        (
            1,
            "您有公共记录，会严重影响信用卡以及贷款的申请，请尽快履行义务并保留凭证。",
            record.public_records.iter().map(PublicRecord::line).collect(),
        ),
        (
            2,
            "您有账户已变成呆账，会严重影响信用卡以及贷款的申请，请尽快与机构联系还款。",
            accounts(&|account| account.state == State::BadDebt),
        ),
        (
            3,
            "您的购房贷款存在逾期，会影响后续信用卡以及贷款的申请与使用，请确保按期还款。",
            in_group(Group::HouseOverdue),
        ),
        (
            4,
            "您的其他贷款存在逾期，会影响后续信用卡以及贷款的申请与使用，请确保按期还款。",
            in_group(Group::LoansOverdue),
        ),
        (
            5,
            "您的信用卡存在逾期，继续逾期以致严重逾期，会影响后续信用卡以及贷款的申请与使用，\
             请确保后续账单日前还款。",
            in_group(Group::CardsOverdue),
        ),
        (
            6,
            "您的准贷记卡透支超过60天，会影响后续信用卡以及贷款的申请与使用，请尽快还清透支。",
            in_group(Group::CardsOverdrawn),
        ),
        (
            7,
            "您有账户发生过90天以上逾期，属于严重逾期，自还清之日起保留5年。",
            accounts(&Account::was_overdue_90),
        ),
        (8, "您为他人提供了担保，被担保人逾期时您需要代为偿还。", guarantees),
        (9, "最近一年内多家机构因审批查询了您的信用报告，请避免频繁申请。", many),
    ];
    let details = rows.map(|(number, title, items)| Detail { number, title, items });
    details.into_iter().filter(|detail| !detail.items.is_empty()).collect()
}
