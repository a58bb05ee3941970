//! Letters as small numbers, so that comparing two of them is one look into an array.
//!
//! Arabic letters have codes of their own, because Arabic spellings are compared letter by letter. For every
//! other script, and between scripts, there are sounds: what a letter or a group of letters is heard as, in an
//! alphabet of Latin letters (`rules/sounds.rs`). An Arabic letter has a sound too.

use std::sync::LazyLock;

use crate::rules::{CodeIndex, sounds};
use crate::{Script, romanize};

/// How many codes an alphabet has at most; code 0 is any letter that it lacks.
pub(crate) const CODES: usize = 48;

/// The letters of a word that are compared, so that the work is bounded.
pub(crate) const LETTERS_MAX: usize = 48;

/// A word in codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Letters {
    /// At most [`LETTERS_MAX`]: of Arabic letters when `is_arabic`, else of sounds.
    pub(crate) codes: Box<[u8]>,
    pub(crate) is_arabic: bool,
}

impl Letters {
    /// The codes of a word or of a name that the orthographic stage has written; spaces are nothing.
    pub(crate) fn new(orthographic: &str) -> Letters {
        let script = orthographic.chars().map(Script::of).find(|script| *script != Script::Other);
        let mut codes = Vec::with_capacity(16);
        match script {
            Some(Script::Arab) => {
                codes.extend(orthographic.chars().filter(|c| *c != ' ').map(arabic_code));
            }
            Some(Script::Latn) | None => push_sounds(orthographic, &mut codes),
            Some(_) => push_sounds(&romanize(orthographic, None).to_lowercase(), &mut codes),
        }
        codes.truncate(LETTERS_MAX);
        Letters { codes: codes.into(), is_arabic: script == Some(Script::Arab) }
    }

    /// The letters of all words. Where not every word is Arabic, the sounds of all.
    pub(crate) fn joined<'a>(words: impl Iterator<Item = &'a Letters> + Clone) -> Letters {
        let is_arabic = words.clone().all(|word| word.is_arabic);
        let mut codes = Vec::with_capacity(LETTERS_MAX);
        let mut buffer = [0; LETTERS_MAX];
        for word in words {
            codes.extend_from_slice(if is_arabic { &word.codes } else { word.sounds(&mut buffer) });
        }
        codes.truncate(LETTERS_MAX);
        Letters { codes: codes.into(), is_arabic }
    }

    /// A bit for each sound that is heard.
    pub(crate) fn sound_bits(&self) -> u64 {
        let mut buffer = [0; LETTERS_MAX];
        self.sounds(&mut buffer).iter().fold(0, |bits, code| bits | 1 << code)
    }

    /// The sounds of the codes.
    fn sounds<'a>(&'a self, buffer: &'a mut [u8; LETTERS_MAX]) -> &'a [u8] {
        if self.is_arabic { sounds_of(&self.codes, buffer) } else { &self.codes }
    }
}

/// The sounds of Arabic letters, in a buffer.
pub(crate) fn sounds_of<'a>(arabic: &[u8], buffer: &'a mut [u8; LETTERS_MAX]) -> &'a [u8] {
    static SOUND_OF: LazyLock<[u8; CODES]> = LazyLock::new(|| {
        let mut table = [0; CODES];
        for (letter, sound) in sounds::ARABIC {
            table[usize::from(arabic_code(*letter))] = sound_code(*sound);
        }
        table
    });
    for (sound, code) in buffer.iter_mut().zip(arabic) {
        *sound = SOUND_OF[usize::from(*code)];
    }
    &buffer[..arabic.len()]
}

/// The letter of a code, to show it and to write it into a table; `None` for code 0.
pub(crate) fn arabic_letter(code: u8) -> Option<char> {
    sounds::ARABIC.get(usize::from(code).wrapping_sub(1)).map(|(letter, _)| *letter)
}

/// The sound of a code; `None` for code 0.
pub(crate) fn sound_letter(code: u8) -> Option<char> {
    sounds::ALPHABET.get(usize::from(code).wrapping_sub(1)).map(|sound| char::from(*sound))
}

pub(crate) fn arabic_code(letter: char) -> u8 {
    static CODE_OF: LazyLock<[u8; 256]> = LazyLock::new(|| {
        let mut table = [0; 256];
        for (at, (letter, _)) in sounds::ARABIC.iter().enumerate() {
            table[*letter as usize - ARABIC_BLOCK] = at as u8 + 1;
        }
        for (letter, same) in sounds::ARABIC_SAME {
            table[*letter as usize - ARABIC_BLOCK] = table[*same as usize - ARABIC_BLOCK];
        }
        table
    });
    CODE_OF.get((letter as usize).wrapping_sub(ARABIC_BLOCK)).copied().unwrap_or(0)
}

const ARABIC_BLOCK: usize = 0x0600;

pub(crate) fn sound_code(sound: char) -> u8 {
    let at = sounds::ALPHABET.iter().position(|other| char::from(*other) == sound);
    at.map_or(0, |at| at as u8 + 1)
}

/// Appends the sounds of Latin letters. A sound heard twice in a row is one.
fn push_sounds(latin: &str, codes: &mut Vec<u8>) {
    static LATIN: LazyLock<CodeIndex> = LazyLock::new(|| CodeIndex::of_pairs(&[sounds::LATIN]));
    static CODE_OF: LazyLock<[u8; 128]> =
        LazyLock::new(|| std::array::from_fn(|at| sound_code(char::from(at as u8))));
    for word in latin.split(' ') {
        let mut letters: Vec<char> = Vec::with_capacity(word.len() + 2);
        letters.push('^');
        letters.extend(word.chars().take(2 * LETTERS_MAX));
        letters.push('$');
        let mut rest = letters.as_slice();
        while !rest.is_empty() {
            let (taken, spelled) = LATIN.longest(rest);
            for sound in spelled.bytes() {
                let code = CODE_OF[usize::from(sound)];
                if codes.last() != Some(&code) {
                    codes.push(code);
                }
            }
            rest = &rest[taken..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(word: &str) -> String {
        let letters = Letters::new(word);
        let mut buffer = [0; LETTERS_MAX];
        letters.sounds(&mut buffer).iter().filter_map(|code| sound_letter(*code)).collect()
    }

    #[test]
    fn words_are_heard_alike_across_scripts() {
        for (word, expected) in [
            ("lavrov", "lavrov"),
            ("лавров", "lavrov"),
            ("لافروف", "lafruf"),
            ("tchaikovsky", "Caikovski"),
            ("schmidt", "Smidt"),
            ("muhammad", "muhamad"),
            ("phillips", "filips"),
            ("xerxes", "kserkses"),
            ("cecil", "sesil"),
            ("khaled", "Xaled"),
            ("", ""),
        ] {
            assert_eq!(heard(word), expected, "{word}");
        }
    }

    #[test]
    fn every_alphabet_has_room() {
        assert!(sounds::ARABIC.len() < CODES && sounds::ALPHABET.len() < CODES);
        assert!(sounds::ARABIC.iter().all(|(_, sound)| sound_code(*sound) > 0));
    }
}
