//! The demo's second half: a lender asks the blacklist, a borrower consents and types what it is
//! asked, sources answer, reports appear. Every step over face 2's own requests.

use anyhow::{Context, bail, ensure};
use domain::time::Span;
use serde_json::Value;

use super::Stage;
use super::story::{self, Story};

/// Looks at a state before the demo gives up, and the pause between two.
const LOOKS_MAX: usize = 400;
pub(super) const PAUSE: Span = Span::millis(25);

/// A synthetic borrower; the mobile number's ending has the carrier ask for a code by SMS and for
/// the query password.
const NAME: &str = "合成示例";
const ID_CARD: &str = "990000199001010017";
const MOBILE: &str = "13900000002";

/// What the borrower answers to each prompt that a state asks for.
struct Borrower<'b> {
    /// (state, path, field, answer); the answer `picture` is read from the picture.
    answers: &'b [(i64, &'b str, &'b str, &'b str)],
}

/// A session of the merchant's program.
struct Session<'s> {
    stage: &'s Stage,
    username: &'s str,
    product: &'s str,
    open_id: String,
}

/// Plays blacklist, telecom, degree and both versions of e-bank; gives how many calls were billed.
pub(super) async fn play(stage: &Stage, story: &mut Story) -> anyhow::Result<usize> {
    story.step("The lender logs in to the credit-data face.", "商户认证");
    let token = log_in(stage).await?;
    story::say("POST /client/authorize/token → a token for 24 hours");
    listed(stage, story, &token).await?;
    telecom(stage, story, &token).await?;
    degree(stage, story, &token).await?;
    ebank(stage, story, &token).await?;
    ebank_v2(stage, story, &token).await?;
    Ok(5)
}

/// A token of the lender's.
pub(super) async fn log_in(stage: &Stage) -> anyhow::Result<String> {
    let form = [("username", stage.username.as_str()), ("password", stage.password.as_str())];
    let data = post(stage, "/client/authorize/token", &form).await?;
    Ok(data["token"].as_str().context("a token")?.to_owned())
}

/// Another borrower's carrier, which asks for nothing more.
pub(super) async fn carrier(stage: &Stage, person: &[(&str, &str)]) -> anyhow::Result<()> {
    let form = [person, &[("service_password", "synthetic")]].concat();
    let session = open(stage, "telecom", &form).await?;
    let answers = [
        (21, "/telecom/collect/captcha", "captcha", "123456"),
        (31, "/telecom/collect/query-password", "query_password", "654321"),
    ];
    session.run(&Borrower { answers: &answers }, 43).await?;
    session.post("/telecom/data/raw-data", &[]).await.map(drop)
}

/// Its bank, with its licence; gives the number of its first card.
pub(super) async fn bank(stage: &Stage, person: &[(&str, &str)]) -> anyhow::Result<String> {
    let account = [("entry_id", "icbc-login"), ("login_name", "synthetic05")];
    let form = [person, &account].concat();
    post(stage, "/ebank/collect/license-upload", &form).await?;
    let form = [form.as_slice(), &[("password", "synthetic")]].concat();
    let session = open(stage, "ebank", &form).await?;
    session.answer_bank("/ebank/collect/captcha").await?;
    session.cards("/ebank/data/raw-data").await?;
    let data = session.post("/ebank/data/raw-data", &[]).await?;
    Ok(data["cardList"][0]["card_num"].as_str().context("a card")?.to_owned())
}

async fn listed(stage: &Stage, story: &mut Story, token: &str) -> anyhow::Result<()> {
    story.step("Is the borrower on the blacklist?", "黑名单查询");
    let data = post(stage, "/blacklist/search/single", &person(token)).await?;
    ensure!(data["is_in"] == false, "the demo's borrower is on no list");
    story::say(&format!("POST /blacklist/search/single → {data}"));
    Ok(())
}

async fn telecom(stage: &Stage, story: &mut Story, token: &str) -> anyhow::Result<()> {
    story.step("The borrower lets the lender see the carrier's data.", "运营商采集");
    let form = [person(token).as_slice(), &[("service_password", "synthetic")]].concat();
    let session = open(stage, "telecom", &form).await?;
    let answers = [
        (21, "/telecom/collect/captcha", "captcha", "123456"),
        (31, "/telecom/collect/query-password", "query_password", "654321"),
    ];
    session.run(&Borrower { answers: &answers }, 43).await?;
    let raw = session.post("/telecom/data/raw-data", &[]).await?;
    let calls = raw["transactions"][0]["calls"].as_array().map_or(0, Vec::len);
    let report = session.post("/telecom/data/report", &[]).await?;
    let contacts = report["contact_list"].as_array().map_or(0, Vec::len);
    ensure!(calls > 0 && contacts > 0, "the borrower telephones");
    story::say(&format!("{calls} calls with {contacts} others; the report finds, among others:"));
    let checks = report["behavior_check"].as_array().context("checks")?;
    for check in checks.iter().take(3) {
        let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
        story::say(&format!("  {}: {}", text("check_point_cn"), text("evidence")));
    }
    Ok(())
}

