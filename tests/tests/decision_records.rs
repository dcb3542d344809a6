//! What is kept of a decision: it names all that took part in it, and says so itself when it is not
//! what was decided, even to somebody who can seal it again.

use std::fs;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use tests::database::Database;
use tests::qiancheng::audit::{Applicant, least};
use tests::qiancheng::many::{all_decided, hand_in, replayed};
use tests::server::{Options, Server};
use tests::stored::{self, Vault};

const POLICY: &[u8] = include_bytes!("../../crates/domain/policies/consumer-credit.json");
const MODEL: &[u8] = include_bytes!("../../crates/domain/models/consumer-credit-expert.json");
const CARD: &[u8] = include_bytes!("../../crates/domain/models/consumer-credit-expert.card.json");

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

#[test]
fn a_record_names_all_that_took_part() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let ids = hand_in(&server, &[Applicant::sized(35, 1, "small")], 1..2);
        all_decided(&server);
        let explain = ["decision", "explain", &ids[0], "--json", "--reason", "合成"];
        let explained = server.cli(&explain).expect_success();
        let record = explained.json()["decisions"][0]["record"].take();
        let list = |what: &str| server.cli(&[what, "list", "--json"]).expect_success().json();
        let policy = list("policy")[0].take();
        assert_eq!(record["decision"]["policy"]["name"], policy["name"]);
        assert_eq!(record["policy_version"], policy["version"]);
        assert_eq!(record["decision"]["policy"]["version"], json_of(POLICY)["version"]);
        assert_eq!(record["decision"]["policy"]["sha256"], policy["sha256"]);
        // Keys in order, no spaces: what is signed off.
        assert_eq!(policy["sha256"], sha256(json_of(POLICY).to_string().as_bytes()));
        let score = &record["score"];
        let models = list("model");
        let mut models = models.as_array().expect("a list").iter();
        let model = models.find(|one| one["name"] == score["model"]).expect("it is in the list");
        for name in ["version", "sha256", "card_sha256"] {
            assert_eq!(score[name], model[name], "{name}");
        }
        assert_eq!(score["sha256"], sha256(MODEL));
        let stored = &stored::tables(&server)["models"];
        let is_it = |row: &&Vec<_>| Some(stored.cell(row, "name").as_slice()) == name(model);
        let card = stored.cell(stored.rows.iter().find(is_it).expect("it is stored"), "card");
        assert_eq!(score["card_sha256"], sha256(card));
        for name in ["name", "version", "scale", "sha256", "training_data"] {
            assert_eq!(json_of(card)[name], json_of(CARD)[name], "{name}, as it ships");
        }
        assert!(record["catalogue"].as_u64().is_some_and(|version| version > 0), "{database:?}");
        let read = record["features"].as_object().expect("what the model read");
        let contributions = score["contributions"].as_array().expect("a list");
        assert!(!read.is_empty() && read.len() == contributions.len(), "{read:?}");
    }
}

fn name(model: &Value) -> Option<&[u8]> {
    model["name"].as_str().map(str::as_bytes)
}

/// Opens a decision under its person's key, changes what was recorded, and seals it again; gives
/// what was recorded before.
fn rewrite(server: &mut Server, open_id: &str, edit: impl FnOnce(&str) -> String) -> String {
    assert!(server.terminate().success());
    let tables = stored::tables(server);
    let key = fs::read_to_string(server.root_key()).expect("the root key");
    let (vault, decisions) = (Vault::open(&key, &tables), &tables["decisions"]);
    let row =
        decisions.rows.iter().find(|row| decisions.cell(row, "open_id") == open_id.as_bytes());
    let row = row.expect("it is decided");
    let name = [open_id.as_bytes(), &0_i64.to_be_bytes()].concat();
    let mut before = String::new();
    let sealed = vault.resealed(
        decisions.cell(row, "subject"),
        ("decisions", &name),
        decisions.cell(row, "sealed"),
        |plain| {
            let mut kept = json_of(&plain);
            kept["record"].as_str().expect("a text").clone_into(&mut before);
            kept["record"] = edit(&before).into();
            kept.to_string().into_bytes()
        },
    );
    let sql = "UPDATE decisions SET sealed = ?1 WHERE open_id = ?2 AND number = 0";
    server.tamper(sql, &[&sealed, &open_id]);
    before
}

