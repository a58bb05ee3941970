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

/// Appends the codes of a word that the orthographic stage has written, at most [`LETTERS_MAX`]: of Arabic
/// letters or else of sounds. Says whether they are Arabic.
pub(crate) fn push_letters(word: &str, codes: &mut Vec<u8>) -> bool {
    let (script, start) = (script_of_letters(word), codes.len());
    match script {
        Script::Arab => codes.extend(word.chars().filter(|c| *c != ' ').map(arabic_code)),
        Script::Latn | Script::Other => push_sounds(word, codes),
        _ => push_sounds(&romanize(word, None).to_lowercase(), codes),
    }
    codes.truncate(start + LETTERS_MAX);
    script == Script::Arab
}

/// The script of the first letter: digits before it say nothing.
pub(crate) fn script_of_letters(word: &str) -> Script {
    let scripts = || word.chars().map(Script::of);
    scripts().find(|script| *script != Script::Other).unwrap_or_default()
}

/// Appends the sounds of words of several scripts, at most [`LETTERS_MAX`] in all.
pub(crate) fn push_sounds_of<'a>(words: impl Iterator<Item = &'a str>, codes: &mut Vec<u8>) {
    let end = codes.len() + LETTERS_MAX;
    let (mut letters, mut buffer) = (Vec::with_capacity(LETTERS_MAX), [0; LETTERS_MAX]);
    for word in words {
        letters.clear();
        let is_arabic = push_letters(word, &mut letters);
        let sounds = if is_arabic { sounds_of(&letters, &mut buffer) } else { &letters };
        codes.extend_from_slice(sounds);
    }
    codes.truncate(end);
}

/// A bit for each sound that is heard in codes.
pub(crate) fn sound_bits(codes: &[u8], is_arabic: bool) -> u64 {
    let mut buffer = [0; LETTERS_MAX];
    let sounds = if is_arabic { sounds_of(codes, &mut buffer) } else { codes };
    sounds.iter().fold(0, |bits, code| bits | 1 << code)
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
    let start = codes.len();
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
                if codes.len() == start || codes.last() != Some(&code) {
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
        let mut codes = Vec::new();
        push_sounds_of([word].into_iter(), &mut codes);
        codes.iter().filter_map(|code| sound_letter(*code)).collect()
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
