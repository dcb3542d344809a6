//! Many applications for the risk audit, handed in over several connections.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::Qiancheng;
use super::audit::{Applicant, Sealer};
use crate::server::Server;

const CONNECTIONS: usize = 4;
/// A node that is gone holds what it was deciding for 45 seconds at most.
const DECIDED_LIMIT: Duration = Duration::from_mins(2);

/// Hands in one application under each of these orders' numbers, by the applicants in turn; gives
/// their ids in the order of the numbers.
///
/// # Panics
/// When one is not taken in.
pub fn hand_in(server: &Server, applicants: &[Applicant], orders: Range<u64>) -> Vec<String> {
    let (sealer, next) = (Sealer::of(server), AtomicU64::new(orders.start));
    let merchant = Qiancheng::log_in(server);
    let work = || {
        let (mut merchant, mut ids) = (merchant.another(), Vec::new());
        loop {
            let order = next.fetch_add(1, Ordering::Relaxed);
            if order >= orders.end {
                return ids;
            }
            let mut applicant = applicants[order as usize % applicants.len()].clone();
            applicant.application["order_detail"]["order_id"] = json!(order);
            let data = sealer.jwe(applicant.text().as_bytes());
            ids.push((order, merchant.applied(&applicant, &data)));
        }
    };
    let mut ids: Vec<(u64, String)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|one| one.join().expect("it hands in")).collect()
    });
    ids.sort();
    ids.into_iter().map(|(_, id)| id).collect()
}

/// Returns when no application waits for a policy any more.
///
/// # Panics
/// When that takes too long.
pub fn all_decided(server: &Server) {
    let begun = Instant::now();
    let list = ["decision", "list", "--state", "waiting", "--json"];
    while server.cli(&list).expect_success().json() != json!([]) {
        assert!(begun.elapsed() < DECIDED_LIMIT, "applications wait too long");
        thread::sleep(Duration::from_millis(100));
    }
}

/// The applications that are stored, by order number: the state of each.
///
/// # Panics
/// When the command fails.
pub fn states(server: &Server) -> Vec<(u64, String)> {
    let list = ["decision", "list", "--limit", "100000", "--json"];
    let list = server.cli(&list).expect_success().json();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let state = |one: &serde_json::Value| {
        (text(&one["order_id"]).parse().expect("a number"), text(&one["state"]))
    };
    list.as_array().expect("a list").iter().map(state).collect()
}

/// How all decisions that are kept came out when they were made again: how many the same, and the
/// others with their numbers.
///
/// # Panics
/// When the command says nothing.
pub fn replayed(server: &Server) -> serde_json::Value {
    server.cli(&["decision", "replay", "--json"]).json()
}
