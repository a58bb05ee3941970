//! The role of each word, from the lists in `rules/words.rs`.
//!
//! A tag only: nothing is deleted for it. Comparison weighs titles and particles lightly. Given and family
//! names are told apart only where that is certain, and weigh what any word weighs.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::Role;
use crate::orthographic::{Orthographic, Word};
use crate::rules::words;

/// One role a word, in the same order.
pub(crate) fn roles(text: &Orthographic) -> Vec<Role> {
    match text.words.as_slice() {
        [word] => vec![role_alone(text.word(word), word)],
        _ => roles_of_any(text),
    }
}

fn roles_of_any(text: &Orthographic) -> Vec<Role> {
    let mut roles: Vec<Role> = text.words.iter().map(|word| role(text.word(word), word)).collect();
    mark_dotted_legal_form(text, &mut roles);
    mark_legal_phrases(text, &mut roles);
    keep_one_word(&mut roles);
    if !roles.contains(&Role::LegalForm) {
        mark_given_and_family(text, &mut roles);
    }
    roles
}

/// A word alone is a name, whatever list it is in; see `keep_one_word`.
fn role_alone(word: &str, source: &Word) -> Role {
    match word {
        "ال" if source.first != 'آ' => Role::Article,
        word if is_initial(word) => Role::Initial,
        _ => Role::Word,
    }
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

/// Legal forms of several words, and those that languages write out.
fn mark_legal_phrases(text: &Orthographic, roles: &mut [Role]) {
    static PHRASES: LazyLock<HashMap<&'static str, Vec<Vec<&'static str>>>> = LazyLock::new(|| {
        let mut phrases: HashMap<&'static str, Vec<Vec<&'static str>>> = HashMap::new();
        for phrase in words::LEGAL_PHRASES {
            let words: Vec<&str> = phrase.split(' ').collect();
            phrases.entry(words[0]).or_default().push(words);
        }
        phrases
    });
    for start in 0..roles.len() {
        let words = || text.words[start..].iter().map(|word| text.word(word));
        let Some(phrases) = words().next().and_then(|word| PHRASES.get(word)) else { continue };
        for phrase in phrases {
            if words().take(phrase.len()).eq(phrase.iter().copied()) {
                roles[start..start + phrase.len()].fill(Role::LegalForm);
            }
        }
    }
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

/// Of a person, so not where a legal form says that it is a company.
fn mark_given_and_family(text: &Orthographic, roles: &mut [Role]) {
    let words: Vec<&str> = text.words.iter().map(|word| text.word(word)).collect();
    let carrying: Vec<usize> = (0..roles.len()).filter(|at| roles[*at] == Role::Word).collect();
    let (Some(first), Some(last)) = (carrying.first().copied(), carrying.last().copied()) else {
        return;
    };
    if let Some(given) = given_by_descent(&words, roles) {
        roles[given] = Role::Given;
    }
    if first != last && is_given(&words, first, carrying[1]) {
        roles[first] = Role::Given;
    }
    if first != last && is_family(&words, last, carrying.len()) {
        roles[last] = Role::Family;
    }
    for at in 1..roles.len() {
        let is_house = words[at - 1] == "ال" && text.words[at - 1].first == 'آ';
        if is_house && roles[at] == Role::Word {
            roles[at] = Role::Family;
        }
    }
}

/// The word before the first بن, alone or after عبد. Of أبو بكر it would be half a name.
fn given_by_descent(words: &[&str], roles: &[Role]) -> Option<usize> {
    let descent = words.iter().position(|word| words::DESCENT.contains(word))?;
    let given = descent.checked_sub(1)?;
    let is_whole = given == 0 || roles[given - 1] != Role::Particle || is_servant(words[given - 1]);
    (roles[given] == Role::Word && is_whole).then_some(given)
}

/// Whether a particle says whose child somebody is.
pub(crate) fn is_descent(word: &str) -> bool {
    words::DESCENT.contains(&word)
}

fn is_servant(word: &str) -> bool {
    words::SERVANT.contains(&word)
}

/// Whether the first word that carries the name is a given name: it is listed, or a father's name follows.
fn is_given(words: &[&str], first: usize, second: usize) -> bool {
    static GIVEN: LazyLock<HashSet<&'static str>> =
        LazyLock::new(|| words::GIVEN_NAMES.iter().copied().collect());
    GIVEN.contains(words[first])
        || first == 0 && second == 1 && has_ending(words[second], words::PATRONYMIC_ENDINGS)
}

/// Whether the last word that carries the name is a family name: a nisba, or a Slavic ending.
fn is_family(words: &[&str], last: usize, carrying: usize) -> bool {
    const CARRYING_MAX: usize = 3;
    last + 1 == words.len()
        && (is_nisba(words, last)
            || carrying <= CARRYING_MAX && has_ending(words[last], words::FAMILY_ENDINGS))
}

/// الغامدي. After another word with an article it is an adjective: البنك الدولي.
fn is_nisba(words: &[&str], last: usize) -> bool {
    const LETTERS_MIN: usize = 5;
    let has_article = |word: &str| word.starts_with("ال");
    let is_adjective = has_article(words[last - 1]) && !(last > 1 && is_servant(words[last - 2]));
    let word = words[last];
    has_article(word) && word.ends_with('ي') && word.chars().count() >= LETTERS_MIN && !is_adjective
}

fn has_ending(word: &str, endings: &[&str]) -> bool {
    const LETTERS_MIN: usize = 5;
    word.chars().count() >= LETTERS_MIN && endings.iter().any(|ending| word.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::{Orthographic, roles, roles_of_any, words};
    use crate::{Name, Role::*, Token};

    #[test]
    fn a_word_alone_has_the_role_that_the_rules_for_names_of_any_length_give_it() {
        let phrases = words::LEGAL_PHRASES.iter().filter(|phrase| !phrase.contains(' '));
        let lists = [
            words::TITLES,
            words::PARTICLES,
            words::LEGAL_FORMS,
            words::GIVEN_NAMES,
            &["ال", "آل", "و", "j", "金"],
        ];
        for word in lists.iter().copied().flatten().chain(phrases) {
            let text = Orthographic::of(word);
            assert_eq!(roles(&text), roles_of_any(&text), "{word}");
        }
    }

    #[test]
    fn words_have_the_role_of_their_list() {
        for (text, roles) in [
            ("الرئيس فلاديمير بوتين", &[Title, Given, Word][..]),
            ("محمد بن سلمان آل سعود", &[Given, Particle, Word, Particle, Family]),
            ("ال سعود", &[Article, Word]),
            ("J. R. Smith", &[Initial, Initial, Word]),
            ("Ludwig van Beethoven", &[Word, Particle, Word]),
            ("Siemens GmbH", &[Word, LegalForm]),
            ("Siemens Aktiengesellschaft", &[Word, LegalForm]),
            (
                "Open Joint Stock Company Gazprom",
                &[LegalForm, LegalForm, LegalForm, LegalForm, Word],
            ),
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

    #[test]
    fn given_and_family_names_are_told_apart_where_that_is_certain() {
        for (text, roles) in [
            ("سعد بن معاذ", &[Given, Particle, Word][..]),
            ("Khalid bin Walid", &[Given, Particle, Word]),
            ("عبد الله بن سعود", &[Particle, Given, Particle, Word]),
            ("أبو بكر بن سالم", &[Particle, Word, Particle, Word]),
            ("سعد الغامدي", &[Word, Family]),
            ("عبد الله الغامدي", &[Particle, Word, Family]),
            ("البنك الدولي", &[Word, Word]),
            ("الغامدي", &[Word]),
            ("محمد", &[Word]),
            ("محمد صلاح", &[Given, Word]),
            ("صلاح محمد", &[Word, Word]),
            ("Sergey Lavrov", &[Given, Family]),
            ("Lavrov Sergey", &[Word, Word]),
            ("Mr John Smith", &[Title, Given, Word]),
            ("John Deere Inc", &[Word, Word, LegalForm]),
            ("Пётр Ильич Чайковский", &[Word, Word, Family]),
            ("Фёдор Михайлович", &[Given, Word]),
            ("Роман Аркадьевич", &[Given, Word]),
            ("Marina Tsvetaevna Ivanova", &[Given, Word, Family]),
            ("Eduard Shevardnadze", &[Word, Family]),
            ("Nova", &[Word]),
        ] {
            let name = Name::new(text);
            assert_eq!(name.tokens().iter().map(Token::role).collect::<Vec<_>>(), roles, "{text}");
        }
    }
}
