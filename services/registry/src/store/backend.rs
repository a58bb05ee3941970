//! The seam between the two databases: how a transaction begins on either.

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType},
};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{postgres::Postgres, session::Session, sql::Sql, sqlite::Sqlite};
use crate::{Error, config::Database};

/// The connections to one catalogue.
#[derive(Debug)]
pub(super) enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Backend {
    /// Connects, and brings the tables up to date.
    pub(super) async fn open(database: &Database) -> Result<Self, Error> {
        Ok(match database {
            Database::File(path) => Self::Sqlite(Sqlite::in_file(path).await?),
            Database::Memory => Self::Sqlite(Sqlite::in_memory().await?),
            Database::Postgres(url) => Self::Postgres(Postgres::open(url).await?),
        })
    }

    /// A transaction that reads, all of one moment.
    pub(super) async fn read(&self) -> Result<Session, sqlx::Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read().await,
            Self::Postgres(postgres) => postgres.read().await,
        }
    }

    /// A transaction that writes; there is one at a time, in all processes together.
    pub(super) async fn write(&self) -> Result<Session, sqlx::Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.write().await,
            Self::Postgres(postgres) => postgres.write().await,
        }
    }

    /// Raises `version` when another process commits. SQLite has no other process.
    pub(super) fn follow(&self, version: &watch::Sender<i64>) -> Option<AbortOnDropHandle<()>> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(postgres) => Some(postgres.follow(version.clone())),
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.close().await,
        }
    }

    /// What tells this catalogue from every other one.
    pub(super) async fn identity(&self) -> Result<String, Error> {
        let mut session = self.write().await?;
        let stored = session.fetch_optional(Sql::new("SELECT identity FROM catalogue")).await?;
        if let Some((identity,)) = stored {
            return Ok(identity);
        }
        let identity = Uuid::now_v7().simple().to_string();
        session
            .execute(Sql::new("INSERT INTO catalogue (identity) VALUES (?)").with(&identity))
            .await?;
        session.commit(0).await?;
        Ok(identity)
    }
}

/// Steps as sqlx wants them.
pub(super) fn migrations(steps: &[(i64, &'static str, &'static str)]) -> Vec<Migration> {
    let step = |(version, description, sql): &(i64, &'static str, &'static str)| {
        let (description, sql) = ((*description).into(), (*sql).into_sql_str());
        Migration::new(*version, description, MigrationType::Simple, sql, false)
    };
    steps.iter().map(step).collect()
}
