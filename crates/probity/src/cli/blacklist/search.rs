//! `probity blacklist search`: a file of persons against the list, as a merchant's calls would.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use domain::identity::{IdCard, IdentityFault, Mobile, Person, PersonName};
use domain::load::{Columns, Fault, Rejected};
use domain::time::{Clock, Day, Span};
use engine::Engine;
use serde_json::json;

use crate::cli::{output, rows};
use crate::seams::SystemClock;

const COLUMNS: Columns = Columns { required: &["name", "id_card", "mobile"], optional: &[] };

/// Look-ups between two glances at what was added meanwhile.
const GLANCE_EVERY: u64 = 4096;

#[derive(Debug, Args)]
#[command(after_help = "Writes a line for each row: its number and whether the person is listed \
    (`true`, `false`, or `bad` for a row that names nobody); no person's data is repeated. \
    Nothing is billed.\n\nExample:\n  probity blacklist search persons.csv --output found.csv")]
pub(super) struct Search {
    /// The CSV or Parquet file (`-`: CSV from standard input)
    file: PathBuf,
    /// The CSV to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Sum up as JSON on standard output (the rows then need --output)
    #[arg(long, requires = "output")]
    json: bool,
}

impl Search {
    pub(super) async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        let today = SystemClock.now().shanghai_day();
        let (rows, progress) = rows::open(&self.file, COLUMNS, |cells| person(cells, today))?;
        let output: Box<dyn Write> = match &self.output {
            None => Box::new(io::stdout().lock()),
            Some(path) => Box::new(File::create(path).with_context(|| path.display().to_string())?),
        };
        let mut output = csv::Writer::from_writer(output);
        output.write_record(["row", "is_in"])?;
        let opened = SystemClock.now();
        engine.read_blacklist().await?;
        let started = SystemClock.now();
        let (mut count, mut listed, mut bad) = (0_u64, 0_u64, 0_u64);
        for row in rows {
            count += 1;
            let is_in = match row {
                Ok(Person { name, id_card, mobile }) => {
                    let is_in = engine.is_blacklisted(&name, &id_card, &mobile).await?;
                    listed += u64::from(is_in);
                    if is_in { "true" } else { "false" }
                }
                Err(Rejected::Row(_)) => {
                    bad += 1;
                    "bad"
                }
                Err(Rejected::Table(reason)) => anyhow::bail!(reason),
            };
            output.write_record([&count.to_string(), is_in])?;
            if count.is_multiple_of(GLANCE_EVERY) {
                engine.read_blacklist().await?;
                progress.at(count);
            }
        }
        output.flush()?;
        drop(progress);
        let seconds = |span: Span| span.0 as f64 / 1e6;
        let (reading, searching) =
            (seconds(started - opened), seconds(SystemClock.now() - started));
        let per_second = (count as f64 / searching.max(1e-6)).round() as u64;
        if self.json {
            return output::json(&json!({
                "rows": count,
                "listed": listed,
                "bad_count": bad,
                "rows_per_second": per_second,
                "seconds_to_read_the_list": reading,
            }));
        }
        output::note(format_args!(
            "{count} rows, {listed} listed, {bad} bad, {per_second} rows/s after {reading:.1} s"
        ));
        Ok(())
    }
}

fn person(cells: &[&str], today: Day) -> Result<Person, Fault> {
    let &[name, id_card, mobile] = cells else {
        return Err(Fault::new("", "has another number of cells than the table has columns"));
    };
    let fault = |field| move |fault: IdentityFault| Fault::new(field, fault.to_string());
    Ok(Person {
        name: PersonName::parse(name).map_err(fault("name"))?,
        id_card: IdCard::parse(id_card, today).map_err(fault("id_card"))?,
        mobile: Mobile::parse(mobile).map_err(fault("mobile"))?,
    })
}
