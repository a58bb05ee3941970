//! Compares two names without any catalogue.

use names::{Name, similarity};
use proto::vocabulary::{MatchKind, Verdict};

use crate::{
    explain::{Explanation, explain},
    matching::kind_of,
};

/// How two names compare.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) score: f64,
    pub(crate) verdict: Verdict,
    pub(crate) kind: MatchKind,
    pub(crate) explanation: Option<Explanation>,
}

/// Compares two names; symmetric. `explained` are the texts to explain, if that is wanted.
pub(crate) fn compare(
    a: &Name,
    b: &Name,
    threshold: f64,
    explained: Option<(&str, &str)>,
) -> Comparison {
    let alike = similarity(a, b);
    Comparison {
        score: alike.score,
        verdict: if alike.score >= threshold { Verdict::Match } else { Verdict::NoMatch },
        kind: kind_of(alike.kind),
        explanation: explained.map(|(a, b)| explain(a, b)),
    }
}
