//! Face 3: on which terms its merchants are served, and who signs.

use std::sync::Arc;

use domain::failure::{CredentialKind, Failure};
use domain::keys::RsaPublicKey;
use domain::merchant::{Merchant, Rong360};

use crate::directory::MerchantEntry;
use crate::{Engine, Error};

impl Engine {
    /// Sets the terms of a merchant: in force within a second on every node.
    pub async fn set_rong360(&self, merchant: &Merchant, terms: Rong360) -> Result<(), Error> {
        check(&terms)?;
        let (merchant, app_id) = (merchant.id, terms.app_id.clone());
        let is_free = self.store().unit("set_rong360", move |tx| {
            let is_free = store::rong360::put(tx, merchant, &terms)?;
            store::settings::touch_configuration(tx)?;
            Ok(is_free)
        });
        if is_free.await? {
            return Ok(());
        }
        Err(Error::invalid(format!("app id: {app_id} is another merchant's")))
    }

    /// The merchant of an app id. One that is suspended is as unknown as one that never was.
    pub fn by_app_id(&self, app_id: &str) -> Result<Arc<MerchantEntry>, Failure> {
        let entry = self.directory().by_app_id(app_id).cloned();
        entry.ok_or(Failure::CredentialUnknown(CredentialKind::RsaPublicKey))
    }

    /// The keys that a merchant signs with now: several while one replaces another.
    pub fn public_keys(&self, entry: &MerchantEntry) -> Vec<RsaPublicKey> {
        let now = self.now();
        let in_force = |place: &usize| entry.credentials[*place].in_force(now);
        let keys = entry.public_keys.iter().filter(|(place, _)| in_force(place));
        keys.map(|(_, key)| key.clone()).collect()
    }
}

fn check(terms: &Rong360) -> Result<(), Error> {
    if !Rong360::is_app_id(&terms.app_id) {
        return Err(Error::invalid("app id: must have seven digits"));
    }
    let is_alias = |alias: &String| {
        (1..=Rong360::ALIAS_LENGTH_MAX).contains(&alias.len())
            && alias.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if terms.aliases.len() > Rong360::ALIASES_MAX || !terms.aliases.iter().all(is_alias) {
        return Err(Error::invalid("alias: up to 16, each of 1 to 32 printable ASCII characters"));
    }
    if terms.sign_types.is_empty() {
        return Err(Error::invalid("sign type: give RSA, RSA2 or both"));
    }
    Ok(())
}
