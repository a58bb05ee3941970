//! Scripts that write syllables: Hangul, Kana, Han and Devanagari.

use super::{Table, push_title, spelled};
use crate::rules::CodeIndex;
use crate::rules::romanization_syllables as syllables;
use crate::{han, skeleton};

/// A frequent surname before two more syllables is parted from them: 김정은 is Kim Jeongeun.
pub(super) fn push_hangul(run: &str, romanized: &mut String) {
    let surname = run.chars().next().and_then(korean_surname);
    let first = run.chars().next().map_or(0, char::len_utf8);
    match (surname, run.chars().count()) {
        (Some(surname), 1) => romanized.push_str(surname),
        (Some(surname), 3) => {
            romanized.push_str(surname);
            romanized.push(' ');
            push_title(&hangul(&run[first..]), romanized);
        }
        _ => push_title(&hangul(run), romanized),
    }
}

fn korean_surname(syllable: char) -> Option<&'static str> {
    let surnames = syllables::KOREAN_SURNAMES.iter();
    surnames
        .filter(|(surname, _)| surname.chars().eq([syllable]))
        .map(|(_, spelling)| *spelling)
        .next()
}

/// Revised Romanization with the assimilations that can be seen in the letters: a final before a vowel is
/// its initial, ㄹ beside ㄹ or ㄴ is ll, a stop before m or n is a nasal.
fn hangul(run: &str) -> String {
    let mut spelled = String::with_capacity(run.len());
    let mut last = 0;
    for c in run.chars() {
        let Some((initial, vowel, next_last)) = jamo(c) else {
            spelled.push_str(syllables::HANGUL_FINALS[last]);
            spelled.push(c);
            last = 0;
            continue;
        };
        let (before, after) = joint(last, initial);
        spelled.push_str(before);
        spelled.push_str(after);
        spelled.push_str(syllables::HANGUL_VOWELS[vowel]);
        last = next_last;
    }
    spelled.push_str(syllables::HANGUL_FINALS[last]);
    spelled
}

/// Positions of the initial, the vowel and the final in the tables; the final 0 is none.
fn jamo(c: char) -> Option<(usize, usize, usize)> {
    let mut jamo = matches!(c, '가'..='힣').then(|| skeleton::jamo(c))?;
    let initial = jamo.next()? as usize - 0x1100;
    let vowel = jamo.next()? as usize - 0x1161;
    Some((initial, vowel, jamo.next().map_or(0, |last| last as usize - 0x11A7)))
}

/// A final and the initial after it.
fn joint(last: usize, initial: usize) -> (&'static str, &'static str) {
    let (before, after) = (syllables::HANGUL_FINALS[last], syllables::HANGUL_INITIALS[initial]);
    match (before, after) {
        (_, "") => (syllables::HANGUL_FINALS_BEFORE_VOWEL[last], ""),
        ("l", "r" | "n") | ("n", "r") => ("l", "l"),
        ("k", "n" | "m") => ("ng", after),
        ("t", "n" | "m") => ("n", after),
        ("p", "n" | "m") => ("m", after),
        _ => (before, after),
    }
}

/// Hepburn; Katakana is read as Hiragana.
pub(super) fn kana(run: &str) -> String {
    static KANA: Table = Table::new(|| CodeIndex::of_pairs(&[syllables::KANA]));
    let letters: Vec<char> = run.chars().map(skeleton::hiragana).collect();
    spelled(&letters, &KANA)
}

/// Pinyin: the surname, then the syllables of the given name as one word.
pub(super) fn push_han(run: &str, romanized: &mut String) {
    let surname = han_surname_chars(run);
    let mut given = String::new();
    let mut family = String::new();
    for (at, syllable) in han::syllables(run).enumerate() {
        if at < surname { family.push_str(syllable) } else { given.push_str(syllable) }
    }
    if family.is_empty() && given.is_empty() {
        // Nothing here has a reading.
        romanized.push_str(run);
    }
    push_title(&family, romanized);
    if !family.is_empty() && !given.is_empty() {
        romanized.push(' ');
    }
    push_title(&given, romanized);
}

/// How many characters at the start are a surname: only in a word as long as a person's name.
fn han_surname_chars(run: &str) -> usize {
    let count = run.chars().count();
    let is_double = syllables::HAN_DOUBLE_SURNAMES.iter().any(|surname| run.starts_with(surname));
    let is_single = run.chars().next().is_some_and(|first| syllables::HAN_SURNAMES.contains(first));
    match count {
        3 | 4 if is_double => 2,
        2 | 3 if is_single => 1,
        _ => 0,
    }
}

