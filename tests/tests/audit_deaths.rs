//! The server dies at each durable step of an application, before the step is kept and after it;
//! and a node dies with applications in its hands. Each comes to one id, one bill, one decision,
//! and ends.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::database::Database;
use tests::figure;
use tests::journal::Journal;
use tests::qiancheng::audit::{Applicant, Sealer, least};
use tests::qiancheng::many::{all_decided, hand_in, replayed, states};
use tests::qiancheng::{Answer, Qiancheng};
use tests::server::{Options, Server};
use tests::v1::V1;

const POINTS: [&str; 3] = ["unit.worked", "unit.committed", "application.judged"];
/// More units than a start takes.
const UNITS_MAX: usize = 256;
/// Rounds in a row that the server has to outlive, until no step of an application is left: its own
/// jobs take units as well.
const OUTLIVED: usize = 2;
const ROUNDS_MAX: usize = 60;
/// A unit of the server's own can come in the place of the application's: then all over again.
const TIMES_MAX: usize = 3;
const LOOK_PAUSE: Duration = Duration::from_millis(5);
const END_LIMIT: Duration = Duration::from_secs(20);

/// Who is overdue is refused; of who says little, too little is known.
const ENDS: [&str; 2] = ["rejected", "in_review"];

struct Rounds {
    server: Server,
    sealer: Sealer,
    merchant: Qiancheng,
    v1: V1,
    applicants: [Applicant; 2],
    /// The id of each application, as far as its merchant was told; the first has number 1.
    told: Vec<Option<String>>,
    /// Where applications stood when the server had died.
    found: BTreeMap<String, usize>,
}

impl Rounds {
    fn on(database: Database) -> Self {
        let server = Server::start(Options::on(database));
        let (sealer, merchant) = (Sealer::of(&server), Qiancheng::log_in(&server));
        let v1 = V1::of(&server, "own");
        let applicants = [Applicant::sized(35, 1, "small"), Applicant::with(least(1))];
        let (told, found) = (Vec::new(), BTreeMap::new());
        Self { server, sealer, merchant, v1, applicants, told, found }
    }

    /// Whether the server comes up although it dies when that many units have passed the point.
    fn starts(&mut self, point: &str, passes: usize) -> bool {
        self.server.try_restart_with_fail_points(&format!("{point}={passes}*off->return")).is_ok()
    }

    /// How often a start passes the point.
    fn units_of_start(&mut self, point: &str) -> usize {
        let (mut least, mut enough) = (0, UNITS_MAX);
        while least < enough {
            let passes = usize::midpoint(least, enough);
            if self.starts(point, passes) {
                enough = passes;
            } else {
                least = passes + 1;
            }
        }
        enough
    }

    fn applicant(&self, order: usize) -> Applicant {
        let mut applicant = self.applicants[order % 2].clone();
        applicant.application["order_detail"]["order_id"] = json!(order);
        applicant
    }

    fn hand_in(&mut self, order: usize) -> Option<String> {
        let applicant = self.applicant(order);
        let data = self.sealer.jwe(applicant.text().as_bytes());
        let answer = self.merchant.try_hand_in(&applicant, &data).ok()?;
        let data = Answer::read(&answer).ok();
        Some(data["open_id"].as_str().expect("an id").to_owned())
    }

    /// An application's way, until it is decided or the server is gone; says whether it is decided.
    fn round(&mut self) -> bool {
        (self.merchant, self.v1) = (self.merchant.at(&self.server), self.v1.at(&self.server));
        let order = self.told.len() + 1;
        let told = self.hand_in(order);
        self.told.push(told.clone());
        let is_decided = told.is_some_and(|id| self.is_decided(&id));
        if !is_decided {
            self.server.wait();
            let stored = states(&self.server).into_iter().find(|one| one.0 == order as u64);
            let state = stored.map_or_else(|| "absent".to_owned(), |(_, state)| state);
            *self.found.entry(state).or_default() += 1;
        }
        is_decided
    }

    fn is_decided(&mut self, open_id: &str) -> bool {
        let begun = Instant::now();
        while let Some(response) = self.v1.try_get(&format!("/v1/applications/{open_id}")) {
            if response.json()["state"] != "waiting" {
                return true;
            }
            assert!(begun.elapsed() < END_LIMIT, "{open_id}: nothing is decided");
            thread::sleep(LOOK_PAUSE);
        }
        false
    }

