//! A Latin spelling of a name for people to read. Nothing is ever matched by it.
//!
//! It starts from the text as it was given, because the ladder of [`Name`](crate::Name) drops what says how a
//! name is read: harakat, hamzas, accents. Each run of letters is spelled by the table of its script; Latin,
//! digits and scripts without a table stay as they are. Vowels nobody wrote are taken from a list of frequent
//! names, or an a is put where consonants cannot be said together: readable, not right.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::rules::{CodeIndex, romanization_alphabets as alphabets};
use crate::{Profile, Script};

mod consonantal;
mod syllabic;

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();

/// Spells a text in Latin letters, each word with a capital.
///
/// `profile` says how letters that differ by country are spelled; without one, as in Modern Standard Arabic.
/// Linear in the length of the text; empty when the text is blank.
///
/// ```
/// use names::{Profile, romanize};
///
/// assert_eq!(romanize("محمد بن سلمان", None), "Muhammad bin Salman");
/// assert_eq!(romanize("Чайковский", None), "Chaikovsky");
/// assert_eq!(romanize("جورج", Some(Profile::Egypt)), "Gurg");
/// assert_eq!(romanize(" Ludwig  van Beethoven ", None), "Ludwig van Beethoven");
/// ```
pub fn romanize(text: &str, profile: Option<Profile>) -> String {
    let mut romanized = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !romanized.is_empty() {
            romanized.push(' ');
        }
        if word.chars().all(|c| matches!(Script::of(c), Script::Latn | Script::Other)) {
            romanized.push_str(word);
        } else {
            push_word(&NFKC.normalize(word), profile, &mut romanized);
        }
    }
    // A word of nothing but marks leaves its space.
    romanized.trim().to_owned()
}

fn push_word(word: &str, profile: Option<Profile>, romanized: &mut String) {
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let script = run_script(first);
        let end = rest.char_indices().find(|(_, c)| !continues(*c, script));
        let (run, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        push_run(run, script, profile, romanized);
        rest = after;
    }
}

/// Hiragana and Katakana are spelled by one table.
fn run_script(c: char) -> Script {
    match Script::of(c) {
        Script::Hira => Script::Kana,
        script => script,
    }
}

/// Marks, joiners and ー have no script of their own and belong to the letter before.
fn continues(c: char, script: Script) -> bool {
    run_script(c) == script || (script != Script::Other && is_attached(c))
}

fn is_attached(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | 'ـ' | '\u{200B}'..='\u{200F}' | 'ー')
}

fn push_run(run: &str, script: Script, profile: Option<Profile>, romanized: &mut String) {
    match script {
        Script::Arab => consonantal::push_arabic(run, profile, romanized),
        Script::Hebr => push_title(&consonantal::hebrew(run), romanized),
        Script::Hang => syllabic::push_hangul(run, romanized),
        Script::Kana => push_title(&syllabic::kana(run), romanized),
        Script::Hani => syllabic::push_han(run, romanized),
        Script::Deva => push_title(&syllabic::devanagari(run), romanized),
        Script::Cyrl => push_title(&alphabetic(run, &CYRILLIC), romanized),
        Script::Grek => push_title(&alphabetic(run, &GREEK), romanized),
        Script::Armn => push_title(&alphabetic(run, &ARMENIAN), romanized),
        Script::Geor => push_title(&alphabetic(run, &GEORGIAN), romanized),
        // The middle dot of foreign names in Japanese is their space.
        _ => romanized.extend(run.chars().map(|c| if c == '・' { ' ' } else { c })),
    }
}

/// With a capital, unless the run goes on inside a Latin word.
fn push_title(letters: &str, romanized: &mut String) {
    let mut rest = letters.chars();
    if let Some(first) = rest.next() {
        romanized.extend(first.to_uppercase());
        romanized.push_str(rest.as_str());
    }
}

type Table = std::sync::LazyLock<CodeIndex>;

static CYRILLIC: Table = Table::new(|| CodeIndex::of_pairs(&[alphabets::CYRILLIC]));
static GREEK: Table = Table::new(|| CodeIndex::of_pairs(&[alphabets::GREEK]));
static ARMENIAN: Table = Table::new(|| CodeIndex::of_pairs(&[alphabets::ARMENIAN]));
static GEORGIAN: Table = Table::new(|| CodeIndex::of_pairs(&[alphabets::GEORGIAN]));

/// A script that writes its vowels.
fn alphabetic(run: &str, table: &CodeIndex) -> String {
    let lower = run.to_lowercase();
    spelled(&between_ends(lower.chars().filter(|c| !is_attached(*c)).map(unaccented)), table)
}

/// The letters between `^` and `$`, as the tables spell the ends of a word.
fn between_ends(letters: impl Iterator<Item = char>) -> Vec<char> {
    std::iter::once('^').chain(letters).chain(['$']).collect()
}

/// By the longest rows of the table; a letter without a row stays.
fn spelled(letters: &[char], table: &CodeIndex) -> String {
    let mut spelled = String::with_capacity(letters.len());
    let mut rest = letters;
    while let Some(first) = rest.first() {
        match table.find(rest) {
            Some((taken, spelling)) => {
                spelled.push_str(spelling);
                rest = &rest[taken..];
            }
            None => {
                if !matches!(first, '^' | '$') {
                    spelled.push(*first);
                }
                rest = &rest[1..];
            }
        }
    }
    spelled
}

/// Greek vowels without their accents, and Russian ones without the stress a dictionary writes.
fn unaccented(c: char) -> char {
    match c {
        'ά' | 'ὰ' | 'ᾶ' => 'α',
        'έ' | 'ὲ' => 'ε',
        'ή' | 'ὴ' => 'η',
        'ί' | 'ϊ' | 'ΐ' | 'ὶ' => 'ι',
        'ό' | 'ὸ' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' | 'ὼ' => 'ω',
        'ѐ' => 'е',
        'ѝ' => 'и',
        c => c,
    }
}
