//! The PostgreSQL server: connections, tables, and word of what other registries commit.
//!
//! Several registries may share one database. A write takes a lock of the database first, so that
//! versions are given out one transaction after the other and a version that can be read has no
//! gap below it; the commit notifies the others.

use std::time::Duration;

use sqlx::{
    ConnectOptions, Connection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use super::{
    raise, read,
    session::{COMMITS, Session},
    sql::Sql,
};
use crate::{Error, config::PostgresUrl};

/// Connections that read at the same time.
const READERS_MAX: u32 = 8;

/// How long a call waits for a connection before it is UNAVAILABLE.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the feed of commits waits before it asks again for a server that is away.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// The lock of writers: "hawiya" and a number.
const WRITER_LOCK: i64 = 0x6861_7769_7961_0001;

/// The steps to the tables of this version, in the order in which they were released.
const STEPS: [(i64, &str, &str); 1] =
    [(1, "catalogue", include_str!("../../migrations/postgres/0001_catalogue.sql"))];

/// The connections to one catalogue.
#[derive(Debug)]
pub(super) struct Postgres {
    writer: PgPool,
    readers: PgPool,
}

impl Postgres {
    pub(super) async fn open(url: &PostgresUrl) -> Result<Self, Error> {
        // Every query here is a walk along an index. Before the first ANALYZE the planner would
        // rather read whole tables into a hash.
        let plans = [("enable_hashjoin", "off"), ("enable_mergejoin", "off")];
        let options: PgConnectOptions = url.options().options(plans);
        // What is answered is durable, however the server is set up.
        let options = options.options([("synchronous_commit", "on")]);
        // The pool would try for as long as a call waits, and not say why it failed.
        options.connect().await.map_err(Error::Connect)?.close().await?;
        let writer = pool(1).connect_with(options.clone()).await?;
        Migrator::with_migrations(super::migrations(&STEPS)).run(&writer).await?;
        Ok(Self { writer, readers: pool(READERS_MAX).connect_lazy_with(options) })
    }

    pub(super) async fn read(&self) -> Result<Session, sqlx::Error> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(Session::Postgres(self.readers.begin_with(begin).await?))
    }

    pub(super) async fn write(&self) -> Result<Session, sqlx::Error> {
        let mut session = Session::Postgres(self.writer.begin().await?);
        session.execute(Sql::new("SELECT pg_advisory_xact_lock(?)").with(WRITER_LOCK)).await?;
        Ok(session)
    }

    /// Raises `version` whenever another registry commits.
    pub(super) fn follow(&self, version: watch::Sender<i64>) -> AbortOnDropHandle<()> {
        let readers = self.readers.clone();
        AbortOnDropHandle::new(tokio::spawn(async move {
            while !readers.is_closed() {
                if let Err(error) = listen(&readers, &version).await {
                    warn!(%error, "cannot follow the commits of other registries");
                    tokio::time::sleep(LISTEN_AGAIN).await;
                }
            }
        }))
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Listens until the connection or the pool ends. Commits that nobody heard while there was no
/// connection are made up for by reading the version.
async fn listen(readers: &PgPool, version: &watch::Sender<i64>) -> Result<(), Error> {
    let mut listener = PgListener::connect_with(readers).await?;
    listener.listen(COMMITS).await?;
    let mut session = Session::Postgres(readers.begin().await?);
    raise(version, read::version(&mut session).await?);
    drop(session);
    while let Some(told) = listener.try_recv().await? {
        told.payload().parse().into_iter().for_each(|newest| raise(version, newest));
    }
    Ok(())
}

fn pool(connections_max: u32) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(connections_max).acquire_timeout(ACQUIRE_TIMEOUT)
}
