//! PostgreSQL: a few threads that settle groups on a lane each, and a pool for everything else.
//!
//! The synchronous client is used on purpose: a unit of work is then the same plain closure as on
//! SQLite, and can be run again after a collision.

mod connect;
mod find;
mod group;
mod pool;
mod writer;

use std::collections::HashMap;

use postgres::error::{DbError, Severity};
use postgres::types::{ToSql, Type};
use postgres::{Client, Statement, Transaction};

use crate::StoreError;
use crate::value::{Row, Value};

pub(crate) use connect::Connector;
pub(crate) use find::run_finder;
pub(crate) use pool::run_pool;
pub(crate) use writer::{Writer, run_writer};

/// A connection and the statements prepared on it.
pub(crate) struct PgConnection {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

/// A transaction on it.
pub(crate) struct PgTx<'c> {
    tx: Transaction<'c>,
    statements: &'c mut HashMap<&'static str, Statement>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Groups: rows are locked one by one, in order.
    ReadCommitted,
    /// Units: as if one after the other; collisions are retried.
    Serializable,
    /// Reads: one consistent view.
    ReadOnly,
}

impl PgConnection {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, statements: HashMap::new() }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(crate) fn begin(&mut self, isolation: Isolation) -> Result<PgTx<'_>, StoreError> {
        use postgres::IsolationLevel as Level;
        let builder = self.client.build_transaction();
        let builder = match isolation {
            Isolation::ReadCommitted => builder.isolation_level(Level::ReadCommitted),
            Isolation::Serializable => builder.isolation_level(Level::Serializable),
            Isolation::ReadOnly => builder.isolation_level(Level::RepeatableRead).read_only(true),
        };
        Ok(PgTx { tx: builder.start()?, statements: &mut self.statements })
    }

    /// Runs statements that are not prepared (migrations, `SHOW`).
    pub(crate) fn client(&mut self) -> &mut Client {
        &mut self.client
    }
}

impl PgTx<'_> {
    pub(crate) fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<u64, StoreError> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        Ok(self.tx.execute(&statement, &params)?)
    }

    pub(crate) fn query(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        self.tx.query(&statement, &params)?.iter().map(row).collect()
    }

    /// Rows of a statement whose parameters are arrays.
    fn rows(
        &mut self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<postgres::Row>, StoreError> {
        let statement = self.prepare(sql)?;
        Ok(self.tx.query(&statement, params)?)
    }

    fn prepare(&mut self, sql: &'static str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.tx.prepare(&sql.replace('?', "$"))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    pub(crate) fn commit(self) -> Result<(), postgres::Error> {
        self.tx.commit()
    }
}

/// Whether an error of COMMIT says that the transaction was rolled back. Anything else (a lost
/// connection, a server that shuts down) leaves open whether it was kept.
fn is_refusal(error: &postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    severity == Some(Severity::Error)
}

fn row(row: &postgres::Row) -> Result<Row, StoreError> {
    let values: Result<Vec<Value>, StoreError> = row
        .columns()
        .iter()
        .enumerate()
        .map(|(at, column)| match *column.type_() {
            Type::INT8 => Ok(row.try_get::<_, Option<i64>>(at)?.into()),
            // A literal in a SELECT list; no column of ours is one.
            Type::INT4 => Ok(row.try_get::<_, Option<i32>>(at)?.map(i64::from).into()),
            Type::TEXT => Ok(row.try_get::<_, Option<&str>>(at)?.into()),
            Type::BYTEA => Ok(row.try_get::<_, Option<&[u8]>>(at)?.into()),
            ref other => Err(StoreError::Corrupt(format!("a column of type {other}"))),
        })
        .collect();
    values.map(Row)
}
