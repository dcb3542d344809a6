//! A database of its own for every test, of either kind.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;
use std::sync::Arc;

use postgres::{Client, NoTls};
use store::{DatabaseUrl, OpenOptions, Store, StoreError};
use tempfile::TempDir;

use super::samples::START;

/// Runs each test on both databases.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                crate::contract::database::on_sqlite(super::$name);
            }
            #[test]
            fn postgres() {
                crate::contract::database::on_postgres(super::$name);
            }
        }
    )*};
}
pub(crate) use on_both;

/// An empty database, gone with the last handle to it.
pub(crate) struct Database {
    pub(crate) url: DatabaseUrl,
    directory: TempDir,
    /// What takes the database away again: the superuser's URL and the name.
    server: Option<(String, String)>,
}

impl Database {
    fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let url = DatabaseUrl::Sqlite(directory.path().join("probity.db"));
        Self { url, directory, server: None }
    }

    fn postgres(admin: String) -> Self {
        let name = format!("t_{:016x}", RandomState::new().build_hasher().finish());
        let mut client = Client::connect(&admin, NoTls).expect("the server can be reached");
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .expect("the role may create databases");
        let (server, _) = admin.rsplit_once('/').expect("the URL names a database");
        let url = DatabaseUrl::Postgres { url: format!("{server}/{name}"), ca_file: None };
        Self {
            url,
            directory: tempfile::tempdir().expect("a temporary directory can be made"),
            server: Some((admin, name)),
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.is_sqlite()
    }

    /// A path beside the database.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Opens it as the node `node` would.
    pub(crate) fn try_open(&self, node: &str) -> Result<Store, StoreError> {
        let options = OpenOptions {
            database: self.url.clone(),
            node: node.to_owned(),
            writers: 2,
            pool: 2,
            now: START,
        };
        blocking(|| Store::open(options))
    }

    pub(crate) fn open(&self, node: &str) -> Store {
        self.try_open(node).expect("the database opens")
    }

    /// Runs SQL past the store.
    pub(crate) fn run_sql(&self, sql: &str) {
        blocking(|| match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                connection.execute_batch(sql).expect("the SQL runs");
            }
            DatabaseUrl::Postgres { .. } => self.client().batch_execute(sql).expect("it runs"),
        });
    }

    /// A PostgreSQL connection past the store; only for databases there.
    pub(crate) fn client(&self) -> Client {
        let DatabaseUrl::Postgres { url, .. } = &self.url else { panic!("SQLite has no server") };
        Client::connect(url, NoTls).expect("the server can be reached")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((admin, name)) = &self.server {
            let client = Client::connect(admin, NoTls);
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            if let Err(error) = client.and_then(|mut client| client.batch_execute(&sql)) {
                eprintln!("{name} stays behind: {error}");
            }
        }
    }
}

/// Runs what blocks on a connection of its own, from a test's task.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

pub(crate) fn on_sqlite<T: Future<Output = ()>>(test: impl FnOnce(Arc<Database>) -> T) {
    run(Database::sqlite(), test);
}

pub(crate) fn on_postgres<T: Future<Output = ()>>(test: impl FnOnce(Arc<Database>) -> T) {
    match variable("PROBITY_TEST_POSTGRES") {
        Some(admin) => run(Database::postgres(admin), test),
        None if variable("CI").is_some() => panic!("PROBITY_TEST_POSTGRES must be set in CI"),
        None => eprintln!("skipped: PROBITY_TEST_POSTGRES is not set"),
    }
}

fn run<T: Future<Output = ()>>(database: Database, test: impl FnOnce(Arc<Database>) -> T) {
    let database = Arc::new(database);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    runtime.block_on(test(Arc::clone(&database)));
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test run is told by its environment which server to use"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
