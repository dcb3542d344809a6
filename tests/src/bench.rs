//! Benchmarks of the real binary, each figure beside a limit that was measured in the same run: a
//! bare echo of the same HTTP framework, and the disk's own `fdatasync`.

mod disk;
pub mod echo;
mod generator;
mod mark;
mod report;
mod score;
mod scoring;

use std::path::Path;
use std::time::Duration;

use crate::database::Database;

use generator::Load;
use mark::Mark;
use report::Report;

/// Connections that are kept open, each with one call under way.
const CONNECTIONS: usize = 64;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub warm_up: Duration,
    pub measure: Duration,
    /// How long a server is left alone before its memory is read.
    pub idle: Duration,
    /// Journal rows that are there before the second measurement.
    pub rows: u64,
}

impl Figures {
    /// What the documents' figures come from.
    pub fn full() -> Self {
        let (warm_up, measure) = (Duration::from_secs(3), Duration::from_secs(8));
        Self { warm_up, measure, idle: Duration::from_secs(5), rows: 1_000_000 }
    }

    /// A look within a minute; its figures waver.
    pub fn quick() -> Self {
        let (warm_up, measure) = (Duration::from_secs(1), Duration::from_secs(2));
        Self { warm_up, measure, idle: Duration::from_secs(1), rows: 100_000 }
    }
}

/// Measures everything on these databases; writes the table to standard output as it grows, and
/// the JSON to `json` at the end.
///
/// # Panics
/// When the server does not start or answers anything but a score.
pub fn run(figures: Figures, databases: &[Database], json: &Path) -> std::io::Result<()> {
    let mut report = Report::begin()?;
    report.fact(disk::syncs_per_second(figures.measure.min(Duration::from_secs(2)))?)?;
    report.fact(mark::binary_size()?)?;
    for database in databases {
        on(*database, figures, &mut report)?;
    }
    scoring::measure(&mut report)?;
    report.finish(json)
}

fn on(database: Database, figures: Figures, report: &mut Report) -> std::io::Result<()> {
    let mut mark = Mark::start(database);
    report.fact(mark.start_up("start, first", mark.first_start))?;
    let again = mark.restart();
    report.fact(mark.start_up("start, again", again))?;
    std::thread::sleep(figures.idle);
    report.fact(mark.memory("memory, idle")?)?;
    measure(&mut mark, "empty", figures, report)?;
    report.fact(mark.syncs_per_commit(figures.warm_up)?)?;
    let rows = mark.fill(figures.rows);
    let state = format!("{} k rows", rows / 1_000);
    measure(&mut mark, &state, figures, report)?;
    report.fact(mark.memory("memory, after load")?)?;
    let again = mark.restart();
    report.fact(mark.start_up(&format!("start, {state}"), again))
}

/// The echo, then the scores, one right after the other: what else the machine does meanwhile
/// moves both.
fn measure(
    mark: &mut Mark,
    state: &str,
    figures: Figures,
    report: &mut Report,
) -> std::io::Result<()> {
    let echo = echo::Echo::start(mark.answer_bytes());
    let requests = mark.requests();
    generator::run(echo.address(), requests, figures.warm_up);
    let limit = generator::run(echo.address(), requests, figures.measure);
    drop(echo);
    report.load(&Load::named("echo", &limit))?;
    mark.drive(figures.warm_up);
    let load = mark.measure(figures.measure);
    let name = format!("{} score, {state}", mark.name());
    report.load(&load.named_against(&name, &limit))
}
