//! Providers, as the operator keeps them.

use domain::keys::Place as SealPlace;
use domain::provider::{NUMBERS, Place, Provider, ProviderLimits};
use domain::secret::Secret;
use domain::source::SourceKind;
use domain::source::bank::Bank;
use domain::time::Span;
use sources::remote::signature::SECRET_BYTES_MIN;
use store::providers::{self, StoredProvider};
use store::settings;

use super::courier::Link;
use crate::{Engine, Error};

/// Limits of the limits.
const IN_FLIGHT_MAX: u32 = 10_000;
const RATE_MAX: u32 = 100_000;
const STEP_DEADLINE_MAX: Span = Span::minutes(2);

/// The sandbox's: name, kind, number. Their weights are equal.
const SANDBOX: [(&str, SourceKind, i64); 5] = [
    ("sandbox-telecom", SourceKind::Telecom, 1),
    ("sandbox-degree", SourceKind::Degree, 1),
    ("sandbox-kaniu", SourceKind::Ebank, 1),
    ("sandbox-jianguo", SourceKind::Ebank, 2),
    ("sandbox-xinyan", SourceKind::Ebank, 3),
];
const WEIGHT: u32 = 100;

/// A connector to be added; it is off until it is enabled.
#[derive(Debug)]
pub struct NewProvider {
    pub name: String,
    pub kind: SourceKind,
    pub url: String,
    pub secret: Secret<Vec<u8>>,
    pub number: i64,
    pub weight: u32,
    pub licence: Option<String>,
    pub authorisation: Option<String>,
    pub limits: ProviderLimits,
}

impl Engine {
    /// Errors: [`Error::Invalid`] naming the field.
    pub async fn add_provider(&self, new: NewProvider) -> Result<Provider, Error> {
        Link::new(&new.url, Secret::new(new.secret.expose().clone())).map_err(Error::Invalid)?;
        let provider = Provider {
            name: new.name,
            kind: new.kind,
            place: Place::Connector { url: new.url },
            number: new.number,
            weight: new.weight,
            is_enabled: false,
            licence: new.licence,
            authorisation: new.authorisation,
            limits: new.limits,
            created_at: self.now(),
        };
        check(&provider)?;
        let sealed = self.keys().seal(place(&provider.name), new.secret.expose(), self.entropy());
        let stored =
            StoredProvider { provider: provider.clone(), secret: Some(sealed), banks: None };
        let is_new = self.store().unit("add_provider", move |tx| {
            if providers::all(tx)?.iter().any(|one| one.provider.name == stored.provider.name) {
                return Ok(false);
            }
            providers::put(tx, &stored)?;
            settings::touch_configuration(tx)?;
            Ok(true)
        });
        if is_new.await? {
            return Ok(provider);
        }
        Err(Error::invalid("name: a provider of this name is there already"))
    }

    /// Changes a provider's record; enabling a connector without licence and authorisation is
    /// refused.
    pub async fn change_provider(
        &self,
        name: &str,
        change: impl FnOnce(&mut Provider),
    ) -> Result<Provider, Error> {
        let mut stored = self.stored_provider(name).await?;
        change(&mut stored.provider);
        check(&stored.provider)?;
        let provider = stored.provider.clone();
        self.configure("change_provider", move |tx| providers::put(tx, &stored)).await?;
        Ok(provider)
    }

    /// Takes a connector out for good. The sandbox's are made anew by every start.
    pub async fn remove_provider(&self, name: &str) -> Result<(), Error> {
        let stored = self.stored_provider(name).await?;
        if stored.provider.place == Place::Sandbox {
            return Err(Error::invalid("name: the sandbox's sources stay; disable it instead"));
        }
        let name = name.to_owned();
        self.configure("remove_provider", move |tx| providers::remove(tx, &name)).await
    }

    /// Has a connector's requests signed with another secret from now on.
    pub async fn rotate_provider_secret(
        &self,
        name: &str,
        secret: Secret<Vec<u8>>,
    ) -> Result<(), Error> {
        let mut stored = self.stored_provider(name).await?;
        let Place::Connector { url } = &stored.provider.place else {
            return Err(Error::invalid("name: only a connector has a secret"));
        };
        let sealed = self.keys().seal(place(name), secret.expose(), self.entropy());
        Link::new(url, secret).map_err(Error::Invalid)?;
        stored.secret = Some(sealed);
        self.configure("rotate_provider_secret", move |tx| providers::put(tx, &stored)).await
    }

