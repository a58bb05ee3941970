//! The learned weights of evidence: a small table that people can read, and that `hawiya learn` writes.
//!
//! There are three kinds: Arabic letters have weights for comparing and others for searching, and sounds, for all
//! other pairs, have one set. A weight is what one observation adds to the natural logarithm of the odds that two
//! spellings are of one word. The table leaves out what was never learned: those weights are where learning starts.

use std::sync::LazyLock;

use crate::letters::{CODES, arabic_code, arabic_letter, sound_code, sound_letter};
use crate::rules::{Fnv, nicknames, numbers, sounds};

/// The table that is compiled in.
pub(crate) const TABLE: &str = include_str!("rules/weights.tsv");

/// Where a letter stands that has no partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Between consonants.
    Inner,
    AfterVowel,
    BeforeVowel,
    /// Before س, ش, ز or ج: the ت and د of تش, تس, دج.
    BeforeSibilant,
    /// After the same letter.
    Doubled,
    First,
    FirstBeforeVowel,
    /// Before two consonants: the ا of اسبانيا.
    FirstBeforeTwo,
    Last,
    LastAfterVowel,
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
    /// The vowel letters differ.
    Vowels(Unlike),
    /// The other letters differ.
    Consonants(Unlike),
}

/// How two rows of letters differ, when as many letters as can be are paired with equal ones in their order; one
/// of the numbers is over 0. Together, because each edit says less than the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unlike {
    /// Letters of the shorter row without an equal one: they stand where the other has others (0 to 2, 2 and more).
    pub(crate) others: usize,
    /// Letters that the longer row has more (0 to 2, 2 and more).
    pub(crate) more: usize,
}

impl Unlike {
    const fn new(others: usize, more: usize) -> Unlike {
        Unlike { others, more }
    }

    /// From 1, in the order of the list.
    #[inline]
    fn at(self) -> usize {
        self.others.min(2) * 3 + self.more.min(2)
    }
}

/// One observation about a pair of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Observation {
    /// A letter beside a letter, by their codes.
    Pair(u8, u8),
    /// A letter beside nothing.
    Gap(u8, Gap),
    Feature(Feature),
}

/// What a comparison is for. Arabic letters weigh something else in each, because the look-alikes that an index
/// finds are others than those that somebody lays side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Two names that somebody took for alike.
    Compare,
    /// A name and what a search found for it.
    Search,
}

const GAPS: [(Gap, &str); 10] = [
    (Gap::Inner, "inner"),
    (Gap::AfterVowel, "after-vowel"),
    (Gap::BeforeVowel, "before-vowel"),
    (Gap::BeforeSibilant, "before-sibilant"),
    (Gap::Doubled, "doubled"),
    (Gap::First, "first"),
    (Gap::FirstBeforeVowel, "first-before-vowel"),
    (Gap::FirstBeforeTwo, "first-before-two"),
    (Gap::Last, "last"),
    (Gap::LastAfterVowel, "last-after-vowel"),
];

const FEATURES: [(Feature, &str); 33] = [
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
    (Feature::Vowels(Unlike::new(0, 1)), "vowels-0-others-1-more"),
    (Feature::Vowels(Unlike::new(0, 2)), "vowels-0-others-2-more"),
    (Feature::Vowels(Unlike::new(1, 0)), "vowels-1-others-0-more"),
    (Feature::Vowels(Unlike::new(1, 1)), "vowels-1-others-1-more"),
    (Feature::Vowels(Unlike::new(1, 2)), "vowels-1-others-2-more"),
    (Feature::Vowels(Unlike::new(2, 0)), "vowels-2-others-0-more"),
    (Feature::Vowels(Unlike::new(2, 1)), "vowels-2-others-1-more"),
    (Feature::Vowels(Unlike::new(2, 2)), "vowels-2-others-2-more"),
    (Feature::Consonants(Unlike::new(0, 1)), "consonants-0-others-1-more"),
    (Feature::Consonants(Unlike::new(0, 2)), "consonants-0-others-2-more"),
    (Feature::Consonants(Unlike::new(1, 0)), "consonants-1-others-0-more"),
    (Feature::Consonants(Unlike::new(1, 1)), "consonants-1-others-1-more"),
    (Feature::Consonants(Unlike::new(1, 2)), "consonants-1-others-2-more"),
    (Feature::Consonants(Unlike::new(2, 0)), "consonants-2-others-0-more"),
    (Feature::Consonants(Unlike::new(2, 1)), "consonants-2-others-1-more"),
    (Feature::Consonants(Unlike::new(2, 2)), "consonants-2-others-2-more"),
];

const GAPS_AT: usize = CODES * CODES;
const FEATURES_AT: usize = GAPS_AT + CODES * GAPS.len();

/// How many numbers an alphabet has.
pub(crate) const SIZE: usize = FEATURES_AT + FEATURES.len();

impl Observation {
    /// Its place among the numbers of an alphabet; that of (ج, غ) and of (غ, ج) is the same.
    #[inline]
    pub(crate) fn index(self) -> usize {
        match self {
            Observation::Pair(a, b) => usize::from(a.min(b)) * CODES + usize::from(a.max(b)),
            Observation::Gap(letter, gap) => {
                GAPS_AT + usize::from(letter) * GAPS.len() + gap as usize
            }
            Observation::Feature(feature) => FEATURES_AT + feature.at(),
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
            Feature::Vowels(unlike) => 16 + unlike.at(),
            Feature::Consonants(unlike) => 24 + unlike.at(),
        }
    }
}

