//! The second stage: the one form, which the usual spellings of one name share.
//!
//! Only Arabic has rules so far; letters of other scripts are taken as they are. The tables and the reasons
//! are in `rules/arabic_form.rs`, this file applies them in that order. The law everything here obeys: the
//! form of a form is itself. So a rule may look at letters, at the ends of the run and at its length, and at
//! a word end only when it leaves a letter there that shows it.

use std::sync::LazyLock;

use crate::orthographic::{Orthographic, Word};
use crate::rules::arabic_form as table;
use crate::rules::{LetterIndex, Stage, WordIndex, words};
use crate::trace::{Observer, Silent};

/// The form of a name: of all its words, joined.
pub(crate) fn of_name(text: &Orthographic, observer: &mut impl Observer) -> String {
    let mut letters = Vec::with_capacity(text.text.len());
    for word in 0..text.words.len() {
        letters.extend(letters_of(text, word));
    }
    spell(&letters, &text.words, observer)
}

/// The form of one word by itself, without its first `skipped` letters.
pub(crate) fn of_word(text: &Orthographic, word: usize, skipped: usize) -> String {
    let letters: Vec<Letter> = letters_of(text, word).skip(skipped).collect();
    spell(&letters, &text.words, &mut Silent)
}

fn letters_of(text: &Orthographic, word: usize) -> impl Iterator<Item = Letter> {
    text.word(&text.words[word]).chars().map(move |c| Letter { c, word })
}

fn spell(letters: &[Letter], words: &[Word], observer: &mut impl Observer) -> String {
    let mut form = String::with_capacity(letters.len() * 2);
    for run in letters.chunk_by(|a, b| is_arabic(a.c) == is_arabic(b.c)) {
        if is_arabic(run[0].c) {
            let spelled = Run::new(words, observer).spell(run);
            form.extend(spelled.iter().map(|letter| letter.c));
        } else {
            form.extend(run.iter().map(|letter| letter.c));
        }
    }
    form
}

/// A letter and the index of the word it comes from.
#[derive(Clone, Copy)]
struct Letter {
    c: char,
    word: usize,
}

fn is_arabic(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}' | '\u{08A0}'..='\u{08FF}')
}

/// A stretch of Arabic letters, across spaces, on its way to the form.
struct Run<'a, O> {
    letters: Vec<Letter>,
    words: &'a [Word],
    observer: &'a mut O,
}

impl<'a, O: Observer> Run<'a, O> {
    fn new(words: &'a [Word], observer: &'a mut O) -> Self {
        Run { letters: Vec::new(), words, observer }
    }

    fn spell(mut self, source: &[Letter]) -> Vec<Letter> {
        let is_foreign = !source.iter().any(|letter| table::NATIVE_LETTERS.contains(&letter.c));
        self.spell_words(source, is_foreign);
        self.write_doubled_once();
        if is_foreign {
            self.fold_foreign();
        }
        self.letters
    }

    fn spell_words(&mut self, source: &[Letter], is_foreign: bool) {
        self.letters.reserve(source.len() + 2);
        let last = source.last().map_or(0, |letter| letter.word);
        for word in source.chunk_by(|a, b| a.word == b.word) {
            let start = self.letters.len();
            self.respell(word);
            if is_foreign {
                self.coda_g(start);
            }
            if is_foreign && word[0].word != last {
                self.joint(self.letters.len() - start);
            }
        }
    }

    fn fold_foreign(&mut self) {
        let kept = self.native_names();
        self.foreign_g(&kept);
        self.foreign_s(&kept);
        self.drop_inner_vowels(&kept);
        self.write_doubled_once();
        self.coda_g(0);
    }

    /// `ar-ibn` and the letter rows.
    fn respell(&mut self, word: &[Letter]) {
        static INDEX: LazyLock<LetterIndex> = LazyLock::new(|| LetterIndex::new(&[table::RULES]));
        let is_ibn = word.iter().map(|letter| letter.c).eq("ابن".chars());
        if is_ibn {
            self.fired("ar-ibn", "ابن", "بن", word[0].word);
        }
        let index: &LetterIndex = &INDEX;
        for letter in &word[usize::from(is_ibn)..] {
            let Some(row) = index.get(letter.c) else {
                self.letters.push(*letter);
                continue;
            };
            self.fired(row.rule.id, letter.c, row.to, letter.word);
            self.letters.extend(row.to.chars().map(|c| Letter { c, word: letter.word }));
        }
    }

    /// `ar-ng-coda`, for the word that starts at `start`.
    fn coda_g(&mut self, start: usize) {
        if let [.., Letter { c: 'ن', .. }, Letter { c: 'ك' | 'ق', .. }] = self.letters[start..] {
            self.replace(self.letters.len() - 1, 'غ', "ar-ng-coda");
        }
    }

