//! `probity blacklist`: who is on it, why, and until when.

mod search;

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};
use domain::blacklist::{self, ListedKey, Listing, Standing};
use domain::load::{Fault, LoadRow};
use domain::time::{Clock, Timestamp};
use engine::{BLACKLIST_LOAD, Engine};
use serde_json::{Value, json};

use self::search::Search;
use super::output::{self, Table};
use super::subject::Load;
use crate::app::Location;
use crate::seams::SystemClock;

#[derive(Debug, Args)]
#[command(
    after_help = "Persons are found by ID card, by mobile, or by name and ID card together; a \
    name alone matches nobody. Only keyed hashes are kept, so a list shows entries and never \
    persons. An entry counts until five years after the end of its event, then it is gone. Other \
    users of the machine can see a command's arguments; `load -` reads from standard input.\n\n\
    Examples:\n  probity blacklist load court.csv --source court\n  \
    probity blacklist add --id-card 11010119900307803X --reason overdue --ended 2024-05-01\n  \
    probity blacklist dispute --mobile 13800138000\n  \
    probity blacklist dispute --mobile 13800138000 --over\n  \
    probity blacklist search persons.csv --output found.csv"
)]
pub(crate) struct Blacklist {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Load entries: a table with name, id_card, mobile, source, reason, from, ended, until
    #[command(after_help = "Each column may be absent, but a row needs an ID card or a mobile. A \
        row with name and ID card matches both together. `reason` is overdue, charged_off, fraud, \
        court or other; `ended` is the day on which the event ended (when empty: the day of \
        `from`, else today). What was removed or is disputed stays so.\n\nExample:\n  \
        probity blacklist load court.csv --source court --bad bad.csv")]
    Load(LoadEntries),
    /// List a person; an entry that was removed or disputed counts again
    Add(Add),
    /// Take back a person's entries
    Remove(Marked),
    /// Mark a person's entries as disputed: they do not count while the dispute lasts
    Dispute {
        #[command(flatten)]
        marked: Marked,
        /// The dispute is over and the entries were right: they count again
        #[arg(long)]
        over: bool,
    },
    /// Show a person's entries
    Show {
        #[command(flatten)]
        person: Person,
        #[arg(long)]
        json: bool,
    },
    /// Look up a file of persons: a table with name, id_card, mobile
    Search(Search),
    /// Show the newest entries
    List {
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
        limit: u16,
        #[arg(long)]
        json: bool,
    },
}

const SOURCE_DEFAULT: &str = "operator";

#[derive(Debug, Args)]
struct LoadEntries {
    #[command(flatten)]
    load: Load,
    /// Who reports the rows that do not say so
    #[arg(long, default_value = SOURCE_DEFAULT)]
    source: String,
}

/// As far as the person is known.
#[derive(Debug, Args)]
struct Person {
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,
    #[arg(long, default_value = "", hide_default_value = true)]
    id_card: String,
    #[arg(long, default_value = "", hide_default_value = true)]
    mobile: String,
}

#[derive(Debug, Args)]
struct Add {
    #[command(flatten)]
    person: Person,
    /// Who reports it
    #[arg(long, default_value = SOURCE_DEFAULT)]
    source: String,
    /// overdue, charged_off, fraud, court, other
    #[arg(long, default_value = "other")]
    reason: String,
    /// Counts from then on: a day or RFC 3339 [default: the day of the end, or now]
    #[arg(long, default_value = "", hide_default_value = true)]
    from: String,
    /// The day on which the event ended [default: the day of --from]
    #[arg(long, default_value = "", hide_default_value = true)]
    ended: String,
    /// Counts until then, where that is sooner than five years after the end
    #[arg(long, default_value = "", hide_default_value = true)]
    until: String,
}

#[derive(Debug, Args)]
struct Marked {
    #[command(flatten)]
    person: Person,
    /// The entries of this source only
    #[arg(long)]
    source: Option<String>,
}

