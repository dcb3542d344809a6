//! The telecom report in the keys of 聚信立, which the merchants of document 001 read.
//!
//! One pass groups the calls by the number at the other end (`View`); each section is a function
//! of that. Nothing depends on the order of the raw rows.

mod activity;
mod application;
mod behavior;
mod contacts;
mod places;
mod services;

use std::collections::BTreeMap;

use serde::Serialize;

pub use activity::{Line as ActivityLine, Month as ActivityMonth};
pub use application::Application;
pub use behavior::Check;
pub use contacts::{Collected, CollectedDetail, Contact};
pub use places::{Region, Trip};
pub use services::{Service, ServiceMonth};

use super::numbers::{Mark, NumberBook, normal};
use super::{Asked, Minutes};
use crate::dataset::telecom::{Call, Direction, Line, Sms, TelecomData};
use crate::dataset::{local_text, opaque};
use crate::identity::{self, Sex};
use crate::time::{Day, Timestamp};

/// The report on one number.
#[derive(Serialize)]
pub struct TelecomReport {
    pub report: Head,
    pub person: Person,
    pub data_source: Vec<DataSource>,
    pub application_check: Vec<Application>,
    pub behavior_check: Vec<Check>,
    pub cell_behavior: Vec<ActivityLine>,
    pub contact_list: Vec<Contact>,
    pub contact_region: Vec<Region>,
    pub collection_contact: Vec<Collected>,
    pub main_service: Vec<Service>,
    pub trip_info: Vec<Trip>,
    /// Of shopping accounts, which are not collected: always empty, as are the next two.
    pub deliver_address: [(); 0],
    pub ebusiness_expense: [(); 0],
    pub trip_consume: [(); 0],
}

#[derive(Serialize)]
pub struct Head {
    /// `2026-11-21T16:00:00+0800`.
    pub update_time: String,
    pub version: &'static str,
    /// `正常`, or `无数据` when the carrier has neither calls, messages nor bills.
    pub status: &'static str,
    /// First and last day of the calls; empty when there are none.
    pub data_from: String,
    pub data_to: String,
}

#[derive(Serialize)]
pub struct Person {
    pub real_name: String,
    pub id_card_num: String,
    pub gender: &'static str,
    /// In full years.
    pub age: i32,
    pub province: &'static str,
    pub city: &'static str,
    pub region: &'static str,
}

#[derive(Serialize)]
pub struct DataSource {
    pub name: &'static str,
    pub account: String,
    pub category_name: &'static str,
    pub category_value: &'static str,
    pub status: &'static str,
    pub reliability: &'static str,
    /// When the number was first used.
    pub binding_time: String,
}

opaque!(TelecomReport, Person, DataSource);

/// Calls counted by who began them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    out_calls: u32,
    out_time: Minutes,
    in_calls: u32,
    in_time: Minutes,
}

impl Tally {
    fn of<'a>(calls: impl IntoIterator<Item = &'a Call>) -> Self {
        let mut tally = Self::default();
        for call in calls {
            let (count, time) = match call.init_type {
                Direction::Out => (&mut tally.out_calls, &mut tally.out_time),
                Direction::In => (&mut tally.in_calls, &mut tally.in_time),
            };
            *count += 1;
            time.0 += u64::from(call.use_time);
        }
        tally
    }

    fn calls(self) -> u32 {
        self.out_calls + self.in_calls
    }

    fn time(self) -> Minutes {
        Minutes(self.out_time.0 + self.in_time.0)
    }

    /// As the evidence of the market's reports counts.
    fn words(self) -> String {
        let (out_minutes, in_minutes) = (self.out_time.0 / 60, self.in_time.0 / 60);
        let (out_calls, in_calls) = (self.out_calls, self.in_calls);
        format!("主叫{out_calls}次共{out_minutes}分钟；被叫{in_calls}次共{in_minutes}分钟")
    }
}

/// The number at the other end, with all that went to and from it.
struct Peer<'a> {
    mark: Mark,
    calls: Vec<&'a Call>,
    smses: Vec<&'a Sms>,
}

fn peer<'p, 'a>(
    peers: &'p mut BTreeMap<String, Peer<'a>>,
    book: &dyn NumberBook,
    number: &str,
) -> &'p mut Peer<'a> {
    peers.entry(normal(number)).or_insert_with_key(|number| Peer {
        mark: book.look_up(number),
        calls: Vec::new(),
        smses: Vec::new(),
    })
}

