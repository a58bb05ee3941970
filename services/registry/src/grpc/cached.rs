//! Entities by id, through the cache.
//!
//! A cached entity belongs to one version of one catalogue, so that a batch is all of one version
//! and a change needs no invalidation. That an id means nothing is cached too.

use std::time::Duration;

use cache::{Cache, Cached, Fresh, Key, Space};
use proto::registry::v1 as wire;

use crate::{Error, Store, store::Record};

/// Raised when what is stored under a key changes its meaning.
const FORMAT: u32 = 1;

/// How long an entity is kept; a new version makes it worthless sooner.
const TTL: Duration = Duration::from_secs(600);

/// The entities of a catalogue.
#[derive(Clone, Debug)]
pub(super) struct CachedEntities {
    store: Store,
    cache: Cache,
    /// Entities of this catalogue at whatever version.
    space: Space,
}

impl CachedEntities {
    pub(super) fn new(store: Store, cache: Cache) -> Self {
        // Two catalogues may share a Redis, and both have a version 1.
        let space = Space::new("entity", FORMAT, TTL).catalogue_id(store.identity());
        Self { store, cache, space }
    }

    /// The entities under `ids`, in their order, and the version at which they were read.
    pub(super) async fn get_many(
        &self,
        ids: &[String],
    ) -> Result<(Vec<Option<wire::Entity>>, i64), Error> {
        let version = self.store.version();
        let space = self.space.clone().catalogue(version.unsigned_abs());
        let keys: Vec<_> = ids.iter().map(|id| Key::of(id.as_bytes())).collect();
        let read = |positions: Vec<usize>| {
            let ids: Vec<_> = positions.into_iter().map(|at| ids[at].clone()).collect();
            async move { self.read(&ids, version).await }
        };
        let found = self.cache.get_or_compute_many(&space, &keys, read).await?;
        let entity = |found: Cached<wire::GetEntityResponse>| found.value.entity;
        Ok((found.into_iter().map(entity).collect(), version))
    }

    async fn read(
        &self,
        ids: &[String],
        version: i64,
    ) -> Result<Vec<Fresh<wire::GetEntityResponse>>, Error> {
        let records = self.store.get_many(ids, version).await?;
        let found = |record: Option<Record>| wire::GetEntityResponse {
            entity: record.map(wire::Entity::from),
            catalogue_version: version,
        };
        Ok(records.into_iter().map(found).map(Fresh::keep).collect())
    }
}
