//! Scripts that leave vowels out: Arabic and Hebrew.
//!
//! A word is read into consonants and vowels; a known name is taken from the list instead. Then an a goes
//! wherever consonants could not be said together.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Table, between_ends};
use crate::Profile;
use crate::rules::CodeIndex;
use crate::rules::{romanization_arabic as arabic, romanization_hebrew as hebrew_tables};

/// One sound of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    Consonant(&'static str),
    Vowel(&'static str),
}

use Sound::{Consonant, Vowel};

/// A word in Arabic script, its article apart.
pub(super) fn push_arabic(run: &str, profile: Option<Profile>, romanized: &mut String) {
    let is_eastern = matches!(profile, Some(Profile::Persian | Profile::Urdu));
    let bare: String = run.chars().filter(|c| !is_mark(*c)).collect();
    let folded: String = bare.chars().filter_map(folded).collect();
    if !has_vowel_marks(run)
        && let Some(name) = known(&folded, profile)
    {
        romanized.push_str(&name);
        return;
    }
    let stem = bare.strip_prefix("ال").filter(|stem| stem.chars().count() >= 3 && !is_eastern);
    if stem.is_some() {
        romanized.push_str(if profile == Some(Profile::Egypt) { "el-" } else { "al-" });
        let known = known(&folded["ال".len()..], profile).filter(|_| !has_vowel_marks(run));
        if let Some(name) = known {
            romanized.push_str(&name);
            return;
        }
    }
    let run = if stem.is_some() { without_article(run) } else { run };
    super::push_title(&voweled(&sounds(run, profile)), romanized);
}

/// The word after its alef and its lam, marks of the two with them.
fn without_article(run: &str) -> &str {
    let lam = run.find('ل').map_or(0, |at| at + 'ل'.len_utf8());
    run[lam..].trim_start_matches('\u{0652}')
}

fn known(word: &str, profile: Option<Profile>) -> Option<Cow<'static, str>> {
    type Names = HashMap<&'static str, &'static str>;
    static NAMES: LazyLock<Names> = LazyLock::new(|| arabic::NAMES.iter().copied().collect());
    static PERSIAN: LazyLock<Names> =
        LazyLock::new(|| arabic::PERSIAN_NAMES.iter().copied().collect());
    let name = *NAMES.get(word).unwrap_or(&"");
    let name = match profile {
        Some(Profile::Persian) => PERSIAN.get(word).copied().unwrap_or(name).into(),
        Some(Profile::Maghreb) if word == "بن" => "ben".into(),
        Some(Profile::Egypt) if word.contains('ج') => {
            name.replace('J', "G").replace('j', "g").into()
        }
        _ => Cow::Borrowed(name),
    };
    (!name.is_empty()).then_some(name)
}

/// As the orthographic stage folds a letter, for the list; none for a hamza, which it drops.
fn folded(c: char) -> Option<char> {
    match c {
        'أ' | 'إ' | 'آ' | 'ٱ' => Some('ا'),
        'ؤ' => Some('و'),
        'ئ' | 'ى' | 'ی' | 'ے' => Some('ي'),
        'ک' => Some('ك'),
        'ة' | 'ہ' | 'ھ' | 'ە' => Some('ه'),
        'ء' => None,
        c => Some(c),
    }
}

fn is_mark(c: char) -> bool {
    super::is_attached(c) || matches!(c, '\u{0610}'..='\u{061A}' | '\u{06D6}'..='\u{06ED}')
}

/// Fatha, damma, kasra: who writes them says how to read the word.
fn has_vowel_marks(run: &str) -> bool {
    run.contains(['\u{064E}', '\u{064F}', '\u{0650}'])
}

/// The consonants a profile writes its own way come first.
fn letters(profile: Option<Profile>) -> &'static CodeIndex {
    static STANDARD: Table = Table::new(|| CodeIndex::of_pairs(&[arabic::LETTERS]));
    static EGYPT: Table = Table::new(|| CodeIndex::of_pairs(&[arabic::EGYPT, arabic::LETTERS]));
    static MAGHREB: Table = Table::new(|| CodeIndex::of_pairs(&[arabic::MAGHREB, arabic::LETTERS]));
    static PERSIAN: Table = Table::new(|| CodeIndex::of_pairs(&[arabic::PERSIAN, arabic::LETTERS]));
    static URDU: Table = Table::new(|| CodeIndex::of_pairs(&[arabic::URDU, arabic::LETTERS]));
    match profile {
        Some(Profile::Egypt) => &EGYPT,
        Some(Profile::Maghreb) => &MAGHREB,
        Some(Profile::Persian) => &PERSIAN,
        Some(Profile::Urdu) => &URDU,
        Some(Profile::Levant | Profile::Iraq | Profile::Gulf) | None => &STANDARD,
    }
}

