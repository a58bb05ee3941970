//! Words that one name writes as one and the other as several: عبدالله and عبد الله, Angela Merkel and AngelaMerkel.

use crate::align::{Pair, Pairs, Part};
use crate::imprint::View;

/// The most words that are one word elsewhere.
const WORDS_MAX: usize = 3;

/// A word of fewer letters is not taken for several: too many are, by chance.
const LETTERS_MIN: usize = 4;

/// What a word and the same letters in several words have in common.
const JOINED: f64 = 0.98;

/// The pairs of such words, one for each of the several. Their letters are the same, so that they are certain.
pub(crate) fn pairs(a: &View<'_>, b: &View<'_>) -> Pairs {
    let mut pairs = Pairs::new();
    find(a, b, |whole, part, is_first| {
        let part_of = if is_first { Part::Both } else { Part::OfB };
        pairs.push(Pair { a: whole, b: part, similarity: JOINED, part: part_of });
    });
    let forth = pairs.len();
    find(b, a, |whole, part, is_first| {
        let part_of = if is_first { Part::Both } else { Part::OfA };
        pairs.push(Pair { a: part, b: whole, similarity: JOINED, part: part_of });
    });
    // Words that are several on both sides at once: no telling which, and it must not depend on the order.
    let (forth, back) = pairs.split_at(forth);
    if forth.iter().any(|x| back.iter().any(|y| x.a == y.a || x.b == y.b)) {
        pairs.clear();
    }
    pairs
}

/// Sees every word of `whole` that is several of `apart`, and each of these.
fn find(whole: &View<'_>, apart: &View<'_>, mut see: impl FnMut(usize, usize, bool)) {
    let mut next = 0;
    for (at, word) in
        whole.tokens.iter().enumerate().filter(|(_, word)| word.codes.len() >= LETTERS_MIN)
    {
        let starts = next..apart.tokens.len().saturating_sub(1);
        let found = starts.flat_map(|start| (2..=WORDS_MAX).map(move |count| start..start + count));
        let mut found = found.filter(|parts| is_same_length(word.codes.len(), apart, parts));
        let is_same = |parts: &std::ops::Range<usize>| {
            let joined = apart.joined(parts.clone());
            joined.is_some_and(|joined| {
                joined.is_arabic == word.is_arabic && joined.codes == word.codes
            })
        };
        if let Some(parts) = found.find(is_same) {
            next = parts.end;
            parts.clone().for_each(|part| see(at, part, part == parts.start));
        }
    }
}

fn is_same_length(letters: usize, apart: &View<'_>, parts: &std::ops::Range<usize>) -> bool {
    let parts = apart.tokens.get(parts.clone());
    parts.is_some_and(|parts| parts.iter().map(|part| part.codes.len()).sum::<usize>() == letters)
}

#[cfg(test)]
mod tests {
    use crate::{Name, similarity};

    fn score(a: &str, b: &str) -> f64 {
        similarity(&Name::new(a), &Name::new(b)).score
    }

    #[test]
    fn a_word_is_the_same_in_one_piece_and_in_several() {
        for (a, b) in [
            ("AngelaMerkel", "Angela Merkel"),
            ("Dmitry Ana Tolie Vich Medvedev", "Dmitry Anatolievich Medvedev"),
            ("محمد عبدالله", "محمد عبد الله حسن"),
            ("Blue Stone Shipping", "Bluestone Shipping Ltd"),
        ] {
            assert!(score(a, b) > 0.75, "{a} and {b}: {}", score(a, b));
            assert_eq!(score(a, b), score(b, a));
        }
    }

    #[test]
    fn every_part_stands_beside_the_word() {
        let pairs = similarity(&Name::new("AngelaMerkel"), &Name::new("Angela Merkel")).tokens;
        let places: Vec<_> = pairs.iter().map(|pair| (pair.a, pair.b)).collect();
        assert_eq!(places, [(Some(0), Some(0)), (Some(0), Some(1))]);
    }
}
