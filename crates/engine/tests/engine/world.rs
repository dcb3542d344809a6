//! An engine of its own for a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use domain::entropy::Entropy;
use domain::keys::RootKey;
use domain::merchant::Merchant;
use domain::time::{Clock, Span, Timestamp};
use engine::{Engine, EngineClock, NewMerchant, Outbound, OutboundSettings, Settings};
use store::{DatabaseUrl, OpenOptions, Store};
use tempfile::TempDir;

/// 2026-11-21T00:00:00Z
const START: Timestamp = Timestamp(1_795_219_200_000_000);

/// A clock that stands still until it is moved.
pub(crate) struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// The same bytes in every run, never the same twice in one (SplitMix64).
struct Sequence(AtomicU64);

impl Entropy for Sequence {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct World {
    pub(crate) engine: Engine,
    clock: Arc<HandClock>,
    is_sandbox: bool,
    _directory: TempDir,
}

impl World {
    pub(crate) async fn open() -> Self {
        Self::with(false).await
    }

    /// With the sandbox's institutions.
    pub(crate) async fn sandbox() -> Self {
        Self::with(true).await
    }

    async fn with(sandbox: bool) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let options = OpenOptions {
            database: DatabaseUrl::Sqlite(directory.path().join("probity.db")),
            node: "test".to_owned(),
            writers: 1,
            pool: 1,
            now: START,
        };
        let store = Store::open(options).expect("a new database opens");
        let entropy: Arc<dyn Entropy> = Arc::new(Sequence(AtomicU64::new(1)));
        let root = RootKey::generate(entropy.as_ref());
        engine::init_keys(&store, &root, entropy.as_ref(), START).await.expect("keys are made");
        let clock = Arc::new(HandClock(AtomicI64::new(START.0)));
        let allow = vec!["127.0.0.0/8".parse().expect("a network")];
        let outbound = OutboundSettings { allow, ..OutboundSettings::default() };
        let settings = Settings {
            store,
            clock: Arc::new(EngineClock::new(clock.clone())),
            entropy,
            root,
            node: "test".to_owned(),
            sandbox,
            outbound: Outbound::new(outbound).expect("no authorities"),
        };
        let engine = Engine::open(settings).await.expect("the engine opens");
        Self { engine, clock, is_sandbox: sandbox, _directory: directory }
    }

    pub(crate) fn wait(&self, span: Span) {
        self.clock.0.fetch_add(span.0, Ordering::Relaxed);
    }

    pub(crate) async fn merchant(&self, rate_per_second: Option<u32>) -> Merchant {
        let new = NewMerchant {
            name: "acme".to_owned(),
            rate_per_second,
            sandbox: false,
            declares_consent: self.is_sandbox,
            takes_blocks: self.is_sandbox,
        };
        self.engine.create_merchant(new).await.expect("a new merchant")
    }
}
