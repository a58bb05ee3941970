//! `MatchingService`: decodes, calls and encodes. The only place that names wire types.
//!
//! Unary is the special case of a batch of one. Results are cached under the catalogue version of
//! the index that made them.

mod decode;
mod encode;
pub(crate) mod feed;
mod mentions;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cache::{Cache, Cached, Fresh, Key, Source, Space};
use chassis::{Deadline, Fault, cpu, streams};
use metrics::{counter, describe_counter};
use prost::Message;
use proto::{matching::v1 as wire, r#type::v1 as shared};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use wire::matching_service_server::{MatchingService, MatchingServiceServer};

use crate::{
    catalogue::{Catalogue, Progress},
    error::NotReady,
    matching,
    query::{Options, Query},
};

/// Version of the cached encoding of `wire::MatchOutcome`; raise it when that changes meaning.
const CACHE_FORMAT: u32 = 1;

/// How long a result is kept; it is right for as long as its catalogue version is.
const CACHE_TTL: Duration = Duration::from_secs(3600);

/// The share of the time left that is spent scoring everything; then only the most promising names are.
const UNHURRIED: f64 = 0.7;

/// The least queries that are worth a thread of their own; a query takes about 0.1 ms.
const SHARE_MIN: usize = 16;

pub(crate) fn service(
    catalogue: Arc<Catalogue>,
    cache: Cache,
    draining: CancellationToken,
) -> MatchingServiceServer<impl MatchingService> {
    MatchingServiceServer::new(Service(Arc::new(Inner { catalogue, cache, draining })))
}

struct Service(Arc<Inner>);

struct Inner {
    catalogue: Arc<Catalogue>,
    cache: Cache,
    draining: CancellationToken,
}

#[tonic::async_trait]
impl MatchingService for Service {
    async fn match_entities(
        &self,
        request: Request<wire::MatchEntitiesRequest>,
    ) -> Result<Response<wire::MatchEntitiesResponse>, Status> {
        let deadline = Deadline::of(&request);
        let batch = decode::Batch::of_one(request.into_inner())?;
        let answer = self.0.answer(batch, deadline).await?;
        Ok(Response::new(encode::single(answer)?))
    }

    async fn batch_match_entities(
        &self,
        request: Request<wire::BatchMatchEntitiesRequest>,
    ) -> Result<Response<wire::BatchMatchEntitiesResponse>, Status> {
        let deadline = Deadline::of(&request);
        let request = request.into_inner();
        let batch = decode::Batch::new(request.queries, request.options)?;
        Ok(Response::new(self.0.answer(batch, deadline).await?))
    }

    type StreamMatchEntitiesStream = streams::Answers<wire::StreamMatchEntitiesResponse>;

    async fn stream_match_entities(
        &self,
        request: Request<Streaming<wire::StreamMatchEntitiesRequest>>,
    ) -> Result<Response<Self::StreamMatchEntitiesStream>, Status> {
        let inner = Arc::clone(&self.0);
        let mut options = None;
        let begin = move |request: wire::StreamMatchEntitiesRequest| {
            options = request.options.or(options);
            let inner = Arc::clone(&inner);
            async move {
                let batch = decode::Batch::new(request.queries, options)?;
                let deadline = Deadline::after(chassis::deadline::DEFAULT);
                Ok(encode::message(inner.answer(batch, deadline).await?))
            }
        };
        Ok(Response::new(streams::answer(request, self.0.draining.clone(), begin)))
    }

    async fn batch_find_mentions(
        &self,
        request: Request<wire::BatchFindMentionsRequest>,
    ) -> Result<Response<wire::BatchFindMentionsResponse>, Status> {
        let deadline = Deadline::of(&request);
        let batch = mentions::Batch::new(request.into_inner())?;
        Ok(Response::new(batch.answer(&self.0.catalogue, deadline).await?))
    }

    async fn compare_names(
        &self,
        request: Request<wire::CompareNamesRequest>,
    ) -> Result<Response<wire::CompareNamesResponse>, Status> {
        let comparison = decode::Comparisons::of_one(request.into_inner())?.compare_first()?;
        let rules_version = names::rules_version().to_owned();
        Ok(Response::new(wire::CompareNamesResponse {
            comparison: Some(comparison),
            rules_version,
        }))
    }

    async fn batch_compare_names(
        &self,
        request: Request<wire::BatchCompareNamesRequest>,
    ) -> Result<Response<wire::BatchCompareNamesResponse>, Status> {
        let comparisons = decode::Comparisons::new(request.into_inner())?;
        let outcomes = cpu::run(move || comparisons.compare_all()).await?;
        let rules_version = names::rules_version().to_owned();
        Ok(Response::new(wire::BatchCompareNamesResponse { outcomes, rules_version }))
    }

    async fn get_index_status(
        &self,
        _request: Request<wire::GetIndexStatusRequest>,
    ) -> Result<Response<wire::GetIndexStatusResponse>, Status> {
        Ok(Response::new(encode::status(self.0.catalogue.progress())))
    }
}

impl Inner {
    /// Answers a batch from the cache where it knows, from the index where it does not.
    async fn answer(
        &self,
        batch: decode::Batch,
        deadline: Deadline,
    ) -> Result<wire::BatchMatchEntitiesResponse, Fault> {
        self.catalogue.wait_for(batch.min_catalogue_version, deadline).await?;
        let progress = self.catalogue.progress();
        let version = progress.version;
        let space = Space::new("match", CACHE_FORMAT, CACHE_TTL)
            .rules(&format!("{}.{}", names::rules_version(), names::weights_version()))
            .catalogue_id(&progress.catalogue_id)
            .catalogue(version.unsigned_abs());
        let batch = Arc::new(batch);
        let keys = batch.keys();
        let compute =
            |missing| self.compute(Arc::clone(&batch), missing, progress.clone(), deadline);
        let cached = self.cache.get_or_compute_many(&space, &keys, compute).await?;
        Ok(wire::BatchMatchEntitiesResponse {
            outcomes: cached.into_iter().map(marked).collect(),
            catalogue_version: version,
            rules_version: names::rules_version().to_owned(),
        })
    }

    /// Matches the queries at the given positions. What another index than that of `progress` answers
    /// is not kept: the key says which it was.
    async fn compute(
        &self,
        batch: Arc<decode::Batch>,
        missing: Vec<usize>,
        progress: Progress,
        deadline: Deadline,
    ) -> Result<Vec<Fresh<wire::MatchOutcome>>, Fault> {
        let index = self.catalogue.index();
        let is_of = &index.origin;
        let keep = is_of.version == progress.version && is_of.catalogue_id == progress.catalogue_id;
        let until = Instant::now() + deadline.remaining().mul_f64(UNHURRIED);
        let work = move |at: usize| {
            let reader = index.reader();
            let answer = |query: &Query, options: &Options| {
                let matched = matching::find(&reader, query, options, Some(until));
                count(query, &matched);
                encode::result(&reader, matched)
            };
            kept(batch.outcome(at, answer), keep)
        };
        cpu::run_shared(missing, SHARE_MIN, work).await
    }
}

const VERDICTS: &str = "hawiya_matcher_verdicts_total";
const PARTIAL: &str = "hawiya_matcher_partial_total";

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_counter!(VERDICTS, "verdicts that were made and not cached, by script of the mention");
    describe_counter!(PARTIAL, "answers for which there was no time to score every name");
    counter!(PARTIAL).increment(0);
}

