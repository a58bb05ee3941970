//! `repair-spaced-letters`: a name whose letters were set apart, م ح م د.
//!
//! Only single letters in a row that, all together, are listed names one after the other: ش م م and the
//! initials of a person stay apart.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::letters::{self, Word};
use super::{Draft, Glyph};
use crate::rules::repair as table;
use crate::rules::words as lists;

/// The fewest single letters in a row that may be a name.
pub(super) const LETTERS_MIN: usize = 3;

pub(super) fn repair(draft: &mut Draft) {
    let words = letters::words(&draft.glyphs);
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(draft.glyphs.len());
    let mut copied = 0;
    for run in words.chunk_by(|a, b| is_letter(a) && is_letter(b)) {
        let range = run[0].range.start..run[run.len() - 1].range.end;
        let Some(joined) = joined(run, &draft.glyphs) else { continue };
        glyphs.extend_from_slice(&draft.glyphs[copied..range.start]);
        copied = range.end;
        draft.fired("repair-spaced-letters", super::text_of(&draft.glyphs[range]), &joined);
        glyphs.extend(joined);
    }
    if copied > 0 {
        glyphs.extend_from_slice(&draft.glyphs[copied..]);
        draft.glyphs = glyphs;
    }
}

fn is_letter(word: &Word) -> bool {
    word.letters.len() == 1
}

/// The names that the letters of a run spell, one space between two.
fn joined(run: &[Word], glyphs: &[Glyph]) -> Option<Vec<Glyph>> {
    if run.len() < LETTERS_MIN {
        return None;
    }
    let letters: Vec<char> = run.iter().map(|word| word.letters[0]).collect();
    let is_start = name_starts(&letters)?;
    let mut joined = Vec::with_capacity(run.len());
    for (at, word) in run.iter().enumerate() {
        let of_word = &glyphs[word.range.clone()];
        if at > 0 && is_start[at] {
            joined.push(Glyph { c: ' ', ..of_word[0] });
        }
        // A ى standing alone is a final ي; inside a word it would be another letter.
        joined.push(Glyph {
            c: if at + 1 == run.len() { of_word[0].c } else { letters[at] },
            ..of_word[0]
        });
        joined.extend_from_slice(&of_word[1..]);
    }
    Some(joined)
}

/// Where names start, as a mark a letter, if the letters are names one after the other; of several ways
/// the one with the longest last name.
fn name_starts(letters: &[char]) -> Option<Vec<bool>> {
    static NAMES: LazyLock<HashSet<Vec<char>>> = LazyLock::new(|| {
        let long = [lists::NATIVE_NAMES, lists::GIVEN_NAMES].concat();
        let long = long.into_iter().filter(|name| name.chars().count() > LETTERS_MIN);
        long.chain(table::SPACED_NAMES.iter().copied()).map(|name| name.chars().collect()).collect()
    });
    const NAME_LETTERS_MAX: usize = 10;
    // For each place, where the name that ends there starts.
    let mut name_start: Vec<Option<usize>> = vec![None; letters.len() + 1];
    name_start[0] = Some(0);
    for end in LETTERS_MIN..=letters.len() {
        let mut starts = end.saturating_sub(NAME_LETTERS_MAX)..=end - LETTERS_MIN;
        name_start[end] = starts
            .find(|start| name_start[*start].is_some() && NAMES.contains(&letters[*start..end]));
    }
    let mut is_start = vec![false; letters.len()];
    let mut end = letters.len();
    while end > 0 {
        end = name_start[end]?;
        is_start[end] = true;
    }
    Some(is_start)
}

#[cfg(test)]
mod tests {
    use crate::repair;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(repair(text).map(|repair| repair.text).as_deref(), expected, "{text}");
    }

    #[test]
    fn letters_that_are_names_one_after_the_other_are_joined() {
        check("م ح م د", Some("محمد"));
        check("السيد م.ح.م.د", Some("السيد محمد"));
        check("م ح م د  ع ل ي", Some("محمد علي"));
        check("أ ح م د", Some("احمد"));
        check("ع ل ى", Some("على"));
    }

    #[test]
    fn initials_and_legal_forms_stay_apart() {
        check("ش م م", None);
        check("ج ر ر تولكين", None);
        check("م ح م د ب", None);
        check("م ح", None);
    }
}