    /// Dies once at each unit from where the server serves to where the application is decided.
    fn die_at_each(&mut self, point: &str) {
        let (mut passes, mut outlived) = (self.units_of_start(point), 0);
        let first = self.told.len();
        while outlived < OUTLIVED {
            assert!(self.told.len() - first < ROUNDS_MAX, "{point}: there is no end");
            // A start may take more units, on a busy machine.
            if self.starts(point, passes) {
                outlived = if self.round() { outlived + 1 } else { 0 };
            }
            passes += 1;
        }
        eprintln!("{point}: {} deaths, up to {passes} units", self.told.len() - first - OUTLIVED);
    }

    /// The states that no application was found in: not taken in yet, taken in, decided.
    fn missing(&self) -> Vec<&'static str> {
        let has = |state: &str| self.found.contains_key(state);
        let is_there = [
            ("absent", has("absent")),
            ("waiting", has("waiting")),
            ("decided", ENDS.iter().any(|end| has(end))),
        ];
        is_there.into_iter().filter(|(_, is)| !is).map(|(state, _)| state).collect()
    }

    /// All are handed in again, twice: one id, one bill, one decision each, and an end.
    fn check(mut self) {
        eprintln!("{} applications, found: {:?}", self.told.len(), self.found);
        assert_eq!(self.missing(), [""; 0], "none was found so");
        self.server.restart_with_fail_points("");
        (self.merchant, self.v1) = (self.merchant.at(&self.server), self.v1.at(&self.server));
        let count = self.told.len();
        let ids: Vec<String> = (1..=count)
            .map(|order| {
                let [id, again] = [(); 2].map(|()| self.hand_in(order).expect("an answer"));
                assert_eq!(id, again);
                assert_eq!(*self.told[order - 1].get_or_insert(id.clone()), id, "order {order}");
                id
            })
            .collect();
        all_decided(&self.server);
        for (place, id) in ids.iter().enumerate() {
            let told = self.v1.get(&format!("/v1/applications/{id}")).json();
            assert_eq!(told["state"], ENDS[(place + 1) % 2], "{told}");
            assert_eq!(told["order_id"], (place + 1).to_string());
        }
        assert_eq!(states(&self.server).len(), count, "none is stored twice");
        let same = json!({ "same": count, "from_record": {}, "different": [] });
        assert_eq!(replayed(&self.server), same, "one decision each");
        Journal::export(&self.server).check_orders(1..count as u64 + 1);
    }
}

#[test]
fn at_every_step_on_sqlite() {
    at_every_step(Database::Sqlite);
}

#[test]
fn at_every_step_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        at_every_step(Database::Postgres);
    }
}

fn at_every_step(database: Database) {
    let mut rounds = Rounds::on(database);
    for _ in 0..TIMES_MAX {
        for point in POINTS {
            rounds.die_at_each(point);
        }
        if rounds.missing().is_empty() {
            break;
        }
    }
    rounds.check();
}

/// Whoever decides on the node that dies takes this long over it.
const SLOWLY: &str = "application.judged=return(3000)";

#[test]
fn what_a_dead_node_had_in_its_hands_is_decided_by_another() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let count = figure(300_u64, 1_000);
    let first = Server::start(Options::on(Database::Postgres));
    let mut second = Server::join(&first);
    second.restart_with_fail_points(SLOWLY);
    let applicants = [Applicant::sized(35, 1, "small"), Applicant::with(least(1))];
    let ids = hand_in(&second, &applicants, 1..count + 1);
    second.kill9();
    let mut database = first.postgres().expect("it is one").connect();
    let sql = "SELECT COUNT(*) FROM applications WHERE state = 1 AND lease_until > 0
               AND lease_node = (SELECT id FROM nodes ORDER BY started_at DESC LIMIT 1)";
    let held: i64 = database.query_one(sql, &[]).expect("a count").get(0);
    eprintln!("the node died with {held} of {count} in its hands");
    assert!(held > 0, "it had nothing left to decide");
    all_decided(&first);
    let mut merchant = Qiancheng::log_in(&first);
    let mut look = |open_id: &String| Answer::read(&merchant.look_at(&[("open_id", open_id)])).ok();
    let results: Vec<Value> = ids.iter().map(&mut look).collect();
    for (place, result) in results.iter().enumerate() {
        assert_eq!(result["state"], if place % 2 == 0 { 2 } else { 1 }, "order {}", place + 1);
    }
    let same = json!({ "same": count, "from_record": {}, "different": [] });
    assert_eq!(replayed(&first), same, "one decision each");
    Journal::export(&first).check_orders(1..count + 1);
}
