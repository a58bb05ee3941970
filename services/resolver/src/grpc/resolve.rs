//! Resolves a batch: the cache first, then the neighbours for what it does not know.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use cache::{Cache, Fresh, Key, Space};
use chassis::{Caller, Deadline, Fault, deadline};
use metrics::{counter, describe_counter};
use prost::Message;
use proto::{matching::v1 as matching, resolution::v1 as wire};
use tokio::time::sleep;
use wire::resolve_outcome::Outcome;

use super::{
    answer::{Answer, ItemAnswer, MessageAnswer},
    decided,
    decisions::Decisions,
    decode::{self, Batch, StreamMessage},
    encode::{self, Common},
    neighbours::{Neighbours, Spelling},
};
use crate::{
    error::refused,
    freshness::{Confirmed, Freshness},
};

const ANSWERS: &str = "hawiya_resolver_answers_total";

/// Says what the metrics mean.
pub(super) fn describe_metrics() {
    describe_counter!(ANSWERS, "mentions that were answered, by verdict and origin");
}

/// Version of the cached encoding of `wire::ResolveOutcome`; raise it when that changes meaning.
/// Since 2 the origin that is kept is LOCAL_CACHE.
const CACHE_FORMAT: u32 = 2;

/// A message of a stream that a neighbour had too much work for is asked again after so long.
const OVERLOAD_PAUSE: Duration = Duration::from_millis(25);

/// How long an answer is kept; it is right for as long as its catalogue version is.
const CACHE_TTL: Duration = Duration::from_secs(3600);

pub(super) struct Resolver {
    pub(super) cache: Cache,
    pub(super) freshness: Arc<Freshness>,
    pub(super) neighbours: Neighbours,
}

impl Resolver {
    /// The outcome of one mention. A refusal of its options tells what is wrong with the mention
    /// too, which only the matcher knows.
    pub(super) async fn resolve_one(
        &self,
        request: wire::ResolveRequest,
        deadline: Deadline,
    ) -> Result<Vec<Answer>, Fault> {
        let query = request.query.clone();
        let fault = match decode::of_one(request) {
            Ok(batch) => return self.resolve(&batch, deadline).await,
            Err(fault) => fault,
        };
        let alone = decode::of_one(wire::ResolveRequest { query, options: None })?;
        let outcome = self.resolve(&alone, deadline).await.map(encode::single);
        Err(fault.with(outcome.and_then(|answer| answer.map_err(|status| refused(&status)))))
    }

    /// Answers in the order of the queries, as people decided where they did. Fails as a whole only
    /// when the matcher does.
    pub(super) async fn resolve(
        &self,
        batch: &Batch,
        deadline: Deadline,
    ) -> Result<Vec<Answer>, Fault> {
        let (cache, freshness, neighbours) = (&self.cache, &self.freshness, &self.neighbours);
        let decisions = Decisions::about(batch, cache, freshness, neighbours, deadline).await;
        let mut answers = self.resolve_undecided(&decisions.excluded(batch), deadline).await?;
        let entities = self.neighbours.entities(decisions.meant(), deadline).await;
        if decisions.are_missing || entities.is_none() {
            answers.iter_mut().for_each(|answer| answer.change(note_registry));
        }
        decisions.lay_over(batch, &entities.unwrap_or_default(), &mut answers);
        count(&answers);
        Ok(answers)
    }

    /// Records a decision, and obeys it from the next call on.
    pub(super) async fn record_decision(
        &self,
        request: wire::RecordDecisionRequest,
        caller: Option<Caller>,
        deadline: Deadline,
    ) -> Result<wire::RecordDecisionResponse, Fault> {
        let recorded = decided::record(&self.neighbours, request, caller, deadline).await?;
        if let Some(decision) = &recorded.decision {
            self.freshness.decided(&decision.decision_id);
        }
        Ok(recorded)
    }

