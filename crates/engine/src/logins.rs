//! Names and passwords under attack: failed attempts are counted by (account, address) and by
//! address, so that whoever guesses is locked out and the merchant itself is not. Counted on each
//! node, in memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use domain::failure::Failure;
use domain::merchant::Scope;
use domain::secret::Secret;
use domain::time::{Span, Timestamp};

use crate::Engine;
use crate::directory::MerchantEntry;

/// Wrong passwords for one account from one address, and for any accounts from one address, after
/// which nothing more is tried until the window is over.
const OF_ACCOUNT_MAX: u32 = 5;
const OF_ADDRESS_MAX: u32 = 30;
const WINDOW: Span = Span::minutes(10);

/// Entries in memory; when it is full, those whose window is over go, and then no more are taken.
const ENTRIES_MAX: usize = 100_000;

#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<(IpAddr, Option<String>), Failed>>);

#[derive(Clone, Copy)]
struct Failed {
    count: u32,
    first_at: Timestamp,
}

impl Attempts {
    pub(crate) fn is_locked(&self, address: IpAddr, account: &str, now: Timestamp) -> bool {
        let attempts = self.0.lock().expect("nobody panics with it");
        let locked = |key: &(IpAddr, Option<String>), max| {
            let failed = attempts.get(key);
            failed.is_some_and(|failed| failed.count >= max && is_fresh(failed, now))
        };
        locked(&(address, Some(account.to_owned())), OF_ACCOUNT_MAX)
            || locked(&(address, None), OF_ADDRESS_MAX)
    }

    pub(crate) fn failed(&self, address: IpAddr, account: &str, now: Timestamp) {
        let mut attempts = self.0.lock().expect("nobody panics with it");
        if attempts.len() >= ENTRIES_MAX {
            attempts.retain(|_, failed| is_fresh(failed, now));
        }
        for key in [(address, Some(account.to_owned())), (address, None)] {
            if attempts.len() >= ENTRIES_MAX && !attempts.contains_key(&key) {
                continue;
            }
            let failed = attempts.entry(key).or_insert(Failed { count: 0, first_at: now });
            if !is_fresh(failed, now) {
                *failed = Failed { count: 0, first_at: now };
            }
            failed.count += 1;
        }
    }

    pub(crate) fn succeeded(&self, address: IpAddr, account: &str) {
        let mut attempts = self.0.lock().expect("nobody panics with it");
        attempts.remove(&(address, Some(account.to_owned())));
    }
}

fn is_fresh(failed: &Failed, now: Timestamp) -> bool {
    (now - failed.first_at).0 < WINDOW.0
}

impl Engine {
    /// The merchant of a name and password. Whoever guesses too often from an address is told the
    /// same as for a wrong password, whatever it sends, until ten minutes are over; an account is
    /// never locked for those who come from elsewhere.
    pub async fn log_in(
        &self,
        name: &str,
        password: &Secret<String>,
        address: IpAddr,
    ) -> Result<Arc<MerchantEntry>, Failure> {
        let now = self.now();
        let attempts = &self.inner.attempts;
        // The hash is computed all the same: a lock is not to be told by the time it takes.
        let found = self.by_password(name, password).await;
        if attempts.is_locked(address, name, now) {
            metrics::counter!("probity_logins_total", "outcome" => "locked").increment(1);
            return Err(Failure::PasswordWrong);
        }
        match found {
            Ok(entry) => {
                attempts.succeeded(address, name);
                metrics::counter!("probity_logins_total", "outcome" => "ok").increment(1);
                Ok(entry)
            }
            Err(Failure::CredentialUnknown(_)) => {
                attempts.failed(address, name, now);
                metrics::counter!("probity_logins_total", "outcome" => "wrong").increment(1);
                Err(Failure::PasswordWrong)
            }
            Err(other) => Err(other),
        }
    }

    /// A token of face 2 for a merchant that logged in.
    pub async fn token_for(
        &self,
        entry: &MerchantEntry,
        hours: u32,
    ) -> Result<Secret<String>, Failure> {
        let issued = self.issue_token(entry.merchant.id, hours, Scope::Own).await;
        issued.map_err(|error| {
            tracing::error!(%error, "a token could not be made");
            Failure::Internal
        })
    }
}
