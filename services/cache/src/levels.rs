//! The two levels of a cache as one: this process first, then Redis if there is one.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::cache::CacheStatus;
use crate::config::{CacheConfig, CacheError};
use crate::envelope::Sealed;
use crate::flights::Flights;
use crate::key::{Key, Slot, Space};
use crate::local::Local;
use crate::remote::{Remote, Reply};
use crate::target::Target;
use crate::ttl::life;

/// What all clones of a cache share.
pub(crate) struct Levels {
    pub(crate) name: &'static str,
    pub(crate) follow_max: Duration,
    pub(crate) flights: Arc<Flights>,
    local: Local,
    remote: Option<Remote>,
}

impl Levels {
    pub(crate) fn new(config: CacheConfig, name: &'static str) -> Result<Levels, CacheError> {
        let CacheConfig { redis_url, tls, budget, local_bytes_max, local_ttl, follow_max } = config;
        let target = redis_url.map(|url| Target::read(&url, tls.as_ref())).transpose()?;
        let remote = target.map(|target| Remote::open(target, budget, name));
        let ttl_max = remote.as_ref().map_or(Duration::MAX, |_| local_ttl);
        let local = Local::new(local_bytes_max, ttl_max);
        Ok(Levels { name, follow_max, flights: Arc::default(), local, remote })
    }

    pub(crate) fn status(&self) -> CacheStatus {
        match self.remote.as_ref().map(Remote::away_since) {
            None => CacheStatus::Local,
            Some(None) => CacheStatus::Connected,
            Some(Some(since)) => CacheStatus::Degraded { since },
        }
    }

    /// What this process has in `slot`.
    pub(crate) fn get_local(&self, slot: Slot) -> Option<Bytes> {
        self.local.get(slot)
    }

    /// What Redis has under `keys`: one reply each, in order. Without Redis each is a miss.
    pub(crate) async fn get_remote(&self, space: &Space, keys: &[Key]) -> Vec<Reply> {
        match &self.remote {
            Some(remote) if !keys.is_empty() => remote.read(space, keys).await,
            _ => keys.iter().map(|_| Reply::Miss).collect(),
        }
    }

    /// Keeps in this process what Redis had.
    pub(crate) fn keep(&self, space: &Space, key: Key, payload: Bytes) {
        let slot = space.slot(key);
        self.local.put(slot, payload, life(space.ttl(), slot));
    }

    /// Stores values in this process now and in Redis soon.
    pub(crate) fn put(&self, space: &Space, values: Vec<(Key, Sealed)>) {
        for (key, sealed) in &values {
            self.keep(space, *key, sealed.payload());
        }
        if let Some(remote) = &self.remote {
            remote.write(space, values);
        }
    }
}
