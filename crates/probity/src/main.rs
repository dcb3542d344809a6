//! HOW IT IS REACHED. The binary: the server, its routes, and the command line.

mod app;
mod cli;
mod config;
mod http;
mod seams;
mod telemetry;

use std::process::ExitCode;

/// A call makes many small allocations, and frees some on another thread than made them, at
/// which the C library's allocator is slow: 7 % of the processor time of a call, measured.
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _fail_points = fail::FailScenario::setup();
    cli::run()
}