async fn degree(stage: &Stage, story: &mut Story, token: &str) -> anyhow::Result<()> {
    story.step("The borrower's degree.", "学信网采集");
    let session = open(stage, "degree", &person(token)).await?;
    let login = [("account", "synthetic@example"), ("password", "synthetic"), ("sync", "0")];
    session.post("/degree/collect/login", &login).await?;
    let data = session.post("/degree/data/raw-data", &[]).await?;
    let record = &data["education"][0];
    story::say(&format!("{} {}", record["academy_name"], record["education_background"]));
    Ok(())
}

async fn ebank(stage: &Stage, story: &mut Story, token: &str) -> anyhow::Result<()> {
    story.step("The borrower's bank: consent first, then a picture, then an SMS.", "网银采集");
    let account = [("entry_id", "icbc-login"), ("login_name", "synthetic05")];
    let form = [person(token).as_slice(), &account].concat();
    let refused = stage.client.post("/ebank/collect/open-id", &form).await?;
    ensure!(refused["code"] == 1001, "without consent nothing is asked: {refused}");
    story::say(&format!("without the licence: {}", refused["msg"]));
    post(stage, "/ebank/collect/license-upload", &form).await?;
    let form = [form.as_slice(), &[("password", "synthetic")]].concat();
    let session = open(stage, "ebank", &form).await?;
    session.answer_bank("/ebank/collect/captcha").await?;
    session.cards("/ebank/data/raw-data").await
}

async fn ebank_v2(stage: &Stage, story: &mut Story, token: &str) -> anyhow::Result<()> {
    story.step("Another bank, by the second version, with a token.", "网银采集 v2");
    let data = post(stage, "/v2/ebank/collect/open-id", &person(token)).await?;
    let open_id = data["open_id"].as_str().context("open_id")?.to_owned();
    story::say(&format!("the routing chose provider {}", data["type"]));
    let session = Session { stage, username: &stage.username, product: "v2/ebank", open_id };
    let account = [("entry_id", "cmb-login"), ("login_name", "synthetic04")];
    session.post("/v2/ebank/collect/license-upload", &account).await?;
    let form = [account.as_slice(), &[("password", "synthetic")]].concat();
    session.post("/v2/ebank/collect/login", &form).await?;
    session.answer_bank("/v2/ebank/collect/captcha").await?;
    session.cards("/v2/ebank/data/raw-data").await
}

fn person(token: &str) -> [(&str, &str); 4] {
    [("token", token), ("name", NAME), ("id_card", ID_CARD), ("mobile", MOBILE)]
}

async fn open<'s>(
    stage: &'s Stage,
    product: &'s str,
    form: &[(&str, &str)],
) -> anyhow::Result<Session<'s>> {
    let data = post(stage, &format!("/{product}/collect/open-id"), form).await?;
    let open_id = data["open_id"].as_str().context("open_id")?.to_owned();
    Ok(Session { stage, username: &stage.username, product, open_id })
}

/// The data of an answer with code 0.
pub(super) async fn post(
    stage: &Stage,
    path: &str,
    form: &[(&str, &str)],
) -> anyhow::Result<Value> {
    let answer = stage.client.post(path, form).await?;
    ensure!(answer["code"] == 0, "{path}: {answer}");
    Ok(answer["data"].clone())
}

impl Session<'_> {
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> anyhow::Result<Value> {
        let owner = [("username", self.username), ("open_id", self.open_id.as_str())];
        post(self.stage, path, &[&owner, form].concat()).await
    }

    /// Looks and answers until the state is `end`.
    async fn run(&self, borrower: &Borrower<'_>, end: i64) -> anyhow::Result<()> {
        let (path, mut seen) = (format!("/{}/collect/get-state", self.product), Vec::new());
        for _ in 0..LOOKS_MAX {
            let data = self.post(&path, &[]).await?;
            let state = data["state"].as_i64().context("a state")?;
            if seen.last() != Some(&state) {
                seen.push(state);
                story::say(&format!("state {state} {}", data["message"].as_str().unwrap_or("")));
            }
            if state == end {
                return Ok(());
            }
            let asked = borrower.answers.iter().find(|(waits, ..)| *waits == state);
            if let Some((_, path, field, answer)) = asked {
                let read = self.stage.app.engine.sandbox_captcha(&self.open_id).await;
                let typed = if *answer == "picture" { read.as_deref() } else { Some(*answer) };
                self.post(path, &[(*field, typed.context("a picture")?)]).await?;
                story::say(&format!("  the borrower answers ({field})"));
            }
            engine::tasks::pause(PAUSE).await;
        }
        bail!("{}: state {end} did not come, but {seen:?}", self.product)
    }

    /// The bank's prompts, whichever come.
    async fn answer_bank(&self, path: &str) -> anyhow::Result<()> {
        let answers = [
            (2, path, "verify_code", "246810"),
            (4, path, "verify_code", "picture"),
            (6, path, "verify_code", "123456"),
        ];
        self.run(&Borrower { answers: &answers }, 10).await
    }

    async fn cards(&self, path: &str) -> anyhow::Result<()> {
        let data = self.post(path, &[]).await?;
        let cards = data["cardList"].as_array().context("cards")?;
        ensure!(!cards.is_empty(), "the borrower has cards");
        for card in cards {
            let text = |key: &str| card[key].as_str().unwrap_or_default().to_owned();
            story::say(&format!(
                "{} {} {}, balance {}",
                text("bank_name"),
                text("card_type"),
                text("card_num"),
                text("balance")
            ));
        }
        Ok(())
    }
}
