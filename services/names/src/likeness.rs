//! How likely two spellings are spellings of one word: the weight of evidence, letter by letter.
//!
//! Two words are aligned so that the evidence for one word is the greatest: each pair of letters, each letter
//! left out and each feature of the pair (same form, same skeleton, ...) has a weight, and their sum is the
//! answer. The weights are learned from labelled pairs (`hawiya learn`) and kept in `rules/weights.tsv`. This
//! is the weighted edit distance of Ristad and Yianilos (1998), fitted to tell variants from look-alikes.

use crate::letters::{CODES, LETTERS_MAX, sound_letter, sounds_of};
use crate::spelling::Spelling;
use crate::weights::{Alphabet, Feature, Gap, Kind, Observation, Task, Unlike, Weights};
use crate::{Name, Role, Script};

/// What the comparison looks at, of a token or of a whole name.
#[derive(Clone, Copy, Default)]
pub(crate) struct Word<'a> {
    pub(crate) codes: &'a [u8],
    pub(crate) is_arabic: bool,
    /// A hash, as that of the stem.
    pub(crate) form: u64,
    /// The form without the article.
    pub(crate) stem: u64,
    /// The form, unless it is Arabic.
    pub(crate) spelled: &'a [u8],
    pub(crate) skeleton: &'a [u8],
    pub(crate) script: Script,
    pub(crate) role: Role,
    pub(crate) has_article: bool,
    pub(crate) is_known: bool,
    pub(crate) has_nickname: bool,
    pub(crate) is_descent: bool,
    pub(crate) is_number: bool,
    /// The first character, in 16 bits.
    pub(crate) first: u16,
    /// A hash of the letters; the number itself of a number.
    pub(crate) orthographic: u32,
    /// Where its parts start in the imprint.
    pub(crate) letters_at: u16,
    pub(crate) classes_at: u16,
    pub(crate) spelled_at: u16,
}

impl<'a> Word<'a> {
    /// The word without its article; the word itself when it has none.
    pub(crate) fn of_stem(self) -> Self {
        const ARTICLE: usize = 2;
        if !self.has_article {
            return self;
        }
        Word {
            codes: self.codes.get(ARTICLE..).unwrap_or_default(),
            form: self.stem,
            skeleton: self.skeleton.strip_prefix(b"AL").unwrap_or(self.skeleton),
            ..self
        }
    }

    fn spelling(self) -> Spelling<'a> {
        let form = std::str::from_utf8(self.spelled).unwrap_or_default();
        let is_syllabic = matches!(self.script, Script::Hani | Script::Hang);
        Spelling { form, skeleton: self.skeleton, is_syllabic }
    }
}

/// How alike two words are, from 0 to [`DIFFERENT_MAX`]: a probability in Arabic and between scripts.
pub(crate) fn likeness(a: Word<'_>, b: Word<'_>, task: Task) -> f64 {
    if is_plain(a, b) {
        return spelled(a, b);
    }
    let odds = f64::from(log_odds(a, b, task, Weights::learned())).exp();
    (odds / (1.0 + odds)).min(DIFFERENT_MAX)
}

/// The same of strings of any length, without the learned weights.
pub(crate) fn spelled(a: Word<'_>, b: Word<'_>) -> f64 {
    a.spelling().similarity(b.spelling()).min(DIFFERENT_MAX)
}

/// The score of spellings whose forms differ stays under 1.
pub(crate) const DIFFERENT_MAX: f64 = 0.99;

/// How strongly any weights hold two names, each as one word, for one: the natural logarithm of the odds.
/// For learning; [`similarity`](crate::similarity()) has the learned weights and looks at the words too.
pub fn evidence(a: &Name, b: &Name, task: Task, weights: &Weights) -> f32 {
    log_odds(a.imprint().view().whole, b.imprint().view().whole, task, weights)
}

