//! HOW IT IS REACHED. The binary: the server, its routes, and the command line.

mod app;
mod cli;
mod config;
mod http;
mod seams;
mod telemetry;

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _fail_points = fail::FailScenario::setup();
    cli::run()
}
