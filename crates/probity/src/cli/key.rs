//! `probity key`: the root key and the keys that it seals.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use domain::keys::RootKey;
use domain::time::Clock;
use engine::{Engine, KeyReport};
use serde_json::json;

use super::output;
use crate::app::{App, Location, MissingKey};
use crate::config::Config;
use crate::seams::{SystemClock, SystemEntropy};

#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make the root key file (mode 600) where it is missing, and the keys of a new database
    #[command(after_help = "Back the key file up apart from the data: without it nothing that is \
        sealed opens again.\n\nExamples:\n  probity key init --data /var/lib/probity\n  \
        probity key init --database postgres://probity@db/probity --key /etc/probity/root.key")]
    Init,
    /// Add a version of the data and signing keys, or put all keys under another root key
    #[command(after_help = "What was sealed and signed before stays readable. With --root, nodes \
        that run go on; start them with the new root key next time. With --platform, a merchant's \
        callbacks are signed with the new key once its form is set again (`probity merchant \
        callback NAME form`). With --audit, merchants are to be given the new public key; what is \
        encrypted to the two before it is still opened.\n\nExamples:\n  \
        probity key rotate\n  probity key rotate --root /etc/probity/root-2027.key\n  \
        probity key rotate --platform\n  probity key rotate --audit")]
    Rotate {
        /// The new root key's file; it is made when it is not there
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
        /// Add a version of the key that callbacks are signed with, and of no other
        #[arg(long, conflicts_with = "root")]
        platform: bool,
        /// Add a version of the key that applications are encrypted to, and of no other
        #[arg(long, conflicts_with_all = ["root", "platform"])]
        audit: bool,
        #[arg(long)]
        json: bool,
    },
    /// Tell whether the root key is the right one, and which keys there are
    Check {
        #[arg(long)]
        json: bool,
    },
}

impl Key {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        match self.action {
            Action::Init => init(location),
            Action::Rotate { root: None, platform, audit, json } => {
                output::run_with(location, async |engine| {
                    let rotated = if platform {
                        engine.rotate_platform_key().await?
                    } else if audit {
                        engine.rotate_audit_key().await?
                    } else {
                        engine.rotate_keys().await?
                    };
                    show(&rotated, json)
                })
            }
            Action::Rotate { root: Some(root), .. } => rotate_root(location, root),
            Action::Check { json } => output::run_with(location, async |engine: &Engine| {
                show(&engine.check_keys().await?, json)
            }),
        }
    }
}

fn init(location: &Location) -> anyhow::Result<()> {
    let config = Config::read(location.config.as_deref())?;
    output::start_log()?;
    let store = App::open_store(location, &config)?;
    let made = output::block_on(async {
        let there = engine::has_keys(&store).await?;
        // A database with keys belongs to a root key: a new one could only be wrong.
        let missing = if there { MissingKey::Refuse } else { MissingKey::Create };
        let root = read_or_make(location, missing)?;
        engine::init_keys(&store, &root, &SystemEntropy, SystemClock.now()).await?;
        Ok(!there)
    });
    store.close();
    output::line(if made? {
        "The keys were made. Back the root key up apart from the data."
    } else {
        "The keys are there already, under this root key."
    })
}

fn rotate_root(location: &Location, file: PathBuf) -> anyhow::Result<()> {
    let config = Config::read(location.config.as_deref())?;
    output::start_log()?;
    output::check_database(location, &config)?;
    let old = location.root_key(MissingKey::Refuse)?;
    let store = App::open_store(location, &config)?;
    let shown = file.display().to_string();
    let rotated = output::block_on(async {
        let target = Location { key: Some(file), ..location.clone() };
        let new = read_or_make(&target, MissingKey::Create)?;
        Ok(engine::rotate_root(&store, &old, &new, &SystemEntropy).await?)
    });
    store.close();
    rotated?;
    output::line(format_args!(
        "All keys are now under the root key {shown}. Start every node with --key {shown} from \
         now on; keep the old root key for backups that were made under it."
    ))
}

fn read_or_make(location: &Location, missing: MissingKey) -> anyhow::Result<RootKey> {
    if missing == MissingKey::Create
        && let Some(directory) = location.key_file().parent()
    {
        fs::create_dir_all(directory)
            .with_context(|| format!("the directory {} of the root key", directory.display()))?;
    }
    location.root_key(missing)
}

fn show(report: &KeyReport, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let versions: serde_json::Map<_, _> = report
            .versions
            .iter()
            .map(|(purpose, versions)| (purpose.as_str().to_owned(), json!(versions)))
            .collect();
        let pems = |keys: &[(u32, String)]| -> Vec<_> {
            let key =
                |version: &u32, pem: &str| json!({ "version": version, "public_key_pem": pem });
            keys.iter().map(|(version, pem)| key(version, pem)).collect()
        };
        return output::json(&json!({
            "versions": versions, "verifying_key": report.verifying_key,
            "platform_keys": pems(&report.platform_keys), "audit_keys": pems(&report.audit_keys),
        }));
    }
    let mut table = output::Table::new(["key", "versions", "in use"]);
    for (purpose, versions) in &report.versions {
        let list: Vec<String> = versions.iter().map(ToString::to_string).collect();
        table.row([&purpose.as_str(), &list.join(" "), &list.last().map_or("", |last| last)]);
    }
    output::line(table)?;
    output::line(format_args!("checkpoints are signed with {}", report.verifying_key))?;
    for (version, pem) in &report.platform_keys {
        output::line(format_args!("callbacks are verified with, version {version}:\n{pem}"))?;
    }
    for (version, pem) in &report.audit_keys {
        output::line(format_args!(
            "applications are encrypted to, version (kid) {version}:\n{pem}"
        ))?;
    }
    Ok(())
}