/// The natural logarithm of the odds that both spell one word. Symmetric; 0.1 to 0.4 µs.
fn log_odds(a: Word<'_>, b: Word<'_>, task: Task, weights: &Weights) -> f32 {
    let mut buffers = ([0; LETTERS_MAX], [0; LETTERS_MAX]);
    let (kind, x, y) = codes(a, b, task, &mut buffers);
    let alphabet = weights.alphabet(kind);
    let mut total = aligned(x, y, alphabet);
    let mut see = |feature| total += alphabet.weight(Observation::Feature(feature));
    features(a, b, x, y, &mut see);
    letter_features(x, y, alphabet, &mut see);
    total
}

/// What comparing two names as one word adds up under any weights, as places of an alphabet's numbers; one
/// is listed as often as it is observed. For learning.
pub fn observe(a: &Name, b: &Name, task: Task, weights: &Weights) -> (Kind, Vec<usize>) {
    let (a, b) = (a.imprint().view().whole, b.imprint().view().whole);
    let mut buffers = ([0; LETTERS_MAX], [0; LETTERS_MAX]);
    let (kind, x, y) = codes(a, b, task, &mut buffers);
    let alphabet = weights.alphabet(kind);
    let steps = alignment(x, y, alphabet);
    let mut observations: Vec<Observation> = steps.iter().map(|step| step.observation).collect();
    let mut see = |feature| observations.push(Observation::Feature(feature));
    features(a, b, x, y, &mut see);
    letter_features(x, y, alphabet, &mut see);
    (kind, observations.into_iter().map(Observation::index).collect())
}

/// A letter of one word beside another letter of the other word, or beside none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LetterEdit {
    /// The letter of the first word; `None`: it lacks one.
    pub from: Option<char>,
    /// The letter of the second word; `None`: it lacks one.
    pub to: Option<char>,
    /// What it adds to the natural logarithm of the odds that both spell one word: mostly under 0.
    pub weight: f32,
}

/// What turns one word, a token of a name by its position, into another in the alignment of the learned
/// weights, in the order of `a`: Arabic letters for two Arabic words, the sounds of both (Latin letters, `?` for
/// none) for two scripts. `None` for two words of one script other than Arabic: they are not compared by these
/// weights. Only the first 48 letters are compared.
///
/// ```
/// use names::{Name, letter_edits};
///
/// let (a, b) = (Name::new("بنتاجون"), Name::new("بنتاغون"));
/// let edits = letter_edits((&a, 0), (&b, 0)).unwrap();
/// assert_eq!((edits.len(), edits[0].from, edits[0].to), (1, Some('ج'), Some('غ')));
/// ```
pub fn letter_edits(a: (&Name, usize), b: (&Name, usize)) -> Option<Vec<LetterEdit>> {
    let [word_a, word_b] =
        [a, b].map(|(name, at)| name.imprint().view().tokens.get(at).copied().unwrap_or_default());
    if is_plain(word_a, word_b) {
        return None;
    }
    let mut buffers = ([0; LETTERS_MAX], [0; LETTERS_MAX]);
    let (kind, x, y) = codes(word_a, word_b, Task::Compare, &mut buffers);
    let alphabet = Weights::learned().alphabet(kind);
    let shown = |(name, token): (&Name, usize), codes: &[u8], at: usize| match kind {
        Kind::Compare | Kind::Search => {
            name.tokens()[token].orthographic().chars().filter(|letter| *letter != ' ').nth(at)
        }
        Kind::Sounds => Some(sound_letter(codes[at]).unwrap_or('?')),
    };
    let edit = |step: Step| LetterEdit {
        from: step.x.and_then(|at| shown(a, x, at)),
        to: step.y.and_then(|at| shown(b, y, at)),
        weight: alphabet.weight(step.observation),
    };
    let is_same = |step: &Step| step.x.zip(step.y).is_some_and(|(i, j)| x[i] == y[j]);
    let steps = alignment(x, y, alphabet).into_iter();
    let mut edits: Vec<LetterEdit> = Vec::new();
    for edit in steps.filter(|step| !is_same(step)).map(edit) {
        // A letter that may well be left out is sometimes left out on both sides: that is no edit.
        let undoes = |last: &LetterEdit| (last.from, last.to) == (edit.to, edit.from);
        if edits
            .last()
            .is_some_and(|last| undoes(last) && (last.from.is_none() || last.to.is_none()))
        {
            edits.pop();
        } else {
            edits.push(edit);
        }
    }
    Some(edits)
}

