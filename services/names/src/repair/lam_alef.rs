//! `repair-lam-alef` and `repair-allah`: ligatures that extraction from a PDF takes apart the wrong way round.
//!
//! The one glyph ﻻ comes out as ال instead of لا, and ﷲ as هللا. Some shapes no Arabic word has: اال at the
//! start, الء at the end. The others are ambiguous, and decided by the list in `rules/repair.rs`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::letters::{self, Word};
use super::{Draft, Glyph};
use crate::form::Speller;
use crate::orthographic::Orthographic;
use crate::rules::repair as table;
use crate::trace::Silent;

pub(super) const ALLAH: [char; 4] = ['ه', 'ل', 'ل', 'ا'];

pub(super) fn repair(draft: &mut Draft) {
    let words = letters::words(&draft.glyphs);
    let is_alone = words.len() == 1;
    for mut word in words {
        // Each repair may show the next. It ends: all but that of ﷲ, which leaves nothing to repair, move
        // a lam to the front.
        while let Some((rule, order)) = next(&word, &draft.glyphs, is_alone) {
            apply(draft, &mut word, rule, &order);
        }
    }
}

/// What a word is made of in its repaired order, as indices of its letters.
type Order = Vec<usize>;

fn next(word: &Word, glyphs: &[Glyph], is_alone: bool) -> Option<(&'static str, Order)> {
    const LAM_ALEF: &str = "repair-lam-alef";
    let letters = word.letters.as_slice();
    if letters.ends_with(&ALLAH) {
        return Some(("repair-allah", allah(letters)));
    }
    if let Some(start) = start(letters) {
        return Some((LAM_ALEF, swapped(letters, &turned(letters, start))));
    }
    if is_end(letters) && has_final_hamza(word, glyphs) {
        return Some((LAM_ALEF, swapped(letters, &[letters.len() - 2])));
    }
    let listed = listed(letters).filter(|listed| !(is_alone && listed.is_form))?;
    Some((listed.rule, permutation(letters, &listed.meant)))
}

fn apply(draft: &mut Draft, word: &mut Word, rule: &'static str, order: &[usize]) {
    let from = super::text_of(&draft.glyphs[word.range.clone()]);
    let before: Vec<_> = word.places.iter().map(|place| draft.glyphs[*place]).collect();
    let letters = word.letters.clone();
    for (at, source) in order.iter().enumerate() {
        draft.glyphs[word.places[at]] = before[*source];
        word.letters[at] = letters[*source];
    }
    let repaired = draft.glyphs[word.range.clone()].to_vec();
    draft.fired(rule, from, &repaired);
}

/// Whether a hamza follows the last letter.
fn has_final_hamza(word: &Word, glyphs: &[Glyph]) -> bool {
    let last = word.places.last().map_or(word.range.end, |place| place + 1);
    glyphs[last..word.range.end].iter().any(|glyph| glyph.c == 'ء')
}

/// Where اال stands in a word that starts with it, or with it after a clitic.
pub(super) fn start(letters: &[char]) -> Option<usize> {
    let at = match letters {
        ['ا', 'ا', 'ل', _, _, ..] => 0,
        ['و' | 'ف' | 'ب' | 'ك', 'ا', 'ا', 'ل', _, _, ..] => 1,
        _ => return None,
    };
    Some(at)
}

/// The places of the alefs to turn in a word damaged beyond doubt: the one of the start, and every inner ال
/// that is not meant.
fn turned(letters: &[char], start: usize) -> Vec<usize> {
    let inner = (start + 3..letters.len().saturating_sub(1))
        .filter(|at| letters[*at..].starts_with(&['ا', 'ل']) && !is_meant(letters, *at));
    std::iter::once(start + 1).chain(inner).collect()
}

/// Whether the ال at this place is followed by an ending, as in الاعمال and الاجمالي. Two alefs in a row are
/// always damage.
fn is_meant(letters: &[char], at: usize) -> bool {
    let ending = &letters[at + 2..];
    let is_ending = |listed: &&str| listed.chars().eq(ending.iter().copied());
    letters[at - 1] != 'ا' && table::ENDINGS_AFTER_AL.iter().any(is_ending)
}

/// Whether the word ends in ال. With a hamza after it, it was لاء.
pub(super) fn is_end(letters: &[char]) -> bool {
    letters.len() > 2 && letters.ends_with(&['ا', 'ل'])
}

/// The word with the letters at each of these places and the ones after them exchanged.
fn swapped(letters: &[char], places: &[usize]) -> Order {
    let mut order: Order = (0..letters.len()).collect();
    for at in places {
        order.swap(*at, at + 1);
    }
    order
}

fn allah(letters: &[char]) -> Order {
    let mut order: Order = (0..letters.len()).collect();
    order[letters.len() - ALLAH.len()..].reverse();
    order
}

