//! Wrong passwords, by merchant and account: counted before the bureau is asked.

use domain::failure::Failure;
use domain::ids::MerchantId;
use domain::secret::Private;
use domain::session::credit::LoginLock;
use store::login_locks::{self, LockKey};

use crate::Engine;

/// The name space of the hash of an account's name.
const LOGIN_SPACE: &str = "credit-login";

impl Engine {
    pub(crate) fn lock_key(&self, merchant: MerchantId, login_name: &str) -> LockKey {
        let login = self.keys().index(LOGIN_SPACE, &Private::new(login_name.to_owned()));
        LockKey { merchant, login }
    }

    /// Counts an attempt; false when the account is locked, and nothing may be sent.
    pub(crate) async fn try_login(&self, key: LockKey) -> Result<bool, Failure> {
        let now = self.now();
        let tried = self.store().unit("try_login", move |tx| {
            let Some(lock) = login_locks::get(tx, &key)?.tried(now) else { return Ok(false) };
            login_locks::put(tx, &key, lock)?;
            Ok(true)
        });
        tried.await.map_err(|error| self.store_failed(&error))
    }

    /// Whether the account is locked now.
    pub(crate) async fn is_locked(&self, key: LockKey) -> Result<bool, Failure> {
        let now = self.now();
        let lock = self.store().read("login_lock", move |tx| login_locks::get(tx, &key)).await;
        lock.map(|lock| lock.tried(now).is_none()).map_err(|error| self.store_failed(&error))
    }

    /// The password was right: the count begins anew. Or nothing was said of it: the attempt is
    /// taken back.
    pub(crate) async fn settle_login(&self, key: LockKey, was_right: bool) -> Result<(), Failure> {
        let settled = self.store().unit("settle_login", move |tx| {
            let lock =
                if was_right { LoginLock::NONE } else { login_locks::get(tx, &key)?.untried() };
            login_locks::put(tx, &key, lock)
        });
        settled.await.map_err(|error| self.store_failed(&error))
    }
}
