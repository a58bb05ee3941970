//! Why two names have their score: words beside words, letters beside letters, rules that fired.

use names::{Name, Role, Token, similarity};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) from: Option<char>,
    pub(crate) to: Option<char>,
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
    let pairs = similarity(a, b).tokens;
    let (paired, alone): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|pair| pair.a.is_some());
    paired
        .into_iter()
        .chain(alone)
        .map(|pair| {
            let a = pair.a.map(|at| &a.tokens()[at]);
            let b = pair.b.map(|at| &b.tokens()[at]);
            let form =
                |token: Option<&Token>| token.map(Token::form).unwrap_or_default().to_owned();
            let (query_token, name_token) = (form(a), form(b));
            Alignment {
                operations: if a.is_some() && b.is_some() {
                    edits(&query_token, &name_token)
                } else {
                    Vec::new()
                },
                role: a.or(b).map_or(TokenRole::Unspecified, |token| role_of(token.role())),
                similarity: pair.similarity,
                query_token,
                name_token,
            }
        })
        .collect()
}

/// A shortest list of edits that turns `a` into `b` (Levenshtein; Wagner and Fischer 1974), in the
/// order of `a`. Of several, the one that replaces rather than removes and adds.
fn edits(a: &str, b: &str) -> Vec<Edit> {
    let a: Vec<char> = a.chars().take(EDITED_CHARS_MAX).collect();
    let b: Vec<char> = b.chars().take(EDITED_CHARS_MAX).collect();
    let costs = costs(&a, &b);
    let (mut i, mut j) = (a.len(), b.len());
    let mut edits = Vec::new();
    while i > 0 || j > 0 {
        if i > 0 && j > 0 && costs[i][j] == costs[i - 1][j - 1] + u32::from(a[i - 1] != b[j - 1]) {
            (i, j) = (i - 1, j - 1);
            if a[i] != b[j] {
                edits.push(Edit { from: Some(a[i]), to: Some(b[j]) });
            }
        } else if i > 0 && costs[i][j] == costs[i - 1][j] + 1 {
            i -= 1;
            edits.push(Edit { from: Some(a[i]), to: None });
        } else {
            j -= 1;
            edits.push(Edit { from: None, to: Some(b[j]) });
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
        let shown: Vec<_> = edits(a, b)
            .iter()
            .map(|edit| format!("{}>{}", letter(edit.from), letter(edit.to)))
            .collect();
        expected.assert_eq(&shown.join(" "));
    }

    #[test]
    fn edits_are_the_fewest_and_in_order() {
        check("لافروف", "لافروف", expect![""]);
        check("lavrof", "lavrov", expect!["f>v"]);
        check("زيلنسكي", "زيلينسكي", expect!["∅>ي"]);
        check("abc", "", expect!["a>∅ b>∅ c>∅"]);
    }

    #[test]
    fn every_word_of_both_names_is_in_the_explanation_once() {
        let explanation = explain("أكد سيرجي لافروف", "سيرغي لافروف");
        assert_eq!(explanation.alignments.len(), 3);
        assert!(explanation.alignments.iter().any(|pair| pair.name_token.is_empty()));
        assert!(!explanation.rule_ids.is_empty());
    }
}
