//! Finds pairs: asks the matcher for the names of every entity, the entity itself left out.

use std::collections::{HashMap, HashSet};

use anyhow::Context;
use chassis::Channel;
use futures_util::StreamExt;
use proto::{
    matching::v1::{self as matching, matching_service_client::MatchingServiceClient},
    registry::v1::{self as wire, registry_service_client::RegistryServiceClient},
    r#type::v1 as shared,
};
use tonic::Streaming;

use super::{super::entities, deciding, pair::Pair};

/// Entities whose names are asked about at once; with their other names a fifth of a second of work.
const ENTITIES_AT_ONCE: usize = 100;

/// Candidates of an entity that are looked at.
const CANDIDATES_MAX: i32 = 5;

/// Names of an entity that are asked beside the primary one (`match.proto`).
const OTHER_NAMES_MAX: usize = 8;

/// External ids that are evidence (`match.proto`).
const EXTERNAL_IDS_MAX: usize = 16;

/// Pairs that are remembered, so that none is told from both sides; some 100 bytes each.
const PAIRS_MAX: usize = 1_000_000;

/// Finds pairs, some entities at a time.
pub(super) struct Finder {
    registry: RegistryServiceClient<Channel>,
    matcher: MatchingServiceClient<Channel>,
    entities: Streaming<wire::ExportEntitiesResponse>,
    waiting: std::vec::IntoIter<wire::Entity>,
    threshold: f64,
    told: HashSet<(String, String)>,
    catalogue_version: i64,
}

impl Finder {
    pub(super) async fn open(
        mut registry: RegistryServiceClient<Channel>,
        matcher: MatchingServiceClient<Channel>,
        types: Vec<i32>,
        dataset: String,
        threshold: f64,
    ) -> anyhow::Result<Self> {
        let request = wire::ExportEntitiesRequest { types, dataset, ..Default::default() };
        let entities = registry.export_entities(request).await?.into_inner();
        let (waiting, told) = Default::default();
        Ok(Self { registry, matcher, entities, waiting, threshold, told, catalogue_version: 0 })
    }

    /// The pairs among the next entities that nobody has decided about; `None` at the end.
    pub(super) async fn next(&mut self) -> anyhow::Result<Option<Vec<Pair>>> {
        let entities = self.next_entities().await?;
        if entities.is_empty() {
            return Ok(None);
        }
        let found = self.candidates(&entities).await?;
        let ids: HashSet<&String> = found.iter().map(|(_, id, _)| id).collect();
        let ids = ids.into_iter().cloned().collect();
        let known = entities::by_id(self.registry.clone(), ids).await?;
        let pairs = self.new_pairs(&entities, &found, &known);
        Ok(Some(deciding::undecided(&mut self.registry, pairs).await?))
    }

    async fn next_entities(&mut self) -> anyhow::Result<Vec<wire::Entity>> {
        let mut entities: Vec<wire::Entity> =
            self.waiting.by_ref().take(ENTITIES_AT_ONCE).collect();
        while entities.is_empty() {
            let Some(answer) = self.entities.next().await else { break };
            let answer = answer?;
            self.catalogue_version = answer.catalogue_version;
            self.waiting = answer.entities.into_iter();
            entities = self.waiting.by_ref().take(ENTITIES_AT_ONCE).collect();
        }
        Ok(entities)
    }

    /// Which entity has which candidate at which score: those above the threshold.
    async fn candidates(
        &mut self,
        entities: &[wire::Entity],
    ) -> anyhow::Result<Vec<(usize, String, f64)>> {
        let options = matching::MatchOptions {
            candidates_max: CANDIDATES_MAX,
            min_catalogue_version: self.catalogue_version,
            ..Default::default()
        };
        let queries = entities.iter().map(query).collect();
        let request = matching::BatchMatchEntitiesRequest { queries, options: Some(options) };
        let outcomes = self.matcher.batch_match_entities(request).await?.into_inner().outcomes;
        let mut found = Vec::new();
        for (at, outcome) in outcomes.into_iter().enumerate() {
            let result = match outcome.outcome.context("the server sent no outcome")? {
                matching::match_outcome::Outcome::Result(result) => result,
                // An entity of the catalogue whose name is none can have no double either.
                matching::match_outcome::Outcome::Error(_) => continue,
            };
            let good = result.candidates.into_iter().filter(|found| found.score >= self.threshold);
            found.extend(good.map(|candidate| (at, candidate.canonical_id, candidate.score)));
        }
        Ok(found)
    }

    fn new_pairs(
        &mut self,
        entities: &[wire::Entity],
        found: &[(usize, String, f64)],
        known: &HashMap<String, wire::Entity>,
    ) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (at, id, score) in found {
            let Some(other) = known.get(id) else { continue };
            let is_one = other.canonical_id == entities[*at].canonical_id;
            if is_one || other.state() != wire::LifecycleState::Active {
                continue;
            }
            let pair = Pair::new(&entities[*at], other, *score);
            if self.told.len() >= PAIRS_MAX || self.told.insert(pair.key()) {
                pairs.push(pair);
            }
        }
        pairs
    }
}

/// The names of an entity as a mention, with everything else that is known as evidence.
fn query(entity: &wire::Entity) -> shared::NameQuery {
    let is_primary = |name: &&shared::Name| name.kind() == shared::NameKind::Primary;
    let primary = entity.names.iter().find(is_primary).map(|name| name.text.clone());
    let others = entity.names.iter().filter(|name| !is_primary(name));
    let filter = shared::Filter {
        types: vec![entity.r#type],
        excluded_ids: vec![entity.canonical_id.clone()],
        ..Default::default()
    };
    let evidence = shared::Evidence {
        r#type: entity.r#type,
        country: entity.country.clone(),
        birth_date: entity.birth_date,
        founding_date: entity.founding_date,
        gender: entity.gender,
        external_ids: entity.external_ids.iter().take(EXTERNAL_IDS_MAX).cloned().collect(),
    };
    shared::NameQuery {
        text: primary.unwrap_or_default(),
        other_texts: others.take(OTHER_NAMES_MAX).map(|name| name.text.clone()).collect(),
        filter: Some(filter),
        evidence: Some(evidence),
        ..Default::default()
    }
}
