//! Who asks: from a credential to the merchant, and whether it may ask now.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::failure::{CredentialKind, Failure};
use domain::merchant::{Material, Product};
use domain::secret::{Private, Secret};
use domain::time::Timestamp;

use crate::directory::{APP_CODE_SPACE, KeyHolder, MerchantEntry};
use crate::{Engine, merchants};

impl Engine {
    /// The merchant of an APPCODE. A code that was revoked is as unknown as one that never was.
    pub fn by_app_code(&self, code: &Secret<String>) -> Result<Arc<MerchantEntry>, Failure> {
        let hash = self.keys().index(APP_CODE_SPACE, &Private::new(code.expose().clone()));
        self.directory()
            .by_app_code(&hash, self.now())
            .cloned()
            .ok_or(Failure::CredentialUnknown(CredentialKind::AppCode))
    }

    /// The holder of an AppKey; its secret is what the signature is verified with.
    pub fn by_app_key(&self, key: &str) -> Result<KeyHolder, Failure> {
        self.directory()
            .by_app_key(key, self.now())
            .ok_or(Failure::CredentialUnknown(CredentialKind::AppKey))
    }

    /// Takes a nonce of an AppKey for good: on every node and across restarts, until `until`.
    pub async fn claim_nonce(
        &self,
        key: &str,
        nonce: &str,
        until: Timestamp,
    ) -> Result<(), Failure> {
        let (scope, nonce) = (format!("app-key:{key}"), nonce.to_owned());
        let claimed = self
            .store()
            .unit("claim_nonce", move |tx| store::nonces::claim(tx, &scope, &nonce, until))
            .await;
        match claimed {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::NonceUsed),
            Err(error) => Err(self.store_failed(&error)),
        }
    }

    /// The merchant of a name and password. Takes as long for a name that does not exist.
    pub async fn by_password(
        &self,
        name: &str,
        password: &Secret<String>,
    ) -> Result<Arc<MerchantEntry>, Failure> {
        let unknown = Failure::CredentialUnknown(CredentialKind::Password);
        let entry = self.directory().by_name(name).cloned();
        let now = self.now();
        let hashes: Vec<String> = entry
            .iter()
            .flat_map(|entry| &entry.credentials)
            .filter(|credential| credential.in_force(now))
            .filter_map(|credential| match &credential.material {
                Material::Password { phc } => Some(phc.expose().clone()),
                _ => None,
            })
            .collect();
        match (self.password_holds(password, hashes).await?, entry) {
            (true, Some(entry)) => Ok(entry),
            _ => Err(unknown),
        }
    }

    /// Whether one of the hashes is the password's; takes as long where there is none.
    pub(crate) async fn password_holds(
        &self,
        password: &Secret<String>,
        hashes: Vec<String>,
    ) -> Result<bool, Failure> {
        let _permit = self.inner.passwords.acquire().await.map_err(|_| Failure::Overloaded)?;
        let password = Secret::new(password.expose().clone());
        let verified =
            tokio::task::spawn_blocking(move || merchants::password_matches(&password, &hashes));
        Ok(verified.await.unwrap_or(false))
    }

    /// Whether the merchant may use the product, and whether its rate allows one more call now.
    /// Each node grants its share of the rate: limit / live nodes.
    pub fn admit(&self, entry: &MerchantEntry, product: Product) -> Result<(), Failure> {
        if !entry.is_entitled(product) {
            return Err(Failure::NotEntitled);
        }
        self.admit_rate(entry)
    }

    /// Whether the merchant's rate allows one more request now.
    pub fn admit_rate(&self, entry: &MerchantEntry) -> Result<(), Failure> {
        let Some(limit) = entry.merchant.rate_per_second else { return Ok(()) };
        let nodes = self.inner.live_nodes.load(Ordering::Relaxed).max(1);
        let share = f64::from(limit) / nodes as f64;
        let mut rates = self.inner.rates.lock().expect("nobody panics with it");
        let admitted = rates.entry(entry.merchant.id).or_default().admit(self.now(), share);
        if admitted { Ok(()) } else { Err(Failure::RateExceeded) }
    }
}
