//! What the resolver says about a name, as far as it is written and counted.

use proto::{
    resolution::v1 as wire,
    r#type::v1 as shared,
    vocabulary::{EntityType, MatchKind, NoMatchReason, Verdict},
};

use super::{
    super::{item_error, rounded, type_name, verdict_name},
    row::Origin,
};
use crate::import::Problem;

/// An answer.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    /// Empty, like the name, when no entity is meant.
    pub(super) canonical_id: String,
    pub(super) name: String,
    pub(super) entity_type: EntityType,
    pub(super) score: f64,
    pub(super) reason: String,
    pub(super) form: String,
    pub(super) kind: MatchKind,
    pub(super) no_match_reason: NoMatchReason,
    pub(super) catalogue_version: i64,
    /// It had to do without something, or was made near a deadline.
    pub(super) is_degraded: bool,
}

impl Answer {
    pub(super) fn verdict(&self) -> &'static str {
        verdict_name(self.verdict)
    }

    pub(super) fn entity_type(&self) -> &'static str {
        type_name(self.entity_type)
    }
}

/// What came from the server for one item: an answer with its origin, or what is wrong with the item.
pub(super) fn read(
    outcome: wire::ItemOutcome,
    rules_version: &mut String,
) -> Result<(Answer, Origin), Vec<Problem>> {
    match outcome.outcome {
        Some(wire::item_outcome::Outcome::Resolution(resolution)) => {
            if *rules_version != resolution.rules_version {
                rules_version.clone_from(&resolution.rules_version);
            }
            let origin = origin(&resolution);
            Ok((answer(resolution), origin))
        }
        Some(wire::item_outcome::Outcome::Error(item)) => Err(Problem::row(item_error(&item))),
        None => Err(Problem::row("the server sent no outcome")),
    }
}

/// Whether an answer had to do without something that may come back: the registry, the normalizer, or an
/// index that follows the registry.
pub(super) fn may_improve(outcome: &wire::ItemOutcome) -> bool {
    match &outcome.outcome {
        Some(wire::item_outcome::Outcome::Resolution(resolution)) => {
            !resolution.degradations.is_empty()
        }
        Some(wire::item_outcome::Outcome::Error(_)) | None => false,
    }
}

fn origin(resolution: &wire::Resolution) -> Origin {
    match resolution.origin() {
        wire::AnswerOrigin::LocalCache => Origin::LocalCache,
        wire::AnswerOrigin::SharedCache => Origin::SharedCache,
        wire::AnswerOrigin::Computed | wire::AnswerOrigin::Unspecified => Origin::Computed,
    }
}

fn answer(resolution: wire::Resolution) -> Answer {
    let verdict = resolution.verdict();
    let no_match_reason = resolution.no_match_reason();
    let is_degraded = resolution.partial || !resolution.degradations.is_empty();
    let kind = resolution.candidates.first().map(shared::Candidate::kind).unwrap_or_default();
    let entity = resolution.entity.unwrap_or_default();
    Answer {
        verdict,
        entity_type: entity.r#type(),
        canonical_id: entity.canonical_id,
        name: entity.name,
        score: rounded(resolution.score),
        reason: resolution.reason,
        form: resolution.form,
        kind,
        no_match_reason,
        catalogue_version: resolution.catalogue_version,
        is_degraded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_improve_when_it_had_to_do_without_something() {
        let outcome = |degradations: Vec<i32>, partial| {
            let resolution = wire::Resolution { degradations, partial, ..Default::default() };
            let outcome = Some(wire::item_outcome::Outcome::Resolution(resolution));
            wire::ItemOutcome { outcome, ..Default::default() }
        };
        assert!(may_improve(&outcome(vec![wire::Degradation::Registry.into()], false)));
        assert!(may_improve(&outcome(vec![wire::Degradation::IndexStale.into()], false)));
        // What took too long would take as long again.
        assert!(!may_improve(&outcome(Vec::new(), true)));
        assert!(!may_improve(&wire::ItemOutcome::default()));
    }
}
