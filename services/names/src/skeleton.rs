//! The third stage: consonants in one alphabet for all scripts, to find candidates with and nothing else.
//!
//! The classes: B (b p), F (f v ph), T (t th), D, S (s z sh ch ts, ذ ظ), G (g gh j zh), K (k q kh), H, L, M,
//! N (n and ng), R. Vowels, w and y are dropped, and so is a letter heard twice in a row; a vowel that
//! starts a word is A, because there every script writes it and it parts many names. F and B stay apart
//! although Korean writes v as ㅂ: joining them would cost every other script its difference.
//!
//! The tables make a fine skeleton, class by class. What the whole of it then loses, by its length, is in
//! `rules/skeleton_whole.rs`. A script without a table has no skeleton: no guess is better than a bad one.

use std::sync::LazyLock;

use crate::rules::skeleton_whole::{ARTICLE_MIN, ARTICLES, DOUBLED_MIN, H_MIN, K_MIN};
use crate::rules::{
    CodeIndex, Stage, skeleton_arabic, skeleton_armenian, skeleton_cyrillic, skeleton_devanagari,
    skeleton_georgian, skeleton_greek, skeleton_han, skeleton_hangul, skeleton_hebrew,
    skeleton_kana, skeleton_latin,
};
use crate::trace::{Observer, Silent};
use crate::{Script, Span, han};

/// The classes of a word or a name, before and after the rules of `rules/skeleton_whole.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skeleton {
    coarse: String,
    /// Only where it differs.
    fine: Option<String>,
}

impl Skeleton {
    fn new(fine: &str, span: &Span, observer: &mut impl Observer) -> Skeleton {
        let coarse = coarse(fine, span, observer);
        let fine = (coarse != fine).then(|| fine.to_owned());
        Skeleton { coarse, fine }
    }

    /// To find candidates with.
    pub(crate) fn coarse(&self) -> &str {
        &self.coarse
    }

    /// To compare two names with: the coarse one has lost what tells ماركو from مارغو.
    pub(crate) fn fine(&self) -> &str {
        self.fine.as_deref().unwrap_or(&self.coarse)
    }
}

/// The skeletons of the words of one name, and in the end that of the name.
#[derive(Default)]
pub(crate) struct Skeletons {
    /// The fine skeletons of the words read, joined. Only the first word keeps its A, so that a space before
    /// a vowel changes nothing.
    joined: String,
    words: usize,
    /// An article standing alone as the last word: where its classes start, and what must follow it.
    article: Option<(usize, &'static str)>,
    span: Span,
}

impl Skeletons {
    /// Reads the next word; its skeleton.
    pub(crate) fn word(
        &mut self,
        word: &str,
        has_article: bool,
        span: &Span,
        observer: &mut impl Observer,
    ) -> Skeleton {
        let start = self.joined.len();
        append_fine(word, &mut self.joined, span, observer);
        let skeleton = Skeleton::new(&self.joined[start..], span, observer);
        self.settle(start, word, has_article, span, observer);
        skeleton
    }

    /// The skeleton of the name. Made of the fine skeletons, so that spaces between words say nothing.
    pub(crate) fn joined(self, observer: &mut impl Observer) -> Skeleton {
        // A name of one word has the skeleton of its word, and has told so.
        if self.words == 1 {
            return Skeleton::new(&self.joined, &self.span, &mut Silent);
        }
        Skeleton::new(&self.joined, &self.span, observer)
    }

    /// Joins the word that was appended at `start` to those before it.
    fn settle(
        &mut self,
        start: usize,
        word: &str,
        has_article: bool,
        span: &Span,
        observer: &mut impl Observer,
    ) {
        self.words += 1;
        // Words without a skeleton stand before no first one.
        if start == 0 {
            self.span = span.clone();
            self.article = lone_article(word).map(|follows| (0, follows));
            return;
        }
        extend(&mut self.span, span);
        self.drop_vowel_or_article(start, has_article, span, observer);
        let start = self.drop_article_before(start, word, span, observer);
        self.article = lone_article(word).map(|follows| (start, follows));
    }

