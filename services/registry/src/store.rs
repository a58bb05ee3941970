//! The catalogue on disk: entities, their history and the indexes into it, behind one seam.
//!
//! The history is the catalogue. Every change holds the entity as it stood after it, so that any
//! read can be made as of any version: a snapshot or an export of a million entities needs no
//! transaction that lasts as long as its slowest reader, only a version. (A long read transaction
//! lost: it keeps SQLite from ever shortening its log, and PostgreSQL from vacuuming.)
//!
//! Reading order: [`Store`] is the surface; `record` is what it returns; `read`, `history` and
//! `resolve` hold the queries that read; `create`, `update`, `merge`, `split`, `revert` are what a
//! person does and `import` what a dataset does, which `held` keeps apart; `decisions` are about
//! mentions and no part of the history; `append` is the one place that makes versions, `index` how
//! names are found. `backend` is the seam between `sqlite` and `postgres`, `session` a transaction
//! and `sql` a statement of either.

mod append;
mod backend;
mod create;
mod decision;
mod decisions;
mod held;
mod history;
mod import;
mod index;
mod key;
mod merge;
mod postgres;
mod read;
mod record;
mod requests;
mod resolve;
mod revert;
mod session;
mod split;
mod sql;
mod sqlite;
mod update;
mod write;

use std::{sync::Arc, time::SystemTime};

use metrics::{counter, gauge};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use tracing::info;

pub use create::Creation;
pub use decision::{Answer, Decision, DecisionFilter, form_of};
pub use held::Held;
pub use history::HistoryPage;
pub use import::{ImportOutcome, Removal};
pub use merge::Merge;
pub use read::{Filter, Found, LookupKey, Page};
pub use record::{Change, ChangeKind, Origin, Record, State};
pub use resolve::Resolved;
pub use revert::Reversion;
pub use split::Split;
pub use update::{Deletion, Update};
pub use write::Made;

use crate::{Error, config::Database, entity::Entity};
use backend::{Backend, migrations};
use session::Session;
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
    backend: Backend,
    identity: String,
    /// The newest committed version; whoever sees it here can read it.
    version: watch::Sender<i64>,
    /// Follows what other processes commit.
    _follower: Option<AbortOnDropHandle<()>>,
}

impl Store {
    /// Opens the catalogue, makes it when there is none and brings its tables up to date.
    ///
    /// Fails when another process has the file of it open; a PostgreSQL database may be shared.
    pub async fn open(database: &Database) -> Result<Self, Error> {
        let backend = Backend::open(database).await?;
        let identity = backend.identity().await?;
        index::renew(backend.write().await?).await?;
        while decisions::renew_forms(backend.write().await?).await? {}
        let mut session = backend.read().await?;
        let version = read::version(&mut session).await?;
        let entity_count = read::entity_count(&mut session).await?;
        drop(session);
        gauge!("hawiya_registry_entities").set(entity_count as f64);
        gauge!("hawiya_registry_catalogue_version").set(version as f64);
        info!(version, entity_count, "catalogue opened");
        let version = watch::Sender::new(version);
        let _follower = backend.follow(&version);
        Ok(Self(Arc::new(Inner { backend, identity, version, _follower })))
    }

