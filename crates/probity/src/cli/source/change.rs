//! Adding a source and changing it.

use std::path::PathBuf;

use clap::Args;
use domain::provider::{Provider, ProviderLimits};
use domain::source::SourceKind;
use domain::time::Span;
use engine::{Engine, NewProvider};

use super::super::connector::{secret, span};
use super::super::output;
use super::tell;

#[derive(Debug, Args)]
pub(super) struct Add {
    /// 3 to 32 characters of a-z, 0-9, - and _
    name: String,
    /// telecom, degree or ebank
    #[arg(long, value_parser = kind)]
    kind: SourceKind,
    /// Where the connector is; https, or http to a network of [outbound] allow
    #[arg(long)]
    url: String,
    /// The file with the secret that both sides sign with: one line, 32 characters at least
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    texts: Texts,
}

#[derive(Debug, Args)]
pub(super) struct Set {
    name: String,
    /// A new secret to sign with, from now on; the connector has to know it beforehand, and to
    /// accept the old one for another second
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    terms: Terms,
}

/// What may be asked of a source.
#[derive(Debug, Args)]
struct Terms {
    /// Which of the e-bank protocol's providers it stands for (1, 2 or 3) [default: 1]
    #[arg(long, value_name = "N")]
    number: Option<i64>,
    /// Its share of the persons against the others of its kind; 0 takes no new session
    /// [default: 100]
    #[arg(long, value_name = "N")]
    weight: Option<u32>,
    /// Steps under way at once, on each node [default: 64]
    #[arg(long, value_name = "N")]
    in_flight: Option<u32>,
    /// Steps begun in a second, over all nodes [default: 100]
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// For one step, waiting for its turn included [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = span)]
    step_deadline: Option<Span>,
}

/// What the operator records before a connector may be enabled.
#[derive(Debug, Args)]
pub(super) struct Texts {
    /// Under which licence the data is fetched
    #[arg(long, value_name = "TEXT")]
    licence: Option<String>,
    /// What the institution has agreed to
    #[arg(long, value_name = "TEXT")]
    authorisation: Option<String>,
}

fn kind(text: &str) -> Result<SourceKind, String> {
    let kind = SourceKind::parse(text).filter(|kind| SourceKind::FETCHED.contains(kind));
    kind.ok_or_else(|| "give telecom, degree or ebank".to_owned())
}

impl Texts {
    pub(super) fn record(self, provider: &mut Provider) {
        provider.licence = self.licence.or(provider.licence.take());
        provider.authorisation = self.authorisation.or(provider.authorisation.take());
    }
}

impl Terms {
    fn limits(&self, before: ProviderLimits) -> ProviderLimits {
        ProviderLimits {
            in_flight_max: self.in_flight.unwrap_or(before.in_flight_max),
            rate_per_second: self.rate.unwrap_or(before.rate_per_second),
            step_deadline: self.step_deadline.unwrap_or(before.step_deadline),
        }
    }
}

impl Add {
    pub(super) async fn run(self, engine: &Engine) -> anyhow::Result<()> {
        let Self { name, kind, url, secret_file, terms, texts } = self;
        let new = NewProvider {
            name,
            kind,
            url,
            secret: secret(&secret_file)?,
            number: terms.number.unwrap_or(1),
            weight: terms.weight.unwrap_or(100),
            licence: texts.licence,
            authorisation: texts.authorisation,
            limits: terms.limits(ProviderLimits::default()),
        };
        let provider = engine.add_provider(new).await?;
        output::line(format_args!(
            "The source {} was added and is off. Next: `probity source check {0}` and `probity \
             source enable {0} --licence … --authorisation …`.",
            provider.name
        ))
    }
}

impl Set {
    pub(super) async fn run(self, engine: &Engine) -> anyhow::Result<()> {
        let Self { name, secret_file, terms } = self;
        if let Some(file) = secret_file {
            engine.rotate_provider_secret(&name, secret(&file)?).await?;
        }
        let changed = engine.change_provider(&name, |provider| {
            provider.number = terms.number.unwrap_or(provider.number);
            provider.weight = terms.weight.unwrap_or(provider.weight);
            provider.limits = terms.limits(provider.limits);
        });
        tell(&changed.await?)
    }
}
