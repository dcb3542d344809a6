//! Bringing a database to this version's schema, and refusing one that is newer.

use domain::time::Timestamp;

use crate::StoreError;
use crate::driver::postgres::PgConnection;
use crate::fail_points::fail_point;

/// One step of the schema; the same number stands for the same schema on both databases.
struct Migration {
    version: i64,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($version:literal $file:literal),* $(,)?) => {
        &[$(Migration {
            version: $version,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../migrations/postgres/", $file)),
        }),*]
    };
}

const MIGRATIONS: &[Migration] = migrations![
    1 "0001_first.sql",
    2 "0002_loads.sql",
    3 "0003_erasure.sql", 4 "0004_native.sql",
    5 "0005_blacklist.sql",
    6 "0006_providers.sql",
    7 "0007_sessions.sql",
    8 "0008_holds.sql",
    9 "0009_callbacks.sql",
    10 "0010_rong360.sql",
    11 "0011_login_locks.sql",
    12 "0012_operators.sql",
    13 "0013_applications.sql",
    14 "0014_application_contents.sql",
    15 "0015_overrides.sql",
    16 "0016_failed_decryptions.sql",
];

/// The schema that this version reads and writes.
pub fn latest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)";
const SQLITE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT";

/// Two nodes that start at once take turns: any number, the same in every version.
const MIGRATION_LOCK: i64 = 0x0070_726f_6269_7479;

pub(crate) fn apply_sqlite(
    connection: &rusqlite::Connection,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let applied = (|| {
        connection.execute_batch(SQLITE_TABLE)?;
        let sql = "SELECT COALESCE(MAX(version), 0) FROM schema_migrations";
        let found: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        for migration in pending(found)? {
            connection.execute_batch(migration.sqlite)?;
            let sql = "INSERT INTO schema_migrations (version, applied_at) VALUES (?1, ?2)";
            connection.execute(sql, [migration.version, now.0])?;
            fail_point!("migration.applied");
        }
        Ok(())
    })();
    let end = if applied.is_ok() { "COMMIT" } else { "ROLLBACK" };
    connection.execute_batch(end)?;
    applied
}

pub(crate) fn apply_postgres(
    connection: &mut PgConnection,
    now: Timestamp,
) -> Result<(), StoreError> {
    let client = connection.client();
    let mut tx = client.transaction()?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK])?;
    tx.batch_execute(TABLE)?;
    let sql = "SELECT COALESCE(MAX(version), 0) FROM schema_migrations";
    let found: i64 = tx.query_one(sql, &[])?.get(0);
    for migration in pending(found)? {
        tx.batch_execute(migration.postgres)?;
        let sql = "INSERT INTO schema_migrations (version, applied_at) VALUES ($1, $2)";
        tx.execute(sql, &[&migration.version, &now.0])?;
        fail_point!("migration.applied");
    }
    Ok(tx.commit()?)
}

fn pending(found: i64) -> Result<impl Iterator<Item = &'static Migration>, StoreError> {
    if found > latest() {
        return Err(StoreError::Unusable(format!(
            "the database has schema {found}, this version knows up to {}; start the newer \
             version of probity, or restore a backup made before the upgrade",
            latest()
        )));
    }
    Ok(MIGRATIONS.iter().filter(move |migration| migration.version > found))
}
