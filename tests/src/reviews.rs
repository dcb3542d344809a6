//! A lender whose applications are decided, and the operators who look at them.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli;
use crate::database::Database;
use crate::operators::{Acting, of_sandbox};
use crate::qiancheng::audit::{Applicant, Sealer};
use crate::qiancheng::{Answer, CODE, Person, QUERY_PASSWORD, Qiancheng};
use crate::server::{Options, Server};
use crate::v1::V1;

pub const JSON: &str = "application/json";

/// How long a decision may take to come.
const DECIDED_WITHIN: Duration = Duration::from_secs(10);

/// The demo merchant with a server of its own.
#[derive(Debug)]
pub struct Stage {
    pub server: Server,
    pub merchant: Qiancheng,
    pub sealer: Sealer,
    pub v1: V1,
}

impl Stage {
    pub fn on(database: Database) -> Self {
        let server = Server::start(Options::on(database));
        let (merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
        let v1 = V1::of(&server, "own");
        Self { server, merchant, sealer, v1 }
    }

    /// Hands an application in, and returns when the policy has decided.
    pub fn apply(&mut self, applicant: &Applicant) -> String {
        let open_id =
            self.merchant.applied(applicant, &self.sealer.jwe(applicant.text().as_bytes()));
        self.decided(&open_id);
        open_id
    }

    /// What the merchant is told, once the policy has decided.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn decided(&mut self, open_id: &str) -> Value {
        let begun = Instant::now();
        loop {
            let told = self.v1.get(&format!("/v1/applications/{open_id}")).json();
            assert!(told["state"].is_string(), "{told}");
            if told["state"] != "waiting" {
                return told;
            }
            assert!(begun.elapsed() < DECIDED_WITHIN, "{told}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn result(&mut self, open_id: &str) -> Value {
        Answer::read(&self.merchant.look_at(&[("open_id", open_id)])).ok()
    }

    /// Hands an objection in.
    ///
    /// # Panics
    /// When it is not taken.
    pub fn appeal(&mut self, open_id: &str, words: &str) {
        let body = json!({ "words": words }).to_string();
        let path = format!("/v1/applications/{open_id}/appeals");
        let taken = self.v1.post(&path, JSON, body.as_bytes());
        assert_eq!(taken.status, 201, "{taken:?}");
    }

    /// An operator of the sandbox, signed in.
    pub fn acting(&self, name: &str) -> Acting<'_> {
        Acting::new(&self.server, &of_sandbox(&self.server, name))
    }

    /// Has the carrier and the bank of the sandbox's applicant of that number collected.
    ///
    /// # Panics
    /// When either fails.
    pub fn collect(&mut self, number: u32) {
        let people = cli::run(&["sandbox", "people", "--json"]).expect_success().json();
        let one = &people["people"][number as usize];
        let text = |name: &str| one[name].as_str().expect("a text").to_owned();
        let person =
            Person { name: text("name"), id_card: text("id_card"), mobile: text("mobile") };
        let entry = match text("bank").as_str() {
            "工商银行" => "icbc-login",
            "建设银行" => "ccb-login",
            _ => "ceb-login",
        };
        let merchant = &mut self.merchant;
        let bank = merchant.open_ebank(&person, entry, "synth01");
        let carrier = merchant.open_telecom(&person, "synthetic");
        loop {
            let (step, field, value) = match merchant.state("telecom", &carrier).state() {
                43 => break,
                21 => ("captcha", "captcha", CODE),
                31 => ("query-password", "query_password", QUERY_PASSWORD),
                _ => {
                    thread::sleep(Duration::from_millis(50));
                    continue;
                }
            };
            merchant.of(&carrier, &format!("/telecom/collect/{step}"), &[(field, value)]);
        }
        merchant.wait_for("ebank", &bank, &[10]);
    }
}

/// Proposes what becomes of an application; gives status and body.
pub fn propose(who: &mut Acting<'_>, open_id: &str, verdict: &str) -> (u16, Value) {
    let body = json!({ "verdict": verdict, "reason": "合成理由" }).to_string();
    let path = format!("/v1/reviews/{open_id}/proposal");
    let response = who.v1.post(&path, JSON, body.as_bytes());
    (response.status, response.json())
}

/// Answers a proposal, `yes` or `no`; gives status and body.
pub fn answer(who: &mut Acting<'_>, open_id: &str, agrees: &str) -> (u16, Value) {
    let body = json!({ "agrees": agrees }).to_string();
    let response = who.v1.post(&format!("/v1/reviews/{open_id}/answer"), JSON, body.as_bytes());
    (response.status, response.json())
}
