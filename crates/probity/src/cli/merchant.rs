//! `probity merchant`: who may ask what, and with which credentials.

mod callback;
mod credential;
mod entitlement;
mod rong360;

use clap::{Args, Subcommand};
use domain::merchant::{Merchant as Record, MerchantState};
use domain::time::Timestamp;
use engine::{Engine, NewMerchant};
use serde_json::{Value, json};

use super::output::{self, Table};
use crate::app::Location;
use callback::CallbackAction;
use credential::CredentialAction;
use entitlement::{Disentitle, Entitle};
use rong360::Rong360Action;

#[derive(Debug, Args)]
#[command(after_help = "What is changed here is in force within a second on every node.\n\n\
    Examples:\n  probity merchant create acme --rate 200\n  \
    probity merchant credential acme add app-code\n  \
    probity merchant entitle acme --app 1000001 --model german-scorecard --price 35 --default\n  \
    probity merchant entitle acme --product telecom.report --price 100\n  \
    probity merchant credential acme rotate app-code --overlap 7d\n  \
    probity merchant rong360 acme set --app-id 1000001 --public-key acme.pem\n  \
    probity merchant suspend acme")]
pub(crate) struct Merchant {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create a merchant
    Create {
        /// 3 to 32 characters of a-z, 0-9, - and _
        name: String,
        /// Calls per second over all nodes
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        rate: Option<u32>,
        /// Its agreement lets it declare that it has a person's consent, where its protocol has
        /// no step for it (telecom and degree collections)
        #[arg(long)]
        declares_consent: bool,
        /// It encrypts applications in RSA blocks (PKCS#1 v1.5), as old clients do; JWE needs no
        /// such leave
        #[arg(long)]
        takes_blocks: bool,
        #[arg(long)]
        json: bool,
    },
    /// List the merchants
    List {
        #[arg(long)]
        json: bool,
    },
    /// Show a merchant with its credentials (never their secrets) and entitlements
    Show {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Refuse every call of a merchant
    Suspend { name: String },
    /// Serve a suspended merchant again
    Resume { name: String },
    /// Set the calls per second over all nodes
    Rate {
        name: String,
        /// A number, or `none`
        #[arg(value_name = "N|none", value_parser = rate)]
        rate: Rate,
    },
    /// Say whether the agreement lets the merchant declare persons' consent
    DeclaresConsent {
        name: String,
        #[arg(value_name = "true|false", action = clap::ArgAction::Set)]
        declares: bool,
    },
    /// Say whether the merchant may encrypt applications in RSA blocks (PKCS#1 v1.5)
    TakesBlocks {
        name: String,
        #[arg(value_name = "true|false", action = clap::ArgAction::Set)]
        takes: bool,
    },
    /// Add, rotate and revoke credentials
    Credential {
        name: String,
        #[command(subcommand)]
        action: CredentialAction,
    },
    /// Where and how a merchant may be called back
    #[command(after_help = "An address stands for itself and for all below its path, with any \
        query; scheme, host and port are the same. Another address in a call costs the call \
        nothing: its callback is listed as not_registered.\n\nExamples:\n  \
        probity merchant callback acme add https://acme.example/notify\n  \
        probity merchant callback acme form json-rsa2\n  probity merchant callback acme list")]
    Callback {
        name: String,
        #[command(subcommand)]
        action: CallbackAction,
    },
    /// On which terms a merchant is served by face 3 (POST /gateway)
    Rong360 {
        name: String,
        #[command(subcommand)]
        action: Rong360Action,
    },
    /// Let a merchant ask an application, or change on which terms
    Entitle(Entitle),
    /// Take an application away from a merchant
    Disentitle(Disentitle),
}

#[derive(Clone, Copy, Debug)]
struct Rate(Option<u32>);

fn rate(text: &str) -> Result<Rate, String> {
    match text {
        "none" => Ok(Rate(None)),
        _ => match text.parse() {
            Ok(0) | Err(_) => Err("give a whole number from 1, or `none`".to_owned()),
            Ok(rate) => Ok(Rate(Some(rate))),
        },
    }
}

impl Merchant {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        output::run_with(location, async |engine| match self.action {
            Action::Create { name, rate, declares_consent, takes_blocks, json } => {
                let new = NewMerchant {
                    name,
                    rate_per_second: rate,
                    sandbox: false,
                    declares_consent,
                    takes_blocks,
                };
                let merchant = engine.create_merchant(new).await?;
                if json {
                    return output::json(&record(&merchant));
                }
                output::line(format_args!(
                    "The merchant {} was created. Next: `probity merchant credential {0} add \
                     app-code` and `probity merchant entitle {0} …`.",
                    merchant.name
                ))
            }
            Action::List { json } => list(engine, json),
            Action::Show { name, json } => show(engine, &name, json).await,
            Action::DeclaresConsent { name, declares } => {
                update(engine, &name, |merchant| merchant.declares_consent = declares).await
            }
            Action::TakesBlocks { name, takes } => {
                update(engine, &name, |merchant| merchant.takes_blocks = takes).await
            }
            Action::Suspend { name } => {
                update(engine, &name, |merchant| merchant.state = MerchantState::Suspended).await
            }
            Action::Resume { name } => {
                update(engine, &name, |merchant| merchant.state = MerchantState::Active).await
            }
            Action::Rate { name, rate } => {
                update(engine, &name, |merchant| merchant.rate_per_second = rate.0).await
            }
            Action::Credential { name, action } => action.run(engine, &name).await,
            Action::Callback { name, action } => action.run(engine, &name).await,
            Action::Rong360 { name, action } => action.run(engine, &name).await,
            Action::Entitle(entitle) => entitle.run(engine).await,
            Action::Disentitle(disentitle) => disentitle.run(engine).await,
        })
    }
}

