//! Which token of one name stands for which token of another.
//!
//! Greedy: the most similar pair first. The optimal assignment differs from it only where two tokens of a
//! name resemble the same token of the other, and there the greedy answer is the one a reader expects.

use arrayvec::ArrayVec;

use crate::imprint::TOKENS_MAX;

/// At most as many as there are tokens that are compared.
pub(crate) type Pairs = ArrayVec<Pair, TOKENS_MAX>;

/// A pair of tokens by their indices, and how similar they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair {
    pub(crate) a: usize,
    pub(crate) b: usize,
    pub(crate) similarity: f64,
}

/// Pairs every token of the shorter side with one of the longer, most similar pairs first; of equally
/// similar ones those nearest the start. Swapping the sides swaps the pairs and changes nothing else. At most
/// [`TOKENS_MAX`] tokens a side.
pub(crate) fn align(
    a_count: usize,
    b_count: usize,
    similarity: impl Fn(usize, usize) -> f64,
) -> Pairs {
    // Filled in place: collecting would copy kilobytes.
    let mut all = ArrayVec::<Pair, { TOKENS_MAX * TOKENS_MAX }>::new();
    for a in 0..a_count {
        for b in 0..b_count {
            all.push(Pair { a, b, similarity: similarity(a, b) });
        }
    }
    // Pairs that still tie have the same sum of indices, so they share no token and their order is free.
    all.sort_unstable_by(|x, y| {
        y.similarity.total_cmp(&x.similarity).then((x.a + x.b).cmp(&(y.a + y.b)))
    });
    let mut pairs = Pairs::new();
    for pair in all {
        if pairs.iter().all(|taken| taken.a != pair.a && taken.b != pair.b) {
            pairs.push(pair);
        }
    }
    pairs.sort_unstable_by_key(|pair| pair.a);
    pairs
}

/// Whether the pairs, sorted by `a`, are in the order of `b` too.
pub(crate) fn is_in_order(pairs: &[Pair]) -> bool {
    pairs.is_sorted_by_key(|pair| pair.b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_pairs_are_taken_first() {
        let table = [[0.2, 0.9], [0.8, 0.95]];
        let pairs = align(2, 2, |a, b| table[a][b]);
        assert_eq!(pairs.iter().map(|pair| (pair.a, pair.b)).collect::<Vec<_>>(), [(0, 0), (1, 1)]);
        assert!(is_in_order(&pairs));
    }

    #[test]
    fn every_token_of_the_shorter_side_has_a_pair() {
        let pairs = align(1, 3, |_, b| b as f64);
        assert_eq!((pairs.len(), pairs[0].b), (1, 2));
        assert!(align(0, 3, |_, _| 1.0).is_empty());
    }
}
