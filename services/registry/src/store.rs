//! The catalogue on disk: entities, their history and the indexes into it, behind one seam.
//!
//! The history is the catalogue. Every change holds the entity as it stood after it, so that any
//! read can be made as of any version: a snapshot or an export of a million entities needs no
//! transaction that lasts as long as its slowest reader, only a version. (A long read transaction
//! lost: it keeps SQLite from ever shortening its log, and PostgreSQL from vacuuming.)
//!
//! Reading order: [`Store`] is the surface; `record` is what it returns; `read` and `write` hold
//! the queries and `append` the one that makes versions; `key` folds names; `sqlite` opens the file. There is no trait yet: PostgreSQL is
//! the second implementation and will show what differs.

mod append;
mod key;
mod read;
mod record;
mod sqlite;
mod write;

use std::sync::Arc;

use metrics::{counter, gauge};
use tokio::sync::watch;
use tracing::info;

pub use read::{Filter, Found, LookupKey, Page};
pub use record::{Change, ChangeKind, Origin, Record, State};
pub use write::{Creation, ImportOutcome};

use crate::{Error, config::Database, entity::Entity};
use sqlite::Sqlite;
use write::Written;

/// How many bytes of bodies one page holds, give or take its last entity. A message of 4 MiB has
/// room for that and for the largest entity besides.
pub const PAGE_BYTES_MAX: usize = 1 << 20;

/// How many bytes of bodies an answer that is not paged holds.
pub const ANSWER_BYTES_MAX: usize = 3 << 20;

/// The catalogue. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sqlite: Sqlite,
    identity: String,
    /// The newest committed version; whoever sees it here can read it.
    version: watch::Sender<i64>,
}

impl Store {
    /// Opens the catalogue, makes it when there is none and brings its tables up to date.
    ///
    /// Fails when another process has it open.
    pub async fn open(database: &Database) -> Result<Self, Error> {
        let sqlite = Sqlite::open(database).await?;
        let identity = sqlite.identity().await?;
        let mut connection = sqlite.readers.acquire().await?;
        let version = read::version(&mut connection).await?;
        let entity_count = read::entity_count(&mut connection).await?;
        drop(connection);
        gauge!("hawiya_registry_entities").set(entity_count as f64);
        gauge!("hawiya_registry_catalogue_version").set(version as f64);
        info!(version, entity_count, "catalogue opened");
        Ok(Self(Arc::new(Inner { sqlite, identity, version: watch::Sender::new(version) })))
    }

    /// Ends all connections and leaves one tidy file.
    pub async fn close(&self) {
        self.0.sqlite.close().await;
    }

    /// What tells this catalogue from every other one: a random id made with its tables.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.0.identity
    }

    /// The catalogue version: the number of committed changes.
    #[must_use]
    pub fn version(&self) -> i64 {
        *self.0.version.borrow()
    }

    /// Tells of new versions as they are committed; may skip some, never the newest.
    #[must_use]
    pub fn versions(&self) -> watch::Receiver<i64> {
        self.0.version.subscribe()
    }

    /// Creates an entity, or returns what the same call created before.
    pub async fn create(&self, creation: Creation) -> Result<Record, Error> {
        self.write(write::create(self.0.sqlite.writer.clone(), creation)).await
    }

    /// Creates what is new, replaces what differs and leaves what is equal, in one transaction.
    /// The outcomes are in the order of `entities`, whose ids all differ.
    pub async fn import(
        &self,
        entities: Vec<Entity>,
        origin: Origin,
    ) -> Result<Vec<ImportOutcome>, Error> {
        self.write(write::import(self.0.sqlite.writer.clone(), entities, origin)).await
    }

    /// What [`Store::import`] would do with each entity, in their order; writes nothing.
    pub async fn preview(&self, entities: &[Entity]) -> Result<Vec<ImportOutcome>, Error> {
        let mut connection = self.0.sqlite.readers.acquire().await?;
        write::preview(&mut connection, entities).await
    }

    /// What is stored under `ids` as of `version`, in their order.
    pub async fn get_many(
        &self,
        ids: &[String],
        version: i64,
    ) -> Result<Vec<Option<Record>>, Error> {
        let mut connection = self.0.sqlite.readers.acquire().await?;
        read::get_many(&mut connection, ids, version).await
    }

    /// A page of the entities that a filter admits as of `version`, by id from `after` on.
    pub async fn page(
        &self,
        filter: &Filter,
        after: &str,
        rows_max: usize,
        version: i64,
    ) -> Result<Page, Error> {
        let mut connection = self.0.sqlite.readers.acquire().await?;
        read::page(&mut connection, filter, after, rows_max, version).await
    }

    /// Who has the keys, in their order, and the version at which that is so.
    pub async fn lookup(&self, keys: &[LookupKey]) -> Result<(Vec<Found>, i64), Error> {
        let mut snapshot = self.0.sqlite.readers.begin().await?;
        read::lookup(&mut snapshot, keys).await
    }

    /// The changes after a version, in order; a page of them, empty when there are none.
    pub async fn changes_after(&self, version: i64, rows_max: usize) -> Result<Vec<Change>, Error> {
        let mut connection = self.0.sqlite.readers.acquire().await?;
        read::changes_after(&mut connection, version, rows_max).await
    }

    /// Finishes a write and tells everybody what was committed.
    ///
    /// In a task of its own: a caller that goes away must not come between a commit and its
    /// announcement, or watchers would sleep through it.
    async fn write<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<Written<T>, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = self.0.clone();
        let task = tokio::spawn(async move {
            let written = work.await?;
            inner.announce(&written);
            Ok(written.value)
        });
        task.await?
    }
}

impl Inner {
    fn announce<T>(&self, written: &Written<T>) {
        for kind in &written.kinds {
            counter!("hawiya_registry_changes_total", "kind" => kind.name()).increment(1);
        }
        let created = written.kinds.iter().filter(|kind| **kind == ChangeKind::Created).count();
        gauge!("hawiya_registry_entities").increment(created as f64);
        gauge!("hawiya_registry_catalogue_version").set(written.version as f64);
        // A later commit may have been announced before this one.
        self.version.send_if_modified(|newest| {
            let newer = written.version > *newest;
            *newest = written.version.max(*newest);
            newer
        });
    }
}

#[cfg(test)]
mod tests;
