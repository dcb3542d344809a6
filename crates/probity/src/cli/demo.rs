//! `probity demo`: the main job, start to finish, in one process on a temporary database. A
//! merchant's program calls the server over real HTTP; each step says what it shows, and a step
//! that does not come out as it should ends the demo with exit code 1.

mod application;
mod bureau;
mod client;
mod collection;
mod story;

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use aws_lc_rs::rsa::KeyPair;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use clap::Args;
use domain::secret::Secret;
use domain::time::{Clock, Period, Span};
use serde_json::Value;

use self::client::{Client, Heard};
use self::story::Story;
use super::serve::{Running, prepare_sandbox};
use crate::app::{App, Location, MissingKey};
use crate::config::{Config, Log, LogFormat};
use crate::seams::SystemClock;
use crate::telemetry;

/// Persons of the sandbox, by what happens when they are asked about.
const KNOWN_PHONE: &str = "71f1d9fcb1661cbb1d707521586e7dea";
const KNOWN_IMEI: &str = "860529038487085";
const UNKNOWN_IMEI: &str = "490154203237518";
const SILENT_IMEI: &str = "356938035643809";
const FAILING_ONCE_IMEI: &str = "353918052107071";

/// Of the scores that are asked for.
const SCORES_BILLED: i64 = 3;

/// Reasons that are shown of each score.
const REASONS_SHOWN: usize = 4;

#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Keep the temporary database here afterwards, to look at it with the other commands
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        telemetry::start_log(&Log { level: "off".to_owned(), format: LogFormat::Text })?;
        let temporary = tempfile::tempdir().context("a temporary directory")?;
        let data = match &self.keep {
            Some(data) => {
                let is_free = !data.join("probity.db").exists();
                ensure!(is_free, "{} holds a database already; name another", data.display());
                data.clone()
            }
            None => temporary.path().to_owned(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let story = runtime.block_on(play(&data))?;
        story.end(self.keep.as_deref());
        Ok(())
    }
}

/// A server on the demo's database, and the merchant's program that calls it.
struct Stage {
    app: App,
    running: Running,
    client: Client,
    username: String,
    password: String,
    /// Of face 3, and the key that the merchant signs with there.
    app_id: String,
    private_key_pem: Secret<String>,
}

impl Stage {
    async fn open(data: &Path, app_code: Option<&str>) -> anyhow::Result<Self> {
        let location = Location { data: Some(data.to_owned()), ..Location::default() };
        let mut config = Config::default();
        config.server.listen.set_port(0);
        // The merchant's receiver of callbacks is on this machine.
        config.outbound.allow.push("127.0.0.0/8".parse()?);
        let app = App::open(&location, &config, MissingKey::Create, true).await?;
        let running = Running::start(&app, &config).await?;
        let base_url = running.base_url();
        let access = prepare_sandbox(&app.engine, data, &base_url).await?;
        let code = app_code.or(access["app_code"].as_str()).context("sandbox.json: app_code")?;
        running.serving.open();
        let client = Client::new(running.serving.address, code);
        let text = |key: &str| access[key].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            app,
            running,
            client,
            username: text("username"),
            password: text("password"),
            app_id: text("app_id"),
            private_key_pem: Secret::new(text("merchant_private_key_pem")),
        })
    }

    /// What the merchant signs with.
    fn private_key(&self) -> anyhow::Result<KeyPair> {
        let lines = self.private_key_pem.expose().lines().filter(|line| !line.starts_with("--"));
        let der = BASE64_STANDARD.decode(lines.collect::<String>())?;
        KeyPair::from_pkcs8(&der).ok().context("merchant_private_key_pem")
    }

    async fn close(self) -> anyhow::Result<()> {
        self.running.stop().await;
        self.app.close();
        Ok(())
    }

    /// One call, shown with its answer; it must come out with `code`.
    async fn ask(&self, query: &str, code: i64) -> anyhow::Result<Heard> {
        let heard = self.client.get(&format!("/finplus/score?{query}")).await?;
        story::call(self.client.address, query, &heard);
        let json: Value = serde_json::from_slice(&heard.body).context("the answer is not JSON")?;
        ensure!(json["code"] == code, "expected code {code}, was answered {json}");
        ensure!(json["success"] == (code == 0), "`success` must mark the bill");
        Ok(heard)
    }
}

async fn play(data: &Path) -> anyhow::Result<Story> {
    let mut story = Story::begin(data);
    let stage = Stage::open(data, None).await?;
    story.operator(stage.running.serving.address, &stage.app.engine.models().await?);
    let first = ask_and_repeat(&stage, &mut story).await?;
    meet_the_others(&stage, &mut story).await?;
    explain(&stage, &mut story, &first).await?;
    let collected = collection::play(&stage, &mut story).await?;
    let reports = bureau::play(&stage, &mut story).await?;
    let decided = application::play(&stage, &mut story).await?;
    let billed = SCORES_BILLED + (collected + reports + decided) as i64;
    bill(&stage, &mut story, billed).await?;
    let app_code = stage.client.app_code.clone();
    stage.close().await?;
    come_back(data, &app_code, &mut story, &first, billed).await?;
    Ok(story)
}

