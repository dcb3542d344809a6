//! `probity sandbox`: its clock and its synthetic people.

mod application;

use std::io::{self, Write as _};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::time::{Clock, Span};
use engine::Engine;
use serde_json::json;

use super::output::{self, Table};
use crate::app::Location;
use crate::seams::SystemClock;

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// The sandbox's clock, which deadlines, quotas and windows run on
    #[command(subcommand)]
    Clock(ClockAction),
    /// The synthetic ids that can be scored, and those that call up one outcome on purpose
    Ids {
        #[arg(long)]
        json: bool,
    },
    /// The synthetic people that the credit bureau knows: login names, identities, cards
    People {
        #[arg(long)]
        json: bool,
    },
    /// Write the credit bureau's page of one of its people to standard output, in GBK
    Page {
        /// As in `probity sandbox people`
        login_name: String,
    },
    /// Write the application for a loan that one of its people hands in for the risk audit
    #[command(after_help = application::HELP)]
    Application(application::Application),
}

#[derive(Debug, Subcommand)]
enum ClockAction {
    /// Move the clock ahead, on every node within a second; it never goes back
    Advance {
        /// How far: 90s, 10m, 2h, 3d
        #[arg(value_parser = span)]
        span: Span,
        #[arg(long)]
        json: bool,
    },
    /// Show the time
    Show {
        #[arg(long)]
        json: bool,
    },
}

fn span(text: &str) -> Result<Span, String> {
    Span::parse(text).ok_or_else(|| "give a time like 90s, 10m, 2h or 3d".to_owned())
}

impl Sandbox {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        match self.action {
            Action::Ids { json } => ids(json),
            Action::People { json } => people(json),
            Action::Page { login_name } => page(&login_name),
            Action::Application(application) => application.run(location),
            Action::Clock(ClockAction::Advance { span, json }) => {
                output::run_with(location, async |engine| {
                    engine.advance_clock(span).await?;
                    show_clock(engine, json)
                })
            }
            Action::Clock(ClockAction::Show { json }) => {
                output::run_with(location, async |engine| show_clock(engine, json))
            }
        }
    }
}

fn show_clock(engine: &Engine, as_json: bool) -> anyhow::Result<()> {
    let (now, machine) = (engine.now(), SystemClock.now());
    // The two were read one after the other; the offset is set in whole milliseconds.
    let ahead_seconds = ((now - machine).0 + 500_000).div_euclid(1_000_000);
    if as_json {
        return output::json(&json!({ "now": now.to_string(), "ahead_seconds": ahead_seconds }));
    }
    output::line(format_args!("{now}, {ahead_seconds} s ahead of the machine"))
}

fn ids(as_json: bool) -> anyhow::Result<()> {
    let ids = engine::sandbox_ids();
    if as_json {
        return output::json(&ids);
    }
    let mut table = Table::new(["subject", "imei", "idfa", "mobile_md5", "mobile_sha256"]);
    for person in &ids.people {
        table.row([
            &person.subject,
            &person.imei,
            &person.idfa,
            &person.mobile_md5,
            &person.mobile_sha256,
        ]);
    }
    let mut magic = Table::new(["kind", "id_type", "id_value", "outcome"]);
    for one in &ids.magic {
        magic.row([&one.kind, &one.id_type, &one.id_value, &one.outcome]);
    }
    output::line(format_args!("Synthetic people:\n{table}\n\nIds for one outcome:\n{magic}"))
}

/// Any step of the bureau takes this password but where the login name says otherwise.
const PASSWORD: &str = "Passw0rd";

fn people(as_json: bool) -> anyhow::Result<()> {
    let people = engine::bureau_people();
    if as_json {
        let listed = json!({ "synthetic": true, "password": PASSWORD, "people": people });
        return output::json(&listed);
    }
    let mut table = Table::new([
        "login name",
        "name",
        "id card",
        "mobile",
        "bank",
        "debit card",
        "credit card",
    ]);
    for one in &people {
        table.row([
            &one.login_name,
            &one.name,
            &one.id_card,
            &one.mobile,
            &one.bank,
            &one.debit_card,
            &one.credit_card,
        ]);
    }
    output::line(format_args!(
        "Synthetic people (nobody has these numbers), password {PASSWORD}:\n{table}"
    ))
}

fn page(login_name: &str) -> anyhow::Result<()> {
    let page = engine::bureau_page(login_name, SystemClock.now()).with_context(|| {
        format!("nobody is registered as {login_name:?}; see `probity sandbox people`")
    })?;
    Ok(io::stdout().lock().write_all(&page)?)
}
