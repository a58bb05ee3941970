//! The seam between the two databases: how a transaction begins on either.

use std::collections::BTreeSet;

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType},
};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{
    append, key,
    postgres::Postgres,
    read::{self, Filter},
    record::Record,
    session::Session,
    sql::Sql,
    sqlite::Sqlite,
};
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

    /// Makes the keys again when they were made in another way.
    pub(super) async fn renew_keys(&self) -> Result<(), Error> {
        let mut session = self.write().await?;
        let made = session.fetch_optional(Sql::new("SELECT keys_version FROM catalogue")).await?;
        if made == Some((key::VERSION.to_owned(),)) {
            return Ok(());
        }
        session.execute(Sql::new("DELETE FROM keys")).await?;
        let (version, mut after, mut more) =
            (read::version(&mut session).await?, String::new(), true);
        while more {
            let page =
                read::page(&mut session, &Filter::active(), &after, PAGE_ROWS, version).await?;
            let keys_of = |record: &Record| {
                let number = record.number;
                key::of_entity(&record.entity).map(|key| (key, number)).collect::<BTreeSet<_>>()
            };
            let keys: BTreeSet<_> = page.records.iter().flat_map(keys_of).collect();
            append::insert_keys(&mut session, &Vec::from_iter(keys)).await?;
            more = page.more;
            after = page.records.last().map_or(after, |record| record.entity.id.clone());
        }
        session
            .execute(Sql::new("UPDATE catalogue SET keys_version = ?").with(key::VERSION))
            .await?;
        Ok(session.commit(version).await?)
    }
}

/// Entities whose keys are made at a time.
const PAGE_ROWS: usize = 1_000;

/// Steps as sqlx wants them.
pub(super) fn migrations(steps: &[(i64, &'static str, &'static str)]) -> Vec<Migration> {
    let step = |(version, description, sql): &(i64, &'static str, &'static str)| {
        let (description, sql) = ((*description).into(), (*sql).into_sql_str());
        Migration::new(*version, description, MigrationType::Simple, sql, false)
    };
    steps.iter().map(step).collect()
}
