//! The third stage: consonants in one alphabet for all scripts, to find candidates with and nothing else.
//!
//! The classes: B (b p), F (f v ph), T (t th), D, S (s z sh ch ts, ذ ظ), G (g gh j zh), K (k q kh), H, L, M,
//! N (n and ng), R. Vowels, w and y are dropped, and so is a letter heard twice in a row; a vowel that
//! starts a word is A, because there every script writes it and it parts many names. F and B stay apart although Korean writes v as ㅂ: joining them would cost every
//! other script its difference. A script without a table has no skeleton: no guess is better than a bad one.

use std::sync::LazyLock;

use crate::rules::{
    CodeIndex, Stage, skeleton_arabic, skeleton_cyrillic, skeleton_hangul, skeleton_kana,
    skeleton_latin,
};
use crate::trace::Observer;
use crate::{Script, Span};

/// The skeleton of one word.
pub(crate) fn skeleton(word: &str, span: &Span, observer: &mut impl Observer) -> String {
    let mut skeleton = String::with_capacity(word.len());
    let mut has_table = false;
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let (run, after) = split_run(rest, table_script(first));
        rest = after;
        let Some(codes) = codes(table_script(first)) else { continue };
        has_table = true;
        let start = skeleton.len();
        encode(&spelled(run), codes, &mut skeleton);
        observer.fired(Stage::Skeleton, codes.rule, run, &skeleton[start..], span.clone());
    }
    if has_table && skeleton.is_empty() {
        skeleton.push('A');
    }
    skeleton
}

/// The letters of one script at the start of a word, and the rest.
fn split_run(word: &str, script: Script) -> (&str, &str) {
    let end = word.char_indices().find(|(_, c)| table_script(*c) != script);
    word.split_at(end.map_or(word.len(), |(at, _)| at))
}

/// The skeletons of the words, joined. Only the first word keeps its A, so that a space before a vowel
/// changes nothing.
pub(crate) fn joined<'a>(mut words: impl Iterator<Item = &'a str>) -> String {
    let mut joined = words.find(|word| !word.is_empty()).unwrap_or_default().to_owned();
    for word in words {
        joined.push_str(word.strip_prefix('A').unwrap_or(word));
    }
    joined
}

/// Hiragana and Katakana share a table, and ー belongs to neither script.
fn table_script(c: char) -> Script {
    match Script::of(c) {
        Script::Hira => Script::Kana,
        Script::Other if c == 'ー' => Script::Kana,
        script => script,
    }
}

fn codes(script: Script) -> Option<&'static CodeIndex> {
    static ARABIC: LazyLock<CodeIndex> = LazyLock::new(|| CodeIndex::new(&skeleton_arabic::TABLE));
    static LATIN: LazyLock<CodeIndex> = LazyLock::new(|| CodeIndex::new(&skeleton_latin::TABLE));
    static CYRILLIC: LazyLock<CodeIndex> =
        LazyLock::new(|| CodeIndex::new(&skeleton_cyrillic::TABLE));
    static HANGUL: LazyLock<CodeIndex> = LazyLock::new(|| CodeIndex::new(&skeleton_hangul::TABLE));
    static KANA: LazyLock<CodeIndex> = LazyLock::new(|| CodeIndex::new(&skeleton_kana::TABLE));
    match script {
        Script::Arab => Some(&ARABIC),
        Script::Latn => Some(&LATIN),
        Script::Cyrl => Some(&CYRILLIC),
        Script::Hang => Some(&HANGUL),
        Script::Kana => Some(&KANA),
        _ => None,
    }
}

/// The letters as the tables spell them: `^` before, `$` after, syllables taken apart, Katakana as Hiragana.
fn spelled(run: &str) -> Vec<char> {
    let mut letters = Vec::with_capacity(run.len() + 2);
    letters.push('^');
    for c in run.chars() {
        match c {
            '가'..='힣' => letters.extend(jamo(c)),
            'ァ'..='ヶ' => letters.extend(char::from_u32(c as u32 - 0x60)),
            c => letters.push(c),
        }
    }
    letters.push('$');
    letters
}

/// The initial, vowel and final of a Hangul syllable: the arithmetic of Unicode ch. 3.12.
fn jamo(syllable: char) -> impl Iterator<Item = char> {
    const VOWELS: u32 = 21;
    const FINALS: u32 = 28;
    let index = syllable as u32 - '가' as u32;
    let initial = 0x1100 + index / (VOWELS * FINALS);
    let vowel = 0x1161 + index / FINALS % VOWELS;
    let last = index % FINALS;
    // There is no final number 0: the syllable is open.
    let last = (last > 0).then_some(0x11A7 + last);
    [Some(initial), Some(vowel), last].into_iter().flatten().filter_map(char::from_u32)
}

/// Appends the codes of the letters. Equal codes are written once unless a vowel stands between.
fn encode(letters: &[char], codes: &CodeIndex, skeleton: &mut String) {
    let mut rest = letters;
    let mut previous = "";
    while !rest.is_empty() {
        let (taken, code) = codes.longest(rest);
        if !previous.ends_with(code) || code.is_empty() {
            skeleton.push_str(code);
        }
        previous = code;
        rest = &rest[taken..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Silent;

    fn check(word: &str, expected: &str) {
        assert_eq!(skeleton(word, &Span::default(), &mut Silent), expected, "{word}");
    }

    #[test]
    fn one_name_has_one_skeleton_in_arabic_latin_and_cyrillic() {
        for word in ["لافروف", "lavrov", "лавров", "lafroff"] {
            check(word, "LFRF");
        }
        for word in ["سيرغي", "سيرجي", "sergei", "serguei", "сергей"] {
            check(word, "SRG");
        }
        for word in ["تشايكوفسكي", "tchaikovsky", "chaykovskiy", "чайковский"] {
            check(word, "SKFSK");
        }
    }

    #[test]
    fn korean_and_japanese_come_as_near_as_their_letters_allow() {
        check("라브로프", "LBRB");
        check("ラブロフ", "RBRF");
        check("らぶろふ", "RBRF");
        check("푸틴", "BTN");
        check("プーチン", "BSN");
    }

    #[test]
    fn ng_is_one_class_however_it_is_written() {
        for word in ["بيونغ", "بيونج", "بيونك", "بيونگ", "pyong", "пёнг", "평"]
        {
            check(word, "BN");
        }
    }

    #[test]
    fn groups_of_latin_letters_are_one_consonant() {
        for (word, expected) in [
            ("schmidt", "SMDT"),
            ("john", "GN"),
            ("xerxes", "SRKSS"),
            ("ahmad", "AHMD"),
            ("muammar", "MMR"),
            ("phillips", "FLBS"),
            ("sarah", "SR"),
            ("khartoum", "KRTM"),
            ("io", "A"),
        ] {
            check(word, expected);
        }
    }

    #[test]
    fn a_script_without_a_table_has_no_skeleton() {
        for word in ["平壌", "Αθήνα", "ירושלים", "42", ""] {
            check(word, "");
        }
    }
}