/// Steps 2 and 3: a score, and the same question again.
async fn ask_and_repeat(stage: &Stage, story: &mut Story) -> anyhow::Result<Heard> {
    story.step("A lender asks: is this person creditworthy?", "商户查询信用分");
    story::say("It knows an MD5 of the phone number only, and names its call `loan-0001`.");
    let query = format!("idType=mobile_md5&idValue={KNOWN_PHONE}&reqId=loan-0001");
    let first = stage.ask(&query, 0).await?;
    story.step("The network was slow, so it asks again.", "重试不重复计费");
    let again = stage.ask(&query, 0).await?;
    ensure!(first.body == again.body, "a repeat must get the same bytes");
    story::say("The same bytes, the same biz_id: one call, billed once.");
    Ok(first)
}

/// Step 4: what else can happen.
async fn meet_the_others(stage: &Stage, story: &mut Story) -> anyhow::Result<()> {
    story.step("Not everybody can be scored.", "未覆盖与数据不足不计费");
    story::say("A device nobody has seen (108), and one without recent data (109): both free.");
    stage.ask(&format!("idType=imei&idValue={UNKNOWN_IMEI}&reqId=loan-0002"), 108).await?;
    stage.ask(&format!("idType=imei&idValue={SILENT_IMEI}&reqId=loan-0003"), 109).await?;
    story.step("The server fails once; the client retries as its document says.", "系统错误重试");
    let query = format!("idType=imei&idValue={FAILING_ONCE_IMEI}&reqId=loan-0004");
    stage.ask(&query, 1).await?;
    stage.ask(&query, 0).await?;
    story.step("Another application, another model: LightGBM, a probability.", "开放平台模型");
    let query = format!("appId=1000002&idType=imei&idValue={KNOWN_IMEI}&reqId=loan-0005");
    stage.ask(&query, 0).await?;
    Ok(())
}

/// Step 5: why was it this score?
async fn explain(stage: &Stage, story: &mut Story, first: &Heard) -> anyhow::Result<()> {
    story.step("A risk analyst asks: why this score?", "分数解释");
    let json: Value = serde_json::from_slice(&first.body)?;
    let biz = json["response"]["biz_id"].as_str().context("biz_id")?;
    let biz = domain::ids::BizId(biz.parse().context("biz_id")?);
    let explained = stage.app.engine.explanation(biz).await?.context("no explanation")?;
    let score = explained.score.context("no score in the explanation")?;
    let sum: f64 = score.reasons.iter().map(|(_, _, contribution)| contribution).sum();
    ensure!((score.bias + sum - score.raw).abs() < 1e-9, "the parts must make the whole");
    story::reasons(&score, REASONS_SHOWN);
    Ok(())
}

/// Step 6: what does it cost, and does it add up?
async fn bill(stage: &Stage, story: &mut Story, billed: i64) -> anyhow::Result<()> {
    story.step(
        "The end of the day: the bill, and the proof that it is right.",
        "对账单与可验证流水",
    );
    // The demo may have begun before midnight.
    let now = SystemClock.now();
    let period =
        Period { from: (now - Span::hours(1)).shanghai_day(), until: now.shanghai_day().next() };
    let engine = &stage.app.engine;
    let statement = engine.statement("sandbox", period).await?;
    story::statement(&statement.statement);
    ensure!(statement.statement.total().billed == billed, "{billed} calls were billed");
    engine.checkpoint().await?;
    let verification = engine.verify_journal(|_| {}).await?;
    ensure!(verification.holds(), "the journal must verify: {:?}", verification.faults);
    ensure!(verification.amount == statement.statement.total().amount, "the sums must agree");
    story::verified(&verification);
    Ok(())
}

/// Step 7: another process on the same database gives the same answer.
async fn come_back(
    data: &Path,
    app_code: &str,
    story: &mut Story,
    first: &Heard,
    billed: i64,
) -> anyhow::Result<()> {
    story.step("The server is stopped and started again. Nothing is lost.", "重启不丢失");
    let stage = Stage::open(data, Some(app_code)).await?;
    let query = format!("idType=mobile_md5&idValue={KNOWN_PHONE}&reqId=loan-0001");
    let again = stage.ask(&query, 0).await?;
    ensure!(first.body == again.body, "the stored answer must be replayed");
    let verification = stage.app.engine.verify_journal(|_| {}).await?;
    ensure!(verification.holds() && verification.billed == billed, "nothing is billed twice");
    story::say("Still the first answer, still one bill; all chains and signatures verify.");
    stage.close().await
}