    /// What the neighbours make of a batch, from the cache where it knows.
    async fn resolve_undecided(
        &self,
        batch: &Batch,
        deadline: Deadline,
    ) -> Result<Vec<Answer>, Fault> {
        let options = &batch.options;
        let version_min = options.matching.min_catalogue_version;
        if let Some(confirmed) = self.freshness.cached(options.max_staleness, version_min) {
            return self.resolve_cached(batch, &confirmed, deadline).await;
        }
        let all = (0..batch.queries.len()).collect();
        let computed = self.compute(batch, all, deadline).await?;
        Ok(computed.into_iter().map(|(outcome, _)| Answer::from(outcome)).collect())
    }

    /// Answers to a message of a stream, whose items may have different options.
    pub(super) async fn resolve_message(
        &self,
        message: StreamMessage,
    ) -> Result<MessageAnswer, Fault> {
        let numbers = message.item_numbers;
        let mut answers = vec![ItemAnswer::default(); numbers.len()];
        for (position, fault) in message.refused {
            let refusal = Some(Outcome::Error(fault.into_item()));
            let answer = Answer::from(wire::ResolveOutcome { outcome: refusal });
            answers[position] = answer.of_item(numbers[position]);
        }
        let deadline = Deadline::after(deadline::DEFAULT);
        for batch in message.batches {
            let resolved = self.resolve_patiently(&batch, deadline).await?;
            for (at, answer) in resolved.into_iter().enumerate() {
                let position = batch.field.position(at);
                answers[position] = answer.of_item(numbers[position]);
            }
        }
        Ok(MessageAnswer { outcomes: answers })
    }

