//! How a repair sees a text: words of folded Arabic letters, cut and folded as the first stage does it.

use std::ops::Range;
use std::sync::LazyLock;

use super::Glyph;
use crate::orthographic::unicode::Kind;
use crate::rules::{LetterIndex, arabic_orthography, general_orthography};

/// What a character is to a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// An Arabic letter, folded.
    Letter(char),
    /// A letter or digit that is not Arabic: its word is left alone.
    Foreign,
    /// What the first stage deletes: a haraka, a tatweel, a hamza, a control.
    Silent,
    /// The end of a word.
    Separator,
}

impl Class {
    /// Of a character of an NFKC text.
    pub(super) fn of(c: char) -> Class {
        static INDEX: LazyLock<LetterIndex> = LazyLock::new(|| {
            LetterIndex::new(&[arabic_orthography::RULES, general_orthography::RULES])
        });
        match INDEX.get(c).map(|row| row.to.chars().next()) {
            Some(None) => Class::Silent,
            Some(Some(to)) => Class::of_letter(to),
            None => Class::of_kind(c),
        }
    }

    fn of_kind(c: char) -> Class {
        match Kind::of(c) {
            Kind::Caseless | Kind::Letter => Class::of_letter(c),
            Kind::Mark | Kind::Control | Kind::Apostrophe | Kind::Jamo => Class::Silent,
            Kind::Separator => Class::Separator,
        }
    }

    fn of_letter(c: char) -> Class {
        let is_arabic = matches!(c, '\u{0600}'..='\u{06FF}') && c.is_alphabetic();
        if is_arabic { Class::Letter(c) } else { Class::Foreign }
    }
}

/// A word of a draft.
pub(super) struct Word {
    /// Its glyphs, from its first letter on, with the silent ones that follow a letter.
    pub(super) range: Range<usize>,
    /// Its letters, folded, but empty when one of them is not Arabic.
    pub(super) letters: Vec<char>,
    /// Where each of the letters stands among the glyphs of the draft.
    pub(super) places: Vec<usize>,
}

/// The words of a draft in NFKC, those that hold a letter or a digit.
pub(super) fn words(glyphs: &[Glyph]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open: Option<(Word, bool)> = None;
    for (at, glyph) in glyphs.iter().enumerate() {
        let class = Class::of(glyph.c);
        match (class, &mut open) {
            (Class::Separator, _) => words.extend(open.take().map(close)),
            (Class::Silent, None) => {}
            (Class::Silent, Some((word, _))) => word.range.end = at + 1,
            (Class::Letter(_) | Class::Foreign, _) => {
                let (word, is_foreign) = open.get_or_insert_with(|| (Word::at(at), false));
                word.range.end = at + 1;
                match class {
                    Class::Letter(letter) => word.push(letter, at),
                    _ => *is_foreign = true,
                }
            }
        }
    }
    words.extend(open.map(close));
    words
}

fn close((mut word, is_foreign): (Word, bool)) -> Word {
    if is_foreign {
        word.letters.clear();
        word.places.clear();
    } else if let Some(last) = word.letters.last_mut() {
        *last = fold_last(*last);
    }
    word
}

/// The first stage folds these two at the end of a word only.
pub(super) fn fold_last(letter: char) -> char {
    match letter {
        'ى' => 'ي',
        'ة' => 'ه',
        _ => letter,
    }
}

impl Word {
    fn at(at: usize) -> Word {
        Word { range: at..at, letters: Vec::new(), places: Vec::new() }
    }

    fn push(&mut self, letter: char, at: usize) {
        self.letters.push(letter);
        self.places.push(at);
    }
}
