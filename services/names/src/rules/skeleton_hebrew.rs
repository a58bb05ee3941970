//! The consonant classes of Hebrew letters, after the orthographic stage has taken the points.
//!
//! Without points ב, כ and פ stand for two sounds each. ב is B and כ is K, as Arabic and Latin mostly have
//! them; פ is B where a word starts and F inside it, where loan words too are read so. ו and י are vowels.

use super::{CodeTable, Rule, Stage::Skeleton};

/// `$` is the end of the word and `^` its start.
pub(crate) const TABLE: CodeTable = CodeTable {
    rule: Rule {
        id: "skeleton-hebrew",
        stage: Skeleton,
        summary: "Hebrew consonants become their class; א, ע, ו, י and a final ה are dropped, but for an A at the start.",
        example: ("לברוב", "LBRF"),
        source: "the Hebrew Academy's romanization of 2006, grouped into the shared classes",
    },
    codes: &[
        // A vowel that starts the name. A single ו there is a v, two are a w.
        ("^א", "A"),
        ("^ע", "A"),
        ("^י", "A"),
        ("^ו", "F"),
        ("^וו", "A"),
        // Inside, two are a v; at the end so is the ב of the Russian -ov.
        ("וו", "F"),
        ("וב$", "F"),
        ("ב", "B"),
        ("^פ", "B"),
        ("פ", "F"),
        ("פ$", "B"),
        ("ף", "F"),
        ("ת", "T"),
        ("ט", "T"),
        ("ד", "D"),
        ("טש", "S"),
        ("ז", "S"),
        ("ס", "S"),
        ("צ", "S"),
        ("ץ", "S"),
        ("ש", "S"),
        ("ג", "G"),
        ("דז", "G"),
        ("כ", "K"),
        ("ך", "K"),
        ("ק", "K"),
        ("ח", "H"),
        ("ה", "H"),
        ("ה$", ""),
        ("ל", "L"),
        ("מ", "M"),
        ("ם", "M"),
        ("נ", "N"),
        ("ן", "N"),
        ("נג", "N"),
        ("ר", "R"),
    ],
};
