//! Every rule there is, as data: what fires, what it is called, why it exists and one example that is tested.

use std::sync::LazyLock;

pub(crate) mod arabic_form;
pub(crate) mod arabic_orthography;
pub(crate) mod cues;
pub(crate) mod general_orthography;
pub(crate) mod han;
mod lookup;
pub(crate) mod nicknames;
pub(crate) mod numbers;
pub(crate) mod readings;
pub(crate) mod repair;
pub(crate) mod romanization_alphabets;
pub(crate) mod romanization_arabic;
pub(crate) mod romanization_hebrew;
pub(crate) mod romanization_syllables;
pub(crate) mod running;
pub(crate) mod skeleton_arabic;
pub(crate) mod skeleton_armenian;
pub(crate) mod skeleton_cyrillic;
pub(crate) mod skeleton_devanagari;
pub(crate) mod skeleton_georgian;
pub(crate) mod skeleton_greek;
pub(crate) mod skeleton_han;
pub(crate) mod skeleton_hangul;
pub(crate) mod skeleton_hebrew;
pub(crate) mod skeleton_kana;
pub(crate) mod skeleton_latin;
pub(crate) mod skeleton_whole;
pub(crate) mod sounds;
pub(crate) mod words;

pub(crate) use lookup::{ClassIndex, CodeIndex, LetterIndex, LetterSet, WordIndex};

/// The step of the ladder a rule belongs to, from the most careful to the coarsest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Damage to the text undone, before everything else.
    Repair,
    /// The same letters, differently typed.
    Orthographic,
    /// The same name, differently spelled.
    Form,
    /// The same consonants, for retrieval only.
    Skeleton,
    /// Another form the letters may stand for, beside the ladder.
    Reading,
}

/// One rule, documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Kebab-case, stable: callers log it and show it.
    pub id: &'static str,
    /// The stage it fires in.
    pub stage: Stage,
    /// One sentence.
    pub summary: &'static str,
    /// An input and what its stage makes of it. The tests run it and see that this rule fires.
    pub example: (&'static str, &'static str),
    /// Where the rule comes from: a standard, a program that does the same, or a measurement.
    pub source: &'static str,
}

/// A rule that replaces each of some letters by the same text; without letters, a rule that code applies.
pub(crate) struct LetterRule {
    pub(crate) rule: Rule,
    /// Each character of it is replaced. Empty when the rule looks around itself and lives in the stage.
    pub(crate) letters: &'static str,
    /// Empty: the letter is deleted.
    pub(crate) to: &'static str,
}

impl LetterRule {
    /// A rule that the code of its stage applies, because it looks around itself.
    pub(crate) const fn by_code(
        stage: Stage,
        id: &'static str,
        summary: &'static str,
        example: (&'static str, &'static str),
        source: &'static str,
    ) -> Self {
        Self { letters: "", to: "", rule: Rule { id, stage, summary, example, source } }
    }
}

/// Which consonant classes the letters of one script have. Longer spellings are tried first.
pub(crate) struct CodeTable {
    pub(crate) rule: Rule,
    /// Spelling and code; an empty code is a letter that is heard as a vowel or not at all.
    pub(crate) codes: &'static [(&'static str, &'static str)],
}

/// All rules, stage by stage, in the order they are tried within a stage.
///
/// ```
/// let rule = names::rules().iter().find(|rule| rule.id == "ar-alef-hamza").unwrap();
/// assert_eq!(rule.example, ("أحمد", "احمد"));
/// ```
pub fn rules() -> &'static [Rule] {
    static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let letters = letter_tables().into_iter().flatten().map(|row| row.rule);
        let classes = arabic_form::CLASSES.iter().map(|row| row.rule);
        let codes = code_tables().into_iter().map(|table| table.rule);
        let readings = readings::RULES.iter().map(|row| row.rule);
        let mut rules: Vec<Rule> = letters
            .chain(classes)
            .chain(codes)
            .chain(skeleton_whole::RULES.iter().copied())
            .chain(readings)
            .collect();
        // A rule with several rows is listed once.
        rules.dedup_by_key(|rule| rule.id);
        rules
    });
    &ALL
}

/// Changes whenever a rule or a table changes, and at no other time: `"r1-"` and 16 hexadecimal digits.
/// Forms made under different versions must not be compared.
///
/// ```
/// assert!(names::rules_version().starts_with("r1-"));
/// ```
pub fn rules_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| format!("r1-{:016x}", fingerprint()));
    &VERSION
}

/// Raise it when the code of a stage changes what comes out: the tables cannot see that.
const CODE_REVISION: &str = "4";

fn letter_tables() -> [&'static [LetterRule]; 4] {
    [repair::RULES, general_orthography::RULES, arabic_orthography::RULES, arabic_form::RULES]
}

fn code_tables() -> [&'static CodeTable; 11] {
    [
        &skeleton_arabic::TABLE,
        &skeleton_latin::TABLE,
        &skeleton_cyrillic::TABLE,
        &skeleton_hangul::TABLE,
        &skeleton_kana::TABLE,
        &skeleton_han::TABLE,
        &skeleton_greek::TABLE,
        &skeleton_hebrew::TABLE,
        &skeleton_armenian::TABLE,
        &skeleton_georgian::TABLE,
        &skeleton_devanagari::TABLE,
    ]
}

fn fingerprint() -> u64 {
    let mut hash = Fnv::new();
    hash.text(CODE_REVISION);
    for rule in rules() {
        for text in [rule.id, rule.summary, rule.example.0, rule.example.1, rule.source] {
            hash.text(text);
        }
    }
    for row in letter_tables().into_iter().flatten() {
        hash.text(row.letters);
        hash.text(row.to);
    }
    for row in arabic_form::CLASSES {
        hash.text(&String::from_iter(row.spelling.iter().chain([&row.to])));
        hash.text(&format!("{} {} {}", row.first_min, row.later_min, row.last_min));
        hash.text(&String::from_iter(row.before));
    }
    for (spelling, code) in code_tables().iter().flat_map(|table| table.codes) {
        hash.text(spelling);
        hash.text(code);
    }
    for (surname, reading) in han::SURNAMES {
        hash.text(surname);
        hash.text(&reading.join(" "));
    }
    for (article, follows) in skeleton_whole::ARTICLES {
        hash.text(article);
        hash.text(follows);
    }
    let thresholds =
        arabic_form::NUMBERS.iter().chain(&skeleton_whole::NUMBERS).map(ToString::to_string);
    let letters = [arabic_form::NATIVE_LETTERS, arabic_form::VOWELS].map(String::from_iter);
    thresholds.chain(letters).for_each(|text| hash.text(&text));
    let lists = words::LISTS.iter().chain(&repair::LISTS);
    lists.flat_map(|list| list.iter()).for_each(|word| hash.text(word));
    readings::RULES.iter().for_each(|row| row.hash(&mut |text| hash.text(text)));
    hash.finish()
}

/// FNV-1a, 64 bits (draft-eastlake-fnv): four lines, the same on every machine and in every release.
pub(crate) struct Fnv(u64);

impl Fnv {
    pub(crate) fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    /// The end mark keeps `"ab", "c"` and `"a", "bc"` apart; 0xFF is in no UTF-8 text.
    pub(crate) fn text(&mut self, text: &str) {
        for byte in text.bytes().chain([0xFF]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    pub(crate) fn finish(self) -> u64 {
        self.0
    }
}
