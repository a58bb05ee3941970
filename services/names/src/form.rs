//! The second stage: the one form, which the usual spellings of one name share.
//!
//! Only Arabic has rules so far; letters of other scripts are taken as they are. The tables and the reasons
//! are in `rules/arabic_form.rs`, this file applies them in that order. The law everything here obeys: the
//! form of a form is itself. So a rule may look at letters, at the ends of the run and at its length, and at
//! a word end only when it leaves a letter there that shows it.

use std::sync::LazyLock;

use crate::orthographic::{Orthographic, Word};
use crate::rules::arabic_form as table;
use crate::rules::{ClassIndex, LetterIndex, LetterSet, Stage, WordIndex, words};
use crate::trace::{Observer, Silent};

/// Spells forms, one after another; what it needs is kept from form to form, so that none allocates.
#[derive(Default)]
pub(crate) struct Speller {
    source: Vec<Letter>,
    letters: Vec<Letter>,
    kept: Vec<bool>,
    form: String,
}

impl Speller {
    /// The form of a name: of all its words, joined.
    pub(crate) fn name(&mut self, text: &Orthographic, observer: &mut impl Observer) -> &str {
        self.source.clear();
        for word in 0..text.words.len() {
            self.source.extend(letters_of(text, word));
        }
        self.spell(&text.words, observer)
    }

    /// The form of one word by itself, without its first `skipped` letters.
    pub(crate) fn word(&mut self, text: &Orthographic, word: usize, skipped: usize) -> &str {
        self.source.clear();
        self.source.extend(letters_of(text, word).skip(skipped));
        self.spell(&text.words, &mut Silent)
    }

    fn spell(&mut self, words: &[Word], observer: &mut impl Observer) -> &str {
        let Speller { source, letters, kept, form } = self;
        form.clear();
        for source in source.chunk_by(|a, b| is_arabic(a.c) == is_arabic(b.c)) {
            letters.clear();
            if is_arabic(source[0].c) {
                Run { letters, kept, words, observer, is_changed: false }.spell(source);
            } else {
                letters.extend_from_slice(source);
            }
            form.extend(letters.iter().map(|letter| letter.c));
        }
        form
    }
}

fn letters_of(text: &Orthographic, word: usize) -> impl Iterator<Item = Letter> {
    text.word(&text.words[word]).chars().map(move |c| Letter { c, word: word as u32 })
}

/// A letter and the index of the word it comes from.
#[derive(Clone, Copy)]
struct Letter {
    c: char,
    word: u32,
}

fn is_arabic(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}' | '\u{08A0}'..='\u{08FF}')
}

/// A stretch of Arabic letters, across spaces, on its way to the form.
struct Run<'a, O> {
    letters: &'a mut Vec<Letter>,
    /// Which letters belong to a native name, as a mark a letter; empty when none does.
    kept: &'a mut Vec<bool>,
    words: &'a [Word],
    observer: &'a mut O,
    /// Set whenever a rule fires.
    is_changed: bool,
}

