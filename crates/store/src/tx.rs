//! A transaction of either database, behind one face.
//!
//! SQL is written once, with `?1` for the parameters; the PostgreSQL side writes `$1` when it
//! prepares a statement. Texts are `&'static str`, so no value can ever become SQL.

use crate::driver::postgres::PgTx;
use crate::{Row, StoreError, Value};

pub struct Tx<'c>(pub(crate) Inner<'c>);

pub(crate) enum Inner<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(PgTx<'c>),
}

impl Tx<'_> {
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.0, Inner::Sqlite(_))
    }

    /// Runs a statement that returns nothing; gives the number of rows it touched.
    pub fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, StoreError> {
        match &mut self.0 {
            Inner::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                Ok(statement.execute(rusqlite::params_from_iter(values))? as u64)
            }
            Inner::Postgres(tx) => tx.execute(sql, values),
        }
    }

    pub fn query(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        match &mut self.0 {
            Inner::Sqlite(connection) => crate::driver::sqlite::query(connection, sql, values),
            Inner::Postgres(tx) => tx.query(sql, values),
        }
    }

    /// At most one row.
    pub fn first(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, values)?.into_iter().next())
    }
}