/// The weights of one alphabet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alphabet {
    numbers: Vec<f32>,
    /// A bit a code, as in `sibilants`.
    vowels: u64,
    sibilants: u64,
}

impl Alphabet {
    fn new(kind: Kind) -> Alphabet {
        let bits = |letters: &str| kind.codes(letters).fold(0, |bits, code| bits | 1 << code);
        let (vowels, sibilants) = (bits(kind.vowels()), bits(kind.sibilants()));
        Alphabet { numbers: vec![0.0; SIZE], vowels, sibilants }
    }

    #[inline]
    pub(crate) fn is_vowel(&self, code: u8) -> bool {
        self.vowels & 1 << code != 0
    }

    #[inline]
    pub(crate) fn is_sibilant(&self, code: u8) -> bool {
        self.sibilants & 1 << code != 0
    }

    #[inline]
    pub(crate) fn weight(&self, observation: Observation) -> f32 {
        self.numbers[observation.index()]
    }

    /// The weights of a letter beside each letter.
    #[inline]
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

/// The weights of all kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// In the order of the kinds.
    alphabets: [Alphabet; KINDS.len()],
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
const CODE_REVISION: &str = "5";

/// A set of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Arabic letters against Arabic letters, to compare.
    Compare,
    /// Arabic letters against Arabic letters, to search.
    Search,
    /// Sounds against sounds. One set for both tasks: nobody has written down look-alikes of two scripts.
    Sounds,
}

const KINDS: [(Kind, &str); 3] =
    [(Kind::Compare, "compare"), (Kind::Search, "search"), (Kind::Sounds, "sounds")];

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
            let light: Vec<u8> = kind.codes(kind.light()).collect();
            let alphabet = weights.alphabet_mut(kind);
            for index in 0..FEATURES_AT {
                alphabet.numbers[index] = start(index, &light);
            }
        }
        weights
    }

    fn zero() -> Weights {
        Weights { alphabets: KINDS.map(|(kind, _)| Alphabet::new(kind)) }
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

    /// The table: one weight a line, in hundredths, those left out that are what learning starts with, or so near
    /// that too little was seen to tell.
    pub fn to_table(&self) -> String {
        let (start, mut table) = (Weights::start(), String::new());
        for (kind, kind_name) in KINDS {
            for (observation, name) in rows(kind) {
                let [weight, start] = [self, &start]
                    .map(|weights| hundredths(weights.alphabet(kind).weight(observation)));
                if (weight - start).abs() >= TOLD_MIN {
                    let weight = f64::from(weight) / 100.0;
                    table.push_str(&format!("{kind_name}\t{name}\t{weight:.2}\n"));
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
            hash.text(&hundredths(*number).to_string());
        }
        hash.finish()
    }

    pub(crate) fn alphabet(&self, kind: Kind) -> &Alphabet {
        &self.alphabets[kind as usize]
    }

    fn alphabet_mut(&mut self, kind: Kind) -> &mut Alphabet {
        &mut self.alphabets[kind as usize]
    }
}

impl Kind {
    /// The kind of Arabic letters.
    pub(crate) fn of_letters(task: Task) -> Kind {
        match task {
            Task::Compare => Kind::Compare,
            Task::Search => Kind::Search,
        }
    }

    fn letter(self, code: u8) -> Option<char> {
        match self {
            Kind::Compare | Kind::Search => arabic_letter(code),
            Kind::Sounds => sound_letter(code),
        }
    }

    fn codes(self, letters: &str) -> impl Iterator<Item = u8> {
        letters.chars().map(move |letter| match self {
            Kind::Compare | Kind::Search => arabic_code(letter),
            Kind::Sounds => sound_code(letter),
        })
    }

    fn vowels(self) -> &'static str {
        match self {
            Kind::Compare | Kind::Search => "اوي",
            Kind::Sounds => "aeiou",
        }
    }

    /// Letters that come and go.
    fn light(self) -> &'static str {
        match self {
            Kind::Compare | Kind::Search => "اويه",
            Kind::Sounds => "aeiouh",
        }
    }

    fn sibilants(self) -> &'static str {
        match self {
            Kind::Compare | Kind::Search => "جزسش",
            Kind::Sounds => "jzsSCZ",
        }
    }
}

/// The table leaves out weights that are fewer hundredths than this from the start: a fifth of what was learned,
/// and no figure changes.
const TOLD_MIN: i32 = 10;

/// A weight as the table has it.
fn hundredths(weight: f32) -> i32 {
    (weight * 100.0).round() as i32
}

/// The weight at a place before anything is learned. Two letters that the alphabet lacks may be the same or
/// not: that says nothing.
fn start(index: usize, light: &[u8]) -> f32 {
    let is_light = |code: usize| light.iter().any(|other| usize::from(*other) == code);
    if index >= GAPS_AT {
        return if is_light((index - GAPS_AT) / GAPS.len()) { -0.4 } else { -1.0 };
    }
    let (a, b) = (index / CODES, index % CODES);
    match (a == b, is_light(a) && is_light(b)) {
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
    let features = FEATURES
        .iter()
        .map(|(feature, name)| (Observation::Feature(*feature), format!("word {name}")));
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
        let nearly = start.numbers(Kind::Compare).iter().map(|number| number - 0.004);
        let mut weights = start.clone();
        weights.replace(Kind::Compare, &nearly.collect::<Vec<_>>());
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