async fn update(
    engine: &Engine,
    name: &str,
    change: impl FnOnce(&mut Record),
) -> anyhow::Result<()> {
    let mut merchant = engine.merchant(name).await?;
    change(&mut merchant);
    let text = format!(
        "{name}: {}, {}; in force within a second",
        state(merchant.state),
        shown_rate(&merchant)
    );
    engine.update_merchant(merchant).await?;
    output::line(text)
}

fn list(engine: &Engine, as_json: bool) -> anyhow::Result<()> {
    let directory = engine.directory();
    if as_json {
        let all: Vec<Value> =
            directory.merchants().iter().map(|entry| record(&entry.merchant)).collect();
        return output::json(&all);
    }
    let mut table = Table::new(["name", "state", "rate", "applications", "created"]);
    for entry in directory.merchants() {
        let merchant = &entry.merchant;
        let apps: Vec<&str> = entry.entitlements.iter().map(|one| one.app.0.as_str()).collect();
        table.row([
            &merchant.name,
            &state(merchant.state),
            &shown_rate(merchant),
            &apps.join(" "),
            &merchant.created_at,
        ]);
    }
    output::line(table)
}

async fn show(engine: &Engine, name: &str, as_json: bool) -> anyhow::Result<()> {
    let merchant = engine.merchant(name).await?;
    let credentials = engine.credentials(merchant.id).await?;
    let directory = engine.directory();
    let entitlements = directory.by_name(name).map_or(&[][..], |entry| &entry.entitlements);
    if as_json {
        let mut shown = record(&merchant);
        shown["credentials"] = credentials
            .iter()
            .map(|one| {
                json!({
                    "id": one.id,
                    "kind": one.kind.as_str(),
                    "created_at": one.created_at.to_string(),
                    "ends_at": one.ends_at.map(|at| at.to_string()),
                    "in_force": in_force(one.ends_at, engine.now()),
                })
            })
            .collect();
        shown["entitlements"] = entitlements.iter().map(entitlement::record).collect();
        return output::json(&shown);
    }
    let (state, rate) = (state(merchant.state), shown_rate(&merchant));
    output::line(format_args!("{name}: {state}, {rate}, since {}", merchant.created_at))?;
    let mut table = Table::new(["credential", "kind", "created", "ends"]);
    for one in &credentials {
        let ends = one.ends_at.map_or_else(String::new, |at| {
            let over = if in_force(Some(at), engine.now()) { "" } else { " (over)" };
            format!("{at}{over}")
        });
        table.row([&one.id, &one.kind.as_str(), &one.created_at, &ends]);
    }
    output::line(format_args!("\n{table}\n\n{}", entitlement::table(entitlements)))
}

fn in_force(ends_at: Option<Timestamp>, now: Timestamp) -> bool {
    ends_at.is_none_or(|end| now < end)
}

fn record(merchant: &Record) -> Value {
    json!({
        "id": merchant.id,
        "name": merchant.name,
        "state": state(merchant.state),
        "rate_per_second": merchant.rate_per_second,
        "sandbox": merchant.sandbox,
        "created_at": merchant.created_at.to_string(),
    })
}

fn state(state: MerchantState) -> &'static str {
    match state {
        MerchantState::Active => "active",
        MerchantState::Suspended => "suspended",
    }
}

fn shown_rate(merchant: &Record) -> String {
    merchant.rate_per_second.map_or("no rate limit".to_owned(), |rate| format!("{rate} calls/s"))
}
