//! Why two names have their score: words beside words, letters beside letters, rules that fired.

use names::{LetterEdit, Name, Role, Token, letter_edits, similarity};
use proto::vocabulary::TokenRole;

/// The comparison of two names in parts that can be checked one by one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explanation {
    pub(crate) query_form: String,
    pub(crate) name_form: String,
    pub(crate) alignments: Vec<Alignment>,
    pub(crate) rule_ids: Vec<&'static str>,
}

/// A word of one name beside a word of the other; one of them may be missing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alignment {
    pub(crate) query_token: String,
    pub(crate) name_token: String,
    pub(crate) similarity: f64,
    pub(crate) role: TokenRole,
    pub(crate) operations: Vec<Edit>,
}

/// A letter of one word for a letter of the other; one of them may be missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Edit {
    pub(crate) from: Option<char>,
    pub(crate) to: Option<char>,
    /// What the names crate has learned of it; `None` between words of one script other than Arabic,
    /// where every edit counts the same.
    pub(crate) weight: Option<f32>,
}

impl From<LetterEdit> for Edit {
    fn from(LetterEdit { from, to, weight }: LetterEdit) -> Self {
        Self { from, to, weight: Some(weight) }
    }
}

/// The most letters of a word whose edits are listed; the work grows with their square.
const EDITED_CHARS_MAX: usize = 64;

/// Explains how two texts compare.
pub(crate) fn explain(a: &str, b: &str) -> Explanation {
    let (a, b) = (names::trace(a), names::trace(b));
    let mut rule_ids: Vec<_> = Vec::new();
    for step in a.steps.iter().chain(&b.steps) {
        if !rule_ids.contains(&step.rule) {
            rule_ids.push(step.rule);
        }
    }
    Explanation {
        query_form: a.name.form().to_owned(),
        name_form: b.name.form().to_owned(),
        alignments: alignments(&a.name, &b.name),
        rule_ids,
    }
}

fn alignments(a: &Name, b: &Name) -> Vec<Alignment> {
    let (pairs, names) = (similarity(a, b).tokens, (a, b));
    let (paired, alone): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|pair| pair.a.is_some());
    paired
        .into_iter()
        .chain(alone)
        .map(|pair| {
            let a = pair.a.map(|at| &a.tokens()[at]);
            let b = pair.b.map(|at| &b.tokens()[at]);
            // The letters that are compared, vowels too, and not the form without them.
            let letters = |token: Option<&Token>| {
                token.map(Token::orthographic).unwrap_or_default().to_owned()
            };
            Alignment {
                operations: pair
                    .a
                    .zip(pair.b)
                    .map(|at| edits((names.0, at.0), (names.1, at.1)))
                    .unwrap_or_default(),
                role: a.or(b).map_or(TokenRole::Unspecified, |token| role_of(token.role())),
                similarity: pair.similarity,
                query_token: letters(a),
                name_token: letters(b),
            }
        })
        .collect()
}

/// What turns one word into the other, as it was compared.
fn edits(a: (&Name, usize), b: (&Name, usize)) -> Vec<Edit> {
    let word = |(name, at): (&Name, usize)| name.tokens()[at].orthographic().to_owned();
    match letter_edits(a, b) {
        Some(edits) => edits.into_iter().map(Edit::from).collect(),
        None => plain_edits(&word(a), &word(b)),
    }
}

/// A shortest list of edits that turns `a` into `b` (Levenshtein; Wagner and Fischer 1974), in the
/// order of `a`. Of several, the one that replaces rather than removes and adds.
fn plain_edits(a: &str, b: &str) -> Vec<Edit> {
    let a: Vec<char> = a.chars().take(EDITED_CHARS_MAX).collect();
    let b: Vec<char> = b.chars().take(EDITED_CHARS_MAX).collect();
    let costs = costs(&a, &b);
    let (mut i, mut j) = (a.len(), b.len());
    let mut edits = Vec::new();
    while i > 0 || j > 0 {
        if i > 0 && j > 0 && costs[i][j] == costs[i - 1][j - 1] + u32::from(a[i - 1] != b[j - 1]) {
            (i, j) = (i - 1, j - 1);
            if a[i] != b[j] {
                edits.push(Edit { from: Some(a[i]), to: Some(b[j]), weight: None });
            }
        } else if i > 0 && costs[i][j] == costs[i - 1][j] + 1 {
            i -= 1;
            edits.push(Edit { from: Some(a[i]), to: None, weight: None });
        } else {
            j -= 1;
            edits.push(Edit { from: None, to: Some(b[j]), weight: None });
        }
    }
    edits.reverse();
    edits
}

fn costs(a: &[char], b: &[char]) -> Vec<Vec<u32>> {
    let mut costs = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            costs[i][j] = match (i, j) {
                (0, 0) => 0,
                (0, _) => costs[0][j - 1] + 1,
                (_, 0) => costs[i - 1][0] + 1,
                _ => {
                    let replaced = costs[i - 1][j - 1] + u32::from(a[i - 1] != b[j - 1]);
                    replaced.min(costs[i - 1][j] + 1).min(costs[i][j - 1] + 1)
                }
            };
        }
    }
    costs
}

fn role_of(role: Role) -> TokenRole {
    match role {
        Role::Word => TokenRole::Word,
        Role::Given => TokenRole::Given,
        Role::Family => TokenRole::Family,
        Role::Article => TokenRole::Article,
        Role::Title => TokenRole::Title,
        Role::Particle => TokenRole::Particle,
        Role::Initial => TokenRole::Initial,
        Role::LegalForm => TokenRole::LegalForm,
        _ => TokenRole::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(a: &str, b: &str, expected: Expect) {
        let letter =
            |letter: Option<char>| letter.map_or("∅".to_owned(), |letter| letter.to_string());
        let shown: Vec<_> = plain_edits(a, b)
            .iter()
            .map(|edit| format!("{}>{}", letter(edit.from), letter(edit.to)))
            .collect();
        expected.assert_eq(&shown.join(" "));
    }

    #[test]
    fn plain_edits_are_the_fewest_and_in_order() {
        check("lavrov", "lavrov", expect![""]);
        check("lavrof", "lavrov", expect!["f>v"]);
        check("zelnsky", "zelensky", expect!["∅>e"]);
        check("abc", "", expect!["a>∅ b>∅ c>∅"]);
    }

    #[test]
    fn arabic_words_are_edited_by_what_was_learned_and_latin_ones_plainly() {
        let edits = |a, b| explain(a, b).alignments.remove(0).operations;
        let arabic = edits("بنتاجون", "بنتاغون");
        assert_eq!((arabic.len(), arabic[0].from, arabic[0].to), (1, Some('ج'), Some('غ')));
        assert!(arabic[0].weight.is_some());
        assert_eq!(edits("lavrof", "lavrov"), plain_edits("lavrof", "lavrov"));
    }

    #[test]
    fn every_word_of_both_names_is_in_the_explanation_once() {
        let explanation = explain("أكد سيرجي لافروف", "سيرغي لافروف");
        assert_eq!(explanation.alignments.len(), 3);
        assert!(explanation.alignments.iter().any(|pair| pair.name_token.is_empty()));
        assert!(!explanation.rule_ids.is_empty());
    }
}
