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

/// From how many consonants on a foreign name drops its inner ا, ي and و. Consonants are what no spelling
/// leaves out, so they say how much of the name remains: بيل and بيلي, جان and جون are different.
pub(crate) const ALEF_CONSONANTS_MIN: usize = 2;
pub(crate) const YA_CONSONANTS_MIN: usize = 3;
pub(crate) const WAW_CONSONANTS_MIN: usize = 4;

/// Below this many consonants ان at the end keeps its alef: بوتان is not بوتين.
pub(crate) const FINAL_AN_CONSONANTS_MIN: usize = 4;

/// Below this many consonants a vowel between two equal ones stays.
pub(crate) const EQUALS_CONSONANTS_MIN: usize = 5;

/// From this many consonants on an inner ه is dropped.
pub(crate) const HEH_CONSONANTS_MIN: usize = 5;

/// From this many consonants on a final ه is ا, and a final ي is dropped.
pub(crate) const FINAL_CONSONANTS_MIN: usize = 3;

/// From this many letters on a word that is not the last marks its final vowel.
pub(crate) const JOINT_LETTERS_MIN: usize = 4;

/// The numbers above, for the version.
pub(crate) const NUMBERS: [usize; 8] = [
    ALEF_CONSONANTS_MIN,
    YA_CONSONANTS_MIN,
    WAW_CONSONANTS_MIN,
    FINAL_AN_CONSONANTS_MIN,
    EQUALS_CONSONANTS_MIN,
    HEH_CONSONANTS_MIN,
    FINAL_CONSONANTS_MIN,
    JOINT_LETTERS_MIN,
];