/// Whether two words are of one script that the weights do not compare.
fn is_plain(a: Word<'_>, b: Word<'_>) -> bool {
    a.script == b.script && a.script != Script::Arab
}

fn codes<'a>(
    a: Word<'a>,
    b: Word<'a>,
    task: Task,
    (buffer_a, buffer_b): &'a mut ([u8; LETTERS_MAX], [u8; LETTERS_MAX]),
) -> (Kind, &'a [u8], &'a [u8]) {
    if a.is_arabic && b.is_arabic {
        return (Kind::of_letters(task), a.codes, b.codes);
    }
    let x = if a.is_arabic { sounds_of(a.codes, buffer_a) } else { a.codes };
    let y = if b.is_arabic { sounds_of(b.codes, buffer_b) } else { b.codes };
    (Kind::Sounds, x, y)
}

fn features(a: Word<'_>, b: Word<'_>, x: &[u8], y: &[u8], mut see: impl FnMut(Feature)) {
    see(Feature::Bias);
    if a.form == b.form {
        see(Feature::SameForm);
    }
    let classes = a.skeleton.len().min(b.skeleton.len());
    match a.skeleton == b.skeleton {
        true if classes > 0 => see(Feature::SameSkeleton(classes)),
        false if (1..5).contains(&classes) => see(Feature::OtherSkeleton(classes)),
        _ => {}
    }
    if x.first() == y.first() {
        see(Feature::SameFirstLetter);
    }
    if a.skeleton.first() == b.skeleton.first() {
        see(Feature::SameFirstClass);
    }
    if x.last() == y.last() {
        see(Feature::SameLastLetter);
    }
    if x.len() != y.len() {
        see(Feature::Longer(x.len().abs_diff(y.len())));
    }
}

/// How the vowel letters and the others differ.
fn letter_features(x: &[u8], y: &[u8], alphabet: &Alphabet, mut see: impl FnMut(Feature)) {
    let [consonants, vowels] = unlike(x, y, alphabet);
    if vowels != Unlike::default() {
        see(Feature::Vowels(vowels));
    }
    if consonants != Unlike::default() {
        see(Feature::Consonants(consonants));
    }
}

/// Of consonants and of vowels. What they have in common in their order, a longest common subsequence, is found
/// a bit a letter of `x`: Crochemore, Iliopoulos, Pinzon and Reid (2001).
fn unlike(x: &[u8], y: &[u8], alphabet: &Alphabet) -> [Unlike; 2] {
    let of = |code: u8| usize::from(alphabet.is_vowel(code));
    let (mut places, mut letters_x, mut letters_y) = ([0_u64; CODES], [0; 2], [0; 2]);
    for (at, code) in x.iter().enumerate() {
        places[usize::from(*code)] |= 1 << at;
        letters_x[of(*code)] += 1;
    }
    let mut unpaired = [u64::MAX; 2];
    for code in y {
        let bits = &mut unpaired[of(*code)];
        let met = *bits & places[usize::from(*code)];
        *bits = bits.wrapping_add(met) | (*bits - met);
        letters_y[of(*code)] += 1;
    }
    [0, 1].map(|of| {
        let (x, y): (usize, usize) = (letters_x[of], letters_y[of]);
        let common = unpaired[of].count_zeros() as usize;
        Unlike { others: x.min(y) - common, more: x.abs_diff(y) }
    })
}

/// The evidence of the letters alone.
fn aligned(x: &[u8], y: &[u8], alphabet: &Alphabet) -> f32 {
    let (gaps_x, gaps_y) = (gap_weights(x, alphabet), gap_weights(y, alphabet));
    let mut row = [0.0_f32; LETTERS_MAX + 1];
    for j in 0..y.len() {
        row[j + 1] = row[j] + gaps_y[j];
    }
    for (i, letter) in x.iter().enumerate() {
        let pairs = alphabet.pairs(*letter);
        let mut diagonal = row[0];
        row[0] += gaps_x[i];
        for (j, other) in y.iter().enumerate() {
            let paired = diagonal + pairs[usize::from(*other)];
            diagonal = row[j + 1];
            row[j + 1] = paired.max(diagonal + gaps_x[i]).max(row[j] + gaps_y[j]);
        }
    }
    row[y.len()]
}

