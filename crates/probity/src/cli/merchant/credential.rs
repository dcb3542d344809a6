//! `probity merchant credential`: what a merchant proves itself with.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::failure::CredentialKind;
use domain::merchant::Scope;
use domain::secret::Secret;
use domain::time::Span;
use engine::{Engine, Issued, NewCredential, TOKEN_HOURS_MAX};
use serde_json::json;

use crate::cli::output;

#[derive(Debug, Subcommand)]
pub(super) enum CredentialAction {
    /// Add a credential; its secret is shown this once
    Add(New),
    /// Add a credential in place of those of its kind, which hold a while longer
    Rotate {
        #[command(flatten)]
        new: New,
        /// How long the old ones hold, such as 12h
        #[arg(long, value_name = "SPAN", default_value = "7d", value_parser = span)]
        overlap: Span,
    },
    /// Make a bearer token for the native surface, /v1; it is shown this once
    Token {
        #[arg(long, default_value_t = TOKEN_HOURS_MAX)]
        hours: u32,
        /// own: what is the merchant's; ingest: besides, write ids and behaviours of persons
        #[arg(long, default_value = "own", value_parser = scope)]
        scope: Scope,
        #[arg(long)]
        json: bool,
    },
    /// End all bearer tokens of the merchant now
    RevokeTokens,
    /// End a credential now
    Revoke {
        /// Its number in `probity merchant show`
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(super) struct New {
    /// password, app-code, app-key or rsa-public-key
    #[arg(value_parser = kind)]
    kind: CredentialKind,
    /// The PEM file of an rsa-public-key
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// A file with the password to set; without it one is made
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[arg(long)]
    json: bool,
}

fn kind(text: &str) -> Result<CredentialKind, String> {
    CredentialKind::parse(text).ok_or_else(|| {
        format!("give one of {}", CredentialKind::ALL.map(CredentialKind::as_str).join(", "))
    })
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| "give own, ingest or files".to_owned())
}

fn span(text: &str) -> Result<Span, String> {
    Span::parse(text).ok_or_else(|| "give a time like 30m, 12h or 7d".to_owned())
}

impl CredentialAction {
    pub(super) async fn run(self, engine: &Engine, name: &str) -> anyhow::Result<()> {
        let merchant = engine.merchant(name).await?;
        match self {
            Self::Add(new) => {
                let issued = engine.issue_credential(&merchant, new.read()?).await?;
                show(&issued, new.json)
            }
            Self::Rotate { new, overlap } => {
                let issued =
                    engine.rotate_credential(&merchant, new.read()?, Some(overlap)).await?;
                show(&issued, new.json)
            }
            Self::Token { hours, scope, json } => {
                let token = engine.issue_token(merchant.id, hours, scope).await?;
                if json {
                    let token = token.expose();
                    return output::json(&json!({ "token": token, "hours": hours }));
                }
                output::line(format_args!("token: {}", token.expose()))?;
                output::note(format_args!(
                    "It holds for {hours} hours, is shown this once and cannot be read again."
                ));
                Ok(())
            }
            Self::RevokeTokens => {
                let ended = engine.revoke_tokens(&merchant).await?;
                output::line(format_args!("{ended} tokens of {name} ended"))
            }
            Self::Revoke { id } => {
                engine.revoke_credential(&merchant, id).await?;
                output::line(format_args!(
                    "The credential {id} of {name} is revoked; in force within a second"
                ))
            }
        }
    }
}

impl New {
    fn read(&self) -> anyhow::Result<NewCredential> {
        if self.public_key.is_some() && self.kind != CredentialKind::RsaPublicKey {
            bail!("--public-key belongs to the kind rsa-public-key");
        }
        if self.password_file.is_some() && self.kind != CredentialKind::Password {
            bail!("--password-file belongs to the kind password");
        }
        Ok(match self.kind {
            CredentialKind::Password => NewCredential::Password { password: self.password()? },
            CredentialKind::AppCode => NewCredential::AppCode,
            CredentialKind::AppKey => NewCredential::AppKey,
            CredentialKind::RsaPublicKey => {
                let file = self.public_key.as_deref();
                let file = file.context("an rsa-public-key needs --public-key FILE (PEM)")?;
                let pem = fs::read_to_string(file)
                    .with_context(|| format!("the public key {}", file.display()))?;
                NewCredential::RsaPublicKey { pem }
            }
        })
    }

    /// The file's first line.
    fn password(&self) -> anyhow::Result<Option<Secret<String>>> {
        let Some(file) = &self.password_file else { return Ok(None) };
        let text = fs::read_to_string(file)
            .with_context(|| format!("the password file {}", file.display()))?;
        let text = Secret::new(text);
        let line = text.expose().lines().next().unwrap_or_default();
        Ok(Some(Secret::new(line.to_owned())))
    }
}

fn show(issued: &Issued, as_json: bool) -> anyhow::Result<()> {
    let secret = issued.secret.as_ref().map(|secret| secret.expose().as_str());
    if as_json {
        return output::json(&json!({
            "id": issued.id,
            "kind": issued.kind.as_str(),
            "public": issued.public,
            "secret": secret,
        }));
    }
    output::line(format_args!("credential {}: {}", issued.id, issued.kind.as_str()))?;
    let (public, private) = match issued.kind {
        CredentialKind::Password => ("username", "password"),
        CredentialKind::AppCode => ("", "APPCODE"),
        CredentialKind::AppKey => ("AppKey", "AppSecret"),
        CredentialKind::RsaPublicKey => ("public key", ""),
    };
    if let Some(text) = &issued.public {
        output::line(format_args!("{public}: {text}"))?;
    }
    if let Some(text) = secret {
        output::line(format_args!("{private}: {text}"))?;
        output::note("The secret is shown this once and cannot be read again.");
    }
    Ok(())
}
