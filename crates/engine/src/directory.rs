//! The configuration in memory: who may ask what, and the models that answer. Each node reads it
//! again within half a second of a change.

use std::collections::HashMap;
use std::sync::Arc;

use domain::failure::CredentialKind;
use domain::ids::{AppId, MerchantId};
use domain::keys::RsaPublicKey;
use domain::merchant::{
    Credential, Entitlement, Material, Merchant, MerchantState, Product, Rong360,
};
use domain::scoring::Model;
use domain::scoring::card::{ModelCard, sha256_hex};
use domain::secret::{Private, Secret};
use domain::time::{Span, Timestamp};
use store::credentials::SealedCredential;
use store::models::StoredModel;
use store::policies::StoredPolicy;
use store::providers::StoredProvider;
use store::settings;

use crate::policies::{self, PolicySet};
use crate::providers::LiveProvider;
use crate::{Engine, Error, merchants};

/// The name space of the look-up hash of an APPCODE.
pub(crate) const APP_CODE_SPACE: &str = "app-code";

/// A merchant and all that is needed to serve it.
#[derive(Debug)]
pub struct MerchantEntry {
    pub merchant: Merchant,
    pub entitlements: Vec<Entitlement>,
    pub credentials: Vec<Credential>,
    /// On which terms it is served by face 3, if it is.
    pub rong360: Option<Rong360>,
    /// Its RSA public keys, each with the place of its credential.
    pub(crate) public_keys: Vec<(usize, RsaPublicKey)>,
}

impl MerchantEntry {
    fn new(
        merchant: Merchant,
        entitlements: Vec<Entitlement>,
        credentials: Vec<Credential>,
        rong360: Option<Rong360>,
    ) -> Self {
        let key = |(place, credential): (usize, &Credential)| match &credential.material {
            Material::RsaPublicKey { pem } => Some((place, RsaPublicKey::parse(pem)?)),
            _ => None,
        };
        let public_keys = credentials.iter().enumerate().filter_map(key).collect();
        Self { merchant, entitlements, credentials, rong360, public_keys }
    }

    /// The entitlement for an application, or the default one when none is named.
    pub fn entitlement(&self, product: Product, app: Option<&AppId>) -> Option<&Entitlement> {
        self.entitlements.iter().find(|entitlement| {
            entitlement.product == product
                && app.map_or(entitlement.is_default, |app| entitlement.app == *app)
        })
    }

    pub fn is_entitled(&self, product: Product) -> bool {
        self.entitlements.iter().any(|entitlement| entitlement.product == product)
    }
}

/// The merchant of an AppKey, and the secret that goes with the key.
pub struct KeyHolder {
    pub entry: Arc<MerchantEntry>,
    /// Where the credential stands among the merchant's.
    credential: usize,
}

impl KeyHolder {
    pub fn secret(&self) -> Option<&Secret<String>> {
        match &self.entry.credentials.get(self.credential)?.material {
            Material::AppKey { secret, .. } => Some(secret),
            _ => None,
        }
    }
}

/// A model, loaded and checked.
#[derive(Debug)]
pub struct LiveModel {
    pub name: String,
    pub version: i64,
    pub sha256: String,
    pub card: ModelCard,
    /// Of the card as it is stored.
    pub card_sha256: String,
    pub model: Model,
}

/// One reading of the configuration.
#[derive(Debug)]
pub struct Directory {
    version: Option<i64>,
    merchants: Vec<Arc<MerchantEntry>>,
    /// By the look-up hash of the code: where it stands in `merchants`, and when it ends.
    app_codes: HashMap<[u8; 32], (usize, Option<Timestamp>)>,
    /// By AppKey: where its merchant stands, and its credential among the merchant's.
    app_keys: HashMap<String, (usize, usize)>,
    /// By the app id of face 3: where its merchant stands.
    app_ids: HashMap<String, usize>,
    /// The reason, where a model cannot be used.
    models: HashMap<String, Result<Arc<LiveModel>, String>>,
    /// The reason, where the live version of a policy cannot be used.
    policies: HashMap<String, Result<PolicySet, String>>,
    providers: Vec<Arc<LiveProvider>>,
}