/// What each section is derived from.
struct View<'a> {
    line: &'a Line,
    asked: Asked<'a>,
    today: Day,
    /// By number, normalised.
    peers: BTreeMap<String, Peer<'a>>,
}

impl<'a> View<'a> {
    fn new(line: &'a Line, asked: Asked<'a>, book: &dyn NumberBook, today: Day) -> Self {
        let mut peers = BTreeMap::new();
        for call in &line.calls {
            peer(&mut peers, book, &call.other_cell_phone).calls.push(call);
        }
        for sms in &line.smses {
            peer(&mut peers, book, &sms.other_cell_phone).smses.push(sms);
        }
        Self { line, asked, today, peers }
    }

    /// Those with at least one call, by number.
    fn callers(&self) -> impl Iterator<Item = (&String, &Peer<'a>)> {
        self.peers.iter().filter(|(_, peer)| !peer.calls.is_empty())
    }

    fn call_days(&self) -> Vec<Day> {
        let mut days: Vec<Day> =
            self.line.calls.iter().map(|call| call.start_time.shanghai_day()).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    fn is_empty(&self) -> bool {
        self.line.calls.is_empty()
            && self.line.smses.is_empty()
            && self.line.transactions.is_empty()
    }

    /// Where the number is from, as its segment says.
    fn home(&self) -> &'static str {
        self.asked
            .person
            .mobile
            .segment()
            .map_or(super::numbers::UNKNOWN, |segment| segment.province)
    }

    fn carrier(&self) -> &'static str {
        let segment = self.asked.person.mobile.segment();
        segment.map_or(super::numbers::UNKNOWN, |segment| segment.carrier.name())
    }
}

/// Derives the report. What raw rows put after `now` counts as of today.
pub fn derive(
    data: &TelecomData,
    asked: Asked<'_>,
    book: &dyn NumberBook,
    now: Timestamp,
) -> TelecomReport {
    let view = View::new(data.line(), asked, book, now.shanghai_day());
    TelecomReport {
        report: head(&view, now),
        person: person(asked.person, view.today),
        data_source: data_source(&view),
        application_check: application::checks(&view),
        behavior_check: behavior::checks(&view),
        cell_behavior: activity::lines(&view),
        contact_list: contacts::list(&view),
        contact_region: places::regions(&view),
        collection_contact: contacts::collected(&view),
        main_service: services::list(&view),
        trip_info: places::trips(&view),
        deliver_address: [],
        ebusiness_expense: [],
        trip_consume: [],
    }
}

fn head(view: &View<'_>, now: Timestamp) -> Head {
    let days = view.call_days();
    let text = |day: Option<&Day>| day.map(Day::to_string).unwrap_or_default();
    Head {
        update_time: format!("{}+0800", local_text(now).replace(' ', "T")),
        version: "1.0",
        status: if view.is_empty() { "无数据" } else { "正常" },
        data_from: text(days.first()),
        data_to: text(days.last()),
    }
}

fn person(asked: &identity::Person, today: Day) -> Person {
    let region = asked.id_card.region();
    Person {
        real_name: asked.name.expose().to_owned(),
        id_card_num: asked.id_card.expose().to_owned(),
        gender: match asked.id_card.sex() {
            Sex::Male => "男",
            Sex::Female => "女",
        },
        age: asked.id_card.age_years(today),
        province: region.map_or("", |region| region.province),
        city: region.and_then(|region| region.city).unwrap_or(""),
        region: region.and_then(|region| region.county).unwrap_or(""),
    }
}

fn data_source(view: &View<'_>) -> Vec<DataSource> {
    vec![DataSource {
        name: view.carrier(),
        account: view.line.basic.cell_phone.clone(),
        category_name: "mobile",
        category_value: "移动运营商",
        status: "valid",
        reliability: "实名认证",
        binding_time: local_text(view.line.basic.reg_time),
    }]
}

/// `part` of `whole` in per cent, rounded; 0 of nothing.
fn percent(part: u64, whole: u64) -> u64 {
    if whole == 0 { 0 } else { (part * 200 + whole) / (whole * 2) }
}
