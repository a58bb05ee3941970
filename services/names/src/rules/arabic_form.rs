//! How Arabic spells one name in several ways: the rules that make the one form.
//!
//! A form is a function of the joined letters alone: it may not depend on where the spaces were, or
//! بيونغ يانغ and بيونغيانغ would differ and the form of a form would not be itself. Where a word end must
//! stay visible, the form writes a letter that Arabic writes only at word ends (`ar-joint`).

use super::{LetterRule, Rule, Stage::Form};

/// Letters foreign names are hardly ever written with. A name that holds one is native, and keeps
/// every vowel and every ج. In ANETAC there are
/// 173 of ط ص ض against 23,331 of ت (design note arabic-names.md).
pub(crate) const NATIVE_LETTERS: &[char] = &['ع', 'ح', 'ص', 'ض', 'ط', 'ظ'];

/// The letters of a long vowel, and of the short vowel of a foreign name.
pub(crate) const VOWELS: &[char] = &['ا', 'و', 'ي'];

/// Below this many letters a foreign name keeps its vowels: بيل and بيلي, جان and جون are different.
pub(crate) const LETTERS_KEPT_MIN: usize = 4;

/// From this many letters on ج is a spelling of غ: جون is not غون.
pub(crate) const SOFT_G_LETTERS_MIN: usize = 5;

/// From this many letters on ز is a spelling of س: ويزلي, ويسلي.
pub(crate) const SOFT_S_LETTERS_MIN: usize = 5;

/// From this many letters on a final ز is a spelling of س: أبرامز, ابرامس.
pub(crate) const FINAL_S_LETTERS_MIN: usize = 4;

/// From this many letters on a word that is not the last marks its final vowel.
pub(crate) const JOINT_LETTERS_MIN: usize = 4;

/// The numbers above, for the version.
pub(crate) const NUMBERS: [usize; 5] = [
    LETTERS_KEPT_MIN,
    SOFT_G_LETTERS_MIN,
    SOFT_S_LETTERS_MIN,
    FINAL_S_LETTERS_MIN,
    JOINT_LETTERS_MIN,
];

/// One row a rule, in the order they are applied.
pub(crate) const RULES: &[LetterRule] = &[
    by_code(
        "ar-ibn",
        "ابن standing alone is بن.",
        ("محمد ابن سلمان", "محمدبنسلمان"),
        "nomenklatura symbols.yml",
    ),
    letters(
        "پ",
        "ب",
        "ar-p",
        "پ is a Persian p, which Arabic writes ب.",
        ("پوتين", "بوتن"),
        "ANETAC: p is ب in 99 %",
    ),
    letters(
        "ڤڥۋ",
        "ف",
        "ar-v",
        "ڤ is a v, which Arabic writes ف.",
        ("ڤينا", "فينا"),
        "ANETAC: v is ف in 98 %",
    ),
    letters(
        "چڇ",
        "تش",
        "ar-ch",
        "چ is a ch, which Arabic writes تش.",
        ("چاد", "تشاد"),
        "Persian and Iraqi spelling",
    ),
    letters(
        "ژ",
        "ج",
        "ar-zh",
        "ژ is a zh, which Arabic writes ج.",
        ("ژان", "جان"),
        "Persian and Kurdish spelling",
    ),
    letters(
        "گڨڭݣڠګ",
        "غ",
        "ar-g",
        "The letters regions made for a hard g are غ.",
        ("گوردن", "غوردن"),
        "Iraq گ, Tunisia ڨ, Morocco ڭ ݣ, Qatar ڠ, Pashto ګ (design note arabic-names.md)",
    ),
    by_code(
        "ar-ng-coda",
        "In a foreign name ك or ق after ن at the end of a word is the g of ng.",
        ("بيونك", "بونغ"),
        "Lebanese and Syrian spelling of ng",
    ),
    by_code(
        "ar-joint",
        "A final vowel inside a foreign name keeps its final shape ى or ة, so that بيلي stays apart from بيل.",
        ("ماري كوري", "مرىكري"),
        "keeps the form a function of the joined letters",
    ),
    by_code(
        "ar-doubled",
        "A doubled letter is written once.",
        ("ميللر", "ميلر"),
        "ANETAC: 2.3 % of doubled consonants are written twice",
    ),
    by_code(
        "ar-ng",
        "In a foreign name ج after ن is غ.",
        ("جونج", "جونغ"),
        "ng is written نغ and نج (design note arabic-names.md)",
    ),
    by_code(
        "ar-soft-g",
        "In a foreign name of 5 letters or more ج is غ.",
        ("جورباتشوف", "غوربتشف"),
        "ANETAC: g is غ in 83 % and ج in 15 %; Egypt writes ج",
    ),
    by_code(
        "ar-z",
        "In a foreign name of 5 letters or more ز is س, and at the end of one of 4.",
        ("ويزلي", "وسلي"),
        "an s that is heard as z is written both ways; joins 0.04 more of variants.tsv",
    ),
    by_code(
        "ar-inner-vowel",
        "A foreign name drops its inner vowel letters, down to 4 letters, but for a و after the first letter \
         and a vowel between two equal letters.",
        ("كلينتون", "كلنتن"),
        "ANETAC: e is written in 73 % of cases; joins 0.31 more of variants.tsv",
    ),
];

const fn letters(
    letters: &'static str,
    to: &'static str,
    id: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    source: &'static str,
) -> LetterRule {
    LetterRule { letters, to, rule: Rule { id, stage: Form, summary, example, source } }
}

const fn by_code(
    id: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    source: &'static str,
) -> LetterRule {
    letters("", "", id, summary, example, source)
}