    /// The same as `resolve`, and asks again while a neighbour has too much work: who sends a stream is
    /// made to wait by its window, and not sent away.
    async fn resolve_patiently(
        &self,
        batch: &Batch,
        deadline: Deadline,
    ) -> Result<Vec<Answer>, Fault> {
        loop {
            match self.resolve(batch, deadline).await {
                Err(Fault::ResourceExhausted { .. }) if deadline.remaining() > OVERLOAD_PAUSE => {
                    sleep(OVERLOAD_PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Reads the cache under what was confirmed, computes the rest and keeps what may be kept.
    async fn resolve_cached(
        &self,
        batch: &Batch,
        confirmed: &Confirmed,
        deadline: Deadline,
    ) -> Result<Vec<Answer>, Fault> {
        let version = confirmed.version;
        let space = Space::new("resolution", CACHE_FORMAT, CACHE_TTL)
            .rules(&format!("{}.{}", names::rules_version(), names::weights_version()))
            .catalogue_id(&confirmed.catalogue_id)
            .catalogue(version.unsigned_abs());
        let compute = async |missing| {
            let computed = self.compute(batch, missing, deadline).await?;
            Ok(computed
                .into_iter()
                .map(|(outcome, made_at)| kept(outcome, made_at, version))
                .collect())
        };
        let found = self.cache.get_or_compute_many(&space, &keys(batch), compute).await?;
        Ok(found.into_iter().map(Answer::found).collect())
    }

    /// Asks the neighbours about the queries at the given positions. With each outcome comes the
    /// catalogue version it was made at.
    async fn compute(
        &self,
        batch: &Batch,
        positions: Vec<usize>,
        deadline: Deadline,
    ) -> Result<Vec<(wire::ResolveOutcome, i64)>, Fault> {
        let queries: Vec<_> = positions.iter().map(|at| batch.queries[*at].clone()).collect();
        let texts = queries.iter().map(|query| query.text.clone()).collect();
        let request =
            matching::BatchMatchEntitiesRequest { queries, options: Some(batch.options.matching) };
        let (matches, (spellings, has_normalizer)) = tokio::join!(
            self.neighbours.matches(request, deadline),
            self.neighbours.spellings(texts, deadline)
        );
        let matches = matches?;
        let entities = self.neighbours.entities(matched_ids(&matches), deadline).await;
        let has_registry = entities.is_some();
        let common = Common {
            options: &batch.options,
            catalogue_version: matches.catalogue_version,
            entities: &entities.unwrap_or_default(),
            degradations: &self.degradations(has_normalizer, has_registry),
        };
        let version = matches.catalogue_version;
        let answers = positions.into_iter().zip(spellings).zip(matches.outcomes).enumerate();
        let outcome = |(sent_at, ((at, spelling), answer))| {
            (outcome(batch, at, sent_at, spelling, answer, &common), version)
        };
        Ok(answers.map(outcome).collect())
    }

    pub(super) fn degradations(
        &self,
        has_normalizer: bool,
        has_registry: bool,
    ) -> Vec<wire::Degradation> {
        let is_stale = self.freshness.last().is_some_and(|confirmed| confirmed.is_stale);
        let all = [
            (!has_normalizer, wire::Degradation::Normalizer),
            (!has_registry, wire::Degradation::Registry),
            (is_stale, wire::Degradation::IndexStale),
        ];
        all.into_iter().filter_map(|(applies, what)| applies.then_some(what)).collect()
    }
}

/// Says that what people decided could not be looked up.
fn note_registry(resolution: &mut wire::Resolution) {
    if !resolution.degradations().any(|known| known == wire::Degradation::Registry) {
        resolution.degradations.push(wire::Degradation::Registry.into());
    }
}

fn outcome(
    batch: &Batch,
    at: usize,
    sent_at: usize,
    spelling: Spelling,
    answer: matching::MatchOutcome,
    common: &Common<'_>,
) -> wire::ResolveOutcome {
    match answer.outcome {
        Some(matching::match_outcome::Outcome::Result(result)) => {
            let resolution = encode::resolution(&batch.queries[at].text, spelling, result, common);
            wire::ResolveOutcome { outcome: Some(Outcome::Resolution(resolution)) }
        }
        Some(matching::match_outcome::Outcome::Error(item)) => {
            encode::refusal(&item, &format!("queries[{sent_at}]"), &batch.field.of(at))
        }
        None => {
            let fault = Fault::Internal("the matcher sent an empty outcome".into());
            wire::ResolveOutcome { outcome: Some(Outcome::Error(fault.into_item())) }
        }
    }
}

/// The canonical ids of the mentions that matched, each once.
fn matched_ids(matches: &matching::BatchMatchEntitiesResponse) -> Vec<String> {
    use matching::match_outcome::Outcome;
    use proto::vocabulary::Verdict;
    let mut seen = HashSet::new();
    let matched = matches.outcomes.iter().filter_map(|outcome| match &outcome.outcome {
        Some(Outcome::Result(result)) if result.verdict() == Verdict::Match => {
            result.candidates.first()
        }
        _ => None,
    });
    matched.map(|best| best.canonical_id.clone()).filter(|id| seen.insert(id.clone())).collect()
}

/// What may answer another call: a whole answer, by these rules, of no older a catalogue than the
/// key says. A refusal names a field of one request and is kept for nobody.
fn kept(outcome: wire::ResolveOutcome, made_at: i64, version: i64) -> Fresh<Answer> {
    match outcome.outcome {
        Some(Outcome::Resolution(resolution))
            if made_at >= version && resolution.degradations.is_empty() && !resolution.partial =>
        {
            Fresh::keep(Answer::kept(resolution))
        }
        outcome => Fresh::once(Answer::from(wire::ResolveOutcome { outcome })),
    }
}

fn keys(batch: &Batch) -> Vec<Key> {
    let options = batch.options.key_bytes();
    let mut bytes = Vec::new();
    let key = |query: &proto::r#type::v1::NameQuery| {
        bytes.clear();
        bytes.extend_from_slice(&options);
        query.encode(&mut bytes).expect("a Vec grows");
        Key::of(&bytes)
    };
    batch.queries.iter().map(key).collect()
}

/// Counts a batch at once: a counter costs more than an answer that is known.
fn count(answers: &[Answer]) {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry(answer.labels().unwrap_or(("REFUSED", "REFUSED"))).or_default() += 1;
    }
    for ((verdict, origin), count) in tally {
        counter!(ANSWERS, "verdict" => verdict, "origin" => origin).increment(count);
    }
}