    /// `ar-joint`, for the word of this many letters that ends here and is not the last.
    fn joint(&mut self, length: usize) {
        let last = self.letters.len().wrapping_sub(1);
        match self.letters.get(last).map(|letter| letter.c) {
            Some('ي') if length >= table::JOINT_LETTERS_MIN => self.replace(last, 'ى', "ar-joint"),
            Some('ا' | 'ه') if length >= table::JOINT_LETTERS_MIN => {
                self.replace(last, 'ة', "ar-joint");
            }
            _ => {}
        }
    }

    /// `ar-doubled`.
    fn write_doubled_once(&mut self) {
        let mut written = 0;
        for at in 0..self.letters.len() {
            let letter = self.letters[at];
            if written > 0 && self.letters[written - 1].c == letter.c {
                self.fired("ar-doubled", letter.c, "", letter.word);
                continue;
            }
            self.letters[written] = letter;
            written += 1;
        }
        self.letters.truncate(written);
    }

    /// Which letters belong to a native name, as a mark a letter; empty when none does.
    fn native_names(&self) -> Vec<bool> {
        static NATIVE: LazyLock<WordIndex> = LazyLock::new(|| WordIndex::new(words::NATIVE_NAMES));
        let native: &WordIndex = &NATIVE;
        let mut kept = Vec::new();
        for at in 0..self.letters.len() {
            for name in native.starting(self.letters[at].c) {
                let here = self.letters[at..].iter().map(|letter| letter.c);
                if here.take(name.len()).eq(name.iter().copied()) {
                    kept.resize(self.letters.len(), false);
                    kept[at..at + name.len()].fill(true);
                }
            }
        }
        kept
    }

    /// `ar-ng` and `ar-soft-g`.
    fn foreign_g(&mut self, kept: &[bool]) {
        let is_long = self.letters.len() >= table::SOFT_G_LETTERS_MIN;
        for at in 0..self.letters.len() {
            if self.letters[at].c != 'ج' || is_kept(kept, at) {
                continue;
            }
            if at > 0 && self.letters[at - 1].c == 'ن' {
                self.replace(at, 'غ', "ar-ng");
            } else if is_long {
                self.replace(at, 'غ', "ar-soft-g");
            }
        }
    }

    /// `ar-z`.
    fn foreign_s(&mut self, kept: &[bool]) {
        let length = self.letters.len();
        let first = match length {
            table::SOFT_S_LETTERS_MIN.. => 0,
            table::FINAL_S_LETTERS_MIN.. => length - 1,
            _ => return,
        };
        for at in first..length {
            if self.letters[at].c == 'ز' && !is_kept(kept, at) {
                self.replace(at, 'س', "ar-z");
            }
        }
    }

    /// `ar-inner-vowel`, from the first letter to the last, while there are letters to spare.
    fn drop_inner_vowels(&mut self, kept: &[bool]) {
        let length = self.letters.len();
        let mut spare = length.saturating_sub(table::LETTERS_KEPT_MIN);
        let mut written = 1.min(length);
        for at in 1..length {
            let letter = self.letters[at];
            if spare > 0 && !is_kept(kept, at) && self.is_unwritten_vowel(written, at) {
                spare -= 1;
                self.fired("ar-inner-vowel", letter.c, "", letter.word);
                continue;
            }
            self.letters[written] = letter;
            written += 1;
        }
        self.letters.truncate(written);
    }

    /// Whether the letter at `at`, to be written at `written`, may be dropped: a vowel between two letters,
    /// not the و of جون, and not what keeps two equal consonants apart.
    fn is_unwritten_vowel(&self, written: usize, at: usize) -> bool {
        let c = self.letters[at].c;
        let Some(next) = self.letters.get(at + 1) else { return false };
        let previous = self.letters[written - 1].c;
        let is_first_waw = written == 1 && c == 'و';
        let parts_equals = previous == next.c && !table::VOWELS.contains(&previous);
        table::VOWELS.contains(&c) && !is_first_waw && !parts_equals
    }

    fn replace(&mut self, at: usize, to: char, rule: &'static str) {
        let Letter { c, word } = self.letters[at];
        self.letters[at].c = to;
        self.fired(rule, c, to, word);
    }

    fn fired(
        &mut self,
        rule: &'static str,
        from: impl Into<String>,
        to: impl Into<String>,
        word: usize,
    ) {
        self.observer.fired(Stage::Form, rule, from, to, self.words[word].span.clone());
    }
}

fn is_kept(kept: &[bool], at: usize) -> bool {
    kept.get(at).copied().unwrap_or(false)
}
