//! Which of overlapping stretches are mentions.

use std::{cmp::Reverse, collections::BTreeMap};

use super::spans::Stretch;

/// Which of overlapping mentions are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// The longest; of equal lengths the first.
    #[default]
    Longest,
    /// Every one that is not contained in another.
    NotContained,
    /// All.
    All,
}

/// The longest of those that overlap, and the others, each in the order they came.
pub(super) fn longest(stretches: Vec<Stretch>) -> (Vec<Stretch>, Vec<Stretch>) {
    let mut order: Vec<usize> = (0..stretches.len()).collect();
    // Of two readings of the same words, the better one.
    let score = |at: usize| stretches[at].hits.first().map_or(0.0, |hit| hit.score);
    order.sort_by(|a, b| {
        let length = |at: &usize| stretches[*at].length();
        length(b).cmp(&length(a)).then(score(*b).total_cmp(&score(*a))).then(a.cmp(b))
    });
    let mut is_chosen = vec![false; stretches.len()];
    // Where the chosen start, and end: no two of them overlap, so that one look is enough.
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    for at in order {
        let bytes = &stretches[at].span.bytes;
        let before = taken.range(..bytes.end).next_back();
        if before.is_some_and(|(_, end)| *end > bytes.start) {
            continue;
        }
        taken.insert(bytes.start, bytes.end);
        is_chosen[at] = true;
    }
    let (mut chosen, mut others) = (Vec::new(), Vec::new());
    for (stretch, is_chosen) in stretches.into_iter().zip(is_chosen) {
        if is_chosen { chosen.push(stretch) } else { others.push(stretch) }
    }
    (chosen, others)
}

/// Those of the others that are wanted too.
pub(super) fn wanted(overlap: Overlap, chosen: &[Stretch], others: Vec<Stretch>) -> Vec<Stretch> {
    match overlap {
        Overlap::Longest => Vec::new(),
        Overlap::All => others,
        Overlap::NotContained => not_contained(chosen, others),
    }
}

/// Those of the others that neither the chosen nor others contain.
fn not_contained(chosen: &[Stretch], others: Vec<Stretch>) -> Vec<Stretch> {
    let bytes = |stretch: &Stretch| (stretch.span.bytes.start, Reverse(stretch.span.bytes.end));
    let mut spans: Vec<_> = chosen.iter().chain(&others).map(bytes).collect();
    spans.sort_unstable();
    spans.dedup();
    // What contains a span comes before it, and is the one of these that ends last.
    let mut last = 0;
    spans.retain(|(_, Reverse(end))| {
        let is_free = *end > last;
        last = last.max(*end);
        is_free
    });
    others.into_iter().filter(|other| spans.binary_search(&bytes(other)).is_ok()).collect()
}
