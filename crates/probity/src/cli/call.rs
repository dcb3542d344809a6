//! `probity call`: what was asked, how it was answered, and why.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::BizId;
use domain::money::Amount;
use domain::time::Period;
use engine::{CallRecord, Engine};
use serde_json::{Value, json};

use super::journal::{day_of, period};
use super::output::{self, JsonArray, Table};
use crate::app::Location;

#[derive(Debug, Args)]
pub(crate) struct Call {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List a merchant's calls of a day or a month
    #[command(after_help = "Examples:\n  probity call list --merchant acme\n  \
        probity call list --merchant acme --period 2026-11 --explained --json")]
    List(List),
    /// Show how a call came out and what moved its score
    Show {
        /// The biz_id that the call was answered with
        #[arg(value_parser = biz_id)]
        biz_id: BizId,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
struct List {
    #[arg(long, value_name = "NAME")]
    merchant: String,
    /// A day (2026-11-21) or a month (2026-11) in Asia/Shanghai [default: today]
    #[arg(long, value_parser = period)]
    period: Option<Period>,
    /// Only the calls of this application
    #[arg(long, value_name = "ID")]
    app: Option<String>,
    /// With the model, the exact score and the reasons
    #[arg(long)]
    explained: bool,
    #[arg(long)]
    json: bool,
}

fn biz_id(text: &str) -> Result<BizId, String> {
    serde_json::from_value(json!(text)).map_err(|_| "is no biz_id (a UUID)".to_owned())
}

impl Call {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        output::run_with(location, async |engine| match self.action {
            Action::List(list) => list.run(engine).await,
            Action::Show { biz_id, json } => show(engine, biz_id, json).await,
        })
    }
}

impl List {
    async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        let period = self.period.unwrap_or_else(|| day_of(engine.now()));
        if self.json {
            let mut rows = JsonArray::begin()?;
            self.each(engine, period, |call| rows.push(&call)).await?;
            return rows.end();
        }
        let mut table = Table::new(["at", "app", "key", "biz_id", "code", "分", "score", "model"]);
        self.each(engine, period, |call| {
            let score = call.explanation.as_ref().and_then(|explained| explained.score.as_ref());
            table.row([
                &call.at,
                &call.app,
                &call.key,
                &call.biz_id,
                &call.code,
                &Amount(call.amount),
                &score.map_or_else(String::new, |score| score.exact.to_string()),
                &score.map_or("", |score| &score.model),
            ]);
            Ok(())
        })
        .await?;
        output::line(table)
    }

    async fn each(
        &self,
        engine: &Engine,
        period: Period,
        mut take: impl FnMut(CallRecord) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut result = Ok(());
        let wanted = |call: &CallRecord| self.app.as_ref().is_none_or(|app| *app == call.app);
        engine
            .each_call(&self.merchant, period, self.explained, |call| {
                if result.is_ok() && wanted(&call) {
                    result = take(call);
                }
            })
            .await?;
        result
    }
}

async fn show(engine: &Engine, biz_id: BizId, as_json: bool) -> anyhow::Result<()> {
    let explained = engine.explanation(biz_id).await?;
    let explained = explained.with_context(|| {
        format!("of {biz_id} nothing is kept: no call had this number, or none that was answered")
    })?;
    if as_json {
        let mut shown = json!({ "biz_id": biz_id });
        if let (Value::Object(shown), Value::Object(rest)) = (&mut shown, json!(explained)) {
            shown.extend(rest);
        }
        return output::json(&shown);
    }
    let directory = engine.directory();
    let merchant = directory.merchants().iter().find(|e| e.merchant.id == explained.merchant);
    let merchant = merchant.map_or_else(String::new, |entry| entry.merchant.name.clone());
    output::line(format_args!(
        "merchant {merchant}, application {}, key {}: code {}",
        explained.app, explained.key, explained.code
    ))?;
    let Some(score) = explained.score else { return Ok(()) };
    output::line(format_args!(
        "model {} version {} (SHA-256 {})\nexact score {}, raw {}, without knowing anything {}\n",
        score.model, score.version, score.sha256, score.exact, score.raw, score.bias
    ))?;
    let mut table = Table::new(["feature", "value", "contribution"]);
    for (feature, value, contribution) in &score.reasons {
        table.row([feature, value, contribution]);
    }
    let sum: f64 = score.reasons.iter().map(|(_, _, contribution)| contribution).sum();
    if (score.bias + sum - score.raw).abs() > 1e-6 {
        bail!("the contributions do not add up to the raw score; the record is damaged");
    }
    output::line(table)
}
