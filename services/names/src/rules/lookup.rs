//! The tables, indexed: from a character to the row that speaks about it.

use super::arabic_form::ClassRule;
use super::{CodeTable, LetterRule};

/// Rows of some letter tables by letter. The Arabic block is an array, because it is the hot path.
pub(crate) struct LetterIndex {
    arabic: [Option<&'static LetterRule>; 256],
    /// Sorted by letter.
    others: Vec<(char, &'static LetterRule)>,
}

const ARABIC_BLOCK: u32 = 0x0600;

impl LetterIndex {
    pub(crate) fn new(tables: &[&'static [LetterRule]]) -> LetterIndex {
        let mut index = LetterIndex { arabic: [None; 256], others: Vec::new() };
        for row in tables.iter().copied().flatten() {
            row.letters.chars().for_each(|letter| index.insert(letter, row));
        }
        index.others.sort_by_key(|(letter, _)| *letter);
        index
    }

    fn insert(&mut self, letter: char, row: &'static LetterRule) {
        match self.arabic.get_mut(arabic_slot(letter)) {
            Some(slot) => *slot = Some(row),
            None => self.others.push((letter, row)),
        }
    }

    /// The row of a letter, if a table has one.
    pub(crate) fn get(&self, letter: char) -> Option<&'static LetterRule> {
        match self.arabic.get(arabic_slot(letter)) {
            Some(slot) => *slot,
            None => self.rare(letter),
        }
    }

    fn rare(&self, letter: char) -> Option<&'static LetterRule> {
        let at = self.others.binary_search_by_key(&letter, |(letter, _)| *letter).ok()?;
        Some(self.others[at].1)
    }
}

/// Beyond the array for everything outside U+0600..U+06FF.
const fn arabic_slot(letter: char) -> usize {
    (letter as u32).wrapping_sub(ARABIC_BLOCK) as usize
}

/// A set of letters of the Arabic block.
#[derive(Clone, Copy, Default)]
pub(crate) struct LetterSet([u64; 4]);

impl LetterSet {
    /// A letter outside the block stops the compiler.
    pub(crate) const fn new(letters: &[char]) -> LetterSet {
        let (mut set, mut at) = (LetterSet([0; 4]), 0);
        while at < letters.len() {
            let slot = arabic_slot(letters[at]);
            set.0[slot / 64] |= 1 << (slot % 64);
            at += 1;
        }
        set
    }

    fn insert(&mut self, letter: char) {
        let slot = arabic_slot(letter);
        self.0[slot / 64] |= 1 << (slot % 64);
    }

    pub(crate) fn contains(&self, letter: char) -> bool {
        let slot = arabic_slot(letter);
        self.0.get(slot / 64).is_some_and(|bits| bits & (1 << (slot % 64)) != 0)
    }
}

/// The classes by the first letter of their spelling, each letter's in the order of the table.
pub(crate) struct ClassIndex {
    rows: Vec<&'static ClassRule>,
    /// Where the rows of a letter of the block start; one more than there are letters.
    starts: Vec<u16>,
}

impl ClassIndex {
    pub(crate) fn new(table: &'static [ClassRule]) -> ClassIndex {
        let mut rows: Vec<&'static ClassRule> = table.iter().collect();
        rows.sort_by_key(|row| row.spelling[0]);
        let starts = (0..=256)
            .map(|slot| rows.partition_point(|row| arabic_slot(row.spelling[0]) < slot) as u16)
            .collect();
        ClassIndex { rows, starts }
    }

    pub(crate) fn starting(&self, letter: char) -> &[&'static ClassRule] {
        slots(&self.starts, letter).map_or(&[], |range| &self.rows[range])
    }
}

/// The part of a sorted list that a letter of the block has.
fn slots(starts: &[u16], letter: char) -> Option<std::ops::Range<usize>> {
    let slot = arabic_slot(letter);
    let (start, end) = (starts.get(slot)?, starts.get(slot.wrapping_add(1))?);
    Some(usize::from(*start)..usize::from(*end))
}

/// Arabic words by their first two letters, to find them inside a run of letters.
pub(crate) struct WordIndex {
    /// Sorted.
    words: Vec<Vec<char>>,
    /// Where the words of a letter of the block start; one more than there are letters.
    starts: Vec<u16>,
    /// The letters that come second after a letter of the block: nearly every place fails here.
    seconds: Vec<LetterSet>,
}

impl WordIndex {
    pub(crate) fn new(words: &[&str]) -> WordIndex {
        let mut words: Vec<Vec<char>> = words.iter().map(|word| word.chars().collect()).collect();
        words.sort();
        let starts = (0..=256)
            .map(|slot| words.partition_point(|word| arabic_slot(word[0]) < slot) as u16)
            .collect();
        let mut seconds = vec![LetterSet::default(); 256];
        for word in &words {
            seconds[arabic_slot(word[0])].insert(word[1]);
        }
        WordIndex { words, starts, seconds }
    }

