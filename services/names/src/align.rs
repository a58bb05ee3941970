//! Which token of one name stands for which token of another.
//!
//! Greedy: the most similar pair first. The optimal assignment differs from it only where two tokens of a
//! name resemble the same token of the other, and there the greedy answer is the one a reader expects.

use arrayvec::ArrayVec;

use crate::imprint::TOKENS_MAX;

/// At most as many as both names have tokens that are compared.
pub(crate) type Pairs = ArrayVec<Pair, { 2 * TOKENS_MAX }>;

/// A pair of tokens by their indices, and how similar they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair {
    pub(crate) a: usize,
    pub(crate) b: usize,
    pub(crate) similarity: f64,
    pub(crate) part: Part,
}

/// What a pair adds to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Both tokens.
    Both,
    /// Only the token of `a`: that of `b` stands for several.
    OfA,
    /// Only the token of `b`.
    OfB,
}

/// Pairs every token of the shorter side with one of the longer, most similar pairs first; of equally
/// similar ones those nearest the start. Tokens of pairs that are certain are
/// left alone. Swapping the sides swaps the pairs and changes nothing else. At most [`TOKENS_MAX`] tokens a side.
pub(crate) fn align(
    a_count: usize,
    b_count: usize,
    certain: Pairs,
    similarity: impl Fn(usize, usize) -> f64,
) -> Pairs {
    // Filled in place: collecting would copy kilobytes.
    let mut all = ArrayVec::<Pair, { TOKENS_MAX * TOKENS_MAX }>::new();
    for a in (0..a_count).filter(|a| certain.iter().all(|pair| pair.a != *a)) {
        for b in (0..b_count).filter(|b| certain.iter().all(|pair| pair.b != *b)) {
            all.push(Pair { a, b, similarity: similarity(a, b), part: Part::Both });
        }
    }
    // Pairs that still tie have the same sum of indices, so they share no token and their order is free.
    all.sort_unstable_by(|x, y| {
        y.similarity.total_cmp(&x.similarity).then((x.a + x.b).cmp(&(y.a + y.b)))
    });
    let mut pairs = certain;
    for pair in all {
        if pairs.iter().all(|taken| taken.a != pair.a && taken.b != pair.b) {
            pairs.push(pair);
        }
    }
    pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
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
        let pairs = align(2, 2, Pairs::new(), |a, b| table[a][b]);
        assert_eq!(pairs.iter().map(|pair| (pair.a, pair.b)).collect::<Vec<_>>(), [(0, 0), (1, 1)]);
        assert!(is_in_order(&pairs));
    }

    #[test]
    fn every_token_of_the_shorter_side_has_a_pair() {
        let pairs = align(1, 3, Pairs::new(), |_, b| b as f64);
        assert_eq!((pairs.len(), pairs[0].b), (1, 2));
        assert!(align(0, 3, Pairs::new(), |_, _| 1.0).is_empty());
    }
}
