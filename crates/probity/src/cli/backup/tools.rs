//! PostgreSQL's own tools for a dump and its way back. The one place where the product starts
//! other programs.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, bail};

use super::Postgres;

/// Where distributions keep the tools that are not on the path: a directory for each version.
const FOLDERS: [&str; 2] = ["/usr/lib/postgresql", "/usr"];

/// Dumps a database in PostgreSQL's custom form: one snapshot, whatever runs meanwhile.
pub(super) fn dump(database: &Postgres, file: &Path) -> anyhow::Result<()> {
    let file = [OsStr::new("--file"), file.as_os_str()];
    let options = ["--format=custom", "--no-owner", "--no-privileges"].map(OsStr::new);
    run("pg_dump", &[&options[..], &file].concat(), Some(database))
}

/// Restores a dump, all of it or nothing. Fails when what it holds is there already.
pub(super) fn restore(database: &Postgres, file: &Path) -> anyhow::Result<()> {
    let options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"];
    let mut arguments: Vec<&OsStr> = options.map(OsStr::new).into();
    arguments.push(file.as_os_str());
    run("pg_restore", &arguments, Some(database))
        .context("nothing was restored; the database must be there and be empty")
}

/// Reads the table of contents of a dump.
pub(super) fn list(file: &Path) -> anyhow::Result<()> {
    run("pg_restore", &[OsStr::new("--list"), file.as_os_str()], None)
}

fn run(tool: &str, arguments: &[&OsStr], database: Option<&Postgres>) -> anyhow::Result<()> {
    let output = start(tool, arguments, database)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    bail!("{tool} failed ({}): {}", output.status, said.trim());
}

fn start(tool: &str, arguments: &[&OsStr], database: Option<&Postgres>) -> anyhow::Result<Output> {
    for program in std::iter::once(PathBuf::from(tool)).chain(installed(tool)) {
        let mut command = command(&program);
        command.args(arguments).stdin(Stdio::null());
        if let Some(database) = database {
            let (url, password) = without_password(&database.url);
            command.arg("--dbname").arg(url);
            // Not among the arguments, which every user of the machine can read.
            command.envs(password.map(|password| ("PGPASSWORD", password)));
            command.envs(database.ca_file.as_ref().map(|file| ("PGSSLROOTCERT", file)));
        }
        match command.output() {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            started => {
                return started.with_context(|| format!("{} cannot be run", program.display()));
            }
        }
    }
    bail!("{tool} is not installed; install PostgreSQL's client programs (postgresql-client)")
}

#[expect(clippy::disallowed_methods, reason = "this is the seam for PostgreSQL's own tools")]
fn command(program: &Path) -> Command {
    Command::new(program)
}

/// The tool in the folders of installed versions, the newest first: it reads every older server.
fn installed(tool: &str) -> Vec<PathBuf> {
    let versions = FOLDERS.into_iter().flat_map(|folder| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version: u32 = name.trim_start_matches("pgsql-").parse().ok()?;
            Some((version, entry.path().join("bin").join(tool)))
        })
    });
    let mut found: Vec<(u32, PathBuf)> = versions.filter(|(_, path)| path.is_file()).collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, path)| path).collect()
}

/// A URL without its password, and the password decoded.
fn without_password(url: &str) -> (String, Option<String>) {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, hosts) = authority.rsplit_once('@')?;
        let (user, password) = user.split_once(':')?;
        Some((format!("{scheme}://{user}@{hosts}{path}"), password))
    });
    match parts {
        Some((bare, password)) => (bare, Some(percent_decoded(password))),
        None => (url.to_owned(), None),
    }
}

fn percent_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        let code = (*first == b'%').then(|| tail.get(..2)).flatten();
        let code = code.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_leave_the_arguments() {
        for (url, bare, password) in [
            ("postgres://u:p%40s%@a,b:1/d?x=1", "postgres://u@a,b:1/d?x=1", Some("p@s%")),
            ("postgres://u@a/d", "postgres://u@a/d", None),
            ("postgres://a", "postgres://a", None),
        ] {
            assert_eq!(without_password(url), (bare.to_owned(), password.map(str::to_owned)));
        }
    }

    #[test]
    fn a_tool_that_is_not_there_is_named() {
        let error = run("probity-no-such-tool", &[], None).expect_err("it is not there");
        assert!(error.to_string().contains("not installed"), "{error}");
    }
}
