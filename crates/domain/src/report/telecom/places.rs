//! `contact_region`: where the people at the other end are from; `trip_info`: where the person
//! went, as the places of the calls show it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::Minutes;
use super::super::calendar::{is_holiday, is_weekend};
use super::super::numbers::UNKNOWN;
use super::{Tally, View};
use crate::dataset::opaque;
use crate::dataset::telecom::Call;
use crate::time::Day;

/// A region. Shares are of all calls in that direction, from 0 to 1.
#[derive(Serialize)]
pub struct Region {
    pub region_loc: &'static str,
    pub region_uniq_num_cnt: u32,
    pub region_call_in_cnt: u32,
    pub region_call_in_time: Minutes,
    pub region_call_out_cnt: u32,
    pub region_call_out_time: Minutes,
    pub region_avg_call_in_time: Minutes,
    pub region_avg_call_out_time: Minutes,
    pub region_call_in_cnt_pct: f64,
    pub region_call_in_time_pct: f64,
    pub region_call_out_cnt_pct: f64,
    pub region_call_out_time_pct: f64,
}

opaque!(Trip);

/// By number of calls, the most first.
pub(super) fn regions(view: &View<'_>) -> Vec<Region> {
    let mut found: BTreeMap<&'static str, (u32, Vec<&Call>)> = BTreeMap::new();
    for (_, peer) in view.callers() {
        let (numbers, calls) = found.entry(peer.mark.place).or_default();
        *numbers += 1;
        calls.extend(&peer.calls);
    }
    let all = Tally::of(&view.line.calls);
    let mut regions: Vec<(u32, Region)> = found
        .into_iter()
        .map(|(place, (numbers, calls))| {
            let tally = Tally::of(calls);
            (tally.calls(), region(place, numbers, tally, all))
        })
        .collect();
    regions.sort_by_key(|(calls, _)| std::cmp::Reverse(*calls));
    regions.into_iter().map(|(_, region)| region).collect()
}

fn region(place: &'static str, numbers: u32, tally: Tally, all: Tally) -> Region {
    let average = |time: Minutes, calls: u32| Minutes(time.0 / u64::from(calls.max(1)));
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    Region {
        region_loc: place,
        region_uniq_num_cnt: numbers,
        region_call_in_cnt: tally.in_calls,
        region_call_in_time: tally.in_time,
        region_call_out_cnt: tally.out_calls,
        region_call_out_time: tally.out_time,
        region_avg_call_in_time: average(tally.in_time, tally.in_calls),
        region_avg_call_out_time: average(tally.out_time, tally.out_calls),
        region_call_in_cnt_pct: share(tally.in_calls.into(), all.in_calls.into()),
        region_call_in_time_pct: share(tally.in_time.0, all.in_time.0),
        region_call_out_cnt_pct: share(tally.out_calls.into(), all.out_calls.into()),
        region_call_out_time_pct: share(tally.out_time.0, all.out_time.0),
    }
}

/// Days away from home in one place, as far as there were calls.
#[derive(Serialize)]
pub struct Trip {
    pub trip_leave: String,
    pub trip_dest: String,
    pub trip_start_time: String,
    pub trip_end_time: String,
    /// 节假日 when it touches a holiday, 双休日 when it is all weekend, else 工作日.
    pub trip_type: &'static str,
    pub trip_person: [&'static str; 1],
    pub trip_transportation: [&'static str; 1],
    pub trip_data_source: [&'static str; 1],
}

/// Home is where most calls were made; a day's place likewise.
pub(super) fn trips(view: &View<'_>) -> Vec<Trip> {
    let mut days: BTreeMap<Day, BTreeMap<&str, u32>> = BTreeMap::new();
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    for call in view.line.calls.iter().filter(|call| !call.place.is_empty()) {
        *places.entry(&call.place).or_default() += 1;
        let day = days.entry(call.start_time.shanghai_day()).or_default();
        *day.entry(&call.place).or_default() += 1;
    }
    let Some(home) = most(&places) else { return Vec::new() };
    // Runs of days in one place, those at home included.
    let mut stays: Vec<(&str, Day, Day)> = Vec::new();
    for (day, places) in &days {
        let place = most(places).unwrap_or(home);
        match stays.last_mut() {
            Some((at, _, until)) if *at == place => *until = *day,
            _ => stays.push((place, *day, *day)),
        }
    }
    let befores = std::iter::once(home).chain(stays.iter().map(|stay| stay.0));
    let away = befores.zip(&stays).filter(|(_, stay)| stay.0 != home);
    away.map(|(before, stay)| trip(before, *stay)).collect()
}

/// The most frequent; of equals the first in order.
fn most<'a>(counts: &BTreeMap<&'a str, u32>) -> Option<&'a str> {
    counts.iter().rev().max_by_key(|(_, count)| **count).map(|(place, _)| *place)
}

fn trip(leave: &str, (place, from, until): (&str, Day, Day)) -> Trip {
    let mut days = (from.0..=until.0).map(Day);
    let trip_type = if days.clone().any(is_holiday) {
        "节假日"
    } else if days.all(is_weekend) {
        "双休日"
    } else {
        "工作日"
    };
    Trip {
        trip_leave: leave.to_owned(),
        trip_dest: place.to_owned(),
        trip_start_time: from.to_string(),
        trip_end_time: until.to_string(),
        trip_type,
        trip_person: [UNKNOWN],
        trip_transportation: [UNKNOWN],
        trip_data_source: ["通信记录"],
    }
}
