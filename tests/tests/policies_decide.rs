//! Which version of a policy decides an application: the live one whatever its shadow says, a
//! challenger its share, after a rollback the one before. What each decided is made again by it.

use std::fs;
use std::thread;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use tests::cli::text;
use tests::database::Database;
use tests::operators::{Acting, of_sandbox};
use tests::qiancheng::Qiancheng;
use tests::qiancheng::audit::{Applicant, least};
use tests::qiancheng::many::{all_decided, hand_in, replayed};
use tests::server::{IN_FORCE, Options, Server};
use tests::v1::V1;

const DEFAULT: &str = include_str!("../../crates/domain/policies/consumer-credit.json");
const NAME: &str = "consumer-credit";
const SHADOWED: u64 = 20;
const CHALLENGED: u64 = 200;
const SHARE: u64 = 50;
/// Four standard deviations of how many of [`CHALLENGED`] the challenger decides.
const DEVIATION_MAX: f64 = 4.0 * 7.072;

/// Version 1 sends the applicants of this test to people; version 2 refuses everybody.
struct Stage<'s> {
    server: &'s Server,
    writer: Acting<'s>,
    signer: Acting<'s>,
    v1: V1,
    /// Orders handed in so far, and decisions made of them.
    orders: u64,
    decisions: u64,
}

impl<'s> Stage<'s> {
    fn on(server: &'s Server) -> Self {
        let [writer, signer] =
            ["risk-1", "risk-2"].map(|name| Acting::new(server, &of_sandbox(server, name)));
        let mut document: Value = serde_json::from_str(DEFAULT).expect("JSON");
        document["version"] = "2".into();
        document["rules"].as_array_mut().expect("a list").push(json!({
            "id": "Z999", "when": "loan.amount > 0", "then": "reject", "zh": "合成", "en": "all",
        }));
        let file = server.data_folder().join("2.json");
        fs::write(&file, document.to_string()).expect("the folder can be written");
        writer.cli("policy add", &[text(&file)]).expect_success();
        signer.cli("policy sign-off", &[NAME, "2"]).expect_success();
        Self { server, writer, signer, v1: V1::of(server, "own"), orders: 0, decisions: 0 }
    }

    /// Takes a step with version 2, on every node when it returns.
    fn step(&self, step: &[&str]) {
        let arguments = [&[NAME], &step[1..]].concat();
        self.writer.cli(&format!("policy {}", step[0]), &arguments).expect_success();
        thread::sleep(IN_FORCE);
    }

    /// Hands so many in, on each of which so many decisions are made; gives their ids.
    fn decided(&mut self, count: u64, decisions: u64) -> Vec<String> {
        let orders = self.orders + 1..self.orders + 1 + count;
        let ids = hand_in(self.server, &[Applicant::with(least(1))], orders);
        all_decided(self.server);
        (self.orders, self.decisions) = (self.orders + count, self.decisions + count * decisions);
        ids
    }

    /// The version that decided an application, as its merchant is told; its state fits it.
    fn decided_by(&mut self, open_id: &str) -> i64 {
        let told = self.v1.get(&format!("/v1/applications/{open_id}")).json();
        let version = told["policy"]["version"].as_str().expect("a version").to_owned();
        let state = if version == "2" { "rejected" } else { "in_review" };
        assert_eq!(told["state"], state, "{told}");
        version.parse().expect("a number")
    }

    /// All that is kept of an application: (number, version, outcome) of each decision.
    fn kept(&mut self, open_id: &str) -> Vec<(i64, i64, String)> {
        let shown = self.signer.v1.get(&format!("/v1/reviews/{open_id}")).json();
        let decision = |one: &Value| {
            let number = |name: &str| one[name].as_i64().expect(name);
            let outcome = one["outcome"].as_str().expect("an outcome").to_owned();
            assert_eq!(one["record"]["decision"]["outcome"], outcome.as_str());
            assert_eq!(one["record"]["policy_version"], one["policy_version"]);
            (number("number"), number("policy_version"), outcome)
        };
        shown["decisions"].as_array().expect("a list").iter().map(decision).collect()
    }

    fn replayed_the_same(&self) {
        let same = json!({ "same": self.decisions, "from_record": {}, "different": [] });
        assert_eq!(replayed(self.server), same);
    }
}

/// Whether the challenger decides it: the hash of docs/policy.md, worked out here.
fn is_challenged(open_id: &str) -> bool {
    let text = [NAME.as_bytes(), b"\n", &2_i64.to_be_bytes(), open_id.as_bytes()].concat();
    let hash = digest(&SHA256, &text);
    let head = hash.as_ref().first_chunk().expect("32 bytes");
    u64::from_be_bytes(*head) % 100 < SHARE
}

#[test]
fn the_version_in_use_decides_and_its_decisions_are_made_again_by_it() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut stage = Stage::on(&server);
        let draft = stage.decided(1, 1);
        assert_eq!(stage.decided_by(&draft[0]), 1, "a signed-off version decides nothing");
        in_its_shadow(&mut stage);
        challenged(&mut stage);
        stage.step(&["promote", "2"]);
        let promoted = stage.decided(1, 1);
        stage.step(&["rollback"]);
        let rolled_back = stage.decided(1, 1);
        for (id, version) in [(&draft, 1), (&promoted, 2), (&rolled_back, 1)] {
            assert_eq!(stage.decided_by(&id[0]), version, "{database:?}");
        }
        stage.replayed_the_same();
    }
}

fn in_its_shadow(stage: &mut Stage<'_>) {
    stage.step(&["shadow", "2"]);
    let ids = stage.decided(SHADOWED, 2);
    let mut merchant = Qiancheng::log_in(stage.server);
    for id in &ids {
        assert_eq!(stage.decided_by(id), 1);
        let both = [(0, 1, "review".to_owned()), (1, 2, "reject".to_owned())];
        assert_eq!(stage.kept(id), both);
        assert_eq!(merchant.look_at(&[("open_id", id)]).json()["data"]["state"], 2);
    }
    let explained = stage.server.cli(&["decision", "explain", &ids[0]]).expect_success();
    let shown = "in its shadow, consumer-credit 2 came to: reject";
    assert!(explained.stdout.contains(shown), "{explained:?}");
    stage.replayed_the_same();
}

fn challenged(stage: &mut Stage<'_>) {
    stage.step(&["challenge", "2", "--share", &SHARE.to_string()]);
    let ids = stage.decided(CHALLENGED, 1);
    let versions: Vec<i64> = ids.iter().map(|id| stage.decided_by(id)).collect();
    for (id, version) in ids.iter().zip(&versions) {
        assert_eq!(*version == 2, is_challenged(id), "{id} by {version}");
    }
    let second = versions.iter().filter(|version| **version == 2).count();
    let expected = (CHALLENGED * SHARE / 100) as f64;
    eprintln!("the challenger decided {second} of {CHALLENGED}");
    assert!((second as f64 - expected).abs() < DEVIATION_MAX, "{second} of {CHALLENGED}");
    // Looked at again, and made again, each is by the version that it was by.
    let again: Vec<i64> = ids.iter().map(|id| stage.decided_by(id)).collect();
    assert_eq!(again, versions);
    stage.replayed_the_same();
}
