//! How any script is typed: Unicode forms, case, diacritics, signs between letters.

use super::{LetterRule, Rule, Stage::Orthographic};

/// One row a rule. Letters are given in lower case: case is folded before the row is looked up.
pub(crate) const RULES: &[LetterRule] = &[
    LetterRule::by_code(
        Orthographic,
        "uni-nfkc",
        "Presentation forms, ligatures and full-width letters become the plain letters they stand for.",
        ("ﻻﻓﺮﻭﻑ", "لافروف"),
        "UAX #15, NFKC",
    ),
    LetterRule::by_code(
        Orthographic,
        "uni-controls",
        "Bidirectional and zero-width controls are deleted, so a zero-width non-joiner joins.",
        ("پیونگ\u{200C}یانگ", "پيونگيانگ"),
        "Unicode General_Category Cf; UAX #9",
    ),
    LetterRule::by_code(
        Orthographic,
        "uni-marks",
        "Combining marks are deleted, except the vowel signs of scripts that write vowels with them.",
        ("x\u{0301}", "x"),
        "Unicode General_Category Mn",
    ),
    LetterRule::by_code(
        Orthographic,
        "uni-jamo",
        "Loose Hangul jamo that form no syllable are deleted.",
        ("김\u{1161}", "김"),
        "Unicode ch. 3.12",
    ),
    LetterRule::by_code(
        Orthographic,
        "uni-apostrophe",
        "Apostrophes and letter-like half rings are nothing.",
        ("O’Brien", "obrien"),
        "usual in transliteration: Sana'a, Sanaa",
    ),
    LetterRule::by_code(
        Orthographic,
        "uni-separator",
        "Punctuation, hyphens, dots, symbols and emoji separate words.",
        ("جونغ-أون", "جونغ اون"),
        "Unicode General_Category P, S, Z",
    ),
    LetterRule::by_code(
        Orthographic,
        "uni-case",
        "Case is folded.",
        ("Lavrov", "lavrov"),
        "Unicode CaseFolding.txt, simple mappings",
    ),
    LetterRule::by_code(
        Orthographic,
        "latin-diacritics",
        "Latin and Greek letters lose their diacritics.",
        ("Dvořák", "dvorak"),
        "UAX #15, canonical decomposition",
    ),
    latin("ł", "l", ("Wałęsa", "walesa")),
    latin("ø", "o", ("Ørsted", "orsted")),
    latin("đðɖ", "d", ("Đoković", "dokovic")),
    latin("æ", "ae", ("Æbelø", "aebelo")),
    latin("œ", "oe", ("Œuvre", "oeuvre")),
    latin("ß", "ss", ("Weiß", "weiss")),
    latin("þ", "th", ("Þór", "thor")),
    latin("ı", "i", ("Işık", "isik")),
    latin("ħ", "h", ("Ħamrun", "hamrun")),
    latin("ŋ", "ng", ("Ŋgu", "nggu")),
    latin("əɛ", "e", ("Əliyev", "eliyev")),
    latin("ŧ", "t", ("Ŧ", "t")),
    LetterRule {
        letters: "ё",
        to: "е",
        rule: Rule {
            id: "cyrl-yo",
            stage: Orthographic,
            summary: "The dots of ё are written or left out at will.",
            example: ("Горбачёв", "горбачев"),
            source: "Правила русской орфографии и пунктуации, § 10",
        },
    },
];

const fn latin(
    letters: &'static str,
    to: &'static str,
    example: (&'static str, &'static str),
) -> LetterRule {
    LetterRule {
        letters,
        to,
        rule: Rule {
            id: "latin-letters",
            stage: Orthographic,
            summary: "Latin letters that have no canonical decomposition become the usual ASCII spelling.",
            example,
            source: "CLDR Latin-ASCII",
        },
    }
}
