//! `NormalizationService`: decodes, calls and encodes. The only place that names wire types.
//!
//! Unary is the special case of a batch of one. Traced names are cached, others are not: a plain name
//! costs less to make than to look up, and its readings not much more.

mod encode;

use std::{sync::Arc, time::Duration};

use cache::{Cache, Fresh, Key, Space};
use chassis::{Fault, Violations, cpu, streams};
use names::Profile;
use prost::Message;
use proto::{normalization::v1 as wire, r#type::v1::SpellingProfile};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use wire::{
    normalization_service_server::{NormalizationService, NormalizationServiceServer},
    normalize_outcome::Outcome,
};

use crate::normalize::{Wanted, normalize};

/// Version of the cached encoding of `wire::NormalizeOutcome`; raise it when that changes meaning.
const CACHE_FORMAT: u32 = 2;

/// Traced names never go stale: the rules version is part of the key.
const CACHE_TTL: Duration = Duration::from_secs(24 * 3600);

/// A batch above this leaves the serving thread; a name takes a microsecond or two.
const INLINE_ITEMS_MAX: usize = 100;

pub(crate) fn service(
    cache: Cache,
    draining: CancellationToken,
) -> NormalizationServiceServer<impl NormalizationService> {
    let space = Space::new("trace", CACHE_FORMAT, CACHE_TTL).rules(names::rules_version());
    NormalizationServiceServer::new(Service(Arc::new(Inner { cache, space, draining })))
}

struct Service(Arc<Inner>);

struct Inner {
    cache: Cache,
    space: Space,
    draining: CancellationToken,
}

#[tonic::async_trait]
impl NormalizationService for Service {
    async fn normalize(
        &self,
        request: Request<wire::NormalizeRequest>,
    ) -> Result<Response<wire::NormalizeResponse>, Status> {
        let request = request.into_inner();
        let wanted = decode_options(request.options)
            .map_err(|fault| fault.with(normalize("text", &request.text, Wanted::default())))?;
        let outcomes = self.0.outcomes(vec![request.text], wanted, |_| "text".to_owned()).await?;
        Ok(Response::new(encode::single(outcomes)?))
    }

    async fn batch_normalize(
        &self,
        request: Request<wire::BatchNormalizeRequest>,
    ) -> Result<Response<wire::BatchNormalizeResponse>, Status> {
        let request = request.into_inner();
        let outcomes = self.0.batch(request.texts, request.options).await?;
        let rules_version = names::rules_version().to_owned();
        Ok(Response::new(wire::BatchNormalizeResponse { outcomes, rules_version }))
    }

    type StreamNormalizeStream = streams::Answers<wire::StreamNormalizeResponse>;

    async fn stream_normalize(
        &self,
        request: Request<Streaming<wire::StreamNormalizeRequest>>,
    ) -> Result<Response<Self::StreamNormalizeStream>, Status> {
        let inner = Arc::clone(&self.0);
        let mut options = None;
        let begin = move |request: wire::StreamNormalizeRequest| {
            options = request.options.or(options);
            let inner = Arc::clone(&inner);
            async move {
                let outcomes = inner.batch(request.texts, options).await?;
                let rules_version = names::rules_version().to_owned();
                Ok(wire::StreamNormalizeResponse { outcomes, rules_version })
            }
        };
        Ok(Response::new(streams::answer(request, self.0.draining.clone(), begin)))
    }

    async fn get_rules(
        &self,
        _request: Request<wire::GetRulesRequest>,
    ) -> Result<Response<wire::GetRulesResponse>, Status> {
        let rules_version = names::rules_version().to_owned();
        let rules = names::rules().iter().map(encode::rule).collect();
        Ok(Response::new(wire::GetRulesResponse { rules_version, rules }))
    }
}

impl Inner {
    /// One message's worth of names, each of which succeeds or fails alone.
    async fn batch(
        &self,
        texts: Vec<String>,
        options: Option<wire::NormalizeOptions>,
    ) -> Result<Vec<wire::NormalizeOutcome>, Fault> {
        let wanted = decode_options(options)?;
        let mut violations = Violations::default();
        violations.check_batch("texts", texts.len(), wanted.items_max());
        violations.or(())?;
        self.outcomes(texts, wanted, |position| format!("texts[{position}]")).await
    }

