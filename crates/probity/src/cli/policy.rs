//! `probity policy`: checked, added, signed off by another operator, tried, put into use.

mod show;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::assessment;
use domain::policy::{BYTES_MAX, Policy as Checked, PolicyFault, PolicyStep, SHARE_MAX};
use engine::Engine;

use super::acting::Acting;
use super::output;
use crate::app::Location;

#[derive(Debug, Args)]
#[command(after_help = "The life of a version:\n  \
    probity policy check consumer.json                 what is wrong with it\n  \
    probity policy add consumer.json --as chen.token     a draft, version 2\n  \
    probity policy diff consumer-credit:1 consumer-credit:2\n  \
    probity policy sign-off consumer-credit 2 --as wang.token    never by its author\n  \
    probity policy shadow consumer-credit 2 --as chen.token        beside the live one\n  \
    probity policy challenge consumer-credit 2 --share 10 --as chen.token\n  \
    probity policy promote consumer-credit 2 --as chen.token\n  \
    probity policy rollback consumer-credit --as chen.token")]
pub(crate) struct Policy {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say everything that is wrong with a policy file; needs no database
    Check { file: PathBuf },
    /// Add a policy as the next version of its name: a draft, which decides nothing
    Add {
        file: PathBuf,
        #[command(flatten)]
        acting: Acting,
    },
    /// List the versions of all policies, with what is wrong with them
    List {
        #[arg(long)]
        json: bool,
    },
    /// Show a version: its document, and whether it can be used
    Show {
        name: String,
        version: i64,
        #[arg(long)]
        json: bool,
    },
    /// Show what changed between two policies, place by place
    Diff {
        /// NAME:VERSION, or a file
        before: String,
        /// NAME:VERSION, or a file
        after: String,
        #[arg(long)]
        json: bool,
    },
    /// Sign a draft off: the platform signs its hash with author and signer
    #[command(after_help = "It takes an operator with the role risk who is not the author. Read \
        `probity policy diff` first: from now on a byte that differs keeps the version from \
        deciding.")]
    SignOff(Which),
    /// Have a version evaluated beside the live one; what it says decides nothing
    Shadow(Which),
    /// Have a version decide a share of the applications
    #[command(
        after_help = "By a hash of the application's id: the same application goes the same \
        way every time. One challenger at a time."
    )]
    Challenge {
        #[command(flatten)]
        version: Which,
        /// Percent: 1 to 50
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=i64::from(SHARE_MAX)))]
        share: u8,
    },
    /// Put a version into use, in the place of the one that is; an older one too
    Promote(Which),
    /// Put the version that was live before back; done again, it goes one further back
    Rollback {
        name: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Take a version out of use; without a live one its applications wait
    Retire(Which),
}

#[derive(Args, Debug)]
struct Which {
    name: String,
    version: i64,
    #[command(flatten)]
    acting: Acting,
}

impl Policy {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        if let Action::Check { file } = &self.action {
            return check(file);
        }
        output::run_with(location, async |engine| self.action.run(engine).await)
    }
}

impl Action {
    async fn run(self, engine: &Engine) -> anyhow::Result<()> {
        match self {
            Self::Check { file } => check(&file),
            Self::Add { file, acting } => add(engine, &file, &acting).await,
            Self::List { json } => show::list(engine, json).await,
            Self::Show { name, version, json } => show::one(engine, &name, version, json).await,
            Self::Diff { before, after, json } => {
                show::diff(&load(engine, &before).await?, &load(engine, &after).await?, json)
            }
            Self::SignOff(version) => version.step(engine, PolicyStep::SignOff).await,
            Self::Shadow(version) => version.step(engine, PolicyStep::Shadow).await,
            Self::Challenge { version, share } => {
                version.step(engine, PolicyStep::Challenge { share }).await
            }
            Self::Promote(version) => version.step(engine, PolicyStep::Promote).await,
            Self::Rollback { name, acting } => {
                let operator = acting.operator(engine).await?;
                let (left, now) = engine.roll_back_policy(&operator, &name).await?;
                let left = left.map_or("no version".to_owned(), |left| format!("version {left}"));
                output::line(format_args!("{name}: version {now} decides instead of {left}"))
            }
            Self::Retire(version) => {
                let name = version.name.clone();
                version.step(engine, PolicyStep::Retire).await?;
                if let Err(reason) = engine.directory().policies(&name) {
                    output::note(format_args!("warning: {name}: {reason}; its applications wait"));
                }
                Ok(())
            }
        }
    }
}

impl Which {
    async fn step(self, engine: &Engine, step: PolicyStep) -> anyhow::Result<()> {
        let Self { name, version, acting } = self;
        let operator = acting.operator(engine).await?;
        engine.step_policy(&operator, (&name, version), step).await?;
        let now = match step {
            PolicyStep::SignOff => "is signed off; shadow, challenge or promote it".to_owned(),
            PolicyStep::Shadow => "is evaluated beside the live one".to_owned(),
            PolicyStep::Challenge { share } => format!("decides {share} % of the applications"),
            PolicyStep::Promote => "decides within a second".to_owned(),
            PolicyStep::Retire => "is retired".to_owned(),
        };
        output::line(format_args!("{name}: version {version} {now}"))
    }
}

/// Reads a policy file; one that is too large is refused before it is read.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let what = || format!("the policy {}", file.display());
    if fs::metadata(file).with_context(what)?.len() > BYTES_MAX as u64 {
        bail!("{} has more than {BYTES_MAX} bytes", what());
    }
    fs::read(file).with_context(what)
}

fn check(file: &Path) -> anyhow::Result<()> {
    match assessment::policy(&read(file)?) {
        Ok(policy) => output::line(format_args!(
            "{}, version {}: nothing is wrong with it\nsha256 {}",
            policy.name(),
            policy.version(),
            policy.sha256()
        )),
        Err(faults) => Err(told(&faults)),
    }
}

/// The faults as lines of the output, and how many there are.
fn told(faults: &[PolicyFault]) -> anyhow::Error {
    for fault in faults {
        if let Err(error) = output::line(fault) {
            return error;
        }
    }
    anyhow::anyhow!("{} faults; docs/policy.md says how a policy is written", faults.len())
}

async fn add(engine: &Engine, file: &Path, acting: &Acting) -> anyhow::Result<()> {
    let operator = acting.operator(engine).await?;
    let (name, version) = match engine.add_policy(&operator, &read(file)?).await? {
        Ok(added) => added,
        Err(faults) => return Err(told(&faults.0)),
    };
    output::line(format_args!(
        "{name}: version {version} was added, a draft; another operator signs it off with \
         `probity policy sign-off {name} {version}`"
    ))
}

/// The policy of `NAME:VERSION`, or of a file.
async fn load(engine: &Engine, named: &str) -> anyhow::Result<Checked> {
    let version = named
        .rsplit_once(':')
        .and_then(|(name, version)| version.parse::<i64>().ok().map(|version| (name, version)));
    let document = match version {
        Some((name, version)) => engine.policy(name, version).await?.document,
        None => read(Path::new(named))?,
    };
    Checked::read(&document).map_err(|faults| told(&faults).context(named.to_owned()))
}
