//! `behavior_check`: what the calls say, each with its evidence in the market's wording (clients
//! read numbers out of it) and a score: 0 no data, 1 normal, 2 to be looked at.

use serde::Serialize;

use super::super::calendar::is_night;
use super::super::numbers::{Kind, UNKNOWN};
use super::{Peer, Tally, View, percent};
use crate::dataset::opaque;
use crate::time::Day;

#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub check_point: &'static str,
    pub check_point_cn: &'static str,
    pub result: String,
    pub evidence: String,
    pub score: u8,
}

opaque!(Check);

/// What a check finds: result, evidence, score.
type Finding = (String, String, u8);
type Find<'f> = &'f dyn Fn(&View<'_>) -> Finding;

pub(super) fn checks(view: &View<'_>) -> Vec<Check> {
    let calls = |kind, what| move |view: &View<'_>| special(view, kind, what);
    let numbers = |kind| move |view: &View<'_>| category(view, kind);
    let found: [(&str, &str, Find<'_>); 16] = [
        ("regular_circle", "朋友圈在哪里", &circle),
        ("phone_used_time", "号码使用时间", &used_time),
        ("phone_silent", "手机静默情况", &silence),
        ("contact_each_other", "互通过电话的号码数量", &mutual),
        ("contact_macao", "与澳门地区电话通话情况", &calls(Kind::Macao, "澳门地区")),
        ("contact_110", "与110电话通话情况", &calls(Kind::Police, "110")),
        ("contact_120", "与120电话通话情况", &calls(Kind::Ambulance, "120")),
        ("contact_lawyer", "与律师电话通话情况", &calls(Kind::Lawyer, "律师")),
        ("contact_court", "与法院电话通话情况", &calls(Kind::Court, "法院")),
        ("contact_loan", "与贷款类号码联系情况", &numbers(Kind::Loan)),
        ("contact_bank", "与银行类号码联系情况", &numbers(Kind::Bank)),
        ("contact_credit_card", "与信用卡类号码联系情况", &numbers(Kind::CreditCard)),
        ("contact_collection", "与催收类号码联系情况", &numbers(Kind::Collection)),
        ("contact_night", "夜间活动情况", &night),
        ("phone_call", "号码通话情况", &all_calls),
        ("contact_claimed", "申请人所填联系人的通话情况", &claimed),
    ];
    let absent = [
        ("dwell_used_time", "居住地本地（省份）地址在电商中使用时长"),
        ("ebusiness_info", "总体电商使用情况"),
        ("person_ebusiness_info", "申请人本人电商使用情况"),
        ("virtual_buying", "虚拟商品购买情况"),
        ("lottery_buying", "彩票购买情况"),
        ("person_addr_changed", "申请人本人地址变化情况"),
    ];
    let no_shop = || ("无数据".to_owned(), "未提供电商数据".to_owned(), 0);
    found
        .into_iter()
        .map(|(point, name, find)| {
            let has_none = view.line.calls.is_empty() && point != "phone_used_time";
            check(point, name, if has_none { no_calls() } else { find(view) })
        })
        .chain(absent.into_iter().map(|(point, name)| check(point, name, no_shop())))
        .collect()
}

fn check(
    check_point: &'static str,
    check_point_cn: &'static str,
    (result, evidence, score): Finding,
) -> Check {
    Check { check_point, check_point_cn, result, evidence, score }
}

fn no_calls() -> Finding {
    ("无数据".to_owned(), "运营商未提供通话详单".to_owned(), 0)
}

/// Where most of the time on the telephone goes.
fn circle(view: &View<'_>) -> Finding {
    let regions = super::places::regions(view);
    let time =
        |region: &super::Region| region.region_call_in_time.0 + region.region_call_out_time.0;
    let known = regions.iter().filter(|region| region.region_loc != UNKNOWN);
    let Some(most) = known.max_by_key(|region| time(region)) else {
        return ("无法判断".to_owned(), "通话号码的归属地均为未知".to_owned(), 0);
    };
    let share = percent(time(most), regions.iter().map(time).sum());
    let place = most.region_loc;
    let (where_to, score) =
        if place == view.home() { ("号码归属地", 1) } else { ("非号码归属地", 2) };
    let result = format!("朋友圈主要活跃在{place}地区({where_to})");
    (result, format!("{place}地区通话时间占比为{share}%"), score)
}

fn used_time(view: &View<'_>) -> Finding {
    let days = i64::from(view.today.0 - view.line.basic.reg_time.shanghai_day().0);
    let months = days.max(0) / 30;
    let (result, score) = match months {
        24.. => ("长期使用（24个月以上，包含24）", 1),
        6..24 => ("使用时间正常（6-24个月，包含6）", 1),
        _ => ("新号码（6个月以内，不含6）", 2),
    };
    let number = view.asked.person.mobile.expose();
    let evidence = format!("根据号码[{number}]运营商提供的认证时间,推算该号码使用{months}个月");
    (result.to_owned(), evidence, score)
}

/// Days without a call, from the first call of the data, at most 180 days ago, until today.
fn silence(view: &View<'_>) -> Finding {
    let days = view.call_days();
    let first = days[0].0.max(view.today.0 - 179).min(view.today.0);
    let spoken: Vec<i32> =
        days.iter().map(|day| day.0).filter(|day| (first..=view.today.0).contains(day)).collect();
    let total = view.today.0 - first + 1;
    let silent = total - spoken.len() as i32;
    let ends = spoken.iter().copied().chain([view.today.0 + 1]);
    let gaps: Vec<(i32, i32)> = std::iter::once(first - 1)
        .chain(spoken.iter().copied())
        .zip(ends)
        .filter(|(before, after)| after - before > 3)
        .collect();
    let mut evidence = format!("根据运营商通话详单数据，连续三天以上无通话记录{}次", gaps.len());
    for (at, (before, after)) in gaps.iter().enumerate() {
        let sign = if at == 0 { "：" } else { "；" };
        let (from, until) = (Day(before + 1), Day(after - 1));
        let _ = std::fmt::Write::write_fmt(
            &mut evidence,
            format_args!("{sign}{from} - {until}，{}天", after - before - 1),
        );
    }
    let score = if silent * 5 > total { 2 } else { 1 };
    (format!("{total}天内有{silent}天无通话记录"), evidence, score)
}

/// Numbers that called and were called.
fn mutual(view: &View<'_>) -> Finding {
    let is_mutual = |peer: &Peer<'_>| {
        let tally = Tally::of(peer.calls.iter().copied());
        tally.out_calls > 0 && tally.in_calls > 0
    };
    let all = view.callers().count() as u64;
    let both: Vec<&Peer<'_>> = view.callers().map(|(_, p)| p).filter(|p| is_mutual(p)).collect();
    let unmarked = both.iter().filter(|peer| peer.mark.kind == Kind::Unknown).count();
    let (count, share) = (both.len(), percent(both.len() as u64, all));
    let (result, score) = match count {
        0..10 => ("数量稀少（10以内，不含10）", 2),
        10..=100 => ("数量正常（10 - 100）", 1),
        _ => ("数量众多（100以上，不含100）", 1),
    };
    let evidence = format!(
        "互通过电话的号码有{count}个，比例为{share}%，其中未被标记号码{unmarked}个，被标记号码{}个",
        count - unmarked
    );
    (result.to_owned(), evidence, score)
}

/// The calls with numbers of a kind, and how many numbers they are.
fn of_kind(view: &View<'_>, kind: Kind) -> (Tally, usize) {
    let peers: Vec<&Peer<'_>> =
        view.callers().map(|(_, peer)| peer).filter(|peer| peer.mark.kind == kind).collect();
    (Tally::of(peers.iter().flat_map(|peer| peer.calls.iter().copied())), peers.len())
}

fn special(view: &View<'_>, kind: Kind, what: &str) -> Finding {
    let (tally, _) = of_kind(view, kind);
    let evidence = match tally.calls() {
        0 => format!("未发现与{what}电话通话记录"),
        calls => format!("与{what}电话通话{calls}次；{}", tally.words()),
    };
    let (result, score) = match tally.calls() {
        0 => ("无通话记录", 1),
        1..=3 => ("偶尔通话（3次以内，包括3次）", 1),
        _ => ("多次通话（3次以上）", 2),
    };
    (result.to_owned(), evidence, score)
}

/// Lenders are to be looked at from 6 calls on, debt collectors from the first.
fn category(view: &View<'_>, kind: Kind) -> Finding {
    let (tally, numbers) = of_kind(view, kind);
    let evidence = format!("[总计]{}；号码数{numbers}个", tally.words());
    let calls = tally.calls();
    let result = match calls {
        0 => "无该类号码记录",
        1..=5 => "偶尔联系（5次以内，包括5次）",
        _ => "经常联系（5次以上）",
    };
    let is_striking = matches!((kind, calls), (Kind::Loan, 6..) | (Kind::Collection, 1..));
    (result.to_owned(), evidence, if is_striking { 2 } else { 1 })
}

fn night(view: &View<'_>) -> Finding {
    let calls = &view.line.calls;
    let at_night = calls.iter().filter(|call| is_night(call.start_time)).count();
    let share = percent(at_night as u64, calls.len() as u64);
    let (result, score) = match share {
        0..20 => ("很少夜间活动（低于20%）", 1),
        20..=50 => ("偶尔夜间活动（20% - 50%）", 1),
        _ => ("频繁夜间活动（50%以上）", 2),
    };
    (result.to_owned(), format!("晚间活跃频率占全天的{share}%"), score)
}

fn all_calls(view: &View<'_>) -> Finding {
    let numbers = view.callers().count();
    let (result, score) = match numbers {
        0..10 => ("数量稀少（10以内，不含10）", 2),
        10..=100 => ("数量正常（10 - 100）", 1),
        _ => ("数量众多（100以上，不含100）", 1),
    };
    let words = Tally::of(&view.line.calls).words();
    (result.to_owned(), format!("[总计]号码数{numbers}个；{words}"), score)
}

/// How many of the contacts that the merchant named were on the telephone.
fn claimed(view: &View<'_>) -> Finding {
    let named = super::contacts::collected(view);
    let spoken = |one: &&super::Collected| one.contact_details.iter().any(|d| d.call_cnt > 0);
    let (total, known) = (named.len(), named.iter().filter(spoken).count());
    let evidence = format!("申请人填写联系人{total}个，其中有通话记录的{known}个");
    match (total, known) {
        (0, _) => ("未提供联系人".to_owned(), evidence, 0),
        (_, 0) => ("与所填联系人均无通话记录".to_owned(), evidence, 2),
        (_, _) if known < total => ("与部分所填联系人有通话记录".to_owned(), evidence, 1),
        _ => ("与所填联系人均有通话记录".to_owned(), evidence, 1),
    }
}