    /// Ends all connections; a file is left as one tidy file.
    pub async fn close(&self) {
        self.0.backend.close().await;
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

    /// Whether a version was committed. The database is asked about one that is newer than any this
    /// process knows: word of what another registry committed may be late, or lost on its way.
    pub async fn has_version(&self, version: i64) -> Result<bool, Error> {
        if version > self.version() {
            raise(&self.0.version, read::version(&mut self.read().await?).await?);
        }
        Ok(version <= self.version())
    }

    /// Tells of new versions as they are committed; may skip some, never the newest.
    #[must_use]
    pub fn versions(&self) -> watch::Receiver<i64> {
        self.0.version.subscribe()
    }

    /// Creates an entity, or returns what the same call created before.
    pub async fn create(&self, creation: Creation) -> Result<Record, Error> {
        self.write(|session| creation.run(session)).await
    }

    /// Changes fields of an entity.
    pub async fn update(&self, update: Update) -> Result<Record, Error> {
        self.write(|session| update.run(session)).await
    }

    /// Marks an entity as deleted.
    pub async fn delete(&self, deletion: Deletion) -> Result<Record, Error> {
        self.write(|session| deletion.run(session)).await
    }

    /// Merges entities into one, whose record comes first.
    pub async fn merge(&self, merge: Merge) -> Result<Made, Error> {
        self.write(|session| merge.run(session)).await
    }

    /// Splits an entity, whose record comes before those of its successors.
    pub async fn split(&self, split: Split) -> Result<Made, Error> {
        self.write(|session| split.run(session)).await
    }

    /// Takes a change back.
    pub async fn revert(&self, reversion: Reversion) -> Result<Made, Error> {
        self.write(|session| reversion.run(session)).await
    }

    /// Creates what is new, replaces what differs and leaves what is equal, in one transaction.
    /// The outcomes are in the order of `entities`, whose ids all differ.
    pub async fn import(
        &self,
        entities: Vec<Entity>,
        origin: Origin,
    ) -> Result<Vec<ImportOutcome>, Error> {
        self.write(|session| import::import(session, entities, origin)).await
    }

    /// What [`Store::import`] would do with each entity, in their order; writes nothing.
    pub async fn preview(&self, entities: &[Entity]) -> Result<Vec<ImportOutcome>, Error> {
        import::preview(&mut self.read().await?, entities).await
    }

    /// Deletes the next active entities of a dataset that `named` does not know, after an id.
    pub async fn remove(
        &self,
        dataset: String,
        after: String,
        named: Arc<dyn Fn(&str) -> bool + Send + Sync>,
        origin: Origin,
    ) -> Result<Removal, Error> {
        self.write(async move |session| {
            import::remove(session, &dataset, &after, &*named, origin).await
        })
        .await
    }

    /// What [`Store::remove`] would do; deletes nothing.
    pub async fn preview_removal(
        &self,
        dataset: &str,
        after: &str,
        named: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    ) -> Result<Removal, Error> {
        let mut session = self.read().await?;
        let (removal, _gone) = import::missing(&mut session, dataset, after, &*named).await?;
        Ok(removal)
    }

    /// What is stored under `ids`, which all differ, as of `version`, in their order.
    pub async fn get_many(
        &self,
        ids: &[String],
        version: i64,
    ) -> Result<Vec<Option<Record>>, Error> {
        read::get_many(&mut self.read().await?, ids, version).await
    }

    /// The entities a filter admits after an id, as of `version`.
    pub async fn page(
        &self,
        filter: &Filter,
        after: &str,
        rows_max: usize,
        version: i64,
    ) -> Result<Page, Error> {
        read::page(&mut self.read().await?, filter, after, rows_max, version).await
    }

    /// Who has the keys, in their order, and the version at which that is so.
    pub async fn lookup(&self, keys: &[LookupKey]) -> Result<(Vec<Found>, i64), Error> {
        read::lookup(&mut self.read().await?, keys).await
    }

    /// The changes after a version, in order; a page of them, empty when there are none.
    pub async fn changes_after(&self, version: i64, rows_max: usize) -> Result<Vec<Change>, Error> {
        read::changes_after(&mut self.read().await?, version, rows_max).await
    }

    /// The changes below a version, newest first, of one entity or, without an id, of all.
    pub async fn history(
        &self,
        id: &str,
        below: i64,
        rows_max: usize,
    ) -> Result<HistoryPage, Error> {
        history::page(&mut self.read().await?, id, below, rows_max).await
    }

    /// What ids mean as of a time, or now, in their order, and the version at which they do.
    pub async fn resolve(
        &self,
        ids: &[String],
        as_of: Option<SystemTime>,
    ) -> Result<(Vec<Resolved>, i64), Error> {
        resolve::resolve(&mut self.read().await?, ids, as_of).await
    }

    /// Stores a decision, or returns what the same call stored before.
    pub async fn decide(&self, decision: Decision, request_id: String) -> Result<Decision, Error> {
        self.write(async move |session| {
            decisions::create(session, decision, request_id).await.map(Written::nothing)
        })
        .await
    }

    /// Decisions below a number, newest first, and whether there are more.
    pub async fn decisions(
        &self,
        filter: &DecisionFilter,
        below: i64,
        rows_max: usize,
    ) -> Result<(Vec<Decision>, bool), Error> {
        decisions::page(&mut self.read().await?, filter, below, rows_max).await
    }

    /// The decisions that apply to forms, in their order.
    pub async fn lookup_decisions(
        &self,
        forms: &[String],
        scope: &str,
    ) -> Result<Vec<Vec<Decision>>, Error> {
        decisions::lookup(&mut self.read().await?, forms, scope).await
    }

    async fn read(&self) -> Result<Session, Error> {
        Ok(self.0.backend.read().await?)
    }

    /// Finishes a write and tells everybody what was committed.
    ///
    /// In a task of its own: a caller that goes away must not come between a commit and its
    /// announcement, or watchers would sleep through it.
    async fn write<T, F>(
        &self,
        work: impl FnOnce(Session) -> F + Send + 'static,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<Written<T>, Error>> + Send,
    {
        let inner = self.0.clone();
        let task = tokio::spawn(async move {
            let written = work(inner.backend.write().await?).await?;
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
        // Only the newest: a later commit may have been announced before this one.
        raise(&self.version, written.version);
        gauge!("hawiya_registry_catalogue_version").set(*self.version.borrow() as f64);
    }
}

/// Versions only grow; word of an earlier one may come late.
fn raise(version: &watch::Sender<i64>, to: i64) {
    version.send_if_modified(|newest| {
        let newer = to > *newest;
        *newest = to.max(*newest);
        newer
    });
}

#[cfg(test)]
mod tests;
