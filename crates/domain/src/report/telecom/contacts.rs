//! `contact_list`: each number at the other end, and when it was called; `collection_contact`: the
//! contacts that the merchant named, as the data knows them.

use serde::Serialize;

use super::super::Minutes;
use super::super::calendar::{Part, age_days, is_holiday, is_weekend};
use super::super::numbers::{UNKNOWN, normal};
use super::{Peer, Tally, View};
use crate::claims::Relation;
use crate::dataset::opaque;
use crate::dataset::telecom::Call;
use crate::secret::Private;
use crate::time::Day;

/// Windows in days, today included.
const WEEK_DAYS: i32 = 7;
const MONTH_DAYS: i32 = 30;
const QUARTER_DAYS: i32 = 90;

/// One number. The three windows nest; `contact_3m` and `contact_3m_plus` add up to all, as do the
/// five parts of the day, and weekdays and weekends; holidays are counted besides.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    pub phone_num: String,
    pub phone_num_loc: &'static str,
    /// Whose number it is known to be.
    pub contact_name: String,
    /// What it is used for.
    pub needs_type: &'static str,
    pub call_cnt: u32,
    pub call_len: Minutes,
    pub call_out_cnt: u32,
    pub call_out_len: Minutes,
    pub call_in_cnt: u32,
    pub call_in_len: Minutes,
    /// The relation that the merchant named; else empty.
    pub p_relation: &'static str,
    pub contact_1w: u32,
    pub contact_1m: u32,
    pub contact_3m: u32,
    pub contact_3m_plus: u32,
    pub contact_early_morning: u32,
    pub contact_morning: u32,
    pub contact_noon: u32,
    pub contact_afternoon: u32,
    pub contact_night: u32,
    /// Whether there were calls in each of the five parts of the day.
    pub contact_all_day: bool,
    pub contact_weekday: u32,
    pub contact_weekend: u32,
    pub contact_holiday: u32,
}

opaque!(Contact, Collected, CollectedDetail);

/// By number of calls, the most first.
pub(super) fn list(view: &View<'_>) -> Vec<Contact> {
    let mut list: Vec<Contact> =
        view.callers().map(|(number, peer)| contact(view, number, peer)).collect();
    list.sort_by(|a, b| b.call_cnt.cmp(&a.call_cnt).then_with(|| a.phone_num.cmp(&b.phone_num)));
    list
}

fn contact(view: &View<'_>, number: &str, peer: &Peer<'_>) -> Contact {
    let count = |wanted: &dyn Fn(&Call) -> bool| {
        peer.calls.iter().filter(|call| wanted(call)).count() as u32
    };
    let within = |days| count(&|call| age_days(call.start_time, view.today) < days);
    let part = |part| count(&|call| Part::of(call.start_time) == part);
    let on = |kind: fn(Day) -> bool| count(&|call| kind(call.start_time.shanghai_day()));
    let tally = Tally::of(peer.calls.iter().copied());
    let parts =
        [Part::EarlyMorning, Part::Morning, Part::Noon, Part::Afternoon, Part::Night].map(part);
    let named = &view.asked.claims.contacts;
    let claimed = named.iter().find(|claimed| normal(claimed.telephone.expose()) == number);
    let name = match claimed.and_then(|claimed| claimed.name.as_ref()) {
        Some(name) if peer.mark.name == UNKNOWN => name.expose().clone(),
        _ => peer.mark.name.clone().into_owned(),
    };
    let relation = claimed.and_then(|claimed| claimed.relation);
    let (contact_3m, contact_weekend) = (within(QUARTER_DAYS), on(is_weekend));
    Contact {
        phone_num: number.to_owned(),
        phone_num_loc: peer.mark.place,
        contact_name: name,
        needs_type: peer.mark.kind.as_str(),
        call_cnt: tally.calls(),
        call_len: tally.time(),
        call_out_cnt: tally.out_calls,
        call_out_len: tally.out_time,
        call_in_cnt: tally.in_calls,
        call_in_len: tally.in_time,
        p_relation: relation.map_or("", Relation::name),
        contact_1w: within(WEEK_DAYS),
        contact_1m: within(MONTH_DAYS),
        contact_3m,
        contact_3m_plus: tally.calls() - contact_3m,
        contact_early_morning: parts[0],
        contact_morning: parts[1],
        contact_noon: parts[2],
        contact_afternoon: parts[3],
        contact_night: parts[4],
        contact_all_day: !parts.contains(&0),
        contact_weekday: tally.calls() - contact_weekend,
        contact_weekend,
        contact_holiday: on(is_holiday),
    }
}

/// A contact that the merchant named.
#[derive(Serialize)]
pub struct Collected {
    pub contact_name: String,
    /// First and last day of a call or message; empty when there was none.
    pub begin_date: String,
    pub end_date: String,
    /// Of shopping accounts, which are not collected.
    pub total_count: u32,
    pub total_amount: u32,
    pub contact_details: Vec<CollectedDetail>,
}

#[derive(Serialize)]
pub struct CollectedDetail {
    pub phone_num: String,
    pub phone_num_loc: &'static str,
    pub call_cnt: u32,
    pub call_len: Minutes,
    pub call_out_cnt: u32,
    pub call_in_cnt: u32,
    pub sms_cnt: u32,
    pub trans_start: String,
    pub trans_end: String,
}

/// In the order in which the merchant named them.
pub(super) fn collected(view: &View<'_>) -> Vec<Collected> {
    view.asked
        .claims
        .contacts
        .iter()
        .map(|claimed| {
            let number = normal(claimed.telephone.expose());
            let peer = view.peers.get(&number);
            let calls = peer.map_or(&[][..], |peer| &peer.calls);
            let smses = peer.map_or(&[][..], |peer| &peer.smses);
            let at = |at: crate::time::Timestamp| at.shanghai_day();
            let called = calls.iter().map(|call| at(call.start_time));
            let days: Vec<Day> = called.chain(smses.iter().map(|s| at(s.start_time))).collect();
            let text = |day: Option<&Day>| day.map(Day::to_string).unwrap_or_default();
            let (begin_date, end_date) = (text(days.iter().min()), text(days.iter().max()));
            let tally = Tally::of(calls.iter().copied());
            Collected {
                contact_name: exposed(claimed.name.as_ref()).to_owned(),
                begin_date: begin_date.clone(),
                end_date: end_date.clone(),
                total_count: 0,
                total_amount: 0,
                contact_details: vec![CollectedDetail {
                    phone_num: number,
                    phone_num_loc: peer.map_or(UNKNOWN, |peer| peer.mark.place),
                    call_cnt: tally.calls(),
                    call_len: tally.time(),
                    call_out_cnt: tally.out_calls,
                    call_in_cnt: tally.in_calls,
                    sms_cnt: smses.len() as u32,
                    trans_start: begin_date,
                    trans_end: end_date,
                }],
            }
        })
        .collect()
}

/// What was said, or nothing.
pub(super) fn exposed(said: Option<&Private<String>>) -> &str {
    said.map_or("", |said| said.expose())
}
