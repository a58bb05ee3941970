//! The first stage: the same letters, whatever way they were typed, and the words they make.
//!
//! One pass over the characters. Each is kept, replaced by a table row, deleted, or ends a word; a word
//! remembers where in the input it stood. The tables are `rules/arabic_orthography.rs` and
//! `rules/general_orthography.rs`; what looks at neighbours is in this file.

use std::ops::Range;
use std::sync::LazyLock;

use self::unicode::Kind;
use crate::rules::{LetterIndex, LetterRule, Stage, arabic_orthography, general_orthography};
use crate::span::{Position, Span};
use crate::trace::{Observer, Silent};

pub(crate) mod unicode;

/// A text after the first stage. It is read into again and again, so that a name allocates nothing.
#[derive(Default)]
pub(crate) struct Orthographic {
    /// Words separated by one space.
    pub(crate) text: String,
    pub(crate) words: Vec<Word>,
}

/// One word of it.
pub(crate) struct Word {
    /// Bytes of `Orthographic::text`.
    pub(crate) bytes: Range<usize>,
    pub(crate) span: Span,
    /// Its first letter before folding: the article is written with a bare alef, ألبرت is not.
    pub(crate) first: char,
    /// Three letters with a hamza in the middle, such as فأس.
    has_root_hamza: bool,
}

impl Orthographic {
    /// The text by itself, for tables that are made once.
    pub(crate) fn of(text: &str) -> Orthographic {
        let mut orthographic = Orthographic::default();
        orthographic.read(text, &mut Silent);
        orthographic
    }

    /// Reads `text` in place of what was read before.
    pub(crate) fn read(&mut self, text: &str, observer: &mut impl Observer) {
        let mut writer = Writer::new(self, observer);
        if unicode::is_nfkc(text) {
            writer.read(text);
        } else {
            unicode::pieces(text).for_each(|piece| writer.read_piece(piece));
        }
        writer.finish();
    }

    pub(crate) fn word(&self, word: &Word) -> &str {
        &self.text[word.bytes.clone()]
    }
}

/// What the pass carries from one character to the next.
struct Writer<'a, O> {
    index: &'static LetterIndex,
    observer: &'a mut O,
    text: &'a mut String,
    words: &'a mut Vec<Word>,
    /// Where the character being read stands in the input.
    start: Position,
    end: Position,
    open: Option<Open>,
}

/// The word being written.
struct Open {
    /// Where its text starts in `Writer::text`.
    at: usize,
    start: Position,
    end: Position,
    /// Its first two letters before folding, and how many letters it has.
    first: char,
    second: char,
    letters: usize,
}

impl<'a, O: Observer> Writer<'a, O> {
    fn new(written: &'a mut Orthographic, observer: &'a mut O) -> Self {
        static INDEX: LazyLock<LetterIndex> = LazyLock::new(|| {
            LetterIndex::new(&[arabic_orthography::RULES, general_orthography::RULES])
        });
        written.text.clear();
        written.words.clear();
        Writer {
            index: &INDEX,
            observer,
            text: &mut written.text,
            words: &mut written.words,
            start: Position::default(),
            end: Position::default(),
            open: None,
        }
    }

    fn read(&mut self, text: &str) {
        for c in text.chars() {
            self.start = self.end;
            self.end = self.end.after(c);
            self.read_char(c);
        }
    }

    /// All characters that NFKC makes of a piece stand where the piece stood.
    fn read_piece(&mut self, piece: &str) {
        let normal = unicode::nfkc(piece);
        self.start = self.end;
        self.end = piece.chars().fold(self.end, Position::after);
        if normal != piece {
            self.fired("uni-nfkc", piece, normal.as_ref());
        }
        normal.chars().for_each(|c| self.read_char(c));
    }

    fn read_char(&mut self, c: char) {
        match c {
            'a'..='z' | '0'..='9' => self.push(c, c),
            'A'..='Z' => self.fold_case(c),
            ' ' => self.end_word(),
            _ => match self.index.get(c) {
                Some(row) => self.apply(row, c),
                None => self.read_other(c),
            },
        }
    }

