//! Calls: with how many numbers, which ones, how evenly, when.
//!
//! An application counts calls by number ([`CallContact`]); a carrier's data has them one by one.
//! Both become [`Peer`]s, so that a figure means the same whichever it comes from. What only single
//! calls can tell (the hour, days without a call) is held or unknown.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::feature::{Feature, Section, Share};
use super::numbers::{Use, spelled, usage};
use crate::application::CallContact;
use crate::dataset::opaque;
use crate::dataset::telecom::{Direction, Line};
use crate::features::inside;
use crate::identity::Mobile;
use crate::report::numbers::Kind;
use crate::report::{age_days, is_night};
use crate::time::Timestamp;

/// How far back calls are looked at: what carriers show.
const WINDOW_DAYS: u32 = 180;
const QUARTER_DAYS: u32 = 90;
const MONTH_DAYS: u32 = 30;
const WEEK_DAYS: u32 = 7;

const S: Section = Section::Calls;

pub(super) const FEATURES: [Feature; 17] = [
    Feature::count(
        S,
        "calls.numbers",
        ("近6个月通话号码数", "Different numbers called or calling within 180 days"),
        |view| view.calls.numbers,
    )
    .unit("个")
    .within(WINDOW_DAYS),
    Feature::count(
        S,
        "calls.numbers_d30",
        ("近30天通话号码数", "Different numbers within 30 days"),
        |view| view.calls.numbers_d30,
    )
    .unit("个")
    .within(MONTH_DAYS),
    Feature::count(
        S,
        "calls.numbers_d7",
        ("近7天通话号码数", "Different numbers within 7 days"),
        |view| view.calls.numbers_d7,
    )
    .unit("个")
    .within(WEEK_DAYS),
    Feature::count(S, "calls.count", ("通话次数", "Calls"), |view| view.calls.calls).unit("次"),
    Feature::count(
        S,
        "calls.seconds_mean",
        ("平均通话时长", "Mean length of a call, whole seconds"),
        |view| {
            let calls = view.calls.calls.filter(|calls| *calls > 0)?;
            Some(view.calls.seconds? / calls)
        },
    )
    .unit("秒"),
    Feature::count(
        S,
        "calls.days_since",
        ("距最近一次通话天数", "Days since the latest call"),
        |view| view.calls.days_since,
    )
    .unit("天"),
    Feature::share(
        S,
        "calls.out_share",
        ("主叫占比", "Share of calls that the applicant began; not known unless all numbers tell"),
        |view| {
            let (out, back) = (view.calls.out_calls?, view.calls.in_calls?);
            Some(Share(out, out.saturating_add(back)))
        },
    ),
    Feature::share(
        S,
        "calls.mutual_share",
        (
            "互通号码占比",
            "Share of numbers with calls in both directions; not known unless all tell",
        ),
        |view| Some(Share(view.calls.mutual?, view.calls.directed?)),
    ),
    Feature::share(
        S,
        "calls.top10_share",
        ("前10号码通话占比", "Share of calls with the ten numbers of most calls"),
        |view| Some(Share(view.calls.top10?, view.calls.calls?)),
    ),
    Feature::share(
        S,
        "calls.home_share",
        (
            "与手机归属地同省号码占比",
            "Share of mobile numbers of the applicant's own province, by segment",
        ),
        |view| Some(Share(view.calls.home?, view.calls.placed?)),
    ),
    Feature::share(
        S,
        "calls.service_share",
        ("服务类号码通话占比", "Share of calls with known numbers of companies and services"),
        |view| Some(Share(view.calls.service?, view.calls.calls?)),
    ),
    Feature::count(
        S,
        "calls.bank_numbers",
        ("银行、信用卡号码数", "Known numbers of banks and card centres"),
        |view| view.calls.banks,
    )
    .unit("个"),
    Feature::count(
        S,
        "calls.lending_numbers",
        ("贷款机构号码数", "Known numbers of lenders"),
        |view| view.calls.lenders,
    )
    .unit("个"),
    Feature::count(
        S,
        "calls.collection_numbers",
        ("近90天催收号码数", "Known collection numbers with a call within 90 days"),
        |view| view.calls.collectors,
    )
    .unit("个")
    .within(QUARTER_DAYS),
    Feature::count(
        S,
        "calls.collection_d90",
        (
            "近90天与已知催收号码通话次数",
            "Calls with known collection numbers that surely were within 90 days",
        ),
        |view| view.calls.collection,
    )
    .unit("次")
    .within(QUARTER_DAYS),
    Feature::share(
        Section::CallsHeld,
        "calls.night_share",
        ("夜间(23时至次日6时)通话占比", "Share of calls between 23:00 and 5:59"),
        |view| Some(Share(view.calls.night?, view.calls.timed?)),
    )
    .within(WINDOW_DAYS),
    Feature::count(
        Section::CallsHeld,
        "calls.silent_days",
        ("近30天无通话天数", "Days without a call, of the last 30"),
        |view| view.calls.silent_days,
    )
    .unit("天")
    .within(MONTH_DAYS),
];

