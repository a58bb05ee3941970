//! The learned weights of evidence: a small table that people can read, and that `hawiya learn` writes.
//!
//! Two alphabets have weights: Arabic letters, for two Arabic spellings, and sounds, for all other pairs. A
//! weight is what one observation adds to the natural logarithm of the odds that two spellings are of one word.
//! The table leaves out what was never learned: those weights are where learning starts.

use std::sync::LazyLock;

use crate::letters::{CODES, arabic_code, arabic_letter, sound_code, sound_letter};
use crate::rules::{Fnv, nicknames, numbers, sounds};

/// The table that is compiled in.
pub(crate) const TABLE: &str = include_str!("rules/weights.tsv");

/// Where a letter stands that has no partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    Inner,
    First,
    Last,
    /// After the same letter.
    Doubled,
    /// Before س, ش, ز or ج: the ت and د of تش, تس, دج.
    BeforeSibilant,
}

/// What is seen of a pair of words beside their letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    Bias,
    SameForm,
    /// The same skeleton, of so many classes (1 to 5, 5 and more).
    SameSkeleton(usize),
    /// Another skeleton; the shorter has so many classes (1 to 4; of more nothing is said).
    OtherSkeleton(usize),
    SameFirstLetter,
    SameFirstClass,
    SameLastLetter,
    /// One has so many letters more (1 to 3, 3 and more).
    Longer(usize),
}

/// One observation about a pair of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Observation {
    /// A letter beside a letter, by their codes.
    Pair(u8, u8),
    /// A letter beside nothing.
    Gap(u8, Gap),
    Feature(Task, Feature),
}

/// What a comparison is for. The letters weigh the same in both; what is seen beside them does not, because
/// the look-alikes that an index finds are others than those that somebody lays side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Two names that somebody took for alike.
    Compare,
    /// A name and what a search found for it.
    Search,
}

const TASKS: [(Task, &str); 2] = [(Task::Compare, "compare"), (Task::Search, "search")];

const GAPS: [(Gap, &str); 5] = [
    (Gap::Inner, "inner"),
    (Gap::First, "first"),
    (Gap::Last, "last"),
    (Gap::Doubled, "doubled"),
    (Gap::BeforeSibilant, "before-sibilant"),
];

const FEATURES: [(Feature, &str); 17] = [
    (Feature::Bias, "bias"),
    (Feature::SameForm, "same-form"),
    (Feature::SameSkeleton(1), "same-skeleton-1"),
    (Feature::SameSkeleton(2), "same-skeleton-2"),
    (Feature::SameSkeleton(3), "same-skeleton-3"),
    (Feature::SameSkeleton(4), "same-skeleton-4"),
    (Feature::SameSkeleton(5), "same-skeleton-5"),
    (Feature::OtherSkeleton(1), "other-skeleton-1"),
    (Feature::OtherSkeleton(2), "other-skeleton-2"),
    (Feature::OtherSkeleton(3), "other-skeleton-3"),
    (Feature::OtherSkeleton(4), "other-skeleton-4"),
    (Feature::SameFirstLetter, "same-first-letter"),
    (Feature::SameFirstClass, "same-first-class"),
    (Feature::SameLastLetter, "same-last-letter"),
    (Feature::Longer(1), "longer-1"),
    (Feature::Longer(2), "longer-2"),
    (Feature::Longer(3), "longer-3"),
];

const GAPS_AT: usize = CODES * CODES;
const FEATURES_AT: usize = GAPS_AT + CODES * GAPS.len();

/// How many numbers an alphabet has.
pub(crate) const SIZE: usize = FEATURES_AT + TASKS.len() * FEATURES.len();

impl Observation {
    /// Its place among the numbers of an alphabet; that of (ج, غ) and of (غ, ج) is the same.
    pub(crate) fn index(self) -> usize {
        match self {
            Observation::Pair(a, b) => usize::from(a.min(b)) * CODES + usize::from(a.max(b)),
            Observation::Gap(letter, gap) => {
                GAPS_AT + usize::from(letter) * GAPS.len() + gap as usize
            }
            Observation::Feature(task, feature) => {
                FEATURES_AT + task as usize * FEATURES.len() + feature.at()
            }
        }
    }
}

impl Feature {
    /// Counts above the last are the last; counts of 0 and of what is not listed say nothing and have no
    /// feature, see `likeness.rs`.
    fn at(self) -> usize {
        match self {
            Feature::Bias => 0,
            Feature::SameForm => 1,
            Feature::SameSkeleton(classes) => 1 + classes.clamp(1, 5),
            Feature::OtherSkeleton(classes) => 6 + classes.clamp(1, 4),
            Feature::SameFirstLetter => 11,
            Feature::SameFirstClass => 12,
            Feature::SameLastLetter => 13,
            Feature::Longer(letters) => 13 + letters.clamp(1, 3),
        }
    }
}

/// The weights of one alphabet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alphabet {
    numbers: Vec<f32>,
    /// A bit a code.
    sibilants: u64,
}

