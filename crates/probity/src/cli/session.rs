//! `probity session`: collections whose outcome nobody can tell, and what the operator says
//! became of them.

use clap::{Args, Subcommand, ValueEnum};
use domain::money::Amount;
use engine::{COMMAND_LINE, Engine, Verdict};
use serde_json::{Value, json};

use super::output::{self, Table};
use crate::app::Location;

#[derive(Debug, Args)]
#[command(
    after_help = "A step that may have done something at its source, and whose answer was lost, \
    ends a session as unknown: the source is not asked again, the merchant is not billed, and the \
    call waits here. Ask the institution or the connector's operator, then say what became of \
    it.\n\nExamples:\n  \
    probity session unknown\n  \
    probity session resolve 4f0c1d2e… void --reason 'no entry in the log of 22 November'\n  \
    probity session resolutions"
)]
pub(crate) struct Session {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the sessions whose outcome nobody can tell, oldest first
    Unknown {
        #[arg(long, default_value_t = 1000)]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
    /// Say what became of a session's call, for good
    Resolve {
        /// The session, as `unknown` shows it
        open_id: String,
        verdict: Said,
        /// How it was found out; it is kept
        #[arg(long)]
        reason: String,
    },
    /// List what was said of calls, newest first
    Resolutions {
        #[arg(long, default_value_t = 100)]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
}

/// What became of a call.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Said {
    /// The source did its part: bill it
    Post,
    /// Nothing was done: it costs nothing
    Void,
}

impl From<Said> for Verdict {
    fn from(said: Said) -> Self {
        match said {
            Said::Post => Self::Post,
            Said::Void => Self::Void,
        }
    }
}

impl Session {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        output::run_with(location, async |engine: &Engine| match self.action {
            Action::Unknown { limit, json } => unknown(engine, limit, json).await,
            Action::Resolve { open_id, verdict, reason } => {
                let verdict = Verdict::from(verdict);
                engine.resolve_unknown(&open_id, verdict, (COMMAND_LINE, &reason)).await?;
                output::line(format_args!("{open_id}: {}", verdict.as_str()))
            }
            Action::Resolutions { limit, json } => resolutions(engine, limit, json).await,
        })
    }
}

async fn unknown(engine: &Engine, limit: i64, as_json: bool) -> anyhow::Result<()> {
    let sessions = engine.unknown_sessions(limit).await?;
    if as_json {
        return output::json(&sessions);
    }
    let mut table = Table::new(["open_id", "merchant", "product", "opened at", "source", "分"]);
    for session in &sessions {
        table.row([
            &session.open_id,
            &session.merchant,
            &session.product,
            &session.opened_at,
            &session.provider.as_deref().unwrap_or_default(),
            &session.price.map_or_else(String::new, |price| Amount(price).to_string()),
        ]);
    }
    output::line(format_args!("{table}"))
}

async fn resolutions(engine: &Engine, limit: i64, as_json: bool) -> anyhow::Result<()> {
    let noted = engine.resolutions(limit).await?;
    if as_json {
        let row = |noted: &engine::NotedResolution| -> Value {
            json!({
                "biz_id": noted.biz.to_string(),
                "open_id": noted.open_id,
                "at": noted.at.to_string(),
                "actor": noted.actor,
                "verdict": noted.verdict,
                "reason": noted.reason,
            })
        };
        return output::json(&noted.iter().map(row).collect::<Vec<_>>());
    }
    let mut table = Table::new(["at", "open_id", "verdict", "actor", "reason"]);
    for noted in &noted {
        table.row([&noted.at, &noted.open_id, &noted.verdict, &noted.actor, &noted.reason]);
    }
    output::line(format_args!("{table}"))
}
