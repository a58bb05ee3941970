//! The contract: decode → call → encode.

mod cached;
pub mod convert;
mod decisions;
mod decode;
mod decode_life;
mod encode;
mod signed;
mod streams;

use cache::Cache;
use proto::registry::v1::{self as wire, registry_service_server::RegistryService};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use crate::{
    Store,
    import::Import,
    listing::{DecisionListing, HistoryListing, Listing},
    store::{Creation, Deletion, Merge, Reversion, Split, Update},
    watch::watch,
};
use cached::CachedEntities;
use streams::{Export, ResponseStream};

/// The service.
#[derive(Clone, Debug)]
pub struct Registry {
    store: Store,
    entities: CachedEntities,
    draining: CancellationToken,
}

impl Registry {
    /// A registry over `store`, whose streams end when `draining` is cancelled.
    #[must_use]
    pub fn new(store: Store, cache: Cache, draining: CancellationToken) -> Self {
        let entities = CachedEntities::new(store.clone(), cache);
        Self { store, entities, draining }
    }
}

#[tonic::async_trait]
impl RegistryService for Registry {
    type ImportEntitiesStream = ResponseStream<wire::ImportEntitiesResponse>;
    type ExportEntitiesStream = ResponseStream<wire::ExportEntitiesResponse>;
    type WatchChangesStream = ResponseStream<wire::WatchChangesResponse>;

    async fn create_entity(
        &self,
        request: Request<wire::CreateEntityRequest>,
    ) -> Result<Response<wire::CreateEntityResponse>, Status> {
        let (signed, request) = signed::open(request);
        let creation = Creation::try_from(request)?;
        let record = self.store.create(creation).await?;
        Ok(signed.done(encode::created(record, self.store.version())))
    }

    async fn get_entity(
        &self,
        request: Request<wire::GetEntityRequest>,
    ) -> Result<Response<wire::GetEntityResponse>, Status> {
        let ids = [request.into_inner().canonical_id];
        let (entities, version) = self.entities.get_many(&ids).await?;
        Ok(Response::new(encode::got(&ids[0], entities, version)?))
    }

    async fn batch_get_entities(
        &self,
        request: Request<wire::BatchGetEntitiesRequest>,
    ) -> Result<Response<wire::BatchGetEntitiesResponse>, Status> {
        let ids = decode::batch("canonical_ids", request.into_inner().canonical_ids)?;
        let (entities, version) = self.entities.get_many(&ids).await?;
        Ok(Response::new(encode::got_many(&ids, entities, version)?))
    }

    async fn list_entities(
        &self,
        request: Request<wire::ListEntitiesRequest>,
    ) -> Result<Response<wire::ListEntitiesResponse>, Status> {
        let listing = Listing::try_from(request.into_inner())?;
        let listed = listing.read(&self.store).await?;
        Ok(Response::new(listed.into()))
    }

    async fn lookup_entities(
        &self,
        request: Request<wire::LookupEntitiesRequest>,
    ) -> Result<Response<wire::LookupEntitiesResponse>, Status> {
        let keys = decode::lookup_keys(request.into_inner())?;
        let (found, version) = self.store.lookup(&keys).await?;
        Ok(Response::new(encode::looked_up(found, version)?))
    }

    async fn import_entities(
        &self,
        request: Request<Streaming<wire::ImportEntitiesRequest>>,
    ) -> Result<Response<Self::ImportEntitiesStream>, Status> {
        let import = Import::new(self.store.clone());
        let signed = signed::of(&request);
        let acks = streams::import(request.into_inner(), import, signed, self.draining.clone());
        Ok(Response::new(acks))
    }

    async fn export_entities(
        &self,
        request: Request<wire::ExportEntitiesRequest>,
    ) -> Result<Response<Self::ExportEntitiesStream>, Status> {
        let export = Export::try_from(request.into_inner())?;
        Ok(Response::new(streams::export(self.store.clone(), export)))
    }

