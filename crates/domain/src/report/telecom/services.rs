//! `main_service`: companies and public services that the person calls or is called by.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::numbers::Kind;
use super::View;
use crate::dataset::{Month, opaque};

#[derive(Serialize)]
pub struct Service {
    pub company_name: String,
    pub company_type: &'static str,
    /// Calls and messages.
    pub total_service_cnt: u32,
    /// By month, the first first; months without any are left out.
    pub service_details: Vec<ServiceMonth>,
}

#[derive(Serialize)]
pub struct ServiceMonth {
    pub interact_mth: Month,
    pub interact_cnt: u32,
}

opaque!(Service, ServiceMonth);

/// By number of contacts, the most first.
pub(super) fn list(view: &View<'_>) -> Vec<Service> {
    let mut found: BTreeMap<(&str, Kind), BTreeMap<Month, u32>> = BTreeMap::new();
    for peer in view.peers.values().filter(|peer| peer.mark.kind != Kind::Unknown) {
        let months = found.entry((&peer.mark.name, peer.mark.kind)).or_default();
        let calls = peer.calls.iter().map(|call| call.start_time);
        for at in calls.chain(peer.smses.iter().map(|sms| sms.start_time)) {
            *months.entry(Month::of(at.shanghai_day())).or_default() += 1;
        }
    }
    let service = |((name, kind), months): ((&str, Kind), BTreeMap<Month, u32>)| {
        let detail = |(&interact_mth, &interact_cnt)| ServiceMonth { interact_mth, interact_cnt };
        Service {
            company_name: name.to_owned(),
            company_type: kind.as_str(),
            total_service_cnt: months.values().sum(),
            service_details: months.iter().map(detail).collect(),
        }
    };
    let mut list: Vec<Service> = found.into_iter().map(service).collect();
    list.sort_by_key(|service| std::cmp::Reverse(service.total_service_cnt));
    list
}
