//! Making a backup: under another name until it is whole, the manifest last.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use domain::time::Clock;
use engine::backup::{JournalPosition, Kind, Manifest, copy_database};
use serde_json::json;

use super::{Postgres, parent, sync, tools};
use crate::app::{App, Location};
use crate::cli::output;
use crate::config::Config;
use crate::seams::SystemClock;

pub(super) fn run(location: &Location, directory: &Path, as_json: bool) -> anyhow::Result<()> {
    let config = Config::read(location.config.as_deref())?;
    output::start_log()?;
    output::check_database(location, &config)?;
    let partial = partial(directory)?;
    let manifest = fill(location, &config, &partial).and_then(|manifest| {
        sync(&partial)?;
        fs::rename(&partial, directory)
            .with_context(|| format!("the backup cannot be named {}", directory.display()))?;
        sync(parent(directory))?;
        Ok(manifest)
    });
    if manifest.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    show(&manifest?, directory, as_json)
}

/// Makes the directory that the backup grows in: nobody else may read it.
fn partial(directory: &Path) -> anyhow::Result<PathBuf> {
    if directory.exists() {
        bail!("{} is there already; name a new directory", directory.display());
    }
    let name = directory.file_name().context("--output must name a directory")?;
    let partial = directory.with_file_name(format!("{}.partial", name.to_string_lossy()));
    if partial.exists() {
        bail!(
            "{} is there: another backup runs, or one was cut short; remove it when none runs",
            partial.display()
        );
    }
    fs::create_dir_all(parent(directory))
        .and_then(|()| DirBuilder::new().mode(0o700).create(&partial))
        .with_context(|| format!("the directory {} cannot be made", partial.display()))?;
    Ok(partial)
}

fn fill(location: &Location, config: &Config, partial: &Path) -> anyhow::Result<Manifest> {
    let created_at = SystemClock.now().to_string();
    let store = App::open_store(location, config)?;
    // Before the copy: what stands here is in the copy, whatever is added meanwhile.
    let position = output::block_on(async { Ok(JournalPosition::read(&store).await?) });
    store.close();
    let position = position?;
    let (kind, name) = match Postgres::of(location, config) {
        None => {
            copy_database(&location.sqlite_file(), &partial.join("probity.db"))?;
            (Kind::Sqlite, "probity.db")
        }
        Some(database) => {
            tools::dump(&database, &partial.join("probity.dump"))?;
            (Kind::Postgres, "probity.dump")
        }
    };
    let file = partial.join(name);
    sync(&file)?;
    let manifest = Manifest::of(kind, (&file, name), position, created_at)?;
    let path = partial.join("manifest.json");
    fs::write(&path, serde_json::to_vec_pretty(&manifest)?)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    sync(&path)?;
    Ok(manifest)
}

fn show(manifest: &Manifest, directory: &Path, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(&json!({ "directory": directory, "manifest": manifest }));
    }
    output::line(format_args!(
        "{}: {} bytes, at least {} journal rows\nThe root key is not in it; keep it apart. \
         Check the backup with `probity backup verify {0} --key FILE`.",
        directory.display(),
        manifest.bytes,
        manifest.journal.rows
    ))
}
