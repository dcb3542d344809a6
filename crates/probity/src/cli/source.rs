//! `probity source`: the providers that data comes from.

mod change;

use anyhow::Context;
use clap::{Args, Subcommand};
use domain::provider::{Place, Provider};
use engine::Engine;
use serde_json::{Value, json};

use self::change::{Add, Set, Texts};
use super::output::{self, Table};
use crate::app::Location;

#[derive(Debug, Args)]
#[command(after_help = "A connector is off until its licence and the institution's authorisation \
    are recorded and it is enabled. What is changed here is in force within a second on every \
    node.\n\nExamples:\n  \
    probity source add acme-telecom --kind telecom --url https://connector.example \
    --secret-file s\n  \
    probity source check acme-telecom\n  \
    probity source enable acme-telecom --licence \"No. 17\" --authorisation \"Contract 4\"\n  \
    probity source disable sandbox-telecom")]
pub(crate) struct Source {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a connector; it is off
    Add(Add),
    /// List the sources
    List {
        #[arg(long)]
        json: bool,
    },
    /// Show a source (never its secret)
    Show {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Let new sessions go to a source
    Enable {
        name: String,
        #[command(flatten)]
        texts: Texts,
    },
    /// Let no step go to a source any more
    Disable { name: String },
    /// Change weight, number, limits or secret
    Set(Set),
    /// Take a connector out for good; sessions that are with it fail and cost nothing
    Remove { name: String },
    /// Ask a connector whether it is there
    Check {
        name: String,
        #[arg(long)]
        json: bool,
    },
}

impl Source {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        output::run_with(location, async |engine| match self.action {
            Action::Add(add) => add.run(engine).await,
            Action::List { json } => list(engine, json),
            Action::Show { name, json } => show(engine, &name, json),
            Action::Enable { name, texts } => {
                let enabled = engine.change_provider(&name, |provider| {
                    texts.record(provider);
                    provider.is_enabled = true;
                });
                tell(&enabled.await?)
            }
            Action::Disable { name } => {
                let disabled =
                    engine.change_provider(&name, |provider| provider.is_enabled = false);
                tell(&disabled.await?)
            }
            Action::Set(set) => set.run(engine).await,
            Action::Remove { name } => {
                engine.remove_provider(&name).await?;
                output::line(format_args!("{name} is removed; in force within a second"))
            }
            Action::Check { name, json } => {
                let health = engine.check_provider(&name).await?;
                if json {
                    return output::json(&health);
                }
                let kinds: Vec<_> = health.kinds.iter().map(|kind| kind.as_str()).collect();
                output::line(format_args!(
                    "{name}: answers, speaks protocol {}, fetches {}",
                    health.protocol,
                    kinds.join(", ")
                ))
            }
        })
    }
}

fn tell(provider: &Provider) -> anyhow::Result<()> {
    let Provider { name, weight, .. } = provider;
    output::line(format_args!(
        "{name}: {}, weight {weight}; in force within a second",
        state(provider)
    ))
}

fn list(engine: &Engine, as_json: bool) -> anyhow::Result<()> {
    let directory = engine.directory();
    let providers = directory.providers().iter().map(|live| &live.provider);
    if as_json {
        return output::json(&providers.map(record).collect::<Vec<_>>());
    }
    let mut table = Table::new(["name", "kind", "state", "number", "weight", "where"]);
    for provider in providers {
        let Provider { name, kind, number, weight, .. } = provider;
        table.row([name, &kind.as_str(), &state(provider), number, weight, &place(provider)]);
    }
    output::line(table)
}

fn show(engine: &Engine, name: &str, as_json: bool) -> anyhow::Result<()> {
    let directory = engine.directory();
    let live = directory.provider(name);
    let live =
        live.with_context(|| format!("there is no source {name:?}; see `probity source list`"))?;
    let record = record(&live.provider);
    if as_json {
        return output::json(&record);
    }
    let mut table = Table::new(["field", "value"]);
    for (field, value) in record.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        table.row([field, &text]);
    }
    output::line(table)
}

fn record(provider: &Provider) -> Value {
    json!({
        "name": provider.name,
        "kind": provider.kind,
        "state": state(provider),
        "where": place(provider),
        "number": provider.number,
        "weight": provider.weight,
        "licence": provider.licence,
        "authorisation": provider.authorisation,
        "in_flight_max": provider.limits.in_flight_max,
        "rate_per_second": provider.limits.rate_per_second,
        "step_deadline_ms": provider.limits.step_deadline.0 / 1_000,
        "created_at": provider.created_at.to_string(),
    })
}

fn state(provider: &Provider) -> &'static str {
    if provider.is_enabled { "enabled" } else { "disabled" }
}

fn place(provider: &Provider) -> &str {
    match &provider.place {
        Place::Sandbox => "sandbox",
        Place::Connector { url } => url,
    }
}