    fn drop_vowel_or_article(
        &mut self,
        start: usize,
        has_article: bool,
        span: &Span,
        observer: &mut impl Observer,
    ) {
        let classes = &self.joined[start..];
        if classes.starts_with("AL") && (has_article || classes.len() >= ARTICLE_MIN) {
            observer.fired(Stage::Skeleton, ARTICLE, "AL", "", span.clone());
            self.joined.replace_range(start..start + "AL".len(), "");
        } else if classes.starts_with('A') {
            self.joined.remove(start);
        }
    }

    /// Where the word starts after its lone article is gone.
    fn drop_article_before(
        &mut self,
        start: usize,
        word: &str,
        span: &Span,
        observer: &mut impl Observer,
    ) -> usize {
        let Some((at, _)) = self.article.filter(|(_, follows)| word.starts_with(follows)) else {
            return start;
        };
        // At the start of the name it is what ال is at the start of a word: dropped by the length.
        let article = if at == 0 { "AL" } else { "" };
        let dropped = &self.joined[at..start];
        observer.fired(Stage::Skeleton, ARTICLE, dropped, article, span.clone());
        self.joined.replace_range(at..start, article);
        at + article.len()
    }
}

const ARTICLE: &str = "skeleton-article";

/// What the word after must start with, when this one may be an article.
fn lone_article(word: &str) -> Option<&'static str> {
    const BYTES_MAX: usize = "аль".len();
    let articles = if word.len() <= BYTES_MAX { ARTICLES } else { &[] };
    articles.iter().find(|(article, _)| *article == word).map(|(_, follows)| *follows)
}

fn extend(span: &mut Span, last: &Span) {
    span.bytes.end = last.bytes.end;
    span.utf16.end = last.utf16.end;
    span.chars.end = last.chars.end;
}

/// A fine skeleton after the rules of `rules/skeleton_whole.rs`.
fn coarse(fine: &str, span: &Span, observer: &mut impl Observer) -> String {
    let mut fired = |rule, from, to| observer.fired(Stage::Skeleton, rule, from, to, span.clone());
    let mut fine = fine;
    if let Some(rest) = fine.strip_prefix("AL").filter(|_| fine.len() >= ARTICLE_MIN) {
        fired(ARTICLE, "AL", "");
        fine = rest;
    }
    let drops_h = fine.len() >= H_MIN;
    let joins_k = fine.len() >= K_MIN;
    let dropped =
        if drops_h { fine.bytes().skip(1).filter(|class| *class == b'H').count() } else { 0 };
    let joins_doubled = fine.len() - dropped >= DOUBLED_MIN;
    let mut coarse = String::with_capacity(fine.len());
    for (at, class) in fine.char_indices() {
        if drops_h && class == 'H' && at > 0 {
            fired("skeleton-long-h", "H", "");
            continue;
        }
        let mut class = class;
        if joins_k && class == 'K' {
            fired("skeleton-long-k", "K", "G");
            class = 'G';
        }
        if joins_doubled && coarse.ends_with(class) {
            fired("skeleton-long-doubled", &fine[at..=at], "");
            continue;
        }
        coarse.push(class);
    }
    coarse
}

/// Appends the classes of one word, run by run of its scripts.
fn append_fine(word: &str, skeleton: &mut String, span: &Span, observer: &mut impl Observer) {
    let word_start = skeleton.len();
    let mut has_table = false;
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let script = table_script(first);
        let (run, after) = split_run(rest, script);
        rest = after;
        let Some(codes) = codes(script) else { continue };
        has_table = true;
        let start = skeleton.len();
        encode(&spelled(run, script), codes, skeleton);
        observer.fired(Stage::Skeleton, codes.rule, run, &skeleton[start..], span.clone());
    }
    if has_table && skeleton.len() == word_start {
        skeleton.push('A');
    }
}

