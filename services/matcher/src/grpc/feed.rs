//! Follows the registry's change feed: a snapshot first, or from where an index on disk stopped, then what changes.
//!
//! A lost registry is tried again with growing pauses, from where the feed stopped; meanwhile the
//! index answers at the version it has. Applying is idempotent, so that at-least-once is enough.

use std::{sync::Arc, time::Duration};

use chassis::{Pool, cpu, settings::Addresses, trace};
use proto::{
    registry::v1 as wire,
    vocabulary::{EntityType, Gender, NameKind},
};
use tokio::time::{Instant, sleep, timeout};
use tonic::{Code, Request, Status};
use tracing::{info, warn};
use wire::{registry_service_client::RegistryServiceClient, watch_changes_request::Start};

use super::decode;
use crate::{
    catalogue::Catalogue,
    entity::Entity,
    index::{Builder, Change, Index, Origin},
    readiness::Readiness,
};

/// The first and the longest pause before a lost registry is tried again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// How long a registry that was not heard of yet may take to start. Until then an index from disk does not answer:
/// in a moment it may know more.
const STARTING_MAX: Duration = Duration::from_secs(3);

/// A registry that is silent for longer is lost: it promises a heartbeat every five seconds.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Follows a registry, any of those at `addresses`, for ever.
pub(crate) async fn follow(addresses: Addresses, catalogue: Arc<Catalogue>, readiness: Readiness) {
    let resume_token = catalogue.index().origin.resume_token.as_deref().map(str::to_owned);
    let registry = RegistryServiceClient::new(Pool::new("registry", &addresses));
    let mut feed = Feed { registry, catalogue, readiness, resume_token };
    let mut pause = PAUSE.0;
    let mut lost = false;
    let (started, mut ever_heard) = (Instant::now(), false);
    loop {
        let (heard, status) = feed.run().await;
        if status.code() == Code::FailedPrecondition {
            feed.resume_token = None;
        }
        if heard {
            (pause, lost) = (PAUSE.0, false);
        }
        ever_heard |= heard;
        // One that was heard until now may have been told to go elsewhere: the next attempt says.
        if !heard && (ever_heard || started.elapsed() >= STARTING_MAX) {
            feed.catalogue.lost_registry();
            feed.readiness.tell();
        }
        if !lost {
            warn!(%addresses, code = ?status.code(), error = status.message(), "lost the change feed; trying again");
            lost = true;
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}

struct Feed {
    registry: RegistryServiceClient<Pool>,
    catalogue: Arc<Catalogue>,
    readiness: Readiness,
    /// Where a later watch begins; `None`: with a snapshot.
    resume_token: Option<String>,
}

impl Feed {
    /// Watches until the stream ends. Says whether anything was heard, and why it ended.
    async fn run(&mut self) -> (bool, Status) {
        let mut heard = false;
        let status = self.watch(&mut heard).await.err();
        (heard, status.unwrap_or_else(|| Status::unavailable("the registry ended the stream")))
    }

    async fn watch(&mut self, heard: &mut bool) -> Result<(), Status> {
        let start = match &self.resume_token {
            Some(token) => Start::ResumeToken(token.clone()),
            None => Start::StartPoint(wire::StartPoint::Snapshot.into()),
        };
        let mut request = Request::new(wire::WatchChangesRequest { start: Some(start) });
        trace::pass_on(request.metadata_mut());
        let mut responses = self.registry.watch_changes(request).await?.into_inner();
        // While a snapshot is under way it is gathered here, so that readers see a whole one.
        let mut snapshot = self.resume_token.is_none().then(Builder::default);
        loop {
            let next = timeout(SILENCE_MAX, responses.message()).await;
            let next = next.map_err(|_| Status::unavailable("the registry is silent"))??;
            let Some(response) = next else { return Ok(()) };
            *heard = true;
            self.take(response, &mut snapshot).await?;
        }
    }

    async fn take(
        &mut self,
        response: wire::WatchChangesResponse,
        snapshot: &mut Option<Builder>,
    ) -> Result<(), Status> {
        let changes: Vec<Change> = response.changes.into_iter().filter_map(decode_change).collect();
        let registry_version = response.registry_catalogue_version;
        match (snapshot.take(), response.catalogue_version) {
            (Some(mut builder), version) => {
                gather(&mut builder, changes);
                let Some(version) = version else {
                    *snapshot = Some(builder);
                    return Ok(());
                };
                let origin = Origin {
                    version,
                    catalogue_id: response.catalogue_id.into(),
                    resume_token: Some(response.resume_token.as_str().into()),
                };
                let index = cpu::run(move || Index::of(builder, origin)).await?;
                let (entities, names) = (index.entity_count(), index.name_count());
                info!(version, entities, names, bytes = index.size(), "index built");
                self.catalogue.replace(index, registry_version);
            }
            (None, version) => {
                let (catalogue, token) =
                    (Arc::clone(&self.catalogue), response.resume_token.clone());
                let version = version.unwrap_or_else(|| catalogue.progress().version);
                let apply = move || catalogue.apply(changes, version, &token, registry_version);
                cpu::run(apply).await?;
            }
        }
        self.resume_token = Some(response.resume_token);
        self.readiness.tell();
        Ok(())
    }
}

/// A snapshot tells every entity once, and only those that are there.
fn gather(builder: &mut Builder, changes: Vec<Change>) {
    for change in changes {
        if let Change::Upsert(entity) = change {
            builder.push(entity);
        }
    }
}

fn decode_change(change: wire::Change) -> Option<Change> {
    let entity = change.entity?;
    let active = entity.state == i32::from(wire::LifecycleState::Active);
    Some(if active {
        Change::Upsert(decode_entity(entity))
    } else {
        Change::Remove(entity.canonical_id)
    })
}

/// An entity the registry has checked. A type or gender of a later version is unknown, not wrong.
fn decode_entity(entity: wire::Entity) -> Entity {
    let entity_type = EntityType::try_from(entity.r#type).unwrap_or(EntityType::Other);
    let mut names = entity.names;
    names.sort_by_key(|name| name.kind != i32::from(NameKind::Primary));
    Entity {
        id: entity.canonical_id,
        entity_type,
        names: names.into_iter().map(|name| name.text).collect(),
        country: entity.country,
        dataset: entity.dataset,
        birth_date: entity.birth_date.as_ref().map(decode::trusted_date),
        founding_date: entity.founding_date.as_ref().map(decode::trusted_date),
        gender: Gender::try_from(entity.gender).unwrap_or(Gender::Unspecified),
        external_ids: entity.external_ids.iter().map(decode::decode_external_id).collect(),
        prominence: entity.prominence,
    }
}
