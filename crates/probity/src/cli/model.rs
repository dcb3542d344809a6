//! `probity model`: models with their cards, and scoring a table without a server.

mod predict;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::scoring::card::{ModelCard, ModelState};
use domain::scoring::{BYTES_MAX, Scale};
use engine::{Engine, ModelSummary};
use serde_json::{Value, json};

use super::output::{self, Table};
use crate::app::Location;
use predict::Predict;

#[derive(Debug, Args)]
pub(crate) struct Model {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a model as the next version of its name
    #[command(after_help = "The card (JSON) names the model, its features, its scale, its \
        training data and the SHA-256 of the file; file and card are held against each other. The \
        first version of a name answers within a second; a later one is a draft until `probity \
        model promote`.\n\n\
        Example:\n  probity model add --card risk-card.json --file risk.txt")]
    Add {
        /// The model card (JSON)
        #[arg(long, value_name = "FILE")]
        card: PathBuf,
        /// The model: a scorecard (JSON), LightGBM's text or XGBoost's JSON
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        /// Put it into use at once, in the place of the version that is
        #[arg(long)]
        live: bool,
    },
    /// Put a version into use, in the place of the one that is; an older one too
    #[command(after_help = "The former version is retired, and can be promoted again.\n\n\
        Example:\n  probity model promote risk 2")]
    Promote { name: String, version: i64 },
    /// Take a version out of use
    #[command(after_help = "Calls that need a model without a live version get code 1, and are \
        not billed. A retired version is kept: answers that it gave are explained by it.")]
    Retire { name: String, version: i64 },
    /// List the versions of all models
    List {
        #[arg(long)]
        json: bool,
    },
    /// Show a model's card, and whether it can be used
    Show {
        name: String,
        /// The live version, else the newest, when not given
        #[arg(long, value_name = "NUMBER")]
        version: Option<i64>,
        #[arg(long)]
        json: bool,
    },
    /// Score the rows of a CSV file with a model file; needs no database
    Predict(Predict),
}

impl Model {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        if let Action::Predict(predict) = self.action {
            return predict.run();
        }
        output::run_with(location, async |engine| match self.action {
            Action::Add { card, file, live } => add(engine, &card, &file, live).await,
            Action::Promote { name, version } => promote(engine, &name, version).await,
            Action::Retire { name, version } => retire(engine, &name, version).await,
            Action::List { json } => list(engine, json).await,
            Action::Show { name, version, json } => show(engine, &name, version, json).await,
            Action::Predict(predict) => predict.run(),
        })
    }
}

/// Reads a model file; one that is too large is refused before it is read.
fn read_model(path: &Path) -> anyhow::Result<Vec<u8>> {
    let what = || format!("the model {}", path.display());
    if fs::metadata(path).with_context(what)?.len() > BYTES_MAX as u64 {
        bail!("{} has more than {BYTES_MAX} bytes; train a smaller model", what());
    }
    fs::read(path).with_context(what)
}

fn read_card(path: &Path) -> anyhow::Result<ModelCard> {
    let what = || format!("the model card {}", path.display());
    let text = fs::read_to_string(path).with_context(what)?;
    serde_json::from_str(&text).with_context(what)
}

async fn add(engine: &Engine, card: &Path, file: &Path, live: bool) -> anyhow::Result<()> {
    let (card, body) = (read_card(card)?, read_model(file)?);
    let name = card.name.clone();
    let (version, state) = if live {
        (engine.add_model(card, body).await?, ModelState::Live)
    } else {
        engine.draft_model(card, body).await?
    };
    let then = match state {
        ModelState::Live => "it answers within a second".to_owned(),
        _ => format!("a draft until `probity model promote {name} {version}`"),
    };
    output::line(format_args!("{name}: version {version} was added; {then}"))
}

async fn promote(engine: &Engine, name: &str, version: i64) -> anyhow::Result<()> {
    engine.promote_model(name, version).await?;
    output::line(format_args!("{name}: version {version} answers within a second"))
}

async fn retire(engine: &Engine, name: &str, version: i64) -> anyhow::Result<()> {
    engine.retire_model(name, version).await?;
    output::line(format_args!("{name}: version {version} is retired"))?;
    if let Err(reason) = engine.directory().model(name) {
        output::note(format_args!("warning: {name:?} cannot answer ({reason}); calls get code 1"));
    }
    Ok(())
}

async fn list(engine: &Engine, as_json: bool) -> anyhow::Result<()> {
    let models = engine.models().await?;
    if as_json {
        return output::json(&models.iter().map(record).collect::<Vec<Value>>());
    }
    let mut table = Table::new(["name", "version", "state", "format", "scale", "sha256", "fault"]);
    for model in &models {
        let format = json!(model.card.format);
        let scale = match model.card.scale {
            Scale::Points { min, max } => format!("{min} to {max}"),
            Scale::Probability => "probability".to_owned(),
        };
        table.row([
            &model.name,
            &model.version,
            &model.state.as_str(),
            &format.as_str().unwrap_or_default(),
            &scale,
            &model.sha256.get(..16).unwrap_or_default(),
            &model.fault.as_deref().unwrap_or_default(),
        ]);
    }
    output::line(table)
}

async fn show(
    engine: &Engine,
    name: &str,
    version: Option<i64>,
    as_json: bool,
) -> anyhow::Result<()> {
    let model = if let Some(version) = version {
        engine.model(name, version).await?
    } else {
        let versions = engine.models().await?.into_iter().filter(|model| model.name == name);
        versions
            .max_by_key(|model| (model.state == ModelState::Live, model.version))
            .with_context(|| format!("there is no model {name:?}; see `probity model list`"))?
    };
    if as_json {
        let mut shown = record(&model);
        shown["card"] = json!(model.card);
        return output::json(&shown);
    }
    let fault = model.fault.as_deref().unwrap_or("none, it can be used");
    let (version, state) = (model.version, model.state.as_str());
    output::line(format_args!("{name}, version {version}, {state}\nfault: {fault}\n"))?;
    // The card as it was added: whoever reads it knows its form.
    output::json(&model.card)
}

fn record(model: &ModelSummary) -> Value {
    json!({
        "name": model.name,
        "version": model.version,
        "state": model.state,
        "format": model.card.format,
        "scale": model.card.scale,
        "sha256": model.sha256,
        "card_sha256": model.card_sha256,
        "fault": model.fault,
    })
}
