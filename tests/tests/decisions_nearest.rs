//! What would have changed a decision is told, and is true: whoever hands it in is approved.

use serde_json::{Value, json};
use tests::database::Database;
use tests::qiancheng::audit::Applicant;
use tests::reviews::Stage;

/// Applicants of the sandbox who are approved once carrier and bank are collected; the bank's
/// months are others each month, so that one may not be.
const SOUND: [u32; 3] = [1, 8, 9];

/// The application that asks for that many yuan.
fn asking(applicant: &Applicant, order: u64, yuan: i64) -> Applicant {
    let mut asking = applicant.clone();
    let order_detail = &mut asking.application["order_detail"];
    (order_detail["order_id"], order_detail["amount"]) = (json!(order), json!(yuan * 100));
    asking
}

fn inputs(stage: &Stage, open_id: &str) -> Value {
    let explain = ["decision", "explain", open_id, "--json", "--reason", "合成"];
    let mut account = stage.server.cli(&explain).expect_success().json();
    account["decisions"][0]["record"]["decision"]["inputs"].take()
}

#[test]
fn whoever_asks_for_too_much_is_told_how_much_is_approved() {
    let mut stage = Stage::on(Database::Sqlite);
    let mut order = 0;
    let approved = SOUND.into_iter().find_map(|number| {
        stage.collect(number);
        order += 1;
        let applicant = Applicant::sized(number, order, "normal");
        let open_id = stage.apply(&applicant);
        (stage.result(&open_id)["state"] == 0).then_some((applicant, open_id))
    });
    let (applicant, open_id) = approved.expect("one of them is approved");
    assert_eq!(stage.decided(&open_id)["nearest"], Value::Null, "nothing is to be changed");
    let known = inputs(&stage, &open_id);
    let number = |name: &str| known[name].as_f64().unwrap_or_else(|| panic!("{name}: {known}"));
    let room = number("income.monthly") * 0.6 - number("debt.monthly");
    let too_much = (room * number("loan.months")) as i64;
    let reviewed = stage.apply(&asking(&applicant, 100, too_much));
    let told = stage.decided(&reviewed);
    assert_eq!(
        (&told["state"], &told["reasons"][0]["rule"]),
        (&json!("in_review"), &json!("A602"))
    );
    let nearest = told["nearest"].as_array().expect("a change");
    assert_eq!((nearest.len(), &nearest[0]["name"]), (1, &json!("loan.amount")), "{told}");
    let enough = nearest[0]["to"].as_f64().expect("a number");
    assert!(enough < too_much as f64 && nearest[0]["from"] == json!(too_much), "{told}");
    let explain = ["decision", "explain", &reviewed];
    let shown = stage.server.cli(&explain).expect_success().stdout;
    assert!(shown.contains("申请金额") && !shown.contains('→'), "masked: {shown}");
    let explain = [&explain[..], &["--reason", "合成"]].concat();
    let shown = stage.server.cli(&explain).expect_success().stdout;
    assert!(shown.contains(&format!(": {too_much} → {}", nearest[0]["to"])), "{shown}");
    // Just that is approved, and a little more is not.
    for (order, yuan, state) in
        [(101, enough as i64, "approved"), (102, enough as i64 + 100, "in_review")]
    {
        let changed = stage.apply(&asking(&applicant, order, yuan));
        assert_eq!(stage.decided(&changed)["state"], state, "{yuan} of {told}");
    }
}
