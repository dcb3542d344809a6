//! `probity subject`: persons' ids and behaviours, loaded in bulk.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use engine::{Engine, Erased, LoadReport};
use serde_json::{Value, json};

use super::output::{self, Progress};
use crate::app::Location;

#[derive(Debug, Args)]
#[command(
    after_help = "Good rows are kept, bad ones are listed with their line and column, never \
    with a person's data. A load may run beside the server; a row that is there already changes \
    nothing, so a load can be repeated.\n\nExamples:\n  probity subject load-ids ids.csv\n  \
    zcat behaviours.csv.gz | probity subject load-behaviours -"
)]
pub(crate) struct Subject {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Load which id belongs to which person: a CSV with id_type, id_value, subject
    LoadIds(Load),
    /// Load what is known of persons: a CSV with subject, kind, name, at, value
    LoadBehaviours(Load),
    /// Erase all that is kept of a person: ids, behaviours, scores, who asked
    Erase(Erase),
}

#[derive(Debug, Args)]
struct Erase {
    /// The person, as the files that were loaded name it
    subject: String,
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Load {
    /// The CSV file (`-`: standard input)
    file: PathBuf,
    /// End with an error when a row is bad
    #[arg(long)]
    strict: bool,
    #[arg(long)]
    json: bool,
}

impl Subject {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        let load = match &self.action {
            Action::LoadIds(load) | Action::LoadBehaviours(load) => load,
            Action::Erase(erase) => return erase.run(location),
        };
        let file = open(&load.file)?;
        let report = output::run_with(location, async |engine: &Engine| {
            let progress = Progress::counting("rows");
            let at = |rows| progress.at(rows);
            Ok(match &self.action {
                Action::LoadIds(_) => engine.load_ids(file, at).await?,
                _ => engine.load_behaviours(file, at).await?,
            })
        })?;
        load.report(&report)
    }
}

fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| format!("the file {}", path.display()))?;
    Ok(Box::new(file))
}

impl Erase {
    fn run(&self, location: &Location) -> anyhow::Result<()> {
        let Erased { ids, behaviours, inquiries, explanations } =
            output::run_with(location, async |engine: &Engine| {
                Ok(engine.erase_subject(&self.subject).await?)
            })?;
        if self.json {
            return output::json(&json!({
                "ids": ids,
                "behaviours": behaviours,
                "inquiries": inquiries,
                "explanations": explanations,
            }));
        }
        output::line(format_args!(
            "erased: {ids} ids, {behaviours} behaviours, {inquiries} inquiries, {explanations} \
             explanations"
        ))
    }
}

impl Load {
    fn report(&self, report: &LoadReport) -> anyhow::Result<()> {
        let LoadReport { good, bad, bad_rows } = report;
        if self.json {
            let rows: Vec<Value> = bad_rows
                .iter()
                .map(|row| json!({ "line": row.line, "reason": row.reason }))
                .collect();
            output::json(&json!({ "good": good, "bad": bad, "bad_rows": rows }))?;
        } else {
            output::line(format_args!("{good} rows loaded, {bad} bad"))?;
            for row in bad_rows {
                output::note(format_args!("line {}: {}", row.line, row.reason));
            }
            let more = bad - bad_rows.len() as u64;
            if more > 0 {
                output::note(format_args!("and {more} more"));
            }
        }
        if *good == 0 {
            bail!("nothing was loaded");
        }
        if self.strict && *bad > 0 {
            bail!("{bad} rows were bad (the good ones are loaded)");
        }
        Ok(())
    }
}
