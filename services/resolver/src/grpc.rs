//! `ResolutionService`: decodes, calls and encodes. The only place that names wire types.
//!
//! Unary is the special case of a batch of one.

mod annotate;
mod decided;
mod decisions;
mod decode;
mod encode;
mod neighbours;
pub(crate) mod poll;
mod resolve;

use std::sync::Arc;

use cache::Cache;
use chassis::{Deadline, streams};
use proto::resolution::v1 as wire;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use wire::resolution_service_server::{ResolutionService, ResolutionServiceServer};

use self::{neighbours::Neighbours, resolve::Resolver};
use crate::{config::Config, freshness::Freshness};

pub(crate) fn service(
    config: &Config,
    cache: Cache,
    freshness: Arc<Freshness>,
    draining: CancellationToken,
) -> ResolutionServiceServer<impl ResolutionService> {
    let resolver = Arc::new(Resolver { cache, freshness, neighbours: Neighbours::new(config) });
    ResolutionServiceServer::new(Service { resolver, draining })
}

struct Service {
    resolver: Arc<Resolver>,
    draining: CancellationToken,
}

#[tonic::async_trait]
impl ResolutionService for Service {
    async fn resolve(
        &self,
        request: Request<wire::ResolveRequest>,
    ) -> Result<Response<wire::ResolveResponse>, Status> {
        let deadline = Deadline::of(&request);
        let outcomes = self.resolver.resolve_one(request.into_inner(), deadline).await?;
        Ok(Response::new(encode::single(outcomes)?))
    }

    async fn batch_resolve(
        &self,
        request: Request<wire::BatchResolveRequest>,
    ) -> Result<Response<wire::BatchResolveResponse>, Status> {
        let deadline = Deadline::of(&request);
        let batch = decode::of_batch(request.into_inner())?;
        let outcomes = self.resolver.resolve(batch, deadline).await?;
        Ok(Response::new(wire::BatchResolveResponse { outcomes }))
    }

    type StreamResolveStream = streams::Answers<wire::StreamResolveResponse>;

    async fn stream_resolve(
        &self,
        request: Request<Streaming<wire::StreamResolveRequest>>,
    ) -> Result<Response<Self::StreamResolveStream>, Status> {
        let resolver = Arc::clone(&self.resolver);
        let mut options = None;
        let begin = move |request: wire::StreamResolveRequest| {
            options = request.options.or_else(|| options.take());
            let resolver = Arc::clone(&resolver);
            let message = decode::of_message(request.items, options.clone().unwrap_or_default());
            async move { resolver.resolve_message(message?).await }
        };
        Ok(Response::new(streams::answer(request.into_inner(), self.draining.clone(), begin)))
    }

    async fn annotate_text(
        &self,
        request: Request<wire::AnnotateTextRequest>,
    ) -> Result<Response<wire::AnnotateTextResponse>, Status> {
        let deadline = Deadline::of(&request);
        let annotated = self.resolver.annotate_one(request.into_inner(), deadline).await?;
        Ok(Response::new(annotated))
    }

    async fn batch_annotate_texts(
        &self,
        request: Request<wire::BatchAnnotateTextsRequest>,
    ) -> Result<Response<wire::BatchAnnotateTextsResponse>, Status> {
        let deadline = Deadline::of(&request);
        let annotated = self.resolver.annotate_batch(request.into_inner(), deadline).await?;
        Ok(Response::new(annotated))
    }

    async fn record_decision(
        &self,
        request: Request<wire::RecordDecisionRequest>,
    ) -> Result<Response<wire::RecordDecisionResponse>, Status> {
        let deadline = Deadline::of(&request);
        let recorded = self.resolver.record_decision(request.into_inner(), deadline).await?;
        Ok(Response::new(recorded))
    }

    async fn list_decisions(
        &self,
        request: Request<wire::ListDecisionsRequest>,
    ) -> Result<Response<wire::ListDecisionsResponse>, Status> {
        let deadline = Deadline::of(&request);
        let neighbours = &self.resolver.neighbours;
        let listed = decided::list(neighbours, request.into_inner(), deadline).await?;
        Ok(Response::new(listed))
    }
}
