//! The consonant classes of Mandarin syllables, which is what Han characters are read as.
//!
//! A Japanese name in Han (平壌, 安倍) gets the Mandarin reading too: nothing in the text says which it is.

use super::{CodeTable, Rule, Stage::Skeleton};

/// Spelled in pinyin; `^` is the start of the word.
pub(crate) const TABLE: CodeTable = CodeTable {
    rule: Rule {
        id: "skeleton-han",
        stage: Skeleton,
        summary: "Han characters are read in Mandarin and their initials and nasals become their class.",
        example: ("习近平", "SGNBN"),
        source: "Unihan kMandarin, through the crate pinyin; Hanyu Pinyin (ISO 7098)",
    },
    codes: &[
        ("^a", "A"),
        ("^e", "A"),
        ("^o", "A"),
        ("^w", "A"),
        ("^y", "A"),
        ("b", "B"),
        ("p", "B"),
        ("f", "F"),
        ("t", "T"),
        ("d", "D"),
        ("c", "S"),
        ("ch", "S"),
        ("q", "S"),
        ("s", "S"),
        ("sh", "S"),
        ("x", "S"),
        ("z", "S"),
        ("g", "G"),
        ("j", "G"),
        ("zh", "G"),
        ("k", "K"),
        ("h", "H"),
        ("l", "L"),
        ("m", "M"),
        ("n", "N"),
        ("ng", "N"),
        ("r", "R"),
    ],
};
