//! Devices, openings of the merchant's app, installed apps.

use std::collections::BTreeSet;

use super::feature::{Feature, Section, Share};
use super::numbers::{LENDING_WORDS, says};
use crate::application::Application;
use crate::features::inside;
use crate::report::{age_days, is_night};
use crate::time::Timestamp;

const QUARTER_DAYS: u32 = 90;
const MONTH_DAYS: u32 = 30;

/// Words in the names of apps that one bets with.
const BETTING_WORDS: [&str; 5] = ["彩票", "棋牌", "捕鱼", "博彩", "赌"];

const LOGINS: Section = Section::Logins;
const APPS: Section = Section::Apps;

pub(super) const FEATURES: [Feature; 9] = [
    Feature::count(
        Section::Devices,
        "device.persons_m3",
        ("近3个月同一设备的申请人数", "Persons who applied from the same device within 90 days"),
        |view| view.held.device_persons.map(i64::from),
    )
    .unit("人")
    .within(QUARTER_DAYS),
    Feature::count(
        LOGINS,
        "device.devices_d90",
        ("近90天登录设备数", "Different devices of the last 90 days' logins"),
        |view| view.device.devices,
    )
    .unit("台")
    .within(QUARTER_DAYS),
    Feature::count(
        LOGINS,
        "device.logins_d30",
        ("近30天登录次数", "Logins within 30 days"),
        |view| view.device.logins,
    )
    .unit("次")
    .within(MONTH_DAYS),
    Feature::count(
        LOGINS,
        "device.days_known",
        ("距首次登录天数", "Days since the first login"),
        |view| view.device.days_known,
    )
    .unit("天"),
    Feature::share(
        LOGINS,
        "device.night_share",
        ("夜间(23时至次日6时)登录占比", "Share of logins between 23:00 and 5:59"),
        |view| view.device.night,
    ),
    Feature::count(APPS, "apps.count", ("安装应用数", "Apps installed"), |view| {
        view.device.apps
    })
    .unit("个"),
    Feature::count(
        APPS,
        "apps.lending",
        ("借贷类应用数", "Apps with a name of lending"),
        |view| view.device.lending,
    )
    .unit("个"),
    Feature::count(
        APPS,
        "apps.betting",
        ("博彩类应用数", "Apps with a name of betting"),
        |view| view.device.betting,
    )
    .unit("个"),
    Feature::count(
        APPS,
        "apps.systems",
        (
            "应用列表中的操作系统数",
            "Operating systems named in the list of apps: one, on one device",
        ),
        |view| view.device.systems,
    )
    .unit("个"),
];

#[derive(Default)]
pub(super) struct Figures {
    devices: Option<i64>,
    logins: Option<i64>,
    days_known: Option<i64>,
    night: Option<Share>,
    apps: Option<i64>,
    lending: Option<i64>,
    betting: Option<i64>,
    systems: Option<i64>,
}

pub(super) fn figures(application: &Application, now: Timestamp) -> Figures {
    let logins = || application.logins.iter().filter(|login| login.at.is_some_and(|at| at <= now));
    let times = || logins().filter_map(|login| login.at);
    let is_in = |at: &Timestamp, days| inside(*at, days, now);
    let devices: Option<BTreeSet<&str>> = logins()
        .filter(|login| login.at.is_some_and(|at| is_in(&at, QUARTER_DAYS)))
        .map(|login| login.device_id.as_deref())
        .collect();
    let first = times().min();
    let known = |count: usize| first.map(|_| count as i64);
    let names: BTreeSet<&str> =
        application.apps.iter().filter_map(|app| app.name.as_deref()).collect();
    let saying = |words: &[&str]| {
        let found = names.iter().filter(|name| says(name, words)).count() as i64;
        (!names.is_empty()).then_some(found)
    };
    let systems: BTreeSet<String> = application
        .apps
        .iter()
        .filter_map(|app| app.client_type.as_deref())
        .map(|system| system.trim().to_lowercase())
        .collect();
    Figures {
        devices: known(0).and(devices).map(|devices| devices.len() as i64),
        logins: known(times().filter(|at| is_in(at, MONTH_DAYS)).count()),
        days_known: first.map(|at| age_days(at, now.shanghai_day()).into()),
        night: known(times().filter(|at| is_night(*at)).count())
            .map(|night| Share(night, times().count() as i64)),
        apps: (!names.is_empty()).then_some(names.len() as i64),
        lending: saying(&LENDING_WORDS),
        betting: saying(&BETTING_WORDS),
        systems: (!systems.is_empty()).then_some(systems.len() as i64),
    }
}
