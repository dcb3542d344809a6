//! Tasks of the house that cargo has no command for: `cargo xtask tidy`, `cargo xtask gen`.

use std::path::Path;
use std::process::ExitCode;

mod generated;
mod tidy;

const USAGE: &str = "usage: cargo xtask tidy [--seen DIR] | gen";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["tidy"] => tidy::run(),
        ["tidy", "--seen", folder] => tidy::run_seen(Path::new(folder)),
        ["gen"] => generated::write().map(|()| true),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}
