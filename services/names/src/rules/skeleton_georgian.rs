//! The consonant classes of Georgian letters.
//!
//! Georgian has no f and writes ფ, its breathed p, for it: F here, because more names bring a foreign f.

use super::{CodeTable, Rule, Stage::Skeleton};

/// `$` is the end of the word and `^` its start.
pub(crate) const TABLE: CodeTable = CodeTable {
    rule: Rule {
        id: "skeleton-georgian",
        stage: Skeleton,
        summary: "Georgian consonants become their class; vowels are dropped, but for an A at the start.",
        example: ("ლავროვი", "LFRF"),
        source: "the national romanization of 2002, grouped into the shared classes",
    },
    codes: &[
        ("^ა", "A"),
        ("^ე", "A"),
        ("^ი", "A"),
        ("^ო", "A"),
        ("^უ", "A"),
        ("^ჲ", "A"),
        ("ბ", "B"),
        ("პ", "B"),
        ("ვ", "F"),
        ("ფ", "F"),
        ("ჶ", "F"),
        ("თ", "T"),
        ("ტ", "T"),
        ("დ", "D"),
        ("ზ", "S"),
        ("ს", "S"),
        ("შ", "S"),
        ("ჩ", "S"),
        ("ც", "S"),
        ("წ", "S"),
        ("ჭ", "S"),
        ("ძ", "S"),
        // -ძე ends surnames, and every other script writes it with two letters.
        ("ძე$", "DS"),
        ("გ", "G"),
        ("ღ", "G"),
        ("ჟ", "G"),
        ("ჯ", "G"),
        ("კ", "K"),
        ("ქ", "K"),
        ("ყ", "K"),
        ("ხ", "K"),
        ("ჴ", "K"),
        ("ჰ", "H"),
        ("ლ", "L"),
        ("მ", "M"),
        ("ნ", "N"),
        ("ნგ", "N"),
        ("რ", "R"),
    ],
};