    /// The words that may start with these two letters; none for a letter outside the Arabic block.
    pub(crate) fn starting(&self, first: char, second: char) -> &[Vec<char>] {
        let is_second = |set: &LetterSet| set.contains(second);
        if !self.seconds.get(arabic_slot(first)).is_some_and(is_second) {
            return &[];
        }
        slots(&self.starts, first).map_or(&[], |range| &self.words[range])
    }
}

/// The codes of one script by the first character of their spelling, longest spelling first.
pub(crate) struct CodeIndex {
    pub(crate) rule: &'static str,
    /// Sorted by first character, then longest first.
    codes: Vec<(Vec<char>, &'static str)>,
    /// Where the codes of a character start; the last character of the table plus one ends it.
    starts: Vec<u16>,
    first: u32,
}

impl CodeIndex {
    pub(crate) fn new(table: &'static CodeTable) -> CodeIndex {
        CodeIndex { rule: table.rule.id, ..CodeIndex::of_pairs(&[table.codes]) }
    }

    /// Pairs of a spelling and what it stands for, by no rule; of equal spellings that of the first list wins.
    pub(crate) fn of_pairs(lists: &[&'static [(&'static str, &'static str)]]) -> CodeIndex {
        let mut codes: Vec<(Vec<char>, &'static str)> = lists
            .iter()
            .copied()
            .flatten()
            .map(|(spelling, code)| (spelling.chars().collect(), *code))
            .collect();
        codes.sort_by_key(|(spelling, _)| (spelling[0], std::cmp::Reverse(spelling.len())));
        let heads = || codes.iter().map(|(spelling, _)| spelling[0] as u32);
        let first = heads().next().unwrap_or(0);
        let last = heads().next_back().unwrap_or(0);
        let starts =
            (first..=last + 1).map(|head| heads().filter(|c| *c < head).count() as u16).collect();
        CodeIndex { rule: "", codes, starts, first }
    }

    /// The code at the start of `letters` and how many characters it takes; an unknown character takes
    /// one and has none.
    pub(crate) fn longest(&self, letters: &[char]) -> (usize, &'static str) {
        self.find(letters).unwrap_or((1, ""))
    }

    /// The same, and none for an unknown character.
    pub(crate) fn find(&self, letters: &[char]) -> Option<(usize, &'static str)> {
        let at = (letters[0] as u32).wrapping_sub(self.first) as usize;
        let start = usize::from(*self.starts.get(at)?);
        let end = usize::from(*self.starts.get(at.saturating_add(1))?);
        let mut candidates = self.codes[start..end].iter();
        // The first letter is theirs already.
        let follows = |spelling: &[char]| {
            spelling.len() <= letters.len()
                && spelling[1..].iter().zip(&letters[1..]).all(|(a, b)| a == b)
        };
        let (spelling, code) = candidates.find(|(spelling, _)| follows(spelling))?;
        Some((spelling.len(), code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn a_letter_stands_in_one_row_of_its_stage() {
        for table in [
            &[rules::arabic_orthography::RULES, rules::general_orthography::RULES][..],
            &[rules::arabic_form::RULES],
        ] {
            let mut letters: Vec<char> =
                table.iter().copied().flatten().flat_map(|row| row.letters.chars()).collect();
            let count = letters.len();
            letters.sort_unstable();
            letters.dedup();
            assert_eq!(letters.len(), count);
        }
    }

    #[test]
    fn the_longest_spelling_wins() {
        let index = CodeIndex::new(&rules::skeleton_latin::TABLE);
        let letters: Vec<char> = "schmidt".chars().collect();
        assert_eq!(index.longest(&letters), (3, "S"));
        assert_eq!(index.longest(&['ж']), (1, ""));
    }
}
