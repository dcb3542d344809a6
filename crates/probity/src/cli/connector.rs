//! `probity connector`: for those who write a connector.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::secret::Secret;
use domain::time::Span;
use engine::{CheckOutcome, Conformance, Courier, Outbound};

use super::output::{self, Table};
use crate::app::Location;
use crate::config::Config;
use crate::seams::{SystemClock, SystemEntropy};

#[derive(Debug, Args)]
pub(crate) struct Connector {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Ask a connector everything that the protocol promises
    #[command(after_help = "The connector must run in its test mode; only synthetic persons are \
        sent. docs/connectors.md says what is checked.\n\nA connector on this machine or in a \
        private network needs [outbound] allow in the configuration.\n\nExamples:\n  \
        probity connector check https://connector.example --secret-file connector.secret\n  \
        probity connector check http://127.0.0.1:8081 --secret-file s --config dev.toml --json")]
    Check(Check),
}

#[derive(Debug, Args)]
struct Check {
    /// Where it is; /v1/steps and /v1/health are below
    url: String,
    /// The file with the secret that both sides sign with
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// How long it has for a step
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = span)]
    step_deadline: Span,
    #[arg(long)]
    json: bool,
}

pub(super) fn span(text: &str) -> Result<Span, String> {
    Span::parse(text).ok_or_else(|| "give a time like 500ms, 30s or 2m".to_owned())
}

/// Reads a connector's secret from its file.
pub(super) fn secret(path: &Path) -> anyhow::Result<Secret<Vec<u8>>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the secret file {} cannot be read", path.display()))?;
    engine::read_secret(&Secret::new(text)).with_context(|| format!("{}", path.display()))
}

impl Connector {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        let Action::Check(check) = self.action;
        let config = Config::read(location.config.as_deref())?;
        output::start_log()?;
        let outbound = Outbound::new(config.outbound.settings()?)?;
        let secret = secret(&check.secret_file)?;
        output::block_on(check.run(&outbound, secret))
    }
}

impl Check {
    async fn run(&self, outbound: &Outbound, secret: Secret<Vec<u8>>) -> anyhow::Result<()> {
        let courier = Courier { outbound, clock: &SystemClock, entropy: &SystemEntropy };
        let kit = Conformance::new(courier, &self.url, secret, self.step_deadline);
        let kit = kit.map_err(anyhow::Error::msg)?;
        let mut checks = Vec::new();
        kit.run(|check| checks.push(check.clone())).await;
        if self.json {
            output::json(&checks)?;
        } else {
            let mut table = Table::new(["check", "result", "detail"]);
            for check in &checks {
                let (result, detail) = match &check.outcome {
                    CheckOutcome::Passed => ("passed", ""),
                    CheckOutcome::Failed(detail) => ("FAILED", detail.as_str()),
                    CheckOutcome::Skipped(detail) => ("skipped", *detail),
                };
                table.row([&check.name, &result, &detail]);
            }
            output::line(table)?;
        }
        let failed = checks.iter().filter(|check| matches!(check.outcome, CheckOutcome::Failed(_)));
        match failed.count() {
            0 => Ok(()),
            count => bail!("{count} of {} checks failed", checks.len()),
        }
    }
}