impl Alphabet {
    fn new(kind: Kind) -> Alphabet {
        let sibilants = kind.sibilants().iter().fold(0, |bits, code| bits | 1 << code);
        Alphabet { numbers: vec![0.0; SIZE], sibilants }
    }

    pub(crate) fn is_sibilant(&self, code: u8) -> bool {
        self.sibilants & 1 << code != 0
    }

    pub(crate) fn weight(&self, observation: Observation) -> f32 {
        self.numbers[observation.index()]
    }

    /// The weights of a letter beside each letter.
    pub(crate) fn pairs(&self, letter: u8) -> &[f32] {
        &self.numbers[usize::from(letter) * CODES..][..CODES]
    }

    fn set(&mut self, observation: Observation, weight: f32) {
        self.numbers[observation.index()] = weight;
        if let Observation::Pair(a, b) = observation {
            self.numbers[usize::from(a.max(b)) * CODES + usize::from(a.min(b))] = weight;
        }
    }
}

/// The weights of both alphabets.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    pub(crate) letters: Alphabet,
    pub(crate) sounds: Alphabet,
}

/// Changes whenever a score may change that no rule changes: with the weights, the sounds of letters, the short
/// forms of given names and the code that compares. `"w1-"` and 16 hexadecimal digits. Scores given under
/// different versions must not be compared; forms may be, nothing of this changes one.
///
/// ```
/// assert!(names::weights_version().starts_with("w1-"));
/// ```
pub fn weights_version() -> &'static str {
    static VERSION: LazyLock<String> =
        LazyLock::new(|| format!("w1-{:016x}", Weights::learned().fingerprint()));
    &VERSION
}

/// Raise it when the code of a comparison changes what comes out: the tables cannot see that.
const CODE_REVISION: &str = "2";

/// One of the two alphabets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Arabic letters against Arabic letters.
    Letters,
    /// Sounds against sounds.
    Sounds,
}

const KINDS: [(Kind, &str); 2] = [(Kind::Letters, "letters"), (Kind::Sounds, "sounds")];

impl Weights {
    /// The weights that are compiled in.
    pub fn learned() -> &'static Weights {
        static LEARNED: LazyLock<Weights> = LazyLock::new(|| Weights::from_table(TABLE));
        &LEARNED
    }

    /// Where learning starts: equal letters speak for one word, other letters and gaps against it.
    pub fn start() -> Weights {
        let mut weights = Weights::zero();
        for (kind, _) in KINDS {
            let (vowels, alphabet) = (kind.vowels(), weights.alphabet_mut(kind));
            for index in 0..FEATURES_AT {
                alphabet.numbers[index] = start(index, &vowels);
            }
        }
        weights
    }

    fn zero() -> Weights {
        Weights { letters: Alphabet::new(Kind::Letters), sounds: Alphabet::new(Kind::Sounds) }
    }

    /// Puts numbers in the place of those of an alphabet, in the order of [`observe`](crate::observe).
    pub fn replace(&mut self, kind: Kind, numbers: &[f32]) {
        let alphabet = self.alphabet_mut(kind);
        alphabet.numbers.copy_from_slice(numbers);
        for a in 0..CODES {
            for b in a + 1..CODES {
                alphabet.numbers[b * CODES + a] = alphabet.numbers[a * CODES + b];
            }
        }
    }

    /// The number an alphabet starts with or has.
    pub fn numbers(&self, kind: Kind) -> &[f32] {
        &self.alphabet(kind).numbers
    }

    /// The table: one weight a line, in hundredths, those left out that are what learning starts with.
    pub fn to_table(&self) -> String {
        let (start, mut table) = (Weights::start(), String::new());
        for (kind, kind_name) in KINDS {
            for (observation, name) in rows(kind) {
                let [weight, start] = [self, &start]
                    .map(|weights| hundredths(weights.alphabet(kind).weight(observation)));
                if weight != start {
                    table.push_str(&format!("{kind_name}\t{name}\t{weight}\n"));
                }
            }
        }
        table
    }

    /// Reads a table; lines that say nothing known are passed over. A row that is not there has the weight
    /// that learning starts with.
    pub fn from_table(table: &str) -> Weights {
        let mut weights = Weights::start();
        for (kind, kind_name) in KINDS {
            let rows: std::collections::HashMap<String, Observation> =
                rows(kind).map(|(observation, name)| (name, observation)).collect();
            for line in table.lines() {
                let Some((name, weight)) = line
                    .strip_prefix(kind_name)
                    .and_then(|rest| rest.strip_prefix('\t'))
                    .and_then(|rest| rest.rsplit_once('\t'))
                else {
                    continue;
                };
                if let (Some(observation), Ok(weight)) = (rows.get(name), weight.parse()) {
                    weights.alphabet_mut(kind).set(*observation, weight);
                }
            }
        }
        weights
    }

    fn fingerprint(&self) -> u64 {
        let mut hash = Fnv::new();
        hash.text(CODE_REVISION);
        sounds::LATIN.iter().flat_map(|(from, to)| [from, to]).for_each(|text| hash.text(text));
        let letters = sounds::ARABIC.iter().chain(sounds::ARABIC_SAME);
        letters.for_each(|(from, to)| hash.text(&String::from_iter([from, to])));
        let words = nicknames::GROUPS.iter().chain(numbers::WORDS).copied().flatten();
        words.for_each(|word| hash.text(word));
        for number in KINDS.iter().flat_map(|(kind, _)| self.numbers(*kind)) {
            hash.text(&hundredths(*number));
        }
        hash.finish()
    }

    pub(crate) fn alphabet(&self, kind: Kind) -> &Alphabet {
        match kind {
            Kind::Letters => &self.letters,
            Kind::Sounds => &self.sounds,
        }
    }

    fn alphabet_mut(&mut self, kind: Kind) -> &mut Alphabet {
        match kind {
            Kind::Letters => &mut self.letters,
            Kind::Sounds => &mut self.sounds,
        }
    }
}

