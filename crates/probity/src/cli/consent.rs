//! `probity consent`: persons' permissions to fetch their data, recorded, shown, withdrawn.

use clap::{Args, Subcommand};
use domain::consent::{Consent as Record, ConsentKind, Purpose, Scope};
use domain::secret::Private;
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::Span;
use engine::{Engine, NewConsent, consent_shown};
use serde_json::{Value, json};

use super::output::{self, Table};
use crate::app::Location;

#[derive(Debug, Args)]
#[command(
    after_help = "Without a consent in force no byte leaves for a source. A withdrawal is in force \
    at once on every node: each step to a source looks the consent up first.\n\nExamples:\n  \
    probity consent list 990000199001010017\n  \
    probity consent record 990000199001010017 --merchant acme --source telecom --for 30d \
    --evidence 'paper form 17'\n  probity consent withdraw 4f0c1d2e…"
)]
pub(crate) struct Consent {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List a person's consents, newest first
    List {
        /// The person, by the ID card
        #[arg(required_unless_present = "user", conflicts_with = "user")]
        subject: Option<String>,
        /// A borrower, by its merchant's own user id
        #[arg(long, requires = "merchant")]
        user: Option<String>,
        /// The merchant whose borrower it is
        #[arg(long)]
        merchant: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Record a consent that the person gave, from now on
    Record(Given),
    /// End a consent now
    Withdraw {
        /// The consent, as `list` shows it
        id: String,
    },
}

#[derive(Debug, Args)]
struct Given {
    /// The person, by the ID card
    #[arg(required_unless_present = "user", conflicts_with = "user")]
    subject: Option<String>,
    /// For `credit`: the person as a borrower of the merchant, by the merchant's own user id
    #[arg(long)]
    user: Option<String>,
    /// To whom it is given
    #[arg(long)]
    merchant: String,
    /// `telecom`, `degree`, `ebank`, `credit`, `file` or `inquiries`
    #[arg(long, value_parser = source)]
    source: SourceKind,
    /// `credit_assessment` or `loan_management`
    #[arg(long, value_parser = purpose, default_value = "credit_assessment")]
    purpose: Purpose,
    /// How long it holds: 30d, 12h …
    #[arg(long = "for", value_name = "SPAN", value_parser = span)]
    length: Span,
    /// What shows that it was given; it is sealed
    #[arg(long)]
    evidence: String,
}

fn source(text: &str) -> Result<SourceKind, String> {
    let source = SourceKind::parse(text);
    source.ok_or_else(|| "give telecom, degree, ebank, credit, file or inquiries".to_owned())
}

fn purpose(text: &str) -> Result<Purpose, String> {
    Purpose::parse(text).ok_or_else(|| "give credit_assessment or loan_management".to_owned())
}

fn span(text: &str) -> Result<Span, String> {
    let span = Span::parse(text).filter(|span| span.0 > 0);
    span.ok_or_else(|| "give a span like 30d or 12h".to_owned())
}

impl Consent {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        output::run_with(location, async |engine: &Engine| match self.action {
            Action::List { subject, user, merchant, json } => {
                let subject = match (subject, user.zip(merchant)) {
                    (Some(subject), _) => engine.named(&subject)?,
                    (None, Some((user, merchant))) => {
                        engine.named_user(engine.merchant(&merchant).await?.id, user)
                    }
                    (None, None) => unreachable!("clap asks for one of them"),
                };
                list(engine, subject, json).await
            }
            Action::Record(given) => record(engine, given).await,
            Action::Withdraw { id } => {
                let consent = engine.withdraw_consent(&id).await?;
                output::line(format_args!("Consent {} is withdrawn.", consent.id))
            }
        })
    }
}

async fn record(engine: &Engine, given: Given) -> anyhow::Result<()> {
    let merchant = engine.merchant(&given.merchant).await?;
    let now = engine.now();
    let subject = match (&given.subject, given.user) {
        (Some(subject), _) => engine.named(subject)?,
        (None, user) => engine.named_user(merchant.id, user.unwrap_or_default()),
    };
    let scope = Scope {
        merchant: merchant.id,
        subject,
        source: given.source,
        purpose: given.purpose,
        account: None,
    };
    let consent = engine
        .record_consent(NewConsent {
            scope,
            kind: ConsentKind::Given,
            from: now,
            until: now + given.length,
            evidence: Private::new(given.evidence),
        })
        .await?;
    output::line(format_args!("Consent {} holds until {}.", consent.id, consent.until))
}

async fn list(engine: &Engine, subject: SubjectHash, as_json: bool) -> anyhow::Result<()> {
    let consents = engine.consents_of(subject).await?;
    let now = engine.now();
    let merchants = engine.directory();
    let merchant = |consent: &Record| {
        let entry = merchants.by_id(consent.scope.merchant);
        entry.map(|entry| entry.merchant.name.clone()).unwrap_or_default()
    };
    if as_json {
        let rows: Vec<Value> = consents
            .iter()
            .map(|consent| {
                let mut row = consent_shown(consent, Some(&merchant(consent)));
                row["in_force"] = json!(consent.in_force(now));
                row
            })
            .collect();
        return output::json(&json!(rows));
    }
    let mut table =
        Table::new(["id", "merchant", "source", "purpose", "kind", "until", "in force"]);
    for consent in &consents {
        let in_force = if consent.in_force(now) { "yes" } else { "no" };
        table.row([
            &consent.id,
            &merchant(consent),
            &consent.scope.source.as_str(),
            &consent.scope.purpose.as_str(),
            &consent.kind.as_str(),
            &consent.until,
            &in_force,
        ]);
    }
    output::line(format_args!("{table}"))
}
