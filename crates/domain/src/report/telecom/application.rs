//! `application_check`: what the merchant claims, held against the data, point by point.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::numbers::normal;
use super::contacts::exposed;
use super::{Tally, View};
use crate::claims::{Contact, Relation};
use crate::dataset::{local_text, opaque};
use crate::identity::agrees;
use crate::secret::Private;

#[derive(Serialize)]
pub struct Application {
    pub app_point: &'static str,
    pub check_points: BTreeMap<&'static str, Value>,
}

opaque!(Application);

pub(super) fn checks(view: &View<'_>) -> Vec<Application> {
    let claims = view.asked.claims;
    let given = |point, value: &Option<Private<String>>, find: &dyn Fn(&str) -> Vec<Pair>| {
        let value = value.as_ref().map(Private::expose).filter(|value| !value.is_empty())?;
        Some(application(point, value, find(value)))
    };
    let phone = |number: &str| vec![("check_mobile", spoken(view, number).into())];
    let address = |_: &str| vec![("check_ebusiness", "未提供电商数据".into())];
    let contact = |contact: &Contact| {
        let points = vec![
            ("contact_name", exposed(contact.name.as_ref()).into()),
            ("relationship", contact.relation.map_or("", Relation::name).into()),
            ("check_mobile", spoken(view, contact.telephone.expose()).into()),
        ];
        application("contact", contact.telephone.expose(), points)
    };
    let optional = [
        given("home_addr", &claims.home.address, &address),
        given("home_phone", &claims.home.telephone, &phone),
        given("work_addr", &claims.work.address, &address),
        given("work_phone", &claims.work.telephone, &phone),
    ];
    identity(view)
        .into_iter()
        .chain(optional.into_iter().flatten())
        .chain(claims.contacts.iter().map(contact))
        .collect()
}

type Pair = (&'static str, Value);

fn application(app_point: &'static str, value: &str, points: Vec<Pair>) -> Application {
    let key = std::iter::once(("key_value", value.into()));
    Application { app_point, check_points: key.chain(points).collect() }
}

/// Name, ID card, mobile.
fn identity(view: &View<'_>) -> [Application; 3] {
    let (asked, basic) = (view.asked.person, &view.line.basic);
    let person = super::person(asked, view.today);
    // Only what was asked is answered: without the right to ask, the keys are absent.
    let screened = view.asked.is_blacklisted.map(|is_in| {
        let kinds: &[&str] = if is_in { &["黑名单"] } else { &[] };
        ("financial_blacklist", json!({"arised": is_in, "black_type": kinds}))
    });
    let name = match agrees(&basic.real_name, asked.name.canonical().expose()) {
        Some(true) => format!("用户姓名与运营商提供的姓名[{}]匹配成功", basic.real_name),
        Some(false) => format!("用户姓名与运营商提供的姓名[{}]匹配失败", basic.real_name),
        None => "运营商未提供姓名".to_owned(),
    };
    let id_card = match agrees(&basic.idcard, asked.id_card.expose()) {
        Some(true) => "用户身份证号与运营商提供的身份证号码匹配成功",
        Some(false) => "用户身份证号与运营商提供的身份证号码匹配失败",
        None => "运营商未提供身份证号码",
    };
    let card = vec![
        ("gender", person.gender.into()),
        ("age", person.age.into()),
        ("province", person.province.into()),
        ("city", person.city.into()),
        ("region", person.region.into()),
    ];
    let mobile = vec![
        ("reliability", "实名认证".into()),
        ("reg_time", local_text(basic.reg_time).into()),
        ("website", view.carrier().into()),
        ("check_name", name.into()),
        ("check_idcard", id_card.into()),
        ("check_ebusiness", "未提供电商数据".into()),
    ];
    let with = |points: Vec<Pair>| points.into_iter().chain(screened.clone()).collect();
    [
        application("user_name", asked.name.expose(), with(Vec::new())),
        application("id_card", asked.id_card.expose(), with(card)),
        application("cell_phone", asked.mobile.expose(), with(mobile)),
    ]
}

/// The calls with one number, in words.
fn spoken(view: &View<'_>, number: &str) -> String {
    let number = normal(number);
    let calls = view.peers.get(&number).map_or(&[][..], |peer| &peer.calls);
    if view.line.calls.is_empty() {
        return "运营商未提供通话详单".to_owned();
    }
    let tally = Tally::of(calls.iter().copied());
    if tally.calls() == 0 {
        return "无该联系人电话的通话记录".to_owned();
    }
    let of = |peer: &super::Peer<'_>| peer.calls.len();
    let rank = 1 + view.callers().filter(|(_, peer)| of(peer) > calls.len()).count();
    format!("通话{}次，联系次数排名第{rank}位（{}）", tally.calls(), tally.words())
}