impl Kind {
    fn letter(self, code: u8) -> Option<char> {
        match self {
            Kind::Letters => arabic_letter(code),
            Kind::Sounds => sound_letter(code),
        }
    }

    fn vowels(self) -> Vec<u8> {
        match self {
            Kind::Letters => "اويه".chars().map(arabic_code).collect(),
            Kind::Sounds => "aeiouh".chars().map(sound_code).collect(),
        }
    }

    fn sibilants(self) -> Vec<u8> {
        match self {
            Kind::Letters => "جزسش".chars().map(arabic_code).collect(),
            Kind::Sounds => "jzsSCZ".chars().map(sound_code).collect(),
        }
    }
}

/// A weight as the table has it; there is no negative nothing.
fn hundredths(weight: f32) -> String {
    format!("{:.2}", (weight * 100.0).round() / 100.0 + 0.0)
}

/// The weight at a place before anything is learned. Two letters that the alphabet lacks may be the same or
/// not: that says nothing.
fn start(index: usize, vowels: &[u8]) -> f32 {
    let is_vowel = |code: usize| vowels.iter().any(|vowel| usize::from(*vowel) == code);
    if index >= GAPS_AT {
        return if is_vowel((index - GAPS_AT) / GAPS.len()) { -0.4 } else { -1.0 };
    }
    let (a, b) = (index / CODES, index % CODES);
    match (a == b, is_vowel(a) && is_vowel(b)) {
        (true, _) => {
            if a == 0 {
                0.0
            } else {
                1.0
            }
        }
        (false, true) => 0.0,
        (false, false) => -1.5,
    }
}

/// The rows of the table of an alphabet and what each observes.
fn rows(kind: Kind) -> impl Iterator<Item = (Observation, String)> {
    let letters = move || (1..CODES as u8).filter_map(move |code| Some((code, kind.letter(code)?)));
    let pairs = letters().flat_map(move |(a, letter_a)| {
        letters().filter(move |(b, _)| a <= *b).map(move |(b, letter_b)| {
            (Observation::Pair(a, b), format!("pair {letter_a} {letter_b}"))
        })
    });
    let gaps = letters().flat_map(|(code, letter)| {
        GAPS.iter()
            .map(move |(gap, name)| (Observation::Gap(code, *gap), format!("gap {letter} {name}")))
    });
    let features = TASKS.iter().flat_map(|(task, task_name)| {
        FEATURES.iter().map(move |(feature, name)| {
            (Observation::Feature(*task, *feature), format!("{task_name} {name}"))
        })
    });
    pairs.chain(gaps).chain(features)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_stands_where_the_list_has_it() {
        for (at, (feature, _)) in FEATURES.iter().enumerate() {
            assert_eq!(feature.at(), at);
        }
        for (at, (gap, _)) in GAPS.iter().enumerate() {
            assert_eq!(*gap as usize, at);
        }
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        assert_eq!(Weights::learned().to_table(), TABLE);
        assert_eq!(Weights::from_table(TABLE), *Weights::learned());
    }

    #[test]
    fn what_was_not_learned_is_not_in_the_table() {
        let start = Weights::start();
        assert_eq!(start.to_table(), "");
        assert_eq!(Weights::from_table(""), start);
        let nearly = start.numbers(Kind::Letters).iter().map(|number| number - 0.004);
        let mut weights = start.clone();
        weights.replace(Kind::Letters, &nearly.collect::<Vec<_>>());
        assert_eq!(weights.to_table(), "");
    }

    #[test]
    fn the_version_changes_with_any_weight() {
        let start = Weights::start();
        let mut numbers = start.numbers(Kind::Sounds).to_vec();
        numbers[SIZE - 1] += 0.01;
        let mut other = start.clone();
        other.replace(Kind::Sounds, &numbers);
        assert_ne!(other.fingerprint(), start.fingerprint());
        assert_eq!(weights_version().len(), "w1-".len() + 16);
    }
}
