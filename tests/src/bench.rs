//! Benchmarks of the real binary, each figure beside a limit that was measured in the same run: a
//! bare echo of the same HTTP framework, the disk's `fdatasync`, the libraries that do the same.

mod audit;
mod blacklist;
mod callbacks;
mod disk;
pub mod echo;
mod generator;
mod loads;
mod mark;
mod parser;
mod peers;
mod report;
mod rong360;
mod score;
mod scoring;
mod sessions;

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::database::Database;

use generator::Load;
use mark::Mark;
use report::Report;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub warm_up: Duration,
    pub measure: Duration,
    /// How long a server is left alone before its memory is read.
    pub idle: Duration,
    /// Journal rows that are there before the second measurement; 0: there is none.
    pub rows: u64,
    /// Entries of the blacklist.
    pub entries: usize,
    /// Sessions that are open while states are asked for.
    pub sessions: usize,
    /// Kept open, each with one call under way.
    pub connections: usize,
}

impl Figures {
    /// What the documents' figures come from.
    pub fn full() -> Self {
        let (warm_up, measure) = (Duration::from_secs(3), Duration::from_secs(8));
        let (rows, entries, sessions) = (1_000_000, 10_000_000, 100_000);
        let idle = Duration::from_secs(5);
        Self { warm_up, measure, idle, rows, entries, sessions, connections: 64 }
    }

    /// A look within a minute; its figures waver.
    pub fn quick() -> Self {
        let (warm_up, measure) = (Duration::from_secs(1), Duration::from_secs(2));
        let (rows, entries, sessions) = (100_000, 100_000, 10_000);
        let idle = Duration::from_secs(1);
        Self { warm_up, measure, idle, rows, entries, sessions, connections: 64 }
    }

    fn is_quick(&self) -> bool {
        self.measure < Self::full().measure
    }
}

/// What can be measured alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Scores over HTTP, on each database.
    Calls,
    /// Models over tables.
    Scoring,
    /// Ids and behaviours loaded, a file of ids scored; on each database.
    Loads,
    /// The blacklist: its load, its start, its look-ups; on each database.
    Blacklist,
    /// Callbacks delivered, with a slow receiver among fast ones; on each database.
    Callbacks,
    /// Signed calls of face 3 beside the limit of verifying; on each database.
    Rong360,
    /// Pages of credit reports.
    Parser,
    /// Collection sessions: open, polled, completed; on each database.
    Sessions,
    /// Applications for the risk audit; on each database.
    Audit,
}

impl Section {
    pub const ALL: [Self; 9] = [
        Self::Calls,
        Self::Scoring,
        Self::Loads,
        Self::Blacklist,
        Self::Callbacks,
        Self::Rong360,
        Self::Parser,
        Self::Sessions,
        Self::Audit,
    ];

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "calls" => Some(Self::Calls),
            "scoring" => Some(Self::Scoring),
            "loads" => Some(Self::Loads),
            "blacklist" => Some(Self::Blacklist),
            "callbacks" => Some(Self::Callbacks),
            "rong360" => Some(Self::Rong360),
            "parser" => Some(Self::Parser),
            "sessions" => Some(Self::Sessions),
            "audit" => Some(Self::Audit),
            _ => None,
        }
    }
}

/// Measures these sections, calls on these databases; writes the table to standard output as it
/// grows, and the JSON to `json` at the end.
///
/// # Panics
/// When the server does not start or answers anything but a score.
pub fn run(
    sections: &[Section],
    figures: Figures,
    databases: &[Database],
    json: &Path,
) -> std::io::Result<()> {
    let mut report = Report::begin(figures.connections)?;
    for section in sections {
        match section {
            Section::Calls => {
                report.head()?;
                report
                    .fact(disk::syncs_per_second(figures.measure.min(Duration::from_secs(2)))?)?;
                report.fact(mark::binary_size()?)?;
                for database in databases {
                    on(*database, figures, &mut report)?;
                }
            }
            Section::Scoring => scoring::measure(&mut report)?,
            Section::Loads => {
                report.head()?;
                for database in databases {
                    loads::measure(*database, figures.rows.min(500_000) as usize, &mut report)?;
                }
            }
            Section::Blacklist => {
                report.head()?;
                for database in databases {
                    blacklist::measure(*database, figures, &mut report)?;
                }
            }
            Section::Callbacks => {
                for database in databases {
                    let each = figures.rows.clamp(500, 5_000) as usize;
                    callbacks::measure(*database, each, &mut report)?;
                }
            }
            Section::Rong360 => {
                report.head()?;
                let limit = rong360::limit(&mut report)?;
                for database in databases {
                    rong360::measure(*database, figures, &limit, &mut report)?;
                }
            }
            Section::Parser => parser::measure(&mut report)?,
            Section::Audit => {
                for database in databases {
                    audit::measure(*database, figures, &mut report)?;
                }
                audit::parts(&mut report)?;
            }
            Section::Sessions => {
                report.head()?;
                for database in databases {
                    sessions::measure(*database, figures, &mut report)?;
                }
            }
        }
    }
    report.finish(json)
}

fn on(database: Database, figures: Figures, report: &mut Report) -> std::io::Result<()> {
    let mut mark = Mark::start(database, figures.connections);
    report.fact(mark.start_up("start, first", mark.first_start))?;
    let again = mark.restart();
    report.fact(mark.start_up("start, again", again))?;
    std::thread::sleep(figures.idle);
    report.fact(mark.memory("memory, idle")?)?;
    measure(&mut mark, "score, empty", figures, report)?;
    mark.sign();
    measure(&mut mark, "signed score", figures, report)?;
    mark.sign_no_more();
    match mark.syncs_per_commit(figures.warm_up)? {
        Some(syncs) => report.fact(syncs)?,
        None => report.note("syncs per commit are not measured: no strace here")?,
    }
    if figures.rows == 0 {
        return Ok(());
    }
    let rows = mark.fill(figures.rows);
    let state = format!("{} k rows", rows / 1_000);
    measure(&mut mark, &format!("score, {state}"), figures, report)?;
    report.fact(mark.memory("memory, after load")?)?;
    let again = mark.restart();
    report.fact(mark.start_up(&format!("start, {state}"), again))
}

/// The echo, then the scores, one right after the other: what else the machine does meanwhile
/// moves both.
fn measure(
    mark: &mut Mark,
    what: &str,
    figures: Figures,
    report: &mut Report,
) -> std::io::Result<()> {
    let echo = echo::Echo::start(mark.answer_bytes());
    let requests = mark.requests();
    generator::run(echo.address(), requests, figures.warm_up);
    let before = processor_seconds(echo.process_id())?;
    let limit = generator::run(echo.address(), requests, figures.measure);
    let spent = processor_seconds(echo.process_id())? - before;
    drop(echo);
    report.load(&Load::named("echo", &limit, spent))?;
    mark.drive(figures.warm_up);
    let load = mark.measure(figures.measure)?;
    let name = format!("{} {what}", mark.name());
    report.load(&load.named_against(&name, &limit))
}

/// The seconds of processor time that a process has used since its start.
fn processor_seconds(process: u32) -> std::io::Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, in parentheses, may hold anything; `utime` and `stime` are the 12th and 13th after.
    let after = text.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: f64 = after.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    // Linux counts in hundredths of a second for every program.
    Ok(ticks / 100.0)
}
