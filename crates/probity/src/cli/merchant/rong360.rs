//! `probity merchant rong360`: on which terms a merchant is served by face 3.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{ArgAction, Args, Subcommand};
use domain::keys::SignType;
use domain::merchant::{FieldTypes, Rong360, SuccessCode};
use engine::{Engine, NewCredential};
use serde_json::{Value, json};

use crate::cli::output;

#[derive(Debug, Subcommand)]
pub(super) enum Rong360Action {
    /// Set what is named; what is not stays as it is
    Set(Set),
    /// Show the terms
    Show {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// Seven digits; needed the first time
    #[arg(long, value_name = "ID")]
    app_id: Option<String>,
    /// What biz_data.merchant_id may be besides the app id; may be given several times, and once
    /// as `none`
    #[arg(long = "alias", value_name = "ID")]
    aliases: Vec<String>,
    /// A PEM file: a key to sign with, beside those that there are
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// What requests may be signed with; may be given twice
    #[arg(long = "sign-type", value_name = "RSA|RSA2", value_parser = sign_type)]
    sign_types: Vec<SignType>,
    /// `code` of a success
    #[arg(long, value_name = "200|0", value_parser = success)]
    success: Option<SuccessCode>,
    /// Whose numbers the types of form fields have: the document's, or the later client's
    #[arg(long, value_name = "document|later", value_parser = field_types)]
    field_types: Option<FieldTypes>,
    /// Whether the document's own JSON is served, with a bearer token
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    plain_json: Option<bool>,
}

fn sign_type(text: &str) -> Result<SignType, String> {
    SignType::parse(text).ok_or_else(|| "give RSA (SHA-1) or RSA2 (SHA-256)".to_owned())
}

fn success(text: &str) -> Result<SuccessCode, String> {
    let code = text.parse().ok().and_then(SuccessCode::of_number);
    code.ok_or_else(|| "give 200 or 0".to_owned())
}

fn field_types(text: &str) -> Result<FieldTypes, String> {
    FieldTypes::parse(text).ok_or_else(|| "give `document` or `later`".to_owned())
}

impl Rong360Action {
    pub(super) async fn run(self, engine: &Engine, name: &str) -> anyhow::Result<()> {
        let merchant = engine.merchant(name).await?;
        let directory = engine.directory();
        let terms = directory.by_name(name).and_then(|entry| entry.rong360.clone());
        match self {
            Self::Set(set) => {
                let Set { public_key, .. } = &set;
                let key = public_key.as_ref().map(|file| {
                    fs::read_to_string(file)
                        .with_context(|| format!("the public key {}", file.display()))
                });
                let key = key.transpose()?;
                let terms = set.onto(terms)?;
                engine.set_rong360(&merchant, terms.clone()).await?;
                if let Some(pem) = key {
                    let key = NewCredential::RsaPublicKey { pem };
                    engine.issue_credential(&merchant, key).await?;
                }
                output::line(format_args!("{name}: {}; in force within a second", shown(&terms)))
            }
            Self::Show { json } => {
                let Some(terms) = terms else {
                    bail!(
                        "{name} is not served by face 3; see `probity merchant rong360 {name} set`"
                    );
                };
                if json { output::json(&record(&terms)) } else { output::line(shown(&terms)) }
            }
        }
    }
}

impl Set {
    fn onto(self, terms: Option<Rong360>) -> anyhow::Result<Rong360> {
        let mut terms = match (terms, self.app_id) {
            (Some(terms), None) => terms,
            (Some(terms), Some(app_id)) => Rong360 { app_id, ..terms },
            (None, Some(app_id)) => Rong360::new(app_id),
            (None, None) => bail!("--app-id: the first time it must be given"),
        };
        if !self.aliases.is_empty() {
            terms.aliases = self.aliases.into_iter().filter(|alias| alias != "none").collect();
        }
        if !self.sign_types.is_empty() {
            terms.sign_types = self.sign_types;
        }
        terms.success = self.success.unwrap_or(terms.success);
        terms.field_types = self.field_types.unwrap_or(terms.field_types);
        terms.plain_json = self.plain_json.unwrap_or(terms.plain_json);
        Ok(terms)
    }
}

fn names(sign_types: &[SignType]) -> Vec<&'static str> {
    sign_types.iter().map(|sign_type| sign_type.as_str()).collect()
}

fn shown(terms: &Rong360) -> String {
    let Rong360 { app_id, aliases, .. } = terms;
    let aliases = if aliases.is_empty() { "none".to_owned() } else { aliases.join(" ") };
    format!(
        "app id {app_id}, aliases {aliases}, signed by {}, success {}, field types {}, \
         plain JSON {}",
        names(&terms.sign_types).join(" or "),
        terms.success.number(),
        terms.field_types.as_str(),
        if terms.plain_json { "served" } else { "not served" },
    )
}

fn record(terms: &Rong360) -> Value {
    json!({
        "app_id": terms.app_id,
        "aliases": terms.aliases,
        "sign_types": names(&terms.sign_types),
        "success": terms.success.number(),
        "field_types": terms.field_types.as_str(),
        "plain_json": terms.plain_json,
    })
}
