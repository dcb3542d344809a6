//! The composition root: the only place that opens a database and puts the parts together.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use domain::keys::RootKey;
use domain::time::Clock;
use engine::{Engine, EngineClock, Outbound, Settings};
use store::{DatabaseUrl, OpenOptions, Store};

use crate::config::Config;
use crate::seams::{SystemClock, SystemEntropy, environment};

/// The variable that may hold the root key instead of a file.
const ROOT_KEY_VARIABLE: &str = "PROBITY_ROOT_KEY";

/// Where the data and the key are. The same for the server and for every command.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Location {
    /// The directory of the SQLite database and its root key
    #[arg(long, value_name = "DIR", global = true, env = "PROBITY_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// A PostgreSQL URL instead (postgres://user@host/name)
    #[arg(
        long,
        value_name = "URL",
        global = true,
        env = "PROBITY_DATABASE",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// The file with the root key [default: DIR/root.key, or the variable PROBITY_ROOT_KEY]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) key: Option<PathBuf>,
    /// The configuration file (config/example.toml shows every key)
    #[arg(long, value_name = "FILE", global = true, env = "PROBITY_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

/// What is done about a root key that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MissingKey {
    /// `serve` on SQLite: a first start makes one and says so.
    Create,
    /// Everything else: an error that says what to do.
    Refuse,
}

impl Location {
    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from("probity-data"))
    }

    pub(crate) fn sqlite_file(&self) -> PathBuf {
        self.data().join("probity.db")
    }

    pub(crate) fn database(&self, config: &Config) -> DatabaseUrl {
        match self.database.clone().or_else(|| config.database.url.clone()) {
            Some(url) => DatabaseUrl::Postgres { url, ca_file: config.database.ca_file.clone() },
            None => DatabaseUrl::Sqlite(self.sqlite_file()),
        }
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.key.clone().unwrap_or_else(|| self.data().join("root.key"))
    }

    /// Reads the root key from its file or the environment.
    pub(crate) fn root_key(&self, missing: MissingKey) -> anyhow::Result<RootKey> {
        if self.key.is_none()
            && let Some(text) = environment(ROOT_KEY_VARIABLE)
        {
            return RootKey::parse(&text).context(ROOT_KEY_VARIABLE);
        }
        let path = self.key_file();
        match fs::read_to_string(&path) {
            Ok(text) => {
                warn_of_rights(&path);
                RootKey::parse(&text).with_context(|| format!("{}", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if missing == MissingKey::Refuse {
                    bail!(
                        "there is no root key at {}; give it with --key FILE or \
                         {ROOT_KEY_VARIABLE}, or make one for a new database with \
                         `probity key init`",
                        path.display()
                    );
                }
                create_key(&path)
            }
            Err(error) => Err(error).context(format!("the root key {}", path.display())),
        }
    }
}

/// Makes a root key file that only its owner can read.
pub(crate) fn create_key(path: &Path) -> anyhow::Result<RootKey> {
    let key = RootKey::generate(&SystemEntropy);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("the root key {} cannot be written", path.display()))?;
    file.write_all(key.to_text().expose().as_bytes())?;
    file.sync_all()?;
    tracing::warn!(
        path = %path.display(),
        "a new root key was made; back it up apart from the data: without it nothing sealed opens"
    );
    Ok(key)
}

fn warn_of_rights(path: &Path) {
    let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others can read the root key; set its mode to 600");
    }
}

/// The parts that a command works with.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
}

impl App {
    /// Opens the database without looking at keys.
    pub(crate) fn open_store(location: &Location, config: &Config) -> anyhow::Result<Store> {
        let database = location.database(config);
        if database.is_sqlite() {
            let data = location.data();
            fs::create_dir_all(&data)
                .with_context(|| format!("the data directory {}", data.display()))?;
        }
        let options = OpenOptions {
            database,
            node: node_name(),
            writers: config.database.writers,
            pool: config.database.pool,
            now: SystemClock.now(),
        };
        Ok(Store::open(options)?)
    }

    /// Opens database and engine. On SQLite a database without keys gets them; on PostgreSQL
    /// `probity key init` makes them.
    pub(crate) async fn open(
        location: &Location,
        config: &Config,
        missing: MissingKey,
        sandbox: bool,
    ) -> anyhow::Result<Self> {
        let is_sqlite = location.database(config).is_sqlite();
        // PostgreSQL's driver blocks on a runtime of its own, which may not stand inside this one.
        let (at, with) = (location.clone(), config.clone());
        let store = tokio::task::spawn_blocking(move || Self::open_store(&at, &with)).await??;
        // A database that has keys needs the key they are sealed under; a new one would be wrong.
        let is_new = is_sqlite && !engine::has_keys(&store).await?;
        let missing = if is_new { missing } else { MissingKey::Refuse };
        let root = location.root_key(missing)?;
        Self::compose(store, root, config, missing == MissingKey::Create, sandbox).await
    }

    /// Puts an engine on an open database.
    pub(crate) async fn compose(
        store: Store,
        root: RootKey,
        config: &Config,
        make_keys: bool,
        sandbox: bool,
    ) -> anyhow::Result<Self> {
        if make_keys {
            engine::init_keys(&store, &root, &SystemEntropy, SystemClock.now()).await?;
        }
        let settings = Settings {
            store: store.clone(),
            clock: Arc::new(EngineClock::new(Arc::new(SystemClock))),
            entropy: Arc::new(SystemEntropy),
            root,
            node: node_name(),
            sandbox,
            outbound: Outbound::new(config.outbound.settings()?)?,
        };
        let engine = Engine::open(settings).await?;
        Ok(Self { engine, store })
    }

    /// Ends the database threads once all is written.
    pub(crate) fn close(self) {
        let Self { engine, store } = self;
        drop(engine);
        store.close();
    }
}

/// Names this process among the nodes.
fn node_name() -> String {
    let number = u64::from_be_bytes(domain::entropy::bytes(&SystemEntropy));
    format!("node-{number:016x}")
}
