//! The conformance kit: asks a connector everything that the protocol promises, with synthetic
//! persons only. The connector must run in its test mode (docs/connectors.md).

mod banks;
mod flows;
mod play;
mod promises;

use std::sync::OnceLock;

use domain::secret::Secret;
use domain::source::SourceKind;
use domain::source::bank::Bank;
use domain::time::Span;
use serde::Serialize;
use sources::remote::Remote;

use self::flows::FLOWS;
use self::promises::PROMISES;
use super::courier::{Courier, Link};

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: &'static str,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "detail", rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    /// What came instead.
    Failed(String),
    /// Why it was not tried.
    Skipped(&'static str),
}

/// A connector to be checked.
pub struct Conformance<'c> {
    courier: Courier<'c>,
    link: Link,
    /// Signs as nobody the connector knows.
    stranger: Link,
    remote: Remote,
    /// The first entry of the banks that it lists.
    entry: OnceLock<String>,
}

/// Why a check failed.
#[derive(Debug)]
struct Fault {
    text: String,
    /// The connector does not answer: everything else would only wait.
    is_silent: bool,
}

impl From<String> for Fault {
    fn from(text: String) -> Self {
        Self { text, is_silent: false }
    }
}

impl From<&str> for Fault {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<'c> Conformance<'c> {
    /// Errors: what is wrong with address or secret.
    pub fn new(
        courier: Courier<'c>,
        url: &str,
        secret: Secret<Vec<u8>>,
        step_deadline: Span,
    ) -> Result<Self, String> {
        let other = Secret::new(secret.expose().iter().rev().chain(b"x").copied().collect());
        let (link, stranger) = (Link::new(url, secret)?, Link::new(url, other)?);
        Ok(Self {
            courier,
            link,
            stranger,
            remote: Remote { step_deadline },
            entry: OnceLock::new(),
        })
    }

    /// Checks everything, one after the other; tells each result when it is there.
    pub async fn run(&self, mut tell: impl FnMut(&Check)) {
        let health = self.link.health(&self.courier, self.remote.step_deadline).await;
        let kinds = health.as_ref().map_or_else(|_| Vec::new(), |health| health.kinds.clone());
        let banks = health.as_ref().map_or_else(|_| Vec::new(), |health| health.banks.clone());
        if let Some(login) = banks.iter().flat_map(Bank::usable).next() {
            self.entry.get_or_init(|| login.entry.clone());
        }
        let mut is_over = health.is_err();
        let outcome = health.map_or_else(Outcome::Failed, |_| Outcome::Passed);
        tell(&Check { name: "health: it is there and speaks the protocol", outcome });
        for flow in FLOWS {
            let outcome = match kinds.contains(&flow.kind) {
                _ if is_over => Outcome::Skipped(SILENT),
                true => judged(self.play(flow).await, &mut is_over),
                false => Outcome::Skipped("it does not fetch this kind"),
            };
            tell(&Check { name: flow.name, outcome });
        }
        let outcome = match banks.is_empty() {
            _ if is_over => Outcome::Skipped(SILENT),
            true => Outcome::Skipped("it lists no banks"),
            false => {
                let fetches = kinds.contains(&SourceKind::Ebank);
                judged(self.serves(&banks, fetches).await, &mut is_over)
            }
        };
        tell(&Check { name: "banks: each entry that it lists can be used", outcome });
        for (name, promise) in PROMISES {
            let outcome = match kinds.first() {
                Some(kind) if !is_over => judged(self.keeps(*promise, *kind).await, &mut is_over),
                _ => Outcome::Skipped(SILENT),
            };
            tell(&Check { name, outcome });
        }
    }
}

const SILENT: &str = "the connector does not answer";

fn judged(result: Result<(), Fault>, is_over: &mut bool) -> Outcome {
    result.map_or_else(
        |fault| {
            *is_over |= fault.is_silent;
            Outcome::Failed(fault.text)
        },
        |()| Outcome::Passed,
    )
}
