//! `./bench`: see `tests::bench`.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use tests::bench::{self, Figures, echo};
use tests::database::Database;

const USAGE: &str = "\
usage: ./bench [--quick] [--sqlite | --postgres]
  --quick      2 s per measurement and 100 000 journal rows; the figures waver
  --sqlite     on SQLite alone
  --postgres   on PostgreSQL alone";

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
    let mut databases = vec![Database::Sqlite, Database::Postgres];
    for argument in arguments {
        match *argument {
            "--quick" => figures = Figures::quick(),
            "--sqlite" => databases.retain(|database| *database == Database::Sqlite),
            "--postgres" => databases.retain(|database| *database == Database::Postgres),
            _ => return Ok(false),
        }
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    bench::run(figures, &databases, &target.join("bench.json"))?;
    Ok(true)
}
