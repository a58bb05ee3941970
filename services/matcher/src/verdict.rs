//! What follows from the candidates: match, ambiguous, or no match with its reason.

use std::cmp::Ordering;

use proto::vocabulary::{MatchKind, NoMatchReason, Verdict};

use crate::{evidence, explain::Explanation, index::EntityRef, query::Policy};

/// An entity that may be meant.
#[derive(Clone, Debug)]
pub(crate) struct Candidate<'a> {
    /// Where the entity stands in the index.
    pub(crate) entity: EntityRef,
    pub(crate) id: &'a str,
    pub(crate) score: f64,
    pub(crate) kind: MatchKind,
    pub(crate) prominence: f64,
    /// The name of the entity that matched best.
    pub(crate) matched_name: &'a str,
    /// Which spelling of the query it matched.
    pub(crate) spelling: usize,
    pub(crate) evidence: Vec<evidence::Outcome>,
    pub(crate) explanation: Option<Explanation>,
}

impl Candidate<'_> {
    /// The order of candidates: score, then kind of match, then prominence, then id. Total, so that
    /// equal catalogues give equal answers.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then_with(|| (self.kind as i32).cmp(&(other.kind as i32)))
            .then_with(|| other.prominence.total_cmp(&self.prominence))
            .then_with(|| self.id.cmp(other.id))
    }
}

/// Distance of the first candidate to the second; its score when it is alone, 0.0 without any.
pub(crate) fn margin(candidates: &[Candidate<'_>]) -> f64 {
    match candidates {
        [] => 0.0,
        [only] => only.score,
        [first, second, ..] => first.score - second.score,
    }
}

/// The verdict over candidates in their order. `filtered_out` says that the filter kept away an
/// entity whose name would have matched.
pub(crate) fn decide(
    candidates: &[Candidate<'_>],
    filtered_out: bool,
    policy: Policy,
) -> (Verdict, NoMatchReason) {
    let best = candidates.first().filter(|best| best.score >= policy.threshold);
    match (best, candidates) {
        (None, _) if filtered_out => (Verdict::NoMatch, NoMatchReason::FilteredOut),
        (None, []) => (Verdict::NoMatch, NoMatchReason::NoCandidate),
        (None, _) => (Verdict::NoMatch, NoMatchReason::BelowThreshold),
        (Some(_), [_, _, ..]) if margin(candidates) < policy.margin => {
            (Verdict::Ambiguous, NoMatchReason::Unspecified)
        }
        (Some(_), _) => (Verdict::Match, NoMatchReason::Unspecified),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 3] = ["Q0", "Q1", "Q2"];

    fn candidates(scores: &[f64]) -> Vec<Candidate<'static>> {
        let candidate = |(at, score): (usize, &f64)| Candidate {
            entity: EntityRef::default(),
            id: IDS[at],
            score: *score,
            kind: MatchKind::SameForm,
            prominence: 0.0,
            matched_name: "",
            spelling: 0,
            evidence: Vec::new(),
            explanation: None,
        };
        scores.iter().enumerate().map(candidate).collect()
    }

    fn check(scores: &[f64], filtered_out: bool, verdict: Verdict, reason: NoMatchReason) {
        let decided = decide(&candidates(scores), filtered_out, Policy::default());
        assert_eq!(decided, (verdict, reason), "{scores:?}");
    }

    #[test]
    fn every_verdict_has_its_case() {
        check(&[], false, Verdict::NoMatch, NoMatchReason::NoCandidate);
        check(&[], true, Verdict::NoMatch, NoMatchReason::FilteredOut);
        check(&[0.5], false, Verdict::NoMatch, NoMatchReason::BelowThreshold);
        check(&[0.9], false, Verdict::Match, NoMatchReason::Unspecified);
        check(&[0.9, 0.89], false, Verdict::Ambiguous, NoMatchReason::Unspecified);
        check(&[0.9, 0.85], true, Verdict::Match, NoMatchReason::Unspecified);
        check(&[1.0, 1.0], false, Verdict::Ambiguous, NoMatchReason::Unspecified);
    }

    #[test]
    fn equal_scores_are_ordered_by_prominence_and_then_by_id() {
        let mut three = candidates(&[0.9, 0.9, 0.9]);
        three[2].prominence = 1.0;
        three.sort_by(Candidate::order);
        let ids: Vec<_> = three.iter().map(|candidate| candidate.id).collect();
        assert_eq!(ids, ["Q2", "Q0", "Q1"]);
    }
}
