//! `cell_behavior`: calls, messages, data and the bill of each month.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::Minutes;
use super::{Tally, View};
use crate::dataset::telecom::Call;
use crate::dataset::{self, Fen, opaque};
use crate::time::Timestamp;

#[derive(Serialize)]
pub struct Line {
    pub phone_num: String,
    /// By month, the last first.
    pub behavior: Vec<Month>,
}

#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Month {
    pub cell_mth: dataset::Month,
    pub cell_phone_num: String,
    pub cell_operator_zh: &'static str,
    pub cell_loc: &'static str,
    pub call_cnt: u32,
    pub call_out_cnt: u32,
    pub call_out_time: Minutes,
    pub call_in_cnt: u32,
    pub call_in_time: Minutes,
    pub sms_cnt: u32,
    /// Volume of data in MB, rounded down.
    pub net_flow: u64,
    /// What the month's bill comes to in 元; null when there is no bill.
    #[serde(serialize_with = "yuan")]
    pub total_amount: Option<Fen>,
}

opaque!(Line, Month);

#[expect(clippy::ref_option, reason = "the form that serde calls")]
fn yuan<S: serde::Serializer>(amount: &Option<Fen>, out: S) -> Result<S::Ok, S::Error> {
    match amount {
        Some(Fen(fen)) => out.serialize_f64(*fen as f64 / 100.0),
        None => out.serialize_none(),
    }
}

#[derive(Default)]
struct Seen<'a> {
    calls: Vec<&'a Call>,
    smses: u32,
    volume_kb: u64,
    billed: Option<Fen>,
}

/// One number, or none when nothing is known of it.
pub(super) fn lines(view: &View<'_>) -> Vec<Line> {
    let month = |at: Timestamp| dataset::Month::of(at.shanghai_day());
    let mut months: BTreeMap<dataset::Month, Seen<'_>> = BTreeMap::new();
    for call in &view.line.calls {
        months.entry(month(call.start_time)).or_default().calls.push(call);
    }
    for sms in &view.line.smses {
        months.entry(month(sms.start_time)).or_default().smses += 1;
    }
    for net in &view.line.nets {
        let seen = months.entry(month(net.start_time)).or_default();
        seen.volume_kb = seen.volume_kb.saturating_add(net.subflow);
    }
    for bill in &view.line.transactions {
        let billed = &mut months.entry(month(bill.bill_cycle)).or_default().billed;
        *billed = Some(billed.unwrap_or_default() + bill.total_amt);
    }
    if months.is_empty() {
        return Vec::new();
    }
    let phone_num = view.asked.person.mobile.expose();
    let of_month = |(cell_mth, seen): (dataset::Month, Seen<'_>)| {
        let tally = Tally::of(seen.calls);
        Month {
            cell_mth,
            cell_phone_num: phone_num.to_owned(),
            cell_operator_zh: view.carrier(),
            cell_loc: view.home(),
            call_cnt: tally.calls(),
            call_out_cnt: tally.out_calls,
            call_out_time: tally.out_time,
            call_in_cnt: tally.in_calls,
            call_in_time: tally.in_time,
            sms_cnt: seen.smses,
            net_flow: seen.volume_kb / 1024,
            total_amount: seen.billed,
        }
    };
    let behavior = months.into_iter().rev().map(of_month).collect();
    vec![Line { phone_num: phone_num.to_owned(), behavior }]
}
