//! Where a merchant may be called back, and in which form.

use domain::callback::CallbackForm;
use domain::merchant::Merchant;
use store::callbacks;

use crate::outbound::{SendFault, Target};
use crate::{Engine, Error};

/// Addresses of one merchant.
const ADDRESSES_MAX: usize = 64;

/// Whether a merchant's registered addresses cover a target: what is registered stands for itself,
/// with any query, and for all below it (see [`Target::covers`]).
pub(super) fn is_registered(registered: &[String], target: &Target) -> bool {
    registered.iter().filter_map(|url| Target::parse(url).ok()).any(|one| one.covers(target))
}

impl Engine {
    /// Registers an address; in force at once. Gives why it cannot be reached now, when its host
    /// leads nowhere: it is looked up again for each delivery.
    ///
    /// Errors: [`Error::Invalid`] when it is no address, or leads where none may lead.
    pub async fn add_callback_address(
        &self,
        merchant: &Merchant,
        url: &str,
    ) -> Result<Option<String>, Error> {
        let invalid = |why: &dyn std::fmt::Display| Error::invalid(format!("url: {why}"));
        let target = Target::parse(url).map_err(|refusal| invalid(&refusal))?;
        if target.has_query() {
            return Err(invalid(&"must have no query; any is allowed in what it covers"));
        }
        if !target.covers(&target) {
            return Err(invalid(&"must have no `.` or `..` in its path"));
        }
        let doubt = match self.inner.outbound.check(&target).await {
            Ok(()) => None,
            Err(SendFault::Refused(refusal)) => return Err(invalid(&refusal)),
            Err(fault) => Some(fault.to_string()),
        };
        let (merchant, url, now) = (merchant.id, url.to_owned(), self.now());
        let is_room = self.store().unit("add_callback_address", move |tx| {
            if callbacks::addresses(tx, merchant)?.len() >= ADDRESSES_MAX {
                return Ok(false);
            }
            callbacks::add_address(tx, merchant, &url, now)?;
            Ok(true)
        });
        if is_room.await? {
            return Ok(doubt);
        }
        Err(Error::invalid(format!("url: a merchant has at most {ADDRESSES_MAX} addresses")))
    }

    /// Takes an address away; what is not delivered yet is looked up again before it is sent.
    pub async fn remove_callback_address(
        &self,
        merchant: &Merchant,
        url: &str,
    ) -> Result<(), Error> {
        let (merchant, text) = (merchant.id, url.to_owned());
        let removed = self.store().unit("remove_callback_address", move |tx| {
            callbacks::remove_address(tx, merchant, &text)
        });
        if removed.await? {
            return Ok(());
        }
        Err(Error::absent(format!("the merchant has not registered {url}")))
    }

    /// The addresses of a merchant, and how it takes its callbacks: the form, and the version of
    /// the platform's key that signs it.
    pub async fn callback_addresses(
        &self,
        merchant: &Merchant,
    ) -> Result<(Vec<String>, CallbackForm, u32), Error> {
        let merchant = merchant.id;
        let found = self.store().read("callback_addresses", move |tx| {
            let (form, version) = callbacks::form(tx, merchant)?;
            Ok((callbacks::addresses(tx, merchant)?, form, version))
        });
        Ok(found.await?)
    }

    /// Sets the form, signed with the platform's newest key from now on; gives the key's version.
    pub async fn set_callback_form(
        &self,
        merchant: &Merchant,
        form: CallbackForm,
    ) -> Result<u32, Error> {
        let merchant = merchant.id;
        let version = self.keys().platform(None).map_or(0, |(version, _)| version);
        let set = self
            .store()
            .unit("set_callback_form", move |tx| callbacks::set_form(tx, merchant, form, version));
        set.await?;
        Ok(version)
    }
}
