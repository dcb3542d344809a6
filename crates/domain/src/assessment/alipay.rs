//! Zhima and Alipay, as the merchant read them.

use super::View;
use super::feature::{Feature, Section, Share};
use crate::application::{Alipay, Application, CreditLine};
use crate::dataset::Fen;
use crate::features::inside;
use crate::report::age_days;
use crate::time::Timestamp;

const QUARTER_DAYS: u32 = 90;
const MONTH_DAYS: i64 = 30;

const S: Section = Section::Alipay;

pub(super) const FEATURES: [Feature; 14] = [
    Feature::count(Section::Zhima, "zhima.score", ("芝麻分", "Zhima score"), |view| {
        view.application.zhima.as_ref()?.score.map(i64::from)
    })
    .unit("分"),
    Feature::count(
        Section::Zhima,
        "zhima.watch_entries",
        ("行业关注名单命中条数", "Entries of the industries' watch list"),
        |view| Some(view.application.zhima.as_ref()?.watch_list.as_ref()?.entries.into()),
    )
    .unit("条"),
    Feature::yuan(S, "alipay.credit_line", ("花呗总额度", "Ant Credit Pay: limit"), |view| {
        line(view)?.total
    }),
    Feature::share(
        S,
        "alipay.credit_used_share",
        ("花呗额度使用率", "Ant Credit Pay: share of the limit that is used, from 0 to 1"),
        |view| {
            let (total, usable) = (line(view)?.total?, line(view)?.usable?);
            Some(Share((total - usable).0.clamp(0, total.0.max(0)), total.0))
        },
    ),
    Feature::yuan(
        S,
        "alipay.credit_owed",
        ("花呗欠款", "Ant Credit Pay: what is owed"),
        |view| line(view)?.owed,
    ),
    Feature::yuan(S, "alipay.wealth", ("支付宝总资产", "All assets of the account"), |view| {
        of(view)?.wealth
    }),
    Feature::yuan(
        S,
        "alipay.liquid",
        ("支付宝余额与余额宝", "Balance and money market fund, as far as told"),
        |view| {
            let told = [of(view)?.balance, of(view)?.money_market];
            told.into_iter().flatten().reduce(|sum, one| sum + one)
        },
    ),
    Feature::count(
        S,
        "alipay.months",
        ("支付宝注册月数", "Months since the account was opened, of 30 days"),
        |view| {
            let at = of(view)?.registered_at.filter(|at| *at <= view.now)?;
            Some(i64::from(age_days(at, view.today)) / MONTH_DAYS)
        },
    )
    .unit("月")
    .c1(),
    Feature::count(
        S,
        "alipay.read_days_ago",
        ("支付宝数据距今天数", "Days since the merchant read the account"),
        |view| {
            let at = of(view)?.read_at.filter(|at| *at <= view.now)?;
            Some(age_days(at, view.today).into())
        },
    )
    .unit("天")
    .c1(),
    Feature::count(
        S,
        "alipay.bank_cards",
        ("支付宝绑定银行卡数", "Bank cards bound"),
        |view| listed(of(view)?.bank_cards.len()),
    )
    .unit("张"),
    Feature::count(S, "alipay.friends", ("支付宝好友数", "Friends"), |view| {
        listed(of(view)?.friends.len())
    })
    .unit("人"),
    Feature::count(
        S,
        "alipay.traded_with",
        ("支付宝交易对象数", "Accounts traded with"),
        |view| listed(of(view)?.traded_with.len()),
    )
    .unit("人"),
    Feature::count(
        S,
        "alipay.deals_d90",
        ("近90天交易笔数", "Deals within 90 days"),
        |view| view.alipay.deals,
    )
    .unit("笔")
    .within(QUARTER_DAYS),
    Feature::yuan(
        S,
        "alipay.spent_d90",
        ("近90天支出", "What was spent within 90 days: the deals of a negative amount"),
        |view| view.alipay.spent,
    )
    .within(QUARTER_DAYS),
];

fn of<'a>(view: &View<'a>) -> Option<&'a Alipay> {
    view.application.alipay.as_ref()
}

fn line<'a>(view: &View<'a>) -> Option<&'a CreditLine> {
    of(view)?.credit_line.as_ref()
}

/// An empty list may be one that was not handed in.
fn listed(count: usize) -> Option<i64> {
    (count > 0).then_some(count as i64)
}

pub(super) struct Figures {
    deals: Option<i64>,
    spent: Option<Fen>,
}

pub(super) fn figures(application: &Application, now: Timestamp) -> Figures {
    let all = application.alipay.as_ref().map_or(&[][..], |alipay| &alipay.deals);
    let dated = || all.iter().filter_map(|deal| Some((deal.at?, deal.amount)));
    let recent = || dated().filter(|(at, _)| inside(*at, QUARTER_DAYS, now));
    let is_known = dated().next().is_some();
    let spent: Option<Fen> = recent().map(|(_, amount)| amount.map(|sum| (-sum).max(Fen(0)))).sum();
    Figures { deals: is_known.then(|| recent().count() as i64), spent: spent.filter(|_| is_known) }
}
