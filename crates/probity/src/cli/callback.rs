//! `probity callback`: what merchants were told, how each attempt went, and once more.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::callback::{Attempt, Callback as Record, CallbackId, CallbackState};
use domain::secret::Private;
use engine::{CallbackFilter, Engine, NewCallback, Replay};
use serde_json::{Value, json};

use super::output::{self, Table};
use crate::app::Location;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  probity callback list --merchant acme --state dead\n  \
    probity callback show 019a…\n  probity callback replay 019a…\n  \
    probity callback send --merchant acme --user test-1 --status 2 \
    --url https://acme.example/notify")]
pub(crate) struct Callback {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List callbacks, newest first
    List(List),
    /// Show a callback with each of its attempts
    Show {
        #[arg(value_parser = id)]
        id: CallbackId,
        #[arg(long)]
        json: bool,
    },
    /// Send a callback that ended once more, on a schedule of its own
    Replay {
        #[arg(value_parser = id)]
        id: CallbackId,
    },
    /// Send a test callback, marked as one, to try a merchant's receiver
    Send(Send),
}

#[derive(Debug, Args)]
struct List {
    #[arg(long, value_name = "NAME")]
    merchant: Option<String>,
    /// due, delivered, dead or not_registered
    #[arg(long, value_parser = state)]
    state: Option<&'static str>,
    #[arg(long, value_name = "N", default_value_t = 100,
          value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Send {
    #[arg(long, value_name = "NAME")]
    merchant: String,
    /// The merchant's name for the person; synthetic
    #[arg(long)]
    user: String,
    /// 2 ready, 3 not passed, 6 not generated
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=9))]
    status: i64,
    #[arg(long)]
    url: String,
    /// So many, of the users USER-1, USER-2 …
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    #[arg(long)]
    json: bool,
}

fn id(text: &str) -> Result<CallbackId, String> {
    CallbackId::parse(text).ok_or_else(|| "is no callback's id (32 digits)".to_owned())
}

fn state(text: &str) -> Result<&'static str, String> {
    let found = CallbackState::WORDS.into_iter().find(|word| *word == text);
    found.ok_or_else(|| format!("give one of {}", CallbackState::WORDS.join(", ")))
}

impl Callback {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        output::run_with(location, async |engine| match self.action {
            Action::List(list) => list.run(engine).await,
            Action::Show { id, json } => show(engine, id, json).await,
            Action::Replay { id } => match engine.replay_callback(None, id).await? {
                Replay::Due => output::line(format_args!("{id} is due again")),
                Replay::NotEnded => bail!("{id} has not ended; it is tried by itself"),
                Replay::Absent => bail!("there is no callback {id}; see `probity callback list`"),
            },
            Action::Send(send) => send.run(engine).await,
        })
    }
}

impl List {
    async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        let merchant = match &self.merchant {
            Some(name) => Some(engine.merchant(name).await?.id),
            None => None,
        };
        let filter = CallbackFilter { merchant, state: self.state, before: None };
        let found = engine.callbacks(filter, self.limit).await?;
        if self.json {
            let rows: Vec<Value> = found.iter().map(|one| record(engine, one)).collect();
            return output::json(&rows);
        }
        let mut table =
            Table::new(["created", "id", "merchant", "state", "attempts", "last", "address"]);
        for one in &found {
            table.row([
                &one.created_at,
                &one.id,
                &merchant_name(engine, one),
                &shown_state(one),
                &one.attempts.len(),
                &one.attempts.last().map_or_else(String::new, outcome),
                &shown_url(one),
            ]);
        }
        output::line(table)
    }
}

impl Send {
    async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        let merchant = engine.merchant(&self.merchant).await?.id;
        let new = |user: String| NewCallback {
            is_test: true,
            ..NewCallback::of_status(merchant, Private::new(user), self.status, self.url.clone())
        };
        let count = self.count.unwrap_or(1);
        let users = (1..=count).map(|number| match self.count {
            Some(_) => format!("{}-{number}", self.user),
            None => self.user.clone(),
        });
        let users: Vec<String> = users.collect();
        let ids = engine.send_callbacks(users.into_iter().map(new)).await?;
        if self.json {
            return output::json(&ids.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
        match &ids[..] {
            [id] => output::line(format_args!("{id} is put down; `probity callback show {id}`")),
            _ => output::line(format_args!("{} callbacks are put down", ids.len())),
        }
    }
}

async fn show(engine: &Engine, id: CallbackId, as_json: bool) -> anyhow::Result<()> {
    let found = engine.find_callback(id).await?;
    let found = found.with_context(|| format!("there is no callback {id}"))?;
    let record = record(engine, &found);
    if as_json {
        return output::json(&record);
    }
    let mut table = Table::new(["field", "value"]);
    for (field, value) in record.as_object().into_iter().flatten() {
        if field != "attempts" {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            table.row([field, &text]);
        }
    }
    let mut attempts = Table::new(["attempt", "at", "ms", "outcome"]);
    for one in &found.attempts {
        let took = one.took_us.map_or_else(String::new, |us| (us / 1_000).to_string());
        attempts.row([&one.number, &one.at, &took, &outcome(one)]);
    }
    output::line(format_args!("{table}\n\n{attempts}"))
}

/// Without the person's name: what a merchant calls its borrower may be a telephone.
fn record(engine: &Engine, callback: &Record) -> Value {
    let attempts: Vec<Value> = callback
        .attempts
        .iter()
        .map(|one| {
            json!({
                "number": one.number,
                "at": one.at.to_string(),
                "took_ms": one.took_us.map(|us| us / 1_000),
                "outcome": one.outcome.map(|outcome| outcome.to_string()),
            })
        })
        .collect();
    let (due_at, reason) = match callback.state {
        CallbackState::Due { at, .. } => (Some(at.to_string()), None),
        CallbackState::Dead(outcome) => (None, Some(outcome.to_string())),
        CallbackState::Delivered | CallbackState::NotRegistered => (None, None),
    };
    json!({
        "id": callback.id.to_string(),
        "merchant": merchant_name(engine, callback),
        "url": shown_url(callback),
        "reference": callback.reference,
        "test": callback.is_test,
        "state": callback.state.as_str(),
        "reason": reason,
        "due_at": due_at,
        "created_at": callback.created_at.to_string(),
        "ended_at": callback.ended_at.map(|at| at.to_string()),
        "attempts": attempts,
    })
}

fn merchant_name(engine: &Engine, callback: &Record) -> String {
    let directory = engine.directory();
    let entry = directory.by_id(callback.merchant);
    entry.map_or_else(String::new, |entry| entry.merchant.name.clone())
}

fn shown_state(callback: &Record) -> String {
    let test = if callback.is_test { " (test)" } else { "" };
    format!("{}{test}", callback.state.as_str())
}

/// Without its query, which may name a person.
fn shown_url(callback: &Record) -> String {
    match callback.url.split_once('?') {
        Some((place, _)) => format!("{place}?…"),
        None => callback.url.clone(),
    }
}

fn outcome(attempt: &Attempt) -> String {
    attempt.outcome.map_or_else(|| "no end known".to_owned(), |outcome| outcome.to_string())
}
