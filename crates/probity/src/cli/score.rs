//! `probity score`: scores in bulk.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use domain::batch::{self, Batch, BatchId, BatchRow};
use domain::failure::Failure;
use domain::ids::AppId;
use engine::backup::sha256_of;
use engine::{Engine, NewBatch};
use serde_json::{Value, json};

use super::output::{self, Progress};
use super::rows;
use crate::app::Location;

#[derive(Debug, Args)]
pub(crate) struct Score {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Score a table of ids: each row is a call, billed to the merchant once
    Batch(Run),
}

#[derive(Debug, Args)]
#[command(
    after_help = "The input is CSV or Parquet with the column id_value and, if you like, id_type. \
    The output is CSV: row, id_type, id_value, code, score, tags. What was printed of the bill is \
    the journal's. A run that was broken off goes on with --resume, and bills no row twice.\n\n\
    Example:\n  probity score batch --merchant acme --app 3000001 --input ids.csv --output \
    scores.csv"
)]
struct Run {
    /// Who is billed
    #[arg(long, value_name = "NAME")]
    merchant: String,
    /// The application [default: the merchant's default one]
    #[arg(long, value_name = "APP_ID")]
    app: Option<String>,
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Go on with the run of this file, or write its scores again; nothing is billed twice
    #[arg(long, conflicts_with = "again")]
    resume: bool,
    /// Run a file anew that was run before, and bill it anew
    #[arg(long)]
    again: bool,
    #[arg(long)]
    json: bool,
}

impl Score {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        let Action::Batch(run) = self.action;
        output::run_with(location, async |engine: &Engine| run.run(engine).await)
    }
}

impl Run {
    async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        let entry = engine.directory().by_name(&self.merchant).cloned();
        let entry = entry.ok_or_else(|| anyhow!("there is no merchant {:?}", self.merchant))?;
        let (rows, _) = rows::open(&self.input, batch::COLUMNS, BatchRow::read)?;
        let app = self.app.clone().map(AppId);
        let new = NewBatch { app, name: self.name()? };
        let batch =
            engine.create_batch(&entry, new, rows).await.map_err(|failure| match failure {
                Failure::NotEntitled => anyhow!(
                    "{} has no such application; see `probity merchant show {}`",
                    self.merchant,
                    self.merchant
                ),
                Failure::Parameter { reason } => anyhow!("{}: {reason}", self.input.display()),
                failure => anyhow!("the rows could not be taken in: {failure:?}"),
            })?;
        if batch.rows_done > 0 && !self.resume {
            bail!(
                "this file was run before, as batch {}; go on with --resume (nothing is billed \
                 twice), or run and bill it anew with --again",
                batch.id
            );
        }
        let progress = Progress::of(batch.rows as u64, "rows");
        let done = engine.run_batch(batch.id, |rows| progress.at(rows)).await?;
        drop(progress);
        self.write(engine, &done).await?;
        self.report(&done)
    }

    /// What stands for the run of this file: the same file is not billed twice by mistake.
    fn name(&self) -> anyhow::Result<Option<String>> {
        if self.again || rows::is_standard_input(&self.input) {
            return Ok(None);
        }
        let (sha256, _) = sha256_of(&self.input, |_| {})?;
        Ok(Some(format!("{}:{sha256}", self.app.as_deref().unwrap_or_default())))
    }

    /// Writes the table beside its place first, so that what stands there is always whole.
    async fn write(&self, engine: &Engine, done: &Batch) -> anyhow::Result<()> {
        let part = self.output.with_added_extension("part");
        write_lines(engine, done.id, done.rows, &part)
            .await
            .with_context(|| format!("the file {}", part.display()))?;
        fs::rename(&part, &self.output)
            .with_context(|| format!("the file {}", self.output.display()))
    }

    fn report(&self, done: &Batch) -> anyhow::Result<()> {
        if self.json {
            let codes: serde_json::Map<String, Value> =
                done.codes.0.iter().map(|(code, rows)| (code.to_string(), json!(rows))).collect();
            return output::json(&json!({
                "batch_id": done.id.to_string(),
                "merchant": self.merchant,
                "app_id": done.app.0,
                "rows": done.rows,
                "codes": codes,
                "billed": done.billed,
                "amount": done.amount.0,
                "created_at": done.created_at.to_string(),
                "ended_at": done.ended_at.map(|at| at.to_string()),
            }));
        }
        output::line(format_args!("batch {}: {} rows", done.id, done.rows))?;
        for (code, rows) in &done.codes.0 {
            output::line(format_args!("  code {code}: {rows}"))?;
        }
        let amount = done.amount;
        output::line(format_args!("billed: {} calls, {amount} fen", done.billed))
    }
}

async fn write_lines(engine: &Engine, id: BatchId, rows: i64, path: &Path) -> anyhow::Result<()> {
    let mut file = fs::File::create(path)?;
    for chunk in 0..(rows + engine::BATCH_CHUNK_ROWS - 1) / engine::BATCH_CHUNK_ROWS {
        let lines = engine.batch_lines(id, chunk).await?;
        let lines = lines
            .context("its rows are no longer kept (72 hours); the journal still has the calls")?;
        file.write_all(wire::v1::batch_lines(&lines, chunk == 0).as_bytes())?;
    }
    Ok(file.sync_all()?)
}
