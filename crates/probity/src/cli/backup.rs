//! `probity backup`: a consistent copy of a running database, checked, and brought back.

mod create;
mod restore;
mod tools;
mod verify;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::app::Location;
use crate::config::Config;

#[derive(Debug, Args)]
#[command(
    after_help = "The root key is not in a backup: keep it apart. Whoever has both can read \
    everything; with the backup alone nothing sealed opens.\n\nExamples:\n  \
    probity backup create --data /var/lib/probity --output /backup/2026-11-21\n  \
    probity backup verify /backup/2026-11-21 --key /etc/probity/root.key\n  \
    probity backup restore /backup/2026-11-21 --data /var/lib/probity-restored"
)]
pub(crate) struct Backup {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Copy the database into a new directory; the server may run on
    #[command(after_help = "On PostgreSQL this runs pg_dump, which must not be older than the \
        server; for continuous archiving use PostgreSQL's own tools.")]
    Create {
        /// The directory to make
        #[arg(long, value_name = "DIR")]
        output: PathBuf,
        #[arg(long)]
        json: bool,
    },
    /// Check a backup: whole, unchanged, and (with the root key) its journal; changes nothing
    #[command(after_help = "A SQLite backup is opened in a copy, for which there must be room in \
        TMPDIR.")]
    Verify {
        /// The backup
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        #[arg(long)]
        json: bool,
    },
    /// Bring a backup back: into a new directory (--data) or an empty database (--database)
    #[command(after_help = "The backup is verified first. What was answered after it was made is \
        not in it: hold the journal against the merchants' files (`probity journal reconcile`).")]
    Restore {
        /// The backup
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

impl Backup {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        match self.action {
            Action::Create { output, json } => create::run(location, &output, json),
            Action::Verify { directory, json } => verify::run(location, &directory, json),
            Action::Restore { directory } => restore::run(location, &directory),
        }
    }
}

/// A PostgreSQL database as its own tools reach it.
struct Postgres {
    url: String,
    ca_file: Option<PathBuf>,
}

impl Postgres {
    fn of(location: &Location, config: &Config) -> Option<Self> {
        let url = location.database.clone().or_else(|| config.database.url.clone())?;
        Some(Self { url, ca_file: config.database.ca_file.clone() })
    }
}

/// Makes what was written in a file or a directory last beyond a power cut.
fn sync(path: &Path) -> anyhow::Result<()> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.with_context(|| format!("{} cannot be written to the disk", path.display()))
}

/// The directory that holds `path`.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Copies a file and makes it last, under another name until it is whole.
fn copy_whole(from: &Path, to: &Path) -> anyhow::Result<()> {
    let partial = to.with_extension("partial");
    let copied = fs::copy(from, &partial).map_err(anyhow::Error::from);
    let copied = copied.and_then(|_| sync(&partial)).and_then(|()| Ok(fs::rename(&partial, to)?));
    if copied.is_err() {
        let _ = fs::remove_file(&partial);
    }
    copied.with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))?;
    sync(parent(to))
}
