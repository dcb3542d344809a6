//! `probity subject`: persons' ids and behaviours, loaded in bulk.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand};
use domain::load::{BadRow, Columns, Fault, LoadKind, LoadRow};
use domain::operator::Permission;
use domain::time::Clock;
use engine::backup::sha256_of;
use engine::{Engine, Erased, Error, LoadFile, LoadReport};
use serde_json::{Value, json};

use super::acting::Acting;
use super::output::Table;
use super::{output, rows};
use crate::app::Location;
use crate::seams::SystemClock;

#[derive(Debug, Args)]
#[command(
    after_help = "A file is CSV (UTF-8) or, when its name ends so, Parquet. Good rows are kept, \
    bad ones are listed with their row and column, never with a person's data. A load may run \
    beside the server; a row that is there already changes nothing. A load that was broken off \
    goes on where it was when it is started again on the same file.\n\nExamples:\n  \
    probity subject load-ids ids.csv\n  \
    probity subject load-behaviours behaviours.parquet --bad bad.csv\n  \
    zcat behaviours.csv.gz | probity subject load-behaviours -"
)]
pub(crate) struct Subject {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Load which id belongs to which person: a table with id_type, id_value, subject
    LoadIds(Load),
    /// Load what is known of persons: a table with subject, kind, name, at, value
    LoadBehaviours(Load),
    /// Erase all that is kept of a person: ids, behaviours, scores, who asked, what was collected,
    /// applications for a loan
    Erase(Erase),
    /// Show a person all that is kept of it, in the clear; the view is registered
    Export(Export),
    /// List who looked at persons' data in the clear, newest first
    Views {
        #[arg(long, default_value_t = 100)]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
struct Export {
    /// The person, by the name in the operator's own files or by the ID card
    subject: String,
    /// Why the data is looked at in the clear; it is registered
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Debug, Args)]
struct Erase {
    /// The person, as the files that were loaded name it
    subject: String,
    #[arg(long)]
    json: bool,
}

/// A load of a file, whatever its rows are.
#[derive(Debug, Args)]
pub(super) struct Load {
    /// The CSV or Parquet file (`-`: CSV from standard input)
    file: PathBuf,
    /// Write all bad rows to this CSV: row, field, reason
    #[arg(long, value_name = "FILE")]
    bad: Option<PathBuf>,
    /// End with an error when a row is bad
    #[arg(long)]
    strict: bool,
    #[arg(long)]
    json: bool,
}

impl Subject {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        match self.action {
            Action::LoadIds(load) => load.persons(LoadKind::Ids, location),
            Action::LoadBehaviours(load) => load.persons(LoadKind::Behaviours, location),
            Action::Erase(erase) => erase.run(location),
            Action::Export(Export { subject, reason, acting }) => {
                let shown = output::run_with(location, async |engine: &Engine| {
                    let actor = acting.actor(engine, Permission::SeeUnmasked).await?;
                    Ok(engine.export_subject(&subject, &actor, &reason).await?)
                })?;
                output::json(&shown)
            }
            Action::Views { limit, json } => views(limit, json, location),
        }
    }
}

fn views(limit: i64, as_json: bool, location: &Location) -> anyhow::Result<()> {
    let views = output::run_with(location, async |engine: &Engine| {
        Ok(engine.unmasked_views(limit).await?)
    })?;
    if as_json {
        let rows: Vec<Value> = views
            .iter()
            .map(|view| {
                json!({
                    "at": view.at.to_string(),
                    "actor": view.actor,
                    "what": view.what,
                    "reason": view.reason,
                })
            })
            .collect();
        return output::json(&json!(rows));
    }
    let mut table = Table::new(["at", "actor", "what", "reason"]);
    for view in views {
        table.row([&view.at, &view.actor, &view.what, &view.reason]);
    }
    output::line(format_args!("{table}"))
}

impl Erase {
    fn run(&self, location: &Location) -> anyhow::Result<()> {
        let erased = output::run_with(location, async |engine: &Engine| {
            Ok(engine.erase_subject(&self.subject).await?)
        })?;
        let Erased { ids, behaviours, inquiries, explanations, .. } = erased;
        let Erased { sessions, datasets, consents, callbacks, applications, .. } = erased;
        if self.json {
            return output::json(&json!({
                "ids": ids,
                "behaviours": behaviours,
                "inquiries": inquiries,
                "explanations": explanations,
                "sessions": sessions,
                "datasets": datasets,
                "consents": consents,
                "callbacks": callbacks,
                "applications": applications,
            }));
        }
        output::line(format_args!(
            "erased: {ids} ids, {behaviours} behaviours, {inquiries} inquiries, {explanations} \
             explanations, {sessions} sessions, {datasets} datasets, {consents} consents, \
             {callbacks} callbacks, {applications} applications"
        ))
    }
}