    fn read_other(&mut self, c: char) {
        match Kind::of(c) {
            Kind::Caseless => self.push(c, c),
            Kind::Letter => self.fold_letter(c),
            Kind::Mark if unicode::is_haraka(c) => self.delete("ar-marks", c),
            Kind::Mark => self.delete("uni-marks", c),
            Kind::Jamo => self.delete("uni-jamo", c),
            Kind::Apostrophe => self.skip("uni-apostrophe", c),
            Kind::Control => self.skip("uni-controls", c),
            Kind::Separator => {
                if !c.is_whitespace() {
                    self.fired("uni-separator", c, " ");
                }
                self.end_word();
            }
        }
    }

    /// Diacritics first, then case, then the table: Ǿ is Ø is ø is o.
    fn fold_letter(&mut self, c: char) {
        let base = unicode::base_letter(c);
        if base != c {
            self.fired("latin-diacritics", c, base);
        }
        self.fold_case(base);
    }

    fn fold_case(&mut self, c: char) {
        let folded = unicode::fold_case(c);
        if folded != c {
            self.fired("uni-case", c, folded);
        }
        match self.index.get(folded) {
            Some(row) => self.apply(row, folded),
            None => self.push(c, folded),
        }
    }

    fn apply(&mut self, row: &'static LetterRule, c: char) {
        self.fired(row.rule.id, c, row.to);
        self.touch();
        row.to.chars().for_each(|to| self.push(c, to));
    }

    /// A mark belongs to its letter, so the word reaches to its end.
    fn delete(&mut self, rule: &'static str, c: char) {
        self.fired(rule, c, "");
        if self.open.is_some() {
            self.touch();
        }
    }

    fn skip(&mut self, rule: &'static str, c: char) {
        self.fired(rule, c, "");
    }

    /// The word, opened here if need be, reaches to the end of this character.
    fn touch(&mut self) -> &mut Open {
        let open = Open {
            at: self.text.len(),
            start: self.start,
            end: self.end,
            first: '\0',
            second: '\0',
            letters: 0,
        };
        let open = self.open.get_or_insert(open);
        open.end = self.end;
        open
    }

    /// Writes one letter, which was `from` before folding.
    fn push(&mut self, from: char, letter: char) {
        let open = self.touch();
        match open.letters {
            0 => open.first = from,
            1 => open.second = from,
            _ => {}
        }
        open.letters += 1;
        self.text.push(letter);
    }

    fn end_word(&mut self) {
        let Some(open) = self.open.take() else { return };
        if open.letters == 0 {
            return;
        }
        self.fold_last(&open, 'ى', 'ي', "ar-final-maqsura");
        self.fold_last(&open, 'ة', 'ه', "ar-final-ta-marbuta");
        let span = Span::between(open.start, open.end);
        let has_root_hamza = open.letters == 3 && open.second == 'أ';
        self.words.push(Word {
            bytes: open.at..self.text.len(),
            span,
            first: open.first,
            has_root_hamza,
        });
        self.text.push(' ');
    }

    fn fold_last(&mut self, open: &Open, from: char, to: char, rule: &'static str) {
        if !self.text.ends_with(from) {
            return;
        }
        self.text.pop();
        self.text.push(to);
        self.observer.fired(
            Stage::Orthographic,
            rule,
            from,
            to,
            Span::between(open.start, open.end),
        );
    }

    fn finish(mut self) {
        self.end_word();
        self.text.pop();
        self.keep_root_hamza();
    }

    /// Only a word standing alone: رأس is spelled راس as often as not inside رأس الخيمة. And only between two
    /// consonants of Arabic itself, which no later stage writes with more letters.
    fn keep_root_hamza(&mut self) {
        let [word] = self.words.as_slice() else { return };
        let is_root = |c: Option<char>| matches!(c, Some('ب'..='ه'));
        let mut letters = self.text.chars();
        if !word.has_root_hamza || !is_root(letters.next()) || !is_root(letters.next_back()) {
            return;
        }
        *self.text = self.text.replace('ا', "أ");
        self.observer.fired(Stage::Orthographic, "ar-hamza-root", 'ا', 'أ', word.span.clone());
    }

    fn fired(&mut self, rule: &'static str, from: impl Into<String>, to: impl Into<String>) {
        self.observer.fired(
            Stage::Orthographic,
            rule,
            from,
            to,
            Span::between(self.start, self.end),
        );
    }
}
