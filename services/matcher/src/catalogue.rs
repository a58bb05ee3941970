//! The index as it changes: readers keep the version that they began with, the feed brings the next.

use std::{
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{SystemTime, UNIX_EPOCH},
};

use chassis::Deadline;
use metrics::{Unit, describe_gauge, gauge};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::{
    error::NotReady,
    index::{Change, Index, Origin},
};

const VERSION: &str = "hawiya_matcher_index_version";
const LAG: &str = "hawiya_matcher_index_lag";
const CONFIRMED: &str = "hawiya_matcher_index_confirmed_timestamp_seconds";
const ENTITIES: &str = "hawiya_matcher_index_entities";
const NAMES: &str = "hawiya_matcher_index_names";
const BYTES: &str = "hawiya_matcher_index_bytes";
const SEGMENTS: &str = "hawiya_matcher_index_segments";

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_gauge!(VERSION, "catalogue version of the index");
    describe_gauge!(LAG, "catalogue versions that the registry has and the index has not");
    describe_gauge!(CONFIRMED, Unit::Seconds, "when the registry was last heard of, since 1970");
    describe_gauge!(ENTITIES, "entities in the index");
    describe_gauge!(NAMES, "names in the index");
    describe_gauge!(BYTES, Unit::Bytes, "size of the index, mapped or in memory");
    describe_gauge!(SEGMENTS, "segments of the index");
}

/// The index and how far it has come.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    // Locked only to take or to put the pointer.
    index: RwLock<Arc<Index>>,
    // Held while the next index is made of this one, so that no change is lost.
    writing: Mutex<()>,
    progress: watch::Sender<Progress>,
}

/// How far the index has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Progress {
    pub(crate) state: State,
    pub(crate) version: i64,
    pub(crate) registry_version: i64,
    pub(crate) registry_seen: Option<SystemTime>,
    /// The same by a clock that nobody sets.
    pub(crate) registry_heard: Option<Instant>,
    pub(crate) entity_count: usize,
    pub(crate) name_count: usize,
    pub(crate) catalogue_id: Arc<str>,
}

/// Whether the index can answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// The first snapshot is being read, or what came since the index on disk.
    #[default]
    Building,
    /// Follows the registry.
    Following,
    /// The registry cannot be reached.
    Stale,
}

impl Catalogue {
    /// The index as it is now; what comes later does not change it.
    pub(crate) fn index(&self) -> Arc<Index> {
        Arc::clone(&self.index.read().unwrap_or_else(PoisonError::into_inner))
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

    /// Begins with an index that was kept on disk. It answers once it has caught up with the registry, or once
    /// the registry cannot be reached.
    pub(crate) fn restore(&self, index: Index) {
        let version = index.origin.version;
        self.change(|_| index);
        self.report(State::Building, version, None);
    }

    /// Puts another index in the place of this one.
    pub(crate) fn replace(&self, index: Index, registry_version: i64) {
        self.change(|_| index);
        self.report(State::Following, registry_version, Some(SystemTime::now()));
    }

    /// Applies changes that lead to `version`, after which the feed goes on at `resume_token`.
    pub(crate) fn apply(
        &self,
        changes: Vec<Change>,
        version: i64,
        resume_token: &str,
        registry_version: i64,
    ) {
        self.change(|index| {
            let resume_token = Some(resume_token.into());
            let origin = Origin { version, resume_token, ..index.origin.clone() };
            index.after(changes, origin)
        });
        let catches_up = self.progress().state == State::Building && version < registry_version;
        let state = if catches_up { State::Building } else { State::Following };
        self.report(state, registry_version, Some(SystemTime::now()));
    }

    /// Makes the next index of this one. Says nothing of it to those who wait for a version.
    pub(crate) fn change(&self, next: impl FnOnce(&Index) -> Index) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let next = Arc::new(next(&self.index()));
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// Told of every version, and of the state.
    pub(crate) fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Notes that the registry was lost. An index answers as it is, unless it was never complete.
    pub(crate) fn lost_registry(&self) {
        let is_complete = self.index().origin.resume_token.is_some();
        self.progress.send_if_modified(|progress| {
            let answers = progress.state == State::Following
                || progress.state == State::Building && is_complete;
            if answers {
                progress.state = State::Stale;
            }
            answers
        });
    }

    /// Whether it can answer.
    pub(crate) fn is_ready(&self) -> bool {
        self.progress.borrow().state != State::Building
    }

    fn report(&self, state: State, registry_version: i64, seen: Option<SystemTime>) {
        let index = self.index();
        let progress = Progress {
            state,
            version: index.origin.version,
            registry_version,
            registry_seen: seen,
            registry_heard: seen.map(|_| Instant::now()),
            entity_count: index.entity_count(),
            name_count: index.name_count(),
            catalogue_id: Arc::clone(&index.origin.catalogue_id),
        };
        gauge!(VERSION).set(progress.version as f64);
        gauge!(LAG).set((registry_version - progress.version) as f64);
        gauge!(ENTITIES).set(progress.entity_count as f64);
        gauge!(NAMES).set(progress.name_count as f64);
        gauge!(BYTES).set(index.size() as f64);
        gauge!(SEGMENTS).set(index.segment_count() as f64);
        if let Some(seen) = seen.and_then(|seen| seen.duration_since(UNIX_EPOCH).ok()) {
            gauge!(CONFIRMED).set(seen.as_secs_f64());
        }
        self.progress.send_replace(progress);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Builder;
    use std::time::Duration;

    fn at(version: i64) -> Index {
        Index::of(Builder::default(), Origin { version, ..Origin::default() })
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_of_its_own_writes_waits_for_the_version_and_no_longer_than_it_can() {
        let catalogue = std::sync::Arc::new(Catalogue::default());
        let deadline = || Deadline::after(Duration::from_secs(1));
        assert_eq!(catalogue.wait_for(0, deadline()).await, Err(NotReady::Building));
        catalogue.replace(at(3), 3);
        assert_eq!(catalogue.wait_for(3, deadline()).await, Ok(()));
        let late = NotReady::Behind { wanted: 4, reached: 3 };
        assert_eq!(catalogue.wait_for(4, deadline()).await, Err(late));
        let waiter = tokio::spawn({
            let catalogue = std::sync::Arc::clone(&catalogue);
            async move { catalogue.wait_for(4, Deadline::after(Duration::from_secs(1))).await }
        });
        catalogue.apply(vec![Change::Remove("a".to_owned())], 4, "token", 4);
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

    #[tokio::test]
    async fn an_index_from_disk_answers_when_it_has_caught_up_or_cannot() {
        let catalogue = Catalogue::default();
        let kept = |version| {
            let resume_token = Some("token".into());
            Index::of(Builder::default(), Origin { version, resume_token, ..Origin::default() })
        };
        catalogue.restore(kept(3));
        assert!(!catalogue.is_ready(), "the registry may have more");
        catalogue.lost_registry();
        assert_eq!(catalogue.progress().state, State::Stale);
        assert_eq!(catalogue.wait_for(3, Deadline::after(Duration::ZERO)).await, Ok(()));

        let catalogue = Catalogue::default();
        catalogue.restore(kept(3));
        catalogue.apply(Vec::new(), 4, "token", 5);
        assert!(!catalogue.is_ready(), "it catches up");
        catalogue.apply(Vec::new(), 5, "token", 5);
        assert_eq!(catalogue.progress().state, State::Following);
    }
}