fn gap_weights(x: &[u8], alphabet: &Alphabet) -> [f32; LETTERS_MAX] {
    let mut weights = [0.0; LETTERS_MAX];
    for (at, weight) in weights.iter_mut().enumerate().take(x.len()) {
        *weight = alphabet.weight(Observation::Gap(x[at], gap(x, at, alphabet)));
    }
    weights
}

fn gap(x: &[u8], at: usize, alphabet: &Alphabet) -> Gap {
    let is = |at: usize, is_vowel| x.get(at).is_some_and(|x| alphabet.is_vowel(*x) == is_vowel);
    match (at.checked_sub(1), x.get(at + 1)) {
        (None, _) if is(at + 1, true) => Gap::FirstBeforeVowel,
        (None, _) if is(at + 1, false) && is(at + 2, false) => Gap::FirstBeforeTwo,
        (None, _) => Gap::First,
        (Some(before), _) if x[before] == x[at] => Gap::Doubled,
        (Some(before), None) if is(before, true) => Gap::LastAfterVowel,
        (_, None) => Gap::Last,
        (_, Some(next)) if alphabet.is_sibilant(*next) => Gap::BeforeSibilant,
        (Some(before), _) if is(before, true) => Gap::AfterVowel,
        _ if is(at + 1, true) => Gap::BeforeVowel,
        _ => Gap::Inner,
    }
}

/// A step of an alignment: a pair of letters, or a letter alone, with their places.
struct Step {
    x: Option<usize>,
    y: Option<usize>,
    observation: Observation,
}