/// The spelling of a row, made a string only for an observer that listens.
struct Spelled(&'static [char]);

impl From<Spelled> for String {
    fn from(spelled: Spelled) -> String {
        spelled.0.iter().collect()
    }
}

/// Where a pass stands: the letter being read, where its result will be written, and how many consonants
/// the run has.
#[derive(Clone, Copy)]
struct Place {
    written: usize,
    at: usize,
    consonants: usize,
}

impl<O: Observer> Run<'_, O> {
    fn spell(mut self, source: &[Letter]) {
        const NATIVE: LetterSet = LetterSet::new(table::NATIVE_LETTERS);
        let is_foreign = !source.iter().any(|letter| NATIVE.contains(letter.c));
        self.spell_words(source, is_foreign);
        self.write_doubled_once();
        // One rule makes room for another (تيش, تش, ش), so they are applied until none fires. That ends:
        // each deletes a letter or moves it towards its class, and no class leads back.
        while is_foreign && self.fold_foreign() {}
    }

    fn spell_words(&mut self, source: &[Letter], is_foreign: bool) {
        self.letters.reserve(source.len() + 2);
        let last = source.last().map_or(0, |letter| letter.word);
        for word in source.chunk_by(|a, b| a.word == b.word) {
            let start = self.letters.len();
            let has_article = is_foreign && self.is_nisba(word) && self.is_bare(word[0]);
            if has_article {
                self.fired("ar-nisba", "ال", "", word[0].word);
            }
            self.respell(&word[if has_article { ARTICLE } else { 0 }..]);
            if is_foreign {
                self.coda_g(start);
            }
            if is_foreign && word[0].word != last {
                self.joint(self.letters.len() - start);
            }
        }
    }

    /// One pass over the letters of a foreign name. Whether it changed any.
    fn fold_foreign(&mut self) -> bool {
        self.is_changed = false;
        self.last_shape();
        self.keep_native_names();
        self.drop_article();
        let consonants = consonants(self.letters);
        let (mut written, mut at) = (0, 0);
        while at < self.letters.len() {
            let place = Place { written, at, consonants };
            let (taken, letter) =
                if self.is_kept(at) { (1, Some(self.letters[at])) } else { self.fold(place) };
            if let Some(letter) = letter {
                self.letters[written] = letter;
                written += 1;
            }
            at += taken;
        }
        self.letters.truncate(written);
        self.write_doubled_once();
        self.coda_g(0);
        self.is_changed
    }

    /// How many letters are taken at a place, and the one that is written for them.
    fn fold(&mut self, place: Place) -> (usize, Option<Letter>) {
        let letter = self.letters[place.at];
        if let Some(row) = self.class(place) {
            self.fired(row.rule.id, Spelled(row.spelling), row.to, letter.word);
            return (row.spelling.len(), Some(Letter { c: row.to, ..letter }));
        }
        let written = if place.at + 1 == self.letters.len() {
            self.fold_last(place)
        } else {
            self.fold_inner(place)
        };
        (1, written)
    }

    fn class(&self, place: Place) -> Option<&'static table::ClassRule> {
        static INDEX: LazyLock<ClassIndex> = LazyLock::new(|| ClassIndex::new(table::CLASSES));
        let rest = &self.letters[place.at..];
        let is_spelled = |row: &table::ClassRule| {
            row.spelling.len() <= rest.len()
                && row.spelling.iter().zip(rest).all(|(c, letter)| *c == letter.c)
        };
        INDEX.starting(rest[0].c).iter().copied().find(|row| {
            let next = rest.get(row.spelling.len());
            let minimum = match (place.at, next) {
                (0, _) => row.first_min,
                (_, None) => row.last_min,
                _ => row.later_min,
            };
            place.consonants >= minimum
                && is_spelled(row)
                && (row.before.is_empty() || next.is_some_and(|next| row.before.contains(&next.c)))
        })
    }

    /// `ar-inner-heh` and `ar-inner-vowel`.
    fn fold_inner(&mut self, place: Place) -> Option<Letter> {
        let letter = self.letters[place.at];
        if place.at == 0 {
            return Some(letter);
        }
        if letter.c == 'ه' && place.consonants >= table::HEH_CONSONANTS_MIN {
            self.fired("ar-inner-heh", letter.c, "", letter.word);
            return None;
        }
        if self.is_unwritten_vowel(place) {
            self.fired("ar-inner-vowel", letter.c, "", letter.word);
            return None;
        }
        Some(letter)
    }

    /// Whether an inner letter is a vowel that may be left out.
    fn is_unwritten_vowel(&self, Place { written, at, consonants }: Place) -> bool {
        let (previous, c, next) =
            (self.letters[written - 1].c, self.letters[at].c, self.letters[at + 1].c);
        let minimum = match c {
            'ا' => table::ALEF_CONSONANTS_MIN,
            'ي' => table::YA_CONSONANTS_MIN,
            'و' if written > 1 => table::WAW_CONSONANTS_MIN,
            _ => return false,
        };
        let is_ending = |ending: (char, char)| (c, next) == ending && at + 2 == self.letters.len();
        let needs = if is_ending(('ي', 'ه')) {
            return false;
        } else if previous == next && !table::VOWELS.contains(&previous) {
            table::EQUALS_CONSONANTS_MIN
        } else if is_ending(('ا', 'ن')) {
            table::FINAL_AN_CONSONANTS_MIN
        } else {
            minimum
        };
        consonants >= needs
    }

    /// `ar-final-heh` and `ar-final-ya`.
    fn fold_last(&mut self, place: Place) -> Option<Letter> {
        let Place { written, at, consonants } = place;
        let letter = self.letters[at];
        if at == 0 || consonants < table::FINAL_CONSONANTS_MIN {
            return Some(letter);
        }
        match letter.c {
            'ه' if self.letters[written - 1].c != 'ي' => {
                self.fired("ar-final-heh", 'ه', 'ا', letter.word);
                Some(Letter { c: 'ا', ..letter })
            }
            // After a native name it makes another name of it: هاشم, هاشمي.
            'ي' if !self.is_kept(at - 1) => {
                self.fired("ar-final-ya", 'ي', "", letter.word);
                None
            }
            _ => Some(letter),
        }
    }

    /// `ar-nisba`, for the run as a whole: its form is one word with a bare alef, and must be its own form. A
    /// ي that a native name keeps would stay there for the form of the form to find.
    fn drop_article(&mut self) {
        if self.is_nisba(self.letters)
            && (self.is_bare(self.letters[0]) || self.is_kept(self.letters.len() - 2))
        {
            let word = self.letters[0].word;
            self.letters.drain(..ARTICLE);
            self.fired("ar-nisba", "ال", "", word);
            self.keep_native_names();
        }
    }

    /// Whether these letters are the article and a name of 3 consonants or more that ends in ي.
    fn is_nisba(&self, letters: &[Letter]) -> bool {
        matches!(letters, [Letter { c: 'ا', .. }, Letter { c: 'ل', .. }, .., Letter { c: 'ي', .. }])
            && consonants(letters) >= 2 + table::FINAL_CONSONANTS_MIN
    }

    /// Whether the first letter of its word was typed as a bare alef.
    fn is_bare(&self, letter: Letter) -> bool {
        self.words[letter.word as usize].first == 'ا'
    }

    /// A run does not end in the marks of `ar-joint`, nor is it ابن: what the first stage and `ar-ibn`
    /// would make of the form must be the form.
    fn last_shape(&mut self) {
        let last = self.letters.len().wrapping_sub(1);
        match self.letters.get(last).map(|letter| letter.c) {
            Some('ى') => self.replace(last, 'ي', "ar-joint"),
            Some('ة') => self.replace(last, 'ه', "ar-joint"),
            _ => {}
        }
        if self.letters.iter().map(|letter| letter.c).eq("ابن".chars()) {
            let word = self.letters.remove(0).word;
            self.fired("ar-ibn", "ابن", "بن", word);
        }
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
            let is_last = at + 1 == self.letters.len() && !is_vowel_or_heh(letter.c);
            if written > 0 && self.letters[written - 1].c == letter.c && !is_last {
                self.fired("ar-doubled", letter.c, "", letter.word);
                continue;
            }
            self.letters[written] = letter;
            written += 1;
        }
        self.letters.truncate(written);
    }

    fn keep_native_names(&mut self) {
        static NATIVE: LazyLock<WordIndex> = LazyLock::new(|| WordIndex::new(words::NATIVE_NAMES));
        let native: &WordIndex = &NATIVE;
        self.kept.clear();
        for at in 1..self.letters.len() {
            let rest = &self.letters[at - 1..];
            for name in native.starting(rest[0].c, rest[1].c) {
                if rest.iter().map(|letter| letter.c).take(name.len()).eq(name.iter().copied()) {
                    self.kept.resize(self.letters.len(), false);
                    self.kept[at - 1..at - 1 + name.len()].fill(true);
                }
            }
        }
    }

    fn is_kept(&self, at: usize) -> bool {
        self.kept.get(at).copied().unwrap_or(false)
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
        word: u32,
    ) {
        self.is_changed = true;
        self.observer.fired(Stage::Form, rule, from, to, self.words[word as usize].span.clone());
    }
}

/// The letters of ال.
const ARTICLE: usize = 2;

/// How many letters no source leaves out: the consonants, and a vowel that comes first.
fn consonants(letters: &[Letter]) -> usize {
    let is_consonant = |at: usize| match letters[at].c {
        'ا' | 'و' | 'ي' => at == 0,
        'ى' | 'ة' => false,
        'ه' => at == 0 || at + 1 < letters.len(),
        _ => true,
    };
    (0..letters.len()).filter(|at| is_consonant(*at)).count()
}

fn is_vowel_or_heh(c: char) -> bool {
    matches!(c, 'ا' | 'و' | 'ي' | 'ى' | 'ة' | 'ه')
}
