//! The demo's last part: a borrower whose credit report is there lets the lender see its carrier
//! and its bank, applies for a loan, and is told what was decided and why. What was collected is
//! not sent again: the platform takes it from what it holds.

use anyhow::{Context, bail, ensure};
use domain::time::Clock;
use engine::{Applicant, ApplicationSize};
use serde_json::{Value, json};
use wire::qiancheng::audit::seal::SealingKey;

use super::Stage;
use super::collection::{self, PAUSE, post};
use super::story::{self, Story};
use crate::seams::{SystemClock, SystemEntropy};

/// The borrower of the credit report by credit card (`super::bureau`).
const APPLICANT: u32 = 23;
const ORDER: u64 = 20_180_131_000_001;

/// Looks at the result before the demo gives up.
const LOOKS_MAX: usize = 400;

/// What the score reads of carrier, bank and credit report alone, as they were collected: the
/// application says nothing of it.
const COLLECTED: [(&str, &str); 3] = [
    ("the carrier", "calls.numbers"),
    ("the bank", "income.salary_months"),
    ("the credit report", "credit.queries_d180"),
];

/// Contributions and reasons that are shown.
const SHOWN: usize = 4;

/// Plays carrier, bank and application; gives how many calls were billed.
pub(super) async fn play(stage: &Stage, story: &mut Story) -> anyhow::Result<usize> {
    let now = SystemClock.now();
    let applicant = engine::sandbox_applicant(APPLICANT, ORDER, ApplicationSize::Normal, now);
    let applicant = applicant.context("an applicant of the sandbox")?;
    let token = collection::log_in(stage).await?;
    let card = collect(stage, story, &token, &applicant).await?;
    let open_id = apply(stage, story, &token, applicant, &card).await?;
    let told = told(stage, &token, &open_id).await?;
    explain(story, &told)?;
    replay(stage, story, &open_id).await?;
    Ok(3)
}

async fn collect(
    stage: &Stage,
    story: &mut Story,
    token: &str,
    applicant: &Applicant,
) -> anyhow::Result<String> {
    story.step("A borrower who wants a loan lets the lender see carrier and bank.", "贷前采集");
    let person = [
        ("token", token),
        ("name", &applicant.name),
        ("id_card", &applicant.id_card),
        ("mobile", &applicant.phone),
    ];
    collection::carrier(stage, &person).await?;
    collection::bank(stage, &person).await
}

async fn apply(
    stage: &Stage,
    story: &mut Story,
    token: &str,
    mut applicant: Applicant,
    card: &str,
) -> anyhow::Result<String> {
    story.step("The application, encrypted, without what was collected before.", "加密进件");
    let telecom = &mut applicant.application["telecom_data"];
    let lists = ["bill_list", "contact_list"].map(|list| telecom[list].as_array().map(Vec::len));
    ensure!(lists.iter().flatten().all(|rows| *rows > 0), "the borrower telephones and pays");
    (telecom["bill_list"], telecom["contact_list"]) = (json!([]), json!([]));
    // The loan is to be paid out to the card of the bank that was collected.
    applicant.application["card_info"] = json!([{ "type": 2, "card_no": card }]);
    let (_, pem) = stage.app.engine.audit_public_pem().context("the platform's key")?;
    let key = SealingKey::from_pem(&pem).context("the platform's key")?;
    let text = applicant.application.to_string();
    let data = key.jwe(text.as_bytes(), None, &SystemEntropy);
    let form = [
        ("token", token),
        ("name", &applicant.name),
        ("phone", &applicant.phone),
        ("id_card", &applicant.id_card),
        ("data", &data),
    ];
    let answer = post(stage, "/risk-model/audit/open-id", &form).await?;
    let again = post(stage, "/risk-model/audit/open-id", &form).await?;
    ensure!(answer == again, "the same order has the same application");
    story::say(&format!("{} KB of JSON as a JWE of {} KB", text.len() >> 10, data.len() >> 10));
    story::say("sent twice, as careful clients do: one application, one bill");
    Ok(answer["open_id"].as_str().context("open_id")?.to_owned())
}

/// Waits for the result, and asks why it is so.
async fn told(stage: &Stage, token: &str, open_id: &str) -> anyhow::Result<Value> {
    let path = format!("/risk-model/audit/result?open_id={open_id}");
    for _ in 0..LOOKS_MAX {
        let path = format!("/v1/applications/{open_id}");
        let told = stage.client.get_as(&path, token).await?;
        if told["state"] != "waiting" {
            break;
        }
        engine::tasks::pause(PAUSE).await;
    }
    let heard = stage.client.get(&path).await?;
    let result: Value = serde_json::from_slice(&heard.body).context("the answer is not JSON")?;
    let told = stage.client.get_as(&format!("/v1/applications/{open_id}"), token).await?;
    let expected = match told["state"].as_str() {
        Some("approved") => 0,
        Some("rejected") => 1,
        Some("in_review") => 2,
        _ => bail!("the application was not decided: {told}"),
    };
    ensure!(result["data"]["state"] == expected, "{result} is not {told}");
    story::say(&format!("GET /risk-model/audit/result → {}", result["data"]));
    Ok(told)
}

fn explain(story: &mut Story, told: &Value) -> anyhow::Result<()> {
    story.step("The borrower asks: why?", "决策说明");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let score = &told["score"];
    ensure!(score["score"].is_number(), "the borrower has a score: {score}");
    story::say(&format!("{}: {}", text(&score["model"]), score["score"]));
    let parts = score["contributions"].as_array().context("contributions")?;
    for part in parts.iter().take(SHOWN) {
        let points = part["contribution"].as_f64().context("points")?;
        story::say(&format!(
            "  {points:+6.1}  {} = {}",
            text(&part["feature"]),
            text(&part["shown"])
        ));
    }
    for (source, feature) in COLLECTED {
        let part = parts.iter().find(|part| part["feature"] == feature).context(feature)?;
        let shown = text(&part["shown"]);
        ensure!(shown.parse::<f64>().is_ok(), "{source} was collected: {feature} is {shown}");
        story::say(&format!("of {source}, which was not sent again: {feature} = {shown}"));
    }
    let reasons = told["reasons"].as_array().context("reasons")?;
    ensure!(!reasons.is_empty(), "each decision has a reason");
    for reason in reasons.iter().take(SHOWN) {
        let (rule, outcome) = (text(&reason["rule"]), text(&reason["outcome"]));
        story::say(&format!("{rule} {outcome}: {} / {}", text(&reason["zh"]), text(&reason["en"])));
    }
    Ok(())
}

async fn replay(stage: &Stage, story: &mut Story, open_id: &str) -> anyhow::Result<()> {
    story.step("An auditor has the decision made again from what was stored.", "决策重放");
    let engine = &stage.app.engine;
    let replayed = engine.replay_decision(open_id, 0, &[]).await;
    let replayed = replayed.ok().context("the decision is kept")?;
    ensure!(replayed.compared == engine::Compared::Same, "the same bytes must come out");
    story::say(&format!("{} bytes, the same as those that were kept", replayed.again.len()));
    let listed = [("blacklist.is_listed".to_owned(), domain::policy::Value::Boolean(true))];
    let changed = engine.replay_decision(open_id, 0, &listed).await;
    let changed: Value = serde_json::from_slice(&changed.ok().context("it is kept")?.again)?;
    ensure!(changed["decision"]["outcome"] == "reject", "who is listed is refused");
    story::say("and with the borrower on the blacklist it would be: reject");
    Ok(())
}
