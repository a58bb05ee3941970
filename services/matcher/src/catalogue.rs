//! The index as it changes: readers see one version of it, the feed brings the next.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use chassis::Deadline;
use metrics::gauge;
use tokio::{sync::watch, time::timeout_at};

use crate::{entity::Entity, error::NotReady, index::Index};

/// The index and how far it has come.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    // A read lock is held while a query is matched, a write lock while a message of the feed is
    // applied: milliseconds at most, and never across an await.
    index: RwLock<Index>,
    progress: watch::Sender<Progress>,
}

/// How far the index has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Progress {
    pub(crate) state: State,
    pub(crate) version: i64,
    pub(crate) registry_version: i64,
    pub(crate) registry_seen: Option<SystemTime>,
    pub(crate) entity_count: usize,
    pub(crate) name_count: usize,
    pub(crate) catalogue_id: Arc<str>,
}

/// Whether the index can answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// The first snapshot is being read.
    #[default]
    Building,
    /// Follows the registry.
    Following,
    /// The registry cannot be reached.
    Stale,
}

/// One change of one entity.
#[derive(Debug)]
pub(crate) enum Change {
    Upsert(Entity),
    Remove(String),
}

impl Catalogue {
    /// Reads the index; it does not change meanwhile.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Index) -> T) -> T {
        read(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How far the index has come.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Waits until the index can answer at `version` or later: not at all while it is being built,
    /// else to the deadline at most.
    pub(crate) async fn wait_for(&self, version: i64, deadline: Deadline) -> Result<(), NotReady> {
        let mut progress = self.progress.subscribe();
        if progress.borrow().state == State::Building {
            return Err(NotReady::Building);
        }
        let reached = progress.wait_for(|progress| progress.version >= version);
        let outcome = timeout_at(deadline.instant(), reached).await.map(drop);
        outcome.map_err(|_| NotReady::Behind { wanted: version, reached: self.progress().version })
    }

    /// Puts another index in the place of this one.
    pub(crate) fn replace(&self, index: Index, registry_version: i64) {
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = index;
        self.report(registry_version);
    }

    /// Applies changes that lead to `version`.
    pub(crate) fn apply(&self, changes: Vec<Change>, version: i64, registry_version: i64) {
        {
            let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
            for change in changes {
                change.apply(&mut index);
            }
            index.version = version;
        }
        self.report(registry_version);
    }

    /// Notes that the registry was lost; an index that was never complete goes on being built.
    pub(crate) fn lost_registry(&self) {
        self.progress.send_if_modified(|progress| {
            let follows = progress.state == State::Following;
            if follows {
                progress.state = State::Stale;
            }
            follows
        });
    }

    fn report(&self, registry_version: i64) {
        let progress = self.read(|index| Progress {
            state: State::Following,
            version: index.version,
            registry_version,
            registry_seen: Some(SystemTime::now()),
            entity_count: index.entity_count(),
            name_count: index.name_count(),
            catalogue_id: Arc::clone(&index.catalogue_id),
        });
        gauge!("hawiya_matcher_index_version").set(progress.version as f64);
        gauge!("hawiya_matcher_index_lag").set((registry_version - progress.version) as f64);
        gauge!("hawiya_matcher_index_entities").set(progress.entity_count as f64);
        gauge!("hawiya_matcher_index_names").set(progress.name_count as f64);
        self.progress.send_replace(progress);
    }
}

impl Change {
    /// Changes the index.
    pub(crate) fn apply(self, index: &mut Index) {
        match self {
            Self::Upsert(entity) => index.upsert(entity),
            Self::Remove(id) => index.remove(&id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_reader_of_its_own_writes_waits_for_the_version_and_no_longer_than_it_can() {
        let catalogue = std::sync::Arc::new(Catalogue::default());
        let deadline = || Deadline::after(Duration::from_secs(1));
        assert_eq!(catalogue.wait_for(0, deadline()).await, Err(NotReady::Building));
        let mut index = Index::default();
        index.version = 3;
        catalogue.replace(index, 3);
        assert_eq!(catalogue.wait_for(3, deadline()).await, Ok(()));
        let late = NotReady::Behind { wanted: 4, reached: 3 };
        assert_eq!(catalogue.wait_for(4, deadline()).await, Err(late));
        let waiter = tokio::spawn({
            let catalogue = std::sync::Arc::clone(&catalogue);
            async move { catalogue.wait_for(4, Deadline::after(Duration::from_secs(1))).await }
        });
        catalogue.apply(vec![Change::Remove("a".to_owned())], 4, 4);
        assert_eq!(waiter.await.unwrap(), Ok(()));
    }

    #[test]
    fn losing_the_registry_makes_a_whole_index_stale_and_a_partial_one_not_ready() {
        let catalogue = Catalogue::default();
        catalogue.lost_registry();
        assert_eq!(catalogue.progress().state, State::Building);
        catalogue.replace(Index::default(), 0);
        catalogue.lost_registry();
        assert_eq!(catalogue.progress().state, State::Stale);
    }
}