fn count(query: &Query, matched: &matching::Matched<'_>) {
    let verdict = matched.verdict.as_str_name();
    let script = query.spellings.first().map_or("", |spelling| spelling.name.script().code());
    counter!(VERDICTS, "verdict" => verdict, "script" => script).increment(1);
    if matched.partial {
        counter!(PARTIAL).increment(1);
    }
}

/// A refusal names a field of one request, and a partial answer is that of one deadline: they must not answer
/// another.
fn kept(outcome: wire::MatchOutcome, keep: bool) -> Fresh<wire::MatchOutcome> {
    match outcome.outcome {
        Some(wire::match_outcome::Outcome::Result(ref result)) if keep && !result.partial => {
            Fresh::keep(outcome)
        }
        _ => Fresh::once(outcome),
    }
}

fn marked(cached: Cached<wire::MatchOutcome>) -> wire::MatchOutcome {
    let from_cache = matches!(cached.source, Source::Local | Source::Redis);
    wire::MatchOutcome { from_cache, ..cached.value }
}

impl decode::Batch {
    /// The keys under which the answers are cached: all of the query and of the options that shape
    /// an answer.
    fn keys(&self) -> Vec<Key> {
        let options = wire::MatchOptions { min_catalogue_version: 0, ..self.wire_options };
        let mut bytes = Vec::new();
        let key = |query: &shared::NameQuery| {
            bytes.clear();
            options.encode_length_delimited(&mut bytes).expect("a Vec grows");
            query.encode(&mut bytes).expect("a Vec grows");
            Key::of(&bytes)
        };
        self.queries.iter().map(key).collect()
    }

    fn outcome(
        &self,
        at: usize,
        answer: impl FnOnce(&Query, &Options) -> wire::MatchResult,
    ) -> wire::MatchOutcome {
        use wire::match_outcome::Outcome;
        let outcome = match self.query(at) {
            Ok(query) => Outcome::Result(answer(&query, &self.options)),
            Err(fault) => Outcome::Error(fault.into_item()),
        };
        wire::MatchOutcome { outcome: Some(outcome), from_cache: false }
    }
}

impl From<NotReady> for Status {
    fn from(not_ready: NotReady) -> Self {
        Fault::from(not_ready).into()
    }
}