/// What the letters and their marks say.
fn sounds(run: &str, profile: Option<Profile>) -> Vec<Sound> {
    let table = letters(profile);
    let letters = between_ends(run.chars().filter(|c| !is_silent_mark(*c)));
    let mut sounds = Vec::with_capacity(letters.len());
    let mut at = 1;
    while at < letters.len() - 1 {
        match table.find(&letters[at..]) {
            Some((taken, consonant)) if !is_final_he(&letters[at..], profile) => {
                sounds.push(Consonant(consonant));
                // A row that asks for the end of the word took it too.
                at += taken;
            }
            _ => {
                read_vowel(&letters, at, profile, &mut sounds);
                at += 1;
            }
        }
    }
    sounds
}

fn is_silent_mark(c: char) -> bool {
    let is_read = matches!(c, '\u{064B}'..='\u{0651}' | '\u{0670}');
    is_mark(c) && !is_read
}

/// A final ه of Persian and Urdu is a vowel after a consonant.
fn is_final_he(letters: &[char], profile: Option<Profile>) -> bool {
    matches!(profile, Some(Profile::Persian | Profile::Urdu)) && matches!(letters, ['ه' | 'ہ', '$'])
}

/// A letter or mark that is no plain consonant, between `^` and `$`.
fn read_vowel(letters: &[char], at: usize, profile: Option<Profile>, sounds: &mut Vec<Sound>) {
    let is_first = at == 1;
    let is_last = letters[at + 1] == '$';
    let before_vowel = is_vowel_letter(letters[at + 1]);
    let last = sounds.last().copied();
    let after_vowel = matches!(last, Some(Vowel(_)));
    let is_persian = profile == Some(Profile::Persian);
    let long_u = if profile == Some(Profile::Maghreb) { "ou" } else { "u" };
    match letters[at] {
        // The fatha of an alef is the alef, and a dagger alef lengthens the fatha.
        '\u{064E}' | '\u{0670}' if last == Some(Vowel("a")) => {}
        '\u{064E}' | '\u{0670}' => sounds.push(Vowel("a")),
        '\u{064F}' => sounds.push(Vowel("u")),
        '\u{0650}' => sounds.push(Vowel("i")),
        '\u{0651}' => double(sounds),
        // Tanwin is not said in a name.
        '\u{064B}'..='\u{064D}' => {}
        'أ' | 'ا' | 'إ' if is_first && is_haraka(letters[at + 1]) => {}
        'إ' => sounds.push(Vowel("i")),
        // Before و or ي at the start an alef only carries: أوباما, إيران.
        'ا' | 'أ' if is_first && matches!(letters[at + 1], 'و' | 'ي' | 'ی') => {}
        // The fatha before an alef is the alef.
        'ا' | 'أ' | 'آ' | 'ٱ' | 'ى' if last == Some(Vowel("a")) => {}
        'ا' | 'أ' | 'آ' | 'ٱ' => sounds.push(Vowel("a")),
        'ى' if !is_persian => sounds.push(Vowel("a")),
        'ة' if last == Some(Vowel("a")) => sounds.push(Consonant("t")),
        'ة' => sounds.push(Vowel("a")),
        'ە' | 'ے' | 'ې' | 'ێ' => sounds.push(Vowel("e")),
        'ه' | 'ہ' if after_vowel => sounds.push(Consonant("h")),
        'ه' | 'ہ' => sounds.push(Vowel(if is_persian { "e" } else { "a" })),
        'ۆ' => sounds.push(Vowel("o")),
        'و' if letters[at - 1] == '\u{064E}' => sounds.push(Consonant("w")),
        'ي' if letters[at - 1] == '\u{064E}' => sounds.push(Consonant("y")),
        'و' if is_first || (before_vowel && last != Some(Consonant("y"))) => {
            sounds.push(Consonant(if is_persian { "v" } else { "w" }));
        }
        'و' if is_carried(letters, at) && after_vowel => {}
        'و' if last == Some(Vowel("u")) => {}
        'و' => sounds.push(Vowel(long_u)),
        'ي' | 'ی' | 'ى' if is_first => sounds.push(Consonant("y")),
        'ي' | 'ی' | 'ى' if before_vowel && after_vowel => sounds.push(Consonant("y")),
        'ي' | 'ی' if before_vowel && matches!(letters[at + 1], 'ي' | 'ی') => {}
        'ي' | 'ی' if before_vowel && !is_last => sounds.extend([Vowel("i"), Consonant("y")]),
        'ي' | 'ی' | 'ى' if last == Some(Vowel("i")) => {}
        'ي' | 'ی' | 'ى' => sounds.push(Vowel("i")),
        'ؤ' if !after_vowel => sounds.push(Vowel("u")),
        'ئ' if !before_vowel && !is_last => sounds.push(Vowel("i")),
        'ع' if is_first && !before_vowel && !is_haraka(letters[at + 1]) => sounds.push(Vowel("a")),
        // سعد is Saad and سعيد Said: the consonant before an ayn needs its vowel.
        'ع' if !is_first && !after_vowel && !is_haraka(letters[at + 1]) => {
            sounds.push(Vowel(if before_vowel || is_last { "a" } else { "aa" }));
        }
        _ => {}
    }
}

