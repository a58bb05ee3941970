//! How good weights are on names that they were not learned from.

use std::collections::HashSet;

use names::{Name, Task, Weights, evidence};

use super::{
    Example, as_written,
    corpus::{Column, Corpus, Pair, Query, Shelf},
    fit, in_parts, is_arabic,
};
use crate::evaluation::metrics;

/// Every pair that people wrote down is in one part; the weights it is measured with were learned
/// without that part (cross-validation).
const FOLDS: usize = 4;

/// Recall of spellings is measured where so many others pass, in tenths of a per cent.
const FALSE_PER_MILLE: usize = 10;

/// How far down a list is read.
const PLACES: [usize; 3] = [1, 5, 20];

/// A figure with the weights in use, and with the new ones.
pub(crate) struct Trial {
    pub(crate) key: String,
    /// How many cases it was measured on.
    pub(crate) n: usize,
    pub(crate) before: f64,
    pub(crate) after: f64,
}

/// Whether the evidence tells spellings of one name from spellings of two.
pub(super) fn spellings(corpus: &Corpus, examples: &[Example<'_>]) -> Vec<Trial> {
    let in_use: Vec<f64> =
        corpus.pairs.iter().map(|pair| score(pair, Weights::learned())).collect();
    let mut learned = vec![0.0; corpus.pairs.len()];
    for fold in 0..FOLDS.min(corpus.pairs.len()) {
        let weights = without(fold, corpus, examples);
        for at in (fold..corpus.pairs.len()).step_by(FOLDS) {
            learned[at] = score(&corpus.pairs[at], &weights);
        }
    }
    let measures: [(&str, Measure); 2] =
        [("auc", metrics::auc), ("recall_at_1_percent_false", recall)];
    let trial = |(key, measure): (&str, Measure)| {
        let [before, after] = [&in_use, &learned].map(|scores| {
            let of = |is_match| labelled(corpus, scores, is_match);
            measure(&of(true), &of(false))
        });
        let key = format!("spellings.{key}");
        Some(Trial { key, n: corpus.pairs.len(), before: before?, after: after? })
    };
    measures.into_iter().filter_map(trial).collect()
}

/// A measure of the scores of matches and of others; `None` without either.
type Measure = fn(&[f64], &[f64]) -> Option<f64>;

fn recall(matches: &[f64], others: &[f64]) -> Option<f64> {
    let threshold = metrics::threshold_at(others, FALSE_PER_MILLE)?;
    let found = metrics::over(matches, threshold) as f64;
    (!matches.is_empty()).then(|| found / matches.len() as f64)
}

fn labelled(corpus: &Corpus, scores: &[f64], is_match: bool) -> Vec<f64> {
    let pairs = corpus.pairs.iter().zip(scores);
    pairs.filter(|(pair, _)| pair.is_match == is_match).map(|(_, score)| *score).collect()
}

fn score(pair: &Pair, weights: &Weights) -> f64 {
    f64::from(evidence(&pair.a, &pair.b, Task::Compare, weights))
}

/// Weights learned without the pairs of a fold.
fn without(fold: usize, corpus: &Corpus, examples: &[Example<'_>]) -> Weights {
    let held = corpus.pairs.iter().skip(fold).step_by(FOLDS);
    let held = held.map(|pair| unordered(&pair.a, &pair.b)).collect();
    // Examples of searches and of other scripts teach nothing about comparing Arabic letters, and take most of
    // the time.
    let all_arabic = corpus.pairs.iter().all(|pair| is_arabic(&pair.a, &pair.b));
    let teaches = |example: &&Example<'_>| {
        !all_arabic || example.task == Task::Compare && is_arabic(example.a, example.b)
    };
    learn_without(&held, examples.iter().filter(teaches))
}

/// Weights learned without some pairs, wherever they stand: spellings may be in a catalogue too.
fn learn_without<'a>(
    held: &HashSet<[&str; 2]>,
    examples: impl Iterator<Item = &'a Example<'a>>,
) -> Weights {
    let is_free = |example: &&Example<'_>| !held.contains(&unordered(example.a, example.b));
    let free: Vec<Example<'_>> = examples.filter(is_free).copied().collect();
    as_written(&fit::learn(&free))
}

/// A pair by its letters, whichever is the first.
fn unordered<'a>(a: &'a Name, b: &'a Name) -> [&'a str; 2] {
    let (a, b) = (a.orthographic(), b.orthographic());
    if a < b { [a, b] } else { [b, a] }
}

/// What a search finds among look-alikes when the rows that were kept apart are asked, with weights
/// that have not learned from them among the spellings either.
pub(super) fn searches(corpus: &Corpus, examples: &[Example<'_>]) -> Vec<Trial> {
    let columns = corpus
        .shelves
        .iter()
        .flat_map(|shelf| shelf.columns.iter().map(move |column| (shelf, column)));
    let columns: Vec<(&Shelf, &Column)> = columns.collect();
    let kept =
        columns.iter().flat_map(|(shelf, column)| column.kept.iter().map(|query| (*shelf, query)));
    let held: HashSet<_> =
        kept.map(|(shelf, query)| unordered(&query.name, &shelf.names[query.target])).collect();
    if held.is_empty() {
        return Vec::new();
    }
    let weights = learn_without(&held, examples.iter());
    columns.into_iter().flat_map(|(shelf, column)| search(shelf, column, &weights)).collect()
}

fn search(shelf: &Shelf, column: &Column, weights: &Weights) -> Vec<Trial> {
    let places = in_parts(&column.kept, |part| {
        part.iter().map(|query| places(shelf, query, weights)).collect::<Vec<_>>()
    });
    let places: Vec<[usize; 2]> = places.into_iter().flatten().collect();
    if places.is_empty() {
        return Vec::new();
    }
    let trial = |first: usize| {
        let [before, after] = [0, 1].map(|side| {
            let hits = places.iter().filter(|places| places[side] < first).count();
            hits as f64 / places.len() as f64
        });
        let key = format!("{}.{}.recall_at_{first}", shelf.key, column.key);
        Trial { key, n: places.len(), before, after }
    };
    PLACES.map(trial).into()
}

/// Where the right name stands from 0, with the weights in use and with the new ones. It stands
/// last when no look-alike would have led to it.
fn places(shelf: &Shelf, query: &Query, weights: &Weights) -> [usize; 2] {
    let found = shelf.found(query);
    if !found.contains(&query.target) {
        return [usize::MAX; 2];
    }
    let others = || found.iter().filter(|at| **at != query.target);
    [Weights::learned(), weights].map(|weights| {
        let score = |at: usize| evidence(&query.name, &shelf.names[at], Task::Search, weights);
        let right = score(query.target);
        others().filter(|at| score(**at) >= right).count()
    })
}