    /// Keeps the banks that a connector lists, for all nodes.
    pub(super) async fn keep_banks(&self, name: &str, banks: &[Bank]) -> Result<(), Error> {
        let mut stored = self.stored_provider(name).await?;
        let banks = serde_json::to_string(banks).expect("plain data");
        let banks = Some(banks).filter(|banks| banks != "[]");
        if stored.banks == banks {
            return Ok(());
        }
        stored.banks = banks;
        self.configure("keep_banks", move |tx| providers::put(tx, &stored)).await
    }

    async fn stored_provider(&self, name: &str) -> Result<StoredProvider, Error> {
        let all = self.store().read("providers", providers::all).await?;
        let found = all.into_iter().find(|stored| stored.provider.name == name);
        found.ok_or_else(|| unknown(name))
    }

    /// Adds the sandbox's providers that are not there yet; those that are stay as they are.
    pub(crate) async fn add_sandbox_providers(&self) -> Result<(), Error> {
        let created_at = self.now();
        let unit = self.store().unit("sandbox_providers", move |tx| {
            let known = providers::all(tx)?;
            let is_known = |name| known.iter().any(|stored| stored.provider.name == name);
            let mut missing = SANDBOX.into_iter().filter(|(name, ..)| !is_known(*name)).peekable();
            if missing.peek().is_none() {
                return Ok(());
            }
            for (name, kind, number) in missing {
                let provider = Provider {
                    name: name.to_owned(),
                    kind,
                    place: Place::Sandbox,
                    number,
                    weight: WEIGHT,
                    is_enabled: true,
                    licence: None,
                    authorisation: None,
                    limits: ProviderLimits::default(),
                    created_at,
                };
                providers::put(tx, &StoredProvider { provider, secret: None, banks: None })?;
            }
            settings::touch_configuration(tx)
        });
        Ok(unit.await?)
    }
}

fn check(provider: &Provider) -> Result<(), Error> {
    let Provider { name, number, limits, .. } = provider;
    let is_name = (3..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
    let deadline = limits.step_deadline;
    let wrong = if !is_name {
        "name: must have 3 to 32 characters of a-z, 0-9, - and _"
    } else if !NUMBERS.contains(number) {
        "number: must be 1, 2 or 3"
    } else if !(1..=IN_FLIGHT_MAX).contains(&limits.in_flight_max) {
        "in flight: must be 1 to 10000"
    } else if !(1..=RATE_MAX).contains(&limits.rate_per_second) {
        "rate: must be 1 to 100000 a second"
    } else if deadline < Span::millis(100) || deadline > STEP_DEADLINE_MAX {
        "step deadline: must be 100ms to 2m"
    } else if provider.is_enabled
        && let Some(lack) = provider.lacks()
    {
        return Err(Error::invalid(format!(
            "{lack}: a connector is off until its {lack} is recorded; give --{lack} TEXT"
        )));
    } else {
        return Ok(());
    };
    Err(Error::invalid(wrong))
}

pub(super) fn unknown(name: &str) -> Error {
    Error::absent(format!("there is no source {name:?}; see `probity source list`"))
}

/// What the sealed secret of a provider is bound to.
pub(super) fn place(name: &str) -> SealPlace<'_> {
    SealPlace { table: "providers", row: name.as_bytes() }
}

/// What is wrong with the text of a secret file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret must be one line of at least {SECRET_BYTES_MIN} printable characters")]
pub struct SecretFault;

/// Reads a connector's secret from the text of its file: one line, the line's end left out.
pub fn read_secret(text: &Secret<String>) -> Result<Secret<Vec<u8>>, SecretFault> {
    let line = text.expose().trim_end_matches(['\r', '\n']);
    let fits = line.len() >= SECRET_BYTES_MIN && line.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(Secret::new(line.as_bytes().to_vec())) } else { Err(SecretFault) }
}
