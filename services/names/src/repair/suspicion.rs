//! Whether a text may be damaged: one pass without allocation, which almost every text leaves with a no.
//!
//! A yes is only a suspicion, the repairs decide. A no is final, so everything a repair would do for the
//! folded letters of a word is suspected here.

use std::sync::LazyLock;

use super::lam_alef;
use super::letters::{Class, fold_last};
use super::spaced;

pub(super) fn is_suspicious(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let mut scan = Scan::new();
    text.chars().any(|c| scan.reads(c)) || scan.ends()
}

/// What is remembered of a text while it is read.
struct Scan {
    signs: &'static Signs,
    previous: char,
    word: Word,
    /// How many words of one letter there were in a row.
    single: usize,
    has_arabic: bool,
    /// A character was seen that only the slow way understands.
    has_strange: bool,
}

/// What is remembered of the word being read.
#[derive(Clone, Copy, Default)]
struct Word {
    /// The first and the last letters.
    first: [char; 6],
    last: [char; 4],
    letters: usize,
    /// Of all letters but the last.
    hash: Hash,
    has_foreign: bool,
    has_final_hamza: bool,
}

impl Scan {
    fn new() -> Scan {
        static SIGNS: LazyLock<Signs> = LazyLock::new(Signs::new);
        Scan {
            signs: &SIGNS,
            previous: '\0',
            word: Word::default(),
            single: 0,
            has_arabic: false,
            has_strange: false,
        }
    }

    /// Reads on. Whether the text is suspicious already.
    fn reads(&mut self, c: char) -> bool {
        let previous = std::mem::replace(&mut self.previous, c);
        match c {
            ' ' => return self.ends_word(),
            '\u{0600}'..='\u{06FF}' => return self.reads_arabic(c),
            'a'..='z' | 'A'..='Z' | '0'..='9' => self.word.has_foreign = true,
            '\0'..='\x7F' => return self.reads_class(Class::of(c)),
            // Letters of which NFKC makes letters.
            'À'..='Ö'
            | 'Ø'..='ö'
            | 'ø'..='ľ'
            | 'Ł'..='ɏ'
            | 'Ѐ'..='ҁ'
            | 'ぁ'..='ゖ'
            | 'ァ'..='ヺ'
            | '\u{4E00}'..='\u{9FFF}'
            | '가'..='힣' => self.word.has_foreign = true,
            // Presentation forms, and the letters of mathematics.
            '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}' | '\u{1EE00}'..='\u{1EEFF}' => {
                return true;
            }
            '\u{00AD}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}' => {}
            _ => self.has_strange = true,
        }
        // The first byte of a letter in UTF-8, as Windows-1252 and Windows-1256 read it; a combining accent
        // may be that of Ù, Ú or Û.
        !c.is_ascii()
            && matches!(previous, 'Ø'..='Û' | '\u{0300}'..='\u{0302}' | 'ط' | 'ظ' | 'ع' | 'غ')
            && !matches!(c, '\u{200C}'..='\u{200F}')
    }

    fn reads_arabic(&mut self, c: char) -> bool {
        self.has_arabic = true;
        match self.signs.classes[c as usize - ARABIC_BLOCK] {
            Class::Letter(letter) => {
                self.word.push(letter);
                false
            }
            class => {
                self.word.has_final_hamza |= c == 'ء';
                self.reads_class(class)
            }
        }
    }

    fn reads_class(&mut self, class: Class) -> bool {
        match class {
            Class::Letter(_) | Class::Foreign => self.word.has_foreign = true,
            Class::Silent => {}
            Class::Separator => return self.ends_word(),
        }
        false
    }

    fn ends_word(&mut self) -> bool {
        let word = std::mem::take(&mut self.word);
        if word.letters == 0 && !word.has_foreign {
            return false;
        }
        self.single = if word.letters == 1 && !word.has_foreign { self.single + 1 } else { 0 };
        self.single >= spaced::LETTERS_MIN || !word.has_foreign && word.is_suspicious(self.signs)
    }

    fn ends(&mut self) -> bool {
        self.ends_word() || self.has_strange && self.has_arabic
    }
}

impl Word {
    fn push(&mut self, letter: char) {
        if let Some(slot) = self.first.get_mut(self.letters) {
            *slot = letter;
        }
        let [_, b, c, d] = self.last;
        if self.letters > 0 {
            self.hash.add(d);
        }
        self.last = [b, c, d, letter];
        self.letters += 1;
        self.has_final_hamza = false;
    }

    fn is_suspicious(mut self, signs: &Signs) -> bool {
        let first = &self.first[..self.letters.min(self.first.len())];
        let is_shape = lam_alef::start(first).is_some()
            || self.has_final_hamza && lam_alef::is_end(&self.last)
            || self.last == lam_alef::ALLAH;
        self.hash.add(fold_last(self.last[3]));
        is_shape || signs.may_be_damaged(self.hash)
    }
}

const ARABIC_BLOCK: usize = 0x0600;

/// What the scan looks things up in.
struct Signs {
    classes: [Class; 256],
    /// A bit for each hash of a damaged word: says no with certainty.
    damaged: [u64; 128],
}

impl Signs {
    fn new() -> Signs {
        let class = |at: usize| {
            let c = char::from_u32((ARABIC_BLOCK + at) as u32);
            c.map_or(Class::Separator, Class::of)
        };
        let mut signs = Signs { classes: std::array::from_fn(class), damaged: [0; 128] };
        for word in lam_alef::damaged_words() {
            let mut hash = Hash::default();
            word.iter().for_each(|letter| hash.add(*letter));
            let (slot, bit) = hash.place();
            signs.damaged[slot] |= 1 << bit;
        }
        signs
    }

    fn may_be_damaged(&self, hash: Hash) -> bool {
        let (slot, bit) = hash.place();
        self.damaged[slot] & 1 << bit != 0
    }
}

/// Of letters, one multiplication a letter (Fibonacci hashing: Knuth, volume 3, section 6.4).
#[derive(Clone, Copy, Default)]
struct Hash(u64);

impl Hash {
    fn add(&mut self, letter: char) {
        self.0 = (self.0.rotate_left(5) ^ letter as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    /// Its word and bit among 8,192.
    fn place(self) -> (usize, u64) {
        ((self.0 >> 57) as usize, self.0 >> 51 & 63)
    }
}