impl Load {
    fn persons(&self, kind: LoadKind, location: &Location) -> anyhow::Result<()> {
        self.run(kind.as_str(), kind.columns(), |cells| kind.read(cells), location)
    }

    pub(super) fn run(
        &self,
        kind: &'static str,
        columns: Columns,
        read: impl FnMut(&[&str]) -> Result<LoadRow, Fault>,
        location: &Location,
    ) -> anyhow::Result<()> {
        let (rows, progress) = rows::open(&self.file, columns, read)?;
        let file = self.identity()?;
        let mut bad = BadRows::new(self.bad.as_deref());
        let started = SystemClock.now();
        let report = output::run_with(location, async |engine: &Engine| {
            let watch = |count, rows: &[BadRow]| {
                progress.at(count);
                bad.write(rows)
            };
            Ok(engine.load_as(kind, file, rows, watch).await?)
        })?;
        drop(progress);
        let seconds = (SystemClock.now() - started).0 as f64 / 1e6;
        self.report(&report, (report.rows - report.resumed) as f64 / seconds.max(1e-6))
    }

    /// What a load of the file is taken up again by. Reading it once more costs little beside
    /// writing its rows.
    fn identity(&self) -> anyhow::Result<Option<LoadFile>> {
        if rows::is_standard_input(&self.file) {
            return Ok(None);
        }
        let (sha256, _) = sha256_of(&self.file, |_| {})?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Some(LoadFile { sha256, name }))
    }

    fn report(&self, report: &LoadReport, rows_per_second: f64) -> anyhow::Result<()> {
        let (good, LoadReport { bad, resumed, bad_rows, .. }) = (report.good(), report);
        let per_second = rows_per_second.round() as u64;
        if self.json {
            let rows: Vec<Value> = bad_rows
                .iter()
                .map(|BadRow { row, fault }| {
                    json!({ "row": row, "field": fault.field, "message": fault.reason })
                })
                .collect();
            output::json(&json!({
                "rows": report.rows,
                "loaded": good,
                "resumed": resumed,
                "bad_count": bad,
                "bad": rows,
                "rows_per_second": per_second,
            }))?;
        } else {
            if *resumed > 0 {
                output::note(format_args!("{resumed} rows were loaded before; went on there"));
            }
            output::line(format_args!("{good} rows loaded, {bad} bad, {per_second} rows/s"))?;
            for BadRow { row, fault } in bad_rows {
                let colon = if fault.field.is_empty() { "" } else { ": " };
                let said = format!("{}{colon}{}", fault.field, fault.reason);
                output::note(format_args!("row {row}: {said}"));
            }
            let more = bad - bad_rows.len() as u64;
            if more > 0 {
                output::note(format_args!("and {more} more"));
            }
        }
        if good == 0 {
            bail!("nothing was loaded");
        }
        if self.strict && *bad > 0 {
            bail!("{bad} rows were bad (the good ones are loaded)");
        }
        Ok(())
    }
}

/// The file of bad rows. It is made with the first chunk: a load that goes on adds to it, and may
/// then list again what it had listed just before it was broken off.
struct BadRows<'p> {
    path: Option<&'p Path>,
    writer: Option<csv::Writer<File>>,
}

impl<'p> BadRows<'p> {
    fn new(path: Option<&'p Path>) -> Self {
        Self { path, writer: None }
    }

    fn write(&mut self, rows: &[BadRow]) -> Result<(), Error> {
        let Some(path) = self.path else { return Ok(()) };
        self.add(path, rows).map_err(|error| Error::File(format!("{}: {error}", path.display())))
    }

    fn add(&mut self, path: &Path, rows: &[BadRow]) -> Result<(), csv::Error> {
        if self.writer.is_none() {
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            let is_new = file.metadata()?.len() == 0;
            let mut writer = csv::Writer::from_writer(file);
            if is_new {
                writer.write_record(["row", "field", "reason"])?;
            }
            self.writer = Some(writer);
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for BadRow { row, fault } in rows {
            writer.write_record([&row.to_string(), fault.field, &fault.reason])?;
        }
        Ok(writer.flush()?)
    }
}
