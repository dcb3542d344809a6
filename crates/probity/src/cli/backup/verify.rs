//! Checking a backup without changing it.

use std::path::Path;

use anyhow::{Context, bail};
use domain::keys::RootKey;
use engine::Verification;
use engine::backup::{JournalPosition, Kind, Manifest, check_database};
use serde_json::json;

use super::{copy_whole, tools};
use crate::app::{App, Location, MissingKey};
use crate::cli::output::{self, Progress};
use crate::config::Config;
use crate::seams::environment;

pub(super) fn run(location: &Location, directory: &Path, as_json: bool) -> anyhow::Result<()> {
    output::start_log()?;
    let root = root_key(location)?;
    let manifest = whole(directory)?;
    let journal = content(directory, &manifest, root)?;
    if as_json {
        return output::json(&json!({
            "manifest": manifest,
            "journal_verified": journal.is_some(),
            "journal_rows": journal.as_ref().map(|found| found.rows),
        }));
    }
    output::line(format_args!(
        "{}: whole and unchanged since {}",
        directory.display(),
        manifest.created_at
    ))?;
    output::line(match (&journal, manifest.database) {
        (Some(found), _) => format!(
            "its journal holds: {} rows, {} signed checkpoints, {} billed calls, {} 分",
            found.rows, found.checkpoints, found.billed, found.amount
        ),
        (None, Kind::Sqlite) => {
            "its journal was not verified: give the root key with --key FILE".to_owned()
        }
        (None, Kind::Postgres) => "its journal can be verified once it is restored: `probity \
             backup restore`, then `probity journal verify`"
            .to_owned(),
    })
}

/// The root key, when one was given. Without one the journal's signatures cannot be checked.
fn root_key(location: &Location) -> anyhow::Result<Option<RootKey>> {
    let given = location.key.is_some()
        || environment("PROBITY_ROOT_KEY").is_some()
        || (location.data.is_some() && location.key_file().is_file());
    given.then(|| location.root_key(MissingKey::Refuse)).transpose()
}

/// Holds the copy against its manifest.
pub(super) fn whole(directory: &Path) -> anyhow::Result<Manifest> {
    let progress = Progress::counting("bytes");
    Ok(Manifest::check(directory, |bytes| progress.at(bytes))?)
}

/// Looks into the copy; gives what its journal came to, when there is a key to verify it.
pub(super) fn content(
    directory: &Path,
    manifest: &Manifest,
    root: Option<RootKey>,
) -> anyhow::Result<Option<Verification>> {
    let file = directory.join(&manifest.file);
    if manifest.database == Kind::Postgres {
        tools::list(&file)?;
        return Ok(None);
    }
    // Opening a database writes to it, so a copy is opened.
    let folder = tempfile::tempdir().context("a temporary directory (TMPDIR)")?;
    let copy = Location { data: Some(folder.path().to_owned()), ..Location::default() };
    copy_whole(&file, &copy.sqlite_file())?;
    let wrong = check_database(&copy.sqlite_file())?;
    if let Some(first) = wrong.first() {
        bail!("{} is damaged inside ({first}); take another backup", file.display());
    }
    root.map(|root| journal(&copy, root, &manifest.journal)).transpose()
}

fn journal(
    copy: &Location,
    root: RootKey,
    position: &JournalPosition,
) -> anyhow::Result<Verification> {
    let store = App::open_store(copy, &Config::default())?;
    output::block_on(async {
        let app = App::compose(store, root, &Config::default(), false, false).await?;
        let progress = Progress::counting("rows");
        let found = app.engine.verify_journal(|rows| progress.at(rows.unsigned_abs())).await?;
        let missing = app.engine.lanes_missing(position).await?;
        let log = app.engine.verify_audit_log().await?;
        app.close();
        if let Some(fault) = found.faults.first() {
            bail!("the backup's journal does not hold ({fault}); take another backup");
        }
        if let Some(fault) = log.faults.first() {
            bail!("the backup's audit log does not hold ({fault}); take another backup");
        }
        if let Some(lane) = missing.first() {
            bail!("the backup's journal lacks rows of lane {lane}; take another backup");
        }
        Ok(found)
    })
}
