//! `./bench`: see `tests::bench`.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use tests::bench::{self, Figures, Section, echo};
use tests::database::Database;

const USAGE: &str = "\
usage: ./bench [SECTION...] [--quick] [--sqlite | --postgres] [--rows N] [--entries N]
               [--sessions N] [--connections N]
  SECTION          calls (scores over HTTP), scoring (models over tables),
                   loads (rows loaded, files scored), blacklist (load, start, look-ups),
                   callbacks (delivered, a slow receiver among fast ones),
                   rong360 (signed calls), parser (pages of credit reports),
                   sessions (open, polled, completed),
                   audit (applications in blocks and as JWE, decisions, features) [all]
  --quick          2 s per measurement, 100 000 journal rows and entries, 10 000 sessions;
                   the figures waver
  --sqlite         on SQLite alone
  --postgres       on PostgreSQL alone
  --rows N         journal rows before the second measurement [1 000 000]; 0: leave it out
  --entries N      entries of the blacklist [10 000 000]
  --sessions N     open while states are asked for [100 000]
  --connections N  kept open, each with one call under way [64]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("the bench failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the arguments were understood.
fn run(arguments: &[&str]) -> io::Result<bool> {
    if let [echo::ARGUMENT, bytes] = arguments {
        let Ok(bytes) = bytes.parse() else { return Ok(false) };
        return echo::serve(bytes).map(|()| true);
    }
    let mut figures = Figures::full();
    let mut sections = Vec::new();
    let mut databases = vec![Database::Sqlite, Database::Postgres];
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|text| text.parse().ok());
        match *argument {
            "--quick" => figures = Figures::quick(),
            "--sqlite" => databases.retain(|database| *database == Database::Sqlite),
            "--postgres" => databases.retain(|database| *database == Database::Postgres),
            "--rows" => match number() {
                Some(rows) => figures.rows = rows as u64,
                None => return Ok(false),
            },
            "--entries" => match number().filter(|number| *number > 0) {
                Some(entries) => figures.entries = entries,
                None => return Ok(false),
            },
            "--sessions" => match number().filter(|number| *number > 3) {
                Some(sessions) => figures.sessions = sessions,
                None => return Ok(false),
            },
            "--connections" => match number().filter(|number| (1..=10_000).contains(number)) {
                Some(connections) => figures.connections = connections,
                None => return Ok(false),
            },
            section => match Section::parse(section) {
                Some(section) => sections.push(section),
                None => return Ok(false),
            },
        }
    }
    if sections.is_empty() {
        sections.extend(Section::ALL);
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    bench::run(&sections, figures, &databases, &target.join("bench.json"))?;
    Ok(true)
}
