//! What a command prints, and how it runs: results to standard output, everything else to
//! standard error.

mod progress;
mod table;

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use engine::Engine;
use serde::Serialize;

use crate::app::{App, Location, MissingKey};
use crate::config::{Config, Log, LogFormat};
use crate::telemetry;

pub(crate) use self::progress::Progress;
pub(crate) use self::table::Table;

/// Says on standard error what failed, with its causes. A reader that went away (`… | head`) is
/// no news.
pub(crate) fn error(error: &anyhow::Error) {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == ErrorKind::BrokenPipe)
    };
    if !error.chain().any(closed) {
        note(format_args!("error: {error:#}"));
    }
}

/// A line on standard error, for the person who watches. It is lost when nobody can read it.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A line on standard output.
pub(crate) fn line(text: impl Display) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout().lock(), "{text}")?)
}

/// A value on standard output, as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?)
}

/// A JSON array on standard output, written while it comes: constant memory, whatever its length.
pub(crate) struct JsonArray {
    out: io::BufWriter<io::StdoutLock<'static>>,
    is_empty: bool,
}

impl JsonArray {
    pub(crate) fn begin() -> anyhow::Result<Self> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        out.write_all(b"[")?;
        Ok(Self { out, is_empty: true })
    }

    pub(crate) fn push(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        self.out.write_all(if self.is_empty { b"\n" } else { b",\n" })?;
        self.is_empty = false;
        Ok(serde_json::to_writer(&mut self.out, value)?)
    }

    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        self.out.write_all(if self.is_empty { b"]\n" } else { b"\n]\n" })?;
        Ok(self.out.flush()?)
    }
}

/// Starts a log for a person: warnings and errors.
pub(crate) fn start_log() -> anyhow::Result<()> {
    telemetry::start_log(&Log { level: "warn".to_owned(), format: LogFormat::Text })
}

/// Runs asynchronous work on this thread.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work)
}

/// Opens what the server opens, runs `work` on it, and closes it once all is written. It may run
/// beside a server.
pub(crate) fn run_with<T>(
    location: &Location,
    work: impl AsyncFnOnce(&Engine) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = Config::read(location.config.as_deref())?;
    start_log()?;
    check_database(location, &config)?;
    block_on(async {
        let app = App::open(location, &config, MissingKey::Refuse, false).await?;
        let result = work(&app.engine).await;
        app.close();
        result
    })
}

/// Refuses to make an empty database where one is looked for: most often a path mistyped.
pub(crate) fn check_database(location: &Location, config: &Config) -> anyhow::Result<()> {
    let file = location.sqlite_file();
    if location.database(config).is_sqlite() && !file.is_file() {
        anyhow::bail!(
            "there is no database at {}; name its directory with --data DIR (or --database URL), \
             or make one with `probity key init` or `probity serve`",
            file.display()
        );
    }
    Ok(())
}