/// The consonant of a shadda, which Unicode orders after the vowel.
fn double(sounds: &mut Vec<Sound>) {
    match *sounds.as_slice() {
        [.., consonant @ Consonant(_)] => sounds.push(consonant),
        [.., consonant @ Consonant(_), Vowel(_)] => sounds.insert(sounds.len() - 1, consonant),
        _ => {}
    }
}

/// A و that only lengthens the alef hamza before it at the start of a word.
fn is_carried(letters: &[char], at: usize) -> bool {
    at == 2 && matches!(letters[1], 'إ' | 'آ')
}

fn is_vowel_letter(c: char) -> bool {
    matches!(c, 'ا' | 'أ' | 'آ' | 'و' | 'ي' | 'ی' | 'ى' | 'ة' | 'ؤ' | '\u{064E}'..='\u{0650}')
}

fn is_haraka(c: char) -> bool {
    matches!(c, '\u{064E}'..='\u{0650}')
}

/// Unpointed Hebrew: ו is an o and י an i, except where they start the word.
pub(super) fn hebrew(run: &str) -> String {
    static LETTERS: Table = Table::new(|| CodeIndex::of_pairs(&[hebrew_tables::LETTERS]));
    static VOWELS: Table = Table::new(|| CodeIndex::of_pairs(&[hebrew_tables::VOWELS]));
    let bare: String = run.chars().filter(|c| !matches!(c, '\u{0591}'..='\u{05C7}')).collect();
    if let Some((_, name)) = hebrew_tables::NAMES.iter().find(|(name, _)| *name == bare) {
        return (*name).to_owned();
    }
    let letters = between_ends(bare.chars());
    let mut sounds = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        let rest = &letters[at..];
        let vowel = VOWELS.find(rest).map(|(taken, vowel)| (taken, Vowel(vowel)));
        let found = vowel.or_else(|| LETTERS.find(rest).map(|(taken, c)| (taken, Consonant(c))));
        sounds.extend(found.map(|(_, sound)| sound).filter(|sound| *sound != Vowel("")));
        at += found.map_or(1, |(taken, _)| taken);
    }
    voweled(&sounds)
}

/// The sounds, with an a wherever consonants could not be said together.
fn voweled(sounds: &[Sound]) -> String {
    let mut spelled = String::with_capacity(sounds.len() * 2);
    let mut has_vowel_before = false;
    for (at, sound) in sounds.iter().enumerate() {
        match sound {
            Vowel(vowel) => {
                spelled.push_str(vowel);
                has_vowel_before = true;
            }
            Consonant(consonant) => {
                spelled.push_str(consonant);
                has_vowel_before = needs_vowel(consonant, &sounds[at + 1..], has_vowel_before);
                if has_vowel_before {
                    spelled.push('a');
                }
            }
        }
    }
    spelled
}

/// Whether an a must stand between a consonant and what follows it.
fn needs_vowel(consonant: &str, after: &[Sound], has_vowel_before: bool) -> bool {
    match after {
        [] | [Vowel(_), ..] => false,
        // One more, and the word ends: both close the syllable, or an a parts them.
        [Consonant(next)] => !(has_vowel_before && is_coda(consonant, next)),
        // After a vowel a consonant closes its syllable.
        _ if has_vowel_before => false,
        // The last before a vowel may stand together with this one.
        [Consonant(next), Vowel(_), ..] => !is_onset(consonant, next),
        _ => true,
    }
}

/// Two consonants that start a syllable: a stop or fricative and a liquid, s and a stop.
fn is_onset(first: &str, second: &str) -> bool {
    let is_obstruent =
        matches!(first, "b" | "p" | "t" | "d" | "k" | "g" | "gh" | "f" | "kh" | "q" | "v" | "th");
    match second {
        "r" => is_obstruent,
        "l" => matches!(first, "b" | "p" | "k" | "g" | "gh" | "f" | "v"),
        "t" | "k" | "p" | "b" | "m" | "n" | "f" => matches!(first, "s" | "sh"),
        _ => false,
    }
}

/// Two consonants that end one: a liquid or nasal and an obstruent, a fricative and a t.
fn is_coda(first: &str, second: &str) -> bool {
    match first {
        "r" | "l" | "n" | "m" => !matches!(second, "r" | "l" | "n" | "m" | "h"),
        "s" | "f" | "sh" | "kh" | "k" => matches!(second, "t" | "k" | "s") && first != second,
        "w" | "y" => true,
        _ => first == second,
    }
}
