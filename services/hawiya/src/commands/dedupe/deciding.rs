//! Carries decisions out and keeps them.

use std::{
    collections::HashSet,
    time::{Duration, SystemTime},
};

use anyhow::bail;
use chassis::Channel;
use proto::{
    registry::v1::{self as wire, registry_service_client::RegistryServiceClient},
    r#type::v1 as shared,
};
use serde::Serialize;

use super::pair::{Decision, Pair};
use crate::sink::Row;

/// The scope of decisions about pairs: they are no answers to mentions of a text.
const SCOPE: &str = "dedupe";

/// How long a pair that was put off is not asked about.
const DEFERRED: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Forms whose decisions are looked up at once (`registry.proto`).
const FORMS_MAX: usize = 1_000;

/// What was decided, as programs read it; the names of the fields are stable.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Decided {
    merged: u64,
    distinct: u64,
    deferred: u64,
    undecided: u64,
    pub(super) failed: u64,
}

/// Carries decisions out.
pub(super) struct Decider {
    registry: RegistryServiceClient<Channel>,
    actor: String,
    decided: Decided,
    merged: HashSet<String>,
}

impl Decider {
    pub(super) fn new(registry: RegistryServiceClient<Channel>, actor: String) -> Self {
        Self { registry, actor, decided: Decided::default(), merged: HashSet::new() }
    }

    pub(super) fn decided(&self) -> Decided {
        self.decided
    }

    pub(super) fn count_failure(&mut self) {
        self.decided.failed += 1;
    }

    /// Whether one of the pair was merged here, so that there is nothing left to decide.
    pub(super) fn has_merged(&self, pair: &Pair) -> bool {
        let (a, b) = pair.key();
        self.merged.contains(&a) || self.merged.contains(&b)
    }

    /// Merges a pair or notes why not. A merge comes before the note of it: of one that failed
    /// nothing must be kept, or it would never be asked about again.
    pub(super) async fn decide(&mut self, pair: &Pair) -> anyhow::Result<()> {
        let Some(decision) = pair.decision else {
            self.decided.undecided += 1;
            return Ok(());
        };
        if pair.survivor.canonical_id == pair.merged.canonical_id {
            bail!("`{}` is on both sides: a pair has two ids", pair.merged.canonical_id);
        }
        match decision {
            Decision::Yes => {
                self.merge(pair).await?;
                self.keep(pair, shared::DecisionKind::Yes).await?;
                self.decided.merged += 1;
            }
            Decision::No => {
                self.keep(pair, shared::DecisionKind::No).await?;
                self.decided.distinct += 1;
            }
            Decision::Defer => {
                self.keep(pair, shared::DecisionKind::Defer).await?;
                self.decided.deferred += 1;
            }
        }
        Ok(())
    }

    async fn merge(&mut self, pair: &Pair) -> anyhow::Result<()> {
        let comment = format!("dedupe, score {:.2}", pair.score);
        let request = wire::MergeEntitiesRequest {
            survivor_id: pair.survivor.canonical_id.clone(),
            merged_ids: vec![pair.merged.canonical_id.clone()],
            note: Some(wire::ChangeNote { actor: self.actor.clone(), comment }),
        };
        self.registry.merge_entities(request).await.map_err(said)?;
        self.merged.insert(pair.merged.canonical_id.clone());
        Ok(())
    }

    async fn keep(&mut self, pair: &Pair, kind: shared::DecisionKind) -> anyhow::Result<()> {
        let is_deferred = kind == shared::DecisionKind::Defer;
        let decision = shared::Decision {
            text: pair.merged.canonical_id.clone(),
            canonical_id: pair.survivor.canonical_id.clone(),
            kind: kind.into(),
            scope: SCOPE.to_owned(),
            actor: self.actor.clone(),
            comment: format!("score {:.2}", pair.score),
            expire_time: is_deferred.then(|| (SystemTime::now() + DEFERRED).into()),
            ..Default::default()
        };
        let request =
            wire::CreateDecisionRequest { decision: Some(decision), ..Default::default() };
        self.registry.create_decision(request).await.map_err(said)?;
        Ok(())
    }
}

/// What the registry says, without the words of the transport.
fn said(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!(status.message().to_owned())
}

/// The pairs about which nobody has decided, whichever of the two would have survived.
pub(super) async fn undecided(
    registry: &mut RegistryServiceClient<Channel>,
    pairs: Vec<Pair>,
) -> anyhow::Result<Vec<Pair>> {
    let ids = pairs.iter().flat_map(|pair| [&pair.survivor, &pair.merged]);
    let forms: HashSet<String> = ids.map(|side| form(&side.canonical_id)).collect();
    let forms: Vec<String> = forms.into_iter().collect();
    let mut decided = HashSet::new();
    for forms in forms.chunks(FORMS_MAX) {
        let (forms, scope) = (forms.to_vec(), SCOPE.to_owned());
        let request = wire::BatchLookupDecisionsRequest { forms, scope };
        let sets = registry.batch_lookup_decisions(request).await?.into_inner().decision_sets;
        let decisions = sets.into_iter().flat_map(|set| set.decisions);
        let of_pairs = decisions.filter(|decision| decision.scope == SCOPE);
        decided.extend(of_pairs.map(|decision| (decision.text, decision.canonical_id)));
    }
    let is_open = |pair: &Pair| {
        let (a, b) = pair.key();
        !decided.contains(&(a.clone(), b.clone())) && !decided.contains(&(b, a))
    };
    Ok(pairs.into_iter().filter(is_open).collect())
}

/// The form under which the registry finds a decision about an id.
fn form(id: &str) -> String {
    names::Name::new(id).form().to_owned()
}

impl Row for Decided {
    const COLUMNS: &'static [&'static str] =
        &["merged", "distinct", "deferred", "undecided", "failed"];

    fn cells(&self) -> Vec<String> {
        [self.merged, self.distinct, self.deferred, self.undecided, self.failed]
            .map(|number| number.to_string())
            .to_vec()
    }
}
