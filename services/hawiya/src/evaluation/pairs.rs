//! Whole names that are of one entity or not: precision, recall and F1 of the score.

use std::collections::BTreeMap;

use names::{Name, similarity};

use super::{
    formats::NamePair,
    metrics::{self, Found, Labelled},
    report::{Failure, Figures, Report, key_part},
};

/// The threshold at which another system's score is read.
const RIVAL_THRESHOLD: f64 = 0.7;

/// Measures the score on labelled pairs, and beside it what other systems said of them.
pub(super) fn measure(pairs: &[NamePair], threshold: f64, worst: usize, report: &mut Report) {
    if pairs.is_empty() {
        return;
    }
    let scored: Vec<Scored<'_>> = pairs.iter().map(Scored::new).collect();
    let all: Vec<&Scored<'_>> = scored.iter().collect();
    add_group("pairs", &all, threshold, &mut report.figures);
    add_best("pairs", &ours(&all), &mut report.figures);
    for rival in rivals(&all) {
        let key = format!("pairs.{}", key_part(rival));
        add_best(&key, &theirs(&all, rival), &mut report.figures);
        // Beside it ours, on the pairs that the other system scored.
        let same: Vec<_> = all.iter().copied().filter(|pair| pair.rival(rival).is_some()).collect();
        let own_f1 = Found::at(&ours(&same), threshold).f1();
        report.figures.add(format!("{key}.own_f1"), own_f1, same.len());
    }
    for (kind, of) in [("group", group as fn(&NamePair) -> &str), ("type", entity_type)] {
        for (name, scored) in by(&scored, of) {
            let key = format!("pairs.{kind}.{}", key_part(name));
            add_group(&key, &scored, threshold, &mut report.figures);
        }
    }
    report.add_reliability("pairs", &ours(&all));
    let wrong = |is_match| failures(&scored, is_match, threshold);
    report.add_worst("pairs.missed", worst, wrong(true));
    report.add_worst("pairs.false", worst, wrong(false));
}

struct Scored<'a> {
    pair: &'a NamePair,
    score: f64,
}

impl<'a> Scored<'a> {
    fn new(pair: &'a NamePair) -> Self {
        Self { pair, score: similarity(&Name::new(&pair.a), &Name::new(&pair.b)).score }
    }

    /// What another system scores.
    fn rival(&self, rival: &str) -> Option<f64> {
        self.pair.rivals.iter().find(|(name, _)| name == rival).map(|(_, score)| *score)
    }
}

fn group(pair: &NamePair) -> &str {
    &pair.group
}

fn entity_type(pair: &NamePair) -> &str {
    &pair.entity_type
}

/// The pairs by a property; those that have none are left out.
fn by<'a>(
    scored: &'a [Scored<'a>],
    of: fn(&NamePair) -> &str,
) -> BTreeMap<&'a str, Vec<&'a Scored<'a>>> {
    let mut parts: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for scored in scored.iter().filter(|scored| !of(scored.pair).is_empty()) {
        parts.entry(of(scored.pair)).or_default().push(scored);
    }
    parts
}

fn ours(scored: &[&Scored<'_>]) -> Vec<Labelled> {
    scored.iter().map(|scored| (scored.score, scored.pair.is_match)).collect()
}

/// The columns of other systems' scores.
fn rivals<'a>(scored: &[&Scored<'a>]) -> Vec<&'a str> {
    let mut rivals: Vec<&str> = scored
        .iter()
        .flat_map(|scored| scored.pair.rivals.iter().map(|(name, _)| name.as_str()))
        .collect();
    rivals.sort_unstable();
    rivals.dedup();
    rivals
}

fn theirs(scored: &[&Scored<'_>], rival: &str) -> Vec<Labelled> {
    let score = |scored: &&Scored<'_>| Some((scored.rival(rival)?, scored.pair.is_match));
    scored.iter().filter_map(score).collect()
}

/// Figures at the thresholds in use.
fn add_group(key: &str, scored: &[&Scored<'_>], threshold: f64, figures: &mut Figures) {
    let found = Found::at(&ours(scored), threshold);
    let n = scored.len();
    figures.add(format!("{key}.precision"), found.precision(), n);
    figures.add(format!("{key}.recall"), found.recall(), n);
    figures.add(format!("{key}.f1"), found.f1(), n);
    for rival in rivals(scored) {
        let theirs = theirs(scored, rival);
        let f1 = Found::at(&theirs, RIVAL_THRESHOLD).f1();
        figures.add(format!("{key}.{}.f1", key_part(rival)), f1, theirs.len());
    }
}

/// Figures at the threshold that would have been best.
fn add_best(key: &str, labelled: &[Labelled], figures: &mut Figures) {
    if let Some((threshold, f1)) = metrics::best_f1(labelled) {
        figures.add(format!("{key}.best_f1"), f1, labelled.len());
        figures.add(format!("{key}.best_threshold"), threshold, labelled.len());
    }
}

/// Matches under the threshold, or others that reach it; the furthest from it first.
fn failures(scored: &[Scored<'_>], is_match: bool, threshold: f64) -> Vec<Failure> {
    let is_wrong = |scored: &&Scored<'_>| {
        scored.pair.is_match == is_match && (scored.score >= threshold) != is_match
    };
    let failure = |scored: &Scored<'_>| Failure {
        a: scored.pair.a.clone(),
        b: scored.pair.b.clone(),
        score: scored.score,
        found: None,
    };
    let mut failures: Vec<Failure> = scored.iter().filter(is_wrong).map(failure).collect();
    let distance = |failure: &Failure| (failure.score - threshold).abs();
    failures.sort_by(|a, b| distance(b).total_cmp(&distance(a)));
    failures
}
