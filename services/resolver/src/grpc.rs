//! `ResolutionService`: decodes, calls and encodes. The only place that names wire types.
//!
//! Unary is the special case of a batch of one.

mod annotate;
mod answer;
mod decided;
mod decisions;
mod decode;
mod encode;
mod neighbours;
pub(crate) mod poll;
mod resolve;
mod streaming;

use std::sync::Arc;

use cache::Cache;
use chassis::{Caller, Deadline, streams};
use futures_util::StreamExt;
use proto::resolution::v1 as wire;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use wire::resolution_service_server::ResolutionService;

pub(crate) use self::neighbours::Pools;
use self::{
    answer::{Answer, MessageAnswer},
    neighbours::Neighbours,
    resolve::Resolver,
};
use crate::freshness::Freshness;

pub(crate) fn service(
    pools: Pools,
    cache: Cache,
    freshness: Arc<Freshness>,
    draining: CancellationToken,
) -> streaming::Served {
    let resolver = Arc::new(Resolver { cache, freshness, neighbours: Neighbours::new(pools) });
    streaming::Served::new(Service { resolver, draining })
}

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    resolve::describe_metrics();
    neighbours::describe_metrics();
    crate::freshness::describe_metrics();
}

pub(crate) struct Service {
    resolver: Arc<Resolver>,
    draining: CancellationToken,
}

impl Service {
    /// Answers the messages of a stream, each under the options that it or one before it states.
    fn answer_stream(
        &self,
        request: Request<Streaming<wire::StreamResolveRequest>>,
    ) -> streams::Answers<MessageAnswer> {
        let resolver = Arc::clone(&self.resolver);
        let mut options = None;
        let begin = move |request: wire::StreamResolveRequest| {
            options = request.options.or_else(|| options.take());
            let resolver = Arc::clone(&resolver);
            let message = decode::of_message(request.items, options.clone().unwrap_or_default());
            async move { resolver.resolve_message(message?).await }
        };
        streams::answer(request, self.draining.clone(), begin)
    }
}

#[tonic::async_trait]
impl ResolutionService for Service {
    async fn resolve(
        &self,
        request: Request<wire::ResolveRequest>,
    ) -> Result<Response<wire::ResolveResponse>, Status> {
        let deadline = Deadline::of(&request);
        let answers = self.resolver.resolve_one(request.into_inner(), deadline).await?;
        Ok(Response::new(encode::single(answers)?))
    }

    async fn batch_resolve(
        &self,
        request: Request<wire::BatchResolveRequest>,
    ) -> Result<Response<wire::BatchResolveResponse>, Status> {
        let deadline = Deadline::of(&request);
        let batch = decode::of_batch(request.into_inner())?;
        let answers = self.resolver.resolve(&batch, deadline).await?;
        let outcomes = answers.iter().map(Answer::whole).collect();
        Ok(Response::new(wire::BatchResolveResponse { outcomes }))
    }

    type StreamResolveStream = streams::Answers<wire::StreamResolveResponse>;

    /// The same as `streaming` serves before calls come here, decoded.
    async fn stream_resolve(
        &self,
        request: Request<Streaming<wire::StreamResolveRequest>>,
    ) -> Result<Response<Self::StreamResolveStream>, Status> {
        let answers = self.answer_stream(request);
        Ok(Response::new(Box::pin(answers.map(|answer| Ok(answer?.whole()?)))))
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
        let (deadline, caller) = (Deadline::of(&request), Caller::of(&request).cloned());
        let request = request.into_inner();
        let recorded = self.resolver.record_decision(request, caller, deadline).await?;
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