/// A word of the list as damage leaves it.
struct Listed {
    rule: &'static str,
    meant: Vec<char>,
    /// It is the form of some name, so it is repaired only beside other words: a form is one word, and is
    /// never repaired.
    is_form: bool,
}

/// The list, by what damage leaves of each word.
static LISTED: LazyLock<HashMap<Vec<char>, Listed>> = LazyLock::new(|| {
    let turned = table::LAM_ALEF_WORDS
        .iter()
        .map(|word| (word.replace("لا", "ال"), *word, "repair-lam-alef"));
    let allah = table::ALLAH_WORDS
        .iter()
        .map(|(damaged, word)| ((*damaged).to_owned(), *word, "repair-allah"));
    let with_article = |(damaged, word, rule): (String, &str, &'static str)| {
        [
            (damaged.clone(), word.to_owned(), rule),
            (format!("ال{damaged}"), format!("ال{word}"), rule),
        ]
    };
    turned
        .chain(allah)
        .flat_map(with_article)
        .map(|(damaged, word, rule)| {
            let text = Orthographic::of(&damaged);
            let is_form = Speller::default().name(&text, &mut Silent) == damaged;
            (damaged.chars().collect(), Listed { rule, meant: word.chars().collect(), is_form })
        })
        .collect()
});

fn listed(letters: &[char]) -> Option<&'static Listed> {
    LISTED.get(letters)
}

/// All damaged words of the list, folded.
pub(super) fn damaged_words() -> impl Iterator<Item = &'static [char]> {
    LISTED.keys().map(Vec::as_slice)
}

/// How to order the letters of `from` so that they spell `to`, which has the same letters.
fn permutation(from: &[char], to: &[char]) -> Order {
    let mut is_taken = vec![false; from.len()];
    let mut take = |letter: &char| {
        let at = (0..from.len()).find(|at| !is_taken[*at] && from[*at] == *letter);
        let at = at.expect("damage moves the letters of a word, it adds none");
        is_taken[at] = true;
        at
    };
    to.iter().map(&mut take).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair;
    use crate::rules::words;

    fn check(text: &str, expected: &str) {
        let repaired = repair(text).map_or_else(|| text.to_owned(), |repair| repair.text);
        assert_eq!(repaired, expected, "{text}");
    }

    #[test]
    fn shapes_that_no_word_has_are_turned_round() {
        for (damaged, meant) in [
            ("هللا", "الله"),
            ("عبدهللا", "عبدالله"),
            ("عبد اهلل", "عبد الله"),
            ("االسالم", "الاسلام"),
            ("األردن", "الأردن"),
            ("اإلسالمية", "الإسلامية"),
            ("اإلمارات", "الإمارات"),
            ("االستقالل", "الاستقلال"),
            ("االعمال", "الاعمال"),
            ("االتصاالت", "الاتصالات"),
            ("واالعالم", "والاعلام"),
            ("أالسكا", "ألاسكا"),
            ("عالء", "علاء"),
            ("والء", "ولاء"),
            ("آالء", "آلاء"),
            ("كربالء", "كربلاء"),
        ] {
            check(damaged, meant);
        }
    }

    #[test]
    fn ambiguous_shapes_are_decided_by_the_list() {
        for (damaged, meant) in [
            ("جالل", "جلال"),
            ("بالل", "بلال"),
            ("الهالل", "الهلال"),
            ("فالديمير بوتين", "فلاديمير بوتين"),
            ("الواليات المتحدة", "الولايات المتحدة"),
            ("الالذقية", "اللاذقية"),
            ("الفروف", "لافروف"),
            ("طالل الرشيد", "طلال الرشيد"),
            ("جالل سالم", "جلال سالم"),
        ] {
            check(damaged, meant);
        }
    }

    #[test]
    fn a_word_that_is_a_name_is_never_changed() {
        for name in [
            "سالم",
            "صالح",
            "فالح",
            "عالم",
            "خالد",
            "طالب",
            "غالب",
            "سالمة",
            "كالم",
            "مالك",
            "طالل",
        ] {
            check(name, name);
        }
        for listed in damaged_words() {
            let damaged: String = listed.iter().collect();
            let lists = [words::NATIVE_NAMES, words::LEXICAL, words::TITLES, words::GIVEN_NAMES];
            assert!(lists.iter().all(|list| !list.contains(&damaged.as_str())), "{damaged}");
        }
    }

    #[test]
    fn listed_words_stand_as_the_orthographic_stage_leaves_them() {
        for word in table::LAM_ALEF_WORDS {
            assert_eq!(Orthographic::of(word).text, *word);
            assert!(word.contains("لا"), "{word}");
            check(word, word);
        }
    }
}
