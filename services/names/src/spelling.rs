//! How alike two spellings in one script other than Arabic are.
//!
//! Optimal string alignment of the forms (Damerau-Levenshtein that edits no piece twice), blended with Levenshtein
//! of the skeletons. Jaro-Winkler was half of it and lost: it forgives the ends of words, where surnames differ
//! (Novak, Novotny; Petrenko, Petrosyan). Between scripts, and in Arabic, the learned weights of `likeness.rs` speak;
//! they know too little of how one alphabet varies.

use rapidfuzz::distance::{levenshtein, osa};

/// What is looked at, of a token (255 bytes at most) or of a whole name of 16 tokens, so that the work is bounded.
#[derive(Clone, Copy)]
pub(crate) struct Spelling<'a> {
    pub(crate) form: &'a str,
    pub(crate) skeleton: &'a [u8],
    /// Every character is a syllable or a word, so that each one counts however it is read: 王小明 is not 王大明.
    pub(crate) is_syllabic: bool,
}

/// How much of a score the skeletons decide.
const SKELETON_SHARE: f64 = 0.35;

impl Spelling<'_> {
    /// From 0 to 1, symmetric.
    pub(crate) fn similarity(self, other: Self) -> f64 {
        let spelled = match self.form.is_ascii() && other.form.is_ascii() {
            true => alike(
                osa::distance(self.form.bytes(), other.form.bytes()),
                self.form.len().max(other.form.len()),
            ),
            false => alike(
                osa::distance(self.form.chars(), other.form.chars()),
                self.form.chars().count().max(other.form.chars().count()),
            ),
        };
        let (x, y) = (self.skeleton, other.skeleton);
        if self.is_syllabic || x.is_empty() || y.is_empty() {
            return spelled;
        }
        let distance = levenshtein::distance(x.iter().copied(), y.iter().copied());
        let classes = alike(distance, x.len().max(y.len()));
        spelled * (1.0 - SKELETON_SHARE) + classes * SKELETON_SHARE
    }
}

fn alike(edits: usize, length: usize) -> f64 {
    1.0 - edits as f64 / length.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;
    use proptest::prelude::*;

    fn similarity(a: &str, b: &str) -> f64 {
        let (a, b) = (Name::new(a), Name::new(b));
        let spelling = |name| Spelling {
            form: Name::form(name),
            skeleton: Name::skeleton(name).as_bytes(),
            is_syllabic: name.script() == crate::Script::Hani,
        };
        spelling(&a).similarity(spelling(&b))
    }

    #[test]
    fn the_ends_of_words_count_like_their_beginnings() {
        for (a, b, range) in [
            ("John", "Jane", 0.3..0.8),
            ("Zelensky", "Zelenska", 0.85..0.99),
            ("Novak", "Novotny", 0.0..0.7),
            ("Petrenko", "Petrosyan", 0.0..0.8),
            ("Lavrov", "Merkel", 0.0..0.4),
            ("王大明", "王小明", 0.5..0.8),
        ] {
            let similarity = similarity(a, b);
            assert!(range.contains(&similarity), "{a} {b} {similarity}");
        }
    }

    proptest! {
        /// The slow obvious measure is strsim's.
        #[test]
        fn the_distances_are_those_of_the_reference(a in "[a-zа-я]{0,12}", b in "[a-zа-я]{0,12}") {
            prop_assert_eq!(osa::distance(a.chars(), b.chars()), strsim::osa_distance(&a, &b));
            prop_assert_eq!(levenshtein::distance(a.chars(), b.chars()), strsim::levenshtein(&a, &b));
        }
    }
}
