//! `probity sandbox application`: what a merchant sends for the risk audit, plain or encrypted.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use domain::time::Clock;
use engine::{APPLICANTS, ApplicationSize};
use serde_json::json;
use wire::qiancheng::audit::seal::{SealingKey, pack};

use crate::app::Location;
use crate::cli::output;
use crate::seams::{SystemClock, SystemEntropy};

/// Where a key stands in `sandbox.json`.
const KEY_FIELD: &str = "audit_public_key_pem";

pub(super) const HELP: &str = "Applicant N is the person that the credit bureau knows as sandboxNN \
    (`probity sandbox people`). By the policy that ships, 7 26 35 60 and 69 are overdue, 3 5 and \
    10 talk with debt collectors, 4 and 6 are too old or too young: refused. For all others people \
    look, since nobody knows what they earn. Once their telecom and e-bank sessions are through, \
    1 8 9 15 20 and 23 are approved. 65 to 68 hand in from one telephone.\n\nExamples:\n  probity \
    sandbox application --person 7\n  probity sandbox application --person 7 --order-id 17 --out \
    jwe >data.txt\n  probity sandbox application --person 7 --out blocks --gzip --to audit.pem";

#[derive(Debug, Args)]
pub(super) struct Application {
    /// Who applies, 0 to 69
    #[arg(long, value_name = "N", default_value_t = 0)]
    person: u32,
    /// The merchant's own number of the application; each names one
    #[arg(long, value_name = "N", default_value_t = 1)]
    order_id: u64,
    /// What is written
    #[arg(long, value_enum, default_value_t = Form::Plain)]
    out: Form,
    /// How much there is in it
    #[arg(long, value_enum, default_value_t = Size::Normal)]
    size: Size,
    /// Pack it before it is encrypted
    #[arg(long)]
    gzip: bool,
    /// Whom it is encrypted to: the platform's public key (PEM), or a sandbox.json [default:
    /// DIR/sandbox.json]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The application's JSON
    Plain,
    /// Name, ID card and telephone of the applicant, with the application
    Person,
    /// The text of `data`: RSA PKCS#1 v1.5 blocks, as legacy clients send it
    Blocks,
    /// The text of `data`: a compact JWE
    Jwe,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Size {
    /// A few KB
    Small,
    /// About 100 KB, as real ones are
    Normal,
    /// As many contacts, calls and apps as are taken: about 30 MB
    Large,
}

impl From<Size> for ApplicationSize {
    fn from(size: Size) -> Self {
        match size {
            Size::Small => Self::Small,
            Size::Normal => Self::Normal,
            Size::Large => Self::Large,
        }
    }
}

impl Application {
    pub(super) fn run(self, location: &Location) -> anyhow::Result<()> {
        let Self { person, order_id, size, .. } = self;
        let applicant = engine::sandbox_applicant(person, order_id, size.into(), SystemClock.now());
        let applicant =
            applicant.with_context(|| format!("applicants are 0 to {}", APPLICANTS - 1))?;
        if self.out == Form::Person {
            return output::json(&json!({ "synthetic": true, "applicant": applicant }));
        }
        let text = applicant.application.to_string().into_bytes();
        if self.out == Form::Plain {
            return output::line(String::from_utf8(text)?);
        }
        let text = if self.gzip { pack(&text) } else { text };
        let file = self.to.unwrap_or_else(|| location.data().join("sandbox.json"));
        let key = read_key(&file)?;
        output::line(match self.out {
            Form::Blocks => key.blocks(&text),
            _ => key.jwe(&text, None, &SystemEntropy),
        })
    }
}

fn read_key(file: &Path) -> anyhow::Result<SealingKey> {
    let shown = file.display();
    let text = fs::read_to_string(file)
        .with_context(|| format!("{shown}: name the platform's public key with --to"))?;
    let pem = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(access) => access[KEY_FIELD].as_str().unwrap_or_default().to_owned(),
        Err(_) => text,
    };
    let Some(key) = SealingKey::from_pem(&pem) else {
        bail!("{shown} holds no RSA public key of 2048 bits in PEM");
    };
    Ok(key)
}
