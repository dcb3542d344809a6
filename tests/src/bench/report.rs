//! The report: a table for people on standard output, one JSON file for programs.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::thread;

use serde::Serialize;

use super::generator::Load;

/// The share of a bare echo that durable scores are meant to reach on SQLite.
const RATIO_AIM: f64 = 0.40;
/// The share of the empty database's rate that is meant to be left with all rows.
const SHARE_AIM: f64 = 0.90;

/// One measured value.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Fact {
    name: String,
    value: f64,
    unit: &'static str,
}

impl Fact {
    pub(super) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit }
    }
}

/// A rate beside that of a library that does the same, measured in the same run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Versus {
    pub(super) name: String,
    pub(super) ours: f64,
    /// None when the library is not there.
    pub(super) peer: Option<f64>,
    /// How many times the peer's rate it is meant to be.
    pub(super) aim: Option<f64>,
    pub(super) unit: &'static str,
}

impl Versus {
    fn shown(&self) -> String {
        let Some(peer) = self.peer else { return String::new() };
        let ratio = self.ours / peer;
        let verdict = self.aim.map_or_else(String::new, |aim| {
            let verdict = if ratio >= aim { "met" } else { "missed" };
            format!(" (aim {verdict}: {aim:.1})")
        });
        format!(", {ratio:.2} times the peer's {peer:.0}{verdict}")
    }
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    processor: String,
    processors: usize,
    connections: usize,
    loads: Vec<Load>,
    facts: Vec<Fact>,
    versus: Vec<Versus>,
    notes: Vec<String>,
}

impl Report {
    pub(super) fn begin(connections: usize) -> io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let report = Self { processor: processor(), processors, connections, ..Self::default() };
        let (processors, processor) = (report.processors, &report.processor);
        say(&format!("{processors} x {processor}; server and generator share them\n"))?;
        Ok(report)
    }

    /// The heads of the columns of [`Report::load`].
    pub(super) fn head(&self) -> io::Result<()> {
        let connections = self.connections;
        say(&format!(
            "{:<28} {:>9} {:>8} {:>8} {:>11} {:>8} {:>13}",
            format!("at {connections} connections"),
            "calls/s",
            "p50 us",
            "p99 us",
            "cpu us/call",
            "of echo",
            "commits/call"
        ))
    }

    pub(super) fn load(&mut self, load: &Load) -> io::Result<()> {
        let number = |value: Option<f64>, digits: usize| {
            value.map_or_else(String::new, |value| format!("{value:.digits$}"))
        };
        let (name, rate) = (&load.name, load.calls_per_second);
        let (p50, p99) = (load.p50_us, load.p99_us);
        let (ratio, commits) = (number(load.ratio_to_echo, 2), number(load.commits_per_call, 4));
        let processor = load.processor_us_per_call;
        say(&format!(
            "{name:<28} {rate:>9.0} {p50:>8} {p99:>8} {processor:>11.1} {ratio:>8} {commits:>13}"
        ))?;
        self.loads.push(load.clone());
        Ok(())
    }

    pub(super) fn fact(&mut self, fact: Fact) -> io::Result<()> {
        let Fact { name, value, unit } = &fact;
        let digits = if *value < 100.0 { 2 } else { 0 };
        say(&format!("  {name:<44} {value:>14.digits$} {unit}"))?;
        self.facts.push(fact);
        Ok(())
    }

    pub(super) fn versus(&mut self, versus: Versus) -> io::Result<()> {
        let Versus { name, ours, unit, .. } = &versus;
        say(&format!("  {name:<44} {ours:>14.0} {unit}{}", versus.shown()))?;
        self.versus.push(versus);
        Ok(())
    }

    pub(super) fn note(&mut self, note: &str) -> io::Result<()> {
        self.notes.push(note.to_owned());
        say(&format!("  note: {note}"))
    }

    /// Says how the aims were met, and writes the file.
    pub(super) fn finish(self, json: &Path) -> io::Result<()> {
        say("")?;
        let scored = self.scored().into_iter().filter(|load| load.name.starts_with("sqlite"));
        for (name, ratio) in scored.filter_map(|load| Some((&load.name, load.ratio_to_echo?))) {
            let verdict = if ratio >= RATIO_AIM { "met" } else { "missed" };
            say(&format!("aim {verdict}: {name} {ratio:.2} of the echo (aim {RATIO_AIM:.2})"))?;
        }
        for pair in self.scored().windows(2).filter(|pair| same_database(pair)) {
            let share = pair[1].calls_per_second / pair[0].calls_per_second;
            let verdict = if share >= SHARE_AIM { "met" } else { "missed" };
            let (name, before) = (&pair[1].name, &pair[0].name);
            let processor = pair[1].processor_us_per_call / pair[0].processor_us_per_call;
            say(&format!(
                "aim {verdict}: {name} {share:.2} of {before} (aim {SHARE_AIM:.2}), \
                 {processor:.2} of its processor time per call"
            ))?;
        }
        json.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(json, serde_json::to_vec_pretty(&self)?)?;
        say(&format!("written: {}", json.display()))
    }

    /// Those that the aims are for.
    fn scored(&self) -> Vec<&Load> {
        self.loads.iter().filter(|load| load.commits_per_call.is_some()).collect()
    }
}

fn same_database(pair: &[&Load]) -> bool {
    let of = |load: &Load| load.name.split(' ').next().map(str::to_owned);
    of(pair[0]) == of(pair[1])
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':'));
    name.map_or_else(|| "processor".to_owned(), |(_, name)| name.trim().to_owned())
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