impl Directory {
    pub(crate) fn empty() -> Self {
        Self {
            version: None,
            merchants: Vec::new(),
            app_codes: HashMap::new(),
            app_keys: HashMap::new(),
            app_ids: HashMap::new(),
            models: HashMap::new(),
            policies: HashMap::new(),
            providers: Vec::new(),
        }
    }

    pub(crate) fn by_app_code(
        &self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Option<&Arc<MerchantEntry>> {
        let (at, ends_at) = self.app_codes.get(hash)?;
        let entry = self.merchants.get(*at)?;
        let holds = ends_at.is_none_or(|end| now < end);
        (holds && entry.merchant.state == MerchantState::Active).then_some(entry)
    }

    pub(crate) fn by_app_key(&self, key: &str, now: Timestamp) -> Option<KeyHolder> {
        let (at, credential) = *self.app_keys.get(key)?;
        let entry = self.merchants.get(at)?;
        let holds = entry.credentials.get(credential)?.in_force(now)
            && entry.merchant.state == MerchantState::Active;
        holds.then(|| KeyHolder { entry: Arc::clone(entry), credential })
    }

    pub(crate) fn by_app_id(&self, app_id: &str) -> Option<&Arc<MerchantEntry>> {
        let entry = self.merchants.get(*self.app_ids.get(app_id)?)?;
        (entry.merchant.state == MerchantState::Active).then_some(entry)
    }

    pub fn by_id(&self, id: MerchantId) -> Option<&Arc<MerchantEntry>> {
        self.merchants.iter().find(|entry| entry.merchant.id == id)
    }

    pub fn by_name(&self, name: &str) -> Option<&Arc<MerchantEntry>> {
        self.merchants.iter().find(|entry| entry.merchant.name == name)
    }

    pub fn merchants(&self) -> &[Arc<MerchantEntry>] {
        &self.merchants
    }

    pub fn providers(&self) -> &[Arc<LiveProvider>] {
        &self.providers
    }

    pub fn provider(&self, name: &str) -> Option<&Arc<LiveProvider>> {
        self.providers.iter().find(|live| live.provider.name == name)
    }

    /// The model in use under a name, or why there is none.
    pub fn model(&self, name: &str) -> Result<&Arc<LiveModel>, &str> {
        match self.models.get(name) {
            Some(Ok(model)) => Ok(model),
            Some(Err(reason)) => Err(reason),
            None => Err("no model of this name is in use"),
        }
    }

    /// The versions in use of a policy, or why none decides.
    pub fn policies(&self, name: &str) -> Result<&PolicySet, &str> {
        match self.policies.get(name) {
            Some(Ok(set)) => Ok(set),
            Some(Err(reason)) => Err(reason),
            None => Err("no policy of this name is live"),
        }
    }
}

/// Everything that one reading takes from the database.
struct Read {
    version: i64,
    merchants: Vec<Merchant>,
    credentials: Vec<SealedCredential>,
    entitlements: Vec<Entitlement>,
    rong360: Vec<(MerchantId, Rong360)>,
    models: Vec<StoredModel>,
    policies: Vec<StoredPolicy>,
    providers: Vec<StoredProvider>,
}

impl Engine {
    /// Reads the configuration when it changed, and the sandbox's clock.
    pub async fn refresh(&self) -> Result<(), Error> {
        let (version, offset_us) = self
            .store()
            .read("configuration_version", |tx| {
                let version = settings::number(tx, settings::CONFIGURATION_VERSION)?;
                Ok((version, settings::number(tx, settings::SANDBOX_CLOCK_OFFSET_US)?))
            })
            .await?;
        self.inner.clock.set_offset(Span(offset_us));
        if self.directory().version == Some(version) {
            return Ok(());
        }
        let (read, keys) = self
            .store()
            .read("configuration", |tx| {
                let read = Read {
                    version: settings::number(tx, settings::CONFIGURATION_VERSION)?,
                    merchants: store::merchants::all(tx)?,
                    credentials: store::credentials::all(tx)?,
                    entitlements: store::entitlements::all(tx)?,
                    rong360: store::rong360::all(tx)?,
                    models: store::models::live(tx)?,
                    policies: store::policies::in_use(tx)?,
                    providers: store::providers::all(tx)?,
                };
                // One view of both: what the configuration is sealed with is there to open it.
                Ok((read, store::keys::all(tx)?))
            })
            .await?;
        self.open_keys(&keys);
        let directory = self.build(read);
        self.inner.directory.store(Arc::new(directory));
        Ok(())
    }