/// What would have come out, in the clear.
fn what_if(server: &Server, open_id: &str, with: &str) -> Value {
    let replay = ["decision", "replay", open_id, "--with", with, "--json", "--reason", "合成"];
    server.cli(&replay).expect_success().json()
}

/// One change, which has to be there.
fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

fn one_is_different(server: &Server, open_id: &str) {
    let again = server.cli(&["decision", "replay"]);
    let said = format!("{open_id} 0: it comes out otherwise");
    assert!(again.code == Some(1) && again.stdout.contains(&said), "{again:?}");
    let of_it = server.cli(&["decision", "replay", open_id]);
    assert!(of_it.code == Some(1) && of_it.stdout.contains(&said), "{of_it:?}");
}

#[test]
fn an_answer_that_was_put_in_another_ones_place_is_found() {
    let mut server = Server::start(Options::on(Database::Sqlite));
    let ids = hand_in(&server, &[Applicant::with(least(1))], 1..4);
    all_decided(&server);
    let all = json!({ "same": 3, "from_record": {}, "different": [] });
    assert_eq!(replayed(&server), all);
    let review = r#""outcome":"review""#;
    let truth =
        rewrite(&mut server, &ids[1], |record| changed(record, review, r#""outcome":"approve""#));
    let shown = server.cli(&["decision", "explain", &ids[1], "--json"]).expect_success().json();
    let shown = &shown["decisions"][0]["record"]["decision"]["outcome"];
    assert_eq!(shown, "approve", "it opens, and says so");
    one_is_different(&server, &ids[1]);
    let one = json!({ "same": 2, "from_record": {}, "different": [format!("{} 0", ids[1])] });
    assert_eq!(replayed(&server), one);
    // What is decided is not taken from what is kept.
    let with = what_if(&server, &ids[1], "blacklist.is_listed=false");
    assert_eq!(with["again"], json_of(truth.as_bytes()));
    assert_ne!(with["again"], with["stored"]);
    rewrite(&mut server, &ids[1], |_| truth.clone());
    assert_eq!(replayed(&server), all);
    // The outcome in the clear, which lists go by.
    let sql = "UPDATE decisions SET outcome = ?1 WHERE open_id = ?2";
    server.tamper(sql, &[&0, &ids[2]]);
    one_is_different(&server, &ids[2]);
}

#[test]
fn a_decision_of_another_catalogue_is_made_again_from_what_was_recorded() {
    let mut server = Server::start(Options::on(Database::Sqlite));
    let applicants = [Applicant::with(least(1)), Applicant::sized(35, 1, "small")];
    let ids = hand_in(&server, &applicants, 1..4);
    all_decided(&server);
    let (other, mine) = (&ids[0], &ids[1]);
    // Features as no catalogue of today gives them: another applicant's.
    let mut record = String::new();
    rewrite(&mut server, other, |text| {
        text.clone_into(&mut record);
        record.clone()
    });
    let sql = "UPDATE decisions SET at = o.at, outcome = o.outcome
               FROM decisions o WHERE o.open_id = ?1 AND decisions.open_id = ?2";
    server.tamper(sql, &[other, mine]);
    rewrite(&mut server, mine, |_| record.clone());
    one_is_different(&server, mine);
    let catalogue = json_of(record.as_bytes())["catalogue"].as_u64().expect("a version");
    let from = format!("\"catalogue\":{catalogue}");
    let older = changed(&record, &from, "\"catalogue\":0");
    rewrite(&mut server, mine, |_| older.clone());
    let told = json!({ "same": 2, "from_record": { "0": 1 }, "different": [] });
    assert_eq!(replayed(&server), told);
    let said = server.cli(&["decision", "replay"]).expect_success();
    assert!(said.stdout.contains("features by catalogue 0 are not computed any more"), "{said:?}");
    let with = what_if(&server, mine, "blacklist.is_listed=true");
    assert_eq!(with["again"]["decision"]["outcome"], "reject");
    assert_eq!(
        with["again"]["decision"]["inputs"]["identity.age_years"],
        json_of(record.as_bytes())["decision"]["inputs"]["identity.age_years"]
    );
    // That it is an old one does not hide what was changed.
    for (from, to) in [
        (r#""outcome":"review""#, r#""outcome":"approve""#),
        (r#""identity.age_years":"#, r#""identity.age_years":1"#),
        (r#""card_sha256":""#, r#""card_sha256":"0"#),
    ] {
        rewrite(&mut server, mine, |_| changed(&older, from, to));
        one_is_different(&server, mine);
    }
}
