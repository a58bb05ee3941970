//! A transaction of either database: what all queries are run on.
//!
//! Reads are transactions too, so that what one call reads is of one moment.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::{
    Arguments, AssertSqlSafe, FromRow, Postgres, Sqlite, Transaction,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

use super::sql::{Sql, Value};

/// The channel on which PostgreSQL tells the other registries of a commit.
pub(super) const COMMITS: &str = "hawiya_commits";

/// A transaction; dropped without [`Session::commit`] it did nothing.
#[derive(Debug)]
pub(super) enum Session {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// What a row of either database can be read as.
pub(super) trait Fetched:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Fetched for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl Session {
    /// Runs a statement and returns how many rows it changed.
    pub(super) async fn execute(&mut self, sql: Sql) -> Result<u64, sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => {
                let query = sqlx::query_with(AssertSqlSafe(sql.text), of_sqlite(sql.values)?);
                let done = query.persistent(sql.kept).execute(&mut **transaction).await?;
                Ok(done.rows_affected())
            }
            Self::Postgres(transaction) => {
                let text = sql.numbered();
                let query = sqlx::query_with(AssertSqlSafe(text), of_postgres(sql.values)?);
                let done = query.persistent(sql.kept).execute(&mut **transaction).await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// Rows as they come.
    pub(super) fn fetch<'s, T: Fetched + 's>(
        &'s mut self,
        sql: Sql,
    ) -> Result<BoxStream<'s, Result<T, sqlx::Error>>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(transaction) => {
                let arguments = of_sqlite(sql.values)?;
                let query = sqlx::query_as_with(AssertSqlSafe(sql.text), arguments);
                query.persistent(sql.kept).fetch(&mut **transaction).boxed()
            }
            Self::Postgres(transaction) => {
                let text = sql.numbered();
                let query = sqlx::query_as_with(AssertSqlSafe(text), of_postgres(sql.values)?);
                query.persistent(sql.kept).fetch(&mut **transaction).boxed()
            }
        })
    }

    pub(super) async fn fetch_all<T: Fetched>(&mut self, sql: Sql) -> Result<Vec<T>, sqlx::Error> {
        self.fetch(sql)?.try_collect().await
    }

    pub(super) async fn fetch_optional<T: Fetched>(
        &mut self,
        sql: Sql,
    ) -> Result<Option<T>, sqlx::Error> {
        Ok(self.fetch_all(sql).await?.pop())
    }

    /// The one number a statement asks for.
    pub(super) async fn number(&mut self, sql: Sql) -> Result<i64, sqlx::Error> {
        let row: Option<(i64,)> = self.fetch_optional(sql).await?;
        row.map(|(number,)| number).ok_or(sqlx::Error::RowNotFound)
    }

    /// Makes what was written durable; other processes learn of `version`.
    pub(super) async fn commit(mut self, version: i64) -> Result<(), sqlx::Error> {
        if let Self::Postgres(_) = &self {
            let notify = Sql::new("SELECT pg_notify(?, ?)").with(COMMITS);
            self.execute(notify.with(version.to_string().as_str())).await?;
        }
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }
}

fn of_sqlite(values: Vec<Value>) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Number(number) => arguments.add(number),
            Value::Text(text) => arguments.add::<Arc<str>>(text),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn of_postgres(values: Vec<Value>) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Number(number) => arguments.add(number),
            Value::Text(text) => arguments.add::<&str>(&text),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