    fn build(&self, read: Read) -> Directory {
        let before = self.directory();
        let mut credentials: HashMap<_, Vec<Credential>> = HashMap::new();
        for sealed in &read.credentials {
            match merchants::unseal(&self.keys(), sealed) {
                Ok(credential) => credentials.entry(sealed.merchant).or_default().push(credential),
                Err(error) => {
                    tracing::error!(%error, credential = sealed.id, "a credential does not open");
                }
            }
        }
        let mut rong360: HashMap<_, _> = read.rong360.into_iter().collect();
        let entries = read.merchants.into_iter().map(|merchant| {
            let entitlements =
                read.entitlements.iter().filter(|e| e.merchant == merchant.id).cloned().collect();
            let credentials = credentials.remove(&merchant.id).unwrap_or_default();
            let terms = rong360.remove(&merchant.id);
            Arc::new(MerchantEntry::new(merchant, entitlements, credentials, terms))
        });
        let merchants: Vec<Arc<MerchantEntry>> = entries.collect();
        Directory {
            version: Some(read.version),
            app_codes: self.app_codes(&merchants),
            app_keys: app_keys(&merchants),
            app_ids: app_ids(&merchants),
            merchants,
            providers: {
                let keys = self.keys();
                let open = |stored| LiveProvider::open(stored, &keys, &before);
                read.providers.into_iter().map(open).collect()
            },
            policies: policies::live_sets(read.policies, &self.keys(), &before),
            models: read.models.into_iter().map(|m| (m.name.clone(), load(m, &before))).collect(),
        }
    }

    fn app_codes(
        &self,
        merchants: &[Arc<MerchantEntry>],
    ) -> HashMap<[u8; 32], (usize, Option<Timestamp>)> {
        let keys = self.keys();
        let mut codes = HashMap::new();
        for (at, entry) in merchants.iter().enumerate() {
            for credential in &entry.credentials {
                if let Material::AppCode { code } = &credential.material {
                    debug_assert_eq!(credential.kind, CredentialKind::AppCode);
                    let hash = keys.index(APP_CODE_SPACE, &Private::new(code.expose().clone()));
                    codes.insert(hash, (at, credential.ends_at));
                }
            }
        }
        codes
    }
}

fn app_keys(merchants: &[Arc<MerchantEntry>]) -> HashMap<String, (usize, usize)> {
    let mut keys = HashMap::new();
    for (at, entry) in merchants.iter().enumerate() {
        for (place, credential) in entry.credentials.iter().enumerate() {
            if let Material::AppKey { key, .. } = &credential.material {
                keys.insert(key.clone(), (at, place));
            }
        }
    }
    keys
}

fn app_ids(merchants: &[Arc<MerchantEntry>]) -> HashMap<String, usize> {
    let app_id = |(at, entry): (usize, &Arc<MerchantEntry>)| {
        entry.rong360.as_ref().map(|terms| (terms.app_id.clone(), at))
    };
    merchants.iter().enumerate().filter_map(app_id).collect()
}

/// Loads a model, or takes it over from the reading before when it is the same version.
fn load(stored: StoredModel, before: &Directory) -> Result<Arc<LiveModel>, String> {
    if let Ok(live) = before.model(&stored.name)
        && live.version == stored.version
        && live.sha256 == stored.sha256
    {
        return Ok(Arc::clone(live));
    }
    let loaded = check(stored);
    if let Err(reason) = &loaded {
        tracing::error!(reason, "a model cannot be used");
    }
    loaded
}

pub(crate) fn check(stored: StoredModel) -> Result<Arc<LiveModel>, String> {
    let StoredModel { name, version, card, body, sha256, .. } = stored;
    let card_sha256 = sha256_hex(card.as_bytes());
    let card: ModelCard =
        serde_json::from_str(&card).map_err(|error| format!("model {name}: its card: {error}"))?;
    let model = card.check(&body).map_err(|error| format!("model {name}: {error}"))?;
    Ok(Arc::new(LiveModel { name, version, sha256, card, card_sha256, model }))
}
