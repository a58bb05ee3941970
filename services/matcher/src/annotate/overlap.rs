//! Which of overlapping stretches are mentions.

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
    // By word: whether it is taken.
    let words = stretches.iter().map(|stretch| stretch.words.end).max().unwrap_or(0);
    let mut taken: Vec<Vec<usize>> = vec![Vec::new(); words];
    for at in order {
        let stretch = &stretches[at];
        let meets = |other: &usize| stretches[*other].overlaps(stretch);
        if stretch.words.clone().any(|word| taken[word].iter().any(meets)) {
            continue;
        }
        stretch.words.clone().for_each(|word| taken[word].push(at));
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
        Overlap::NotContained => {
            let contains = |a: &Stretch, b: &Stretch| a.contains(b) && a.span != b.span;
            let is_free = |stretch: &Stretch| {
                !chosen.iter().chain(&others).any(|other| contains(other, stretch))
            };
            others.iter().filter(|stretch| is_free(stretch)).cloned().collect()
        }
    }
}