/// One syllable of Devanagari: its consonants and its vowel.
struct Akshara {
    letters: String,
    vowel: &'static str,
    /// The a that no sign writes, which may be silent.
    is_inherent: bool,
    has_consonant: bool,
    /// What follows the vowel: the nasal dot.
    tail: &'static str,
}

/// The unwritten a is silent at the end of a word after one consonant, and between two syllables with vowels.
pub(super) fn devanagari(run: &str) -> String {
    let mut aksharas = aksharas(run);
    silence(&mut aksharas);
    let mut spelled = String::with_capacity(run.len());
    for akshara in aksharas {
        spelled.push_str(&akshara.letters);
        spelled.push_str(akshara.vowel);
        spelled.push_str(akshara.tail);
    }
    // सिंह is said and written with a g.
    if run.ends_with("िंह") {
        spelled.pop();
        spelled.push_str("gh");
    }
    spelled
}

fn aksharas(run: &str) -> Vec<Akshara> {
    const VIRAMA: char = '\u{094D}';
    static CONSONANTS: Table = Table::new(|| CodeIndex::of_pairs(&[syllables::DEVANAGARI]));
    static VOWELS: Table = Table::new(|| CodeIndex::of_pairs(&[syllables::DEVANAGARI_VOWELS]));
    let letters: Vec<char> = run.chars().collect();
    let mut aksharas: Vec<Akshara> = Vec::with_capacity(letters.len());
    let mut rest = letters.as_slice();
    let mut is_joined = false;
    while let Some(first) = rest.first() {
        let mut taken = 1;
        if let Some((count, consonant)) = CONSONANTS.find(rest) {
            taken = count;
            match aksharas.last_mut().filter(|_| is_joined) {
                Some(akshara) => akshara.letters.push_str(consonant),
                None => aksharas.push(Akshara::new(consonant, "a", true)),
            }
            is_joined = false;
        } else if let Some((_, vowel)) = VOWELS.find(rest) {
            match aksharas
                .last_mut()
                .filter(|akshara| akshara.is_inherent && !is_independent(*first))
            {
                Some(akshara) => (akshara.vowel, akshara.is_inherent) = (vowel, false),
                None => aksharas.push(Akshara::new("", vowel, false)),
            }
        } else if *first == VIRAMA {
            is_joined = true;
        } else if matches!(first, 'ं' | 'ँ') {
            let is_labial = matches!(rest.get(1), Some('प'..='म'));
            if let Some(akshara) = aksharas.last_mut() {
                akshara.tail = if is_labial { "m" } else { "n" };
            }
        } else if first.is_alphanumeric() {
            aksharas.push(Akshara::new(&first.to_string(), "", false));
        }
        rest = &rest[taken..];
    }
    if let Some(akshara) = aksharas.last_mut().filter(|_| is_joined) {
        (akshara.vowel, akshara.is_inherent) = ("", false);
    }
    aksharas
}

fn is_independent(vowel: char) -> bool {
    matches!(vowel, 'अ'..='औ')
}

impl Akshara {
    fn new(letters: &str, vowel: &'static str, is_inherent: bool) -> Akshara {
        Akshara {
            has_consonant: !letters.is_empty(),
            letters: letters.to_owned(),
            vowel,
            is_inherent,
            tail: "",
        }
    }

    fn may_be_silent(&self) -> bool {
        // Two consonants need their vowel: नरेंद्र ends in -dra. Of the letters of one, only h joins two.
        let consonants = self.letters.chars().filter(|c| *c != 'h').count();
        self.is_inherent && consonants <= 1 && self.tail.is_empty()
    }
}

/// From the end, as each silence decides the next: Narasimhan and Fleming's rule of Hindi.
fn silence(aksharas: &mut [Akshara]) {
    for at in (1..aksharas.len()).rev() {
        let has_vowel_before = !aksharas[at - 1].vowel.is_empty();
        let is_before_open =
            aksharas.get(at + 1).is_none_or(|next| next.has_consonant && !next.vowel.is_empty());
        if aksharas[at].may_be_silent() && has_vowel_before && is_before_open {
            aksharas[at].vowel = "";
        }
    }
}
