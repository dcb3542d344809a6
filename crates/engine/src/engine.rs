//! The engine: what all use cases share.

use std::collections::HashMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use domain::call::CallName;
use domain::entropy::{self, Entropy};
use domain::ids::{BizId, MerchantId};
use domain::keys::{KeyRing, RootKey};
use domain::rate::Rate;
use domain::secret::Secret;
use domain::time::{Clock, Timestamp};
use store::Store;
use tokio::sync::Semaphore;

use crate::applications::ApplicationMemory;
use crate::blacklist::Followed;
use crate::calls::Running;
use crate::clock::EngineClock;
use crate::coverage::Counting;
use crate::decryption::Decryption;
use crate::directory::Directory;
use crate::health::HealthCell;
use crate::logins::Attempts;
use crate::outbound::Outbound;
use crate::sessions::SessionMemory;
use crate::{Error, keys};

/// Password hashes that may be computed at once: each takes a core for tens of milliseconds.
const PASSWORD_HASHES_MAX: usize = 2;

/// What an engine is made of.
pub struct Settings {
    pub store: Store,
    pub clock: Arc<EngineClock>,
    pub entropy: Arc<dyn Entropy>,
    pub root: RootKey,
    /// Names this process among the nodes; new in every start.
    pub node: String,
    /// Whether the sandbox's people, faults and clock are there.
    pub sandbox: bool,
    pub outbound: Outbound,
}

/// Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: Arc<EngineClock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) root: RootKey,
    pub(crate) node: String,
    pub(crate) sandbox: bool,
    pub(crate) outbound: Outbound,
    pub(crate) keys: ArcSwap<KeyRing>,
    pub(crate) directory: ArcSwap<Directory>,
    pub(crate) rates: Mutex<HashMap<MerchantId, Rate>>,
    pub(crate) running: Mutex<HashMap<CallName, Running>>,
    pub(crate) live_nodes: AtomicI64,
    pub(crate) passwords: Semaphore,
    pub(crate) health: HealthCell,
    pub(crate) attempts: Attempts,
    pub(crate) sessions: SessionMemory,
    /// Tells an answer given twice from another one; as old as this process, never written.
    pub(crate) answers_key: hmac::Key,
    pub(crate) counting: Counting,
    pub(crate) blacklist: Followed,
    pub(crate) decryption: Decryption,
    pub(crate) applications: ApplicationMemory,
}

impl Engine {
    /// Opens the keys and reads the configuration. Fails when the root key is not the database's.
    pub async fn open(settings: Settings) -> Result<Self, Error> {
        let Settings { store, clock, entropy, root, node, sandbox, outbound } = settings;
        let mut ring = keys::open(&store, &root).await?;
        if ring.platform(None).is_none() || ring.audit().is_none() {
            ring = keys::ensure_rsa(&store, &root, entropy.as_ref(), clock.now()).await?;
        }
        let seed = Secret::new(entropy::bytes::<32>(entropy.as_ref()));
        let answers_key = hmac::Key::new(hmac::HMAC_SHA256, seed.expose());
        let inner = Inner {
            store,
            clock,
            entropy,
            root,
            node,
            sandbox,
            outbound,
            keys: ArcSwap::from_pointee(ring),
            directory: ArcSwap::from_pointee(Directory::empty()),
            rates: Mutex::default(),
            running: Mutex::default(),
            live_nodes: AtomicI64::new(1),
            passwords: Semaphore::new(PASSWORD_HASHES_MAX),
            health: HealthCell::default(),
            attempts: Attempts::default(),
            sessions: SessionMemory::default(),
            answers_key,
            counting: Counting::default(),
            blacklist: Followed::default(),
            decryption: Decryption::default(),
            applications: ApplicationMemory::default(),
        };
        let engine = Self { inner: Arc::new(inner) };
        engine.refresh().await?;
        Ok(engine)
    }

    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// A number for a call that begins now.
    pub fn new_biz(&self) -> BizId {
        BizId::new(self.now(), self.entropy())
    }

    /// Fresh random bytes as hexadecimal text.
    pub fn random_hex<const N: usize>(&self) -> String {
        hex::encode(entropy::bytes::<N>(self.entropy()))
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.inner.entropy.as_ref()
    }

    pub(crate) fn keys(&self) -> Arc<KeyRing> {
        self.inner.keys.load_full()
    }

    /// The configuration as this node last read it: at most half a second old.
    pub fn directory(&self) -> Arc<Directory> {
        self.inner.directory.load_full()
    }
}
