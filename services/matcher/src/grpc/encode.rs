//! Results as wire messages.

use chassis::{Fault, fault};
use proto::{matching::v1 as wire, r#type::v1 as shared};
use tonic::Status;
use wire::match_outcome::Outcome;

use crate::{
    catalogue::{Progress, State},
    compare::Comparison,
    evidence,
    explain::{Alignment, Edit, Explanation},
    index::Reader,
    matching::Matched,
    verdict::Candidate,
};

/// The answer to a call of one query.
pub(super) fn single(
    answer: wire::BatchMatchEntitiesResponse,
) -> Result<wire::MatchEntitiesResponse, Status> {
    let wire::BatchMatchEntitiesResponse { outcomes, catalogue_version, rules_version } = answer;
    let Some(outcome) = outcomes.into_iter().next() else {
        return Err(Fault::Internal("a query without an outcome".into()).into());
    };
    let from_cache = outcome.from_cache;
    match outcome.outcome {
        Some(Outcome::Result(result)) => Ok(wire::MatchEntitiesResponse {
            result: Some(result),
            catalogue_version,
            rules_version,
            from_cache,
        }),
        Some(Outcome::Error(item)) => Err(fault::status_of(item)),
        None => Err(Fault::Internal("an empty outcome".into()).into()),
    }
}

/// The answer to a message of a stream.
pub(super) fn message(
    answer: wire::BatchMatchEntitiesResponse,
) -> wire::StreamMatchEntitiesResponse {
    let wire::BatchMatchEntitiesResponse { outcomes, catalogue_version, rules_version } = answer;
    wire::StreamMatchEntitiesResponse { outcomes, catalogue_version, rules_version }
}

pub(super) fn result(reader: &Reader<'_>, matched: Matched<'_>) -> wire::MatchResult {
    let candidates = matched.candidates.into_iter();
    wire::MatchResult {
        verdict: matched.verdict.into(),
        no_match_reason: matched.no_match_reason.into(),
        candidates: candidates.map(|candidate| self::candidate(reader, candidate)).collect(),
        margin: matched.margin,
        partial: matched.partial,
    }
}

pub(super) fn candidate(reader: &Reader<'_>, candidate: Candidate<'_>) -> shared::Candidate {
    let (entity, evidence) = (candidate.entity, candidate.evidence);
    shared::Candidate {
        canonical_id: candidate.id.to_owned(),
        name: reader.primary_name(entity).to_owned(),
        r#type: reader.entity_type(entity).into(),
        score: candidate.score,
        kind: candidate.kind.into(),
        matched_name: candidate.matched_name.to_owned(),
        country: reader.country(entity),
        explanation: candidate
            .explanation
            .map(|explanation| encode_explanation(explanation, evidence)),
    }
}

fn encode_explanation(
    explanation: Explanation,
    evidence: Vec<evidence::Outcome>,
) -> shared::Explanation {
    shared::Explanation {
        query_form: explanation.query_form,
        name_form: explanation.name_form,
        alignments: explanation.alignments.into_iter().map(encode_alignment).collect(),
        evidence: evidence.into_iter().map(encode_evidence).collect(),
        rule_ids: explanation.rule_ids.into_iter().map(str::to_owned).collect(),
    }
}

fn encode_alignment(alignment: Alignment) -> shared::TokenAlignment {
    shared::TokenAlignment {
        query_token: alignment.query_token,
        name_token: alignment.name_token,
        similarity: alignment.similarity,
        role: alignment.role.into(),
        operations: alignment.operations.into_iter().map(encode_edit).collect(),
    }
}

fn encode_edit(edit: Edit) -> shared::EditOperation {
    let text = |letter: Option<char>| letter.map(String::from).unwrap_or_default();
    let cost = edit.weight.map_or(1.0, cost);
    shared::EditOperation { from: text(edit.from), to: text(edit.to), cost }
}

/// `1 / (1 + e^weight)`: the weight is what the edit adds to the logarithm of the odds for one name, so
/// this is the probability of two names where nothing else is known.
fn cost(weight: f32) -> f64 {
    1.0 / (1.0 + f64::from(weight).exp())
}

fn encode_evidence(outcome: evidence::Outcome) -> shared::EvidenceOutcome {
    shared::EvidenceOutcome {
        field: outcome.field.to_owned(),
        agreement: outcome.agreement.into(),
        query_value: outcome.query_value,
        entity_value: outcome.entity_value,
        score_delta: outcome.score_delta,
    }
}

pub(super) fn comparison(comparison: Comparison) -> wire::NameComparison {
    wire::NameComparison {
        score: comparison.score,
        verdict: comparison.verdict.into(),
        kind: comparison.kind.into(),
        explanation: comparison
            .explanation
            .map(|explanation| encode_explanation(explanation, Vec::new())),
    }
}

pub(super) fn status(progress: Progress) -> wire::GetIndexStatusResponse {
    let state = match progress.state {
        State::Building => wire::IndexState::Building,
        State::Following => wire::IndexState::Following,
        State::Stale => wire::IndexState::Stale,
    };
    wire::GetIndexStatusResponse {
        state: state.into(),
        catalogue_version: progress.version,
        registry_catalogue_version: progress.registry_version,
        rules_version: names::rules_version().to_owned(),
        entity_count: i64::try_from(progress.entity_count).unwrap_or(i64::MAX),
        name_count: i64::try_from(progress.name_count).unwrap_or(i64::MAX),
        registry_seen_time: progress.registry_seen.map(Into::into),
        catalogue_id: progress.catalogue_id.as_ref().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_an_edit_speaks_for_one_name_the_less_it_costs() {
        let costs = [-9.0, -1.5, 0.0, 1.5, 9.0].map(cost);
        assert!(costs.is_sorted_by(|a, b| a > b), "{costs:?}");
        assert!(costs[0] <= 1.0 && costs[4] >= 0.0);
        assert_eq!(costs[2], 0.5);
    }
}