impl Blacklist {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        if let Action::Load(LoadEntries { load, source }) = &self.action {
            let now = SystemClock.now();
            let read = |cells: &[&str]| blacklist::read(cells, source, now).map(LoadRow::Listed);
            return load.run(BLACKLIST_LOAD, blacklist::COLUMNS, read, location);
        }
        output::run_with(location, async |engine| match &self.action {
            Action::Load(_) => unreachable!("done above"),
            Action::Search(search) => search.run(engine).await,
            Action::Add(add) => add.run(engine).await,
            Action::Remove(marked) => marked.remove(engine).await,
            Action::Dispute { marked, over } => marked.dispute(engine, *over).await,
            Action::Show { person, json } => show(engine, person, *json).await,
            Action::List { limit, json } => list(engine, *limit, *json).await,
        })
    }
}

impl Add {
    async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        let Person { name, id_card, mobile } = &self.person;
        let Self { source, reason, from, ended, until, .. } = self;
        let cells = [name, id_card, mobile, source, reason, from, ended, until];
        let row = blacklist::read(&cells.map(String::as_str), source, engine.now());
        let row = row.map_err(|fault| wrong(&fault))?;
        engine.list_person(&row).await?;
        output::line(format_args!(
            "listed from {} until {}; all nodes know it within a second",
            row.from, row.until
        ))
    }
}

impl Marked {
    async fn remove(&self, engine: &Engine) -> anyhow::Result<()> {
        let keys = self.person.keys(engine.now())?;
        said("removed", engine.remove_listings(&keys, self.source.as_deref()).await?)
    }

    async fn dispute(&self, engine: &Engine, over: bool) -> anyhow::Result<()> {
        let keys = self.person.keys(engine.now())?;
        let marked = engine.dispute_listings(&keys, self.source.as_deref(), over).await?;
        said(if over { "no longer disputed" } else { "disputed" }, marked)
    }
}

fn said(what: &str, entries: u64) -> anyhow::Result<()> {
    match entries {
        0 => bail!("there is no such entry; look with `probity blacklist show`"),
        1 => output::line(format_args!("1 entry is {what}")),
        more => output::line(format_args!("{more} entries are {what}")),
    }
}

impl Person {
    fn keys(&self, now: Timestamp) -> anyhow::Result<Vec<ListedKey>> {
        let Self { name, id_card, mobile } = self;
        blacklist::keys_of(name, id_card, mobile, now).map_err(|fault| wrong(&fault))
    }
}

fn wrong(fault: &Fault) -> anyhow::Error {
    let option = fault.field.replace('_', "-");
    anyhow!("--{option} {}", fault.reason)
}

async fn show(engine: &Engine, person: &Person, as_json: bool) -> anyhow::Result<()> {
    let now = engine.now();
    let listings = engine.listings(&person.keys(now)?).await?;
    let listed = listings.iter().any(|listing| listing.standing(now) == Standing::Listed);
    if as_json {
        let entries: Vec<Value> = listings.iter().map(|listing| record(listing, now)).collect();
        return output::json(&json!({ "is_in": listed, "entries": entries }));
    }
    output::line(if listed { "listed" } else { "not listed" })?;
    if listings.is_empty() { Ok(()) } else { output::line(table(&listings, now)) }
}

async fn list(engine: &Engine, limit: u16, as_json: bool) -> anyhow::Result<()> {
    let (newest, count) = engine.newest_listings(usize::from(limit)).await?;
    let now = engine.now();
    if as_json {
        let entries: Vec<Value> = newest.iter().map(|listing| record(listing, now)).collect();
        return output::json(&json!({ "count": count, "entries": entries }));
    }
    output::line(table(&newest, now))?;
    output::note(format_args!("the newest {} of {count}", newest.len()));
    Ok(())
}

fn table(listings: &[Listing], now: Timestamp) -> Table {
    let mut table = Table::new(["found by", "source", "reason", "standing", "from", "until"]);
    for listing in listings {
        table.row([
            &listing.kind.as_str(),
            &listing.source,
            &listing.reason.as_str(),
            &listing.standing(now).as_str(),
            &listing.from,
            &listing.until,
        ]);
    }
    table
}

fn record(listing: &Listing, now: Timestamp) -> Value {
    let maybe = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "found_by": listing.kind.as_str(),
        "source": listing.source,
        "reason": listing.reason.as_str(),
        "standing": listing.standing(now).as_str(),
        "from": listing.from.to_string(),
        "until": listing.until.to_string(),
        "listed_at": listing.listed_at.to_string(),
        "removed_at": maybe(listing.removed_at),
        "disputed_at": maybe(listing.disputed_at),
    })
}
