//! Decisions are made again from what was stored, byte for byte; each application ends once, with
//! one result, whatever becomes of the nodes; and a policy that cannot be used decides nothing.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::database::Database;
use tests::figure;
use tests::journal::Journal;
use tests::operators::of_sandbox;
use tests::qiancheng::audit::{Applicant, IN_REVIEW, least};
use tests::qiancheng::many::{all_decided, hand_in, replayed};
use tests::qiancheng::{Answer, Qiancheng};
use tests::server::{Options, Server};

const APPLICANTS: u32 = 70;

#[test]
fn stored_decisions_come_out_the_same_and_a_changed_input_changes_them() {
    let count = figure(700_u64, 10_000);
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let applicants: Vec<_> =
            (0..APPLICANTS).map(|number| Applicant::sized(number, 1, "small")).collect();
        let ids = hand_in(&server, &applicants, 1..count + 1);
        all_decided(&server);
        let same = json!({ "same": count, "from_record": {}, "different": [] });
        assert_eq!(replayed(&server), same, "{database:?}");
        let mut outcomes: HashMap<String, usize> = HashMap::new();
        let mut v1 = tests::v1::V1::of(&server, "own");
        for open_id in &ids {
            let told = v1.get(&format!("/v1/applications/{open_id}")).json();
            assert!(told["reasons"].as_array().is_some_and(|all| !all.is_empty()), "{told}");
            let state = told["state"].as_str().expect("a state");
            *outcomes.entry(state.to_owned()).or_default() += 1;
        }
        assert!(outcomes.len() > 1, "not all the same: {outcomes:?}");
        let changed =
            ["decision", "replay", &ids[0], "--with", "blacklist.is_listed=true", "--json"];
        let changed = server.cli(&changed).expect_success().json();
        assert_eq!(changed["again"]["decision"]["outcome"], "reject", "{database:?}");
        assert_ne!(changed["again"], changed["stored"]);
    }
}

#[test]
fn a_decision_that_was_changed_in_the_database_is_found() {
    let mut server = Server::start(Options::on(Database::Sqlite));
    let ids = hand_in(&server, &[Applicant::with(least(1))], 1..4);
    all_decided(&server);
    let sql = format!(
        "UPDATE decisions SET sealed = (SELECT sealed FROM decisions WHERE open_id = '{}')
         WHERE open_id = '{}'",
        ids[0], ids[1]
    );
    server.tamper(&sql, &[]);
    let again = server.cli(&["decision", "replay", "--json"]);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stdout.contains(&ids[1]) && !again.stdout.contains(&ids[0]), "{again:?}");
}

#[test]
fn each_application_ends_once_though_a_node_dies_while_people_resolve_them() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let count = figure(200, 1_000);
    let first = Server::start(Options::on(Database::Postgres));
    let mut second = Server::join(&first);
    let merchant = Qiancheng::log_in(&first);
    let ids = hand_in(&second, &[Applicant::with(least(1))], 1..count as u64 + 1);
    all_decided(&first);
    let operators = ["risk-1", "risk-2"].map(|name| of_sandbox(&first, name));
    let tokens = operators.map(|operator| tests::operators::token(&first, &operator));
    let (nodes, answered) = ([first.client(), second.client()], AtomicUsize::new(0));
    let resolve = |node: usize, ids: &[String]| {
        let mut v1 =
            tokens.each_ref().map(|token| tests::v1::V1::over(nodes[node].another(), token));
        for (place, open_id) in ids.iter().enumerate() {
            let verdict = if place % 2 == 0 { "approve" } else { "reject" };
            let body = json!({ "verdict": verdict, "reason": "合成" }).to_string();
            for (who, path, body) in
                [(0, "proposal", body.as_str()), (1, "answer", r#"{"agrees":"yes"}"#)]
            {
                let path = format!("/v1/reviews/{open_id}/{path}");
                // Who finds the node gone, or the act done, goes on.
                let answer = v1[who].try_post(&path, body.as_bytes());
                answered.fetch_add(usize::from(answer.is_some() && node == 1), Ordering::Relaxed);
            }
        }
    };
    // Half of them by the node that dies, in the middle of it.
    let (mine, others) = ids.split_at(count / 2);
    thread::scope(|scope| {
        scope.spawn(|| resolve(0, mine));
        scope.spawn(|| resolve(1, others));
        while answered.load(Ordering::Relaxed) < count / 4 {
            thread::sleep(Duration::from_millis(1));
        }
        second.kill9();
    });
    let mut merchant = merchant.at(&first);
    let mut look = |open_id: &String| Answer::read(&merchant.look_at(&[("open_id", open_id)])).ok();
    let left = others.iter().filter(|open_id| look(open_id)["state"] == IN_REVIEW).count();
    assert!(0 < left && left < others.len(), "it died in its work: {left} of {} left", count / 2);
    // Whoever was interrupted does it again at the node that lives.
    resolve(0, others);
    let results: Vec<Value> = ids.iter().map(&mut look).collect();
    for (place, result) in results.iter().enumerate() {
        let wanted = i64::from(place % (count / 2) % 2 == 1);
        assert_eq!(result["state"], wanted, "application {place}");
    }
    let mut each: HashMap<String, usize> = HashMap::new();
    for (_, action, target) in tests::operators::notes(&first) {
        if action == "application.confirm" {
            *each.entry(target).or_default() += 1;
        }
    }
    assert_eq!(each.len(), count);
    assert!(each.values().all(|times| *times == 1), "each ends once");
    first.cli(&["operator", "log", "verify"]).expect_success();
    Journal::export(&first).check_orders(1..count as u64 + 1);
    let again: Vec<Value> = ids.iter().map(look).collect();
    assert_eq!(again, results, "what is final stays");
}

#[test]
fn without_a_sound_policy_applications_wait_and_nothing_is_lost() {
    let mut server = Server::start(Options::on(Database::Sqlite));
    let swap = |from: &str, to: &str| {
        format!(
            "UPDATE policies SET body = CAST(replace(CAST(body AS TEXT), '{from}', '{to}') AS BLOB)"
        )
    };
    server.tamper(&swap("lenders.d90 >= 20", "lenders.d90 >= 21"), &[]);
    let ids = hand_in(&server, &[Applicant::with(least(1))], 1..3);
    thread::sleep(Duration::from_secs(1));
    let waiting = ["decision", "list", "--state", "waiting", "--json"];
    let waiting = server.cli(&waiting).expect_success().json();
    assert_eq!(waiting.as_array().map(Vec::len), Some(2), "one changed byte decides nothing");
    let list = server.cli(&["policy", "list"]).expect_success();
    assert!(list.stdout.contains("consumer-credit"), "{}", list.stdout);
    assert!(list.stderr.contains("2 applications wait"), "{}", list.stderr);
    // Past the look after: the log says it once, not per application and look.
    thread::sleep(Duration::from_secs(6));
    assert_eq!(server.log_text().matches("no policy decides").count(), 1);
    let metrics = server.client().get("/metrics", &[]).expect("an answer").text();
    assert!(metrics.contains("probity_applications_waiting 2"), "{metrics}");
    server.tamper(&swap("lenders.d90 >= 21", "lenders.d90 >= 20"), &[]);
    all_decided(&server);
    let mut merchant = Qiancheng::log_in(&server);
    for open_id in ids {
        let result = Answer::read(&merchant.look_at(&[("open_id", &open_id)])).ok();
        assert_eq!(result["state"], IN_REVIEW);
    }
}
