//! What an Arabic word may hide: the one-letter words و ف ب ل ك and the article, which Arabic writes attached.
//!
//! "للافروف" may be ل + لافروف (to Lavrov), ل + الافروف, or a name of its own. Letters cannot decide, so
//! [`peelings`] lists what is possible and the caller confirms a peeling against a catalogue.
//! [`Name::new`](crate::Name::new) never peels anything.

use crate::rules::words;

/// One way to peel a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peeling {
    /// What is attached, in the order it is written: `["و", "ل", "ال"]`. Never empty.
    pub clitics: Vec<&'static str>,
    /// What is left: at least three letters, as the orthographic stage writes them.
    pub stem: String,
}

/// The fewest letters a stem has. Shorter rests are words that merely start with such a letter.
const STEM_LETTERS_MIN: usize = 3;

/// The ways to peel an Arabic word, fewest clitics first, without the word itself.
///
/// At most two clitics are peeled (a conjunction و or ف, then a preposition ب, ل or ك), then the article. A
/// word that is known to start with such a letter by itself (فرنسا, باريس) has no peeling. Pass one token's
/// [`orthographic`](crate::Token::orthographic) text. Confirm a peeling before use: most are wrong.
///
/// ```
/// let stems: Vec<_> = names::peelings("للافروف").into_iter().map(|peeling| peeling.stem).collect();
/// assert_eq!(stems, ["لافروف", "الافروف", "افروف"]);
/// assert!(names::peelings("باريس").is_empty());
/// ```
pub fn peelings(token: &str) -> Vec<Peeling> {
    let mut peelings = Vec::new();
    if !words::LEXICAL.contains(&token) {
        for (conjunction, rest) in peeled(token, &["و", "ف"]) {
            for (preposition, rest) in peeled(rest, &["ب", "ل", "ك"]) {
                let clitics: Vec<&'static str> =
                    conjunction.into_iter().chain(preposition).collect();
                read_article(&clitics, rest, &mut peelings);
            }
        }
    }
    peelings.retain(is_long_enough);
    peelings.sort_by_key(|peeling| peeling.clitics.len());
    peelings
}

/// The word with nothing peeled, and with one of the letters peeled if it starts with it.
fn peeled<'a>(word: &'a str, letters: &[&'static str]) -> Vec<(Option<&'static str>, &'a str)> {
    let peeled =
        letters.iter().find_map(|letter| Some((Some(*letter), word.strip_prefix(letter)?)));
    std::iter::once((None, word)).chain(peeled).collect()
}

/// The rest as it is, and without its article: ال, or the bare ل it leaves after the preposition ل.
fn read_article(clitics: &[&'static str], rest: &str, peelings: &mut Vec<Peeling>) {
    let mut read = |more: Option<&'static str>, stem: String| {
        let clitics: Vec<&'static str> = clitics.iter().copied().chain(more).collect();
        if !clitics.is_empty() {
            peelings.push(Peeling { clitics, stem });
        }
    };
    read(None, rest.to_owned());
    if let Some(stem) = rest.strip_prefix("ال") {
        read(Some("ال"), stem.to_owned());
    }
    // للقاهرة is ل + القاهرة with the alef elided. The catalogue may know the name with its article or without.
    if clitics.last() == Some(&"ل")
        && let Some(stem) = rest.strip_prefix('ل')
    {
        read(None, format!("ال{stem}"));
        read(Some("ال"), stem.to_owned());
    }
}

fn is_long_enough(peeling: &Peeling) -> bool {
    peeling.stem.chars().count() >= STEM_LETTERS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(token: &str, stems: &[&str]) {
        assert_eq!(
            peelings(token).into_iter().map(|peeling| peeling.stem).collect::<Vec<_>>(),
            stems,
            "{token}"
        );
    }

    #[test]
    fn a_preposition_and_the_elided_article_are_peeled() {
        check("للقاهره", &["لقاهره", "القاهره", "قاهره"]);
    }

    #[test]
    fn a_conjunction_comes_before_a_preposition_and_the_article() {
        check("وبالكرملين", &["بالكرملين", "الكرملين", "كرملين"]);
        assert_eq!(peelings("وبالكرملين")[2].clitics, ["و", "ب", "ال"]);
    }

    #[test]
    fn words_that_start_like_a_clitic_are_left_alone() {
        for word in ["فرنسا", "باريس", "لندن", "واشنطن", "كيم", "محمد", "بنت", ""]
        {
            check(word, &[]);
        }
    }
}