/// The letters of one script at the start of a word, and the rest.
fn split_run(word: &str, script: Script) -> (&str, &str) {
    let end = word.char_indices().find(|(_, c)| table_script(*c) != script);
    word.split_at(end.map_or(word.len(), |(at, _)| at))
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
    static HAN: LazyLock<CodeIndex> = LazyLock::new(|| CodeIndex::new(&skeleton_han::TABLE));
    static GREEK: LazyLock<CodeIndex> = LazyLock::new(|| CodeIndex::new(&skeleton_greek::TABLE));
    static HEBREW: LazyLock<CodeIndex> = LazyLock::new(|| CodeIndex::new(&skeleton_hebrew::TABLE));
    static ARMENIAN: LazyLock<CodeIndex> =
        LazyLock::new(|| CodeIndex::new(&skeleton_armenian::TABLE));
    static GEORGIAN: LazyLock<CodeIndex> =
        LazyLock::new(|| CodeIndex::new(&skeleton_georgian::TABLE));
    static DEVANAGARI: LazyLock<CodeIndex> =
        LazyLock::new(|| CodeIndex::new(&skeleton_devanagari::TABLE));
    match script {
        Script::Arab => Some(&ARABIC),
        Script::Latn => Some(&LATIN),
        Script::Cyrl => Some(&CYRILLIC),
        Script::Hang => Some(&HANGUL),
        Script::Kana => Some(&KANA),
        Script::Hani => Some(&HAN),
        Script::Grek => Some(&GREEK),
        Script::Hebr => Some(&HEBREW),
        Script::Armn => Some(&ARMENIAN),
        Script::Geor => Some(&GEORGIAN),
        Script::Deva => Some(&DEVANAGARI),
        _ => None,
    }
}

/// The letters as the tables spell them, between `^` and `$`.
fn spelled(run: &str, script: Script) -> Vec<char> {
    let mut letters = Vec::with_capacity(run.len() + 2);
    letters.push('^');
    match script {
        Script::Hang => run.chars().for_each(|c| match c {
            '가'..='힣' => letters.extend(jamo(c)),
            c => letters.push(c),
        }),
        Script::Kana => letters.extend(run.chars().map(hiragana)),
        Script::Hani => letters.extend(han::syllables(run).flat_map(str::chars)),
        Script::Deva => spell_devanagari(run, &mut letters),
        _ => letters.extend(run.chars()),
    }
    letters.push('$');
    letters
}

/// The table is of Hiragana; Katakana stands 0x60 above it.
pub(crate) fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        c => c,
    }
}

/// Writes the a that every consonant has which no sign follows, and leaves out the virama that takes it away.
fn spell_devanagari(run: &str, letters: &mut Vec<char>) {
    const NUKTA: char = '\u{093C}';
    const VIRAMA: char = '\u{094D}';
    let is_consonant = |c: char| matches!(c, 'क'..='ह');
    let mut is_open = false;
    for c in run.chars() {
        if is_open && is_consonant(c) {
            letters.push('अ');
        }
        is_open = is_consonant(c) || (is_open && c == NUKTA);
        if c != VIRAMA {
            letters.push(c);
        }
    }
}

/// The initial, vowel and final of a Hangul syllable: the arithmetic of Unicode ch. 3.12.
pub(crate) fn jamo(syllable: char) -> impl Iterator<Item = char> {
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
        if !ends_with(previous, code) || code.is_empty() {
            skeleton.push_str(code);
        }
        previous = code;
        rest = &rest[taken..];
    }
}

/// The same as of strings; codes have a letter or two, for which a call costs more than the comparison.
fn ends_with(text: &str, end: &str) -> bool {
    text.len() >= end.len() && text.bytes().rev().zip(end.bytes().rev()).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: &str) {
        let mut skeletons = Skeletons::default();
        let skeleton = skeletons.word(word, false, &Span::default(), &mut Silent);
        assert_eq!(skeleton.coarse(), expected, "{word}");
        assert_eq!(skeletons.joined(&mut Silent), skeleton, "{word}");
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
            check(word, "SGFSG");
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
            ("xerxes", "SRGS"),
            ("ahmad", "AHMD"),
            ("muammar", "MMR"),
            ("phillips", "FLBS"),
            ("sarah", "SR"),
            ("khartoum", "GRTM"),
            ("io", "A"),
        ] {
            check(word, expected);
        }
    }

    #[test]
    fn a_script_without_a_table_has_no_skeleton() {
        for word in ["ไทย", "தமிழ்", "42", ""] {
            check(word, "");
        }
    }
}
