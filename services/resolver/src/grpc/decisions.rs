//! What people decided about mentions: looked up before a batch is matched, obeyed after it.
//!
//! A "no" to one entity is a filter of the matcher's question, so that the verdict is the matcher's
//! own. Everything else is laid over the answer: answers are cached as if nobody had decided
//! anything, and a decision counts from the next call on.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    time::{Duration, SystemTime},
};

use cache::{Cache, Fresh, Key, Space};
use chassis::Deadline;
use names::Name;
use proto::{
    matching::v1 as matching, registry::v1 as registry, resolution::v1 as wire,
    r#type::v1 as shared, vocabulary::Verdict,
};
use shared::DecisionKind;

use super::{answer::Answer, decode::Batch, encode::summary_of, neighbours::Neighbours};
use crate::{freshness::Freshness, reason};

/// Version of the cached `registry::DecisionSet`.
const CACHE_FORMAT: u32 = 1;

/// How long a looked up decision is kept; a newer one, and a newer catalogue, make it worthless
/// sooner.
const CACHE_TTL: Duration = Duration::from_secs(60);

/// The ids that the matcher takes as excluded at most.
const EXCLUDED_MAX: usize = 1_000;

/// What applies to the mentions of a batch, by position.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    sets: Vec<Applying>,
    /// Whether the registry could not be asked.
    pub(super) are_missing: bool,
}

/// What applies to one mention.
#[derive(Clone, Debug, Default)]
struct Applying {
    /// Says what the mention means, whatever the matcher thinks.
    decisive: Option<shared::Decision>,
    /// Say what it does not mean.
    excluding: Vec<shared::Decision>,
}

impl Applying {
    /// In the order of the registry the first decisive one counts, and what came before it.
    fn of(set: registry::DecisionSet, now: SystemTime) -> Self {
        let mut applying = Self::default();
        for decision in set.decisions {
            let expired = |time: prost_types::Timestamp| {
                SystemTime::try_from(time).is_ok_and(|time| time <= now)
            };
            if decision.expire_time.is_some_and(expired) {
                continue;
            }
            if decision.kind() == DecisionKind::No && !decision.canonical_id.is_empty() {
                applying.excluding.push(decision);
            } else {
                applying.decisive = Some(decision);
                break;
            }
        }
        applying
    }
}

/// What applies to the mentions of a form, for the matcher to obey.
pub(super) fn rulings(form: &str, set: registry::DecisionSet) -> Vec<matching::FormRuling> {
    let Applying { decisive, excluding } = Applying::of(set, SystemTime::now());
    let ruling = |decision: shared::Decision| matching::FormRuling {
        form: form.to_owned(),
        kind: decision.kind,
        canonical_id: decision.canonical_id,
    };
    excluding.into_iter().chain(decisive).map(ruling).collect()
}

impl Decisions {
    /// The decisions about the mentions of a batch.
    pub(super) async fn about(
        batch: &Batch,
        cache: &Cache,
        freshness: &Freshness,
        neighbours: &Neighbours,
        deadline: Deadline,
    ) -> Self {
        if freshness.nobody_decided() {
            return Self::default();
        }
        let forms: Vec<_> =
            batch.queries.iter().map(|query| Name::new(&query.text).form().to_owned()).collect();
        let scope = &batch.options.decision_scope;
        let ask = async |positions: Vec<usize>| {
            let forms = positions.iter().map(|at| forms[*at].clone()).collect();
            let sets = neighbours.decisions(forms, scope.clone(), deadline).await.ok_or(())?;
            Ok::<_, ()>(sets.into_iter().map(Fresh::keep).collect())
        };
        let Some(space) = space(freshness) else {
            let sets = neighbours.decisions(forms.clone(), scope.clone(), deadline).await;
            return sets.map_or_else(Self::missing, Self::of);
        };
        let key = |form: &String| Key::of(format!("{scope}\0{form}").as_bytes());
        let keys: Vec<_> = forms.iter().map(key).collect();
        match cache.get_or_compute_many(&space, &keys, ask).await {
            Ok(sets) => Self::of(sets.into_iter().map(|set| set.value).collect()),
            Err(()) => Self::missing(),
        }
    }

    fn of(sets: Vec<registry::DecisionSet>) -> Self {
        let now = SystemTime::now();
        let sets = sets.into_iter().map(|set| Applying::of(set, now)).collect();
        Self { sets, are_missing: false }
    }

    fn missing() -> Self {
        Self { sets: Vec::new(), are_missing: true }
    }

    /// The questions without what people said they do not mean.
    pub(super) fn excluded<'a>(&self, batch: &'a Batch) -> Cow<'a, Batch> {
        let mut asked = Cow::Borrowed(batch);
        for (at, applying) in self.sets.iter().enumerate() {
            if applying.excluding.is_empty() {
                continue;
            }
            let query = &mut asked.to_mut().queries[at];
            let excluded = &mut query.filter.get_or_insert_default().excluded_ids;
            let ids = applying.excluding.iter().map(|decision| decision.canonical_id.clone());
            let free = EXCLUDED_MAX.saturating_sub(excluded.len());
            excluded.extend(ids.take(free));
        }
        asked
    }

    /// The entities that people said are meant.
    pub(super) fn meant(&self) -> Vec<String> {
        let decisive = self.sets.iter().filter_map(|applying| applying.decisive.as_ref());
        let yes = decisive.filter(|decision| decision.kind() == DecisionKind::Yes);
        let ids: BTreeSet<_> = yes.map(|decision| decision.canonical_id.clone()).collect();
        ids.into_iter().collect()
    }

    /// Lays the decisions over the answers. `batch` is as the caller asked it.
    pub(super) fn lay_over(
        &self,
        batch: &Batch,
        entities: &HashMap<String, registry::Entity>,
        answers: &mut [Answer],
    ) {
        for (at, applying) in self.sets.iter().enumerate() {
            let filter = batch.queries[at].filter.as_ref();
            if let Some(decision) = &applying.decisive {
                answers[at].change(|resolution| {
                    decide(resolution, decision, filter, entities, batch);
                });
            } else if let Some(decision) = applying.excluding.first() {
                answers[at].change(|resolution| leave_out(resolution, decision, filter));
            }
        }
    }
}

