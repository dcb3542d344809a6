//! `probity operator sign-in`: name, password and one-time code for a token.

use std::fs;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use domain::failure::Failure;
use domain::secret::Secret;
use engine::Engine;
use serde_json::json;

use crate::cli::acting::first_line;
use crate::cli::output;

#[derive(Args, Debug)]
#[command(after_help = "The password is never an argument: other users of the machine can read \
    those. A code is taken once; the next one comes within 30 seconds. Too many wrong ones, and \
    nothing is taken for ten minutes.\n\n\
    Examples:\n  probity operator sign-in chen --code 123456 --out chen.token\n  \
    probity operator sign-in chen --password-file chen.password --code 123456")]
pub(super) struct SignIn {
    name: String,
    /// The six digits that the authenticator shows now; without it a second line of the input
    #[arg(long)]
    code: Option<String>,
    /// A file with the password, its first line; without it the first line of the input
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Write the token here, readable by you alone, instead of showing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[arg(long, conflicts_with = "out")]
    json: bool,
}

impl SignIn {
    pub(super) async fn run(self, engine: &Engine) -> anyhow::Result<()> {
        let password = match &self.password_file {
            Some(file) => first_line(file, "the password file")?,
            None => ask("password")?,
        };
        let code = match self.code {
            Some(code) => Secret::new(code),
            None => ask("one-time code")?,
        };
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let signed_in = known(engine.sign_in(&self.name, &password, &code, here).await)?;
        let (token, ends_at) = (signed_in.token.expose(), signed_in.ends_at);
        if let Some(file) = &self.out {
            keep(file, token)?;
            let name = &self.name;
            return output::line(format_args!("{name} is signed in until {ends_at}"));
        }
        if self.json {
            return output::json(&json!({ "token": token, "ends_at": ends_at.to_string() }));
        }
        output::line(format_args!("token: {token}"))?;
        output::note(format_args!("It holds until {ends_at} and is shown this once."));
        Ok(())
    }
}

/// What a sign-in or a token came to, for a person.
pub(super) fn known<T>(result: Result<T, Failure>) -> anyhow::Result<T> {
    result.or_else(|failure| match failure {
        Failure::PasswordWrong => bail!(
            "name, password and code do not go together, or were tried too often; a code is taken \
             once, the next one comes within 30 seconds"
        ),
        Failure::TokenUnknown => bail!("the token is not known or its time is over"),
        Failure::Overloaded => bail!("the database has too much to do; try again"),
        _ => bail!("it failed; the log says why"),
    })
}

fn ask(what: &str) -> anyhow::Result<Secret<String>> {
    output::note(format_args!("{what}:"));
    let mut line = Secret::new(String::new());
    let mut text = String::new();
    if io::stdin().read_line(&mut text)? > 0 {
        line = Secret::new(text.trim_end_matches(['\r', '\n']).to_owned());
    }
    drop(Secret::new(text));
    if line.expose().is_empty() {
        bail!("the {what} is missing: it is a line of the input");
    }
    Ok(line)
}

fn keep(file: &Path, token: &str) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(0o600).open(file);
    let mut opened = opened.with_context(|| format!("the file {}", file.display()))?;
    Ok(writeln!(opened, "{token}")?)
}