    async fn watch_changes(
        &self,
        request: Request<wire::WatchChangesRequest>,
    ) -> Result<Response<Self::WatchChangesStream>, Status> {
        let start = decode::start(request.into_inner(), &self.store).await?;
        let batches = watch(self.store.clone(), start, self.draining.clone());
        Ok(Response::new(streams::encoded(batches)))
    }

    async fn update_entity(
        &self,
        request: Request<wire::UpdateEntityRequest>,
    ) -> Result<Response<wire::UpdateEntityResponse>, Status> {
        let (signed, request) = signed::open(request);
        let update = Update::try_from(request)?;
        let record = self.store.update(update).await?;
        Ok(signed.done(encode::updated(record, self.store.version())))
    }

    async fn delete_entity(
        &self,
        request: Request<wire::DeleteEntityRequest>,
    ) -> Result<Response<wire::DeleteEntityResponse>, Status> {
        let (signed, request) = signed::open(request);
        let deletion = Deletion::try_from(request)?;
        let record = self.store.delete(deletion).await?;
        Ok(signed.done(encode::deleted(record, self.store.version())))
    }

    async fn resolve_ids(
        &self,
        request: Request<wire::ResolveIdsRequest>,
    ) -> Result<Response<wire::ResolveIdsResponse>, Status> {
        let (ids, as_of) = decode_life::resolve_ids(request.into_inner())?;
        let (resolutions, version) = self.store.resolve(&ids, as_of).await?;
        Ok(Response::new(encode::resolved(resolutions, version)))
    }

    async fn merge_entities(
        &self,
        request: Request<wire::MergeEntitiesRequest>,
    ) -> Result<Response<wire::MergeEntitiesResponse>, Status> {
        let (signed, request) = signed::open(request);
        let merge = Merge::try_from(request)?;
        let made = self.store.merge(merge).await?;
        Ok(signed.done(encode::merged(made, self.store.version())))
    }

    async fn split_entity(
        &self,
        request: Request<wire::SplitEntityRequest>,
    ) -> Result<Response<wire::SplitEntityResponse>, Status> {
        let (signed, request) = signed::open(request);
        let split = Split::try_from(request)?;
        let made = self.store.split(split).await?;
        Ok(signed.done(encode::split(made, self.store.version())))
    }

    async fn revert_change(
        &self,
        request: Request<wire::RevertChangeRequest>,
    ) -> Result<Response<wire::RevertChangeResponse>, Status> {
        let (signed, request) = signed::open(request);
        let reversion = Reversion::try_from(request)?;
        let made = self.store.revert(reversion).await?;
        Ok(signed.done(encode::reverted(made, self.store.version())))
    }

    async fn list_changes(
        &self,
        request: Request<wire::ListChangesRequest>,
    ) -> Result<Response<wire::ListChangesResponse>, Status> {
        let listing = HistoryListing::try_from(request.into_inner())?;
        let listed = listing.read(&self.store).await?;
        Ok(Response::new(listed.into()))
    }

    async fn create_decision(
        &self,
        request: Request<wire::CreateDecisionRequest>,
    ) -> Result<Response<wire::CreateDecisionResponse>, Status> {
        let (signed, request) = signed::open(request);
        let (decision, request_id) = decisions::created(request)?;
        let decision = self.store.decide(decision, request_id).await?;
        Ok(signed.done(wire::CreateDecisionResponse { decision: Some(decision.into()) }))
    }

    async fn list_decisions(
        &self,
        request: Request<wire::ListDecisionsRequest>,
    ) -> Result<Response<wire::ListDecisionsResponse>, Status> {
        let listing = DecisionListing::try_from(request.into_inner())?;
        let listed = listing.read(&self.store).await?;
        Ok(Response::new(listed.into()))
    }

    async fn batch_lookup_decisions(
        &self,
        request: Request<wire::BatchLookupDecisionsRequest>,
    ) -> Result<Response<wire::BatchLookupDecisionsResponse>, Status> {
        let (forms, scope) = decisions::looked_up(request.into_inner())?;
        let sets = self.store.lookup_decisions(&forms, &scope).await?;
        Ok(Response::new(decisions::found(sets)))
    }
}
