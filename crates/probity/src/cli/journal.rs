//! `probity journal`: verified, summed, and held against a merchant's own file.

mod reconcile;
mod statement;

use anyhow::bail;
use clap::{Args, Subcommand};
use domain::time::{Day, Period, Timestamp};
use engine::Engine;
use serde_json::json;

use super::output::{self, Progress};
use crate::app::Location;
use reconcile::Reconcile;
use statement::Statement;

#[derive(Debug, Args)]
pub(crate) struct Journal {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Prove that no row was changed, lost or billed twice: chains, signatures, sums
    #[command(after_help = "Exit code 0 when all holds, 1 when not. It may run beside the server.")]
    Verify {
        #[arg(long)]
        json: bool,
    },
    /// Sum the journal: what was called and billed
    Statement(Statement),
    /// Compare a merchant's own file with the journal and list each difference
    Reconcile(Reconcile),
}

impl Journal {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        output::run_with(location, async |engine| match self.action {
            Action::Verify { json } => verify(engine, json).await,
            Action::Statement(statement) => statement.run(engine).await,
            Action::Reconcile(reconcile) => reconcile.run(engine).await,
        })
    }
}

/// Reads a day or a month.
pub(super) fn period(text: &str) -> Result<Period, String> {
    let wanted = "give a day like 2026-11-21 or a month like 2026-11";
    Period::parse(text).ok_or_else(|| wanted.to_owned())
}

/// The day in Asia/Shanghai that `at` falls on.
pub(super) fn day_of(at: Timestamp) -> Period {
    let from = at.shanghai_day();
    Period { from, until: from.next() }
}

/// All days that a journal can hold.
fn all_time() -> Period {
    let until = Day::from_civil(9999, 12, 31).expect("a civil date");
    Period { from: Day(0), until }
}

/// `2026-11-21`, `2026-11-01 to 2026-11-30`, or `all`.
fn shown(period: Period) -> String {
    let last = Day(period.until.0 - 1);
    if period == all_time() {
        "all".to_owned()
    } else if last == period.from {
        last.to_string()
    } else {
        format!("{} to {last}", period.from)
    }
}

async fn verify(engine: &Engine, as_json: bool) -> anyhow::Result<()> {
    let progress = Progress::counting("rows");
    let found = engine.verify_journal(|rows| progress.at(rows.unsigned_abs())).await?;
    drop(progress);
    let faults: Vec<String> = found.faults.iter().map(ToString::to_string).collect();
    if as_json {
        output::json(&json!({
            "holds": found.holds(),
            "rows": found.rows,
            "lanes": found.lanes,
            "checkpoints": found.checkpoints,
            "unsigned_rows": found.unsigned_rows,
            "billed": found.billed,
            "amount": found.amount,
            "faults": faults,
        }))?;
    } else {
        output::line(format_args!(
            "{} rows in {} lanes, {} signed checkpoints, {} rows not signed yet\n\
             {} billed calls, {} 分",
            found.rows,
            found.lanes,
            found.checkpoints,
            found.unsigned_rows,
            found.billed,
            found.amount
        ))?;
        for fault in &faults {
            output::line(format_args!("fault: {fault}"))?;
        }
    }
    if !found.holds() {
        bail!(
            "the journal does not hold: {} faults; keep the database as it is, and compare it \
             with the last good backup",
            faults.len()
        );
    }
    if as_json { Ok(()) } else { output::line("The journal holds.") }
}