/// What the calls come to; nothing where the source does not tell.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallFigures {
    /// Numbers with a call or message within 180, 30, 7 days.
    pub numbers: Option<i64>,
    pub numbers_d30: Option<i64>,
    pub numbers_d7: Option<i64>,
    pub calls: Option<i64>,
    pub seconds: Option<i64>,
    pub days_since: Option<i64>,
    pub out_calls: Option<i64>,
    pub in_calls: Option<i64>,
    /// Numbers of which is known who began the calls, and those with calls in both directions.
    pub directed: Option<i64>,
    pub mutual: Option<i64>,
    /// Calls with the ten numbers of most calls.
    pub top10: Option<i64>,
    /// Mobile numbers whose province is known, and those of the applicant's.
    pub placed: Option<i64>,
    pub home: Option<i64>,
    /// Calls with companies and services.
    pub service: Option<i64>,
    pub banks: Option<i64>,
    pub lenders: Option<i64>,
    pub collectors: Option<i64>,
    pub collection: Option<i64>,
    /// Calls within 180 days whose hour is known, and those at night.
    pub timed: Option<i64>,
    pub night: Option<i64>,
    pub silent_days: Option<i64>,
}

opaque!(CallFigures);

impl CallFigures {
    /// These figures, and where they do not tell, the other ones. The part and the whole of a share
    /// come from the same source, since each source tells both or neither.
    pub(super) fn or(self, other: &Self) -> Self {
        Self {
            numbers: self.numbers.or(other.numbers),
            numbers_d30: self.numbers_d30.or(other.numbers_d30),
            numbers_d7: self.numbers_d7.or(other.numbers_d7),
            calls: self.calls.or(other.calls),
            seconds: self.seconds.or(other.seconds),
            days_since: self.days_since.or(other.days_since),
            out_calls: self.out_calls.or(other.out_calls),
            in_calls: self.in_calls.or(other.in_calls),
            directed: self.directed.or(other.directed),
            mutual: self.mutual.or(other.mutual),
            top10: self.top10.or(other.top10),
            placed: self.placed.or(other.placed),
            home: self.home.or(other.home),
            service: self.service.or(other.service),
            banks: self.banks.or(other.banks),
            lenders: self.lenders.or(other.lenders),
            collectors: self.collectors.or(other.collectors),
            collection: self.collection.or(other.collection),
            timed: self.timed.or(other.timed),
            night: self.night.or(other.night),
            silent_days: self.silent_days.or(other.silent_days),
        }
    }
}

/// The calls with one number.
#[derive(Clone, Copy)]
pub(super) struct Peer {
    pub(super) calls: i64,
    seconds: i64,
    /// By who began them, where all rows tell.
    ways: Option<(i64, i64)>,
    last_at: Timestamp,
    /// Calls that surely were within 90 days.
    quarter: i64,
}

/// All numbers with their calls, by their one spelling.
pub(super) type Peers<'a> = HashMap<Cow<'a, str>, Peer>;

fn add<'a>(peers: &mut Peers<'a>, number: Cow<'a, str>, one: Peer) {
    let both = |a: Option<(i64, i64)>| Some((a?.0 + one.ways?.0, a?.1 + one.ways?.1));
    let merge = |peer: &mut Peer| {
        peer.calls += one.calls;
        peer.seconds += one.seconds;
        peer.ways = both(peer.ways);
        peer.last_at = peer.last_at.max(one.last_at);
        peer.quarter += one.quarter;
    };
    peers.entry(number).and_modify(merge).or_insert(one);
}

/// The numbers of an application. What is dated after now is not there: it cannot have been.
pub(super) fn peers(contacts: &[CallContact], now: Timestamp) -> Peers<'_> {
    let mut peers = Peers::with_capacity(contacts.len());
    for contact in contacts.iter().filter(|contact| contact.last_at <= now) {
        let Some(number) = spelled(&contact.telephone) else { continue };
        let ways = contact.out_count.zip(contact.in_count);
        let one = Peer {
            calls: contact.talk_count.into(),
            seconds: contact.talk_seconds.into(),
            ways: ways.map(|(out, back)| (out.into(), back.into())),
            last_at: contact.last_at,
            quarter: surely_within(contact, now).into(),
        };
        add(&mut peers, number, one);
    }
    peers
}

/// All calls when the first one was within 90 days; otherwise those of the last month, as the
/// carrier counts them, and one at least when the last one was.
fn surely_within(contact: &CallContact, now: Timestamp) -> u32 {
    if !inside(contact.last_at, QUARTER_DAYS, now) {
        return 0;
    }
    match contact.first_at {
        Some(first) if inside(first, QUARTER_DAYS, now) => contact.talk_count,
        _ => contact.last_month.unwrap_or(0).max(1).min(contact.talk_count),
    }
}

