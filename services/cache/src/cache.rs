//! The cache as the services see it.

use std::sync::Arc;
use std::time::SystemTime;

use prost::Message;

use crate::config::{CacheConfig, CacheError};
use crate::envelope::Sealed;
use crate::key::{Key, Space};
use crate::levels::Levels;
use crate::lookup::Lookup;

/// Saved computations of one service, shared with all its replicas when Redis is there.
///
/// Cheap to clone; all clones are one cache. The background work ends with the last of them. All
/// calls need a tokio runtime with its timers on.
#[derive(Clone)]
pub struct Cache {
    levels: Arc<Levels>,
}

/// A value and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cached<V> {
    /// The value; the same wherever it comes from.
    pub value: V,
    /// Where it comes from.
    pub source: Source,
}

/// A value that was just computed, and whether it may answer other calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh<V> {
    pub(crate) value: V,
    pub(crate) is_kept: bool,
}

impl<V> Fresh<V> {
    /// A value that is stored and handed to whoever waits for it.
    pub fn keep(value: V) -> Fresh<V> {
        Fresh { value, is_kept: true }
    }

    /// A value for this call alone: a refusal that names its fields, an answer made without a
    /// neighbour. Others that wait for it compute for themselves.
    pub fn once(value: V) -> Fresh<V> {
        Fresh { value, is_kept: false }
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// This process had it.
    Local,
    /// Redis had it.
    Redis,
    /// This call computed it.
    Computed,
    /// Another call in this process had it in hand, or this one had for an equal key.
    Shared,
}

/// Whether the shared level is there, for readiness and `hawiya status`. None of these is a
/// reason to refuse traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheStatus {
    /// No Redis is configured; values are kept in this process.
    Local,
    /// Redis answers.
    Connected,
    /// Redis is configured and does not answer (or has not yet); values are kept in this process.
    Degraded {
        /// Since when.
        since: SystemTime,
    },
}

impl Cache {
    /// Makes the cache of the service `name` (a label of its metrics) and starts to connect.
    /// Never waits for Redis and fails only on a url that is none.
    ///
    /// # Panics
    ///
    /// With a `redis_url`, outside a tokio runtime.
    pub fn new(config: CacheConfig, name: &'static str) -> Result<Cache, CacheError> {
        Ok(Cache { levels: Arc::new(Levels::new(config, name)?) })
    }

    /// What is stored under `keys`, in their order; `None` where there is nothing of use. Takes
    /// one budget at most, asks Redis once, and never fails.
    pub async fn get_many<V: Message + Default>(
        &self,
        space: &Space,
        keys: &[Key],
    ) -> Vec<Option<V>> {
        Lookup::new(&self.levels, space, keys).get().await
    }

    /// Stores `entries` in this process at once and in Redis soon, if it is there and keeps up.
    pub fn put_many<V: Message>(&self, space: &Space, entries: impl IntoIterator<Item = (Key, V)>) {
        let seal = |(key, value)| (key, Sealed::new(space.slot(key), &value));
        self.levels.put(space, entries.into_iter().map(seal).collect());
    }

    /// The values of `keys`, in their order: stored ones as they are, the others computed.
    ///
    /// `compute` is given the positions in `keys` to compute, each key once, and must return one
    /// value for each, in that order. It is called once for all of them, or not at all; only when
    /// another call that was computing some of the keys failed or hung (see
    /// [`CacheConfig::follow_max`]) it is called again, for those. Of concurrent calls that miss
    /// the same key, one computes it. When `compute` fails, so does this call; others that waited
    /// for it compute for themselves.
    ///
    /// # Panics
    ///
    /// When `compute` returns more or fewer values than it was asked for.
    ///
    /// # Do not
    ///
    /// Let `compute` ask this cache for keys of its own space: two such calls can wait for each
    /// other, until [`CacheConfig::follow_max`] is over.
    pub async fn get_or_compute_many<V, E, F, Fut>(
        &self,
        space: &Space,
        keys: &[Key],
        compute: F,
    ) -> Result<Vec<Cached<V>>, E>
    where
        V: Message + Default,
        F: FnMut(Vec<usize>) -> Fut,
        Fut: Future<Output = Result<Vec<Fresh<V>>, E>>,
    {
        Lookup::new(&self.levels, space, keys).get_or_compute(compute).await
    }

    /// Whether Redis is there, as of the last exchange with it, a second ago at most.
    pub fn status(&self) -> CacheStatus {
        self.levels.status()
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("status", &self.status()).finish_non_exhaustive()
    }
}
