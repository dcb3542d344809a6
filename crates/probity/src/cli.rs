//! The command line: one file per noun. Each command opens what the server opens and calls the
//! engine; none touches the database by itself.

mod acting;
mod backup;
mod blacklist;
mod call;
mod callback;
mod config;
mod connector;
mod consent;
mod decision;
mod demo;
mod journal;
mod key;
mod merchant;
mod model;
mod openapi;
mod operator;
mod output;
mod policy;
mod report;
mod rows;
mod sandbox;
mod score;
mod serve;
mod session;
mod source;
mod subject;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::Location;

/// Probity: a self-hosted credit-data gateway.
///
/// Begin with `probity demo`: it plays a merchant against a server of its own and shows each step.
#[derive(Debug, Parser)]
#[command(name = "probity", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    location: Location,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play the whole main job on a temporary database and show each step
    Demo(demo::Demo),
    /// Run the server
    Serve(serve::Serve),
    /// Keys: make, rotate, check
    Key(key::Key),
    /// Merchants: create, credentials, entitlements
    Merchant(merchant::Merchant),
    /// Models: add, list, show, predict
    Model(model::Model),
    /// Persons: load ids and behaviours
    Subject(subject::Subject),
    /// Consents: list, record, withdraw
    Consent(consent::Consent),
    /// The blacklist: load, add, remove, dispute, show
    Blacklist(blacklist::Blacklist),
    /// Scores: a table of ids at once
    Score(score::Score),
    /// Credit reports: read a page
    Report(report::Report),
    /// Sources: add a connector, enable, disable, check
    Source(source::Source),
    /// Connectors: check one against the protocol
    Connector(connector::Connector),
    /// Sessions: list those of unknown outcome, and say what became of them
    Session(session::Session),
    /// Applications: what was decided and why; replay, review
    Decision(decision::Decision),
    /// Calls: list and show them with their explanations
    Call(call::Call),
    /// Callbacks to merchants: list, show, replay, send a test
    Callback(callback::Callback),
    /// Operators: add, disable, sign in, the audit log
    Operator(operator::Operator),
    /// Policies: check, add, sign off, promote, roll back
    Policy(policy::Policy),
    /// The journal: verify, statement, reconcile
    Journal(journal::Journal),
    /// Backups: create, restore, verify
    Backup(backup::Backup),
    /// The configuration: check
    Config(config::Config),
    /// The sandbox: its clock and its people
    Sandbox(sandbox::Sandbox),
    /// Print the routes of the server as an OpenAPI document
    Openapi(openapi::Openapi),
}

/// Parses, runs and reports: 0 done, 1 failed (said on standard error), 2 wrongly called.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let location = cli.location;
    let result = match cli.command {
        Command::Demo(command) => command.run(),
        Command::Serve(command) => command.run(&location),
        Command::Key(command) => command.run(&location),
        Command::Merchant(command) => command.run(&location),
        Command::Model(command) => command.run(&location),
        Command::Subject(command) => command.run(&location),
        Command::Consent(command) => command.run(&location),
        Command::Blacklist(command) => command.run(&location),
        Command::Score(command) => command.run(&location),
        Command::Report(command) => command.run(),
        Command::Source(command) => command.run(&location),
        Command::Connector(command) => command.run(&location),
        Command::Session(command) => command.run(&location),
        Command::Decision(command) => command.run(&location),
        Command::Call(command) => command.run(&location),
        Command::Callback(command) => command.run(&location),
        Command::Operator(command) => command.run(&location),
        Command::Policy(command) => command.run(&location),
        Command::Journal(command) => command.run(&location),
        Command::Backup(command) => command.run(&location),
        Command::Config(command) => command.run(&location),
        Command::Sandbox(command) => command.run(&location),
        Command::Openapi(openapi::Openapi {}) => openapi::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}
