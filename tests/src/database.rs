//! The databases that a test runs on: SQLite always, PostgreSQL when a server is there.

use std::env;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use postgres::NoTls;

/// Which database a server keeps its state in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    /// Those to run on. Without `PROBITY_TEST_POSTGRES` only SQLite, except in the continuous
    /// integration (`CI` is set), where a silent gap would go unnoticed.
    ///
    /// # Panics
    /// When `CI` is set and PostgreSQL is missing.
    pub fn both() -> Vec<Self> {
        choose(env::var_os(SERVER_VARIABLE).is_some(), env::var_os("CI").is_some())
    }
}

const SERVER_VARIABLE: &str = "PROBITY_TEST_POSTGRES";

fn choose(postgres: bool, ci: bool) -> Vec<Database> {
    assert!(postgres || !ci, "CI without {SERVER_VARIABLE}: run ./test");
    if postgres {
        vec![Database::Sqlite, Database::Postgres]
    } else {
        eprintln!("{SERVER_VARIABLE} is not set: SQLite only");
        vec![Database::Sqlite]
    }
}

/// A database of one test's own on a PostgreSQL server; dropped at the end.
#[derive(Debug)]
pub struct PostgresDatabase {
    server: String,
    name: String,
}

impl PostgresDatabase {
    /// Creates a database on the server that `./test` started.
    ///
    /// # Panics
    /// When `PROBITY_TEST_POSTGRES` is not set or no database can be created there.
    pub fn create() -> Self {
        let server = env::var(SERVER_VARIABLE).expect("PROBITY_TEST_POSTGRES is set: run ./test");
        Self::create_on(&server)
    }

    /// Creates a database on the server of that superuser's URL.
    pub fn create_on(server: &str) -> Self {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
        let count = CREATED.fetch_add(1, Ordering::Relaxed);
        let name = format!("t_{since:x}_{}_{count}", std::process::id());
        let database = Self { server: server.to_owned(), name };
        database.administer(&format!("CREATE DATABASE {}", database.name)).expect("a new database");
        database
    }

    /// The URL for `--database`.
    pub fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("the URL names a database");
        format!("{server}/{}", self.name)
    }

    /// A connection of the test's own, to look at what is stored.
    pub fn connect(&self) -> postgres::Client {
        postgres::Client::connect(&self.url(), NoTls).expect("the database is there")
    }

    fn administer(&self, statement: &str) -> Result<(), postgres::Error> {
        postgres::Client::connect(&self.server, NoTls)?.batch_execute(statement)
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        // The server may be gone already, and the database with it.
        let _ = self.administer(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_when_it_is_there() {
        assert_eq!(choose(true, true), [Database::Sqlite, Database::Postgres]);
        assert_eq!(choose(false, false), [Database::Sqlite]);
    }

    #[test]
    #[should_panic(expected = "CI without")]
    fn no_silent_gap() {
        choose(false, true);
    }

    #[test]
    fn each_database_is_its_own_and_goes() {
        if !Database::both().contains(&Database::Postgres) {
            return;
        }
        let (first, second) = (PostgresDatabase::create(), PostgresDatabase::create());
        first.connect().batch_execute("CREATE TABLE a (b BIGINT)").unwrap();
        assert!(second.connect().query("SELECT b FROM a", &[]).is_err());
        let url = first.url();
        drop(first);
        assert!(postgres::Client::connect(&url, NoTls).is_err());
    }
}
