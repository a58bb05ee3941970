//! What is known about words by heart: names that everybody tells apart, short forms of names, numbers.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::imprint::word_key;
use crate::rules::{nicknames, numbers, words};

/// Whether a word is one of the Arabic names that everybody knows apart.
pub(crate) fn is_known(word: &str) -> bool {
    static KNOWN: LazyLock<HashSet<&'static str>> =
        LazyLock::new(|| words::KNOWN_NAMES.iter().chain(words::NATIVE_NAMES).copied().collect());
    KNOWN.contains(word)
}

/// The number that a word says: 2007, II, third, السادس.
pub(crate) fn number(word: &str) -> Option<u32> {
    static NUMBERS: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
        let lines = numbers::WORDS.iter().zip(1..);
        lines.flat_map(|(words, number)| words.iter().map(move |word| (*word, number))).collect()
    });
    word.parse().ok().or_else(|| NUMBERS.get(word).copied())
}

/// Whether a word is a name with short forms, or one of these.
pub(crate) fn has_nickname(word: &str) -> bool {
    static NAMES: LazyLock<HashSet<&'static str>> =
        LazyLock::new(|| nicknames::GROUPS.iter().copied().flatten().copied().collect());
    NAMES.contains(word)
}

/// Whether two words that have nicknames, by their keys, are the same name.
pub(crate) fn are_nicknames(a: u32, b: u32) -> bool {
    static LINES: LazyLock<HashMap<u32, Vec<usize>>> = LazyLock::new(|| {
        let mut lines: HashMap<u32, Vec<usize>> = HashMap::new();
        for (line, names) in nicknames::GROUPS.iter().enumerate() {
            names.iter().for_each(|name| lines.entry(word_key(name)).or_default().push(line));
        }
        lines
    });
    let (Some(a), Some(b)) = (LINES.get(&a), LINES.get(&b)) else { return false };
    a.iter().any(|line| b.contains(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_in_digits_and_in_words() {
        for word in ["6", "vi", "sixth", "السادس", "06"] {
            assert_eq!(number(word), Some(6), "{word}");
        }
        assert_eq!(number("ثاني"), None);
    }

    #[test]
    fn a_short_form_is_one_name_with_the_long_one_and_not_with_another() {
        let are = |a, b| are_nicknames(word_key(a), word_key(b));
        assert!(are("sasha", "alexander") && are("sasha", "alexandra"));
        assert!(!are("daniel", "david"));
        assert!(has_nickname("sasha") && !has_nickname("lavrov"));
    }
}
