//! The role of each word, from the lists in `rules/words.rs`.
//!
//! A tag only: nothing is deleted for it. Comparison weighs titles and particles lightly.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::Role;
use crate::orthographic::{Orthographic, Word};
use crate::rules::words;

/// One role a word, in the same order.
pub(crate) fn roles(text: &Orthographic) -> Vec<Role> {
    let mut roles: Vec<Role> = text.words.iter().map(|word| role(text.word(word), word)).collect();
    mark_dotted_legal_form(text, &mut roles);
    keep_one_word(&mut roles);
    roles
}

fn role(word: &str, source: &Word) -> Role {
    // آل (the house of) and ال (the article) fold to the same letters; the input tells them apart.
    if word == "ال" {
        return if source.first == 'آ' { Role::Particle } else { Role::Article };
    }
    if is_initial(word) {
        return Role::Initial;
    }
    listed(word).unwrap_or(Role::Word)
}

fn listed(word: &str) -> Option<Role> {
    static ROLES: LazyLock<HashMap<&'static str, Role>> = LazyLock::new(|| {
        let lists = [
            (words::TITLES, Role::Title),
            (words::PARTICLES, Role::Particle),
            (words::LEGAL_FORMS, Role::LegalForm),
        ];
        lists.iter().flat_map(|(list, role)| list.iter().map(|word| (*word, *role))).collect()
    });
    ROLES.get(word).copied()
}

/// Han and Hangul write whole names with one letter.
fn is_initial(word: &str) -> bool {
    let mut letters = word.chars();
    let first = letters.next();
    letters.next().is_none() && first.is_some_and(|c| c.is_alphabetic() && c < '\u{1100}')
}

/// The letters of ش.م.م or L.L.C. at the end of a name, which arrive as initials.
fn mark_dotted_legal_form(text: &Orthographic, roles: &mut [Role]) {
    let initials = roles.iter().rev().take_while(|role| **role == Role::Initial).count();
    for count in (2..=initials.min(4)).rev() {
        let start = roles.len() - count;
        let joined: String = text.words[start..].iter().map(|word| text.word(word)).collect();
        if words::LEGAL_FORMS.contains(&joined.as_str()) {
            roles[start..].fill(Role::LegalForm);
            return;
        }
    }
}

/// A name of nothing but titles and particles is a name after all: Prince, الأمير, De La.
fn keep_one_word(roles: &mut [Role]) {
    if !roles.contains(&Role::Word) {
        let listed =
            roles.iter_mut().filter(|role| **role != Role::Initial && **role != Role::Article);
        listed.for_each(|role| *role = Role::Word);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Name, Role::*, Token};

    #[test]
    fn words_have_the_role_of_their_list() {
        for (text, roles) in [
            ("الرئيس فلاديمير بوتين", &[Title, Word, Word][..]),
            ("محمد بن سلمان آل سعود", &[Word, Particle, Word, Particle, Word]),
            ("ال سعود", &[Article, Word]),
            ("J. R. Smith", &[Initial, Initial, Word]),
            ("Ludwig van Beethoven", &[Word, Particle, Word]),
            ("Siemens GmbH", &[Word, LegalForm]),
            ("شركة النور ش.م.م", &[LegalForm, Word, LegalForm, LegalForm, LegalForm]),
            ("ООО Ромашка", &[LegalForm, Word]),
            ("президент Путин", &[Title, Word]),
            ("Prince", &[Word]),
            ("金 正", &[Word, Word]),
        ] {
            let name = Name::new(text);
            assert_eq!(name.tokens().iter().map(Token::role).collect::<Vec<_>>(), roles, "{text}");
        }
    }
}
