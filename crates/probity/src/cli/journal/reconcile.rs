//! `probity journal reconcile`: a merchant's own list of calls against the journal.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use csv::StringRecord;
use domain::journal::{Difference, MerchantRow};
use domain::time::Period;
use engine::{Engine, Reconciliation};
use serde_json::{Value, json};

use super::{all_time, period, shown};
use crate::cli::output;

#[derive(Debug, Args)]
#[command(
    after_help = "The file has a column req_id and, where the merchant kept them, biz_id and \
    code. Each difference is listed: calls that the journal has not, calls that the file has not, \
    repeated keys, other codes, other biz_ids. Exit code 0 when there is none, 1 otherwise.\n\n\
    Example:\n  probity journal reconcile --merchant acme --period 2026-11 --file acme.csv"
)]
pub(super) struct Reconcile {
    #[arg(long, value_name = "NAME")]
    merchant: String,
    /// The merchant's CSV
    #[arg(long, value_name = "CSV")]
    file: PathBuf,
    /// A day (2026-11-21) or a month (2026-11) in Asia/Shanghai [default: all time]
    #[arg(long, value_parser = period)]
    period: Option<Period>,
    #[arg(long)]
    json: bool,
}

impl Reconcile {
    pub(super) async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        let file = read(&self.file).with_context(|| format!("the file {}", self.file.display()))?;
        let period = self.period.unwrap_or_else(all_time);
        let found = engine.reconcile(&self.merchant, period, &file).await?;
        let Reconciliation { in_file, in_journal, differences } = found;
        if self.json {
            let listed: Vec<Value> = differences.iter().map(record).collect();
            output::json(&json!({
                "merchant": self.merchant,
                "period": shown(period),
                "in_file": in_file,
                "in_journal": in_journal,
                "differences": listed,
            }))?;
        } else {
            output::line(format_args!(
                "{in_file} rows in the file, {in_journal} in the journal, {} differences",
                differences.len()
            ))?;
            for difference in &differences {
                output::line(text(difference))?;
            }
        }
        match differences.len() {
            0 => Ok(()),
            count => bail!("file and journal differ in {count} places"),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<MerchantRow>> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let place = |name: &str| {
        header.iter().position(|one| one.trim_start_matches('\u{feff}').trim() == name)
    };
    let key = place("req_id").context("has no column req_id")?;
    let (biz, code) = (place("biz_id"), place("code"));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        rows.push(row(&record, (key, biz, code)).with_context(|| {
            format!("line {}", record.position().map_or(0, csv::Position::line))
        })?);
    }
    Ok(rows)
}

fn row(
    record: &StringRecord,
    (key, biz, code): (usize, Option<usize>, Option<usize>),
) -> anyhow::Result<MerchantRow> {
    let cell = |at: Option<usize>| {
        at.and_then(|at| record.get(at)).map(str::trim).filter(|cell| !cell.is_empty())
    };
    let code = cell(code)
        .map(|text| text.parse().with_context(|| format!("code: {text:?} is not a whole number")));
    Ok(MerchantRow {
        // Not trimmed: a key may begin or end with a space.
        key: record.get(key).unwrap_or_default().to_owned(),
        biz: cell(biz).map(str::to_owned),
        code: code.transpose()?,
    })
}

fn record(difference: &Difference) -> Value {
    match difference {
        Difference::NotInJournal { key } => json!({ "kind": "not_in_journal", "req_id": key }),
        Difference::NotInFile { key, code, bill } => {
            json!({ "kind": "not_in_file", "req_id": key, "code": code, "amount": bill })
        }
        Difference::Repeated { key } => json!({ "kind": "repeated", "req_id": key }),
        Difference::Code { key, file, journal } => {
            json!({ "kind": "code", "req_id": key, "file": file, "journal": journal })
        }
        Difference::Biz { key, file, journal } => {
            json!({ "kind": "biz_id", "req_id": key, "file": file, "journal": journal })
        }
    }
}

fn text(difference: &Difference) -> String {
    match difference {
        Difference::NotInJournal { key } => {
            format!("{key}: only in the file; it was never acknowledged, or is of another period")
        }
        Difference::NotInFile { key, code, bill } => {
            let bill = bill.map_or("not billed".to_owned(), |amount| format!("{amount} 分"));
            format!("{key}: only in the journal, with code {code}, {bill}")
        }
        Difference::Repeated { key } => {
            format!("{key}: more than once in the file; it is one call, billed once")
        }
        Difference::Code { key, file, journal } => {
            format!("{key}: the file has code {file}, the journal {journal}")
        }
        Difference::Biz { key, file, journal } => {
            format!("{key}: the file has biz_id {file}, the journal {journal}")
        }
    }
}
