//! The consonant classes of Hangul jamo, initial and final.
//!
//! Korean has one letter for l and r and writes v as ㅂ: 라브로프 is LBRB where Лавров is LFRF. That is a fact
//! of the spelling, not of the table; whoever looks up a skeleton must expect a B for an F.

use super::{CodeTable, Rule, Stage::Skeleton};

/// Spelled in conjoining jamo (U+1100 initial, U+11A8 final); `^` is the start of the word.
pub(crate) const TABLE: CodeTable = CodeTable {
    rule: Rule {
        id: "skeleton-hangul",
        stage: Skeleton,
        summary: "Hangul syllables are taken apart and their consonants become their class.",
        example: ("라브로프", "LBRB"),
        source: "Unicode ch. 3.12 (decomposition); the loanword spelling of the National Institute of Korean Language",
    },
    codes: &[
        // Initials, in the order of Unicode.
        ("\u{1100}", "G"), // ㄱ
        ("\u{1101}", "K"), // ㄲ
        ("\u{1102}", "N"), // ㄴ
        ("\u{1103}", "D"), // ㄷ
        ("\u{1104}", "T"), // ㄸ
        ("\u{1105}", "R"), // ㄹ
        ("^\u{1105}", "L"),
        ("\u{1106}", "M"),  // ㅁ
        ("\u{1107}", "B"),  // ㅂ
        ("\u{1108}", "B"),  // ㅃ
        ("\u{1109}", "S"),  // ㅅ
        ("\u{110A}", "S"),  // ㅆ
        ("\u{110C}", "G"),  // ㅈ
        ("\u{110D}", "S"),  // ㅉ
        ("\u{110E}", "S"),  // ㅊ
        ("\u{110F}", "K"),  // ㅋ
        ("\u{1110}", "T"),  // ㅌ
        ("\u{1111}", "B"),  // ㅍ
        ("\u{1112}", "H"),  // ㅎ
        ("^\u{110B}", "A"), // ㅇ, silent
        // Finals. ㄹ at the end of a syllable is an l, and so is ㄹㄹ between vowels.
        ("\u{11A8}", "K"), // ㄱ
        ("\u{11AB}", "N"), // ㄴ
        ("\u{11AE}", "T"), // ㄷ
        ("\u{11AF}", "L"), // ㄹ
        ("\u{11AF}\u{1105}", "L"),
        ("\u{11B7}", "M"), // ㅁ
        ("\u{11B8}", "B"), // ㅂ
        ("\u{11BA}", "S"), // ㅅ
        ("\u{11BC}", "N"), // ㅇ, ng
        ("\u{11BD}", "T"), // ㅈ
        ("\u{11BE}", "T"), // ㅊ
        ("\u{11BF}", "K"), // ㅋ
        ("\u{11C0}", "T"), // ㅌ
        ("\u{11C1}", "B"), // ㅍ
        ("\u{11C2}", ""),  // ㅎ
    ],
};
