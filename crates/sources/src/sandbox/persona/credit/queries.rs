//! Public records of the bad, and who looked at the record: who needs money asks around.

use domain::dataset::credit::{PublicField, PublicKind, PublicRecord, Query};
use domain::time::{Day, Timestamp};

use super::super::{Persona, Stream};
use super::Mix;
use super::accounts::{BANKS, LENDERS};

/// 查询记录 reach back two years.
const REACH_DAYS: u64 = 730;
/// Above this risk the public knows.
const PUBLIC_RISK: f64 = 0.6;

pub(super) fn public_records(persona: &Persona, mix: Mix, now: Timestamp) -> Vec<PublicRecord> {
    let risk = persona.risk("public");
    if !mix.is(2, 0) || risk < PUBLIC_RISK {
        return Vec::new();
    }
    let count = if risk > 0.8 { 2 } else { 1 };
    let kinds = (0..count).map(|at| PublicKind::ALL[(mix.number as usize / 2 + at) % 5]);
    let mut kinds: Vec<PublicKind> = kinds.collect();
    kinds.sort_by_key(|kind| PublicKind::ALL.iter().position(|known| known == kind));
    kinds.into_iter().enumerate().map(|(at, kind)| record(persona, kind, at as i32, now)).collect()
}

fn record(persona: &Persona, kind: PublicKind, index: i32, now: Timestamp) -> PublicRecord {
    let mut draws = persona.draws("bureau public", index);
    let (year, month, _) = Day(now.shanghai_day().0 - 90 - draws.below(900) as i32).civil();
    let month = format!("{year}年{month}月");
    let amount = (1 + draws.below(80)) * 1_000;
    let amount = format!("{},{:03}", amount / 1_000, amount % 1_000);
    let case = format!("（{year}）合成字第{:05}号", draws.below(100_000));
    let value = |label: &str| match label {
        "立案法院" | "执行法院" => format!("{}合成区人民法院", persona.city),
        "主管税务机关" => format!("{}合成税务局", persona.city),
        "处罚机构" => format!("{}合成市场监督管理局", persona.city),
        "电信运营商" => persona.carrier.name().to_owned(),
        "案号" | "文书编号" => case.clone(),
        "案由" | "执行案由" => "借款合同纠纷".to_owned(),
        "结案方式" => "判决".to_owned(),
        "案件状态" => "执行中".to_owned(),
        "判决/调解结果" => "被告偿还借款本息".to_owned(),
        "处罚内容" => "罚款".to_owned(),
        "业务类型" => "固定电话".to_owned(),
        "纳税人识别号" => "合成".to_owned(),
        "诉讼标的" | "申请执行标的" => "借款".to_owned(),
        "诉讼标的金额" | "申请执行标的金额" | "处罚金额" | "欠税总额" | "欠费金额" => {
            amount.clone()
        }
        label if ["时间", "年月"].iter().any(|end| label.ends_with(end)) => month.clone(),
        _ => String::new(),
    };
    let fields = kind.labels().iter().map(|label| (*label, value(label)));
    let fields = fields.map(|(label, value)| PublicField { label: label.to_owned(), value });
    PublicRecord { kind, fields: fields.collect() }
}

pub(super) fn institutions(persona: &Persona, mix: Mix, now: Timestamp) -> Vec<Query> {
    if mix.is_empty {
        return Vec::new();
    }
    let mut draws = persona.draws("bureau institutions", 0);
    let risk = persona.risk("inquiries");
    let count = draws.count(1.5 + 12.0 * risk * risk);
    let reasons = ["贷款审批", "信用卡审批", "贷后管理", "担保资格审查"];
    let of = |draws: &mut Stream| {
        let is_lender = draws.chance(0.15 + 0.6 * risk);
        let bank = if is_lender { draws.pick(&LENDERS) } else { draws.pick(&BANKS) };
        let operator = format!("{bank}/hcuser{:03}", draws.below(1_000));
        // The good are looked after by the banks they have; the bad apply.
        let at = if draws.chance(0.35 + 0.5 * risk) { draws.below(2) } else { 2 + draws.below(2) };
        (operator, reasons[at as usize])
    };
    list(count, &mut draws, now, of)
}

pub(super) fn personal(persona: &Persona, mix: Mix, now: Timestamp) -> Vec<Query> {
    if mix.is_empty {
        return Vec::new();
    }
    let mut draws = persona.draws("bureau personal", 0);
    let count = draws.below(3) as u32;
    let of = |draws: &mut Stream| {
        if draws.chance(0.7) {
            ("本人".to_owned(), "本人查询(互联网个人信用信息服务平台)")
        } else {
            ("中国人民银行营业管理部/hcuser027".to_owned(), "本人查询")
        }
    };
    list(count, &mut draws, now, of)
}

/// Queries on days of the last two years, the last one first.
fn list(
    count: u32,
    draws: &mut Stream,
    now: Timestamp,
    mut of: impl FnMut(&mut Stream) -> (String, &'static str),
) -> Vec<Query> {
    let today = now.shanghai_day();
    let mut days: Vec<Day> =
        (0..count).map(|_| Day(today.0 - 1 - draws.below(REACH_DAYS) as i32)).collect();
    days.sort_unstable_by(|a, b| b.cmp(a));
    let query = |(at, day): (usize, Day)| {
        let (operator, reason) = of(draws);
        let (year, month, date) = day.civil();
        Query {
            number: (at + 1).to_string(),
            date: format!("{year}年{month}月{date}日"),
            day: Some(day),
            operator,
            reason: reason.to_owned(),
        }
    };
    days.into_iter().enumerate().map(query).collect()
}