/// The path through the same table that [`aligned`] walks. Of equal paths the one that pairs letters, then the
/// one that leaves out a letter of `x`.
fn alignment(x: &[u8], y: &[u8], alphabet: &Alphabet) -> Vec<Step> {
    let (gaps_x, gaps_y) = (gap_weights(x, alphabet), gap_weights(y, alphabet));
    let width = y.len() + 1;
    let mut best = vec![0.0_f32; (x.len() + 1) * width];
    for i in 0..=x.len() {
        for j in 0..=y.len() {
            let mut most = if i + j == 0 { 0.0 } else { f32::NEG_INFINITY };
            if i > 0 && j > 0 {
                let pair = alphabet.pairs(x[i - 1])[usize::from(y[j - 1])];
                most = most.max(best[(i - 1) * width + j - 1] + pair);
            }
            if i > 0 {
                most = most.max(best[(i - 1) * width + j] + gaps_x[i - 1]);
            }
            if j > 0 {
                most = most.max(best[i * width + j - 1] + gaps_y[j - 1]);
            }
            best[i * width + j] = most;
        }
    }
    let (mut i, mut j) = (x.len(), y.len());
    let mut path = Vec::with_capacity(i.max(j));
    while i + j > 0 {
        let here = best[i * width + j];
        let is_pair = i > 0 && j > 0 && {
            let pair = alphabet.pairs(x[i - 1])[usize::from(y[j - 1])];
            here == best[(i - 1) * width + j - 1] + pair
        };
        if is_pair {
            (i, j) = (i - 1, j - 1);
            let observation = Observation::Pair(x[i], y[j]);
            path.push(Step { x: Some(i), y: Some(j), observation });
        } else if i > 0 && here == best[(i - 1) * width + j] + gaps_x[i - 1] {
            i -= 1;
            let observation = Observation::Gap(x[i], gap(x, i, alphabet));
            path.push(Step { x: Some(i), y: None, observation });
        } else {
            j -= 1;
            let observation = Observation::Gap(y[j], gap(y, j, alphabet));
            path.push(Step { x: None, y: Some(j), observation });
        }
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letters::arabic_code;
    use crate::similarity;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn check(a: &str, b: &str, expected: Expect) {
        let (a, b) = (Name::new(a), Name::new(b));
        let letter = |letter: Option<char>| letter.map_or("∅".to_owned(), String::from);
        let shown = match letter_edits((&a, 0), (&b, 0)) {
            None => "plain".to_owned(),
            Some(edits) => {
                let edit = |edit: &LetterEdit| format!("{}>{}", letter(edit.from), letter(edit.to));
                edits.iter().map(edit).collect::<Vec<_>>().join(" ")
            }
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn edits_are_in_the_alphabet_that_was_compared() {
        check("لافروف", "لافروف", expect![[""]]);
        check("زيلنسكي", "زيلينسكي", expect![["∅>ي"]]);
        check("بنتاجون", "بنتاغون", expect![["ج>غ"]]);
        check("لافروف", "Lavrov", expect![["f>v u>o f>v"]]);
        check("Лавров", "Lavroff", expect![["v>f"]]);
        check("Lavrov", "Lavroff", expect![["plain"]]);
    }

    /// The table of Wagner and Fischer, for each class of letters by itself.
    fn unlike_slowly(x: &[u8], y: &[u8], is_of_class: impl Fn(&u8) -> bool) -> Unlike {
        let of_class = |codes: &[u8]| codes.iter().copied().filter(&is_of_class).collect();
        let (x, y): (Vec<u8>, Vec<u8>) = (of_class(x), of_class(y));
        let mut common = vec![vec![0; y.len() + 1]; x.len() + 1];
        for i in 0..x.len() {
            for j in 0..y.len() {
                let longer = common[i][j + 1].max(common[i + 1][j]);
                common[i + 1][j + 1] = if x[i] == y[j] { common[i][j] + 1 } else { longer };
            }
        }
        let common = common[x.len()][y.len()];
        Unlike { others: x.len().min(y.len()) - common, more: x.len().abs_diff(y.len()) }
    }

    proptest! {
        #[test]
        fn bits_find_what_a_table_finds(
            x in prop::collection::vec(1..6_u8, 0..LETTERS_MAX),
            y in prop::collection::vec(1..6_u8, 0..LETTERS_MAX),
        ) {
            let alphabet = Weights::learned().alphabet(Kind::Sounds);
            let slowly = [false, true]
                .map(|is_vowel| unlike_slowly(&x, &y, |code| alphabet.is_vowel(*code) == is_vowel));
            prop_assert_eq!(unlike(&x, &y, alphabet), slowly);
        }
    }

    #[test]
    fn a_letter_left_out_is_told_by_its_neighbours() {
        let alphabet = Weights::learned().alphabet(Kind::Compare);
        let gaps = |word: &str| {
            let codes: Vec<u8> = word.chars().map(arabic_code).collect();
            (0..codes.len()).map(|at| gap(&codes, at, alphabet)).collect::<Vec<_>>()
        };
        use Gap::*;
        assert_eq!(
            gaps("اسبانيا"),
            [
                FirstBeforeTwo,
                AfterVowel,
                BeforeVowel,
                Inner,
                AfterVowel,
                BeforeVowel,
                LastAfterVowel
            ]
        );
        assert_eq!(
            gaps("تشاييس"),
            [First, BeforeVowel, BeforeVowel, AfterVowel, Doubled, LastAfterVowel]
        );
    }

    #[test]
    fn a_word_that_goes_on_is_another() {
        for (a, b) in [("كارتر", "كارترايت"), ("جون", "جونسون"), ("رومان", "رومانوف")]
        {
            let score = similarity(&Name::new(a), &Name::new(b)).score;
            assert!(score < 0.75, "{a} and {b}: {score}");
        }
    }

    #[test]
    fn the_evidence_of_an_alignment_is_the_sum_of_its_steps() {
        let weights = Weights::learned();
        for (a, b) in [("تشايكوفسكي", "جايكوفسكى"), ("لافروف", "Лавров"), ("شوارزنيجر", "شفارتزنغر")]
        {
            let (a, b) = (Name::new(a), Name::new(b));
            let (kind, observed) = observe(&a, &b, Task::Compare, weights);
            let sum: f32 = observed.iter().map(|at| weights.numbers(kind)[*at]).sum();
            assert!((sum - evidence(&a, &b, Task::Compare, weights)).abs() < 1e-4);
        }
    }
}