/// Decisions as of the newest one and of the catalogue that they lead into; nothing before either
/// is known.
fn space(freshness: &Freshness) -> Option<Space> {
    let confirmed = freshness.last()?;
    let newest = freshness.newest_decision()?;
    let catalogue = format!("{}.{newest}", confirmed.catalogue_id);
    let space = Space::new("decisions", CACHE_FORMAT, CACHE_TTL).rules(names::rules_version());
    Some(space.catalogue_id(&catalogue).catalogue(confirmed.version.unsigned_abs()))
}

fn decide(
    resolution: &mut wire::Resolution,
    decision: &shared::Decision,
    filter: Option<&shared::Filter>,
    entities: &HashMap<String, registry::Entity>,
    batch: &Batch,
) {
    match decision.kind() {
        DecisionKind::Yes => {
            let Some(entity) = entities.get(&decision.canonical_id) else { return };
            if filter.is_none_or(|filter| admits(filter, entity)) {
                let entity = summary_of(entity, &batch.options.display_language);
                resolution.verdict = Verdict::Match.into();
                resolution.no_match_reason = shared::NoMatchReason::Unspecified.into();
                resolution.reason = reason::decided(&entity.name);
                resolution.canonical_id.clone_from(&decision.canonical_id);
                resolution.entity = Some(entity);
                resolution.decision_id.clone_from(&decision.decision_id);
            }
        }
        DecisionKind::Defer => no_match(resolution, decision, shared::NoMatchReason::Deferred),
        DecisionKind::No | DecisionKind::Unspecified => {
            no_match(resolution, decision, shared::NoMatchReason::Decided);
        }
    }
}

fn no_match(
    resolution: &mut wire::Resolution,
    decision: &shared::Decision,
    reason: shared::NoMatchReason,
) {
    resolution.verdict = Verdict::NoMatch.into();
    resolution.no_match_reason = reason.into();
    resolution.reason = reason::undecided(reason).to_owned();
    resolution.canonical_id.clear();
    resolution.entity = None;
    resolution.decision_id.clone_from(&decision.decision_id);
}

/// The matcher was asked without the entity. When nothing is left of it, the person is the reason,
/// unless the caller kept something out too.
fn leave_out(
    resolution: &mut wire::Resolution,
    decision: &shared::Decision,
    filter: Option<&shared::Filter>,
) {
    resolution.decision_id.clone_from(&decision.decision_id);
    let by_caller = filter.is_some_and(|filter| *filter != shared::Filter::default());
    if resolution.no_match_reason() == shared::NoMatchReason::FilteredOut && !by_caller {
        no_match(resolution, decision, shared::NoMatchReason::Decided);
    }
}

/// Whether the caller wants such entities at all.
fn admits(filter: &shared::Filter, entity: &registry::Entity) -> bool {
    use shared::EntityType::{City, Country, Location};
    let is_place = [City, Country].contains(&entity.r#type());
    let of_type = |kind: &i32| *kind == entity.r#type || (*kind == Location as i32 && is_place);
    (filter.types.is_empty() || filter.types.iter().any(of_type))
        && (filter.countries.is_empty() || filter.countries.contains(&entity.country))
        && (filter.datasets.is_empty() || filter.datasets.contains(&entity.dataset))
        && !filter.excluded_ids.contains(&entity.canonical_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(kind: DecisionKind, canonical_id: &str) -> shared::Decision {
        let canonical_id = canonical_id.to_owned();
        shared::Decision { kind: kind.into(), canonical_id, ..Default::default() }
    }

    #[test]
    fn the_first_decisive_decision_counts_and_what_was_ruled_out_before_it() {
        let decisions = vec![
            decision(DecisionKind::No, "Q1"),
            decision(DecisionKind::Yes, "Q2"),
            decision(DecisionKind::No, "Q3"),
        ];
        let set = registry::DecisionSet { decisions };
        let applying = Applying::of(set, SystemTime::UNIX_EPOCH);
        assert_eq!(applying.decisive.unwrap().canonical_id, "Q2");
        assert_eq!(applying.excluding.len(), 1);
    }

    #[test]
    fn an_expired_decision_does_not_count() {
        let expire_time = Some(prost_types::Timestamp { seconds: 5, nanos: 0 });
        let expired = shared::Decision { expire_time, ..decision(DecisionKind::Defer, "") };
        let set = registry::DecisionSet { decisions: vec![expired] };
        assert!(Applying::of(set.clone(), SystemTime::now()).decisive.is_none());
        assert!(Applying::of(set, SystemTime::UNIX_EPOCH).decisive.is_some());
    }

    #[test]
    fn a_country_is_a_location() {
        let entity = registry::Entity {
            r#type: shared::EntityType::Country.into(),
            country: "RU".to_owned(),
            ..Default::default()
        };
        let types = |kind: shared::EntityType| shared::Filter {
            types: vec![kind.into()],
            ..Default::default()
        };
        assert!(admits(&types(shared::EntityType::Location), &entity));
        assert!(!admits(&types(shared::EntityType::Person), &entity));
        let elsewhere = shared::Filter { countries: vec!["KP".into()], ..Default::default() };
        assert!(!admits(&elsewhere, &entity));
    }
}
