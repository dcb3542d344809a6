//! `probity operator log`: what was done, and that nobody changed what stands there.

use anyhow::bail;
use clap::Subcommand;
use domain::audit_log::Note;
use engine::Engine;
use serde_json::{Value, json};
use wire::v1::note_shown;

use crate::cli::output::{self, Table};

#[derive(Debug, Subcommand)]
pub(super) enum LogAction {
    /// List the notes, the newest first
    List {
        /// Only notes about this, such as "consumer-credit 2" or an operator's name
        #[arg(long)]
        target: Option<String>,
        /// Only notes before this number
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
        /// How many at most
        #[arg(long, default_value_t = 100, value_parser = limit())]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
    /// Prove that no note was changed, removed or put elsewhere: the chain and its signed heads
    #[command(after_help = "Exit code 0 when all holds, 1 when not. It may run beside the server.")]
    Verify {
        #[arg(long)]
        json: bool,
    },
}

fn limit() -> clap::builder::RangedI64ValueParser<i64> {
    clap::value_parser!(i64).range(1..=10_000)
}

impl LogAction {
    pub(super) async fn run(self, engine: &Engine) -> anyhow::Result<()> {
        match self {
            Self::List { target, before, limit, json } => {
                let notes = engine.audit_log(target.as_deref(), before, limit).await?;
                list(&notes, json)
            }
            Self::Verify { json } => verify(engine, json).await,
        }
    }
}

fn list(notes: &[Note], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(&notes.iter().map(note_shown).collect::<Vec<Value>>());
    }
    let mut table = Table::new(["seq", "at", "actor", "action", "target", "detail"]);
    for note in notes {
        let detail = if note.detail_json == "{}" { "" } else { &note.detail_json };
        table.row([&note.seq, &note.at, &note.actor, &note.action, &note.target, &detail]);
    }
    output::line(table)
}

async fn verify(engine: &Engine, as_json: bool) -> anyhow::Result<()> {
    let found = engine.verify_audit_log().await?;
    if as_json {
        output::json(&json!({
            "holds": found.holds(),
            "rows": found.rows,
            "unsigned_rows": found.unsigned_rows,
            "faults": found.faults,
        }))?;
    } else {
        output::line(format_args!("{} notes, {} not signed yet", found.rows, found.unsigned_rows))?;
        for fault in &found.faults {
            output::line(format_args!("fault: {fault}"))?;
        }
    }
    if !found.holds() {
        bail!(
            "the audit log does not hold: {} faults; keep the database as it is, and compare it \
             with the last good backup",
            found.faults.len()
        );
    }
    if as_json { Ok(()) } else { output::line("The audit log holds.") }
}
