//! Bringing a backup back, verified first, into a place where nothing can be overwritten.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use engine::backup::Kind;

use super::{Postgres, copy_whole, tools, verify};
use crate::app::Location;
use crate::cli::output;
use crate::config::Config;

pub(super) fn run(location: &Location, directory: &Path) -> anyhow::Result<()> {
    let config = Config::read(location.config.as_deref())?;
    output::start_log()?;
    let manifest = verify::whole(directory)?;
    let target = Postgres::of(location, &config);
    match (manifest.database, target) {
        (Kind::Sqlite, None) => {
            let data = location.data.as_deref();
            let data = data.context("name the directory to make with --data DIR")?;
            empty(data)?;
            verify::content(directory, &manifest, None)?;
            fs::create_dir_all(data)
                .with_context(|| format!("the directory {}", data.display()))?;
            copy_whole(&directory.join(&manifest.file), &location.sqlite_file())?;
            output::line(format_args!(
                "Restored into {0}. The root key is not in a backup: put it at {0}/root.key \
                 (mode 600) or start with --key FILE.",
                data.display()
            ))?;
        }
        (Kind::Postgres, Some(database)) => {
            verify::content(directory, &manifest, None)?;
            tools::restore(&database, &directory.join(&manifest.file))?;
            output::line("Restored. The root key is not in a backup: start with --key FILE.")?;
        }
        (Kind::Sqlite, Some(_)) => {
            bail!("this is a backup of SQLite; restore it into a directory with --data DIR")
        }
        (Kind::Postgres, None) => {
            bail!("this is a backup of PostgreSQL; restore it with --database URL")
        }
    }
    output::line(format_args!(
        "It holds what stood at {}; next: `probity journal verify`.",
        manifest.created_at
    ))
}

/// Refuses a directory with anything in it.
fn empty(data: &Path) -> anyhow::Result<()> {
    match fs::read_dir(data) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => bail!(
                "{} is not empty; restore into a new directory, so that nothing is overwritten",
                data.display()
            ),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).context(format!("the directory {}", data.display())),
    }
}