/// The figures of single calls.
pub(super) fn of_line(line: &Line, home: Option<&str>, now: Timestamp) -> CallFigures {
    let mut peers = Peers::new();
    let (mut timed, mut night, mut days) = (0, 0, 0_u32);
    for call in line.calls.iter().filter(|call| call.start_time <= now) {
        let at = call.start_time;
        if inside(at, WINDOW_DAYS, now) {
            timed += 1;
            night += i64::from(is_night(at));
        }
        let age = age_days(at, now.shanghai_day());
        days |= 1_u32.checked_shl(age.cast_unsigned()).unwrap_or(0) & ((1 << MONTH_DAYS) - 1);
        let Some(number) = spelled(&call.other_cell_phone) else { continue };
        let is_out = call.init_type == Direction::Out;
        let one = Peer {
            calls: 1,
            seconds: call.use_time.into(),
            ways: Some((is_out.into(), (!is_out).into())),
            last_at: at,
            quarter: inside(at, QUARTER_DAYS, now).into(),
        };
        add(&mut peers, number, one);
    }
    let is_known = timed > 0;
    CallFigures {
        timed: is_known.then_some(timed),
        night: is_known.then_some(night),
        silent_days: is_known.then(|| i64::from(MONTH_DAYS - days.count_ones())),
        ..figures(&peers, &|_| false, home, now)
    }
}

/// The figures of numbers; none without a number. `is_collector` knows more than the public.
pub(super) fn figures(
    peers: &Peers<'_>,
    is_collector: &dyn Fn(&str) -> bool,
    home: Option<&str>,
    now: Timestamp,
) -> CallFigures {
    let Some(last_at) = peers.values().map(|peer| peer.last_at).max() else {
        return CallFigures::default();
    };
    let within =
        |days| peers.values().filter(|peer| inside(peer.last_at, days, now)).count() as i64;
    let sum = |part: fn(&Peer) -> i64| peers.values().map(part).sum::<i64>();
    let known = known(peers, is_collector);
    let ways: Option<Vec<(i64, i64)>> = peers.values().map(|peer| peer.ways).collect();
    let way = |part: fn(&(i64, i64)) -> i64| ways.as_ref().map(|ways| ways.iter().map(part).sum());
    let (placed, at_home) = home.map_or((0, 0), |home| places(peers, home));
    CallFigures {
        numbers: Some(within(WINDOW_DAYS)),
        numbers_d30: Some(within(MONTH_DAYS)),
        numbers_d7: Some(within(WEEK_DAYS)),
        calls: Some(sum(|peer| peer.calls)),
        seconds: Some(sum(|peer| peer.seconds)),
        days_since: Some(age_days(last_at, now.shanghai_day()).into()),
        out_calls: way(|ways| ways.0),
        in_calls: way(|ways| ways.1),
        directed: way(|_| 1),
        mutual: way(|ways| (ways.0 > 0 && ways.1 > 0).into()),
        top10: Some(top10(peers)),
        placed: home.map(|_| placed),
        home: home.map(|_| at_home),
        service: Some(known.service),
        banks: Some(known.banks),
        lenders: Some(known.lenders),
        collectors: Some(known.collectors),
        collection: Some(known.collection),
        ..CallFigures::default()
    }
}

#[derive(Default)]
struct Known {
    service: i64,
    banks: i64,
    lenders: i64,
    collectors: i64,
    collection: i64,
}

fn known(peers: &Peers<'_>, is_collector: &dyn Fn(&str) -> bool) -> Known {
    let mut known = Known::default();
    for (number, peer) in peers {
        let usage = if is_collector(number) { Use::Of(Kind::Collection) } else { usage(number) };
        if usage != Use::Unknown {
            known.service += peer.calls;
        }
        match usage {
            Use::Of(Kind::Bank | Kind::CreditCard) => known.banks += 1,
            Use::Of(Kind::Loan) => known.lenders += 1,
            Use::Of(Kind::Collection) => {
                known.collectors += i64::from(peer.quarter > 0);
                known.collection += peer.quarter;
            }
            _ => {}
        }
    }
    known
}

/// Mobiles whose province is known, and those of this one.
fn places(peers: &Peers<'_>, home: &str) -> (i64, i64) {
    let province = |number: &Cow<'_, str>| Some(Mobile::parse(number).ok()?.segment()?.province);
    let provinces = peers.keys().filter_map(province);
    provinces.fold((0, 0), |(all, here), one| (all + 1, here + i64::from(one == home)))
}

fn top10(peers: &Peers<'_>) -> i64 {
    let mut calls: Vec<i64> = peers.values().map(|peer| peer.calls).collect();
    let top = calls.len().min(10);
    if top < calls.len() {
        calls.select_nth_unstable_by(top, |a, b| b.cmp(a));
    }
    calls[..top].iter().sum()
}
