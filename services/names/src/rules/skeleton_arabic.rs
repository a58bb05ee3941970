//! The consonant classes of Arabic letters, after the orthographic stage.
//!
//! The classes are the same for every script (see `skeleton.rs`): B F T D S G K H L M N R, and A for a vowel at the start.

use super::{CodeTable, Rule, Stage::Skeleton};

pub(crate) const TABLE: CodeTable = CodeTable {
    rule: Rule {
        id: "skeleton-arabic",
        stage: Skeleton,
        summary: "Arabic consonants become their class; vowel letters, ع and a final ه are dropped, but for an A at the start.",
        example: ("لافروف", "LFRF"),
        source: "families of CAMeL Tools' and PyArabic's soundex, regrouped by ANETAC's letter counts",
    },
    codes: &[
        // Two letters for one foreign sound.
        ("تش", "S"),
        ("تس", "S"),
        ("تز", "S"),
        ("دج", "G"),
        ("نغ", "N"),
        ("نج", "N"),
        ("نگ", "N"),
        ("نڭ", "N"),
        ("نك$", "N"),
        ("نق$", "N"),
        ("ه$", ""),
        // A vowel that starts the name; w and y are vowels.
        ("^ا", "A"),
        ("^و", "A"),
        ("^ي", "A"),
        ("^ع", "A"),
        // Labials.
        ("ب", "B"),
        ("پ", "B"),
        ("ف", "F"),
        ("ڤ", "F"),
        ("ڥ", "F"),
        ("ۋ", "F"),
        // Dentals, plain and emphatic.
        ("ت", "T"),
        ("ط", "T"),
        ("ث", "T"),
        ("ٹ", "T"),
        ("د", "D"),
        ("ض", "D"),
        ("ڈ", "D"),
        // Sibilants. ch and sh are S: French, German and English disagree on which is which, and Arabic on
        // whether an s is heard as z.
        ("ز", "S"),
        ("ظ", "S"),
        ("ذ", "S"),
        ("س", "S"),
        ("ص", "S"),
        ("ش", "S"),
        ("چ", "S"),
        // G is g, gh, j and zh: Arabic writes one for another by region.
        ("ج", "G"),
        ("غ", "G"),
        ("ژ", "G"),
        ("گ", "G"),
        ("ڨ", "G"),
        ("ڭ", "G"),
        ("ݣ", "G"),
        ("ڠ", "G"),
        ("ګ", "G"),
        ("ك", "K"),
        ("ق", "K"),
        ("خ", "K"),
        ("ح", "H"),
        ("ه", "H"),
        ("ل", "L"),
        ("م", "M"),
        ("ن", "N"),
        ("ر", "R"),
        ("ڑ", "R"),
    ],
};
