//! Two people overturn what the policy refused: noted as an override, and the same person's next
//! refusal by the policy goes to people, for thirty days, and never to an approval.

use serde_json::{Value, json};
use tests::database::Database;
use tests::operators::{self, Acting};
use tests::qiancheng::Qiancheng;
use tests::qiancheng::audit::{Applicant, IN_REVIEW, Sealer};
use tests::reviews::{Stage, answer, propose};
use tests::server::{IN_FORCE, Server};
use tests::v1::V1;

/// Applicants of the sandbox who are overdue, and therefore refused.
const OVERDUE: u32 = 35;
const OTHER: u32 = 7;

/// The notes about applications, the oldest first: actor, action, target, detail.
fn acts(server: &Server) -> Vec<Value> {
    let list = ["operator", "log", "list", "--limit", "10000", "--json"];
    let notes = server.cli(&list).expect_success().json();
    let notes = notes.as_array().expect("a list").iter().rev();
    let of_application =
        |note: &&Value| note["action"].as_str().is_some_and(|it| it.starts_with("application."));
    let shown =
        |note: &Value| json!([note["actor"], note["action"], note["target"], note["detail"]]);
    notes.filter(of_application).map(shown).collect()
}

fn overdue(number: u32, order: u64) -> Applicant {
    Applicant::sized(number, order, "small")
}

#[test]
fn an_overturned_refusal_lets_people_look_at_the_next() {
    for database in Database::both() {
        let mut stage = Stage::on(database);
        let first = stage.apply(&overdue(OVERDUE, 1));
        let upheld = stage.apply(&overdue(OTHER, 2));
        let refused = stage.result(&first);
        assert_eq!(refused["state"], 1, "{database:?}");
        let words = ["合成申诉：已结清", "合成申诉"];
        let ids = [&first, &upheld];
        ids.iter().zip(words).for_each(|(open_id, words)| stage.appeal(open_id, words));
        let (mut one, mut two) = (stage.acting("risk-1"), stage.acting("risk-2"));
        let support = operators::add(&stage.server, "support-one", &["support"]);
        let mut support = Acting::new(&stage.server, &support);
        assert_eq!(propose(&mut support, &first, "approve").0, 403);
        assert_eq!(propose(&mut one, &first, "approve").0, 200);
        assert_eq!(answer(&mut one, &first, "yes").0, 409, "nobody overturns alone");
        assert_eq!(answer(&mut support, &first, "yes").0, 403);
        assert_eq!(answer(&mut two, &first, "yes").0, 200);
        assert_eq!(propose(&mut one, &upheld, "reject").0, 200);
        assert_eq!(answer(&mut two, &upheld, "yes").0, 200);
        drop((one, two, support));
        assert_eq!(stage.result(&first), refused, "{database:?}: what is final stays");

        let second = stage.apply(&overdue(OVERDUE, 3));
        assert_eq!(stage.result(&second)["state"], IN_REVIEW, "{database:?}");
        let told = stage.decided(&second);
        assert_eq!((&told["state"], &told["after_override"]), (&json!("in_review"), &json!(first)));
        assert_eq!(told["reasons"][0]["outcome"], "reject", "what the policy said stays: {told}");
        let shown = stage.server.cli(&["decision", "explain", &second]).expect_success();
        assert!(shown.stdout.contains(&first), "{shown:?}");
        let not_overturned = stage.apply(&overdue(OTHER, 4));
        assert_eq!(stage.result(&not_overturned)["state"], 1, "{database:?}");
        assert_eq!(stage.decided(&not_overturned)["after_override"], Value::Null);
        elsewhere(&stage.server);
        noted(&stage.server, [&first, &upheld, &second]);

        stage.server.advance("721h");
        stage.merchant = Qiancheng::log_in(&stage.server);
        stage.v1 = V1::of(&stage.server, "own");
        let third = stage.apply(&overdue(OVERDUE, 5));
        assert_eq!(stage.result(&third)["state"], 1, "{database:?}: its time is over");
        let again = stage.server.cli(&["decision", "replay", "--json"]).expect_success().json();
        assert_eq!(again, json!({ "same": 6, "from_record": {}, "different": [] }), "{database:?}");
        stage.server.cli(&["operator", "log", "verify"]).expect_success();
    }
}

/// At another merchant the same person is refused as before.
fn elsewhere(server: &Server) {
    let password = server.new_lender("elsewhere", &["risk.audit"]);
    std::thread::sleep(IN_FORCE);
    let mut lender = Qiancheng::log_in_as(server, "elsewhere", &password);
    let applicant = overdue(OVERDUE, 1);
    let open_id = lender.applied(&applicant, &Sealer::of(server).jwe(applicant.text().as_bytes()));
    assert_eq!(lender.verdict(&open_id)["state"], 1);
}

/// Each act stands once in the log: the override with what it went against.
fn noted(server: &Server, [first, upheld, second]: [&String; 3]) {
    let policies = server.cli(&["policy", "list", "--json"]).expect_success().json();
    let overridden = json!({
        "policy": "consumer-credit", "version": 1, "sha256": policies[0]["sha256"],
        "from": "reject", "to": "approve", "proposed_by": "risk-1",
    });
    let expected = [
        json!(["merchant:sandbox", "application.appeal", first, {}]),
        json!(["merchant:sandbox", "application.appeal", upheld, {}]),
        json!(["risk-1", "application.propose", first, { "verdict": "approve" }]),
        json!(["risk-2", "application.override", first, overridden]),
        json!(["risk-1", "application.propose", upheld, { "verdict": "reject" }]),
        json!(["risk-2", "application.confirm", upheld, {}]),
        json!(["system", "application.hold", second, { "after_override": first }]),
    ];
    assert_eq!(acts(server), expected);
}