    /// Outcomes in the order of the texts; `field` gives the path of a text in the request.
    async fn outcomes(
        &self,
        texts: Vec<String>,
        wanted: Wanted,
        field: fn(usize) -> String,
    ) -> Result<Vec<wire::NormalizeOutcome>, Fault> {
        if !wanted.trace {
            return compute(texts.into_iter().enumerate().collect(), wanted, field).await;
        }
        let keys: Vec<Key> = texts.iter().map(|text| key(text, wanted)).collect();
        let compute_missing = |missing: Vec<usize>| {
            let texts = missing.iter().map(|at| (*at, texts[*at].clone())).collect();
            async move {
                Ok::<_, Fault>(
                    compute(texts, wanted, field).await?.into_iter().map(keep_names).collect(),
                )
            }
        };
        let cached = self.cache.get_or_compute_many(&self.space, &keys, compute_missing).await?;
        Ok(cached.into_iter().map(|cached| cached.value).collect())
    }
}

/// Normalizes texts that stand at the given positions of their request.
async fn compute(
    texts: Vec<(usize, String)>,
    wanted: Wanted,
    field: fn(usize) -> String,
) -> Result<Vec<wire::NormalizeOutcome>, Fault> {
    let inline = texts.len() <= INLINE_ITEMS_MAX;
    let outcome = move |(at, text): (usize, String)| encode::outcome(&field(at), text, wanted);
    let work = move || texts.into_iter().map(outcome).collect();
    if inline { Ok(work()) } else { cpu::run(work).await }
}

/// A refusal names a field of one request: it must not answer another.
fn keep_names(outcome: wire::NormalizeOutcome) -> Fresh<wire::NormalizeOutcome> {
    match outcome.outcome {
        Some(Outcome::Name(_)) => Fresh::keep(outcome),
        _ => Fresh::once(outcome),
    }
}

fn key(text: &str, wanted: Wanted) -> Key {
    let tokens = if wanted.tokens { wire::TokenView::Full } else { wire::TokenView::None };
    let readings = if wanted.readings { wire::ReadingView::Full } else { wire::ReadingView::None };
    let profile = wanted.profile.map_or(SpellingProfile::Unspecified, encode::profile);
    let options = wire::NormalizeOptions {
        tokens: tokens.into(),
        readings: readings.into(),
        profile: profile.into(),
        ..Default::default()
    };
    let request = wire::NormalizeRequest { text: text.to_owned(), options: Some(options) };
    Key::of(&request.encode_to_vec())
}

fn decode_options(options: Option<wire::NormalizeOptions>) -> Result<Wanted, Fault> {
    let options = options.unwrap_or_default();
    let mut violations = Violations::default();
    let profile = violations.check_enum::<SpellingProfile>("options.profile", options.profile);
    let trace = violations.check_enum::<wire::TraceView>("options.trace", options.trace);
    let tokens = violations.check_enum::<wire::TokenView>("options.tokens", options.tokens);
    let readings = violations.check_enum::<wire::ReadingView>("options.readings", options.readings);
    violations.or(Wanted {
        trace: trace == wire::TraceView::Full,
        tokens: tokens == wire::TokenView::Full,
        readings: readings == wire::ReadingView::Full,
        profile: decode_profile(profile),
    })
}

fn decode_profile(profile: SpellingProfile) -> Option<Profile> {
    match profile {
        SpellingProfile::Unspecified => None,
        SpellingProfile::Eg => Some(Profile::Egypt),
        SpellingProfile::Lev => Some(Profile::Levant),
        SpellingProfile::Iq => Some(Profile::Iraq),
        SpellingProfile::Gulf => Some(Profile::Gulf),
        SpellingProfile::Maghreb => Some(Profile::Maghreb),
        SpellingProfile::Fa => Some(Profile::Persian),
        SpellingProfile::Ur => Some(Profile::Urdu),
    }
}
