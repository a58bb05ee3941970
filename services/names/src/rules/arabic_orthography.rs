//! How Arabic letters are typed: the variants that never tell two names apart.

use super::{LetterRule, Rule, Stage::Orthographic};

/// One row a rule. A letter stands in at most one row.
pub(crate) const RULES: &[LetterRule] = &[
    LetterRule {
        letters: "أإآٱ",
        to: "ا",
        rule: Rule {
            id: "ar-alef-hamza",
            stage: Orthographic,
            summary: "The hamza, madda or wasla on an alef is written or left out at will.",
            example: ("أحمد", "احمد"),
            source: "Lucene ArabicNormalizer; CAMeL Tools normalize_alef_ar (wasla)",
        },
    },
    LetterRule {
        letters: "ؤ",
        to: "و",
        rule: Rule {
            id: "ar-waw-hamza",
            stage: Orthographic,
            summary: "The seat of a hamza on waw stays, the hamza goes.",
            example: ("فؤاد", "فواد"),
            source: "variants of one name in ANETAC",
        },
    },
    LetterRule {
        letters: "ئ",
        to: "ي",
        rule: Rule {
            id: "ar-ya-hamza",
            stage: Orthographic,
            summary: "The seat of a hamza on ya stays, the hamza goes.",
            example: ("رائد", "رايد"),
            source: "variants of one name in ANETAC",
        },
    },
    LetterRule {
        letters: "ءٴ",
        to: "",
        rule: Rule {
            id: "ar-hamza",
            stage: Orthographic,
            summary: "A hamza without a seat is dropped.",
            example: ("علاء", "علا"),
            source: "variants of one name in ANETAC",
        },
    },
    LetterRule {
        letters: "ـ",
        to: "",
        rule: Rule {
            id: "ar-tatweel",
            stage: Orthographic,
            summary: "Tatweel only stretches the line.",
            example: ("محـــمد", "محمد"),
            source: "Lucene ArabicNormalizer; Unicode ch. 9.2",
        },
    },
    LetterRule {
        letters: "ک",
        to: "ك",
        rule: Rule {
            id: "ar-keheh",
            stage: Orthographic,
            summary: "The Persian and Urdu kaf is the Arabic kaf.",
            example: ("کریم", "كريم"),
            source: "Lucene PersianNormalizer",
        },
    },
    LetterRule {
        letters: "یېےۍ",
        to: "ي",
        rule: Rule {
            id: "ar-farsi-ya",
            stage: Orthographic,
            summary: "The yas of Persian, Pashto and Urdu are the Arabic ya.",
            example: ("علی", "علي"),
            source: "Lucene PersianNormalizer; CAMeL Tools arclean",
        },
    },
    LetterRule {
        letters: "ہھۀەۂۃ",
        to: "ه",
        rule: Rule {
            id: "ar-heh",
            stage: Orthographic,
            summary: "The hehs of Persian, Urdu and Kurdish are the Arabic heh.",
            example: ("تہران", "تهران"),
            source: "Lucene PersianNormalizer; CAMeL Tools arclean",
        },
    },
    digit("٠۰", "0"),
    digit("١۱", "1"),
    digit("٢۲", "2"),
    digit("٣۳", "3"),
    digit("٤۴", "4"),
    digit("٥۵", "5"),
    digit("٦۶", "6"),
    digit("٧۷", "7"),
    digit("٨۸", "8"),
    digit("٩۹", "9"),
    LetterRule::by_code(
        Orthographic,
        "ar-final-maqsura",
        "A word-final alef maqsura is a ya without its dots.",
        ("مصطفى", "مصطفي"),
        "Lucene ArabicNormalizer",
    ),
    LetterRule::by_code(
        Orthographic,
        "ar-final-ta-marbuta",
        "A word-final ta marbuta is a heh with dots.",
        ("فاطمة", "فاطمه"),
        "Lucene ArabicNormalizer",
    ),
    LetterRule::by_code(
        Orthographic,
        "ar-hamza-root",
        "In a word of three letters standing alone, a hamza in the middle is a consonant and stays.",
        ("فأس", "فأس"),
        "فأس (axe) is not فاس (Fez)",
    ),
    LetterRule::by_code(
        Orthographic,
        "ar-marks",
        "Harakat, the dagger alef and Quranic marks are deleted.",
        ("مُحَمَّد", "محمد"),
        "Lucene ArabicNormalizer; CAMeL Tools dediac_ar",
    ),
];

const fn digit(letters: &'static str, to: &'static str) -> LetterRule {
    LetterRule {
        letters,
        to,
        rule: Rule {
            id: "ar-digits",
            stage: Orthographic,
            summary: "The digits of Arabic and Persian are the ASCII digits.",
            example: ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
            source: "Unicode Numeric_Value",
        },
    }
}