/// One row a rule, in the order they are applied; [`CLASSES`] come before `ar-inner-vowel`.
pub(crate) const RULES: &[LetterRule] = &[
    LetterRule::by_code(
        Form,
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
        ("چاد", "تشد"),
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
    LetterRule::by_code(
        Form,
        "ar-ng-coda",
        "In a foreign name ك or ق after ن at the end of a word is the g of ng.",
        ("بيونك", "بونغ"),
        "Lebanese and Syrian spelling of ng",
    ),
    LetterRule::by_code(
        Form,
        "ar-nisba",
        "A foreign word of 3 consonants or more that ends in ي has the article or has it not.",
        ("البرزاني", "برسن"),
        "surnames of origin: joins 0.01 more of variants.tsv",
    ),
    LetterRule::by_code(
        Form,
        "ar-joint",
        "A final vowel inside a foreign name keeps its final shape ى or ة, so that بيلي stays apart from بيل.",
        ("ماري كوري", "مرىكر"),
        "keeps the form a function of the joined letters",
    ),
    LetterRule::by_code(
        Form,
        "ar-doubled",
        "A doubled letter is written once, but for a consonant at the end, where a vowel is heard between.",
        ("ميللر", "ملر"),
        "ANETAC: 2.3 % of doubled consonants are written twice; at the end كوليرر is not كولير",
    ),
    LetterRule::by_code(
        Form,
        "ar-inner-heh",
        "A foreign name of 5 consonants or more drops an inner ه.",
        ("فارنهايت", "فرنت"),
        "an h that few languages sound; joins 0.006 more of variants.tsv",
    ),
    LetterRule::by_code(
        Form,
        "ar-inner-vowel",
        "A foreign name drops its inner ا, from 3 consonants on its ي and from 4 its و, but for a و after the \
         first letter, the vowel of a final ان and يه, and in a short name one between two equal letters.",
        ("كلينتون", "كلنتن"),
        "ANETAC: e is written in 73 % of cases; joins 0.31 more of variants.tsv",
    ),
    LetterRule::by_code(
        Form,
        "ar-final-heh",
        "The final ه of a foreign name of 3 consonants or more is ا, but for that of يه.",
        ("باراكه", "بركا"),
        "ة and ا both write a final a; joins 0.006 more of variants.tsv",
    ),
    LetterRule::by_code(
        Form,
        "ar-final-ya",
        "A foreign name of 3 consonants or more without an article drops a final ي.",
        ("اناتولي", "انتل"),
        "a silent e at the end is written ي by some; joins 0.03 more of variants.tsv",
    ),
];

/// Letters that sources take for one another in foreign names.
pub(crate) struct ClassRule {
    pub(crate) rule: Rule,
    /// One letter or two.
    pub(crate) spelling: &'static [char],
    pub(crate) to: char,
    /// The letters it holds before; none: before any, and at the end.
    pub(crate) before: &'static [char],
    /// From how many consonants on it holds at the start of a name, inside, and at its end.
    pub(crate) first_min: usize,
    pub(crate) later_min: usize,
    pub(crate) last_min: usize,
}

impl ClassRule {
    const fn before(self, before: &'static [char]) -> ClassRule {
        ClassRule { before, ..self }
    }

    const fn last_from(self, last_min: usize) -> ClassRule {
        ClassRule { last_min, ..self }
    }
}

const NEVER: usize = usize::MAX;

/// Tried in this order at every letter. `to` never leads back to a spelling, so applying them ends.
pub(crate) const CLASSES: &[ClassRule] = &[
    class(
        (&['ت', 'ش'], 'ش', 5, 5),
        "ar-tsh",
        "In a foreign name of 5 consonants or more تش is ش.",
        ("بوندارتشوك", "بوندرسك"),
        "ANETAC: ch is ش in 41 % and تش in 28 %",
    ),
    class_ts(&['ت', 'س']),
    class_ts(&['ت', 'ز']),
    class_dj(&['د', 'ج']),
    class_dj(&['د', 'غ']),
    class(
        (&['ج'], 'غ', 3, 0),
        "ar-soft-g",
        "In a foreign name ج is غ, but at the start of one with fewer than 3 consonants.",
        ("جورباتشوف", "غوربسف"),
        "ANETAC: g is غ in 83 % and ج in 15 %; Egypt writes ج",
    ),
    class(
        (&['ز'], 'س', 4, 4),
        "ar-z",
        "In a foreign name of 4 consonants or more ز is س, at its end from 3 on.",
        ("بيريز", "برس"),
        "an s that is heard as z is written both ways; joins 0.03 more of variants.tsv",
    )
    .last_from(3),
    class(
        (&['ش'], 'س', 3, NEVER),
        "ar-first-sht",
        "At the start of a foreign name of 3 consonants or more شت is ست.",
        ("شتاينر", "ستنر"),
        "the German st is heard as sht",
    )
    .before(&['ت']),
    class(
        (&['ش'], 'س', NEVER, 4),
        "ar-sh",
        "In a foreign name of 4 consonants or more ش is س, but at its start.",
        ("برونشتاين", "برنستن"),
        "s before a consonant or i is heard as sh in German, Hungarian, Romanian",
    ),
    class(
        (&['ث'], 'ت', 0, 0),
        "ar-th",
        "In a foreign name ث is ت.",
        ("كاثرين", "كترن"),
        "ANETAC: th is ث in 90 % and ت in 8 %",
    ),
    class(
        (&['ذ'], 'س', 3, 3),
        "ar-dh",
        "In a foreign name of 3 consonants or more ذ is س, as ز is.",
        ("بالذازار", "بلسر"),
        "z is written ذ in names that came through Persian",
    ),
    class(
        (&['ق'], 'غ', 0, 0),
        "ar-q",
        "In a foreign name ق is غ.",
        ("انقاريتا", "انغرتا"),
        "g is ق in the Gulf, Sudan and Libya",
    ),
    class(
        (&['خ'], 'غ', 3, 3),
        "ar-kh",
        "In a foreign name of 3 consonants or more خ is غ.",
        ("انخيلينو", "انغلنو"),
        "the Spanish j and g are خ, ج or غ",
    ),
    class(
        (&['و', 'ا'], 'ا', 2, NEVER),
        "ar-and",
        "A foreign name of 2 consonants or more that starts with واو has the conjunction و before it.",
        ("واوباما", "اوبما"),
        "no name starts so, and no stage below the catalogue can peel another و; joins 0.006 more of variants.tsv",
    )
    .before(&['و']),
    class(
        (&['و'], 'ف', 2, NEVER),
        "ar-first-waw",
        "A foreign name of 2 consonants or more starts with ف rather than و.",
        ("والتر", "فلتر"),
        "the German and Slavic w is heard as v",
    ),
    class(
        (&['ي'], 'ا', 3, NEVER),
        "ar-first-ya",
        "A foreign name of 3 consonants or more starts with ا rather than ي.",
        ("يلينا", "النا"),
        "the Slavic e at the start is يـ or إيـ",
    ),
];

const fn class_ts(spelling: &'static [char]) -> ClassRule {
    class(
        (spelling, 'س', 5, 5),
        "ar-ts",
        "In a foreign name of 5 consonants or more تس and تز are س.",
        ("غالياتسوني", "غلسن"),
        "z and zz of German and Italian are ز, تس or تز",
    )
}

const fn class_dj(spelling: &'static [char]) -> ClassRule {
    class(
        (spelling, 'غ', 4, 4),
        "ar-dj",
        "In a foreign name of 4 consonants or more دج is غ.",
        ("بريدجيت", "برغت"),
        "dg and dj are ج or دج",
    )
}

const fn class(
    (spelling, to, first_min, later_min): (&'static [char], char, usize, usize),
    id: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    source: &'static str,
) -> ClassRule {
    let rule = Rule { id, stage: Form, summary, example, source };
    ClassRule { rule, spelling, to, before: &[], first_min, later_min, last_min: later_min }
}

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
