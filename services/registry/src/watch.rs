//! The change feed: every change from a point on, in order, until the watcher goes.
//!
//! A watch begins with a snapshot (every active entity as of one version) or after a version, then
//! follows the history. It reads the history itself, page by page, and is only woken by commits:
//! a watcher that is slow or was away costs nothing but its own reading, and nothing can overtake.

use std::time::Duration;

use metrics::gauge;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    Error, Store,
    store::{Change, Filter},
};

/// How many changes one batch holds at most, as the contract says.
pub const CHANGES_MAX: usize = 1_000;

/// How many batches wait for a slow watcher; with [`crate::store::PAGE_BYTES_MAX`] that is some
/// 5 MiB of bodies for each of them.
const BATCHES_MAX: usize = 4;

/// How often a watcher hears from us while nothing happens. Tests do not wait that long, and cannot
/// pause the clock: the store answers from a thread of its own.
const HEARTBEAT: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 5_000 });

/// Where a watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With every active entity, then what changes.
    Snapshot,
    /// With the first change after a version.
    After(i64),
    /// With the next change.
    Now,
}

impl Start {
    /// Where a token of [`Batch`] says to go on. A token from within a snapshot begins it again.
    pub async fn resume(token: &str, store: &Store) -> Result<Self, Error> {
        let (identity, position) = token.split_once('.').ok_or(Error::UnknownToken)?;
        if identity != store.identity() {
            return Err(Error::UnknownToken);
        }
        if position == SNAPSHOT {
            return Ok(Self::Snapshot);
        }
        let version = position.parse().map_err(|_| Error::UnknownToken)?;
        // A version that is not there yet was lost: the catalogue was restored from a backup.
        if version >= 0 && store.has_version(version).await? {
            Ok(Self::After(version))
        } else {
            Err(Error::UnknownToken)
        }
    }
}

/// The position of a token that was given within a snapshot.
const SNAPSHOT: &str = "snapshot";

/// The next changes, or none for a heartbeat.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// In order of version, or of id within a snapshot.
    pub changes: Vec<Change>,
    /// Begins a later watch right after this batch.
    pub resume_token: String,
    /// The version the watcher has now reached; `None` within a snapshot.
    pub version: Option<i64>,
    /// The version of the catalogue.
    pub registry_version: i64,
    /// Which catalogue it is.
    pub catalogue_id: String,
}

/// Watches from `start` on; ends with [`Error::Draining`] when `draining` is cancelled, and without
/// a word when the receiver is dropped.
pub fn watch(
    store: Store,
    start: Start,
    draining: CancellationToken,
) -> mpsc::Receiver<Result<Batch, Error>> {
    let (batches, receiver) = mpsc::channel(BATCHES_MAX);
    tokio::spawn(Watcher { store, batches }.run(start, draining));
    receiver
}

struct Watcher {
    store: Store,
    batches: mpsc::Sender<Result<Batch, Error>>,
}

impl Watcher {
    async fn run(self, start: Start, draining: CancellationToken) {
        let _counted = Counted::new();
        let error = tokio::select! {
            error = self.tell(start) => error,
            () = draining.cancelled() => Error::Draining,
            () = self.batches.closed() => return,
        };
        // Fails only when nobody is there to be told.
        let _ = self.batches.send(Err(error)).await;
    }

    /// Tells everything; returns why it could not go on.
    async fn tell(&self, start: Start) -> Error {
        match self.try_tell(start).await {
            Err(error) => error,
            Ok(never) => match never {},
        }
    }

    async fn try_tell(&self, start: Start) -> Result<std::convert::Infallible, Error> {
        let mut version = match start {
            Start::Snapshot => self.tell_snapshot().await?,
            Start::After(version) => version,
            Start::Now => self.store.version(),
        };
        // Said at once: it closes a snapshot, and a watcher learns that its watch stands.
        self.tell_changes(Vec::new(), version).await?;
        let mut versions = self.store.versions();
        loop {
            // Heartbeats are what an elapsed wait leaves: no changes.
            let _ = timeout(HEARTBEAT, versions.wait_for(|newest| *newest > version)).await;
            let changes = self.store.changes_after(version, CHANGES_MAX).await?;
            version = changes.last().map_or(version, |change| change.record.version);
            self.tell_changes(changes, version).await?;
        }
    }

    /// Tells every entity that is active as of now, and returns what now was.
    async fn tell_snapshot(&self) -> Result<i64, Error> {
        let (filter, version) = (Filter::active(), self.store.version());
        let (mut after, mut more) = (String::new(), true);
        while more {
            let page = self.store.page(&filter, &after, CHANGES_MAX, version).await?;
            more = page.more;
            after = page.records.last().map_or(after, |record| record.entity.id.clone());
            let changes = page.records.into_iter().map(Change::snapshot).collect();
            self.send(changes, None, SNAPSHOT.to_owned()).await?;
        }
        Ok(version)
    }

    async fn tell_changes(&self, changes: Vec<Change>, version: i64) -> Result<(), Error> {
        self.send(changes, Some(version), version.to_string()).await
    }

    async fn send(
        &self,
        changes: Vec<Change>,
        version: Option<i64>,
        position: String,
    ) -> Result<(), Error> {
        let resume_token = format!("{}.{position}", self.store.identity());
        let registry_version = self.store.version().max(version.unwrap_or(0));
        let catalogue_id = self.store.identity().to_owned();
        let batch = Batch { changes, resume_token, version, registry_version, catalogue_id };
        // A dropped receiver ends the watch elsewhere; which error stands for it does not matter.
        self.batches.send(Ok(batch)).await.map_err(|_| Error::Draining)
    }
}

/// Counts a watcher for as long as it lives.
struct Counted;

impl Counted {
    fn new() -> Self {
        gauge!("hawiya_registry_watchers").increment(1.0);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        gauge!("hawiya_registry_watchers").decrement(1.0);
    }
}
